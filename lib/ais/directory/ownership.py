"""One mailbox's own address is never given to another user, also not across sources.

An address that is a user's name belongs to its owner (`identity.owners`), or to nobody. Any other address belongs to
the users of the earliest source that gives it. What users enter by themselves counts only where nothing else gives the
address, and nobody gets what is entered in two sources.
"""

from __future__ import annotations

from itertools import chain

from ..errors import SourceError
from ..identity import fold, looser, owners
from ..text import one_line
from . import own_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ..config import Config
    from ..user import User


def combine(
    config: Config,
    sources: list[tuple[str, list[User]]],
    reserved: Container[str] = (),
    contested: dict[str, list[str]] | None = None,
) -> list[User]:
    """Return the users of all sources as one list; addresses that belong to another user go.

    Args:
        config: the configuration.
        sources: what the log calls each source, and its users; in order.
        reserved: addresses, folded, that nobody gets who is not called so.
        contested: gets the addresses that nobody gets, as `enforce` returns them.

    Raises:
        SourceError: two sources have names that differ, but not for a database that compares them loosely: it would
            answer for the other's user.
    """
    names: set[str] = set()
    earlier: dict[str, tuple[str, str]] = {}
    found: list[list[User]] = []
    for source, users in sources:
        found.append([user for user in users if user.user_name not in names])
        names.update(user.user_name for user in found[-1])
        alike: dict[str, tuple[str, str]] = {}
        for user in found[-1] if len(sources) > 1 else ():
            key = looser(user.user_name)
            if known := earlier.get(key):
                raise SourceError(
                    f"{source} has the user {one_line(user.user_name)} and {known[0]} has {one_line(known[1])}: "
                    "a source that compares names loosely would take one for the other; rename one, or leave both out "
                    "with users(skip=[…])"
                )
            alike.setdefault(key, (source, user.user_name))
        earlier.update(alike)
    disputed = enforce(found, config.users.strip_domain, reserved)
    if contested is not None:
        contested.update(disputed)
    return [user for users in found for user in users]


def enforce(
    sources: Sequence[Sequence[User]], stripped: str | None = None, reserved: Container[str] = ()
) -> dict[str, list[str]]:
    """Take addresses from users whom they do not belong to.

    Args:
        sources: the users of each source, in order; each user once.
        stripped: the domain that was taken off their names.
        reserved: addresses, folded, that nobody gets who is not called so.

    Returns:
        The addresses that nobody gets because several names differ from them in case only, with these names.
    """
    everybody = list(chain.from_iterable(sources))
    owner = owners({name: user.email_addresses for user in everybody for name in own_names(user, stripped)})
    claims = _claims(sources)
    contested: dict[str, list[str]] = {}
    for number, users in enumerate(sources):
        for user in users:
            kept = []
            for address in user.email_addresses:
                folded = fold(address)
                whose = owner[folded] if folded in owner else None if folded in reserved else claims[folded]
                if whose in (*own_names(user, stripped), (number, user.entered)):
                    kept.append(address)
                elif owner.get(folded, "") is None:
                    contested[folded] = []
            user.email_addresses = kept
    for user in everybody if contested else ():
        contested.get(fold(own_names(user, stripped)[0]), []).append(user.user_name)
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
