"""One HTTP answer, and the forms that answers take."""

from __future__ import annotations

from ..text import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..spool import Spool

REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
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
    """An answer that exists as a whole before its first byte is sent.

    Args:
        status: a key of `REASONS`.
        body: the bytes of the body, or a spool with them.
        content_type: value of Content-Type.
        headers: further headers.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(
        self,
        status: int,
        body: bytes | Spool,
        content_type: str = JSON,
        headers: tuple[tuple[str, str], ...] = (),
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

    def parts(self) -> Iterator[bytes]:
        """Give the body, in one piece unless it is large."""
        if isinstance(self.body, bytes):
            yield self.body
        else:
            yield from self.body.chunks()

    @property
    def status_line(self) -> str:
        """Status and reason, such as ``200 OK``."""
        return f"{self.status} {REASONS[self.status]}"


def error_response(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return the JSON answer ``{"error": …}``."""
    return Response(status, f'{{"error": {quote(sentence)}}}'.encode("ascii"), headers=headers)
