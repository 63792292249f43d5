"""Clients whose request bodies come slowly, and the processes that they hold."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import credentials
from support.running import ADDRESS, Server

PIECE = b"x" * 60
PAUSE = 0.1  # seconds between two pieces: 600 bytes a second, more than Apache's own default asks for


class SlowClients:
    """Connections that each send 60 kB at 600 bytes a second.

    Attributes:
        answers: what came on those that were answered or closed.
    """

    def __init__(self, server: Server, count: int, expect: bool) -> None:
        self.answers: list[bytes] = []
        self._over = threading.Event()
        head = (
            f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\nAuthorization: {credentials()}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n" + "Expect: 100-continue\r\n" * expect + "\r\n"
        )
        self._head = head.encode()
        self._threads = [threading.Thread(target=self._send, args=(server.port,)) for _ in range(count)]

    def _send(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(self._head)
            connection.settimeout(PAUSE)
            while not self._over.is_set():
                try:
                    connection.sendall(PIECE)
                    answer = connection.recv(4096)
                except TimeoutError:
                    continue
                except OSError:
                    answer = b""
                if not answer.startswith(b"HTTP/1.1 100 "):
                    self.answers.append(answer)
                    return


@contextmanager
def slow_clients(server: Server, count: int, *, expect: bool = False) -> Iterator[SlowClients]:
    """Let clients send while the block runs; with ``expect`` they wait to be told to go on, as .NET Framework does."""
    clients = SlowClients(server, count, expect)
    for thread in clients._threads:
        thread.start()
    try:
        yield clients
    finally:
        clients._over.set()
        for thread in clients._threads:
            thread.join()


def count_scripts(site: Path) -> int:
    """How many processes run the CGI script of a site."""
    script = str(site / "cgi-bin" / "mailstore-integration" / "index.py").encode()
    found = 0
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += script in file.read_bytes()
        except OSError:
            pass  # it has ended
    return found


def until(done: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)
