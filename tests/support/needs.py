"""What a test needs from outside of Python: found, or the test is skipped with the reason.

``AIS_TEST_ALL=1`` turns every such skip into a failure.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

# Servers live in sbin, which is not on the PATH of everybody.
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", "/usr/local/sbin"))


def missing(what: str, package: str) -> NoReturn:
    """Skip the running test, or fail it where everything must be tested.

    Args:
        what: the thing that is not there.
        package: what to install (the name of Debian's package, or of PyPI's).
    """
    reason = f"{what} is not there; it comes with the package {package}"
    if os.environ.get("AIS_TEST_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_program(name: str, package: str) -> str:
    """The path of a program.

    Args:
        name: the program, such as ``lighttpd``.
        package: Debian's package that brings it.
    """
    return shutil.which(name, path=SEARCH_PATH) or missing(f"the program {name}", package)


def need_file(path: Path, package: str) -> Path:
    """A path that exists.

    Args:
        path: a file or a folder.
        package: Debian's package that brings it.
    """
    return path if path.exists() else missing(str(path), package)
