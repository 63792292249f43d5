"""A release of the files as they are here, committed or not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.needs import missing, need_program
from support.site import ROOT, temporary_folder

LEFT = (".git", ".venv*", "var", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "vendor", "dist", "build")


class Release:
    """A repository of its own, and what is built from it."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        shutil.copytree(ROOT, self.tree, ignore=shutil.ignore_patterns(*LEFT))
        (self.tree / "conf" / "config.py").write_text("callers = []  # the administrator's\n")
        for words in ("init -q", "add -A", "-c user.name=x -c user.email=x@example.test commit -q -m x"):
            subprocess.run(["git", *words.split()], cwd=self.tree, check=True, timeout=60)

    def build(self, output: Path, umask: int = 0o022, zone: str = "UTC") -> Path:
        """Build it, as somebody with other habits may."""
        need_program("dpkg-deb", "dpkg")
        environment = {**os.environ, "TZ": zone, "HOME": str(output), "AIS_VENV": sys.prefix}
        command = [str(self.tree / "scripts" / "release"), str(output)]
        output.mkdir()
        done = subprocess.run(
            command, env=environment, umask=umask, capture_output=True, text=True, check=False, timeout=280
        )
        if "No matching distribution" in done.stderr:
            missing("a package index with setuptools and python-multipart", "python-multipart")
        assert done.returncode == 0, done.stderr
        return output


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    """The repository."""
    need_program("git", "git")
    with temporary_folder() as folder:
        yield Release(folder)


@pytest.fixture(scope="module")
def built(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all that is built."""
    return release.build(tmp_path_factory.mktemp("release") / "built")


@pytest.fixture(scope="module")
def package(built: Path) -> Path:
    """The Debian package."""
    (path,) = built.glob("*.deb")
    return path
