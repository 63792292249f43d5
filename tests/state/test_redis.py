"""The ways to a Redis: TLS, a Unix socket, and what never ends."""

from __future__ import annotations

import contextvars
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais import deadline
from ais.state import StateError
from ais.state.redis import RedisStore
from logins.network import serving
from support.databases import free_port
from support.dripping import PAUSE, received
from support.needs import need_program
from support.openldap import certificates


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates for ``localhost``."""
    return certificates(tmp_path_factory.mktemp("redis"))


@pytest.fixture(scope="module")
def tls_port(home: Path) -> Iterator[int]:
    """The port of a private Redis that talks TLS there, and without it at ``redis.sock`` in the folder."""
    program, port = need_program("redis-server", "redis-server"), free_port()
    command = [program, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--tls-cert-file", "server.pem", "--tls-key-file", "server.key", "--tls-auth-clients", "no"]
    command += ["--tls-ca-cert-file", "ca.pem", "--unixsocket", str(home / "redis.sock"), "--requirepass", "hunter2"]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if (home / "redis.sock").exists():
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def test_tls(home: Path, tls_port: int) -> None:
    """Over TLS all is as without, and the certificate and the name in it are checked."""
    store = RedisStore(f"rediss://:hunter2@localhost:{tls_port}/0?ssl_ca_certs={home / 'ca.pem'}")
    store.save_list(b"a" * 1_000_000)
    assert store.last_list() == b"a" * 1_000_000
    store.add_failure(b"u", b"one", 60)
    assert store.failures(b"u", 60).count == 1
    store.close()
    wrong = [
        f"rediss://:hunter2@127.0.0.1:{tls_port}/0?ssl_ca_certs={home / 'ca.pem'}",
        f"rediss://:hunter2@localhost:{tls_port}/0",
    ]
    for url in wrong:
        with pytest.raises(StateError, match="Redis does not answer"):
            RedisStore(url).key()


@pytest.mark.usefixtures("tls_port")
def test_unix_socket(home: Path) -> None:
    """Over a Unix socket all is as over the network."""
    store = RedisStore(f"unix://:hunter2@{home / 'redis.sock'}?db=1")
    assert store.last_list() is None
    store.save_list(b"b" * 8)
    assert store.last_list() == b"b" * 8
    store.close()


def test_what_drips_inside_tls(home: Path) -> None:
    """A server that sends a byte now and then inside of TLS is given up in time, and not asked again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "server.pem", home / "server.key")
    gone: list[bool] = []

    def talk(connection: socket.socket, _: int) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            try:
                received(encrypted)
                for _ in range(25):
                    encrypted.sendall(b"x")
                    time.sleep(PAUSE)
            except OSError:
                gone.append(True)

    with serving(talk) as server:
        _is_given_up(RedisStore(f"rediss://localhost:{server.port}/0?ssl_ca_certs={home / 'ca.pem'}"))
    assert gone == [True]


def test_a_name_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody resolves is given up in time; for that, getaddrinfo is replaced by one that waits."""
    real, over = socket.getaddrinfo, threading.Event()

    def hanging(*arguments: object, **options: int) -> object:
        if not options.get("flags", 0) & socket.AI_NUMERICHOST:
            over.wait(20)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        _is_given_up(RedisStore("redis://redis.hangs.test/0"))
    finally:
        over.set()


def _is_given_up(store: RedisStore) -> None:
    """A request of two seconds loses one, and no more to further questions."""

    def ask() -> None:
        deadline.start(2)
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(StateError, match="in time"):
                store.key()
        assert 0.9 < time.monotonic() - began < 1.5
        assert deadline.remaining() > 0.5

    contextvars.copy_context().run(ask)
