"""The web server's side of FastCGI: what it sends, read from the specification anew, and what it understands."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES, VALUES, UNKNOWN = range(1, 12)
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
COMPLETE, CANNOT_MULTIPLEX, OVERLOADED, UNKNOWN_ROLE = range(4)


class Record(NamedTuple):
    """A record: its type, the number of its request, its content."""

    kind: int
    number: int
    content: bytes


def record(kind: int, content: bytes = b"", number: int = 1, padding: int = 0, version: int = 1) -> bytes:
    """A record as it is sent."""
    return struct.pack(">BBHHBx", version, kind, number, len(content), padding) + content + b"\xff" * padding


def pair(name: bytes, value: bytes) -> bytes:
    """A name and its value, as they are sent."""
    sizes = b"".join(
        struct.pack(">I", len(text) | 1 << 31) if len(text) > 127 else struct.pack("B", len(text))
        for text in (name, value)
    )
    return sizes + name + value


def pairs(environ: Mapping[str, str]) -> bytes:
    """All names and values."""
    return b"".join(pair(os.fsencode(name), os.fsencode(value)) for name, value in environ.items())


def begin(number: int = 1, role: int = RESPONDER, keep: bool = False) -> bytes:
    """The record that begins a request."""
    return record(BEGIN, struct.pack(">HB5x", role, keep), number)


def stream(kind: int, content: bytes, number: int = 1, size: int = 65535, padding: int = 0) -> bytes:
    """The records of a stream, and the empty one at its end."""
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(record(kind, part, number, padding) for part in [*parts, b""])


def request(environ: Mapping[str, str], body: bytes, number: int = 1, keep: bool = False, **form: int) -> bytes:
    """A whole request."""
    return (
        begin(number, keep=keep) + stream(PARAMS, pairs(environ), number, **form) + stream(STDIN, body, number, **form)
    )


def records(data: bytes) -> list[Record]:
    """What was sent, taken apart; anything but whole records fails the test."""
    found = []
    while data:
        version, kind, number, size, padding = struct.unpack_from(">BBHHBx", data)
        assert version == 1
        assert len(data) >= 8 + size + padding, "a record is cut"
        found.append(Record(kind, number, data[8 : 8 + size]))
        data = data[8 + size + padding :]
    return found


def output(found: Iterable[Record], number: int = 1) -> bytes:
    """The answer to a request, which must be whole and be followed by the end of its stream and of the request."""
    ours = [each for each in found if each.number == number]
    kinds = [each.kind for each in ours]
    assert kinds == [STDOUT] * (len(kinds) - 1) + [END], kinds
    assert [each.content for each in ours].index(b"") == len(ours) - 2
    assert ours[-1].content == struct.pack(">IB3x", 0, COMPLETE)
    return b"".join(each.content for each in ours[:-1])


def read_all(peer: socket.socket) -> bytes:
    """Everything until the other side closes."""
    data = b""
    while part := peer.recv(1 << 16):
        data += part
    return data


def read_answer(peer: socket.socket, number: int = 1) -> list[Record]:
    """The records up to the end of a request, on a connection that stays open."""
    found: list[Record] = []
    data = b""
    while not found or found[-1].kind != END or found[-1].number != number:
        while len(data) < 8 or len(data) < 8 + sum(struct.unpack_from(">HB", data, 4)):
            part = peer.recv(1 << 16)
            assert part, "closed"
            data += part
        size = 8 + sum(struct.unpack_from(">HB", data, 4))
        found += records(data[:size])
        data = data[size:]
    assert not data
    return found


class Process:
    """The real entry, started as lighttpd and mod_fcgid start it: with a listening socket as descriptor 0.

    Attributes:
        path: of the socket.
        log: the file that standard error goes to.
    """

    def __init__(
        self, command: list[str], folder: Path, environment: Mapping[str, str], backlog: int, name: str
    ) -> None:
        self.path, self.log = folder / name, folder / "stderr"
        with socket.socket(socket.AF_UNIX) as listener, self.log.open("ab") as log:
            listener.bind(str(self.path))
            listener.listen(backlog)
            self.running = subprocess.Popen(
                command, stdin=listener.fileno(), stdout=log, stderr=log, env=dict(environment)
            )

    def connect(self) -> socket.socket:
        """A new connection."""
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(30)
        try:
            peer.connect(str(self.path))
        except OSError:
            peer.close()
            raise
        return peer

    def refuses(self) -> bool:
        """Whether it takes no new connections."""
        try:
            self.connect().close()
        except ConnectionRefusedError:
            return True
        return False

    def ask(self, data: bytes) -> bytes:
        """Send something over a new connection, and return what comes until it is closed."""
        with self.connect() as peer:
            peer.sendall(data)
            return read_all(peer)

    def logged(self) -> str:
        """What it has written to standard error so far."""
        return self.log.read_text(errors="replace")

    def ended(self, seconds: float = 10) -> int:
        """Its exit status, when it has ended."""
        status: int = self.running.wait(seconds)
        return status


@contextmanager
def started(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    backlog: int = 128,
    name: str = "socket",
) -> Iterator[Process]:
    """Run an entry while the block runs."""
    process = Process(command, folder, environment or {}, backlog, name)
    try:
        yield process
    finally:
        process.running.kill()
        process.running.wait()


def until(done: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until a function says yes."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.02)
