"""Database drivers: any module that keeps to PEP 249, and what every driver shares."""

from __future__ import annotations

from _contextvars import ContextVar  # contextvars itself is Python code that a request need not load

from ....errors import AISError, ConfigError, MissingPackage, SourceError, SourceUnavailable
from ....logbook import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType
    from typing import Any

    from ..query import Query

_DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "odbc", "oracle")
"""The drivers of our own; each is a class in the module of its name, loaded only when it is named."""

WHOLE_RESULTS = "group_concat_max_len = 18446744073709551615, sql_select_limit = 9223372036854775807"
"""For MySQL and MariaDB: GROUP_CONCAT and JSON_ARRAYAGG give all, and a query all rows, whatever the server limits."""

ALL_WARNINGS = "max_error_count = 65535"
"""For MariaDB, where SHOW WARNINGS lists 64. MySQL lists 1024, and only its administrators may change that."""

REFUSING = {"ProgrammingError", "DataError", "NotSupportedError", "IntegrityError"}
"""PEP 249's errors that say that a query cannot be run."""

_CUT = frozenset((1260, 1301))  # warnings of MySQL and MariaDB: a value was cut, or became NULL because it is too long
_BROKEN_OFF = 1931  # a warning of MariaDB: the result is a part


def driver_for(name: str, connection: dict[str, Any]) -> Driver:
    """Return the driver of this name; the arguments are those of `Driver`.

    Raises:
        ConfigError: this driver does not exist, or an argument cannot be used.
    """
    options = connection["options"]
    if not isinstance(options, dict) or not all(isinstance(option, str) for option in options):
        raise ConfigError("sql(): options must be like {'connect_timeout': 5}")
    name = "sqlite" if name == "sqlite3" else name
    if name in _DRIVERS:
        kind = name.capitalize()
        make: type[Driver] = getattr(__import__(f"{__name__}.{name}", fromlist=[kind]), kind)
        return make(name, connection)
    if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
        return Driver(name, _usable(name, connection))
    raise ConfigError(f"sql(): driver must be {', '.join(_DRIVERS)} or the dotted name of a PEP 249 module")


def _usable(name: str, connection: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments for a module of which nothing is known; ConfigError for those that it would not heed."""
    from ....network.address import is_port  # here, because the drivers of our own check it themselves

    host = connection["host"]
    if isinstance(host, (list, tuple)) and len(host) == 1:
        host = host[0]
    if not isinstance(host, (str, type(None))):
        raise ConfigError(f"sql(): host must be one name: with the driver {name} no further ones are tried")
    if connection["port"] is not None and not is_port(connection["port"]):
        raise ConfigError("sql(): port must be a number from 1 to 65535")
    if connection["tls"] is not None:
        raise ConfigError(f"sql(): {name} has no option tls: give what its connect() takes for TLS in options")
    return {**connection, "host": host}


class MissingTable(SourceError):
    """A query names a table that the database does not have."""


def keep_whole(execute: Callable[[str], object]) -> None:
    """Make a session of MySQL or MariaDB cut nothing, or warn of a value if it does; `execute` runs a statement."""
    try:
        execute(f"SET {WHOLE_RESULTS}, {ALL_WARNINGS}")
    except Exception:
        execute(f"SET {WHOLE_RESULTS}")


class Driver:
    """A PEP 249 module; base of the drivers that need more. Whatever asks the database may raise the module's errors.

    Args:
        name: what the configuration calls it: the dotted name of the module, unless there is a class for it.
        connection: the arguments of `sql` about the connection.
    """

    imported = package = ""
    """The module where it is not the name, and what to give to pip for it."""
    syntax: dict[str, bool] = {}  # noqa: RUF012  # never changed
    """How the server reads SQL: keyword arguments of `Query`."""
    paramstyle = ""
    """PEP 249's name of the way that parameters are written, where the module need not be asked."""
    is_kept = False
    """Whether a connection may be used for more than one request."""
    in_time = False
    """Whether all that it waits for ends with the deadline."""

    user_files: Sequence[str] = ()
    """The file with the users, for `check`, where the database is one."""

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        self.name = name
        self.arguments = connection

    @property
    def unprotected(self) -> str:
        """What somebody between here and the server could get, in words for `check`; empty for nothing."""
        return ""

    @property
    def module(self) -> ModuleType:
        """The module, imported when it is first needed; ConfigError or MissingPackage where there is no such driver."""
        try:
            module: ModuleType = __import__(self.imported or self.name, fromlist=["connect"])
            module.connect, self.package or module.paramstyle  # noqa: B018  # PEP 249 asks both of a module
        except (ImportError, AttributeError):
            if self.package:
                raise MissingPackage(self.package, f"sql({self.name!r}, …)") from None
            raise ConfigError(
                f"sql(): driver {self.name!r} is neither a known name nor an installed PEP 249 module"
            ) from None
        return module

    def connect(self) -> Any:
        """Return a new connection."""
        usual = ("database", "host", "port", "user", "password")
        given = {option: self.arguments[option] for option in usual if self.arguments[option] is not None}
        options = self.arguments["options"]
        try:
            connection = self.module.connect(**given, **options)
        except TypeError:
            names = ", ".join([*given, *options])
            raise ConfigError(f"sql(): connect() of {self.name} cannot be called with the options {names}") from None
        if self.is_mysql(connection):
            keep_whole(connection.cursor().execute)
        return connection

    def is_mysql(self, connection: Any) -> bool:
        """Whether the server is MySQL or MariaDB."""
        return "mysql" in self.name.lower() or "mariadb" in self.name

    def mark(self) -> object:
        """Return what changes when a connection opened before must not be used again."""
        return None

    def works(self, connection: Any, unused: float) -> bool:
        """Say whether a connection unused for so many seconds still works; make it ready for the request that runs."""
        return False

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query and return its cursor; that of a large result must be read to its end before the next query."""
        cursor = self.cursor(connection, large)
        sql, parameters = query.bind(self.paramstyle or self.module.paramstyle, values)
        # With an argument, even an empty one, some drivers read % as the begin of a parameter.
        cursor.execute(*([sql, parameters] if parameters else [sql]))
        return cursor

    def rows(self, connection: Any, cursor: Any) -> Iterator[Sequence[object]]:
        """Give the rows of a result, fetched many at a time; at the end SourceError if the server has cut them."""
        while rows := cursor.fetchmany(500):
            yield from rows
        # Where the driver does not count the warnings, the server is asked in any case.
        if self.is_mysql(connection) and getattr(cursor, "warning_count", True):
            warnings = connection.cursor()
            warnings.execute("SHOW WARNINGS")
            codes = [int(code) for _, code, *_ in warnings.fetchall()]
            if not _CUT.isdisjoint(codes):
                raise SourceError(
                    "the database has cut a value that is too long, as of GROUP_CONCAT: give a row for each address"
                )
            if _BROKEN_OFF in codes:
                raise SourceError("the database has broken off the query, at max_recursive_iterations or ROWS EXAMINED")
            if getattr(cursor, "warning_count", 0) > len(codes):
                raise SourceError("the database warns of more than it can list: try the query in a database client")

    def cursor(self, connection: Any, large: bool) -> Any:
        """Return a new cursor; one that does not hold the whole result where it may be large."""
        return connection.cursor()

    def fault(self, error: Exception) -> AISError:
        """Return what an exception of the driver means; its text stays out, since it may quote values."""
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if kinds & REFUSING:
            return SourceError(f"the database refuses the query ({type(error).__name__}): try it in a database client")
        if kinds & {"OperationalError", "InterfaceError", "DatabaseError", "InternalError", "Error"}:
            return SourceUnavailable(f"the database cannot be asked ({type(error).__name__})")
        return SourceUnavailable(f"the driver failed: {place(error)}")


keeper: ContextVar[Any] = ContextVar("keeper", default=None)
"""The `pool.Keeper` that keeps connections for further requests; None in a process that answers one."""


def close(connection: Any) -> None:
    """Close a connection; nothing was written, and what there was to read has been read."""
    try:
        connection.close()
    except Exception:  # noqa: S110
        pass


class Connection:
    """A connection for one question; whatever the driver raises inside becomes an error of ours."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._keeper = keeper.get()

    def __enter__(self) -> Any:
        try:
            self._connection = self._keeper.take(self._driver) if self._keeper else self._driver.connect()
        except AISError:
            raise
        except Exception as error:
            raise self._driver.fault(error) from None
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not self._keeper or not self._keeper.give_back(self._connection, error is None):
            close(self._connection)
        if isinstance(error, Exception) and not isinstance(error, AISError):
            raise self._driver.fault(error) from None
