"""The command `ais` that pip installs: what works in a checkout works there, or says why not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from ais import __version__
from support.needs import missing
from support.site import ROOT, write_database

LIST = "SELECT login AS userName, mail AS emailAddresses FROM users WHERE mail IS NOT NULL"
AUTH = "SELECT password FROM users WHERE login = :user"
SOURCE = ("--source", "sqlite", "--database", "users.sqlite", "--list-query", LIST, "--auth-query", AUTH)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed by pip from a copy of the checkout into a fresh environment."""
    folder = tmp_path_factory.mktemp("installed")
    copy = folder / "copy"
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "vendor")
    shutil.copytree(ROOT / "lib", copy / "lib", ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", str(copy)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if re.search(r"No matching distribution|Connection|Temporary failure", done.stderr):
        missing("a package index with setuptools and python-multipart", "python-multipart")
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin" / "ais"


@pytest.fixture
def ais(command: Path, tmp_path: Path) -> Run:
    """Run the command in an empty folder, but for a database."""
    write_database(tmp_path / "users.sqlite")

    def running(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [command, *arguments],
            cwd=tmp_path,
            env={"PATH": os.defpath, "PYTHONUTF8": "1", **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done

    return running


def test_begins(ais: Run) -> None:
    """Help, version and a new secret need no configuration, and no optional package."""
    assert ais("--version").stdout == f"ais {__version__}\n"
    assert "accept-list" in ais("--help").stdout
    assert "sha256$" in ais("hash-password").stdout
    assert ais("list", "--help").returncode == 0
    done = ais(_ARGCOMPLETE="1")  # a shell asks for completions, and the package for them is not there
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_from_init_to_answers(ais: Run, command: Path, tmp_path: Path) -> None:
    """init writes config.py here; what it says to do next works, and a server answers MailStore and shows its page."""
    done = ais("init", *SOURCE)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "config.py"
    assert f"ais check --config {path}" in done.stdout
    assert "\n  ais probe URL --user mailstore\n" in done.stdout
    secret = re.search(r"^  password +(\S+)$", done.stdout, re.MULTILINE)
    assert secret
    done = ais("check", "--config", "config.py")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "fine")
    assert len(json.loads(ais("list", "--json", AIS_CONFIG=str(path)).stdout)) == 3
    done = ais("auth", "john.doe", "--password-stdin", "--config", "config.py", stdin="Passw0rd\n")
    assert (done.returncode, done.stdout) == (0, "yes\n")
    serve = [str(command), "serve", "--port", "0", "--config", str(path)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            authorization = {"Authorization": "Basic " + b64encode(f"mailstore:{secret[1]}".encode()).decode()}
            with urlopen(Request(url, b"cmd=list", authorization), timeout=20) as answer:
                assert len(json.load(answer)) == 3
            with urlopen(Request(url, headers=authorization), timeout=20) as answer:
                assert b"<html" in answer.read()
            done = ais("probe", url, "--user", "mailstore", "--password-stdin", stdin=secret[1] + "\n")
            assert done.returncode == 0, done.stdout
        finally:
            server.terminate()


def test_no_configuration_is_taken_from_here(ais: Run, tmp_path: Path) -> None:
    """A config.py in the current folder, which may be anybody's, is not run unless it is named."""
    (tmp_path / "config.py").write_text("open('run', 'w').close()\n")
    for arguments in (["check"], ["list"], ["auth", "x", "--password-stdin"], ["accept-list"], ["serve"]):
        done = ais(*arguments, stdin="x\n")
        assert done.returncode == 2
        assert f"ais {arguments[0]} --config FILE" in done.stderr
    assert not (tmp_path / "run").exists()


def test_bundle_says_what_is_lacking(ais: Run) -> None:
    """The files to upload are not in the package; the message says where they are."""
    done = ais("bundle")
    assert done.returncode == 2
    assert "copy of the whole program" in done.stderr
