"""The guard: a list that looks like a failed one is held back, since MailStore may delete who is missing from it."""

from __future__ import annotations

from sys import byteorder

from ..errors import AISError, GuardTripped
from . import attempt, digest, store_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..user import User
    from . import Place, Store, Warn


class Names:
    """The names of a list that is being made, as digests.

    Args:
        config: the configuration; it has a state.
        max_shrink: the share of the last list's names that may be missing.
        warn: where a state that cannot be used is reported.
    """

    def __init__(self, config: Place, max_shrink: float, warn: Warn) -> None:
        self._max_shrink = max_shrink
        self._warn = warn
        self._store = attempt(lambda: store_for(config, warn), None, warn)
        self._fault: AISError | None = None
        self._key = b""
        self._digests = bytearray()
        if self._store is not None:
            try:
                self._key = self._store.key()
            except AISError as error:
                self._fault = error

    def clear(self) -> None:
        """Begin anew."""
        self._digests = bytearray()

    def add(self, users: list[User]) -> None:
        """Add users."""
        if self._key:
            self._digests += b"".join([digest(self._key, user.user_name, size=8) for user in users])

    def check(self, listed: dict[int, str]) -> None:
        """Return when the list may be served; it then is the last list served.

        Args:
            listed: a name that each source lists.

        Raises:
            GuardTripped: too many users of the last list are missing.
        """
        if self._store is not None:
            _check(self._max_shrink, self._store, self._fault, joined(self._digests), self._warn)
            store = self._store
            if attempt(store.listed, listed, self._warn) != listed:
                attempt(lambda: store.save_listed(listed), None, self._warn)

    def close(self) -> None:
        """Let go of the state, also when the list has failed."""
        if self._store is not None:
            self._store.close()


def _check(max_shrink: float, store: Store, fault: AISError | None, names: bytes, warn: Warn) -> None:
    try:
        if fault is not None:
            raise fault
        last = store.last_list()
    except AISError as error:
        if attempt(store.tripped, False, warn):
            raise GuardTripped(f"the guard is tripped, and the last list cannot be read: {error}") from None
        warn(f"the state cannot be used, going on without it: {error}")
        return
    if last is None:
        if attempt(store.tripped, False, warn):
            raise GuardTripped(f"the guard is tripped, and the last list is lost: {HOW}")
    elif last != names:
        _compare(max_shrink, store, last, names, warn)
    if last != names or attempt(store.tripped, False, warn):
        attempt(lambda: store.save_list(names), None, warn)


HOW = "when the new list is right, let it through once with bin/ais accept-list"


def _compare(max_shrink: float, store: Store, last: bytes, names: bytes, warn: Warn) -> None:
    gone, total = missing(last, names), len(last) // 8
    if gone > max_shrink * total:
        attempt(store.trip, None, warn)
        raise GuardTripped(
            f"{gone} of the {total} users of the last list would vanish, more than "
            f"guard(max_shrink={max_shrink}) allows: {HOW}"
        )


def digests_of(store: Store, users: list[User]) -> bytes:
    """Return 8 bytes for each name, sorted. Case counts: for MailStore another spelling is another user.

    Raises:
        StateError: the state cannot be used.
    """
    key = store.key()
    return joined(b"".join([digest(key, user.user_name, size=8) for user in users]))


def accept(store: Store, users: list[User]) -> int:
    """Make a list the last one served, whatever it lacks; return how many of the one before are gone.

    Raises:
        StateError: the state cannot be used.
    """
    names, last = digests_of(store, users), store.last_list()
    store.save_list(names)
    return 0 if last is None else missing(last, names)


def joined(digests: bytes | bytearray) -> bytes:
    """Return digests of 8 bytes each as the state keeps them: sorted."""
    return b"".join([number.to_bytes(8, byteorder) for number in sorted(_numbers(digests))])


def missing(last: bytes, names: bytes) -> int:
    """Count the digests of `last` that are not in `names`; both as `digests_of` gives them."""
    now = set(_numbers(names))
    return sum(1 for name in _numbers(last) if name not in now)


def _numbers(digests: bytes | bytearray) -> memoryview:
    # The module array would do, and would bring in all of collections, for which every request would pay.
    return memoryview(digests).cast("Q")
