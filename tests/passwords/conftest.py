"""What the tests of stored passwords share."""

from __future__ import annotations

import os
import shutil

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def need_program() -> Callable[[str, str], str]:
    """A function that gives a program's path, or skips the test; with AIS_TEST_ALL=1 a missing one is a failure."""

    def find(name: str, package: str) -> str:
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if path:
            return path
        reason = f"{name} is missing: apt-get install {package}"
        if os.environ.get("AIS_TEST_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)

    return find
