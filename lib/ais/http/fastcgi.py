"""FastCGI, the protocol: requests out of records, and answers into records (FastCGI Specification 1.0)."""

from __future__ import annotations

import os
import socket
from _socket import socket as Stream  # noqa: N812
from fcntl import F_DUPFD_CLOEXEC, fcntl
from struct import Struct

from . import BODY_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Types of records, and what is in them: section 8 of the specification.
BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11
STREAMS = (PARAMS, STDIN)
RESPONDER = KEEP_CONNECTION = 1
COMPLETE, CANNOT_MULTIPLEX, UNKNOWN_ROLE = 0, 1, 3
VALUES = {"FCGI_MAX_CONNS": "1", "FCGI_MAX_REQS": "1", "FCGI_MPXS_CONNS": "0"}

HEADER = Struct(">BBHHBx")
"""Of each record: version, type, number of the request, bytes of the content, bytes of the padding behind it."""
BEGIN = Struct(">HB5x")
"""How a request begins: role, flags."""
END = Struct(">IB3x")
"""How it ends: exit status, one of `COMPLETE`, `CANNOT_MULTIPLEX`, `UNKNOWN_ROLE`."""

HEADER_BYTES, read_header = HEADER.size, HEADER.unpack_from

CONTENT_LIMIT = 65535
"""Bytes of content that one record can have."""

VARIABLES_LIMIT = 1024 * 1024
"""Bytes of all variables of a request. Apache lets a client send 800 KiB of headers, other servers fewer."""


def take_listener() -> socket.socket | None:
    """Return the listening socket that is descriptor 0 (section 2.2), under another number; None for anything else."""
    try:
        listener = socket.socket(fileno=fcntl(0, F_DUPFD_CLOEXEC, 3))  # 1 and 2 may be closed, and mean something else
        if listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            listener.setblocking(True)
            return listener
    except OSError:
        pass  # something else, or closed
    return None


class ProtocolError(Exception):
    """Something that no web server sends: nothing further can be understood on this connection."""


class Incoming:
    """A request as it comes.

    Args:
        number: what the web server calls it.
        keeps: whether the connection stays open after the answer.

    Attributes:
        environ: the CGI variables, decoded as `os.environ` is.
        body: the body; of one that is too large, enough to see that.
    """

    def __init__(self, number: int, keeps: bool) -> None:
        self.number, self.keeps = number, keeps
        self.environ: dict[str, str] = {}
        self.body = bytearray()
        self._variables = bytearray()

    def add(self, kind: int, content: bytes) -> None:
        """Take a part of the variables or of the body, and drop what is beyond the limit of a body."""
        if kind == PARAMS:
            self._variables += content
            if len(self._variables) > VARIABLES_LIMIT:
                raise ProtocolError("a request has too many variables")
        elif len(self.body) <= BODY_LIMIT:
            self.body += content

    def end_variables(self) -> None:
        """Read the variables, all of which have come."""
        self.environ = read_pairs(bytes(self._variables))


class Connection:
    """A connection of the web server. To read or write may raise OSError: the web server may be gone."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._data = b""
        self._at = 0  # what stands before it has been read
        self._request: Incoming | None = None

    @property
    def has_more(self) -> bool:
        """Whether more has come than has been read."""
        return self._at < len(self._data)

    def receive(self) -> Incoming | None:
        """Return the next request when all of it has come; None when none is to come on this connection.

        Raises:
            ProtocolError: this is no FastCGI, or not what a web server sends.
        """
        request = self._request = None
        data, at, come = self._data, self._at, len(self._data)
        while True:
            begin = end = at + HEADER_BYTES
            if begin <= come:
                version, kind, number, size, padding = read_header(data, at)
                if version != 1:
                    raise ProtocolError("this is not FastCGI")
                end += size + padding
            if end > come:
                self._at = at
                if not self._read(end - come):
                    return None
                data, at, come = self._data, 0, len(self._data)
                continue
            at = end
            # Nearly every record is one of these, and most streams are one record: no call where none is needed.
            if request and number == request.number and kind in STREAMS:
                if size:
                    request.add(kind, data[begin : begin + size])
                elif kind == PARAMS:
                    request.end_variables()
                else:
                    self._at = at
                    return request
            elif self._take(kind, number, data[begin : begin + size]):
                return None
            else:
                request = self._request

    def _take(self, kind: int, number: int, content: bytes) -> bool:
        """Take a record that is no part of the request; say whether it is the last one of the connection."""
        request = self._request
        if number == 0:
            self._answer_question(kind, content)
        elif kind == BEGIN_REQUEST:
            return self._begin(number, content)
        elif kind == ABORT_REQUEST and request and number == request.number:
            self._end(number, COMPLETE)
            self._request = None
            return not request.keeps
        return False  # what else comes is of a request that was refused, or has ended

    def _begin(self, number: int, content: bytes) -> bool:
        if len(content) != BEGIN.size:
            raise ProtocolError("a request begins in a wrong way")
        role, flags = BEGIN.unpack(content)
        keeps = bool(flags & KEEP_CONNECTION)
        if self._request:
            if number == self._request.number:
                raise ProtocolError("a request begins in a wrong way")
            self._end(number, CANNOT_MULTIPLEX)
        elif role == RESPONDER:
            self._request = Incoming(number, keeps)
        else:
            self._end(number, UNKNOWN_ROLE)
            return not keeps
        return False

    def _answer_question(self, kind: int, content: bytes) -> None:
        """Answer a record that belongs to no request."""
        if kind == GET_VALUES:
            known = [(name, VALUES[name]) for name in read_pairs(content) if name in VALUES]
            reply = b"".join(bytes((len(name), len(value))) + (name + value).encode("ascii") for name, value in known)
            self.stream.sendall(HEADER.pack(1, GET_VALUES_RESULT, 0, len(reply), 0) + reply)
        else:
            self.stream.sendall(HEADER.pack(1, UNKNOWN_TYPE, 0, 8, 0) + bytes((kind, 0, 0, 0, 0, 0, 0, 0)))

    def _end(self, number: int, status: int) -> None:
        self.stream.sendall(_ending(number, status))

    def answer(self, request: Incoming, parts: Iterable[bytes]) -> None:
        """Send an answer; the last part, which is the only one of most answers, in one write with the end."""
        waiting = b""
        for part in parts:
            if waiting:
                self.stream.sendall(_output(request.number, waiting))
            waiting = part
        last = _output(request.number, waiting) + HEADER.pack(1, STDOUT, request.number, 0, 0)
        self.stream.sendall(last + _ending(request.number, COMPLETE))

    def _read(self, missing: int) -> bool:
        """Read as many bytes, or more; say whether they came."""
        parts = [self._data[self._at :]]
        while missing > 0 and (part := self.stream.recv(CONTENT_LIMIT)):
            parts.append(part)
            missing -= len(part)
        self._data, self._at = b"".join(parts), 0
        return missing <= 0


def _output(number: int, content: bytes) -> bytes:
    """Return the records of a part of an answer."""
    if 0 < len(content) <= CONTENT_LIMIT:
        return HEADER.pack(1, STDOUT, number, len(content), 0) + content
    pieces = [content[at : at + CONTENT_LIMIT] for at in range(0, len(content), CONTENT_LIMIT)]
    return b"".join([HEADER.pack(1, STDOUT, number, len(piece), 0) + piece for piece in pieces])


def _ending(number: int, status: int) -> bytes:
    """Return the record that ends a request."""
    return HEADER.pack(1, END_REQUEST, number, END.size, 0) + END.pack(0, status)


def read_pairs(data: bytes) -> dict[str, str]:
    """Return names and values (section 3.4 of the specification).

    Raises:
        ProtocolError: a length points past the end.
    """
    text = data.decode("latin-1")
    pairs: dict[str, str] = {}
    at, end = 0, len(data)
    try:
        while at < end:
            name, value = data[at], data[at + 1]
            at += 2
            if name > 127 or value > 127:
                name, at = _size(data, at - 2)
                value, at = _size(data, at)
            middle = at + name
            key = text[at:middle]
            at = middle + value
            pairs[key] = text[middle:at]
    except IndexError:
        at = -1
    if at != end:
        raise ProtocolError("variables of a request are cut short")
    return pairs if text.isascii() else {_native(name): _native(value) for name, value in pairs.items()}


def _size(data: bytes, at: int) -> tuple[int, int]:
    """Return the size that stands there, in one byte or in four, and where it ends."""
    if data[at] < 128:
        return data[at], at + 1
    return int.from_bytes(data[at : at + 4]) & 0x7FFFFFFF, at + 4


def _native(text: str) -> str:
    """Decode again what was read as Latin-1, in the way that Python decodes a process's environment."""
    return text if text.isascii() else os.fsdecode(text.encode("latin-1"))
