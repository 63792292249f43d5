"""The ways that tests ask: in this process, and through the real entry as a process of its own."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import python_multipart

from ais import cgi, deadline
from ais.config import load
from ais.sources.sql import drivers
from support.interpreters import PYTHON, heading
from support.site import CALLER, CALLER_PASSWORD, ROOT, sample_config, temporary_folder, write_database

ENTRY = ROOT / "cgi-bin" / "mailstore-integration" / "index.py"
PACKAGES = str(Path(python_multipart.__file__).parents[1])  # the environment of the tests may be another than .venv


def pytest_configure() -> None:
    """Take interrupts as at a terminal: what a shell starts in the background ignores them, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup() -> None:
    """Begin each test as a process of one request begins, whatever the test before has left behind."""
    deadline.start(60)
    drivers.keeper.set(None)  # the WSGI edge keeps connections


def pytest_report_header() -> str:
    """Say by which Python the entry runs in web servers."""
    return heading()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    log: str


def credentials(user: str = CALLER, password: str = CALLER_PASSWORD, charset: str = "utf-8") -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode(charset)).decode()


def variables(body: bytes, **changed: str | None) -> dict[str, str]:
    """CGI variables of a POST from this computer by the known caller; None takes one away."""
    given: dict[str, str | None] = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": credentials(),
        "REMOTE_ADDR": "127.0.0.1",
        **changed,
    }
    return {name: value for name, value in given.items() if value is not None}


def parse(output: bytes, log: str) -> Answer:
    """Take a CGI answer apart; everything but a well-formed one fails the test."""
    head, gap, body = output.partition(b"\r\n\r\n")
    assert gap, output
    pairs = [line.split(": ", 1) for line in head.decode("ascii").split("\r\n")]
    headers = dict(pairs)
    assert len(headers) == len(pairs), "a header is given twice"
    assert int(headers["Content-Length"]) == len(body)
    return Answer(int(headers["Status"].split()[0]), headers, body, log)


def open_files() -> set[str]:
    """The paths of what this process has open."""
    return {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts can enter. pytest's own are closed to them, again with each run that begins."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sample configuration and its database."""
    (tmp_path / "config.py").write_text(sample_config(), encoding="utf-8")
    write_database(tmp_path / "users.sqlite")
    return tmp_path


Ask = Callable[..., Answer]


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Ask in this process, from the CGI variables on."""

    def asking(body: bytes | str = b"cmd=list", **changed: str | None) -> Answer:
        raw = body.encode() if isinstance(body, str) else body
        log = io.StringIO()
        response = cgi.answer(variables(raw, **changed), io.BytesIO(raw), log, lambda: load(str(folder / "config.py")))
        headers = dict(response.headers)
        body = b"".join(response.parts())
        assert body == b"" if changed.get("REQUEST_METHOD") == "HEAD" else int(headers["Content-Length"]) == len(body)
        return Answer(response.status, headers, body, log.getvalue())

    return asking


@pytest.fixture
def run(folder: Path) -> Ask:
    """Ask the real entry, as a web server starts it."""

    def running(body: bytes | str = b"cmd=list", python: str = PYTHON, **changed: str | None) -> Answer:
        raw = body.encode() if isinstance(body, str) else body
        changed = {"AIS_CONFIG": str(folder / "config.py"), "PYTHONPATH": PACKAGES, **changed}
        done = subprocess.run(
            [python, "-S", str(ENTRY)],
            env=variables(raw, **changed),
            input=raw,
            capture_output=True,
            timeout=60,
            check=False,
            cwd=ENTRY.parent,
        )
        assert done.returncode == 0, done
        assert b"Traceback" not in done.stdout
        return parse(done.stdout, done.stderr.decode())

    return running


@pytest.fixture
def write_config(folder: Path) -> Callable[..., None]:
    """Write another configuration: the sample one with lines added, or a whole text."""

    def writing(added: str = "", *, whole: str | None = None) -> None:
        text = sample_config() + added if whole is None else whole
        path = folder / "config.py"
        path.write_text(text, encoding="utf-8")
        os.utime(path)

    return writing
