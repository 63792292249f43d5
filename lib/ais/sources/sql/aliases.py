"""Rows of aliases and alias domains, and the addresses that users get by them."""

from __future__ import annotations

from ...addresses import resolve
from ...errors import SourceError
from ...identity import fold
from ..rows import cell, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...user import User


def pairs_of(
    rows: Iterable[Sequence[object]], headings: Sequence[str], names: Sequence[str], option: str
) -> list[tuple[str | None, object]]:
    """Read rows of two columns.

    Args:
        rows: the rows.
        headings: names of the columns, in order; case and underscores do not matter.
        names: the two columns wanted.
        option: the query that gave the rows, for errors.

    Returns:
        The two values of each row: text or None; the second may be a list of texts as well.

    Raises:
        SourceError: a column is missing or there twice, or a row cannot be read.
    """
    known = [plain(heading) for heading in headings]
    for name in names:
        if known.count(plain(name)) != 1:
            raise SourceError(f"the result of {option} must have one column {name}: name one of its columns so")
    first, second = (known.index(plain(name)) for name in names)
    found: list[tuple[str | None, object]] = []
    for number, row in enumerate(rows, 1):
        try:
            address = cell(row[first])
            values = cell(row[second])
            found += [(one, values) for one in (address if isinstance(address, list) else [address])]
        except SourceError as error:
            raise SourceError(f"row {number} of {option}: {error}") from None
    return found


def give_addresses(
    users: Iterable[User],
    aliases: Sequence[tuple[str | None, object]],
    alias_domains: Sequence[tuple[str | None, object]],
) -> list[User]:
    """Give users the addresses that aliases lead to them, after their own ones.

    A user's own addresses are those that it has, or else its name if that is an address.

    Args:
        users: the users.
        aliases: rows of address and targets. Targets of None reserve the address: nobody else gets it.
        alias_domains: rows of alias domain and target domain.

    Raises:
        SourceError: the rows cannot be read.
    """
    named: dict[str, User] = {}
    own: dict[str, list[str]] = {}
    owners: dict[str, User] = {}
    listed = list(users)
    for user in listed:
        for address in _own(user):
            owners.setdefault(fold(address), user)
    for number, user in enumerate(listed):
        # A login that is somebody else's address is not where mail to that address arrives.
        key = user.user_name if owners.get(fold(user.user_name), user) is user else f"\0{number}"
        named[key], own[key] = user, _own(user)
    try:
        found = resolve(
            own,
            [row for row in aliases if row[1] is not None],
            alias_domains,  # type: ignore[arg-type]  # checked there
            reserved=[address for address, targets in aliases if targets is None and address],
        )
    except ValueError as error:
        raise SourceError(f"the aliases cannot be read: {error}") from None
    for key, user in named.items():
        user.email_addresses = found[key]
    return listed


def _own(user: User) -> list[str]:
    return user.email_addresses or ([user.user_name] if "@" in user.user_name else [])
