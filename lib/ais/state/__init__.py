"""What is remembered between requests: the last list served, and failed logins.

A state that cannot be used never stops a login; the log says so, and the request goes on without it.
"""

from __future__ import annotations

from ..errors import AISError
from .store import StateError, Store, digest

__all__ = ["StateError", "Store", "attempt", "digest", "store_for"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    T = TypeVar("T")
    Warn = Callable[[str], None]

    class Place(Protocol):  # what a configuration says of its state
        path: str
        state: str | None


def store_for(config: Place, warn: Warn | None = None) -> Store | None:
    """Return the store that the configuration names; None when it names none. Nothing is opened yet.

    `warn` is told what is lost with a damaged state.
    """
    if config.state is None:
        return None
    # Tenants whose configurations lie side by side may name one state: each has a part of its own in it.
    tenant = config.path.rpartition("/")[2]
    if config.state.startswith(("redis://", "rediss://", "unix://")):
        from .redis import RedisStore

        return RedisStore(config.state, tenant)
    from .sqlite import SqliteStore

    return SqliteStore(config.state, tenant, warn)


def attempt(action: Callable[[], T], otherwise: T, warn: Warn) -> T:
    """Do something with the state; when it cannot be used, say so and return `otherwise`."""
    try:
        return action()
    except AISError as error:
        warn(f"the state cannot be used, going on without it: {error}")
        return otherwise
