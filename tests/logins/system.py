"""What tests of logins ask of the system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def need_root(what: str) -> None:
    """Skip the running test where we are not root, or fail it where everything must be tested."""
    if os.geteuid() != 0:
        reason = f"only root can {what}"
        if os.environ.get("AIS_TEST_ALL") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def is_running(number: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
