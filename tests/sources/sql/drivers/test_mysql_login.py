"""MySQL's own way to log in, which MariaDB has not: caching_sha2_password without TLS."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ais.errors import MissingPackage, SourceUnavailable
from ais.sources.sql.drivers import driver_for
from sources.sql.drivers.engines import refused
from support.site import ROOT

SALT = b"abcdefghijklmnopqrst"
PASSWORD = "pä%s"


class MysqlLogin(threading.Thread):
    """A server that knows the login only.

    https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.key = rsa.generate_private_key(65537, 2048)
        self.passwords: list[bytes] = []
        self.logins = 0
        self.switch = b""

    def run(self) -> None:
        """Serve one connection after the other."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._serve(connection)
                except (EOFError, OSError):
                    pass

    def _serve(self, connection: socket.socket) -> None:
        capabilities = 0x000FA20F  # everything but TLS
        greeting = b"\x0a8.0.40\0" + b"\1\0\0\0" + SALT[:8] + b"\0"
        greeting += (capabilities & 0xFFFF).to_bytes(2, "little") + b"\xff\2\0"
        greeting += (capabilities >> 16).to_bytes(2, "little") + b"\x15" + bytes(10) + SALT[8:] + b"\0"
        _send(connection, 0, greeting + b"caching_sha2_password\0")
        number, _ = _receive(connection)
        self.logins += 1
        if self.switch:
            _send(connection, number + 1, b"\xfe" + self.switch + b"\0")
            self.passwords.append(_receive(connection)[1])
            return
        _send(connection, number + 1, b"\1\4")  # "perform full authentication"
        number, secret = _receive(connection)
        if secret == b"\2":  # "what is your key?"
            public = self.key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            _send(connection, number + 1, b"\1" + public)
            number, secret = _receive(connection)
        sha1 = hashes.SHA1()
        mixed = self.key.decrypt(secret, padding.OAEP(padding.MGF1(sha1), sha1, None))
        self.passwords.append(bytes(byte ^ SALT[at % 20] for at, byte in enumerate(mixed)))
        while True:
            _send(connection, number + 1, bytes.fromhex("00000002000000"))
            number, _ = _receive(connection)


def _send(connection: socket.socket, number: int, payload: bytes) -> None:
    connection.sendall(len(payload).to_bytes(3, "little") + bytes([number]) + payload)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    head = _exactly(connection, 4)
    return head[3], _exactly(connection, int.from_bytes(head[:3], "little"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


@pytest.fixture
def server() -> Any:
    """A running server."""
    made = MysqlLogin()
    made.start()
    yield made
    made.listener.close()


def driver(port: int) -> Any:
    """The driver for that server."""
    connection = {"host": "127.0.0.1", "port": port, "user": "reader", "password": PASSWORD}
    return driver_for("mysql", {**connection, "database": "mail", "tls": None, "options": {}})


def test_password_is_encrypted(server: MysqlLogin) -> None:
    """The password reaches the server as UTF-8, encrypted with the server's key."""
    driver(server.port).connect().close()
    assert server.passwords == [PASSWORD.encode() + b"\0"]


def test_nothing_is_sent_without_the_tls_that_was_asked_for(server: MysqlLogin) -> None:
    """A server that says it has no TLS may be somebody in between: it gets no name and no password."""
    connection = {"host": "127.0.0.1", "port": server.port, "user": "reader", "password": PASSWORD}
    asked = driver_for("mysql", {**connection, "database": "mail", "tls": True, "options": {}})
    assert "it offers no TLS" in refused(SourceUnavailable, asked.connect, PASSWORD)
    assert server.logins == 0


@pytest.mark.parametrize("method", [b"mysql_clear_password", b"dialog"])
def test_the_password_is_not_sent_as_it_is(server: MysqlLogin, method: bytes) -> None:
    """Whoever answers at the port may ask for the password in clear text; without TLS nobody gets it so."""
    server.switch = method
    assert "needs tls" in refused(SourceUnavailable, driver(server.port).connect, PASSWORD)
    assert server.passwords == []


def test_cryptography_is_loaded_when_it_is_needed(server: MysqlLogin) -> None:
    """PyMySQL starts without the package cryptography, and gets it for this login."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "lib")!r})
from ais.sources.sql.drivers import pymysqlconnection
print("cryptography" in sys.modules)
connection = dict(host="127.0.0.1", port={server.port}, user="u", password={PASSWORD!r}, database=None)
from ais.sources.sql.drivers import driver_for
driver_for("mysql", dict(connection, tls=None, options={{}})).connect().close()
print("cryptography" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\nTrue\n", done.stderr
    assert server.passwords == [PASSWORD.encode() + b"\0"]


def test_cryptography_is_missing(server: MysqlLogin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the error says what to install."""
    import pymysql._auth  # type: ignore[import-untyped]

    from ais.sources.sql.drivers import pymysqlconnection

    def fails(*_: object) -> None:
        raise RuntimeError("'cryptography' package is required for sha256_password or caching_sha2_password")

    monkeypatch.setattr(pymysql._auth, "sha2_rsa_encrypt", fails)
    monkeypatch.setattr(pymysqlconnection, "_load_cryptography", lambda: None)
    text = refused(MissingPackage, driver(server.port).connect, PASSWORD)
    assert "python3 -m pip install cryptography" in text


def test_an_old_pymysql_names_the_encoding_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the handshake says of the encoding may be ignored by the server: a list had ``?`` for other letters."""
    import pymysql.connections  # type: ignore[import-untyped]

    from ais.sources.sql.drivers import pymysqlconnection

    named: list[str] = []
    base = pymysql.connections.Connection
    monkeypatch.setattr(base, "connect", lambda self, sock: None)
    monkeypatch.delattr(base, "set_character_set")  # it came with 1.1
    monkeypatch.setattr(base, "set_charset", lambda self, charset: named.append(charset))
    connection = pymysqlconnection.Connection.__new__(pymysqlconnection.Connection)
    connection.charset = "utf8mb4"
    connection.connect(object())
    assert named == ["utf8mb4"]
