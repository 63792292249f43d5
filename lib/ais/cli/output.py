"""Output for people: text that cannot command a terminal, the table of users, and a line while something takes long."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import shutil
import sys
import textwrap
import time
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

from .. import deadline
from ..checking.report import Finding, count
from ..user import User

T = TypeVar("T")

HEAD = ("userName", "fullName", "emailAddresses")

SAMPLED = 1000
"""Users whose cells decide how wide the columns are; those after them are cut, or stand out, if theirs are wider."""

PAUSE_SECONDS = 0.3
"""Between two drawings of the progress, and before the first."""


def printable(text: str) -> str:
    """Return a value as a terminal may get it: without control characters and marks that reverse the text."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def flatten(text: str) -> str:
    """Return a sentence as `printable`, on one line."""
    return printable(text.replace("\n", " "))


def encodable(text: str) -> str:
    """Return a sentence as `flatten` does, without letters that the terminal's encoding lacks."""
    encoding = sys.stderr.encoding or "ascii"
    return flatten(text).encode(encoding, "ais").decode(encoding)


_IN_ASCII = {"…": "...", "→": "->", "“": '"', "”": '"', "·": "-"}


def write_every_letter() -> None:
    """Let both outputs take letters that their encoding lacks: our own signs in ASCII, others as escapes."""
    codecs.register_error("ais", _escape)
    for stream in sys.stdout, sys.stderr:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="ais")


def _escape(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  # for the type checker: nothing is decoded
    letters = error.object[error.start : error.end]
    escaped = (_IN_ASCII.get(each) or each.encode("ascii", "backslashreplace").decode("ascii") for each in letters)
    return "".join(escaped), error.end


def print_line(text: str) -> None:
    """Print lines, without what a terminal should not get."""
    sys.stdout.write("\n".join(printable(line) for line in text.split("\n")) + "\n")


COLOURS = {"red": "31", "green": "32", "yellow": "33"}


def add_color(parser: argparse.ArgumentParser) -> None:
    """Add the option --color."""
    about = "colour the output: on a terminal unless NO_COLOR is set (auto), always or never"
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=about)


def is_coloured(wanted: str) -> bool:
    """Say whether to colour standard output; `wanted` is the value of --color. (https://no-color.org)"""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return wanted == "always" or (wanted == "auto" and sys.stdout.isatty() and not plain)


def paint(text: str, colour: str, wanted: bool) -> str:
    """Return a text in a colour, if it is wanted."""
    return f"\033[{COLOURS[colour]}m{text}\033[0m" if wanted else text


def print_finding(finding: Finding, coloured: bool = False) -> None:
    """Print what was found, and what to do; on a terminal in lines of 80 columns at most."""
    word, colour = ("PROBLEM", "red") if finding.problem else ("note   ", "yellow")
    lines: list[str] = []
    for begin, text in ((word, finding.text), ("        →", finding.remedy)):
        whole = printable(f"{begin} {text}")
        lines += wrapper(80, len("        → ") if lines else 8).wrap(whole) if sys.stdout.isatty() else [whole]
    sys.stdout.write("\n".join(lines).replace(word, paint(word, colour, coloured), 1) + "\n")


def width(text: str) -> int:
    """Return how many columns a printable text takes (Unicode Standard Annex 11: wide letters take two)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):  # drawn over the letter before
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int, mark: str = "…") -> str:
    """Return a printable text that takes no more than `columns`; `mark` shows that something was cut off."""
    if len(text) <= 4 * columns and width(text) <= columns:  # any number of marks may be drawn over one letter
        return text
    left, kept = columns - width(mark), ""
    for character in text[: 4 * columns]:
        left -= _columns(character)
        if left < 0:
            break
        kept += character
    return kept + mark


def table_lines(users: Iterable[User]) -> Iterator[str]:
    """Give the lines of the table.

    On a terminal they are cut to its width (COLUMNS of the environment counts); elsewhere nothing is cut.
    """
    from itertools import chain, islice

    terminal = sys.stdout.isatty()
    encoding = sys.stdout.encoding if terminal else "utf-8"

    def show(text: str) -> str:
        return printable(text).encode(encoding, "replace").decode(encoding)

    rest = ((show(user.user_name), show(user.full_name), show(" ".join(user.email_addresses))) for user in users)
    first = [HEAD, *islice(rest, SAMPLED)]
    widths = [max(width(row[column]) for row in first) for column in range(3)]
    left = shutil.get_terminal_size().columns - 4
    while terminal and sum(widths) > left and max(widths) > 8:  # the widest column gives way first
        widths[widths.index(max(widths))] = min(max(widths) - 1, left)
    for name, full, addresses in chain(first, rest):
        cells = (name, full, addresses)
        if terminal:
            cells = tuple(cut(cell, columns, show("…")) for cell, columns in zip(cells, widths, strict=True))  # type: ignore[assignment]
        front = [cell + " " * (columns - width(cell)) + "  " for cell, columns in zip(cells, widths[:2], strict=False)]
        yield f"{''.join(front)}{cells[2]}".rstrip() + "\n"


def wrapper(most: int, indent: int) -> textwrap.TextWrapper:
    """Return what breaks a sentence into lines as wide as the terminal, `most` at most; the second is indented."""
    width = max(40, min(shutil.get_terminal_size().columns, most))
    return textwrap.TextWrapper(width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def print_text(text: str) -> None:
    """Print a text in lines of 100 columns at most, unless it is empty."""
    if text:
        sys.stdout.write(wrapper(100, 2).fill(printable(text)) + "\n")


class Progress:
    """While a block runs, tell on standard error what is waited for, how many users have come, and for how long.

    Nothing is written unless standard error is a terminal, and nothing is left there in the end.

    Args:
        what: what is waited for; the source that was asked last unless given.

    Attributes:
        count: how many users have come.
        shown: whether there is a terminal.
    """

    def __init__(self, what: str = "") -> None:
        self.count = 0
        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self._what = what

    def __enter__(self) -> Self:
        if self.shown:
            import threading

            self._asked = deadline.watch()
            # A thread, so that the line lives while a source is silent.
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._draw, daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # this user may have no more threads
                self.shown = False
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self._over.set()
            self._thread.join()

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        """Give items, and count them from the beginning."""
        self.count = 0
        for item in items:
            self.count += 1
            yield item

    def _draw(self) -> None:
        began, drawn = time.monotonic(), 0
        try:
            while not self._over.wait(PAUSE_SECONDS):
                users = f", {count(self.count, 'user')}" if self.count else ""
                what = printable(self._what or self._asked[0]) or "waiting"
                # Standard output, which shutil asks, may be elsewhere.
                columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(sys.stderr.fileno()).columns or 80
                text = cut(f"{what}{users}, {time.monotonic() - began:.0f} s", columns - 1)
                sys.stderr.write("\r" + text + " " * (drawn - width(text)))
                sys.stderr.flush()
                drawn = width(text)
            if drawn:
                sys.stderr.write("\r" + " " * drawn + "\r")
                sys.stderr.flush()
        except (OSError, ValueError):
            pass  # the terminal is gone, or COLUMNS is no number


class Counted:
    """A source whose users are counted by a `Progress` as they come."""

    def __init__(self, source: Any, progress: Progress) -> None:
        self.description = getattr(source, "description", type(source).__name__)
        self._source = source
        self._progress = progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def users(self) -> Iterator[User]:
        """Give users one by one."""
        return self._progress.counted(self._source.users())
