"""The table of users: as wide as the terminal, and made in little memory."""

from __future__ import annotations

import sys

from .terminal import MARK, cut, padded, printable, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..user import User

HEAD = ("userName", "fullName", "emailAddresses")
GAP = 2
LEAST = 8
"""Columns that every cell gets."""

SAMPLED = 1000
"""Users whose cells decide how wide the columns are; those after them are cut, or stand out, if theirs are wider."""


def lines(users: Iterable[User]) -> Iterator[str]:
    """Give the lines of the table.

    On a terminal they are cut to its width (COLUMNS of the environment counts); elsewhere nothing is cut.
    """
    from itertools import chain, islice

    terminal = sys.stdout.isatty()
    encoding = sys.stdout.encoding if terminal else "utf-8"

    def shown(text: str) -> str:
        text = printable(text)
        return text if text.isascii() else text.encode(encoding, "replace").decode(encoding)

    rest = ((shown(user.user_name), shown(user.full_name), shown(" ".join(user.email_addresses))) for user in users)
    first = [HEAD, *islice(rest, SAMPLED)]
    widths = [max(width(row[column]) for row in first) for column in range(len(HEAD))]
    if terminal:
        from shutil import get_terminal_size

        widths, mark = narrowed(widths, get_terminal_size().columns), shown(MARK)
    for row in chain(first, rest):
        cells: Sequence[str] = row
        if terminal:
            cells = [cut(cell, columns, mark) for cell, columns in zip(row, widths, strict=True)]
        # The last one is not padded.
        front = "".join(padded(cell, columns) + " " * GAP for cell, columns in zip(cells[:-1], widths, strict=False))
        yield f"{front}{cells[-1]}".rstrip() + "\n"


def narrowed(widths: list[int], columns: int) -> list[int]:
    """Return widths that fit: the widest column gives way first."""
    left = columns - GAP * (len(widths) - 1)
    widths = [min(each, left) for each in widths]
    while sum(widths) > left and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths
