"""The two requests of MailStore's description, through real web servers, byte for byte."""

from __future__ import annotations

import pytest

from support.client import CHALLENGE, Answer, curl, post
from support.running import Server

# As printed in MailStore's description; curl computes the Content-Length.
DOCUMENTED_HEADERS = (
    "--header",
    "Authorization: Basic bWFpbHN0b3JlQGV4YW1wbGUudGVzdDpQYXNzdzByZA==",
    "--header",
    "User-Agent: curl/7.22.0 (x86_64-pc-linux-gnu) libcurl/7.22.0 OpenSSL/1.0.1 zlib/1.2.3.4 libidn/1.23 librtmp/2.3",
    "--header",
    "Host: mail.example.test",
    "--header",
    "Accept: */*",
    "--header",
    "Content-Type: application/x-www-form-urlencoded",
)

THE_LIST = (
    rb'[{"userName": "john.doe", "distinguishedName": "UID=john.doe,DC=example,DC=com", "fullName": "john.doe", '
    rb'"emailAddresses": ["john.doe@example.com", "john@example.com"]}, '
    rb'{"userName": "jane.doe", "distinguishedName": "UID=jane.doe,DC=example,DC=com", "fullName": "jane.doe", '
    rb'"emailAddresses": ["jane.doe@example.com", "jane@example.com"]}, '
    rb'{"userName": "j\u00fcrgen+\u00f6 & s\u00f6hne", "fullName": "J\u00fcrgen Gr\u00f6\u00dfe", '
    rb'"emailAddresses": ["juergen@example.com"]}, '
    rb'{"userName": "nomail"}]'
)


def assert_headers(answer: Answer) -> None:
    """The headers that every answer has, error or not."""
    assert answer.headers["content-type"] == "text/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "transfer-encoding" not in answer.headers
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("address", ["/mailstore-integration/index.php", "/mailstore-integration/"])
def test_list(server: Server, address: str) -> None:
    """The documented list request gets the whole list: this order of keys, these separators, ASCII, these headers."""
    answer = curl(*DOCUMENTED_HEADERS, server.at(address), body=b"cmd=list")
    assert answer.status == 200, server.log()
    assert answer.body == THE_LIST
    assert_headers(answer)


@pytest.mark.parametrize(("password", "word"), [(b"Passw0rd", b"true"), (b"passw0rd", b"false"), (b"", b"false")])
def test_auth(server: Server, password: bytes, word: bytes) -> None:
    """The documented auth request gets one of two exact bodies."""
    answer = curl(*DOCUMENTED_HEADERS, server.url, body=b"cmd=auth&user=john.doe&pass=" + password)
    assert answer.status == 200, server.log()
    assert answer.body == b'{"succeeded": ' + word + b"}"
    assert_headers(answer)


def test_unknown_user(server: Server) -> None:
    """A user that nobody knows gets the same answer as a wrong password."""
    answer = post(server.url, b"cmd=auth&user=nobody&pass=Passw0rd")
    assert (answer.status, answer.body) == (200, b'{"succeeded": false}')


@pytest.mark.parametrize("credentials", [None, "mailstore@example.test:wrong", "other:Passw0rd", ":"])
def test_unknown_caller(server: Server, credentials: str | None) -> None:
    """Without the caller's password there is a 401 with exactly this challenge, and nothing about users."""
    answer = post(server.url, b"cmd=list", credentials=credentials)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == CHALLENGE
    assert answer.body.startswith(b'{"error": "')
    assert b"john" not in answer.body
    assert_headers(answer)


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br"])
def test_never_compressed(server: Server, accepted: str) -> None:
    """A client that would take a compressed answer gets the plain one."""
    answer = post(server.url, b"cmd=list", "--header", f"Accept-Encoding: {accepted}")
    assert answer.body == THE_LIST
    assert_headers(answer)


def test_one_line_each_is_logged(server: Server) -> None:
    """Requests that go well leave one line each in the server's error log, and no error."""
    before = server.log()
    post(server.url, b"cmd=list")
    post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd")
    lines = server.log().removeprefix(before).splitlines()
    assert ["mailstore-ais: client=127.0.0.1 status=200" in line for line in lines] == [True, True]
    assert not any("error=" in line for line in lines)
