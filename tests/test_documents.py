"""The documents say what is true: their commands run, their links lead somewhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais.configuration import load
from needs import need_program
from servers.site import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DEMO = [sys.executable, str(ROOT / "scripts" / "demo")]


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[str, str]]:
    """A running scripts/demo: its port and the caller's password."""
    with subprocess.Popen([*DEMO, "--server", "own"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            text = ""
            for line in process.stdout:
                text += line
                if line.startswith("Ctrl-C"):
                    break
            port = re.search(r"^URL +http://127\.0\.0\.1:(\d+)/", text, re.MULTILINE)
            password = re.search(r"^password +(\S+)$", text, re.MULTILINE)
            assert port, text
            assert password, text
            yield port[1], password[1]
        finally:
            process.send_signal(signal.SIGTERM)


def test_readme_requests_and_answers(demo: tuple[str, str]) -> None:
    """README's requests, pasted into a shell, get README's answers from scripts/demo."""
    need_program("curl", "curl")
    port, password = demo
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```console\n(.*?)```", readme, re.DOTALL)
    assert block
    pairs = re.findall(r"^\$ (.*)\n(.*)$", block[1], re.MULTILINE)
    assert len(pairs) == 2
    for command, wanted in pairs:
        done = subprocess.run(
            ["/bin/sh", "-c", f"SECRET={password}; {command.replace(':8080', f':{port}')} -s"],
            capture_output=True,
            text=True,
            check=True,
        )
        beginning, dots, _ = wanted.partition("…")
        assert done.stdout.startswith(beginning)
        assert dots or done.stdout == wanted


@pytest.mark.parametrize(("server", "package"), [("lighttpd", "lighttpd"), ("apache", "apache2-bin"), ("own", "")])
def test_demo_shows_both_answers(server: str, package: str, tmp_path: Path) -> None:
    """scripts/demo --once works with each server, from a copy of the checkout."""
    if package:
        need_program({"apache": "apache2"}.get(server, server), package)
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in COPIED:
        subprocess.run(["cp", "-a", ROOT / name, copy], check=True)
    (copy / ".venv").symlink_to(Path(sys.prefix))
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)  # Apache, started by root, works as another user
    done = subprocess.run(
        [sys.executable, copy / "scripts" / "demo", "--once", "--server", server],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + (copy / "var" / "demo" / "server.log").read_text()
    assert done.stdout.count(" 200 OK") == 3
    for body in ('[{"userName": "john.doe"', '{"succeeded": true}', '{"succeeded": false}'):
        assert body in done.stdout


COPIED = ("bin", "cgi-bin", "lib", "scripts", "lighttpd.conf.example", "apache.conf.example")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file of the repository."""
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_own_source_page(tmp_path: Path) -> None:
    """The configuration of docs/own-source.md is complete and does what the page says."""
    page = (ROOT / "docs" / "own-source.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block
    path = tmp_path / "config.py"
    path.write_text(block[1], encoding="utf-8")
    (source,) = load(str(path)).sources
    assert [user.to_json() for user in source.users()] == [
        '{"userName": "anna", "fullName": "Anna M\\u00fcller", "emailAddresses": ["anna@example.com"]}'
    ]
    assert source.authenticate("anna", "secret") is True
    assert source.authenticate("anna", "wrong") is False
    assert source.authenticate("bob", "secret") is None


def test_scripts_are_executable() -> None:
    """Git keeps the x bit of what is run by its name."""
    for name in ("bin/ais", "cgi-bin/mailstore-integration/index.py", "scripts/demo", "scripts/test", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name


def test_entry_has_unix_line_ends() -> None:
    """A carriage return in the first line is a bare 500 on every server."""
    assert b"\r" not in (ROOT / "cgi-bin" / "mailstore-integration" / "index.py").read_bytes()
