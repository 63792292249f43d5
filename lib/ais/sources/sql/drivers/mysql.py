"""MySQL and MariaDB by PyMySQL."""

from __future__ import annotations

import os

from .... import deadline
from ....errors import MissingPackage
from ....network.address import FORBIDDEN
from . import ALL_WARNINGS, WHOLE_RESULTS
from .faults import Meaning
from .server import Server, is_local, is_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
_REFUSED = {
    1044: "the user may not use this database",
    1045: "user or password is wrong, or the user may not connect from here",
    1049: "there is no such database",
    1130: "this machine may not connect",
    1251: "the user logs in by a method that PyMySQL does not know",
    1524: "the user logs in by a method that the server has not loaded",
    1698: "user or password is wrong, or the login is only for the system user of the same name",
    2026: "it offers no TLS",
    2059: "the user logs in by a method that PyMySQL does not know, or that sends the password and so needs tls",
}
_DOWN = {
    1040: "it has no connection left",
    1053: "it is shutting down",
    1129: "it has blocked this machine after too many failed connections: mariadb-admin flush-hosts",
    **dict.fromkeys((1203, 1226), "the user has no connection left"),
    **dict.fromkeys((1205, 1213), "rows are locked"),
    1317: "the query was ended",
    1927: "the connection was ended",
    2006: "the connection broke off",
}
_MEANINGS = {
    **{code: ("refused", reason) for code, reason in _REFUSED.items()},
    **{code: ("down", reason) for code, reason in _DOWN.items()},
    **dict.fromkeys((1969, 3024), ("slow", "")),
    **dict.fromkeys((1290, 1792), ("writes", "")),
    **dict.fromkeys((1267, 1270, 1271), ("collations", "")),
    3988: ("unheld", ""),
    1064: ("syntax", ""),
}
_NAMES = (1054, 1109, 1142, 1143, 1146, 1370)
_DENIED = (1142, 1143)  # of a table or column that does not exist, too, to a user who may not see which there are

SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock")
"""Where Debian's packages and the makers' let the server listen. Nobody else can put a socket there."""


class Mysql(Server):
    """MySQL and MariaDB."""

    syntax = {"mysql": True}  # noqa: RUF012  # never changed
    label = "MySQL"
    imported = f"{__package__}.pymysqlconnection"
    package = "PyMySQL"
    port = 3306
    paramstyle = "pyformat"
    is_kept = in_time = True

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        super().__init__(name, connection)
        # https://dev.mysql.com/doc/refman/8.4/en/connecting.html: for MySQL's own programs, and for PHP, localhost
        # means the socket. Many a server listens nowhere else, or knows its users there only.
        self._local = not self.tls and connection["port"] is None

    def near(self, host: str) -> str:
        """Return the socket that localhost means; the host itself where it is another, or there is no socket."""
        return next(filter(os.path.exists, SOCKETS), host) if self._local and host == "localhost" else host

    def place(self, *hosts: str) -> str:
        """Say in words where the server is."""
        return super().place(*map(self.near, hosts or self.hosts))

    def dial(self, host: str) -> Any:
        """Return a new connection to one host."""
        try:
            return super().dial(host)
        except RuntimeError as error:
            if "cryptography" in str(error):
                raise MissingPackage("cryptography", "the login at MySQL without TLS") from None
            raise

    def given(self, host: str) -> dict[str, Any]:
        """Return arguments of connect(), for one transaction that reads, and sees the same rows in all queries."""
        host, password = self.near(host), self.arguments["password"]
        given: dict[str, Any] = {
            "host": host,
            "password": None if password is None else password.encode(),  # PyMySQL would encode text as Latin-1
            "charset": "utf8mb4",
            "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        }
        if is_socket(host):
            given |= {"unix_socket": host, "host": None, "port": None}
        if self.tls:
            given["ssl"] = context = self.tls_context()
            # PyMySQL does not apply its own option to a context that it is given.
            if self.arguments["options"].get("ssl_verify_identity") is False:
                context.check_hostname = False
        elif self.tls is False or is_local(host):
            given["ssl_disabled"] = True
        return given

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over, and cut nothing of its result."""
        seconds = deadline.remaining()
        limit = f"max_execution_time = {int(seconds * 1000) + 1}"
        if "MariaDB" in connection.get_server_info():
            limit = f"max_statement_time = {seconds:.3f}, {ALL_WARNINGS}"
        try:
            connection.query(f"SET {limit}, {WHOLE_RESULTS}")
        except Exception as error:
            if _code(error) != 1193:  # old servers do not know the variable
                raise
            connection.query(f"SET {WHOLE_RESULTS}")

    def cursor(self, connection: Any, large: bool) -> Any:
        """Return a cursor; that of a large result reads row by row."""
        return connection.cursor(self.module.StreamCursor) if large else connection.cursor()

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception of PyMySQL means."""
        code = _code(error)
        if code == 1267 and "COERCIBLE" in str(error.args[1]):
            return "unheld", ""  # one of the two is a parameter
        if known := _MEANINGS.get(code):
            return known
        cause: Any = getattr(error, "original_exception", error)  # what the ssl module, or the socket, raised
        if type(cause).__name__ == "SSLCertVerificationError":
            # https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/: it is another host name, or IP address.
            is_other = cause.verify_code in (62, 64)
            reason = "for another host name" if is_other else "not signed by the CA that tls names"
            return "refused", f"its certificate is {reason}"
        if code in _NAMES:
            # No table, no column, no permission: the message quotes names.
            hidden = " (or it does not exist)" if code in _DENIED else ""
            return "table" if code == 1146 else "names", f"{self.quoted(str(error.args[1]), chr(39))}{hidden}"
        if not code or 2000 <= code < 3000:
            return _unreachable(cause)
        return "query", f" (error {code})"


def _code(error: Exception) -> int:
    """Return the server's or the client's number; 0 for an error without a number."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) and not isinstance(error, OSError) else 0


def _unreachable(cause: Exception) -> Meaning | None:
    from socket import gaierror  # PyMySQL has loaded it

    if isinstance(cause, TimeoutError):
        return "silent", ""
    if isinstance(cause, gaierror):
        return "unreachable", ": the host name is not known"
    if isinstance(cause, PermissionError):
        return "unreachable", f": {FORBIDDEN}"
    return ("unreachable", f": {cause.strerror}") if isinstance(cause, OSError) and cause.strerror else None
