"""Database connections kept between the requests of one process.

The WSGI edge switches it on; a process of one request has nothing to keep. A connection is used by one thread at a
time, and the next that asks the same source gets it. It is looked at before it is used again: one that broke meanwhile,
because the server was restarted, closed it, or is gone, is replaced by a new one.
"""

from __future__ import annotations

import atexit
import os
import select
from contextvars import copy_context
from threading import Lock
from time import monotonic

from .... import deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import Driver

KEPT = 32
"""Connections that a process keeps unused at most; the one unused longest goes first."""

UNUSED = 300.0
"""Seconds after which an unused connection is closed, by the next request."""

AGE = 600.0
"""Seconds after which a connection is not used again, so that the first host of a list is come back to."""

QUIET = 1.0
"""Seconds without use after which the server is asked whether the connection still works."""

PATIENCE = 2.0
"""Seconds that the server gets to say so; a firewall that has forgotten the connection says nothing."""


class Kept:
    """A connection and what must be known to use it again."""

    __slots__ = ("connection", "driver", "file", "generation", "opened", "reused", "used")

    def __init__(self, driver: Driver, generation: int) -> None:
        self.driver = driver
        self.generation = generation
        if driver.name == "sqlite":
            # One thread at a time is enough for SQLite; the next request may run in another one.
            driver.arguments["options"].setdefault("check_same_thread", False)
        # Before it is opened: a file that is replaced in between is then taken for changed, never for the same.
        self.file = _file(driver)
        self.connection: Any = driver.connect()
        self.opened = self.used = monotonic()
        self.reused = False

    def works(self) -> bool:
        """Whether it may be used again; makes it ready for the request that runs."""
        now = monotonic()
        if now - self.opened > AGE or now - self.used > UNUSED:
            return False
        if self.driver.name == "sqlite":
            if self.file is None or self.file != _file(self.driver):
                return False
            # In tenths of a second, so that few different statements fill SQLite's cache of them.
            self.connection.execute(f"PRAGMA busy_timeout = {int(deadline.remaining() * 10) * 100}")
            return True
        handle = self.connection if self.driver.name == "postgresql" else self.connection._sock
        poll = select.poll()
        poll.register(handle.fileno(), select.POLLIN)
        if poll.poll(0):
            return False  # nothing was asked: what has come is the end
        if now - self.used > QUIET:
            copy_context().run(self._ask)
        return True

    def _ask(self) -> None:
        deadline.start(min(PATIENCE, deadline.remaining() / 2))
        if self.driver.name == "mysql":
            self.connection.ping(reconnect=False)
        else:
            self.connection.execute("SELECT 1")
            self.connection.rollback()

    def rest(self) -> None:
        """End the transaction, so that the next request sees the database as it is then."""
        if self.driver.name != "sqlite" or self.connection.in_transaction:
            self.connection.rollback()
        self.used = monotonic()
        self.reused = True

    def close(self) -> None:
        """Close the connection."""
        try:
            self.connection.close()
        except Exception:  # noqa: S110
            pass  # it was to go anyway


class Keeper:
    """Gives connections out, and takes them back. See `ais.sources.connection.keeper`."""

    def __init__(self) -> None:
        self._generation = 0
        self._inherited: list[object] = []
        self._begin()
        atexit.register(self.drop)
        os.register_at_fork(after_in_child=self._begin_in_child)

    def _begin(self) -> None:
        self._lock = Lock()
        self._unused: list[Kept] = []
        self._in_use: dict[int, Kept] = {}

    def _begin_in_child(self) -> None:
        # A process that was forked must not use, and not even close, the connections of its parent.
        self._inherited += (self._unused, self._in_use)
        self._begin()

    def take(self, driver: Driver) -> Any:
        """Return a connection that works: a kept one, or a new one.

        Raises:
            Exception: as `Driver.connect`.
        """
        while kept := self._unused_of(driver):
            try:
                works = kept.works()
            except Exception:
                # The server is gone without a word: the others would only cost time, too.
                works = False
                self.drop(driver)
            if works:
                return self._given(kept)
            kept.close()
        return self._given(Kept(driver, self._generation))

    def give_back(self, connection: Any, clean: bool) -> bool:
        """Take a connection back, and say whether it is kept; close it if not.

        Args:
            connection: what `take` returned.
            clean: whether the question was answered, and all of the answer read.
        """
        kept = self._in_use.pop(id(connection), None)
        if kept is None:
            return False
        if not clean:
            if kept.reused:
                self.drop(kept.driver)
            return False
        if kept.driver.name not in ("sqlite", "postgresql", "mysql") or kept.generation != self._generation:
            return False
        try:
            kept.rest()
        except Exception:
            return False  # all rows have been read: the answer stands
        with self._lock:
            self._unused.append(kept)
            excess = self._unused[:-KEPT]
            del self._unused[:-KEPT]
        _close(excess)
        return True

    def drop(self, driver: Driver | None = None) -> None:
        """Close the unused connections of a source, or all, and those in use when they come back."""
        with self._lock:
            if driver is None:
                self._generation += 1
            gone = [kept for kept in self._unused if driver is None or kept.driver is driver]
            self._unused = [kept for kept in self._unused if kept not in gone]
        _close(gone)

    def _unused_of(self, driver: Driver) -> Kept | None:
        with self._lock:
            for place in range(len(self._unused) - 1, -1, -1):
                if self._unused[place].driver is driver:
                    return self._unused.pop(place)
        return None

    def _given(self, kept: Kept) -> Any:
        self._in_use[id(kept.connection)] = kept
        return kept.connection


def _close(gone: list[Kept]) -> None:
    for kept in gone:
        kept.close()


def _file(driver: Driver) -> tuple[int, int, int] | None:
    """Return what tells an SQLite file from another one of its name, and from itself before somebody wrote into it.

    SQLite's own cache believes a change counter that a file which was copied over this one may share.
    """
    try:
        found = os.stat(driver._path)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns
