"""What changed since the last list served. The state holds digests and no names, so who is gone is only counted."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left

from ..errors import ConfigError
from ..state import digest, store_for
from .output import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..config import Config
    from ..user import User


class Difference:
    """A comparison with the last list served.

    Args:
        config: the configuration.

    Attributes:
        last: how many users that list had; None when none has been served.

    Raises:
        ConfigError: there is no state.
        StateError: it cannot be read.
    """

    def __init__(self, config: Config) -> None:
        store = store_for(config)
        if store is None:
            raise ConfigError("there is no state, so nobody knows the last list: set state to use --diff")
        try:
            last, self._key = store.last_list(), store.key()
        finally:
            store.close()
        self._known = array("Q", last or b"")  # sorted
        self._found = bytearray(len(self._known))
        self.last = None if last is None else len(self._known)

    @property
    def gone(self) -> int:
        """How many users of the last list were not among those compared."""
        return self._found.count(0)

    def new(self, users: Iterable[User]) -> list[str]:
        """Return the names that the last list does not have."""
        self._found = bytearray(len(self._known))
        return list(self._new(users))

    def new_lines(self, users: Iterable[User]) -> list[str]:
        """Return a line for each of them; none when no list has been served, for they would be all."""
        self._found = bytearray(len(self._known))
        new = self._new(users)
        if self.last is None:
            for _ in new:
                pass
        return [f"new: {printable(name)}\n" for name in new]

    def _new(self, users: Iterable[User]) -> Iterator[str]:
        for user in users:
            number = int.from_bytes(digest(self._key, user.user_name, size=8), sys.byteorder)
            at = bisect_left(self._known, number)
            if at < len(self._known) and self._known[at] == number:
                self._found[at] = 1
            else:
                yield user.user_name
