"""The tests' own rule for the interpreter of web servers and other accounts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import ENTRY
from support import interpreters


def test_other_accounts_can_start_it(tmp_path: Path) -> None:
    """A copy of the entry that was given the interpreter is run by its first line, by another account too."""
    entry = tmp_path / "index.py"
    entry.write_bytes(ENTRY.read_bytes())
    interpreters.start_by_ours(entry)
    python = entry.read_text().splitlines()[0].removeprefix("#!").removesuffix(" -S")
    account = interpreters.OTHER if os.geteuid() == 0 else None
    code = "import json, sqlite3, sys; print(sys.version_info >= (3, 11))"
    done = subprocess.run([python, "-S", "-c", code], cwd="/", user=account, capture_output=True, check=True)
    assert done.stdout == b"True\n"


def test_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter in a folder that is closed to others cannot be used by them."""
    if os.geteuid() != 0:
        pytest.skip("only root can start something as another account")
    closed = tmp_path / "python"
    closed.symlink_to(interpreters.PYTHON)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(interpreters, "PYTHON", str(closed))
    interpreters.for_others.cache_clear()
    try:
        assert interpreters.for_others() == interpreters.SYSTEM
    finally:
        interpreters.for_others.cache_clear()
