"""PostgreSQL by psycopg 3."""

from __future__ import annotations

from .... import deadline
from ....errors import AISError, SourceError, SourceUnavailable
from ....network.lookup import addresses
from .hosts import is_local, is_socket
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# libpq has no codes for what happens before the login (https://www.postgresql.org/docs/current/libpq-status.html).
# The words are those of libpq, fe-connect.c and fe-secure-openssl.c, and of PostgreSQL, auth.c and postinit.c.
_REFUSED = {
    "password authentication failed": "user or password is wrong",
    "no password supplied": "a password is needed",
    "no pg_hba.conf entry": "its pg_hba.conf has no line for this user, database, address and encryption",
    "eer authentication failed": "the login without a password is only for the system user of the same name",
    "role ": "there is no such user",
    "database ": "there is no such database, or the user may not connect to it",
    "server does not support SSL": "it offers no TLS",
    "certificate verify failed": "its certificate is not signed by the CA that tls names",
    "does not match host name": "its certificate is for another host name",
}
_DOWN = {
    "Connection refused": "nothing listens there",
    "No such file or directory": "there is no such socket",
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


class Postgresql(Server):
    """PostgreSQL, also behind pgbouncer: nothing is prepared, nothing outlives the transaction."""

    label = "PostgreSQL"
    imported = "psycopg"
    package = "psycopg[binary]"
    port = 5432
    paramstyle = "format"

    def open(self, host: str) -> Any:
        """Connect, for one transaction that reads, and sees the same rows in all queries."""
        from . import psycopgconnection

        seconds = deadline.remaining()
        given = {
            "host": host,
            "port": self.port,
            "dbname": self.arguments["database"],
            "user": self.arguments["user"],
            "password": self.arguments["password"],
            "client_encoding": "UTF8",
            "application_name": "mailstore-ais",
            "connect_timeout": max(2, int(seconds + 1)),
            "tcp_user_timeout": int(seconds * 1000) + 1000,
            # A connection encrypted by Kerberos would not be the TLS that was asked for.
            "gssencmode": "disable",
            **self._tls(host),
            **self.arguments["options"],
        }
        if not is_socket(host) and not {"host", "hostaddr"} & set(self.arguments["options"]):
            # psycopg would wait for the name server. It takes one name for each address, to check certificates by.
            found = addresses(host, self.port)
            given["host"] = ",".join([host] * len(found))
            given["hostaddr"] = ",".join(str(address[4][0]) for address in found)
        given = {name: value for name, value in given.items() if value is not None}
        connection = psycopgconnection.Connection.connect(prepare_threshold=None, **given)
        try:
            psycopgconnection.read_only(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _tls(self, host: str) -> dict[str, str]:
        if self.tls:
            return {"sslmode": "verify-full", "sslrootcert": self.authorities()}
        if self.tls is None:
            # libpq's default, which encrypts if the server can; on the machine itself the other way round.
            return {"sslmode": "allow" if is_local(host) else "prefer"}
        return {"sslmode": "disable"}

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over."""
        connection.execute(f"SET LOCAL statement_timeout = {int(deadline.remaining() * 1000) + 1}")

    def cursor(self, connection: Any, large: bool) -> Any:
        """Return a cursor; that of a large result is on the server."""
        return connection.list_cursor() if large else connection.cursor()

    def is_down(self, error: Exception) -> bool:
        """Whether another host may do better."""
        text = str(error)
        if any(words in text for words in _DOWN):
            return True
        return not _used_password(error) and not any(words in text for words in _REFUSED)

    def cannot_hold(self, error: Exception) -> bool:
        """Whether a value has no form in the encoding of the database."""
        return getattr(error, "sqlstate", None) == "22P05"

    def meaning(self, error: Exception, where: str) -> AISError | None:
        """Return what an exception of psycopg means (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
        state = getattr(error, "sqlstate", None)
        if not state:
            return self._refusal(error, where)
        message = error.diag.message_primary or ""  # type: ignore[attr-defined]
        if state in ("42P01", "42703", "42501", "3F000"):
            # No table, no column, no permission, no schema: the message quotes names.
            return SourceError(f"{where} refuses the query{self.quoted(message, chr(34))}")
        if state == "25006":
            return SourceError("the query tries to write; a query of a source may only read")
        if state == "42601":
            position = error.diag.statement_position  # type: ignore[attr-defined]
            at = f" near character {position}" if position else ""
            return SourceError(f"{where} refuses the query: syntax error{at}; try it in psql")
        if state in ("22021", "22P05"):
            return SourceError(f"{where}: a value does not fit the encoding of the database")
        if state == "57014":
            return SourceUnavailable(f"{where}: the query took longer than the request's timeout")
        if state[:2] in ("08", "25", "28", "40", "53", "55", "57", "58", "XX"):
            return SourceUnavailable(f"{where} cannot answer now (error {state})")
        return SourceError(f"{where} refuses the query (error {state}): try it in psql")

    def _refusal(self, error: Exception, where: str) -> AISError | None:
        text = str(error)
        for known in (_DOWN, _REFUSED):
            for words, reason in known.items():
                if words in text:
                    return SourceUnavailable(f"{where} cannot be used: {reason}")
        if _used_password(error):
            return SourceUnavailable(f"{where} cannot be used: it refuses the user, the password or the database")
        kind = type(error).__name__
        if kind in ("ProgrammingError", "DataError", "NotSupportedError"):
            return SourceError(f"{where}: psycopg refuses the query or an option of the connection ({kind})")
        return None


def _used_password(error: Exception) -> bool:
    """Whether the server has been given the password before this happened; then it has decided, in any language."""
    return bool(getattr(getattr(error, "pgconn", None), "used_password", False))
