"""A line at the terminal while something takes long."""

from __future__ import annotations

import os
import sys
import time

from .. import deadline
from .terminal import cut, printable, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Self, TypeVar

    from ..user import User

    T = TypeVar("T")

PAUSE = 0.3
"""Seconds between two drawings, and before the first."""


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
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self._over.set()
            self._thread.join()

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        """Give items, and count them."""
        for item in items:
            self.count += 1
            yield item

    def _draw(self) -> None:
        began, drawn = time.monotonic(), 0
        try:
            while not self._over.wait(PAUSE):
                text = cut(self._text(time.monotonic() - began), _columns() - 1)
                sys.stderr.write("\r" + text + " " * (drawn - width(text)))
                sys.stderr.flush()
                drawn = width(text)
            if drawn:
                sys.stderr.write("\r" + " " * drawn + "\r")
                sys.stderr.flush()
        except OSError:
            pass  # the terminal is gone

    def _text(self, seconds: float) -> str:
        parts = [printable(self._what or self._asked[0]) or "waiting"]
        if self.count:
            parts.append(f"{self.count:,} users")
        return ", ".join([*parts, f"{seconds:.0f} s"])


def _columns() -> int:
    """Return the width of the terminal of standard error; standard output, which shutil asks, may be elsewhere."""
    try:
        given = int(os.environ.get("COLUMNS", "0"))
        return given if given > 0 else os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (ValueError, OSError):
        return 80


class Counted:
    """A source whose users are counted as they come.

    Args:
        source: the source.
        progress: what counts them.
    """

    def __init__(self, source: Any, progress: Progress) -> None:
        self.description = getattr(source, "description", type(source).__name__)
        self._source = source
        self._progress = progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def stream(self) -> Iterator[User]:
        """Give users one by one."""
        self._progress.count = 0
        return self._progress.counted(getattr(self._source, "stream", self._source.users)())

    def users(self) -> Iterable[User]:
        """Give every user once; a stream may give a user again, with further addresses."""
        found: dict[str, User] = {}
        others = []
        for user in self.stream():
            if not hasattr(self._source, "stream"):
                others.append(user)
            elif (known := found.setdefault(user.user_name, user)) is not user:
                known.merge(user)
        return others or found.values()
