"""One conversation with an IMAP server, as far as a login goes.

Python's imaplib sends passwords as ASCII only, and waits for each line anew, beyond the request's deadline.
"""

from __future__ import annotations

from binascii import b2a_base64

from ..errors import ConfigError, SourceUnavailable
from ..network.sockets import encrypt

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from ..network.address import Address
    from ..network.sockets import TimedSocket

MOST_BYTES = 65536
"""What a server may say until the login is decided."""

NO_ANSWER = {
    *("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CLIENTBUG", "CONTACTADMIN", "CANNOT", "CORRUPTION"),
    *("PRIVACYREQUIRED", "OVERQUOTA", "REFERRAL"),
}
"""Response codes of RFC 5530 and RFC 2221 with which a NO is not about the password. Others are, or say nothing
(RFC 3501, 7.1)."""

TEMPORARY = (b"temporar", b"unavailable", b"try again later", b"internal error", b"server error")
"""What servers without response codes say when they cannot tell."""


class Session:
    """A conversation on a connection that is open.

    Args:
        wire: the connection.
        server: where it leads. What the server says is not in messages, for it might repeat a name or a password.

    Attributes:
        wire: the connection, with TLS once that has begun.

    Every method raises OSError when the connection fails, and SourceUnavailable when the server breaks off or says
    what it should not.
    """

    def __init__(self, wire: TimedSocket, server: Address) -> None:
        self.wire = wire
        self._server = server
        self._received = bytearray()
        self._taken = 0
        self._tags = 0

    def greet(self) -> None:
        """Wait for the server's greeting."""
        word = self._line().upper().split(None, 2)[:2]
        if word != [b"*", b"OK"]:
            said = {b"PREAUTH": "takes us for logged in already", b"BYE": "takes no connection"}
            raise self._fault(said.get(word[-1] if word[:1] == [b"*"] else b"", "is no IMAP server"))

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS; what was said before counts for nothing."""
        status, _ = self._await(self._send(b"STARTTLS"))
        if status != b"OK":
            raise self._fault("refuses STARTTLS")
        if self._received:
            # An attacker would have sent it, to be read as if it came through TLS (CVE-2011-0411).
            raise self._fault("went on talking without TLS")
        self.wire = encrypt(self.wire, self._server, context)

    def log_in(self, user: bytes, password: bytes) -> bool:
        """Log in; returns whether the server agrees.

        Args:
            user: without NUL.
            password: without NUL.

        Raises:
            ConfigError: it takes no password on this connection.
        """
        can = self._capabilities()
        if b"AUTH=PLAIN" in can:
            status, text = self._authenticate(b2a_base64(b"\0%s\0%s" % (user, password)), b"SASL-IR" in can)
        elif b"LOGINDISABLED" in can:
            raise ConfigError(
                f"imap(): {self._server.name}, takes no password on this connection: check port, and set tls"
            )
        else:
            # As literals, for a quoted text has no characters beyond ASCII, and no line breaks (RFC 3501, 4.3).
            status, text = self._converse(b"LOGIN {%d}" % len(user), b"%s {%d}" % (user, len(password)), password)
        if status == b"OK":
            self._leave()
            return True
        if status == b"NO" and is_refusal(text):
            return False
        raise self._fault(f"cannot check a password{_read_code(text) and f': it answers {_read_code(text)}'}")

    def _leave(self) -> None:
        try:
            self._send(b"LOGOUT")
        except (OSError, SourceUnavailable):
            pass  # the answer is known

    def _capabilities(self) -> set[bytes]:
        tag = self._send(b"CAPABILITY")
        found: set[bytes] = set()
        while not (line := self._line()).startswith(tag):
            words = line.upper().split()
            if words[:2] == [b"*", b"CAPABILITY"]:
                found.update(words[2:])
        return found

    def _authenticate(self, response: bytes, at_once: bool) -> tuple[bytes, bytes]:
        """AUTHENTICATE PLAIN, with the response in the same line where the server knows RFC 4959."""
        response = response.rstrip(b"\n")
        if at_once:
            return self._await(self._send(b"AUTHENTICATE PLAIN " + response))
        return self._converse(b"AUTHENTICATE PLAIN", response)

    def _converse(self, command: bytes, *parts: bytes) -> tuple[bytes, bytes]:
        """Send a command whose parts the server asks for one by one; returns its result."""
        tag = self._send(command)
        for part in parts:
            while not (line := self._line()).startswith(b"+"):
                if line.startswith(tag):
                    raise self._fault("broke off the login")
            self.wire.sendall(part + b"\r\n")
        return self._await(tag)

    def _await(self, tag: bytes) -> tuple[bytes, bytes]:
        """Wait for the result of a command; returns it, and what is said with it."""
        while True:
            line = self._line()
            if line.startswith(tag):
                status, _, text = line[len(tag) :].partition(b" ")
                return status.upper(), text
            if line.startswith(b"+"):
                raise self._fault("asks for more than a name and a password")

    def _send(self, command: bytes) -> bytes:
        """Send a command; returns how the line with its result begins."""
        self._tags += 1
        tag = b"a%d " % self._tags
        self.wire.sendall(tag + command + b"\r\n")
        return tag

    def _line(self) -> bytes:
        """Return the next line, without its end."""
        while b"\n" not in self._received:
            data = self.wire.recv(4096)
            if not data:
                raise self._fault("closed the connection")
            self._taken += len(data)
            if self._taken > MOST_BYTES:
                raise self._fault("talks without end")
            self._received += data
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        if line[:5].upper() == b"* BYE" and self._tags:
            raise self._fault("ended the conversation")
        return line.rstrip(b"\r")

    def _fault(self, said: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self._server.name}, {said}")


def is_refusal(text: bytes) -> bool:
    """Say whether a NO means that this user may not log in with this password.

    Args:
        text: what follows the NO. With an unknown response code or with none it counts as a refusal, for most servers
            say no more than that; unless the words are those of a fault.
    """
    code = _read_code(text)
    if code in NO_ANSWER:
        return False
    return code in ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED") or not any(
        word in text.lower() for word in TEMPORARY
    )


def _read_code(text: bytes) -> str:
    """Return the response code that a text begins with; empty for none."""
    code = text[1:].split(b"]")[0].split(b" ")[0].decode("ascii", "replace").upper() if text[:1] == b"[" else ""
    return code if code.replace("-", "").isalpha() and code.isascii() else ""
