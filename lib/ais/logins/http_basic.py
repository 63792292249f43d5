"""Passwords that a web server checks by HTTP Basic (RFC 9110, RFC 7617)."""

from __future__ import annotations

from binascii import b2a_base64

from ..errors import ConfigError, SourceUnavailable
from ..network.sockets import Address, Wire, ask_in_order
from ..network.tls import ca_option, verifying
from . import Login
from .names import Name, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

PORTS = {"https": 443, "http": 80}
MOST_BYTES = 65536
"""How long the head of an answer may be."""


def http_basic(
    url: str | Sequence[str], *, ca_file: str | None = None, unencrypted: bool = False, name: str = "{user}"
) -> HttpBasicLogin:
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
    if not isinstance(url, (str, list, tuple)) or not url:
        raise ConfigError("http_basic(): url must be a URL such as https://www.example.com/staff/, or a list of them")
    pages = [Page(each) for each in ([url] if isinstance(url, str) else url)]
    if not unencrypted and any(page.scheme == "http" and not page.is_local for page in pages):
        raise ConfigError("http_basic(): url must begin with https://, or unencrypted=True be set")
    return HttpBasicLogin(pages, ca_option("http_basic()", ca_file), Name("http_basic(): name", name))


class Page(Address):
    """A page of a web server.

    Args:
        url: its URL.

    Raises:
        ConfigError: this is none.
    """

    def __init__(self, url: object) -> None:
        text = url if isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url else ""
        scheme, _, rest = text.partition("://")
        authority = rest.partition("/")[0].partition("?")[0]
        path = rest[len(authority) :]
        self.scheme = scheme.lower()
        if self.scheme not in PORTS or not authority or "#" in rest:
            raise ConfigError("http_basic(): url must be as https://www.example.com/staff/, in ASCII, and without #")
        if "@" in authority:
            raise ConfigError("http_basic(): url must not hold a user or a password")
        tail = authority[authority.rfind("]") + 1 :]
        host, colon, port = authority.rpartition(":") if ":" in tail else (authority, "", "")
        if not host or (":" in host and not host.startswith("[")):
            raise ConfigError("http_basic(): url has no host, or an IPv6 address without brackets")
        if colon and not (port.isdecimal() and 0 < int(port) < 65536):
            raise ConfigError("http_basic(): url has a port that is no number from 1 to 65535")
        number = int(port) if colon else PORTS[self.scheme]
        # Without the path, in which some services have a key.
        super().__init__(f"{self.scheme}://{host}:{number}", host.strip("[]"), number)
        self.authority = authority
        self.path = path if path.startswith("/") else f"/{path}"

    @property
    def is_local(self) -> bool:
        """Whether nobody else can listen."""
        return self.host.lower() in ("localhost", "::1") or (
            self.host.startswith("127.") and self.host.replace(".", "").isdecimal()
        )


class HttpBasicLogin(Login):
    """See `http_basic`."""

    def __init__(self, pages: Sequence[Page], ca_file: str | None, name: Name) -> None:
        self._pages = pages
        self._ca_file = ca_file
        self._name = name

    def verify(self, user: str, password: str) -> bool:
        """Fetch the page as the user."""
        pair = encoded(self._name.of(user), password) if user else None
        if pair is None or b":" in pair[0]:
            return False  # Basic would take what is behind the colon for the password's beginning
        credentials = b2a_base64(b"%s:%s" % pair, newline=False)
        return ask_in_order(self._pages, lambda page, ends: self._ask(page, ends, credentials))

    def _ask(self, page: Page, ends: float, credentials: bytes) -> bool:
        context = verifying("http_basic()", self._ca_file) if page.scheme == "https" else None
        status, schemes = _fetch(page, ends, context, credentials)
        if status == 401:
            if schemes and "basic" not in schemes:
                raise ConfigError(f"http_basic(): {page.name} offers no Basic login for this url")
            return False
        if status == 403 or 200 <= status < 300:
            # A page that anybody may see would let everybody in with any password, and one that nobody may see
            # says nothing about this password.
            without, _ = _fetch(page, ends, context, None)
            if without == 401:
                return status != 403
            if 200 <= without < 300:
                raise ConfigError(f"http_basic(): {page.name} shows this url without a password: protect it")
        remedy = ": name the page that it leads to in url" if 300 <= status < 400 else ""
        raise SourceUnavailable(f"{page.name} cannot check a password: it answers {status}{remedy}")


def _fetch(page: Page, ends: float, context: ssl.SSLContext | None, credentials: bytes | None) -> tuple[int, set[str]]:
    """Fetch the page; returns the status, and the ways to log in that are offered."""
    lines = [
        b"GET %s HTTP/1.1" % page.path.encode(),
        b"Host: %s" % page.authority.encode(),
        b"User-Agent: mailstore-ais",
        b"Accept: */*",
        b"Connection: close",
    ]
    if credentials is not None:
        lines.append(b"Authorization: Basic %s" % credentials)
    wire = Wire(page, ends)
    try:
        if context:
            wire.encrypt(context)
        wire.sendall(b"\r\n".join([*lines, b"", b""]))
        return _read_head(wire, page.name)
    except OSError:
        raise SourceUnavailable(f"{page.name}: {wire.fault}") from None
    finally:
        wire.close()


def _read_head(wire: Wire, name: str) -> tuple[int, set[str]]:
    """Read an answer as far as its body.

    Raises:
        OSError: the connection fails.
        SourceUnavailable: it is no answer.
    """
    received = bytearray()
    while True:
        while (end := received.find(b"\r\n\r\n")) < 0:
            data = wire.recv(4096)
            if not data or len(received) > MOST_BYTES:
                raise SourceUnavailable(f"{name}: {wire.fault or 'the head of its answer has no end'}")
            received += data
        first, *fields = bytes(received[:end]).split(b"\r\n")
        version, _, rest = first.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit() or rest[3:4] not in (b"", b" "):
            raise SourceUnavailable(f"{name} is no web server")
        if not code.startswith(b"1"):
            return int(code), _schemes(fields)
        del received[: end + 4]  # an interim answer (RFC 9110, 15.2)


def _schemes(fields: Sequence[bytes]) -> set[str]:
    """Return the words that begin a challenge, or a parameter of one, in lower case."""
    found: set[str] = set()
    for field in fields:
        title, _, value = field.partition(b":")
        if title.strip().lower() == b"www-authenticate":
            found.update(part.split()[0].decode("latin-1").lower() for part in value.split(b",") if part.split())
    return found
