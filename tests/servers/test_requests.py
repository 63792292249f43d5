"""Bodies, methods and many requests at once, through real web servers."""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from support.client import CREDENTIALS, Answer, curl, post
from support.running import ADDRESS, Server, apache, lighttpd
from support.site import USERS, SampleUser

HTTP2 = "Protocols h2c http/1.1"


def assert_error(answer: Answer, status: int) -> None:
    """An error of the script's own, whole."""
    assert answer.status == status
    assert list(json.loads(answer.body)) == ["error"]
    assert answer.headers["content-type"] == "text/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["cache-control"] == "no-store"


def test_chunked(server: Server) -> None:
    """A chunked request, which has no Content-Length, is answered like any other."""
    answer = post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd", "--header", "Transfer-Encoding: chunked")
    assert (answer.status, answer.body) == (200, b'{"succeeded": true}'), server.log()


def test_chunked_without_credentials(server: Server) -> None:
    """A chunked request that is refused gets its whole answer."""
    answer = post(server.url, b"cmd=list" + b"&" * 50000, "--header", "Transfer-Encoding: chunked", credentials=None)
    assert_error(answer, 401)


def test_expect(server: Server) -> None:
    """A client that waits for "100 Continue" (.NET Framework does) is not kept waiting."""
    start = time.monotonic()
    answer = post(
        server.url,
        b"cmd=auth&user=john.doe&pass=Passw0rd",
        "--header",
        "Expect: 100-continue",
        "--expect100-timeout",
        "9",
    )
    assert (answer.status, answer.body) == (200, b'{"succeeded": true}')
    assert time.monotonic() - start < 8


def test_largest_body(server: Server) -> None:
    """A body of exactly 64 KiB is accepted."""
    body = b"cmd=auth&user=john.doe&pass="
    answer = post(server.url, body + b"x" * (64 * 1024 - len(body)))
    assert (answer.status, answer.body) == (200, b'{"succeeded": false}')


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [64 * 1024 + 1, 900_000])
@pytest.mark.parametrize("credentials", [CREDENTIALS, None])
def test_large_body(server: Server, size: int, credentials: str | None, chunked: bool) -> None:
    """A larger body is refused in JSON: with 413 to a caller that is known, with 401 to others."""
    more = ("--header", "Transfer-Encoding: chunked") if chunked else ()
    answer = post(server.url, b"x" * size, *more, credentials=credentials)
    assert_error(answer, 413 if credentials else 401)


@pytest.mark.parametrize("chunked", [False, True])
def test_huge_body(server: Server, chunked: bool) -> None:
    """The server itself refuses a body that is out of all proportion."""
    more = ("--header", "Transfer-Encoding: chunked") if chunked else ()
    assert post(server.url, b"x" * 3_000_000, *more).status == 413


def test_multipart(server: Server) -> None:
    """A multipart/form-data request gets the same answers."""
    who = ("--user", CREDENTIALS)
    user = USERS[2]
    # --form-string takes blanks, quotes, @ and ; literally.
    fields = ("--form-string", f"user={user.login}", "--form-string", f"pass={user.password}")
    assert curl(*who, "--form-string", "cmd=list", server.url).status == 200, server.log()
    assert curl(*who, "--form-string", "cmd=auth", *fields, server.url).body == b'{"succeeded": true}'
    wrong = ("--form-string", f"user={user.login}", "--form-string", "pass=Passw0rd")
    assert curl(*who, "--form-string", "cmd=auth", *wrong, server.url).body == b'{"succeeded": false}'


def lower_case_escapes(text: str) -> str:
    """Encode as .NET's WebClient does: ``%2b`` where others write ``%2B``."""
    return re.sub("%..", lambda escape: escape[0].lower(), quote_plus(text))


@pytest.mark.parametrize("user", USERS[2:], ids=["special characters", "plain"])
@pytest.mark.parametrize("encoded", [quote, quote_plus, lower_case_escapes])
def test_special_characters(server: Server, user: SampleUser, encoded: Callable[[str], str]) -> None:
    """User and password arrive as typed, in each way that clients encode them; a password that differs is a no."""
    body = f"cmd=auth&user={encoded(user.login)}&pass={encoded(user.password)}".encode()
    assert post(server.url, body).body == b'{"succeeded": true}', server.log()
    assert post(server.url, body + b"+").body == b'{"succeeded": false}'


def test_other_content_type(server: Server) -> None:
    """A form in another encoding is refused, in JSON."""
    assert_error(post(server.url, b'{"cmd": "list"}', "--header", "Content-Type: application/json"), 415)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("credentials", [CREDENTIALS, None])
def test_other_method(server: Server, method: str, credentials: str | None) -> None:
    """Another method is refused with the allowed ones named."""
    answer = post(server.url, b"cmd=list", "--request", method, credentials=credentials)
    assert_error(answer, 405)
    assert "POST" in answer.headers["allow"]


def test_head(server: Server) -> None:
    """HEAD is refused like GET without credentials: with a challenge, and without a body."""
    answer = curl("--head", server.url)
    assert (answer.status, answer.body) == (401, b"")
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_head_of_a_known_caller(server: Server) -> None:
    """HEAD has the headers of GET, its length too, and no body: the next answer of the connection is not spoiled."""
    token = base64.b64encode(CREDENTIALS.encode()).decode()
    for headers, status in (({"Authorization": f"Basic {token}"}, 200), ({}, 401)):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        found = []
        for method in ("HEAD", "GET", "HEAD"):
            connection.request(method, ADDRESS, headers=headers)
            answer = connection.getresponse()
            found.append((answer.status, answer.getheader("Content-Type"), answer.getheader("Content-Length")))
            assert bool(answer.read()) is (method == "GET"), server.log()
        connection.close()
        # The page names times, so its length may change by some digits.
        assert {each[:2] for each in found} == {(status, found[1][1])}
        assert all(abs(int(length or 0) - int(found[1][2] or 0)) < 20 for _, _, length in found), found


def test_query_is_no_form(server: Server) -> None:
    """Fields in the address are not read: addresses end up in access logs."""
    assert_error(post(server.url + "?cmd=list", b""), 400)


def test_parallel(server: Server) -> None:
    """Twenty requests at once are answered, each with its own answer."""
    with ThreadPoolExecutor(20) as pool:
        bodies = [b"cmd=auth&user=john.doe&pass=" + (b"Passw0rd" if n % 2 else b"wrong") for n in range(20)]
        answers = list(pool.map(lambda body: post(server.url, body), bodies))
    assert [answer.body for answer in answers] == [b'{"succeeded": false}', b'{"succeeded": true}'] * 10, server.log()


@pytest.mark.parametrize("program", ["lighttpd", "apache"])
def test_http2(sample_site: Path, program: str) -> None:
    """HTTP/2 changes nothing: Debian's lighttpd speaks it without further configuration, Apache with mod_http2."""
    running = lighttpd(sample_site) if program == "lighttpd" else apache(sample_site, extra=HTTP2, modules=("http2",))
    with running as server:
        http2 = "--http2-prior-knowledge"
        assert_error(post(server.url, b"cmd=list", http2, credentials=None), 401)
        answer = post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd", http2)
        assert (answer.status, answer.body) == (200, b'{"succeeded": true}')


@pytest.mark.parametrize("streaming", [1, 2])
def test_streaming_lighttpd(sample_site: Path, streaming: int) -> None:
    """A lighttpd that streams everything else still gives the script a length, and its answer too."""
    everywhere = f"server.stream-request-body = {streaming}\nserver.stream-response-body = {streaming}"
    with lighttpd(sample_site, before=everywhere) as server:
        for more in ((), ("--header", "Transfer-Encoding: chunked")):
            answer = post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd", *more)
            assert (answer.status, answer.body) == (200, b'{"succeeded": true}'), server.log()
            assert answer.headers["content-length"] == "19"
