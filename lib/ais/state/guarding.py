"""The guard holds back a list that looks like a failed one, since MailStore may delete users who are missing.

A name is a digest of 8 bytes. Case counts: for MailStore another spelling is another user.
"""

from __future__ import annotations

import time
from itertools import islice
from sys import byteorder

from ..errors import AISError, GuardTripped, command
from . import attempt, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..user import User
    from . import Store, Warn

BATCH = 500
"""Users whose names are noted at a time."""


class Asked:
    """Remembers that a list is asked for, from now on, and what comes of it.

    The first note says that nothing has come yet. It stays when a source hangs and the process is ended.
    """

    def __init__(self, store: Store, warn: Warn) -> None:
        self._store = store
        self._warn = warn
        self.note("")

    def note(self, outcome: str) -> None:
        """Remember the number of users, or the error."""
        what = f"{time.time():.0f} {outcome}".encode("utf-8", "replace")
        attempt(lambda: self._store.save_asked(what), None, self._warn)


class Names:
    """The names of a list that is being made.

    Args:
        store: knows the last list.
        max_shrink: the share of its names that may be missing.
        warn: where a state that cannot be used is reported.
    """

    def __init__(self, store: Store, max_shrink: float, warn: Warn) -> None:
        self._store = store
        self._max_shrink = max_shrink
        self._warn = warn
        self._fault: AISError | None = None
        self._key = b""
        self._digests = bytearray()
        try:
            self._key = store.key()
        except AISError as error:
            self._fault = error

    def note(self, users: Iterable[User]) -> Iterator[User]:
        """Pass users on, and note their names from the beginning."""
        self._digests, users = bytearray(), iter(users)
        while batch := list(islice(users, BATCH)):
            if self._key:
                self._digests += _digests(self._key, batch)
            yield from batch

    def check(self, listed: dict[int, str]) -> None:
        """Return when the list may be served; it, and a name that each source lists, are remembered then.

        Raises:
            GuardTripped: too many users of the last list are missing.
        """
        self._compare(_sorted(self._digests))
        if attempt(self._store.listed, listed, self._warn) != listed:
            attempt(lambda: self._store.save_listed(listed), None, self._warn)

    def _compare(self, names: bytes) -> None:
        store, warn = self._store, self._warn
        try:
            if self._fault is not None:
                raise self._fault
            last = store.last_list()
        except AISError as error:
            if attempt(store.tripped, False, warn):
                raise GuardTripped(f"the guard is tripped, and the last list cannot be read: {error}") from None
            warn(f"the state cannot be used, going on without it: {error}")
            return
        if last is None and attempt(store.tripped, False, warn):
            raise GuardTripped(f"the guard is tripped, and the last list is lost: {_how()}")
        if last is not None and last != names:
            gone, total = missing(last, names), len(last) // 8
            if are_too_many(gone, total, self._max_shrink):
                attempt(store.trip, None, warn)
                raise GuardTripped(
                    f"{gone} of the {total} users of the last list would vanish, more than "
                    f"guard(max_shrink={self._max_shrink}) allows: {_how()}"
                )
        if last != names or attempt(store.tripped, False, warn):
            attempt(lambda: store.save_list(names), None, warn)


def _how() -> str:
    return f"when the new list is right, let it through once with {command()} accept-list"


def digests_of(store: Store, users: Iterable[User]) -> bytes:
    """Return the names of users as the state keeps them, sorted."""
    return _sorted(_digests(store.key(), users))


def accept(store: Store, users: Iterable[User]) -> int:
    """Make a list the last one served, whatever it lacks; return how many of the one before are gone."""
    names, last = digests_of(store, users), store.last_list()
    store.save_list(names)
    return missing(last or b"", names)


def missing(last: bytes, names: bytes) -> int:
    """Count the names of `last` that are not in `names`."""
    now = set(_numbers(names))
    return sum(1 for name in _numbers(last) if name not in now)


def are_too_many(gone: int, total: int, max_shrink: float) -> bool:
    """Say whether the guard holds back a list that lacks `gone` of the `total` names of the last one."""
    return gone > 0 and gone / total > max_shrink  # 29 of 100 are 0.29, and 0.29 * 100 is less than 29


def _digests(key: bytes, users: Iterable[User]) -> bytes:
    return b"".join([digest(key, user.user_name, size=8) for user in users])


def _sorted(digests: bytes | bytearray) -> bytes:
    return b"".join([number.to_bytes(8, byteorder) for number in sorted(_numbers(digests))])


def _numbers(digests: bytes | bytearray) -> memoryview:
    # The module array would do, and would bring in all of collections, for which every request would pay.
    return memoryview(digests).cast("Q")
