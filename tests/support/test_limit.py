"""The tests' own rule that none of them waits without a limit."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest

from conftest import LIMIT_SECONDS


def test_every_test_has_a_limit() -> None:
    """Time runs while a test does, and goes on to run while what it started is ended."""
    left, again = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left <= LIMIT_SECONDS
    assert again > 0


def test_what_hangs_fails() -> None:
    """At the end of its time a test fails wherever it waits, and the program that it waits for is ended."""
    signal.setitimer(signal.ITIMER_REAL, 0.1, 1)
    with pytest.raises(pytest.fail.Exception, match="hangs"):
        threading.Event().wait()
    with pytest.raises(pytest.fail.Exception, match="hangs"):
        subprocess.run(["sleep", "1000"], check=False)


@pytest.fixture
def limited_end() -> Iterator[None]:
    """What follows the test has the limit."""
    yield
    left, again = signal.getitimer(signal.ITIMER_REAL)
    assert left > LIMIT_SECONDS / 2
    assert again > 1


@pytest.mark.usefixtures("limited_end")
def test_what_a_test_does_with_the_timer_ends_with_it() -> None:
    """While servers are ended, no timer of the last test runs."""
    signal.setitimer(signal.ITIMER_REAL, 60, 1)
