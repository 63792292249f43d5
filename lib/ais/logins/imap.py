"""Passwords that an IMAP server checks (RFC 3501, RFC 9051).

Python's imaplib sends passwords as ASCII only, and waits for each line anew, beyond the request's deadline.
"""

from __future__ import annotations

from binascii import b2a_base64

from ..errors import ConfigError, SourceUnavailable
from ..network.address import Address, ask_in_order, check_list, is_port
from ..network.tls import check_ca_file, tls_context
from . import Login, NamedLogin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from ..network.sockets import TimedSocket

PORTS = {"ssl": 993, "starttls": 143, "none": 143}

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


def imap(
    host: str | Sequence[str],
    port: int | None = None,
    tls: str = "ssl",
    *,
    ca_file: str | None = None,
    name: str = "{user}",
) -> Login:
    """Check passwords by logging in to an IMAP server.

    Args:
        host: the server's name as in its certificate, or several that are tried in order.
        port: 993 for ``ssl`` and 143 for the others, if None.
        tls: ``ssl`` for TLS from the start, ``starttls`` for TLS before anything is sent, ``none`` for no TLS, which
            shows every password to the network: for a server on the same machine.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        name: what the server calls a user: a text with ``{user}``, or ``{local}`` and ``{domain}`` for its parts.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if not isinstance(tls, str) or tls not in PORTS:
        raise ConfigError("imap(): tls must be 'ssl', 'starttls' or 'none'")
    port = PORTS[tls] if port is None else port
    if not is_port(port):
        raise ConfigError("imap(): port must be a number from 1 to 65535")
    if tls == "none" and ca_file is not None:
        raise ConfigError("imap(): ca_file is for TLS: leave it out with tls='none'")
    servers = _read_servers(host, port)
    trusted = check_ca_file("imap()", ca_file)

    def ask(user: bytes, password: bytes) -> bool:
        return ask_in_order(servers, lambda server, ends: _log_in(server, ends, tls, trusted, user, password))

    return NamedLogin("imap(): name", name, ask)


def _read_servers(host: str | Sequence[str], port: int) -> list[Address]:
    what = "a name such as 'mail.example.com', without a port"
    servers = []
    for each in check_list("imap(): host", host, what):
        bare = each.strip("[]") if isinstance(each, str) else ""
        if not bare or any(letter in "/@\\" or letter <= " " for letter in bare) or bare.count(":") == 1:
            raise ConfigError(f"imap(): host must be {what}, or a list of them")
        servers.append(Address(f"IMAP server {bare}, port {port}", bare, port))
    return servers


def _log_in(server: Address, ends: float, tls: str, ca_file: str | None, user: bytes, password: bytes) -> bool:
    from ..network.sockets import open_connection

    context = tls_context("imap()", ca_file) if tls != "none" else None
    session = Session(open_connection(server, ends, context if tls == "ssl" else None), server)
    try:
        session.greet()
        if context and tls == "starttls":
            session.start_tls(context)
        return session.log_in(user, password)
    except OSError:
        raise SourceUnavailable(f"{server.name}: {session.wire.fault}") from None
    finally:
        session.wire.close()


class Session:
    """A conversation on an open connection, which starttls replaces.

    Every method raises OSError when the connection fails, and SourceUnavailable when the server breaks off or says
    what it should not. What it says is not in messages, for it might repeat a name or a password.
    """

    def __init__(self, wire: TimedSocket, server: Address) -> None:
        self.wire = wire
        self._server = server
        self._received = b""
        self._taken = 0
        self._tags = 0
        self._can: set[bytes] = set()  # what the server said of itself in the last conversation

    def greet(self) -> None:
        """Wait for the server's greeting."""
        word = self._read_line().upper().split(None, 2)[:2]
        if word != [b"*", b"OK"]:
            said = {b"PREAUTH": "says that we are logged in already", b"BYE": "refuses the connection"}
            raise self._fault(said.get(word[-1] if word[:1] == [b"*"] else b"", "is no IMAP server"))

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS; what was said before counts for nothing."""
        from ..network.sockets import encrypt

        status, _ = self._converse(b"STARTTLS")
        if status != b"OK":
            raise self._fault("refuses STARTTLS")
        if self._received:
            # An attacker would have sent it, to be read as if it came through TLS (CVE-2011-0411).
            raise self._fault("went on talking without TLS")
        self.wire = encrypt(self.wire, self._server, context)

    def log_in(self, user: bytes, password: bytes) -> bool:
        """Log in; returns whether the server agrees. Neither text holds a NUL."""
        self._converse(b"CAPABILITY")
        if b"AUTH=PLAIN" in self._can:
            response = b2a_base64(b"\0%s\0%s" % (user, password), newline=False)
            if b"SASL-IR" in self._can:  # the response in the same line (RFC 4959)
                status, text = self._converse(b"AUTHENTICATE PLAIN " + response)
            else:
                status, text = self._converse(b"AUTHENTICATE PLAIN", response)
        elif b"LOGINDISABLED" in self._can:
            name = self._server.name
            raise ConfigError(f"imap(): {name}, takes no password on this connection: check port, and set tls")
        else:
            # As literals, for a quoted text has no characters beyond ASCII, and no line breaks (RFC 3501, 4.3).
            status, text = self._converse(b"LOGIN {%d}" % len(user), b"%s {%d}" % (user, len(password)), password)
        if status == b"OK":
            try:
                self._send(b"LOGOUT")
            except OSError:
                pass  # the answer is known
            return True
        if status == b"NO" and is_refusal(text):
            return False
        code = _read_code(text)
        raise self._fault(f"cannot check a password: it answers {code}" if code else "cannot check a password")

    def _converse(self, command: bytes, *parts: bytes) -> tuple[bytes, bytes]:
        """Send a command, and its parts as the server asks for them; returns its result, and what is said with it."""
        tag = self._send(command)
        left = list(parts)
        self._can = set()
        while not (line := self._read_line()).startswith(tag):
            words = line.upper().split()
            if words[:2] == [b"*", b"CAPABILITY"]:
                self._can.update(words[2:])
            elif line.startswith(b"+"):
                if not left:
                    raise self._fault("asks for more than a name and a password")
                self.wire.sendall(left.pop(0) + b"\r\n")
        if left:
            raise self._fault("broke off the login")
        status, _, text = line[len(tag) :].partition(b" ")
        return status.upper(), text

    def _send(self, command: bytes) -> bytes:
        """Send a command; returns how the line with its result begins."""
        self._tags += 1
        tag = b"a%d " % self._tags
        self.wire.sendall(tag + command + b"\r\n")
        return tag

    def _read_line(self) -> bytes:
        """Return the next line, without its end."""
        while b"\n" not in self._received:
            data = self.wire.recv(4096)
            if not data:
                raise self._fault("closed the connection")
            self._taken += len(data)
            if self._taken > MOST_BYTES:
                raise self._fault("sends too much")
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        if line[:5].upper() == b"* BYE" and self._tags:
            raise self._fault("ended the conversation")
        return line.rstrip(b"\r")

    def _fault(self, said: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self._server.name}, {said}")


def is_refusal(text: bytes) -> bool:
    """Say whether what follows a NO means that this user may not log in with this password.

    An unknown response code or none is a refusal, since most servers say no more; but not with words of a fault.
    """
    code = _read_code(text)
    if code in ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"):
        return True
    return code not in NO_ANSWER and not any(word in text.lower() for word in TEMPORARY)


def _read_code(text: bytes) -> str:
    """Return the response code that a text begins with; empty for none."""
    code = text[1:].split(b"]")[0].split(b" ")[0].decode("ascii", "replace").upper() if text[:1] == b"[" else ""
    return code if code.replace("-", "").isalpha() and code.isascii() else ""
