"""What messages call the command line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ais import errors
from support.site import ROOT

WITH_PLAIN_TEXT = {
    f"cli/{name}.py"
    for name in ("probe/problems", "probe/replies", "bundle/__init__", "bundle/texts", "bundle/archive")
}
"""Texts of the probe, which are for any computer until they are shown, and of a bundle, which has bin/ais."""


def copy_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the program be a copy in this folder; return its bin/ais."""
    own = folder / "copy/bin/ais"
    own.parent.mkdir(parents=True)
    own.touch()
    (folder / "usr/bin").mkdir(parents=True)
    monkeypatch.setattr(errors, "LIBRARY", str(folder / "copy/lib"))
    monkeypatch.setattr(errors, "COMMAND_FOLDERS", (str(folder / "missing"), str(folder / "usr/bin")))
    return own


def test_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of the program it is bin/ais, also where another ais is in the path."""
    copy_at(tmp_path, monkeypatch)
    assert errors.command() == "bin/ais"
    (tmp_path / "usr/bin/ais").touch()
    assert errors.command() == "bin/ais"


def test_the_debian_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a link in the path leads to this copy, as that of the Debian package does, it is ais; in errors too."""
    own = copy_at(tmp_path, monkeypatch)
    (tmp_path / "usr/bin/ais").symlink_to(own)
    assert errors.command() == "ais"
    assert "; ais check and the web server's error log say" in errors.ConfigError("broken").public


def test_packages_of_the_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a missing package is one of Debian's; elsewhere pip brings it, by a command that every shell takes."""
    monkeypatch.setattr(errors, "LIBRARY", "/usr/share/mailstore-ais/lib")
    named = {"psycopg[binary]": "psycopg", "PyMySQL": "pymysql", "argon2-cffi": "argon2", "libpass": "passlib"}
    for package, name in {**named, "ldap3": "ldap3", "python-multipart": "python-multipart"}.items():
        assert errors.remedy(package) == f"apt-get install python3-{name}"
    monkeypatch.setattr(errors, "LIBRARY", "/opt/mailstore-ais/lib")
    assert "pip install 'psycopg[binary]' --target" in errors.remedy("psycopg[binary]")


def test_installed_by_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of pip has no bin/ais beside it: it is ais."""
    copy_at(tmp_path, monkeypatch).unlink()
    assert errors.command() == "ais"


def test_every_message_asks_for_the_name() -> None:
    """No text but a docstring names bin/ais by itself."""
    for path in (ROOT / "lib/ais").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # What stands as a statement is a docstring.
        plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in plain]
        if any("bin/ais" in str(text.value) for text in texts):
            assert str(path.relative_to(ROOT / "lib/ais")) in {"errors.py", "cli/options.py", *WITH_PLAIN_TEXT}, path
