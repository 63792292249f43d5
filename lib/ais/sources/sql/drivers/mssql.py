"""Microsoft SQL Server by pymssql."""

from __future__ import annotations

from .... import deadline
from ....errors import ConfigError
from .faults import Meaning
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
_MEANINGS = {
    4060: ("refused", "there is no such database, or the user may not open it"),
    18452: ("refused", "the server does not trust this login"),
    18456: ("refused", "user or password is wrong"),
    20003: ("silent", ""),
    **{code: ("missing", f" (error {code})") for code in (207, 208, 229, 230, 916)},
    **{code: ("syntax", f" (error {code})") for code in (102, 105, 156, 319)},
    **{code: ("down", f"rows are locked (error {code})") for code in (1205, 1222, 3960)},
    0: ("unreachable", ""),
}
_LOST = 20000  # from here on the numbers are DB-Library's (FreeTDS, include/sybdb.h): nothing but connections


class Mssql(Server):
    """SQL Server. It has no transactions that only read: the rights of the user decide."""

    syntax = {"brackets": True}  # noqa: RUF012  # never changed
    label = "SQL Server"
    imported = package = "pymssql"
    port = 1433
    paramstyle = "pyformat"

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        super().__init__(name, connection)
        if self.tls:
            raise ConfigError(
                "sql(): pymssql cannot check a certificate: leave tls out, or take the driver odbc with Microsoft's"
                ' ODBC driver and options={"Encrypt": "yes"}'
            )

    def given(self, host: str) -> dict[str, Any]:
        """Return arguments of connect()."""
        # pymssql takes whole seconds, and 0 is for ever.
        seconds = int(deadline.remaining()) + 1
        return {
            "host": None,
            "server": host,
            "port": None if "\\" in host else str(self.port),  # a named instance says its port itself
            "charset": "UTF-8",
            "login_timeout": seconds,
            "timeout": seconds,
            "appname": "mailstore-ais",
            "autocommit": True,
            "encryption": "off" if self.tls is False else None,
        }

    def meaning(self, error: Exception) -> Meaning:
        """Return what an exception of pymssql means."""
        code = error.args[0] if error.args else 0
        if isinstance(code, tuple) and code:
            code = code[0]  # connect() puts an exception into its own
        code = code if isinstance(code, int) else 0
        return _MEANINGS.get(code) or ("unreachable" if code >= _LOST else "query", f" (error {code})")
