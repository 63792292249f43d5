"""The tests' own rule that none of them waits without a limit."""

from __future__ import annotations

import signal
import subprocess
import threading

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
