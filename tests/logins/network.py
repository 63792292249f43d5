"""Servers for logins that misbehave on purpose, and a relay that sees what goes to a real one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from support.openldap import free_port

__all__ = ["Talker", "free_port", "relay", "silent", "talking"]


class Talker:
    """A server that runs in a thread.

    Attributes:
        port: where it listens on 127.0.0.1.
        received: what each connection has sent, in order.
    """

    def __init__(self, server: socket.socket) -> None:
        self.port: int = server.getsockname()[1]
        self.received: list[bytes] = []

    @property
    def said(self) -> bytes:
        """All that clients have sent."""
        return b"".join(self.received)


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def serving(handle: Callable[[socket.socket, int], None]) -> Iterator[Talker]:
    """Handle each connection in a thread of its own; the second argument counts them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        talker = Talker(server)
        threads: list[threading.Thread] = []

        def handled(connection: socket.socket, number: int) -> None:
            with connection:
                try:
                    handle(connection, number)
                except OSError:
                    pass  # the client has gone

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.settimeout(20)
                talker.received.append(b"")
                thread = threading.Thread(target=handled, args=(connection, len(talker.received) - 1))
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield talker
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


@contextmanager
def talking(*replies: bytes | None, first: bytes = b"") -> Iterator[Talker]:
    """Run a server that says a reply after each thing that it is sent, and closes the connection after the last.

    Args:
        replies: what it says; None says nothing and waits until the client has gone.
        first: what it says before anything is sent.
    """
    running: list[Talker] = []

    def handle(connection: socket.socket, number: int) -> None:
        connection.sendall(first)
        for reply in replies:
            data = connection.recv(65536)
            running[0].received[number] += data
            if not data:
                return
            if reply is None:
                connection.recv(65536)
                return
            connection.sendall(reply)

    with serving(handle) as talker:
        running.append(talker)
        yield talker


@contextmanager
def relay(
    port: int, edit: Callable[[bytes], bytes] = bytes, stop: Callable[[bytes], bool] = lambda data: False
) -> Iterator[Talker]:
    """Run a server that passes everything on to another one.

    Args:
        port: the other one's.
        edit: changes what that says.
        stop: asked about what the client sends; with True both connections end there.
    """
    running: list[Talker] = []

    def handle(client: socket.socket, number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            while data := received(client):
                running[0].received[number] += data
                if stop(data):
                    break
                server.sendall(data)
            for each in (server, client):
                shut(each)
            back.join()

    def pump(server: socket.socket, client: socket.socket) -> None:
        while data := received(server):
            try:
                client.sendall(edit(data))
            except OSError:
                break
        shut(client)

    with serving(handle) as talker:
        running.append(talker)
        yield talker


def received(connection: socket.socket) -> bytes:
    """What comes next; nothing at the end."""
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def shut(connection: socket.socket) -> None:
    """End a connection for both sides."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
