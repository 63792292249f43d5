"""Rows of aliases and alias domains."""

from __future__ import annotations

from ...cells import split_targets
from ...errors import SourceError
from ...user import json_array
from ..rows import cell, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


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
            if isinstance(values, str) and values.lstrip()[:1] == "[":
                values = cell(json_array(values))
            if isinstance(values, list):
                values = [target for value in values for target in split_targets(value)]
            found += [(one, values) for one in (address if isinstance(address, list) else [address])]
        except (SourceError, ValueError) as error:
            raise SourceError(f"row {number} of {option}: {error}") from None
    return found
