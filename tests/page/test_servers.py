"""The status page behind real web servers, as CGI."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from support.client import CREDENTIALS, curl, post
from support.running import apache, lighttpd
from support.site import make_site, temporary_folder


@pytest.mark.parametrize("server", [lighttpd, apache])
def test_search_and_login(server: object) -> None:
    """The query string and the headers of browsers arrive, and the page comes whole."""
    with temporary_folder() as folder, server(make_site(folder)) as running:  # type: ignore[operator]
        answer = curl("--user", CREDENTIALS, f"{running.url}?search=jane")
        assert answer.status == 200
        assert b"1 of 4 users match" in answer.body
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        head = curl("--user", CREDENTIALS, "--head", running.url)
        assert (head.status, head.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert curl(running.url).status == 401
        token = re.search(rb'name="token" value="(\w+)"', answer.body)
        assert token
        fields = {"action": "login", "token": token[1].decode(), "user": "john.doe", "password": "Passw0rd"}
        body = urlencode(fields).encode()
        own = ("--header", "Sec-Fetch-Site: same-origin")
        other = ("--header", "Sec-Fetch-Site: cross-site")
        assert b"<strong>Yes</strong>" in post(running.url, body, *own).body
        assert post(running.url, body, *other).status == 403
        assert post(running.url, b"cmd=list", *other).status == 403
        assert post(running.url, body, "--header", "Origin: https://evil.example").status == 403
