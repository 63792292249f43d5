"""What is remembered between requests: the last list served, and failed logins.

A state that cannot be used never stops a login; the log says so, and the request goes on without it.
"""

from __future__ import annotations

import os

from ..errors import AISError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ..config import Config

    T = TypeVar("T")
    Warn = Callable[[str], None]

try:
    from _blake2 import blake2b  # hashlib has no other, but loads OpenSSL first: 2.5 ms
except ImportError:  # a build without its own hashes
    from hashlib import blake2b


class StateError(AISError):
    """The state cannot be read or written."""


class Failures:
    """The failed logins of one user within the window.

    Args:
        count: how many different wrong passwords.
        wrong: digest of the last one.
    """

    __slots__ = ("count", "wrong")

    def __init__(self, count: int = 0, wrong: bytes = b"") -> None:
        self.count = count
        self.wrong = wrong


class Store:
    """Where the state is kept: the contract of `sqlite` and `redis`. Every method may raise `StateError`."""

    def key(self) -> bytes:
        """Return the secret that digests in this state are made with; it never changes."""
        raise NotImplementedError

    def last_list(self) -> bytes | None:
        """Return the digests of the names of the last list served, sorted and joined; None before the first."""
        raise NotImplementedError

    def save_list(self, digests: bytes) -> None:
        """Remember the digests of a list, and that the guard is not tripped."""
        raise NotImplementedError

    def tripped(self) -> bool:
        """Say whether the guard has held back a list since the last one served."""
        raise NotImplementedError

    def trip(self) -> None:
        """Remember that the guard has held back a list."""
        raise NotImplementedError

    def failures(self, user: bytes, window: float) -> Failures:
        """Return the failed logins of a user, by the digest of the name, in the last `window` seconds."""
        raise NotImplementedError

    def add_failure(self, user: bytes, wrong: bytes, window: float) -> None:
        """Count a wrong password, given as its digest; the window begins with the first."""
        raise NotImplementedError

    def forget_failures(self, user: bytes) -> None:
        """Forget the failed logins of a user."""
        raise NotImplementedError

    def lessen_failures(self, user: bytes, count: int) -> None:
        """Take away some of the failed logins of a user."""
        raise NotImplementedError

    def listed(self) -> dict[int, str]:
        """Return a name that each source has listed, by the number of the source."""
        raise NotImplementedError

    def save_listed(self, names: dict[int, str]) -> None:
        """Remember a name that each source has listed."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what was opened."""


def store_for(config: Config, warn: Warn | None = None) -> Store | None:
    """Return the store that the configuration names; None when it names none. Nothing is opened yet.

    Args:
        config: the configuration.
        warn: is told what is lost with a damaged state.

    Raises:
        StateError: a package is missing.
    """
    if config.state is None:
        return None
    # Tenants whose configurations lie side by side may name one state: each has a part of its own in it.
    tenant = os.path.basename(config.path)
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


def digest(key: bytes, *texts: str, size: int = 16) -> bytes:
    """Return a keyed digest: whoever reads the state learns neither names nor passwords without guessing them."""
    mixed = blake2b(key=key, digest_size=size)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        mixed.update(len(raw).to_bytes(4, "big") + raw)
    return mixed.digest()
