"""Any ODBC driver, by pyodbc."""

from __future__ import annotations

from .... import deadline
from ....errors import AISError, ConfigError, SourceError, SourceUnavailable
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

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

    def load(self) -> ModuleType:
        """Import pyodbc."""
        module = super().load()
        # unixODBC's pool would keep connections open, and its time-outs with them.
        module.pooling = False  # type: ignore[attr-defined]
        return module

    def open(self, host: str) -> Any:
        """Connect, for one transaction that reads."""
        # ODBC takes whole seconds, and 0 is for ever.
        seconds = int(deadline.remaining()) + 1
        options = self.arguments["options"]
        own = {"timeout": seconds, "readonly": True, **{key: value for key, value in options.items() if key in _OWN}}
        connection = self.module.connect(self._text(host), **own)
        try:
            try:
                connection.timeout = seconds
            except self.module.Error:
                pass  # not every ODBC driver can end a query
            if self._is_postgresql(connection):
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except BaseException:
            connection.close()
            raise
        return connection

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over, where ODBC cannot."""
        if self._is_postgresql(connection):
            connection.execute(f"SET LOCAL statement_timeout = {int(deadline.remaining() * 1000) + 1}")

    def _is_postgresql(self, connection: Any) -> bool:
        return bool(connection.getinfo(self.module.SQL_DBMS_NAME) == "PostgreSQL")

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

    def is_down(self, error: Exception) -> bool:
        """Whether another host may do better."""
        return not _state(error).startswith(("28", "IM"))

    def meaning(self, error: Exception, where: str) -> AISError | None:
        """Return what an exception of pyodbc means.

        https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-a-odbc-error-codes
        """
        state = _state(error)
        if state.startswith("28"):
            return SourceUnavailable(f"{where} refuses the login: user or password is wrong")
        if state in ("HYT00", "HYT01", "57014"):
            return SourceUnavailable(f"{where} does not answer in time")
        if state in ("IM002", "IM003") or "file not found" in str(error):
            return ConfigError(f"{where}: options name an ODBC driver or DSN that is not installed: odbcinst -q -d")
        if state in ("42S02", "42S22", "42P01", "42703"):
            return SourceError(f"{where} refuses the query: a table or a column is not there (SQLSTATE {state})")
        if state == "25006":
            return SourceError("the query tries to write; a query of a source may only read")
        if state == "42501":
            return SourceError(f"{where} refuses the query: the user has no right to it")
        if state[:2] in ("07", "21", "22", "23", "25", "37", "42"):
            return SourceError(f"{where} refuses the query (SQLSTATE {state}): try it in a database client")
        if state:
            return SourceUnavailable(f"{where} cannot be asked (SQLSTATE {state})")
        return None


def _state(error: Exception) -> str:
    """Return the SQLSTATE; empty where pyodbc has none."""
    state = error.args[0] if len(error.args) > 1 else ""
    return state if isinstance(state, str) and len(state) == 5 else ""


def _braced(text: str) -> str:
    if text and not set(text) & set("[]{}(),;?*=!@%+") and text.strip() == text:
        return text
    return "{" + text.replace("}", "}}") + "}"
