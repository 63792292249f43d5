"""Passwords that a web server checks by HTTP Basic (RFC 9110, RFC 7617)."""

from __future__ import annotations

from binascii import b2a_base64

from ..errors import ConfigError, SourceUnavailable
from ..network.address import Url, ask_in_order, is_this_computer, parse_urls
from ..network.tls import check_ca_file, tls_context
from . import Login, NamedLogin

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from ..network.sockets import TimedSocket

PORTS = {"https": 443, "http": 80}
MOST_BYTES = 65536
"""How long the head of an answer may be."""


def http_basic(
    url: str | Sequence[str], *, ca_file: str | None = None, unencrypted: bool = False, name: str = "{user}"
) -> Login:
    """Check passwords by fetching a page that a web server protects by Basic authentication.

    Args:
        url: of a page that every user may see and nobody without a password; or several that are tried in order.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        unencrypted: allows ``http://`` to another machine, which shows every password to the network.
        name: what the web server calls a user: a text with ``{user}``, or ``{local}`` and ``{domain}`` for its parts.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if not isinstance(unencrypted, bool):
        raise ConfigError("http_basic(): unencrypted must be True or False")
    pages = parse_urls("http_basic(): url", url, PORTS, "https://www.example.com/staff/")
    if not all(page.authority.isascii() and page.path.isascii() for page in pages):
        raise ConfigError("http_basic(): url must be in ASCII: a domain in its xn-- form, other letters as %-escapes")
    if not unencrypted and any(page.scheme == "http" and not is_this_computer(page.host) for page in pages):
        raise ConfigError("http_basic(): url must begin with https://, or unencrypted=True be set")
    trusted = check_ca_file("http_basic()", ca_file)

    def ask(user: bytes, password: bytes) -> bool:
        if b":" in user:
            return False  # Basic would take what is behind the colon for the password's beginning
        credentials = b2a_base64(b"%s:%s" % (user, password), newline=False)
        return ask_in_order(pages, lambda page, ends: _ask(page, ends, trusted, credentials))

    return NamedLogin("http_basic(): name", name, ask)


def _ask(page: Url, ends: float, ca_file: str | None, credentials: bytes) -> bool:
    context = tls_context("http_basic()", ca_file) if page.scheme == "https" else None
    status, schemes = _fetch(page, ends, context, b"Authorization: Basic %s\r\n" % credentials)
    if status == 401:
        if schemes and b"basic" not in schemes:
            raise ConfigError(f"http_basic(): {page.name} offers no Basic login for this url")
        return False
    if status == 403 or 200 <= status < 300:
        # A page that anybody may see would let everybody in with any password, and one that nobody may see
        # says nothing about this password.
        without, _ = _fetch(page, ends, context, b"")
        if without == 401:
            return status != 403
        if 200 <= without < 300:
            raise ConfigError(f"http_basic(): {page.name} shows this url without a password: protect it")
    remedy = ": name the page that it leads to in url" if 300 <= status < 400 else ""
    raise SourceUnavailable(f"{page.name} cannot check a password: it answers {status}{remedy}")


def _fetch(page: Url, ends: float, context: ssl.SSLContext | None, credentials: bytes) -> tuple[int, set[bytes]]:
    """Fetch the page; returns the status, and the ways to log in that are offered."""
    from ..network.sockets import open_connection

    head = b"GET %s HTTP/1.1\r\nHost: %s\r\n" % (page.path.encode(), page.authority.encode())
    wire = open_connection(page, ends, context)
    try:
        wire.sendall(b"%sUser-Agent: mailstore-ais\r\nAccept: */*\r\nConnection: close\r\n%s\r\n" % (head, credentials))
        return _read_head(wire, page.name)
    except OSError:
        raise SourceUnavailable(f"{page.name}: {wire.fault}") from None
    finally:
        wire.close()


def _read_head(wire: TimedSocket, name: str) -> tuple[int, set[bytes]]:
    """Read an answer as far as its body: its status, and the words that begin challenges or their parameters."""
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            data = wire.recv(4096)
            if not data or len(received) > MOST_BYTES:
                raise SourceUnavailable(f"{name}: {wire.fault or 'the head of its answer has no end'}")
            received += data
        head, _, received = received.partition(b"\r\n\r\n")
        first, *fields = head.split(b"\r\n")
        version, _, rest = first.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit() or rest[3:4] not in (b"", b" "):
            raise SourceUnavailable(f"{name} is no web server")
        if not code.startswith(b"1"):  # else an interim answer (RFC 9110, 15.2)
            break
    titles = (field.partition(b":") for field in fields)
    challenges = [value.lower() for title, _, value in titles if title.strip().lower() == b"www-authenticate"]
    return int(code), {part.split()[0] for value in challenges for part in value.split(b",") if part.strip()}
