"""Under WSGI, where nothing ends the process: what hangs or drips is a 503 in time, named in the log, and let go of."""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ais.wsgi import application
from conftest import variables
from logins.network import serving
from support.dripping import (
    MYSQL_GREETING,
    PAUSE,
    Talk,
    dripping,
    mysql_after_login,
    mysql_packet,
    postgresql_after_login,
    received,
    says,
)
from support.openldap import certificates

TIMEOUT = 1.0
"""Seconds."""

WriteConfig = Callable[..., None]

IMPORTS = "from ais import command, http_basic, imap, ldap, sql\n"
SQL = (
    'sql("{driver}", host="{host}", port={port}, database="mail", user="reader", password="s3cret", {more}'
    'list_query="SELECT 1 AS userName", auth_query="SELECT password FROM users WHERE login = :user")'
)
LDAP = 'ldap("ldap://{host}:{port}", base="dc=example,dc=test"{more})'
LOGIN = (
    'sql("sqlite", database="users.sqlite", list_query="SELECT login AS userName FROM users",'
    ' auth_query="SELECT login FROM users WHERE login = :user", login={login})'
)
IMAP = LOGIN.format(login='imap("{host}", port={port}, {more})')
HTTP = LOGIN.format(login='http_basic("http://{host}:{port}/", unencrypted=True)')

TLS_RECORD = b"\x16\3\3\x40\0\2\0\x3f\xf0"
"""The beginning of a server's handshake of 16 KB (RFC 8446, 5.1)."""


class Asked(NamedTuple):
    """What came of a request."""

    status: int
    log: str
    seconds: float


@pytest.fixture
def ask(folder: Path, write_config: WriteConfig) -> Callable[..., Asked]:
    """Ask the application with a source."""

    def asking(source: str, body: bytes = b"cmd=list", more: str = "") -> Asked:
        write_config(f"{IMPORTS}timeout = {TIMEOUT}\nsources = [{source}]\n{more}\n")
        log, seen = io.StringIO(), []
        environ: dict[str, Any] = {
            **variables(body),
            "AIS_CONFIG": str(folder / "config.py"),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": log,
            "wsgi.url_scheme": "http",
        }
        began = time.monotonic()
        b"".join(application(environ, lambda status, headers: seen.append(status)))
        return Asked(int(seen[0][:3]), log.getvalue(), time.monotonic() - began)

    return asking


AUTH = b"cmd=auth&user=john.doe&pass=secret"

DRIPS: dict[str, tuple[str, str, bytes, Talk]] = {
    "MySQL's greeting": (SQL, "mysql", b"cmd=list", says(b"\xff\xff\0\0")),
    "MySQL's TLS": (
        SQL.replace("{more}", "tls=True, "),
        "mysql",
        b"cmd=list",
        says(mysql_packet(0, MYSQL_GREETING), TLS_RECORD),
    ),
    "MySQL's login": (SQL, "mysql", b"cmd=list", says(mysql_packet(0, MYSQL_GREETING), b"\xff\xff\0\2")),
    "MySQL's list": (SQL, "mysql", b"cmd=list", mysql_after_login),
    "MySQL's password": (SQL, "mysql", AUTH, mysql_after_login),
    "PostgreSQL's greeting": (SQL, "postgresql", b"cmd=list", says(b"", b"E\0\0\x70\0")),
    "PostgreSQL's TLS": (
        SQL.replace("{more}", "tls=True, "),
        "postgresql",
        b"cmd=list",
        says(b"", b"S", TLS_RECORD),
    ),
    "PostgreSQL's list": (SQL, "postgresql", b"cmd=list", postgresql_after_login),
    "PostgreSQL's password": (SQL, "postgresql", AUTH, postgresql_after_login),
    "LDAP's bind": (
        LDAP.replace("{more}", ', bind_dn="cn=reader", bind_password="s3cret"'),
        "",
        b"cmd=list",
        says(b"", b"\x30\x82\x7f\xff"),
    ),
    "LDAP's search": (LDAP, "", b"cmd=list", says(b"", b"\x30\x82\x7f\xff")),
    "LDAP's TLS": (LDAP.replace("ldap://", "ldaps://"), "", b"cmd=list", says(b"", TLS_RECORD)),
    "LDAP's StartTLS": (LDAP.replace("{more}", ", starttls=True"), "", b"cmd=list", says(b"", b"\x30\x82\x7f\xff")),
    "IMAP's greeting": (IMAP.replace("{more}", 'tls="none"'), "", AUTH, says(b"* OK ")),
    "IMAP's TLS": (IMAP, "", AUTH, says(b"", TLS_RECORD)),
    "HTTP's head": (HTTP, "", AUTH, says(b"", b"HTTP/1.1 200 OK\r\nX-Drip: ")),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_drips(ask: Callable[..., Asked], name: str) -> None:
    """A server that sends a byte now and then is a 503 in time, named in the log, and its connection is closed."""
    source, driver, body, talk = DRIPS[name]
    with dripping(talk) as server:
        found = ask(_filled(source, driver, "127.0.0.1", server.port), body)
        assert found.status == 503, found.log
        assert found.seconds < TIMEOUT + 1
        assert "127.0.0.1" in found.log
        assert str(server.port) in found.log
        assert "in time" in found.log or "timeout" in found.log
    assert server.ended == [True]


def test_what_drips_inside_tls(ask: Callable[..., Asked], tmp_path: Path) -> None:
    """A MySQL that sends a byte now and then inside of TLS is a 503 in time, and its connection is closed."""
    home = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "server.pem", home / "server.key")
    gone: list[bool] = []

    def talk(connection: socket.socket, _: int) -> None:
        connection.sendall(mysql_packet(0, MYSQL_GREETING))
        connection.recv(36)  # not more: what comes after it is TLS
        with context.wrap_socket(connection, server_side=True) as encrypted:
            try:
                received(encrypted)
                encrypted.sendall(b"\xff\xff\0\3")
                for _ in range(25):
                    encrypted.sendall(b"x")
                    time.sleep(PAUSE)
            except OSError:
                gone.append(True)

    with serving(talk) as server:
        source = SQL.replace("{more}", f'tls="{home / "ca.pem"}", ')
        found = ask(_filled(source, "mysql", "localhost", server.port))
        assert found.status == 503, found.log
        assert found.seconds < TIMEOUT + 1
        assert "does not answer in time" in found.log
    assert gone == [True]


def _filled(source: str, driver: str, host: str, port: int) -> str:
    """Put in what a source's text leaves open."""
    for name, value in {"driver": driver, "host": host, "port": port, "more": ""}.items():
        source = source.replace("{" + name + "}", str(value))
    return source


@pytest.fixture
def no_name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names under .test are never resolved, nor refused; the names that somebody asked for."""
    real, over, asked = socket.getaddrinfo, threading.Event(), []

    def hanging(host: Any, *arguments: Any, **options: Any) -> Any:
        if str(host).endswith(".test") and not options.get("flags", 0) & socket.AI_NUMERICHOST:
            asked.append(host)
            over.wait(20)
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    yield asked
    over.set()


@pytest.mark.parametrize(
    ("source", "driver", "body"),
    [
        (SQL, "mysql", b"cmd=list"),
        (SQL, "postgresql", b"cmd=list"),
        (LDAP, "", b"cmd=list"),
        (IMAP, "", AUTH),
        (HTTP, "", AUTH),
    ],
    ids=["mysql", "postgresql", "ldap", "imap", "http_basic"],
)
def test_a_name_server_that_hangs(
    ask: Callable[..., Asked], no_name_server: list[str], source: str, driver: str, body: bytes
) -> None:
    """A host name that nobody resolves is a 503 in time that says so (Python's getaddrinfo is replaced: see there)."""
    found = ask(_filled(source, driver, "db.hangs.test", 1), body)
    assert no_name_server == ["db.hangs.test"]
    assert found.status == 503, found.log
    assert found.seconds < TIMEOUT + 1
    assert "no name server gave the address of db.hangs.test in time" in found.log


@pytest.mark.parametrize("driver", ["mysql", "postgresql"])
def test_the_next_host_is_asked(ask: Callable[..., Asked], no_name_server: list[str], driver: str) -> None:
    """A host whose name nobody resolves leaves the next of the list its share of the time."""
    with dripping(lambda connection: connection.close()) as server:
        source = _filled(SQL, driver, "db.hangs.test", server.port).replace(
            '"db.hangs.test"', '["db.hangs.test", "127.0.0.1"]'
        )
        found = ask(source)
        assert found.status == 503
        assert found.seconds < TIMEOUT
    assert "db.hangs.test" in found.log
    assert len(server.ended) == 1, "the second host was not asked"


def test_a_program_that_drips(ask: Callable[..., Asked], tmp_path: Path) -> None:
    """A program that prints a byte now and then is a 503 in time, named in the log, and has ended then."""
    program = tmp_path / "drip"
    program.write_text("#!/bin/sh\nwhile :; do printf x; sleep 0.2; done\n")
    program.chmod(0o755)
    before = set(_children())  # servers of other tests
    found = ask(f'command(list=["{program}"], auth=["{program}"])')
    assert found.status == 503, found.log
    assert found.seconds < TIMEOUT + 1
    assert str(program) in found.log
    assert set(_children()) <= before


def _children() -> list[str]:
    """The processes that this one has started."""
    process = os.getpid()
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def test_a_state_that_drips(ask: Callable[..., Asked]) -> None:
    """A Redis that sends a byte now and then takes no more than its part of the time: the source is still asked."""
    with dripping(says(b"", b"$100\r\n")) as server:
        state = f'timeout = 2\nstate = "redis://:s3cret@127.0.0.1:{server.port}/0"'
        source = LOGIN.replace(", login={login}", "").replace("SELECT login FROM", "SELECT password FROM")
        found = ask(source, AUTH, more=state)
        assert found.status == 200
        assert found.seconds < 2
        assert "Redis does not answer in time" in found.log
        found = ask(source, b"cmd=list", more=state)
        assert found.status == 200
        assert found.seconds < 2
    assert server.ended == [True, True]
