"""What a request may load: in a CGI process every module is paid for again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import ais
from conftest import ENTRY, variables
from support.interpreters import PYTHON
from support.needs import missing
from support.site import ROOT, salted

ALLOWED = {
    "ais",
    "ais.app",
    "ais.cgi",
    "ais.commands",
    "ais.config",
    "ais.config.callers",
    "ais.config.settings",
    "ais.deadline",
    "ais.directory",
    "ais.directory.listing",
    "ais.errors",
    "ais.http",
    "ais.identity",
    "ais.logbook",
    "ais.options",
    "ais.packages",
    "ais.passwords",
    "ais.passwords.basics",
    "ais.passwords.identify",
    "ais.passwords.schemes",
    "ais.sources",
    "ais.sources.rows",
    "ais.sources.sql",
    "ais.sources.sql.drivers",
    "ais.sources.sql.drivers.sqlite",
    "ais.sources.sql.query",
    "ais.text",
    "ais.user",
    # the standard library's
    "__future__",
    "_contextvars",
    "_functools",
    "_json",
    "_operator",
    "_sqlite3",
    "binascii",
}
"""Modules that a `list` over SQLite may load beyond those that every start of the interpreter loads."""

HASHES = ("_sha", "_md5", "_blake2")
"""Beginnings of further ones: the interpreter's own hashes."""

FORBIDDEN = {
    "os",
    "_collections_abc",
    "functools",
    "collections",
    "re",
    "json",
    "urllib.parse",
    "logging",
    "dataclasses",
    "configparser",
    "python_multipart",
    "wsgiref",
    "site",
    "enum",
    "typing",
    "hashlib",
    "ssl",
    "socket",
    "pathlib",
    "csv",
    "datetime",
}


def loaded(folder: Path, body: bytes) -> set[str]:
    """The modules that a request loads beyond those of a bare interpreter."""
    environment = variables(body, AIS_CONFIG=str(folder / "config.py"))
    bare = subprocess.run(
        [PYTHON, "-S", "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    traced = subprocess.run(
        [PYTHON, "-S", "-X", "importtime", ENTRY], env=environment, input=body, capture_output=True, check=True
    )
    assert b"Status: 200" in traced.stdout, traced
    names = {line.rpartition("|")[2].strip() for line in traced.stderr.decode().splitlines() if "|" in line}
    return names - set(bare) - {"imported package"}


@pytest.mark.parametrize("body", [b"cmd=list", b"cmd=auth&user=john.doe&pass=Passw0rd", b"cmd=auth&user=x&pass=y"])
def test_request_loads_only_what_it_needs(folder: Path, body: bytes) -> None:
    """A request over SQLite loads exactly known modules, neither re nor anything that imports it."""
    os.utime(folder / "config.py", (1_000_000_000, 1_000_000_000))  # old enough for its bytecode to be kept
    loaded(folder, body)
    modules = loaded(folder, body)
    extra = {name for name in modules - ALLOWED if not name.startswith(HASHES)}
    builtin = {name for name in extra if name.startswith("_") or name in ("io", "abc")}
    assert not modules & FORBIDDEN
    assert extra - builtin <= {"time", "errno", "gc"}
    assert ("_json" in modules) == (body == b"cmd=list")


@pytest.mark.parametrize(("body", "files"), [(b"cmd=list", 28), (b"cmd=auth&user=john.doe&pass=Passw0rd", 26)])
def test_a_request_looks_for_no_file_in_vain(folder: Path, body: bytes, files: int) -> None:
    """A request opens so many files of the library, bytecode only, and lists the two folders on top alone."""
    os.utime(folder / "config.py", (1_000_000_000, 1_000_000_000))  # old enough for its bytecode to be kept
    tool = shutil.which("strace") or missing("the program strace", "strace")
    environment, trace = variables(body, AIS_CONFIG=str(folder / "config.py")), folder / "trace"
    for _ in range(2):
        command = [tool, "-f", "-o", str(trace), "-e", "trace=openat", PYTHON, "-S", str(ENTRY)]
        subprocess.run(command, env=environment, input=body, capture_output=True, check=True)
    opened = [line for line in trace.read_text().splitlines() if f'"{ROOT}/lib' in line]
    listed = [line for line in opened if "O_DIRECTORY" in line]
    bytecode = [line for line in opened if ".pyc" in line and "ENOENT" not in line]
    assert len(listed) == 2
    assert len(bytecode) == files
    assert len(opened) == len(listed) + len(bytecode)


def test_csv_request_loads_no_re(folder: Path, write_config: Callable[..., None]) -> None:
    """A request over a text file does not load re either, nor the packages around the C readers."""
    (folder / "users.csv").write_text(f"userName,password\njohn.doe,{salted('SSHA512', 'Passw0rd')}\n")
    write_config(
        whole="from ais import caller, csv\nsources = [csv('users.csv')]\n"
        f"callers = [caller('mailstore@example.test', {salted('SSHA256', 'Passw0rd')!r})]\n"
    )
    for body in (b"cmd=list", b"cmd=auth&user=john.doe&pass=Passw0rd"):
        assert not loaded(folder, body) & FORBIDDEN


@pytest.mark.parametrize("body", [b"cmd=list", b"cmd=auth&user=john.doe&pass=wrong"])
def test_state_loads_no_openssl(folder: Path, write_config: Callable[..., None], body: bytes) -> None:
    """Guard and throttle, which most set-ups have, bring in neither OpenSSL nor collections."""
    write_config(
        "from ais import guard, throttle\nstate = 'state.sqlite'\nguard(max_shrink=0.3)\nthrottle(failures=10)\n"
    )
    assert not loaded(folder, body) & FORBIDDEN
    assert (folder / "state.sqlite").exists()


def test_public_names_load() -> None:
    """Every public name can be imported and is what its module calls so."""
    for name, module in ais.PUBLIC.items():
        value = getattr(ais, name)
        assert callable(value), name
        assert value.__module__ == f"ais.{module}", name


def test_unknown_name_is_an_error() -> None:
    """Another name is an AttributeError, as for any module."""
    with pytest.raises(AttributeError):
        _ = ais.sqll
