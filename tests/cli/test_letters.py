"""Terminals of every encoding get words, in their own letters where they have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.site import ROOT


def ais(encoding: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run bin/ais for a terminal of this encoding."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, str(ROOT / "bin" / "ais"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, encoding=encoding, check=False)


@pytest.mark.parametrize(
    ("encoding", "arrow", "dots", "name"),
    [("utf-8", "→", "…", "Jürgen"), ("latin-1", "->", "...", "Jürgen"), ("ascii", "->", "...", "J\\xfcrgen")],
)
def test_letters(tmp_path: Path, encoding: str, arrow: str, dots: str, name: str) -> None:
    """Our own signs are replaced where the terminal has not got them, never shown as escapes; names stay readable."""
    (tmp_path / "users.csv").write_text("userName,emailAddresses,password\nJürgen,,x\n", encoding="utf-8")
    config = tmp_path / "config.py"
    config.write_text("from ais import csv\ncallers = []\nsources = [csv('users.csv')]\n", encoding="utf-8")
    done = ais(encoding, "check", "--config", str(config))
    assert f"        {arrow} add a caller({dots}); bin/ais hash-password" in done.stdout
    assert f"such as {name}" in done.stdout
    assert "u2026" not in done.stdout + done.stderr
    config.write_text("callers = 7\nsources = []\n", encoding="utf-8")
    done = ais(encoding, "check", "--config", str(config))
    assert done.returncode == 2
    assert f"caller({dots})" in done.stderr
    assert done.stderr.count("\n") == 1
