"""One mailbox's own address is never given to another user, also not across sources.

The owner of an address is the user whose name is exactly it; else the only user whose name differs from it in ASCII
case. Where several names differ so and none is exactly it, nobody gets the address. An address that is nobody's name
belongs to the users of the earliest source that gives it. What users enter by themselves counts only where nothing else
gives the address, and nobody gets what is entered in two sources.
"""

from __future__ import annotations

from itertools import chain

from ..identity import Fingerprints, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..user import User


class Claims:
    """Looks, while users pass by one by one, whether any gets an address of another; in a few bytes for each."""

    def __init__(self) -> None:
        self._names = Fingerprints()
        self._given = Fingerprints()
        self._earlier: set[int] = set()

    def note(self, user: User) -> None:
        """Note the addresses of a user."""
        name = fold(user.user_name)
        if "@" in name:
            self._names.add(name)
        for address in user.email_addresses:
            folded = fold(address)
            if folded != name:
                self._given.add(folded)

    def conflict(self, more_sources: bool) -> bool:
        """Say, at the end of a source, whether there may be a conflict.

        Args:
            more_sources: whether another source follows.
        """
        given, names = self._given.all(), set(self._names.all())
        found = self._names.repeated() or not names.isdisjoint(given)
        found = found or (bool(self._earlier) and not self._earlier.isdisjoint(chain(given, names)))
        if more_sources:
            self._earlier.update(given, names)
            self._given, self._names = Fingerprints(), Fingerprints()
        return found


def enforce(sources: Sequence[Sequence[User]]) -> dict[str, list[str]]:
    """Take addresses from users whom they do not belong to.

    Args:
        sources: the users of each source, in order; each user once.

    Returns:
        The addresses that nobody gets because several names differ from them in case only, with these names.
    """
    named: dict[str, list[User]] = {}
    for user in chain.from_iterable(sources):
        if "@" in user.user_name:
            named.setdefault(fold(user.user_name), []).append(user)
    owners = {address: _owner(address, users) for address, users in named.items()}
    contested = {}
    claims = _claims(sources)
    for number, users in enumerate(sources):
        for user in users:
            kept = []
            for address in user.email_addresses:
                folded = fold(address)
                if folded not in owners:
                    if claims[folded] == (number, user.entered):
                        kept.append(address)
                elif owners[folded] is user:
                    kept.append(address)
                elif owners[folded] is None:
                    contested[folded] = [other.user_name for other in named[folded]]
            user.email_addresses = kept
    return contested


def _claims(sources: Sequence[Sequence[User]]) -> dict[str, tuple[int, bool]]:
    """Return which source's users have each address, and whether they entered it by themselves; -1 for nobody's."""
    given: dict[str, tuple[int, bool]] = {}
    entered: dict[str, tuple[int, bool]] = {}
    for number, users in enumerate(sources):
        for user in users:
            for address in map(fold, user.email_addresses):
                if not user.entered:
                    given.setdefault(address, (number, False))
                elif entered.setdefault(address, (number, True)) != (number, True):
                    entered[address] = (-1, True)
    return {**entered, **given}


def _owner(address: str, users: list[User]) -> User | None:
    """Return whose the address is, of the users whose names differ from it in case at most."""
    if len(users) == 1:
        return users[0]
    written = {given for user in users for given in user.email_addresses if fold(given) == address}
    exact = [user for user in users if user.user_name in written]
    if len(exact) > 1:
        # Each has it in the spelling of the own name: it is one address, and its letters are small.
        exact = [user for user in exact if user.user_name == address]
    return exact[0] if len(exact) == 1 else None
