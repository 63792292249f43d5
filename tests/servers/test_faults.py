"""What goes wrong on the server: the client gets a whole JSON error, the administrator the reason in the log."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servers.conftest import RELEASES, Kind
from servers.test_requests import assert_error
from support.client import CREDENTIALS, post
from support.releases import lighttpd_of
from support.site import sample_config

CHUNKED = ("--header", "Transfer-Encoding: chunked")
# A server's own error pages must not take the place of ours.
ERROR_PAGES = {
    "lighttpd": 'server.errorfile-prefix = "{home}/error-"',
    "apache": "\n".join(f'ErrorDocument {status} "<h1>server page</h1>"' for status in (400, 401, 405, 413, 500, 503)),
}


def test_broken_config(kind: Kind, site: Path) -> None:
    """A configuration that cannot be loaded is a 500; the log names file and line, the answer nothing of it."""
    (site / "conf" / "config.py").write_text("callers = [\nsecret-word\n", encoding="utf-8")
    with kind(site) as server:
        answer = post(server.url, b"cmd=list")
        assert_error(answer, 500)
        assert b"config.py" not in answer.body
        assert str(site / "conf" / "config.py") in server.log()
        assert "secret-word" not in server.log()


@pytest.mark.parametrize("more", [(), CHUNKED], ids=["length", "chunked"])
def test_missing_config(kind: Kind, site: Path, more: tuple[str, ...]) -> None:
    """Without a configuration nobody gets in, and the log says which file is missing."""
    (site / "conf" / "config.py").unlink()
    with kind(site) as server:
        assert_error(post(server.url, b"cmd=list", *more), 500)
        assert str(site / "conf" / "config.py") in server.log()


def test_missing_database(kind: Kind, site: Path) -> None:
    """A database that is not there is a 500, never an empty list, and it is not created."""
    (site / "conf" / "users.sqlite").unlink()
    with kind(site) as server:
        assert_error(post(server.url, b"cmd=list"), 500)
        assert_error(post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd"), 500)
        assert "users.sqlite" in server.log()
    assert not (site / "conf" / "users.sqlite").exists()


@pytest.mark.parametrize("size", [8, 60_000])
@pytest.mark.parametrize("more", [(), CHUNKED], ids=["length", "chunked"])
def test_missing_library(kind: Kind, site: Path, more: tuple[str, ...], size: int) -> None:
    """Without the library the entry still answers in JSON, whole, every time, also under mod_cgid."""
    shutil.rmtree(site / "lib" / "ais")
    with kind(site) as server:
        for _ in range(10):
            assert_error(post(server.url, b"cmd=list".ljust(size, b"&"), *more), 500)


def test_server_error_pages(kind: Kind, site: Path) -> None:
    """Error pages of the server do not replace our answers, and the challenge stays."""
    with kind(site, before=ERROR_PAGES[kind.program].replace("{home}", str(site))) as server:
        for status in (400, 401, 405, 413, 500, 503):
            (site / f"error-{status}.html").write_text("server page")
        refused = post(server.url, b"cmd=list", credentials=None)
        assert_error(refused, 401)
        assert "www-authenticate" in refused.headers
        assert_error(post(server.url, b"cmd=nothing"), 400)
        assert_error(post(server.url, b"x", "--request", "PUT"), 405)
        assert_error(post(server.url, b"x" * 70_000, credentials=CREDENTIALS), 413)
        (site / "conf" / "users.sqlite").unlink()
        assert_error(post(server.url, b"cmd=list"), 500)


FAULTS: dict[str, Callable[[Path], object]] = {
    "No such file or directory": lambda script: script.write_bytes(b"#!/nonexistent/python3 -IS\n"),
    "Permission denied": lambda script: script.chmod(0o644),
    "Unknown option: -": lambda script: script.write_bytes(script.read_bytes().replace(b"\n", b"\r\n")),
}


@pytest.mark.parametrize("name", ["lighttpd", *(name for name in RELEASES if "-" not in name)])
@pytest.mark.parametrize("words", FAULTS)
def test_where_lighttpd_says_it(site: Path, name: str, words: str) -> None:
    """That it cannot start a script goes to the journal until 1.4.69, to lighttpd's error log in the newer ones tried.

    What the script's interpreter says is in the journal in any case.
    """
    kind = Kind(name)
    FAULTS[words](site / "cgi-bin" / "mailstore-integration" / "index.py")
    (version,) = re.findall(rb"/(\d+)\.(\d+)\.(\d+)", subprocess.check_output([*lighttpd_of(kind.release), "-v"]))
    by_itself = tuple(map(int, version)) > (1, 4, 69) and words != "Unknown option: -"
    with kind(site) as server:
        assert post(server.url, b"cmd=list").status == 500
        assert (words in (server.home / "error.log").read_text()) == by_itself
        assert (words in (server.home / "stderr").read_text()) != by_itself


OWN_SOURCE = """\

import os, signal, sys, time
from ais import Source, User

class Mine(Source):
    def users(self):
        yield User("anna")
        {act}
        yield User("bert")

    def authenticate(self, user, password):
        {act}
        return True

sources = [Mine()]
timeout = 1
"""


@pytest.mark.parametrize("command", [b"cmd=list", b"cmd=auth&user=anna&pass=x"])
@pytest.mark.parametrize("act", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "raise KeyError('Passw0rd')"])
def test_source_dies(kind: Kind, site: Path, act: str, command: bytes) -> None:
    """A script that dies half-way is a server error: no part of a list, and no yes."""
    own_source(site, act)
    with kind(site) as server:
        answer = post(server.url, command)
        assert answer.status in (500, 502, 503)
        assert b"anna" not in answer.body
        assert b"succeeded" not in answer.body
        assert "Passw0rd" not in server.log()


@pytest.mark.parametrize("command", [b"cmd=list", b"cmd=auth&user=anna&pass=x"])
def test_source_hangs(kind: Kind, site: Path, command: bytes) -> None:
    """A source that does not answer in time is a 503 in JSON, long before the server gives up."""
    own_source(site, "time.sleep(40)")
    with kind(site) as server:
        start = time.monotonic()
        assert_error(post(server.url, command), 503)
        assert time.monotonic() - start < 10


def test_source_prints(kind: Kind, site: Path) -> None:
    """What a source prints goes to the log, not into the answer."""
    own_source(site, "print('printed', flush=True); print('written', file=sys.stderr); os.write(1, b'raw')")
    with kind(site) as server:
        answer = post(server.url, b"cmd=list")
        assert (answer.status, answer.body) == (200, b'[{"userName": "anna"}, {"userName": "bert"}]')
        for word in ("printed", "written", "raw"):
            assert word in server.log()


def test_long_list(kind: Kind, site: Path) -> None:
    """A list of many users arrives whole, with its length."""
    connection = sqlite3.connect(site / "conf" / "users.sqlite")
    with connection:
        rows = ((f"user{number}", f"User {number} Größe", f"user{number}@example.com") for number in range(20_000))
        connection.executemany("INSERT INTO users (login, name, mail) VALUES (?, ?, ?)", rows)
    connection.close()
    with kind(site) as server:
        answer = post(server.url, b"cmd=list")
        assert answer.status == 200, server.log()
        assert answer.headers["content-length"] == str(len(answer.body))
        assert len(json.loads(answer.body)) == 20_004


def own_source(site: Path, act: str) -> None:
    """Give a site a source of its own that does something between its two users, and before it says yes."""
    text = sample_config() + OWN_SOURCE.replace("{act}", act)
    (site / "conf" / "config.py").write_text(text, encoding="utf-8")
