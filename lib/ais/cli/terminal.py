"""Text for terminals, which obey control characters and have a width."""

from __future__ import annotations

import unicodedata

MARK = "…"


def printable(text: str) -> str:
    """Return a value as a terminal may get it: without control characters, and those that turn text around."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def width(text: str) -> int:
    """Return how many columns a printable text takes (Unicode Standard Annex 11: wide letters take two)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):  # drawn over the letter before
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int, mark: str = MARK) -> str:
    """Return a printable text that takes no more than `columns`; `mark` stands for what was cut off."""
    if len(text) <= columns and text.isascii():
        return text
    # Any number of marks may be drawn over one letter.
    text, whole = text[: 4 * columns], len(text)
    if len(text) == whole and width(text) <= columns:
        return text
    left, kept = columns - width(mark), []
    for character in text:
        left -= _columns(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept) + mark


def padded(text: str, columns: int) -> str:
    """Return a printable text that takes at least `columns`."""
    return text.ljust(columns) if text.isascii() else text + " " * (columns - width(text))
