"""A socket on which all waiting ends with the request.

The time-outs of Python's own begin anew with each piece that arrives, and a server may send a byte now and then.
Imported when the first connection is made.
"""

from __future__ import annotations

import socket
import ssl

from .. import deadline
from ..errors import SourceUnavailable
from .address import FORBIDDEN, look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from .address import Address

    T = TypeVar("T")


class TimedSocket(socket.socket):
    """A socket whose reads and writes end with the request.

    Attributes:
        ends: when they end, as time.monotonic() counts, if that is before the deadline of the request.
        fault: why the last one failed, for messages.
    """

    ends: float | None = None
    fault = ""

    def recv(self, *arguments: Any) -> bytes:
        """Read what has arrived; nothing is the end."""
        data = self._within(super().recv, *arguments)
        if not data:
            self.fault = "the server closed the connection"
        return data

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Read what has arrived into a buffer."""
        return self._within(super().recv_into, *arguments, **options)

    def send(self, *arguments: Any) -> int:
        """Write some of it."""
        return self._within(super().send, *arguments)

    def sendall(self, *arguments: Any) -> None:
        """Write all of it."""
        self._within(super().sendall, *arguments)

    def _within(self, action: Callable[..., T], *arguments: Any, **options: Any) -> T:
        try:
            if self.gettimeout() != 0:  # with 0, a library looks whether something has come, and does not wait
                self.settimeout(deadline.seconds_until(self.ends))
            return action(*arguments, **options)
        except OSError as error:
            self.fault = explain(error)
            raise


class TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The same with TLS."""


def connect(host: str, port: int, ends: float | None = None, source: str | None = None) -> TimedSocket:
    """Return a socket connected to a host; each address of the host gets an even share of the time.

    Connecting ends as `deadline.seconds_until` says, and begins at the IP address `source` of this machine, if given.

    Raises:
        OSError: it has no address, or cannot be reached at any of them in time.
        NamesUnanswered: no name server says the address in time.
    """
    found = look_up(host, port, ends)
    fault: OSError = OSError()
    for number, (family, kind, protocol, _, address) in enumerate(found):
        wire = TimedSocket(family, kind, protocol)
        try:
            wire.settimeout(deadline.seconds_until(ends) / (len(found) - number))
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if source is not None:
                wire.bind((source, 0))
            wire.connect(address)
        except OSError as error:
            wire.close()
            fault = error
        else:
            return wire
    raise fault


def connect_unix(path: str) -> TimedSocket:
    """Return a socket that is connected to the Unix socket of this path; OSError if that cannot be reached in time."""
    wire = TimedSocket(socket.AF_UNIX)
    try:
        wire.settimeout(deadline.seconds_until())
        wire.connect(path)
    except BaseException:
        wire.close()
        raise
    return wire


def open_connection(server: Address, ends: float, context: ssl.SSLContext | None = None) -> TimedSocket:
    """Return a socket that is connected to a server and waits no longer than `ends`; without a context there is no TLS.

    Raises:
        SourceUnavailable: the server cannot be reached in time, or `encrypt` fails.
    """
    try:
        wire = connect(server.host, server.port, ends)
    except OSError as error:
        raise SourceUnavailable(f"{server.name}: {explain(error)}") from None
    wire.ends = ends
    return encrypt(wire, server, context) if context else wire


def encrypt(wire: TimedSocket, server: Address, context: ssl.SSLContext) -> TimedSocket:
    """Begin TLS, and return the socket to go on with; SourceUnavailable if that fails. The old one is always closed."""
    context.sslsocket_class = TimedTlsSocket
    try:
        wire.settimeout(deadline.seconds_until(wire.ends))
        secured = context.wrap_socket(wire, server_hostname=server.host)
    except (OSError, ValueError) as error:
        wire.close()
        raise SourceUnavailable(f"{server.name}: no TLS: {explain(error)}") from None
    assert isinstance(secured, TimedTlsSocket)  # noqa: S101  # for the type checker
    secured.ends = wire.ends
    return secured


def explain(error: Exception) -> str:
    """Say why a connection failed, without the numbers that Python puts around it."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "there is no address for this name"
    if isinstance(error, PermissionError):
        return FORBIDDEN
    for name in ("verify_message", "reason", "strerror"):
        text = getattr(error, name, None)
        if isinstance(text, str) and text:
            return text
    return type(error).__name__
