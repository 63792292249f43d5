"""Sockets on which all waiting stays inside the request's deadline, and one with verified TLS."""

from __future__ import annotations

import time

from .. import deadline
from ..errors import SourceUnavailable
from . import lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    Place = TypeVar("Place", bound="Address")
    T = TypeVar("T")


class Address:
    """Where a server listens.

    Args:
        name: what messages call it; no secret.
        host: its name or IP address.
        port: its TCP port.
    """

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name = name
        self.host = host
        self.port = port


def ask_in_order(servers: Sequence[Place], ask: Callable[[Place, float], T]) -> T:
    """Ask the first server that can answer. A no is an answer, and no other server is asked then.

    Args:
        servers: all that may be asked, in order.
        ask: asks one; its second argument is when that must end, as time.monotonic() counts.

    Raises:
        SourceUnavailable: none can; the text names each and says why.
    """
    faults = []
    for number, server in enumerate(servers):
        try:
            # Each server gets its part of the time, so that one that hangs leaves some for the next.
            return ask(server, time.monotonic() + deadline.remaining() / (len(servers) - number))
        except SourceUnavailable as error:
            text = str(error)
            faults.append(text if server.name in text else f"{server.name}: {text}")
    raise SourceUnavailable("; ".join(faults))


def verifying(ca_file: str | None) -> ssl.SSLContext:
    """Return a TLS context that checks a server's certificate and its name.

    Args:
        ca_file: certificates to trust instead of the system's, as PEM.

    Raises:
        OSError, ValueError: the file cannot be used.
    """
    import ssl  # here, because it costs more than all the rest, and not every connection has TLS

    context = ssl.create_default_context(cafile=ca_file)
    # Python 3.13 and newer refuse authorities that lack what RFC 5280 asks of them. MySQL makes itself such ones, and
    # many a company has one; a newer Python must not end its logins.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def connected(
    host: str,
    port: int,
    ends: float | None = None,
    make: type[socket.socket] | None = None,
    source: str | None = None,
) -> socket.socket:
    """Return a socket that is connected to a host; each of its addresses gets an even share of the time.

    Args:
        host: its name or IP address.
        port: its TCP port.
        ends: when waiting ends, as for `deadline.seconds_until`.
        make: the class of the socket, if it is not Python's own.
        source: the IP address of this machine to connect from, if not any.

    Raises:
        OSError: it has no address, or cannot be reached at any of them in time.
        NamesUnanswered: no name server says the address in time.
    """
    import socket  # here, because who only reads a configuration need not pay for it

    found = lookup.addresses(host, port, ends)
    fault: OSError = OSError()
    for number, (family, kind, protocol, _, address) in enumerate(found):
        wire = (make or socket.socket)(family, kind, protocol)
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


class Wire:
    """A connected socket.

    Args:
        server: where to.
        ends: when waiting ends, as time.monotonic() counts; the request's own deadline holds in any case.

    Attributes:
        ends: as above; may be changed, and be None for nothing but the deadline.
        fault: why the last read or write failed, for messages.

    Raises:
        SourceUnavailable: it cannot be reached in time.
    """

    def __init__(self, server: Address, ends: float) -> None:
        self.ends: float | None = ends
        self.fault = ""
        self._server = server
        try:
            self._socket = connected(server.host, server.port, ends)
        except OSError as error:
            raise SourceUnavailable(f"{server.name}: {_reason(error)}") from None

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Begin TLS; the context says whether the certificate and its name are checked.

        Raises:
            SourceUnavailable: the check or the handshake fails.
        """
        try:
            self._socket.settimeout(deadline.seconds_until(self.ends))
            self._socket = context.wrap_socket(self._socket, server_hostname=self._server.host)
        except (OSError, ValueError) as error:
            self.close()
            raise SourceUnavailable(f"{self._server.name}: no TLS: {_reason(error)}") from None

    # What follows is named as in a socket: ldap3 calls it.

    def recv(self, size: int) -> bytes:
        """Read what has arrived; nothing is the end."""
        try:
            self._socket.settimeout(deadline.seconds_until(self.ends))
            data = self._socket.recv(size)
        except OSError as error:
            self.fault = _reason(error)
            raise
        if not data:
            self.fault = "the server closed the connection"
        return data

    def sendall(self, data: bytes) -> None:
        """Write all of it."""
        try:
            self._socket.settimeout(deadline.seconds_until(self.ends))
            self._socket.sendall(data)
        except OSError as error:
            self.fault = _reason(error)
            raise

    def shutdown(self, how: int) -> None:
        """As a socket does."""
        self._socket.shutdown(how)

    def close(self) -> None:
        """As a socket does."""
        self._socket.close()


def _reason(error: Exception) -> str:
    """Say why, without the numbers that Python puts around it."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if type(error).__name__ == "gaierror":
        return "there is no address for this name"
    for name in ("verify_message", "reason", "strerror"):
        text = getattr(error, name, None)
        if isinstance(text, str) and text:
            return text
    return type(error).__name__
