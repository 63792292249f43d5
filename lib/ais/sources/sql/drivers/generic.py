"""Any module that keeps to PEP 249."""

from __future__ import annotations

from ....errors import AISError, ConfigError, SourceError, SourceUnavailable
from ....logbook import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..parameters import Query


class Driver:
    """A PEP 249 module; base of the drivers that need more.

    Args:
        name: dotted name of the module.
        connection: the arguments of `sql` about the connection.
    """

    syntax: dict[str, bool] = {}  # noqa: RUF012  # never changed
    """How the server reads SQL: keyword arguments of `Query`."""

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        self.name = name
        self.arguments = connection

    @property
    def module(self) -> ModuleType:
        """The module, imported when it is first needed.

        Raises:
            ConfigError: there is no such module, or it is no driver.
        """
        try:
            module: ModuleType = __import__(self.name, fromlist=["connect"])
        except ImportError:
            raise ConfigError(
                f"sql(): driver {self.name!r} is neither a known name nor an installed PEP 249 module"
            ) from None
        if not hasattr(module, "connect") or not hasattr(module, "paramstyle"):
            raise ConfigError(
                f"sql(): the module {self.name!r} has no connect() and paramstyle: it is no PEP 249 driver"
            )
        return module

    @property
    def paramstyle(self) -> str:
        """PEP 249's name of the way that parameters are written."""
        return str(self.module.paramstyle)

    def connect(self) -> Any:
        """Return a new connection.

        Raises:
            Exception: the driver's own.
        """
        given = {
            key: value
            for key, value in self.arguments.items()
            if key in ("database", "host", "port", "user", "password") and value is not None
        }
        return self.module.connect(**given, **self.arguments["options"])

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query and return its cursor.

        Args:
            connection: what `connect` returned.
            query: the query.
            values: its parameters by name.
            large: the result may be larger than memory; it is read to its end before the next query.

        Raises:
            Exception: the driver's own.
        """
        cursor = self.cursor(connection, large)
        sql, parameters = query.bind(self.paramstyle, values)
        if parameters:
            cursor.execute(sql, parameters)
        else:
            # With an argument, even an empty one, some drivers read % as the begin of a parameter.
            cursor.execute(sql)
        return cursor

    def cursor(self, connection: Any, large: bool) -> Any:
        """Return a new cursor; one that does not hold the whole result where it may be large."""
        return connection.cursor()

    def fault(self, error: Exception) -> AISError:
        """Return what an exception of the driver means; its text stays out, since it may quote values."""
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if kinds & {"ProgrammingError", "DataError", "NotSupportedError", "IntegrityError"}:
            return SourceError(f"the database refuses the query ({type(error).__name__}): try it in a database client")
        if kinds & {"OperationalError", "InterfaceError", "DatabaseError", "InternalError", "Error"}:
            return SourceUnavailable(f"the database cannot be asked ({type(error).__name__})")
        return SourceUnavailable(f"the driver failed: {place(error)}")
