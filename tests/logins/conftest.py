"""What all tests of logins share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais import deadline
from support.openldap import certificates


@pytest.fixture(autouse=True)
def _no_deadline() -> Iterator[None]:
    """Each test begins with time enough."""
    yield
    deadline._ends.set(time.monotonic() + 3600)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, and a certificate for ``localhost``."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same by an authority that nobody trusts."""
    return certificates(tmp_path_factory.mktemp("stranger"))
