"""The ways that tests ask: in this process, and through the real entry as a process of its own."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import python_multipart

from ais import cgi, deadline
from ais.config import load
from ais.sources.sql import drivers
from support import fastcgi
from support.interpreters import PYTHON, heading
from support.site import CALLER, CALLER_PASSWORD, ROOT, sample_config, temporary_folder, write_database

ENTRY = ROOT / "cgi-bin" / "mailstore-integration" / "index.py"
PACKAGES = str(Path(python_multipart.__file__).parents[1])  # the environment of the tests may be another than .venv

LIMIT_SECONDS = 300  # for one test with its fixtures; the slowest takes a tenth of it on a busy machine


def pytest_configure() -> None:
    """Take interrupts as at a terminal: what a shell starts in the background ignores them, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Let no test wait without a limit: one that hangs fails, and so does what hangs while its servers are ended."""
    _start_limit()
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Start the limit again: a test may have used the timer itself, and the last one is followed by all servers."""
    _start_limit()


def _start_limit() -> None:
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"the test hangs: it took {LIMIT_SECONDS} seconds"))
    signal.setitimer(signal.ITIMER_REAL, LIMIT_SECONDS, 30)


def pytest_runtest_setup() -> None:
    """Begin each test as a process of one request begins, whatever the test before has left behind."""
    deadline.start(60)
    drivers.keeper.set(None)  # the WSGI edge keeps connections


def pytest_report_header() -> list[str]:
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


def parse(output: bytes, log: str, method: str = "POST") -> Answer:
    """Take a CGI answer apart; everything but a well-formed one fails the test."""
    head, gap, body = output.partition(b"\r\n\r\n")
    assert gap, output
    pairs = [line.split(": ", 1) for line in head.decode("ascii").split("\r\n")]
    headers = dict(pairs)
    assert len(headers) == len(pairs), "a header is given twice"
    assert body == b"" if method == "HEAD" else int(headers["Content-Length"]) == len(body)
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


EDGES = ("cgi", "fastcgi", "wsgi")


@pytest.fixture
def edge() -> str:
    """The edge that `ask` goes through; a module whose rules hold for all of them has a fixture with all."""
    return "cgi"


@pytest.fixture
def ask(folder: Path, edge: str) -> Ask:
    """Ask in this process, from the CGI variables on."""
    through = {"cgi": _ask_cgi, "fastcgi": _ask_fastcgi, "wsgi": _ask_wsgi}[edge]

    def asking(body: bytes | str = b"cmd=list", **changed: str | None) -> Answer:
        raw = body.encode() if isinstance(body, str) else body
        return through(folder / "config.py", raw, variables(raw, **changed))

    return asking


def _ask_cgi(config: Path, body: bytes, environ: dict[str, str]) -> Answer:
    log = io.StringIO()
    response = cgi.answer(environ, io.BytesIO(body), log, lambda: load(str(config)))
    return Answer(response.status, *_checked(environ, response.headers, response.parts()), log.getvalue())


def _ask_fastcgi(config: Path, body: bytes, environ: dict[str, str]) -> Answer:
    from ais import fcgi  # here, because most tests need none of it
    from ais.config.kept import Files
    from ais.http.fastcgi import Connection

    server, ours = socket.socketpair()
    with server, ours, contextlib.redirect_stderr(io.StringIO()) as log:
        worker = fcgi.Worker(ours, str(config), Files(__file__))
        threading.Thread(target=server.sendall, args=(fastcgi.request(environ, body),)).start()
        worker.talk(Connection(ours))
        output = fastcgi.output(fastcgi.records(fastcgi.read_all(server)))
        answer = parse(output, log.getvalue(), environ["REQUEST_METHOD"])
        answer.headers.pop("Status")
        return answer


def _ask_wsgi(config: Path, body: bytes, environ: dict[str, str]) -> Answer:
    from ais.wsgi import application

    log = io.StringIO()
    given: dict[str, Any] = {**environ, "wsgi.input": io.BytesIO(body), "wsgi.errors": log, "AIS_CONFIG": str(config)}
    given["wsgi.url_scheme"] = "https" if environ.get("HTTPS", "").lower() in ("on", "1") else "http"
    given["wsgi.input_terminated"] = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "")
    seen: list[Any] = []
    parts = application(given, lambda status, headers: seen.extend((status, headers)))
    return Answer(int(seen[0][:3]), *_checked(environ, seen[1], parts), log.getvalue())


def _checked(
    environ: dict[str, str], headers: Iterable[tuple[str, str]], parts: Iterable[bytes]
) -> tuple[dict[str, str], bytes]:
    given, body = dict(headers), b"".join(parts)
    assert body == b"" if environ["REQUEST_METHOD"] == "HEAD" else int(given["Content-Length"]) == len(body)
    return given, body


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
