"""Rows of aliases and alias domains, and the addresses that users get by them."""

from __future__ import annotations

from ...addresses import resolve
from ...cells import split_targets
from ...errors import SourceError
from ..rows import cell, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ...user import User


PAIRS = {"alias_query": ("address", "targets"), "alias_domain_query": ("alias_domain", "target_domain")}
"""The columns that the queries give."""


def pairs_of(rows: Iterable[Sequence[object]], headings: Sequence[str], option: str) -> list[tuple[str | None, Any]]:
    """Return the two values of each row that a query gave: text or None; the second may be a list of texts as well.

    Raises:
        SourceError: a column is missing or there twice, or a row cannot be read.
    """
    known = [plain(heading) for heading in headings]
    for name in PAIRS[option]:
        if known.count(plain(name)) != 1:
            raise SourceError(f"the result of {option} must have one column {name}: name one of its columns so")
    first, second = (known.index(plain(name)) for name in PAIRS[option])
    found: list[tuple[str | None, Any]] = []
    for number, row in enumerate(rows, 1):
        try:
            address = cell(row[first])
            values: Any = cell(row[second])
            if isinstance(values, list):
                values = [target for value in values for target in split_targets(value)]
            found += [(one, values) for one in (address if isinstance(address, list) else [address])]
        except SourceError as error:
            raise SourceError(f"row {number} of {option}: {error}") from None
    return found


def give_addresses(
    users: Iterable[User], aliases: Sequence[tuple[str | None, Any]], alias_domains: Sequence[tuple[str | None, Any]]
) -> list[User]:
    """Give users the addresses that aliases lead to them, after their own ones.

    Several rows of one user may come apart, and the first gets all addresses. An alias whose targets are None reserves
    its address: nobody else gets it.

    Raises:
        SourceError: the rows cannot be read, or lead to too many addresses.
        SourceUnavailable: the deadline is over.
    """
    listed = list(users)
    own: dict[str, list[str]] = {}
    for user in listed:
        own.setdefault(user.user_name, []).extend(user.email_addresses)
    try:
        found = resolve(
            own,
            [row for row in aliases if row[1] is not None],
            [(name, one) for name, cell in alias_domains for one in (cell if isinstance(cell, list) else [cell])],
            reserved=[address for address, targets in aliases if targets is None and address],
        )
    except ValueError as error:
        raise SourceError(f"the aliases cannot be read: {error}") from None
    for user in listed:
        user.email_addresses = found.pop(user.user_name, [])
    return listed
