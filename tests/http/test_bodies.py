"""When a body is read, how much of it, and for how long."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ais.errors import RequestError
from ais.http import BODY_LIMIT, PIECE, Request
from ais.wsgi import PROXY_DRAIN, application, behind_proxy
from conftest import credentials

WriteConfig = Callable[..., None]


class Endless(io.RawIOBase):
    """A body that goes on and on.

    Args:
        pause: seconds before each read is answered.
        most: bytes that one read gives.
    """

    def __init__(self, pause: float = 0, most: int = 1 << 30) -> None:
        super().__init__()
        self.given = 0
        self._pause = pause
        self._most = most

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes."""
        assert size >= 0, "a read without a bound waits for ever"
        assert self.given < 1 << 25, "nobody stops reading"
        time.sleep(self._pause)
        self.given += min(size, self._most)
        return b"x" * min(size, self._most)


def request(stream: Any, length: str, **options: Any) -> Request:
    """A request with a body."""
    return Request({"CONTENT_LENGTH": length}, stream, io.StringIO(), https=False, terminated=not length, **options)


def refusal(asked: Request) -> RequestError:
    """Why a body was refused."""
    with pytest.raises(RequestError) as refused:
        asked.body()
    return refused.value


@pytest.mark.parametrize("length", ["60000", ""])
def test_a_late_body_is_refused(length: str) -> None:
    """After each piece somebody looks at the clock, and no more is read when the time is over: 400."""
    stream, clock = Endless(), iter([False, False, True])
    asked = request(stream, length)
    asked.read(lambda: next(clock))
    assert str(refusal(asked)) == "The body did not arrive in time: send the request again."
    assert (refusal(asked).status, stream.given) == (400, 3 * PIECE)


def test_draining_ends_with_the_time() -> None:
    """What is read of a body that is too large is read no longer than others are; the refusal stays the same."""
    stream, clock = Endless(), iter([False, False, True])
    asked = request(stream, "9000000", drain=10_000_000)
    asked.read(lambda: next(clock))
    assert (refusal(asked).status, stream.given) == (413, 2 * PIECE)


def test_a_client_that_has_gone() -> None:
    """A stream that fails is a body that is too short."""

    class Broken(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise ConnectionResetError

    asked = request(Broken(), "8")
    asked.read(lambda: False)
    assert refusal(asked).status == 400


def serve(app: Any, stream: Endless, folder: Path, length: str) -> tuple[int, bytes]:
    """Call a WSGI application."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": length,
        "HTTP_AUTHORIZATION": credentials(),
        "REMOTE_ADDR": "127.0.0.1",
        "AIS_CONFIG": str(folder / "config.py"),
        "wsgi.input": stream,
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    if app is behind_proxy:
        environ["HTTP_FORWARDED"] = "for=127.0.0.1"
    seen: list[str] = []
    content = b"".join(app(environ, lambda status, headers: seen.append(status)))
    return int(seen[0][:3]), content


def test_the_deadline_counts_while_the_body_comes(folder: Path, write_config: WriteConfig) -> None:
    """A client that sends a byte now and then, which would take an hour, gets its refusal at the timeout."""
    write_config("timeout = 0.3\n")
    stream = Endless(pause=0.06, most=1)
    status, body = serve(application, stream, folder, "60000")
    assert (status, b"did not arrive in time" in body) == (400, True)
    assert stream.given < 1000


def test_wsgi_reads_nothing_beyond_the_limit(folder: Path) -> None:
    """A WSGI server needs no body to be read away; a proxy in front has collected it, and does need it."""
    for length in (str(BODY_LIMIT + 1), "900000", "9" * 12):
        stream = Endless()
        assert serve(application, stream, folder, length)[0] == 413
        assert stream.given == 0
    stream = Endless()
    assert serve(behind_proxy, stream, folder, "9" * 12)[0] == 413
    assert stream.given == PROXY_DRAIN
