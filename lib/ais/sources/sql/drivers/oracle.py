"""Oracle Database by oracledb, without Oracle's client software ("thin mode")."""

from __future__ import annotations

from .... import deadline
from . import REFUSING
from .faults import Meaning
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..query import Query

# https://docs.oracle.com/en/error-help/db/
_SYNTAX = ("00900", "00907", "00911", "00923", "00933", "00936", "03048", "03049")
_MEANINGS = {
    "ORA-01017": ("refused", "user or password is wrong"),
    "ORA-01045": ("refused", "the user may not log in: GRANT CREATE SESSION"),
    "ORA-12514": ("refused", "it knows no such database (service name)"),
    "ORA-28000": ("refused", "the user is locked"),
    "ORA-28001": ("refused", "the user's password has expired"),
    "DPY-6001": ("refused", "it knows no such database (service name)"),
    "ORA-01456": ("writes", ""),
    **dict.fromkeys(("DPY-4024", "ORA-03136", "ORA-03156"), ("silent", "")),
    **{f"ORA-{code}": ("missing", f" (ORA-{code})") for code in ("00904", "00942", "01031", "01720", "41900")},
    **{f"ORA-{code}": ("syntax", f" (ORA-{code})") for code in _SYNTAX},
}


class Oracle(Server):
    """Oracle; ``database`` is the service name."""

    label = "Oracle"
    imported = package = "oracledb"
    database_option = "service_name"
    port = 1521
    paramstyle = "numeric"  # :user would be a reserved word (ORA-01745)

    def given(self, host: str) -> dict[str, Any]:
        """Return arguments of connect()."""
        self.module.defaults.fetch_lobs = False  # long texts come as str and not as objects that must be read
        given: dict[str, Any] = {"tcp_connect_timeout": deadline.remaining()}
        if self.tls:
            given |= {"protocol": "tcps", "ssl_server_dn_match": True, "ssl_context": self.tls_context()}
        return given

    def prepare(self, connection: Any) -> None:
        """Begin one transaction that reads, and sees the same rows in all queries."""
        self.limit_query(connection)
        connection.cursor().execute("SET TRANSACTION READ ONLY")

    def limit_query(self, connection: Any) -> None:
        """Let the driver end the next query when the time is over."""
        connection.call_timeout = int(deadline.remaining() * 1000) + 1

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query; see `Driver.run`."""
        # Clients take the semicolon at the end for themselves; the server knows none (ORA-00911, ORA-00933).
        query.texts[-1] = query.texts[-1].rstrip().removesuffix(";")
        return super().run(connection, query, values, large)

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception of oracledb means; it holds an object with the code, such as ORA-00942."""
        code = str(getattr(error.args[0], "full_code", "")) if error.args else ""
        if known := _MEANINGS.get(code):
            return known
        refuses = {kind.__name__ for kind in type(error).__mro__} & REFUSING
        return ("query" if refuses else "failed", code and f" ({code})") if refuses or code else None
