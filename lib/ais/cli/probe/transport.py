"""One request, by http.client: nothing is followed, repeated or repaired, so that each fault can be seen."""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from ...network.address import is_this_computer
from .problems import ProbeError, Problem, explain

BODY_LIMIT = 512 * 1024 * 1024  # bytes; a list of ten million users
FORM = "application/x-www-form-urlencoded"

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATE = {
    9: "tls-expired/early",
    10: "tls-expired",
    18: "tls-untrusted/itself",
    62: "tls-name",  # of a host
    64: "tls-name",  # of an IP address
}

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


@dataclass
class Reply:
    """An HTTP answer.

    Attributes:
        status: such as 200.
        headers: as received.
        body: as received, but with chunks put together.
        cut: why the body is not whole; empty if it is.
        seconds: from the request to the last byte.
        kept: whether the server keeps the connection, and has not said for how long.
    """

    status: int
    headers: HTTPMessage
    body: bytes
    cut: str
    seconds: float
    kept: bool

    @property
    def sentence(self) -> str:
        """The sentence of an error answer of this program; empty if the answer is not one."""
        try:
            answer = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        error = answer.get("error") if isinstance(answer, dict) else None
        return error if isinstance(error, str) else ""

    def header(self, name: str) -> str:
        """Return a header, all its occurrences joined by commas; empty if it is missing."""
        return ", ".join(self.headers.get_all(name) or ())


class Target:
    """Where the requests go.

    Args:
        url: as it would be entered in MailStore.
        timeout: seconds for one request.
        ca_file: certificates to trust instead of the system's.

    Raises:
        ProbeError: the address or the file cannot be used.
    """

    def __init__(self, url: str, timeout: float, ca_file: str | None = None) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ProbeError("the address is not a valid URL") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ProbeError("the address must begin with https:// and name a server")
        if parts.username is not None or parts.password is not None:
            text = "leave user name and password out of the address: give --user, and the password when asked"
            raise ProbeError(text)
        if not url.isascii() or not url.isprintable() or " " in url:
            text = "the address holds blanks or letters that a URL must encode (a domain name: its xn-- form)"
            raise ProbeError(text)
        self.url = url
        self.host: str = parts.hostname
        self.https = parts.scheme == "https"
        # Always a number: http.client takes the last part of a bare IPv6 address for the port.
        self.port = port if port is not None else 443 if self.https else 80
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.timeout = timeout
        if self.https:
            try:
                self.tls = ssl.create_default_context(cafile=ca_file)
                # Python 3.13 refuses certificates for lack of extensions that .NET does not ask for.
                self.tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
            except OSError:
                raise ProbeError(f"{ca_file}: not a readable file of certificates in PEM form") from None

    @property
    def loopback(self) -> bool:
        """Whether the address itself says that the server is on this computer."""
        return is_this_computer(self.host)

    def ask(self, method: str, path: str, body: bytes = b"", authorization: str = "", kind: str = FORM) -> Reply:
        """Send one request on a connection of its own.

        Args:
            method: such as ``POST``.
            path: path and query.
            body: a form; none if empty.
            authorization: value of that header; none if empty.
            kind: Content-Type of the body.

        Raises:
            Problem: there was no answer.
        """
        connection = self.connection()
        phase = "connect"
        try:
            connection.connect()
            phase = "answer"
            return self.exchange(connection, method, path, body, authorization, kind)
        except (OSError, HTTPException, UnicodeError) as error:
            raise _explain_silence(error, phase, self) from None
        finally:
            connection.close()

    def connection(self) -> HTTPConnection:
        """Return a connection that is still to be made."""
        where: dict[str, Any] = {"host": self.host, "port": self.port, "timeout": self.timeout}
        return HTTPSConnection(**where, context=self.tls) if self.https else HTTPConnection(**where)

    def takes_tls_1_2(self) -> bool:
        """Whether clients without TLS 1.3 can connect; yes where it cannot be told."""
        self.tls.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            with closing(self.connection()) as connection:
                connection.connect()
        except ssl.SSLError as error:
            return "PROTOCOL_VERSION" not in (error.reason or "")
        except OSError:
            pass
        finally:
            self.tls.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        return True

    def exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: bytes,
        authorization: str,
        kind: str = FORM,
    ) -> Reply:
        """Send one request on a connection that is there, and read the answer to its end; see `ask`.

        Raises:
            OSError, HTTPException: there was no answer.
        """
        begin = time.monotonic()
        # Kept here: http.client lets go of it once the headers have come.
        sock = connection.sock
        # As a .NET client: no User-Agent, no Accept-Encoding, and the others as .NET Framework sends them.
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.putheader("Connection", "Keep-Alive")
        if body:
            connection.putheader("Content-Type", kind)
            connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Expect", "100-continue")
        if authorization:
            connection.putheader("Authorization", authorization)
        connection.endheaders(body)
        response = connection.getresponse()
        content, cut = _read(response, sock, begin + self.timeout)
        response.close()  # before it http.client sends nothing further
        announced = "timeout" in response.headers.get("Keep-Alive", "").lower()
        kept = not (response.will_close or announced or cut)
        return Reply(response.status, response.headers, content, cut, time.monotonic() - begin, kept)


def encode_multipart(fields: dict[str, str], quoted: bool) -> tuple[str, bytes]:
    """Return the Content-Type and the body of a form (RFC 7578), as .NET's MultipartFormDataContent writes it.

    Args:
        fields: names and values.
        quoted: whether the boundary stands in quotes. .NET puts it there.
    """
    boundary = os.urandom(8).hex()
    parts = [
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Disposition: form-data; name={name}\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    ]
    said = f'"{boundary}"' if quoted else boundary
    return f"multipart/form-data; boundary={said}", "".join([*parts, f"--{boundary}--\r\n"]).encode()


def _read(response: HTTPResponse, sock: socket.socket, deadline: float) -> tuple[bytes, str]:
    """Return the body, and why it is not whole."""
    body = bytearray()
    try:
        # Newer Pythons close the socket with the last byte.
        while len(body) < BODY_LIMIT and not response.isclosed():
            sock.settimeout(max(deadline - time.monotonic(), 0.01))
            part = response.read1(1 << 20)
            if not part:
                break
            body += part
    except TimeoutError:
        return bytes(body), "it did not end in time"
    except (HTTPException, OSError):
        return bytes(body), "its last chunk is missing"
    if response.length:
        return bytes(body), f"{response.length} bytes fewer came than its Content-Length says"
    return bytes(body), ""


def _explain_silence(error: Exception, phase: str, target: Target) -> Problem:
    """Explain an exception of a request, in the phase ``connect`` until the connection is there, then ``answer``."""
    why = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, (socket.gaierror, UnicodeError)):
        key = "unknown-host"
    elif isinstance(error, ssl.SSLCertVerificationError):
        key = _CERTIFICATE.get(error.verify_code, "tls-untrusted/issuer")
    elif isinstance(error, ssl.SSLError):
        why = error.reason or type(error).__name__
        key = "no-tls" if why in _PLAIN else "tls-failed"
    elif isinstance(error, TimeoutError):
        key = f"timeout/{phase}"
    elif isinstance(error, ConnectionRefusedError):
        key = "refused"
    elif phase == "connect":
        key = "unreachable"
    else:
        # http.client.RemoteDisconnected is a ConnectionError.
        key = "no-answer" if isinstance(error, ConnectionError) else "not-http"
    return explain(key, host=target.host, port=target.port, timeout=target.timeout, why=why)
