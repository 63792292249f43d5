"""Fixtures for the servers whose processes live on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from persistentservers import make_persistent_site  # noqa: E402
from servers.site import temporary_folder  # noqa: E402


@pytest.fixture
def site() -> Iterator[Path]:
    """A site that every server of this folder can run."""
    with temporary_folder() as folder:
        yield make_persistent_site(folder / "ais")
