"""Any ODBC driver, by pyodbc."""

from __future__ import annotations

from .... import deadline
from ....errors import ConfigError
from . import keep_whole
from .faults import Meaning
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
_MEANINGS = {
    **dict.fromkeys(("HYT00", "HYT01", "57014"), ("silent", "")),
    **dict.fromkeys(("IM002", "IM003"), ("odbc", "")),
    **{state: ("table", f" (SQLSTATE {state}): the table is missing") for state in ("42S02", "42P01")},
    **{state: ("missing", f" (SQLSTATE {state})") for state in ("42S22", "42703", "42501")},
    "25006": ("writes", ""),
}
_REFUSING = ("07", "21", "22", "23", "25", "37", "42")  # so begins the SQLSTATE of a query that cannot be run
_OWN = ("ansi", "attrs_before", "autocommit", "encoding", "readonly", "timeout")
"""Arguments of pyodbc.connect itself (https://github.com/mkleehammer/pyodbc/wiki/Module)."""


class Odbc(Server):
    """ODBC; ``options`` name the ODBC driver or a DSN, and all that it knows besides."""

    label = "the database"
    imported = package = "pyodbc"
    paramstyle = "qmark"

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        self._has_host = connection["host"] is not None
        super().__init__(name, connection)
        named = {option.lower(): value for option, value in connection["options"].items()}
        if "driver" not in named and "dsn" not in named:
            raise ConfigError('sql(): odbc needs options={"driver": "…"} (odbcinst -q -d lists them) or {"dsn": "…"}')
        if self.tls is not None:
            raise ConfigError("sql(): odbc has no option tls: each ODBC driver has its own, which go into options")
        kind = str(named.get("driver", "")).lower()
        self._is_mssql = "sql server" in kind or "freetds" in kind
        self.syntax = {"brackets": True} if self._is_mssql or "sqlite" in kind else {}
        if "mysql" in kind or "mariadb" in kind:
            self.syntax = {"mysql": True}

    def dial(self, host: str) -> Any:
        """Connect."""
        options = self.arguments["options"]
        own = {key: value for key, value in options.items() if key in _OWN}
        module: Any = self.module
        module.pooling = False  # unixODBC's pool would keep connections open, and its time-outs with them
        # ODBC takes whole seconds, and 0 is for ever.
        given = {"timeout": int(deadline.remaining()) + 1, "readonly": True, **own}
        return module.connect(self._text(host), **given)

    def prepare(self, connection: Any) -> None:
        """Begin one transaction that reads."""
        try:
            connection.timeout = int(deadline.remaining()) + 1
        except self.module.Error:
            pass  # not every ODBC driver can end a query
        if self._product(connection) == "PostgreSQL":
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        elif self.is_mysql(connection):
            keep_whole(connection.execute)
        elif self._product(connection) == "Microsoft SQL Server":
            connection.execute("SET TEXTSIZE 2147483647")  # freetds.conf may have long texts cut

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over, where ODBC cannot."""
        if self._product(connection) == "PostgreSQL":
            connection.execute(f"SET LOCAL statement_timeout = {int(deadline.remaining() * 1000) + 1}")

    def is_mysql(self, connection: Any) -> bool:
        """Whether the server is MySQL or MariaDB."""
        return self._product(connection) in ("MySQL", "MariaDB")

    def _product(self, connection: Any) -> str:
        return str(connection.getinfo(self.module.SQL_DBMS_NAME))

    def _text(self, host: str) -> str:
        """Return the connection string (https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function)."""
        texts = {key: value for key, value in self.arguments["options"].items() if key not in _OWN}
        if self._has_host:
            texts["Server"] = f"{host},{self.port}" if self._is_mssql and self.port else host
            if self.port and not self._is_mssql:
                texts["Port"] = self.port
        for key, option in (("Database", "database"), ("UID", "user"), ("PWD", "password")):
            texts[key] = texts.get(key) if self.arguments[option] is None else self.arguments[option]
        return ";".join(f"{key}={_braced(str(text))}" for key, text in texts.items() if text is not None)

    def place(self, *hosts: str) -> str:
        """Say in words where the database is."""
        database = self.arguments["database"]
        return super().place(*hosts) if self._has_host else f"the ODBC database{f' {database}' if database else ''}"

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception of pyodbc means, by its SQLSTATE where it has one."""
        state = error.args[0] if len(error.args) > 1 else ""
        if "file not found" in str(error):
            return "odbc", ""
        if not isinstance(state, str) or len(state) != 5:
            return None
        if state.startswith("28"):
            return "refused", "user or password is wrong"
        return _MEANINGS.get(state) or ("query" if state[:2] in _REFUSING else "failed", f" (SQLSTATE {state})")


def _braced(text: str) -> str:
    if text and not set(text) & set("[]{}(),;?*=!@%+") and text.strip() == text:
        return text
    return "{" + text.replace("}", "}}") + "}"
