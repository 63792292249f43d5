"""Throttle and negative cache: repeated wrong passwords of one user do not reach the source.

The protocol has no client address, so failures are counted for the user: for the exact name, and for all names that a
database might take for it.
"""

from __future__ import annotations

from ..identity import looser
from . import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from . import Store

    class Throttle(Protocol):  # what throttle(…) in the configuration makes
        failures: int
        window: float


class Counted:
    """The failed logins that count for one login.

    Attributes:
        failures: how many this exact name has.
        held: why the sources are not asked; empty when they are.

    Raises:
        StateError: the state cannot be used.
    """

    def __init__(self, store: Store, throttle: Throttle, name: str, password: str) -> None:
        key = store.key()
        self._store = store
        self._window = throttle.window
        self._exact, self._loose = digest(key, "user", name), digest(key, "alike", looser(name))
        # A password was wrong for one name only: a user who is unknown as ANNA may log in as anna.
        self._secret = digest(key, "password", name, password)
        exact, loose = (store.failures(who, self._window) for who in (self._exact, self._loose))
        self.failures = exact.count
        self.held = ""
        if max(exact.count, loose.count) >= throttle.failures:
            self.held = "throttled: too many wrong passwords of this user"
        elif exact.wrong == self._secret:
            self.held = "the same wrong password again"

    def add(self) -> None:
        """Count a wrong password."""
        self._store.add_failure(self._exact, self._secret, self._window)
        self._store.add_failure(self._loose, b"", self._window)

    def forget(self) -> None:
        """Forget the failures of this exact name, and no others."""
        self._store.forget_failures(self._exact)
        self._store.lessen_failures(self._loose, self.failures)
