"""What differs between database drivers: how to connect, which SQL they read, what their errors mean."""

from __future__ import annotations

from ...errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .generic import Driver


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
    if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
        from .generic import Driver

        return Driver(name, connection)
    raise ConfigError("sql(): driver must be sqlite or the dotted name of a PEP 249 module")
