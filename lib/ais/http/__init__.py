"""One HTTP request, as the edges hand it to the application, the fields in it, and the answer to it."""

from __future__ import annotations

from ..errors import RequestError
from ..text import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import BinaryIO, Protocol, TextIO

    class LongBody(Protocol):
        def __len__(self) -> int: ...
        def chunks(self) -> Iterator[bytes]: ...


BODY_LIMIT = 64 * 1024
"""Bytes of the largest body that is accepted."""

DRAIN_LIMIT = 16 * 1024 * 1024
"""Bytes of a refused body that are read before the answer under CGI. Apache's mod_cgid cuts the answer when some are
left. Past this size the sender is no MailStore, and a cut answer is good enough."""

PIECE = 512
"""Bytes that are read at a time. A read waits until it has them, and the deadline counts only between two reads."""
SHORT = "The body is shorter than its Content-Length: send the request again."

PROXY_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What proxies add to a request (RFC 7239; RFC 9110, 7.6.3; and by custom)."""


class Request:
    """What the application may know of a request.

    Args:
        environ: CGI variables (RFC 3875) or a WSGI environ (PEP 3333); both use the same keys.
        stream: the body.
        errors: where the log goes unless the configuration says otherwise.
        https: whether the connection is encrypted, as the server says it.
        terminated: the stream ends where the body ends, so that it can be read without Content-Length.
        drain: bytes of a body that is too large which are read before the answer.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        stream: BinaryIO,
        errors: TextIO,
        https: bool,
        terminated: bool,
        drain: int = 0,
    ) -> None:
        get = environ.get
        self.method = get("REQUEST_METHOD", "")
        self.content_type = get("CONTENT_TYPE", "")
        # Apache gives the second name after an internal redirect.
        self.authorization = get("HTTP_AUTHORIZATION") or get("REDIRECT_HTTP_AUTHORIZATION") or ""
        self.remote_user = get("REMOTE_USER") or get("REDIRECT_REMOTE_USER") or ""
        self.remote_addr = get("REMOTE_ADDR", "")
        self.query = get("QUERY_STRING", "")
        # What browsers tell of where a request comes from (Fetch Metadata, Fetch), for the status page.
        self.host = get("HTTP_HOST", "")
        self.origin = get("HTTP_ORIGIN", "")
        self.fetch_site = get("HTTP_SEC_FETCH_SITE", "")
        self.https = https
        # A client may send these too: then it is held for a proxy, and only HTTPS will do.
        self.by_proxy = not environ.keys().isdisjoint(PROXY_HEADERS)
        self.errors = errors
        self._length = get("CONTENT_LENGTH", "")
        self._stream, self._terminated, self._drain = stream, terminated, drain
        self._body: bytes | RequestError = b""

    def read(self, is_late: Callable[[], bool]) -> None:
        """Read the body until it is late, and keep it, or the error, for `body`."""
        try:
            self._body = self._read_body(self._length, is_late)
        except (RequestError, OSError) as error:  # an OSError: the client has gone
            self._body = error if isinstance(error, RequestError) else RequestError(400, SHORT)

    def _read_body(self, length: str, is_late: Callable[[], bool]) -> bytes:
        if not length and not self._terminated:
            raise RequestError(411, "The request has no Content-Length: send one.")
        if length and not (length.isascii() and length.isdigit()):
            raise RequestError(400, "Content-Length is not a number.")
        size = int(length) if 0 < len(length) < 16 else 10**16
        if size <= BODY_LIMIT or not length:
            body = _read(self._stream, min(size, BODY_LIMIT + 1), is_late)  # RFC 3875, 4.2: nothing past Content-Length
            if length and len(body) < size:
                raise RequestError(400, SHORT)
            if len(body) <= BODY_LIMIT:
                return body
        left = min(size, self._drain)
        while left > 0 and not is_late() and (part := self._stream.read(min(left, PIECE))):
            left -= len(part)
        raise RequestError(413, f"The body is larger than {BODY_LIMIT // 1024} KiB.")

    def is_foreign(self) -> bool:
        """Say whether a browser sent this from a page of another site, as far as it tells.

        Sec-Fetch-Site: Fetch Metadata Request Headers, W3C. Browsers without it send Origin with every POST: Fetch,
        WHATWG; ``null`` says nothing, for it is what they send under ``Referrer-Policy: no-referrer``.
        """
        if self.fetch_site:
            return self.fetch_site not in ("same-origin", "none")
        if self.origin in ("", "null"):
            return False
        return self.origin.partition("://")[2].lower() != self.host.lower()

    def body(self) -> bytes:
        """Return the body that was read, or raise RequestError for what is wrong with it: 400, 411 or 413."""
        if isinstance(self._body, RequestError):
            raise self._body
        return self._body


def is_https(environ: Mapping[str, str]) -> bool:
    """Whether CGI variables say that the connection is encrypted."""
    return environ.get("HTTPS", "").lower() in ("on", "1")


def _read(stream: BinaryIO, size: int, is_late: Callable[[], bool]) -> bytes:
    """Read `size` bytes, or fewer where the stream ends; one read may return less than is still to come."""
    body = b""
    while len(body) < size and (part := stream.read(min(PIECE, size - len(body)))):
        body += part
        if is_late():
            raise RequestError(400, "The body did not arrive in time: send the request again.")
    return body


REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

# .NET's HttpClient refuses the name "utf8", which MailStore's own example uses; "utf-8" worked with every client.
JSON = "text/json; charset=utf-8"


class Response:
    """An answer that exists as a whole before its first byte is sent; its status is a key of `REASONS`."""

    def __init__(
        self, status: int, body: bytes | LongBody, content_type: str = JSON, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status = status
        self.body = body
        self.headers = (
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        )

    def fit(self, method: str) -> Response:
        """Return this answer; for HEAD only with the headers of GET (RFC 9110, 9.3.2; RFC 3875, 4.3.3)."""
        if method == "HEAD":
            self.body = b""
        return self

    def parts(self) -> Iterable[bytes]:
        """Return the body, in one piece unless it is large."""
        return [self.body] if isinstance(self.body, bytes) else self.body.chunks()

    def for_cgi(self) -> Iterator[bytes]:
        """Give header and body as CGI has them (RFC 3875, 6), in one piece unless the body is large."""
        lines = "\r\n".join(map(": ".join, self.headers))
        head = f"Status: {self.status_line}\r\n{lines}\r\n\r\n".encode("latin-1")
        for part in self.parts():
            yield head + part
            head = b""

    @property
    def status_line(self) -> str:
        """Status and reason, such as ``200 OK``."""
        return f"{self.status} {REASONS[self.status]}"


def error_response(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return the JSON answer ``{"error": …}``."""
    return Response(status, f'{{"error": {quote(sentence)}}}'.encode("ascii"), headers=headers)


_PERCENT = ord("%")  # a number: to find bytes in bytes, Python raises and drops an exception
FIELD_LIMIT = 32
"""Fields of one request; MailStore sends three."""


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a request.

    Raises:
        RequestError: 400 for what cannot be read, 415 for a form of another type.
        MissingPackage: the form is multipart and python-multipart is not installed.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        # WHATWG URL, application/x-www-form-urlencoded, but a broken escape is refused.
        body = body.replace(b"+", b" ")
        pairs = [part.partition(b"=")[::2] for part in body.split(b"&", FIELD_LIMIT * 4) if part]
        if _PERCENT in body:
            pairs = [(_unquote(name), _unquote(value)) for name, value in pairs]
    elif kind == "multipart/form-data":
        from .multipart import read_multipart

        pairs = read_multipart(content_type, body)
    else:
        raise RequestError(415, "Send the fields as application/x-www-form-urlencoded or multipart/form-data.")
    if len(pairs) > FIELD_LIMIT:
        raise RequestError(400, "The form has too many fields.")
    fields: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        try:
            name, value = raw_name.decode("utf-8"), raw_value.decode("utf-8")
        except UnicodeDecodeError:
            raise RequestError(400, "The form is not UTF-8: send names and values as UTF-8.") from None
        if "\0" in name or "\0" in value:
            raise RequestError(400, "The form has a NUL character.")
        if name in fields:
            raise RequestError(400, "A field is given twice: give each one once.")
        fields[name] = value
    return fields


def _unquote(raw: bytes) -> bytes:
    parts = raw.split(b"%")
    for number, part in enumerate(parts[1:], 1):
        digits = part[:2]
        # int() and fromhex() would take signs and blanks as well.
        if len(digits) != 2 or digits.strip(b"0123456789abcdefABCDEF"):
            raise RequestError(400, "The form has a percent sign that two hexadecimal digits do not follow.")
        parts[number] = bytes.fromhex(digits.decode("ascii")) + part[2:]
    return b"".join(parts)
