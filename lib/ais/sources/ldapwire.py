"""The socket under an LDAP connection: verified TLS, and each wait inside the request's deadline."""

from __future__ import annotations

import socket
import time

from .. import deadline
from ..errors import ConfigError, SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

PORTS = {"ldap": 389, "ldaps": 636}


class Server:
    """Where an LDAP server listens.

    Args:
        what: the function that the administrator called, for errors.
        url: ``ldap://host`` or ``ldaps://host``, with a port if it is not the usual one.

    Attributes:
        name: the URL, for messages.

    Raises:
        ConfigError: this is no such URL.
    """

    def __init__(self, what: str, url: str) -> None:
        scheme, _, rest = url.strip().partition("://") if isinstance(url, str) else ("", "", "")
        rest = rest.removesuffix("/")
        host, colon, port = rest.rpartition(":") if ":" in rest[rest.rfind("]") + 1 :] else (rest, "", "")
        self.scheme = scheme.lower()
        if self.scheme not in PORTS or not host or any(letter in rest for letter in "/?@ "):
            raise ConfigError(f"{what}: url must be ldaps://host or ldap://host, with :port if it is not the usual one")
        if colon and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ConfigError(f"{what}: url has a port that is no number from 1 to 65535")
        if ":" in host and not host.startswith("["):
            raise ConfigError(f"{what}: url must have an IPv6 address in brackets, as in ldaps://[2001:db8::1]")
        self.host = host.strip("[]")
        self.port = int(port) if colon else PORTS[self.scheme]
        self.name = f"{self.scheme}://{rest}"


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

    def __init__(self, server: Server, ends: float) -> None:
        self.ends: float | None = ends
        self.fault = ""
        self._server = server
        self._socket = self._connected()

    def _connected(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._server.host, self._server.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise SourceUnavailable(f"{self._server.name}: there is no address for this name") from None
        reason = ""
        for number, (family, kind, protocol, _, address) in enumerate(found):
            wire = socket.socket(family, kind, protocol)
            try:
                wire.settimeout(self._seconds() / (len(found) - number))
                wire.connect(address)
            except OSError as error:
                wire.close()
                reason = _reason(error)
            except BaseException:
                wire.close()
                raise
            else:
                return wire
        raise SourceUnavailable(f"{self._server.name}: {reason}")

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Begin TLS; the context says whether the certificate and its name are checked.

        Raises:
            SourceUnavailable: the check or the handshake fails.
        """
        try:
            self._socket.settimeout(self._seconds())
            self._socket = context.wrap_socket(self._socket, server_hostname=self._server.host)
        except (OSError, ValueError) as error:
            self.close()
            raise SourceUnavailable(f"{self._server.name}: no TLS: {_reason(error)}") from None

    def _seconds(self) -> float:
        left = deadline.remaining()
        if self.ends is not None:
            left = min(left, self.ends - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left

    # The methods that ldap3 calls.

    def recv(self, size: int) -> bytes:
        """Read what has arrived; nothing is the end."""
        try:
            self._socket.settimeout(self._seconds())
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
            self._socket.settimeout(self._seconds())
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
    for name in ("verify_message", "reason", "strerror"):
        text = getattr(error, name, None)
        if isinstance(text, str) and text:
            return text
    return type(error).__name__
