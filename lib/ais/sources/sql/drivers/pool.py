"""Database connections kept between the requests of one process.

Only long-running processes have them. A connection is used by one thread at a time, and the next that asks the same
source gets it. A connection that broke meanwhile, because the server was restarted, closed it, or is gone, is replaced.
"""

from __future__ import annotations

import atexit
import os
from threading import Lock
from time import monotonic
from weakref import ref

from . import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import Driver

KEPT = 32  # connections that a process keeps unused at most; the one unused longest goes first
UNUSED_SECONDS = 300.0  # after this time an unused connection is closed, by the next request
AGE_SECONDS = 600.0  # after this time a connection is not used again, so that the first host of a list is tried again


class Kept:
    """A connection and what must be known to use it again."""

    reused = False

    def __init__(self, driver: Driver) -> None:
        # Gives None once the configuration is gone that named the source.
        self.driver = ref(driver)
        # Before it is opened: what changes in between then counts as changed.
        self.mark = driver.mark()
        self.connection: Any = driver.connect()
        self.opened = self.used = monotonic()

    def is_wanted(self, now: float) -> bool:
        """Whether a request may still ask for it."""
        return now - self.used <= UNUSED_SECONDS and self.driver() is not None

    def works(self, driver: Driver) -> bool:
        """Whether it may be used again; makes it ready for the request that runs."""
        now = monotonic()
        if now - self.opened > AGE_SECONDS or now - self.used > UNUSED_SECONDS or self.mark != driver.mark():
            return False
        return driver.works(self.connection, now - self.used)


class Keeper:
    """Gives connections out, and takes them back."""

    def __init__(self) -> None:
        self._inherited: list[object] = []
        self._begin()
        atexit.register(self.drop)
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        # A process that was forked must not use, and not even close, the connections of its parent.
        self._inherited.append(vars(self).copy())
        self._lock = Lock()
        self._unused: list[Kept] = []
        self._in_use: dict[int, Kept] = {}

    def take(self, driver: Driver) -> Any:
        """Return a connection that works: a kept one, or a new one."""
        while kept := self._unused_of(driver):
            try:
                if kept.works(driver):
                    break
            except Exception:
                self.drop(driver)  # the server is gone without a word: the others would only cost time, too
            close(kept.connection)
        else:
            kept = Kept(driver)
        self._in_use[id(kept.connection)] = kept
        return kept.connection

    def _unused_of(self, driver: Driver) -> Kept | None:
        with self._lock:
            for at in range(len(self._unused) - 1, -1, -1):
                if self._unused[at].driver() is driver:
                    return self._unused.pop(at)
        return None

    def give_back(self, connection: Any, clean: bool) -> bool:
        """Take a connection back, clean if all of the answer was read. Say whether it is kept; close it if not."""
        kept = self._in_use.pop(id(connection), None)
        driver = kept.driver() if kept else None
        if kept is None or driver is None or not driver.is_kept:
            return False
        if not clean:
            if kept.reused:
                self.drop(driver)
            return False
        try:
            connection.rollback()  # so that the next request sees the database as it is then
        except Exception:
            return False  # all rows have been read: the answer stands
        kept.used, kept.reused = monotonic(), True
        with self._lock:
            if not self._unused:
                self._unused.append(kept)
                return True
            waiting = [*self._unused, kept]  # the one unused longest comes first
            self._unused = [each for each in waiting[-KEPT:] if each.is_wanted(kept.used)]
            gone = [each for each in waiting if each not in self._unused]
        for each in gone:
            close(each.connection)
        return True

    def drop(self, driver: Driver | None = None) -> None:
        """Close the unused connections of a source, or all, and those in use when they come back."""
        with self._lock:
            if driver is None:
                self._in_use.clear()  # what is not in here is not kept
            gone = [kept for kept in self._unused if driver in (None, kept.driver())]
            self._unused = [kept for kept in self._unused if kept not in gone]
        for kept in gone:
            close(kept.connection)
