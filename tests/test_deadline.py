"""The deadline of a request, and what another thread may know of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier

import pytest

from ais import deadline
from ais.errors import SourceUnavailable


def test_each_thread_names_its_own_source() -> None:
    """Requests that run at a time do not see each other's sources, and somebody who watches one sees what it asks."""
    together = Barrier(2)

    def request(name: str) -> str:
        watched = deadline.watch()
        together.wait()
        deadline.note_source(name)
        copy_context().run(deadline.note_source, f"{name}, again")
        together.wait()
        return watched[0]

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(request, ("one", "two"))) == ["one, again", "two, again"]


def test_nobody_need_watch() -> None:
    """Without anybody who watches, a name is noted nowhere."""
    copy_context().run(deadline.note_source, "one")


def test_what_is_over_is_an_error() -> None:
    """A socket gets its own kind of error, everything else SourceUnavailable; the nearer end counts."""

    def ask() -> None:
        deadline.start(60)
        assert 59 < deadline.seconds_until() <= 60
        assert deadline.seconds_until(time.monotonic() + 5) <= 5
        with pytest.raises(TimeoutError):
            deadline.seconds_until(time.monotonic() - 1)
        deadline.start(0)
        with pytest.raises(SourceUnavailable):
            deadline.remaining()
        with pytest.raises(TimeoutError):
            deadline.seconds_until(time.monotonic() + 5)

    copy_context().run(ask)
