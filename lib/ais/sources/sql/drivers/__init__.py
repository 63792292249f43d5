"""What differs between database drivers: how to connect, which SQL they read, what their errors mean."""

from __future__ import annotations

from ....errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .generic import Driver


_SERVERS = {
    "postgresql": "Postgresql",
    "mysql": "Mysql",
    "mssql": "Mssql",
    "odbc": "Odbc",
    "oracle": "Oracle",
}
"""The drivers for servers; each is a class in the module of its name, loaded only when it is named."""


def driver_for(name: str, connection: dict[str, Any]) -> Driver:
    """Return the driver.

    Args:
        name: first argument of `sql`.
        connection: its arguments about the connection.

    Raises:
        ConfigError: the name is none, or an argument cannot be used.
    """
    if name in ("sqlite", "sqlite3"):
        from .sqlite import Sqlite

        return Sqlite(name, connection)
    if name in _SERVERS:
        module = __import__(f"{__name__}.{name}", fromlist=[_SERVERS[name]])
        driver: Driver = getattr(module, _SERVERS[name])(name, connection)
        return driver
    if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
        from .generic import Driver

        return Driver(name, connection)
    raise ConfigError(f"sql(): driver must be sqlite, {', '.join(_SERVERS)} or the dotted name of a PEP 249 module")
