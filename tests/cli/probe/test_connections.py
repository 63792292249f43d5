"""No answer, or not a whole one: what no web server gives comes from a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.probe.trying import probe, raw_server

CHALLENGE = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 2\r\n\r\n{}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/json; charset=utf-8\r\n"
NO = HEAD + b'Content-Length: 20\r\n\r\n{"succeeded": false}'
LIST = b'[{"userName": "anna"}]'


def chunk(data: bytes) -> bytes:
    """One chunk of a body (RFC 9112, 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_unknown_host() -> None:
    """A name that does not exist (RFC 6761: invalid never does)."""
    assert probe("https://ais.invalid/mailstore-integration/index.php").codes == ["unknown-host"]


def test_refused() -> None:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert probe(f"http://127.0.0.1:{port}/").codes == ["refused"]


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_ipv6_without_port(scheme: str, port: int) -> None:
    """An IPv6 address without a port is asked at the port of its scheme, and not taken for a name."""
    result = probe(f"{scheme}://[::1]/mailstore-integration/index.php", "--timeout", "5")
    assert "unknown-host" not in result.codes, result.text
    if result.codes in (["refused"], ["unreachable"]):
        assert f"::1, port {port}" in result.text


@contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that a further one gets no answer, as behind a firewall."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = []
        try:
            while True:
                client = socket.socket()
                client.settimeout(0.5)
                waiting.append(client)
                try:
                    client.connect(address)
                except TimeoutError:
                    break
                assert len(waiting) < 5000
            yield address[1]
        finally:
            for client in waiting:
                client.close()


def test_no_connection() -> None:
    """A computer that drops connections is told from one that refuses them."""
    with full_port() as port:
        result = probe(f"http://127.0.0.1:{port}/", "--timeout", "1")
    assert result.codes == ["timeout"]
    assert "did not take the connection within 1 s" in result.text


def test_no_answer_in_time() -> None:
    """A connection without an answer."""
    with raw_server(b"", linger=5) as url:
        result = probe(url, "--timeout", "0.5")
    assert result.codes == ["timeout"]
    assert "did not answer within 0.5 s" in result.text


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "no-answer"),
        (b"220 mail.example.test ESMTP\r\n", "not-http"),
        (b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", "expect"),
        (b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n", "not-found"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 16\r\n\r\nFile not found.\n", "php"),
        (b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n", "redirect"),
    ],
)
def test_other_services(answer: bytes, code: str) -> None:
    """What is not HTTP, and what only some servers answer."""
    with raw_server(answer) as url:
        assert probe(url).codes == [code]


def test_charset_that_commands_a_terminal() -> None:
    """A charset with control characters is shown without them."""
    with raw_server(CHALLENGE, NO.replace(b"utf-8", b"\x1b[31mred\x07")) as url:
        result = probe(url)
    assert "[31mred" in result.text
    assert "\\u001b" not in result.text  # as JSON writes it


def test_the_same_fault_of_every_answer() -> None:
    """What spoils every answer in the same way is one problem."""
    head, bom = HEAD.replace(b"utf-8", b"utf8") + b"Connection: close\r\n\r\n", b"\xef\xbb\xbf"
    with raw_server(CHALLENGE, head + bom + LIST, head + bom + b'{"succeeded": false}') as url:
        assert probe(url).codes == ["charset", "bom"]


def test_slash_missing() -> None:
    """A redirect that adds a slash has its own remedy."""
    with raw_server(b"HTTP/1.1 301 Moved\r\nLocation: http://x/mailstore-integration/index.php/\r\n\r\n") as url:
        result = probe(url)
    assert result.codes == ["redirect"]
    assert "Add the slash" in result.text


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 100\r\n\r\n" + LIST,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(LIST),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(LIST)[:-9],
        HEAD + b"\r\n" + LIST[:-3],
    ],
    ids=["Content-Length", "no last chunk", "half a chunk", "half the JSON"],
)
def test_cut_short(answer: bytes) -> None:
    """An answer that breaks off is never taken for a whole one, even where its JSON is complete."""
    with raw_server(CHALLENGE, answer) as url:
        result = probe(url)
    assert result.codes == ["cut-short"], result.text


def test_body_does_not_end() -> None:
    """A body that is not whole within the time-out is cut short."""
    with raw_server(CHALLENGE, HEAD + b"Content-Length: 100\r\n\r\n" + LIST, linger=0.7) as url:
        assert probe(url, "--timeout", "1").codes[-1] == "cut-short"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 22\r\n\r\n" + LIST,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(LIST[:5]) + chunk(LIST[5:]) + b"0\r\n\r\n",
        HEAD + b"\r\n" + LIST,
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + LIST,
    ],
    ids=["Content-Length", "chunks", "until closed", "after 100"],
)
def test_whole(answer: bytes) -> None:
    """Every form in which HTTP ends a body is read."""
    with raw_server(CHALLENGE, answer, NO) as url:
        result = probe(url)
    assert result.codes == [], result.text


def test_start_page_everywhere() -> None:
    """A site that answers every address with its start page is not said to leak files."""
    page = b"<!doctype html><p>callers def answer( SQLite format 3\0"
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page) as url:
        assert probe(url).codes == ["not-json"]
