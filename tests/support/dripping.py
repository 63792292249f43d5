"""Servers that begin as their protocol wants it, and then send a byte now and then for ever."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from logins.network import serving

PAUSE = 0.2
"""Seconds between two bytes: no time-out of a single read ever ends."""

LONGEST = 10.0
"""Seconds after which a connection that nobody closes is given up."""

Talk = Callable[[socket.socket], None]


class Dripping:
    """A server of this kind.

    Attributes:
        port: where it listens on 127.0.0.1.
        ended: for each connection that is over, whether the client ended it.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.ended: list[bool] = []


@contextmanager
def dripping(talk: Talk) -> Iterator[Dripping]:
    """Run a server that drips on each connection as soon as `talk` returns."""

    def handle(connection: socket.socket, _: int) -> None:
        try:
            talk(connection)
            ends = time.monotonic() + LONGEST
            while time.monotonic() < ends:
                connection.sendall(b"x")
                time.sleep(PAUSE)
            server.ended.append(False)
        except OSError:
            server.ended.append(True)

    with serving(handle) as talker:
        server = Dripping(talker.port)
        yield server


def says(first: bytes, *replies: bytes) -> Talk:
    """Say something, and each of the replies after having been sent something."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(first)
        for reply in replies:
            received(connection)
            connection.sendall(reply)

    return talk


def received(connection: socket.socket) -> bytes:
    """What comes next.

    Raises:
        BrokenPipeError: the client has gone.
    """
    data = connection.recv(65536)
    if not data:
        raise BrokenPipeError
    return data


MYSQL_GREETING = (
    b"\x0a8.0.40\0"
    + b"\1\0\0\0"
    + b"abcdefgh\0"
    # https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
    + b"\x0f\xaa\xff\2\0\x0f\0\x15"
    + bytes(10)
    + b"abcdefghijkl\0"
    + b"mysql_native_password\0"
)
"""Offers TLS (CLIENT_SSL, 0x800)."""


def mysql_packet(number: int, payload: bytes) -> bytes:
    """A packet of MySQL's protocol."""
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


def mysql_after_login(connection: socket.socket) -> None:
    """Let everybody log in, say yes to every SET, and stop in the answer to the first SELECT."""
    connection.sendall(mysql_packet(0, MYSQL_GREETING))
    received(connection)
    connection.sendall(mysql_packet(2, bytes.fromhex("00000002000000")))
    while b"SELECT" not in received(connection):
        connection.sendall(mysql_packet(1, bytes.fromhex("00000002000000")))
    connection.sendall(mysql_packet(1, b"\1") + b"\xff\xff\0\2")  # one column, whose description never ends


def postgresql_message(kind: bytes, payload: bytes) -> bytes:
    """A message of PostgreSQL's protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html)."""
    return kind + (len(payload) + 4).to_bytes(4, "big") + payload


def postgresql_after_login(connection: socket.socket) -> None:
    """Let everybody log in, say yes to what is no SELECT, and stop in the answer to the first that is one."""
    ready = postgresql_message(b"Z", b"T")
    received(connection)
    connection.sendall(
        postgresql_message(b"R", bytes(4))
        + postgresql_message(b"S", b"server_version\x0015.0\0")
        + postgresql_message(b"S", b"client_encoding\0UTF8\0")
        + postgresql_message(b"K", bytes(8))
        + postgresql_message(b"Z", b"I")
    )
    while b"SELECT" not in received(connection):
        connection.sendall(postgresql_message(b"C", b"SET\0") + ready)
    connection.sendall(b"T\0\1\0\0")
