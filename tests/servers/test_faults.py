"""What goes wrong on the server: the client gets a whole JSON error, the administrator the reason in the log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from servers.client import CREDENTIALS, post
from servers.conftest import Kind
from servers.test_requests import assert_error

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
