"""Fixtures for the servers whose processes live on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from persistent.ways import make_persistent_site
from servers.site import temporary_folder


@pytest.fixture
def site() -> Iterator[Path]:
    """A site that every server of this folder can run."""
    with temporary_folder() as folder:
        yield make_persistent_site(folder / "ais")
