"""PostgreSQL by psycopg 3."""

from __future__ import annotations

from itertools import count

from .... import deadline
from ....network.address import FORBIDDEN, look_up
from .faults import Meaning
from .server import Server, is_local, is_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# libpq has no codes for what happens before the login (https://www.postgresql.org/docs/current/libpq-status.html).
# The words are those of libpq, fe-connect.c and fe-secure-openssl.c, and of PostgreSQL, auth.c and postinit.c.
_REFUSED = {
    "password authentication failed": "user or password is wrong",
    "no password supplied": "a password is needed",
    "requested a cleartext password": "it asks for the password in the clear, so it needs tls or a Unix socket",
    "no pg_hba.conf entry": "its pg_hba.conf has no line for this user, database, address and encryption",
    "eer authentication failed": "over this socket only the system user of the same name may log in: leave out host",
    "role ": "there is no such user (without the option user, the system user's name is taken)",
    "database ": "there is no such database, or the user may not connect to it",
    "server does not support SSL": "it offers no TLS",
    "certificate verify failed": "its certificate is not signed by the CA that tls names",
    "does not match host name": "its certificate is for another host name",
}
_DOWN = {
    "Connection refused": "nothing listens there: is the server running?",
    "No such file or directory": "there is no such socket: is the server running?",
    "Permission denied": FORBIDDEN,
    "could not translate host name": "the host name is not known",
    "failed to resolve host": "the host name is not known",
    "Name or service not known": "the host name is not known",
    "No address associated with hostname": "the host name is not known",
    "Temporary failure in name resolution": "the host name is not known",
    "too many": "it has no connection left",
    "connection slots": "it has no connection left",
    "starting up": "it is starting",
    "not accepting connections": "it is starting",
    "shutting down": "it is shutting down",
    "server closed the connection": "it closed the connection",
}
_MEANINGS = {"25006": ("writes", ""), "22021": ("encoding", ""), "22P05": ("unheld", ""), "57014": ("slow", "")}
_NAMES = ("42P01", "42703", "42501", "3F000")
_BUSY = ("08", "25", "28", "40", "53", "55", "57", "58", "XX")
_numbers = count()  # names of cursors on the server


class Postgresql(Server):
    """PostgreSQL, also behind pgbouncer: nothing is prepared, nothing outlives the transaction."""

    label = "PostgreSQL"
    imported = f"{__package__}.psycopgconnection"
    package = "psycopg[binary]"
    database_option = "dbname"
    port = 5432
    paramstyle = "format"
    is_kept = in_time = True

    def given(self, host: str) -> dict[str, Any]:
        """Return arguments of connect()."""
        seconds = deadline.remaining()
        given: dict[str, Any] = {
            "client_encoding": "UTF8",
            "application_name": "mailstore-ais",
            "connect_timeout": max(2, int(seconds + 1)),
            "tcp_user_timeout": int(seconds * 1000) + 1000,
            "gssencmode": "disable",  # a connection encrypted by Kerberos would not be the TLS that was asked for
        }
        if self.tls:
            given |= {"sslmode": "verify-full", "sslrootcert": self.authorities()}
        else:
            # libpq's default, which encrypts if the server can; on the machine itself the other way round.
            given["sslmode"] = "disable" if self.tls is False else "allow" if is_local(host) else "prefer"
            if not is_socket(host) and self._can_refuse():
                # Any server at that port could ask for the password as it is, encrypted or not.
                given["require_auth"] = "!password"
        if not is_socket(host) and not {"host", "hostaddr"} & set(self.arguments["options"]):
            # psycopg would wait for the name server. It takes one name for each address, to check certificates by.
            found = look_up(host, self.port)
            given["host"] = ",".join([host] * len(found))
            given["hostaddr"] = ",".join(str(address[4][0]) for address in found)
        return given

    @property
    def unprotected(self) -> str:
        """Say where an old libpq would send the password to any server that asks for it; empty if it does not."""
        far = [host for host in self.hosts if not is_local(host)]
        if not far or self.tls or "require_auth" in self.arguments["options"] or self._can_refuse():
            return ""
        return f"the libpq here is older than 16 and sends the password in the clear to whatever answers at {far[0]}"

    def _can_refuse(self) -> bool:
        # https://www.postgresql.org/docs/16/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
        return bool(self.module.psycopg.pq.version() >= 160000)

    def prepare(self, connection: Any) -> None:
        """Let each transaction only read, and see one state of the database in all queries."""
        connection.server_cursor_factory = self.module.ListCursor
        connection.prepare_threshold = None
        connection.read_only = True
        connection.isolation_level = self.module.psycopg.IsolationLevel.REPEATABLE_READ

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over."""
        connection.execute(f"SET LOCAL statement_timeout = {int(deadline.remaining() * 1000) + 1}")

    def cursor(self, connection: Any, large: bool) -> Any:
        """Return a cursor; that of a large result is on the server."""
        return connection.cursor(f"ais_{next(_numbers)}") if large else connection.cursor()

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception of psycopg means (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
        state = getattr(error, "sqlstate", None)
        if not state:
            return _refusal(error)
        if state in _NAMES:
            # No table, no column, no permission, no schema: the message quotes names.
            return "table" if state == "42P01" else "names", self.quoted(error.diag.message_primary or "", chr(34))  # type: ignore[attr-defined]
        if state == "42883":
            # Such as active = 1 of a boolean. That of a function would give a name without quotes.
            message = error.diag.message_primary or ""  # type: ignore[attr-defined]
            return "names" if (known := message.startswith("operator ")) else "query", known * f": {message}"
        if state == "42601":
            position = error.diag.statement_position  # type: ignore[attr-defined]
            return "syntax", f" near character {position}" if position else ""
        return _MEANINGS.get(state) or ("busy" if state[:2] in _BUSY else "query", f" (error {state})")


def _find(line: str) -> Meaning | None:
    for kind, known in (("down", _DOWN), ("refused", _REFUSED)):
        for words, reason in known.items():
            if words in line:
                return kind, reason
    return None


def _refusal(error: Exception) -> Meaning | None:
    # A line for each address that was tried: what one of them refused says more than that nobody answers at another.
    found = [meaning for line in str(error).splitlines() if (meaning := _find(line))]
    if found:
        return min(found, key=lambda meaning: meaning[0] != "refused")
    if getattr(getattr(error, "pgconn", None), "used_password", False):
        # The server has been given the password before this happened: it has decided, in any language.
        return "refused", "it refuses the user, the password or the database"
    kind = type(error).__name__
    refuses = kind in ("ProgrammingError", "DataError", "NotSupportedError")
    return ("query", f" or an option of the connection ({kind})") if refuses else None
