"""Whole requests through the real entry, with a login in the configuration."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from conftest import Ask
from logins.contract import ACCOUNTS, OTHER, PASSWORD
from logins.network import free_port, silent, talking
from logins.webserver import web


@pytest.fixture
def login(folder: Path) -> Callable[[str], None]:
    """Writes a configuration whose one user, anna, is checked by this login."""
    text = (folder / "config.py").read_text(encoding="utf-8").partition("sources =")[0]
    (folder / "users.csv").write_text("userName\nanna\n", encoding="utf-8")

    def writing(call: str) -> None:
        end = (
            f"from ais import csv, {call.partition('(')[0]}\nsources = [csv('users.csv', login={call})]\ntimeout = 2\n"
        )
        (folder / "config.py").write_text(text + end, encoding="utf-8")

    return writing


def body(password: str, user: str = "anna") -> str:
    """A login as MailStore asks for it."""
    return urlencode({"cmd": "auth", "user": user, "pass": password})


def test_yes_and_no(run: Ask, login: Callable[[str], None], authority: Path) -> None:
    """A right and a wrong password, and a user that is not listed, over verified TLS."""
    with web("apache", ACCOUNTS, authority) as server:
        login(f"http_basic('https://localhost:{server.tls_port}/pages/staff/', ca_file={str(authority / 'ca.pem')!r})")
        assert run().body == b'[{"userName": "anna"}]'
        assert run(body(PASSWORD)).body == b'{"succeeded": true}'
        assert run(body(OTHER)).body == b'{"succeeded": false}'
        assert run(body(PASSWORD, "gone")).body == b'{"succeeded": false}'


def test_a_fault_is_503_and_the_log_says_where(run: Ask, login: Callable[[str], None], folder: Path) -> None:
    """A server that is down, hangs or cannot tell is 503 in time; the log names it, and shows no password."""
    down = free_port()
    (folder / "hang").write_text("#!/bin/sh\nexec sleep 61\n")
    (folder / "hang").chmod(0o755)
    with silent() as hanging, talking(b"HTTP/1.1 500 x\r\n\r\n") as failing:
        for call, named in [
            (f"imap('127.0.0.1', {down}, 'none')", f"IMAP server 127.0.0.1, port {down}"),
            (f"imap('127.0.0.1', {hanging}, 'ssl')", f"IMAP server 127.0.0.1, port {hanging}"),
            (f"ldap_bind('ldap://127.0.0.1:{hanging}', dn='uid={{user}}')", f"ldap://127.0.0.1:{hanging}"),
            (f"http_basic('http://127.0.0.1:{hanging}/')", f"http://127.0.0.1:{hanging}"),
            (f"http_basic('http://127.0.0.1:{failing.port}/')", f"http://127.0.0.1:{failing.port}"),
            ("checkpassword(['./hang'])", "/hang, did not end in time"),
        ]:
            login(call)
            began = time.monotonic()
            answer = run(body(PASSWORD))
            assert answer.status == 503, call
            assert time.monotonic() - began < 3.5
            assert b"succeeded" not in answer.body
            assert "source 1 (csv)" in answer.log
            assert named in answer.log
            assert "back\\slash" not in answer.log + answer.body.decode()


def test_what_must_be_corrected_is_500(run: Ask, login: Callable[[str], None], authority: Path) -> None:
    """A page without protection, a missing service or program: 500, and the log says what to do."""
    with web("lighttpd", ACCOUNTS, authority) as server:
        for call, remedy in [
            (f"http_basic('http://localhost:{server.port}/pages/open/')", "protect it"),
            ("pam('no-such-service')", "/etc/pam.d/no-such-service is missing"),
            ("checkpassword(['./missing'])", "check its path"),
        ]:
            login(call)
            answer = run(body(PASSWORD))
            assert answer.status == 500, call
            assert remedy in answer.log
