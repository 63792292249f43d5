"""Whatever a server says, only its yes is a yes."""

from __future__ import annotations

import re
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from ais.errors import AISError
from ais.logins.http_basic import _read_head
from ais.logins.imap import Session
from ais.network.address import Address
from ais.network.sockets import TimedSocket

IMAP_WORDS = [
    *(
        b"* ",
        b"+ ",
        b"a1 ",
        b"a2 ",
        b"a3 ",
        b"OK",
        b"NO",
        b"BAD",
        b"BYE",
        b" ",
        b"\r\n",
        b"\n",
        b"{3}\r\n",
        b"\0",
        b"\xff",
    ),
    *(b"* OK hi\r\n", b"* CAPABILITY SASL-IR AUTH=PLAIN\r\n", b"* CAPABILITY IMAP4rev1\r\n", b"a1 OK\r\n", b"+ \r\n"),
    *(b"a2 OK\r\n", b"a2 NO [UNAVAILABLE]\r\n", b"a2 NO [AUTHENTICATIONFAILED]\r\n"),
]
HTTP_WORDS = [b"HTTP/1.1", b"HTTP/1.0", b" ", b"200", b"100", b"401", b"\r\n", b"\r\n\r\n", b"\n", b":", b"a", b"\xff"]


class Script:
    """Takes the place of a connection on which everything is said already."""

    def __init__(self, said: list[bytes]) -> None:
        self._said = [part for part in said if part]
        self.sent = b""
        self.fault = "the server closed the connection"

    def recv(self, size: int) -> bytes:
        """As a socket does."""
        return self._said.pop(0) if self._said else b""

    def sendall(self, data: bytes) -> None:
        """As a socket does."""
        self.sent += data


@given(st.lists(st.sampled_from(IMAP_WORDS), max_size=25))
def test_imap(said: list[bytes]) -> None:
    """Without a line ``a2 OK`` there is no yes, and without ``a2 NO`` no no; anything else is one of our errors."""
    script = Script(said)
    session = Session(cast(TimedSocket, script), Address("IMAP server x", "x", 143))
    try:
        session.greet()
        answer = session.log_in(b"anna", b"geheim")
    except AISError:
        return
    lines = re.split(rb"\r?\n", b"".join(said))
    assert any(line.startswith(b"a2 OK" if answer else b"a2 NO") for line in lines)
    assert b"a2 " in script.sent


@given(st.lists(st.sampled_from(HTTP_WORDS), max_size=25))
def test_http(said: list[bytes]) -> None:
    """A status is what the first line of an answer says that is not an interim one."""
    try:
        status, _ = _read_head(cast(TimedSocket, Script(said)), "https://x")
    except AISError:
        return
    assert re.search(rb"(?:^|\r\n\r\n)HTTP/1\.\S* %d(?: |\r\n)" % status, b"".join(said))
    assert status >= 200 or status < 100
