"""The protocol of FastCGI: any split of records, any lie about lengths, and what a web server may ask."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais.http import BODY_LIMIT, Response
from ais.http.fastcgi import VARIABLES_LIMIT, Connection, Incoming, ProtocolError
from support import fastcgi
from support.fastcgi import ABORT, PARAMS, STDIN, STDOUT, begin, pair, pairs, record, records, request, stream

ENVIRON = {
    "REQUEST_METHOD": "POST",
    "EMPTY": "",
    "HTTP_COOKIE": "x" * 300,
    "L" * 200: "y",
    "AIS_CONFIG": "/etc/kunden/müller\udcff.py",
}
BODY = b"cmd=auth&user=john.doe&pass=Passw0rd"


class Pieces:
    """Stands for a socket: what comes, cut as told, and what was sent."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self.sent: list[bytes] = []

    def recv(self, size: int) -> bytes:
        """The next piece; nothing after the last, as when the web server closes."""
        return next(self._pieces, b"")

    def sendall(self, data: bytes) -> None:
        """Note what is sent."""
        self.sent.append(data)


def connect(*pieces: bytes) -> tuple[Connection, Pieces]:
    """A connection on which these pieces come."""
    peer = Pieces(*pieces)
    return Connection(peer), peer  # type: ignore[arg-type]


def received(*pieces: bytes) -> Incoming:
    """The request that these pieces are; nothing is to be said about it yet."""
    connection, peer = connect(*pieces)
    found = connection.receive()
    assert found is not None
    assert not connection.has_more
    assert peer.sent == []
    return found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Data in pieces, cut at these places."""
    edges = [0, *sorted(place for place in places if 0 < place < len(data)), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges) if start < stop]


def test_a_request_is_read() -> None:
    """Names, values and body arrive as they were sent, decoded as the environment of a process is."""
    found = received(request(ENVIRON, BODY, number=7, keep=True))
    assert (found.environ, bytes(found.body), found.number, found.keeps) == (ENVIRON, BODY, 7, True)
    assert not received(request(ENVIRON, b"")).keeps


@settings(deadline=None)
@given(
    places=st.lists(st.integers(0, 1200), max_size=40),
    size=st.integers(1, 400),
    padding=st.integers(0, 255),
    body=st.binary(max_size=300),
)
def test_any_split_is_the_same_request(places: list[int], size: int, padding: int, body: bytes) -> None:
    """However streams are cut into records, and records into reads, the request is the same."""
    found = received(*cut(request(ENVIRON, body, size=size, padding=padding), places))
    assert (found.environ, bytes(found.body)) == (ENVIRON, body)


def test_byte_by_byte() -> None:
    """A request that comes byte by byte is read."""
    data = request(ENVIRON, BODY)
    assert received(*[data[at : at + 1] for at in range(len(data))]).environ == ENVIRON


def test_any_interleaving_of_its_streams() -> None:
    """Parts of the body may come before the last variables."""
    found = received(
        begin() + record(PARAMS, pairs(ENVIRON)) + record(STDIN, BODY[:5]) + record(PARAMS) + stream(STDIN, BODY[5:])
    )
    assert (found.environ, bytes(found.body)) == (ENVIRON, BODY)


@pytest.mark.parametrize("size", [BODY_LIMIT, BODY_LIMIT + 1, 5_000_000])
def test_a_large_body_is_dropped(size: int) -> None:
    """All of it is read; what is kept shows whether it is too large, and costs little."""
    kept = len(received(request(ENVIRON, b"x" * size)).body)
    assert min(size, BODY_LIMIT + 1) <= kept <= 2 * BODY_LIMIT


def test_a_web_server_that_leaves() -> None:
    """Where the web server closes the connection, at any place, there is no request, and no fault."""
    data = request(ENVIRON, BODY)
    for size in range(0, len(data), 7):
        connection, peer = connect(data[:size])
        assert connection.receive() is None
        assert peer.sent == []


def test_questions_of_the_web_server() -> None:
    """One request at a time on one connection at a time; unknown names are left out, unknown questions said so."""
    asked = pairs({"FCGI_MAX_CONNS": "", "FCGI_MPXS_CONNS": "", "OTHER": "", "FCGI_MAX_REQS": ""})
    unknown = b"".join(record(kind, b"?", number=0) for kind in (1, 4, 8, 11, 12, 200))
    connection, peer = connect(record(fastcgi.GET_VALUES, asked, number=0) + unknown + request(ENVIRON, BODY))
    found = connection.receive()
    assert found is not None
    values, *others = records(b"".join(peer.sent))
    wanted = pairs({"FCGI_MAX_CONNS": "1", "FCGI_MPXS_CONNS": "0", "FCGI_MAX_REQS": "1"})
    assert values == (fastcgi.VALUES, 0, wanted)
    assert others == [(fastcgi.UNKNOWN, 0, bytes((kind, *[0] * 7))) for kind in (1, 4, 8, 11, 12, 200)]


def ended(data: bytes) -> list[tuple[int, int]]:
    """Number of each request that was ended, and how."""
    return [(each.number, each.content[4]) for each in records(data) if each.kind == fastcgi.END]


@pytest.mark.parametrize("role", [0, fastcgi.AUTHORIZER, fastcgi.FILTER, 77])
def test_other_roles_are_refused(role: int) -> None:
    """A request to another role is ended; the connection serves the next one, if it is to stay open."""
    refused = begin(3, role, keep=True) + stream(PARAMS, pairs(ENVIRON), 3) + stream(STDIN, BODY, 3)
    connection, peer = connect(refused + request(ENVIRON, BODY, number=4))
    found = connection.receive()
    assert found is not None
    assert found.number == 4
    assert ended(b"".join(peer.sent)) == [(3, fastcgi.UNKNOWN_ROLE)]
    connection, peer = connect(begin(3, role) + request(ENVIRON, BODY, number=4))
    assert connection.receive() is None
    assert ended(b"".join(peer.sent)) == [(3, fastcgi.UNKNOWN_ROLE)]


def test_a_second_request_at_a_time_is_refused() -> None:
    """A request that begins before another is complete is ended, and does the other no harm."""
    second = begin(2) + stream(PARAMS, pairs({"REQUEST_METHOD": "PUT"}), 2)
    first = [begin(1), stream(PARAMS, pairs(ENVIRON), 1), stream(STDIN, BODY, 1)]
    connection, peer = connect(first[0] + second + first[1] + stream(STDIN, b"?", 2) + first[2])
    found = connection.receive()
    assert found is not None
    assert (found.number, found.environ, bytes(found.body)) == (1, ENVIRON, BODY)
    assert ended(b"".join(peer.sent)) == [(2, fastcgi.CANNOT_MULTIPLEX)]


def test_a_request_is_taken_back() -> None:
    """A request that the web server aborts is ended; the connection serves the next one, if it is to stay open."""
    parts = begin(1, keep=True) + stream(PARAMS, pairs(ENVIRON), 1) + record(ABORT)
    connection, peer = connect(parts + record(ABORT, number=9) + request({"A": "b"}, BODY, number=2))
    found = connection.receive()
    assert found is not None
    assert (found.number, found.environ) == (2, {"A": "b"})
    assert ended(b"".join(peer.sent)) == [(1, fastcgi.COMPLETE)]
    connection, _ = connect(begin(1) + record(ABORT) + request(ENVIRON, BODY, number=2))
    assert connection.receive() is None


def test_several_requests_on_a_connection() -> None:
    """What comes behind a request is kept for the next call; what belongs to no request is passed over."""
    stray = record(STDIN, b"late", number=1) + record(8, b"data", number=2) + record(99, b"?", number=2)
    connection, _ = connect(request(ENVIRON, BODY, keep=True) + stray + request({"A": "b"}, b"", number=2))
    first = connection.receive()
    assert connection.has_more
    second = connection.receive()
    assert first is not None
    assert second is not None
    assert (first.environ, second.environ, second.number) == (ENVIRON, {"A": "b"}, 2)
    assert connection.receive() is None


FAULTS = {
    "another version": record(1, struct.pack(">HB5x", 1, 0), version=2),
    "HTTP": b"POST / HTTP/1.1\r\n\r\n",
    "a short begin": record(1, b"\0\1\0") + request(ENVIRON, BODY),
    "a long begin": record(1, b"\0\1\0" * 4) + request(ENVIRON, BODY),
    "the same request twice": begin() + request(ENVIRON, BODY),
    "a value past the end": begin() + stream(PARAMS, pairs(ENVIRON)[:-1]),
    "a name past the end": begin() + stream(PARAMS, b"\x05\x00AB"),
    "no length of the value": begin() + stream(PARAMS, b"\x05"),
    "a long length that breaks off": begin() + stream(PARAMS, b"\x01\x80\x00"),
    "a length of two gigabytes": begin() + stream(PARAMS, b"\xff\xff\xff\xff\xff\xff\xff\xffA"),
    "too many variables": begin() + stream(PARAMS, b"\x01\x01Ab" * (VARIABLES_LIMIT // 4 + 1)),
    "values past the end": record(fastcgi.GET_VALUES, b"\x0e\x00FCGI", number=0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_request_is_refused(name: str) -> None:
    """What no web server sends is a fault of its own kind, and nothing is answered to it."""
    connection, peer = connect(FAULTS[name])
    with pytest.raises(ProtocolError):
        connection.receive()
    assert peer.sent == []


def test_many_variables_are_read() -> None:
    """As many headers as Apache lets a client send, 100 of 8190 bytes, are no fault."""
    environ = {f"HTTP_{number}": "x" * 8190 for number in range(100)}
    assert received(request(environ, BODY)).environ == environ


GOOD = request(ENVIRON, BODY, padding=3)


@settings(deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=5)), max_size=6),
    rest=st.binary(max_size=60),
    places=st.lists(st.integers(0, len(GOOD)), max_size=4),
)
def test_any_bytes_do_no_harm(changes: list[tuple[int, bytes]], rest: bytes, places: list[int]) -> None:
    """A damaged request is a request, none, or refused; nothing else is raised, and what is said are whole records."""
    data = bytearray(GOOD)
    for place, new in changes:
        data[place : place + len(new)] = new
    connection, peer = connect(*cut(bytes(data) + rest, places))
    try:
        while (found := connection.receive()) is not None:
            assert len(found.body) <= 2 * BODY_LIMIT
    except ProtocolError:
        pass
    records(b"".join(peer.sent))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_garbage_does_no_harm(data: bytes) -> None:
    """So it is with bytes that were never a request."""
    connection, peer = connect(data)
    try:
        while connection.receive() is not None:
            pass
    except ProtocolError:
        pass
    records(b"".join(peer.sent))


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=140), st.text(max_size=140), max_size=8))
def test_any_names_and_values(environ: dict[str, str]) -> None:
    """Every name and value that an environment can hold is read back."""
    known = {name: value for name, value in environ.items() if _is_encodable(name + value)}
    assert received(begin() + stream(PARAMS, pairs(known)) + record(STDIN)).environ == known


def _is_encodable(text: str) -> bool:
    return all(not 0xD800 <= ord(each) < 0xDC80 and not 0xDCFF < ord(each) < 0xE000 for each in text) and not any(
        0xDC80 <= ord(each) <= 0xDCFF for each in text
    )


def test_the_last_of_two_values_counts() -> None:
    """A name that is given twice has the value that came last, as in an environment."""
    twice = pair(b"A", b"1") + pair(b"A", b"2")
    assert received(begin() + stream(PARAMS, twice) + record(STDIN)).environ == {"A": "2"}


@pytest.mark.parametrize("size", [0, 1, 60_000, 65_535, 65_536, 200_000, 3_000_000])
def test_an_answer_is_whole(size: int) -> None:
    """Header and body are one stream with an end, in one write unless they are long."""
    connection, peer = connect()
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    connection.answer(Incoming(9, keeps=False), Response(200, body).for_cgi())
    assert len(peer.sent) == 1
    head, _, rest = fastcgi.output(records(peer.sent[0]), 9).partition(b"\r\n\r\n")
    assert head.startswith(b"Status: 200 OK\r\n")
    assert rest == body


def test_a_long_answer_goes_piece_by_piece() -> None:
    """A body in pieces is sent in pieces: it is never whole in memory."""
    connection, peer = connect()
    pieces = [b"a" * 100, b"b" * 256 * 1024, b"c" * 256 * 1024, b"d"]
    connection.answer(Incoming(1, keeps=False), pieces)
    assert max(map(len, peer.sent)) < 257 * 1024
    assert fastcgi.output(records(b"".join(peer.sent))) == b"".join(pieces)
    assert {each.kind for each in records(b"".join(peer.sent))} == {STDOUT, fastcgi.END}


def test_over_a_real_socket() -> None:
    """A request and its answer pass a Unix socket whose buffer is smaller than either."""
    server, ours = socket.socketpair()
    with server, ours:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        server.sendall(request(ENVIRON, BODY))
        connection = Connection(ours)
        found = connection.receive()
        assert found is not None
        connection.answer(found, [b"Status: 200 OK\r\n\r\nok"])
        assert fastcgi.output(fastcgi.read_answer(server)) == b"Status: 200 OK\r\n\r\nok"
