"""Oracle Database by oracledb, without Oracle's client software ("thin mode")."""

from __future__ import annotations

from .... import deadline
from ....errors import AISError, SourceError, SourceUnavailable
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..query import Query

# https://docs.oracle.com/en/error-help/db/
_REFUSED = {
    "ORA-01017": "user or password is wrong",
    "ORA-01045": "the user may not log in: GRANT CREATE SESSION",
    "ORA-12514": "it knows no such database (service name)",
    "ORA-28000": "the user is locked",
    "ORA-28001": "the user's password has expired",
    "DPY-6001": "it knows no such database (service name)",
}
_NAMES = ("ORA-00904", "ORA-00942", "ORA-01031", "ORA-01720", "ORA-41900")
_SYNTAX = ("ORA-00900", "ORA-00907", "ORA-00911", "ORA-00923", "ORA-00933", "ORA-00936", "ORA-03048", "ORA-03049")


class Oracle(Server):
    """Oracle; ``database`` is the service name."""

    label = "Oracle"
    imported = "oracledb"
    package = "oracledb"
    port = 1521
    # :user would be a reserved word (ORA-01745).
    paramstyle = "numeric"

    def load(self) -> ModuleType:
        """Import oracledb."""
        module = super().load()
        # Long texts come as str and not as objects that must be read.
        module.defaults.fetch_lobs = False
        return module

    def open(self, host: str) -> Any:
        """Connect, for one transaction that reads, and sees the same rows in all queries."""
        seconds = deadline.remaining()
        given = {
            "host": host,
            "port": self.port,
            "service_name": self.arguments["database"],
            "user": self.arguments["user"],
            "password": self.arguments["password"],
            "tcp_connect_timeout": seconds,
            **self._tls(),
            **self.arguments["options"],
        }
        connection = self.module.connect(**{option: value for option, value in given.items() if value is not None})
        try:
            self.limit_query(connection)
            connection.cursor().execute("SET TRANSACTION READ ONLY")
        except BaseException:
            connection.close()
            raise
        return connection

    def _tls(self) -> dict[str, Any]:
        if not self.tls:
            return {}
        from ....network.tls import tls_context

        return {
            "protocol": "tcps",
            "ssl_server_dn_match": True,
            "ssl_context": tls_context("sql()", self.authorities()),
        }

    def limit_query(self, connection: Any) -> None:
        """Let the driver end the next query when the time is over."""
        connection.call_timeout = int(deadline.remaining() * 1000) + 1

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query; see `Driver.run`."""
        # Clients take the semicolon at the end for themselves; the server knows none (ORA-00911, ORA-00933).
        query.texts[-1] = query.texts[-1].rstrip().removesuffix(";")
        return super().run(connection, query, values, large)

    def is_down(self, error: Exception) -> bool:
        """Whether another host may do better."""
        return _code(error) not in _REFUSED

    def meaning(self, error: Exception, where: str) -> AISError | None:
        """Return what an exception of oracledb means."""
        code = _code(error)
        if code in _REFUSED:
            return SourceUnavailable(f"{where} cannot be used: {_REFUSED[code]}")
        if code in ("DPY-4024", "ORA-03136", "ORA-03156"):
            return SourceUnavailable(f"{where} does not answer in time")
        if code in _NAMES:
            return SourceError(f"{where} refuses the query ({code}): a table, a column or a right is missing")
        if code in _SYNTAX:
            return SourceError(f"{where} refuses the query ({code}): syntax error")
        if code == "ORA-01456":
            return SourceError("the query tries to write; a query of a source may only read")
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if kinds & {"ProgrammingError", "DataError", "NotSupportedError", "IntegrityError"}:
            return SourceError(f"{where} refuses the query{f' ({code})' if code else ''}: try it in a database client")
        return SourceUnavailable(f"{where} cannot be asked ({code})") if code else None


def _code(error: Exception) -> str:
    """Return the full code, such as ORA-00942 or DPY-4011 (oracledb's exceptions hold an object with it)."""
    return str(getattr(error.args[0], "full_code", "")) if error.args else ""
