"""Any ODBC driver, by pyodbc."""

from __future__ import annotations

from .... import deadline
from ....errors import ConfigError
from . import LONG_VALUES
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .sentences import Meaning

# https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
_MEANINGS = {
    **dict.fromkeys(("HYT00", "HYT01", "57014"), ("silent", "")),
    **dict.fromkeys(("IM002", "IM003"), ("odbc", "")),
    **{state: ("table", f" (SQLSTATE {state}): the table is missing") for state in ("42S02", "42P01")},
    **{state: ("missing", f" (SQLSTATE {state})") for state in ("42S22", "42703", "42501")},
    "25006": ("writes", ""),
}
_REFUSING = ("07", "21", "22", "23", "25", "37", "42")
"""First characters of the SQLSTATE of a query that cannot be run."""

_OWN = ("ansi", "attrs_before", "autocommit", "encoding", "readonly", "timeout")
"""Arguments of pyodbc.connect itself (https://github.com/mkleehammer/pyodbc/wiki/Module)."""


class Odbc(Server):
    """ODBC; ``options`` name the ODBC driver or a DSN, and all that it knows besides."""

    label = "the database"
    imported = "pyodbc"
    package = "pyodbc"
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
            self.syntax = {"backslash": True, "hash_comment": True}

    def dial(self, host: str) -> Any:
        """Connect."""
        # ODBC takes whole seconds, and 0 is for ever.
        seconds = int(deadline.remaining()) + 1
        options = self.arguments["options"]
        own = {"timeout": seconds, "readonly": True, **{key: value for key, value in options.items() if key in _OWN}}
        module: Any = self.module
        module.pooling = False  # unixODBC's pool would keep connections open, and its time-outs with them
        return module.connect(self._text(host), **own)

    def prepare(self, connection: Any) -> None:
        """Begin one transaction that reads."""
        try:
            connection.timeout = int(deadline.remaining()) + 1
        except self.module.Error:
            pass  # not every ODBC driver can end a query
        if self._is_postgresql(connection):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        elif self.is_mysql(connection):
            connection.execute(f"SET {LONG_VALUES}")

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over, where ODBC cannot."""
        if self._is_postgresql(connection):
            connection.execute(f"SET LOCAL statement_timeout = {int(deadline.remaining() * 1000) + 1}")

    def _is_postgresql(self, connection: Any) -> bool:
        return bool(connection.getinfo(self.module.SQL_DBMS_NAME) == "PostgreSQL")

    def is_mysql(self, connection: Any) -> bool:
        """Whether the server is MySQL or MariaDB."""
        return connection.getinfo(self.module.SQL_DBMS_NAME) in ("MySQL", "MariaDB")

    def _text(self, host: str) -> str:
        """Return the connection string (https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function)."""
        where = {}
        if self._has_host:
            where["Server"] = f"{host},{self.port}" if self._is_mssql and self.port else host
            if self.port and not self._is_mssql:
                where["Port"] = str(self.port)
        given = {
            **where,
            "Database": self.arguments["database"],
            "UID": self.arguments["user"],
            "PWD": self.arguments["password"],
        }
        texts = {key: value for key, value in self.arguments["options"].items() if key not in _OWN}
        return ";".join(f"{key}={_braced(str(text))}" for key, text in {**texts, **given}.items() if text is not None)

    def place(self, *hosts: str) -> str:
        """Say in words where the database is."""
        if self._has_host:
            return super().place(*hosts)
        database = self.arguments["database"]
        return f"the ODBC database{f' {database}' if database else ''}"

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception of pyodbc means."""
        state = _state(error)
        if "file not found" in str(error):
            return "odbc", ""
        if state.startswith("28"):
            return "refused", "user or password is wrong"
        more = f" (SQLSTATE {state})"
        kind = "query" if state[:2] in _REFUSING else "failed"
        return _MEANINGS.get(state) or ((kind, more) if state else None)


def _state(error: Exception) -> str:
    """Return the SQLSTATE; empty where pyodbc has none."""
    state = error.args[0] if len(error.args) > 1 else ""
    return state if isinstance(state, str) and len(state) == 5 else ""


def _braced(text: str) -> str:
    if text and not set(text) & set("[]{}(),;?*=!@%+") and text.strip() == text:
        return text
    return "{" + text.replace("}", "}}") + "}"
