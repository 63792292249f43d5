"""One bundle, made by the command, for all tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.bundle.hosting import configure, unzip
from support.site import ROOT, temporary_folder

AIS = (sys.executable, str(ROOT / "bin" / "ais"))


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with every extra."""
    output = tmp_path_factory.mktemp("bundle") / "ais.zip"
    command = [*AIS, "bundle", "--with", "ldap,mysql", "--with", "passwords, redis", "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    return output


@pytest.fixture
def documents() -> Iterator[Path]:
    """An empty document root."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def bundle(archive: Path, documents: Path) -> Path:
    """The bundle, unpacked under the document root and configured."""
    return configure(unzip(archive, documents))
