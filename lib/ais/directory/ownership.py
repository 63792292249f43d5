"""One mailbox's own address is never given to another user, also not across sources.

A user owns its name where that is an address, unless the source gives it other addresses only. Between sources, an
address belongs to the users of the earlier one: MailStore would otherwise file one person's mail for another.
"""

from __future__ import annotations

from itertools import chain

from .fingerprints import Fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..user import User


class Claims:
    """Looks, while users pass by one by one, whether any gets an address of another; in a few bytes for each."""

    def __init__(self) -> None:
        self._owned = Fingerprints()
        self._given = Fingerprints()
        self._earlier: set[int] = set()

    def note(self, user: User) -> None:
        """Note the addresses of a user."""
        name = user.user_name.lower()
        own = "@" in name and not user.email_addresses
        for address in user.email_addresses:
            lower = address.lower()
            if lower == name:
                own = True
            else:
                self._given.add(lower)
        if own:
            self._owned.add(name)

    def conflict(self, more_sources: bool) -> bool:
        """Say, at the end of a source, whether there may be a conflict.

        Args:
            more_sources: whether another source follows.
        """
        given, owned = self._given.all(), set(self._owned.all())
        # Two names that differ in case only may each be the owner's.
        found = self._owned.repeated() or not owned.isdisjoint(given)
        found = found or (bool(self._earlier) and not self._earlier.isdisjoint(chain(given, owned)))
        if more_sources:
            self._earlier.update(given, owned)
            self._given, self._owned = Fingerprints(), Fingerprints()
        return found


def enforce(sources: Iterable[list[User]]) -> None:
    """Take addresses from users whom they do not belong to.

    Args:
        sources: the users of each source, in order; each user once.
    """
    listed = [list(users) for users in sources]
    owners = {
        name: user
        for users in reversed(listed)
        for user in reversed(users)
        if "@" in (name := user.user_name.lower())
        and (not user.email_addresses or name in map(str.lower, user.email_addresses))
    }
    earlier: dict[str, set[str]] = {}
    for users in listed:
        here: dict[str, set[str]] = {}
        for user in users:
            kept = []
            for address in user.email_addresses:
                lower = address.lower()
                owner = owners.get(lower, user)
                if owner is user and user.user_name in earlier.get(lower, (user.user_name,)):
                    kept.append(address)
                    here.setdefault(lower, set()).add(user.user_name)
            user.email_addresses = kept
            if not kept and owners.get(user.user_name.lower()) is user:
                here.setdefault(user.user_name.lower(), set()).add(user.user_name)
        for lower, names in here.items():
            earlier.setdefault(lower, names)
