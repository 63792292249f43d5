"""multipart/form-data (RFC 7578), read by python-multipart."""

from __future__ import annotations

from ..errors import MissingPackage, RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HEADER_LIMIT = 8
"""Headers of one part; a form field has one or two."""


def read_multipart(content_type: str, body: bytes) -> list[tuple[bytes, bytes]]:
    """Return names and values. The size of the body has been checked: the library cuts a too large one silently.

    Raises:
        RequestError: 400, the body is broken, breaks off, or has something else than fields.
        MissingPackage: python-multipart is not installed.
    """
    import logging  # costs as much to import as the library: only here

    library = _find_library()
    parse_options_header = library.parse_options_header
    # It would write to the log, line by line, what is wrong with a form.
    logging.getLogger(library.__name__.partition(".")[0]).setLevel(logging.CRITICAL)
    parts = _Parts(parse_options_header)
    # The library reads the header as Latin-1; what else is in there is no name that a boundary may have.
    header = content_type.encode("latin-1", "replace")
    boundary = parse_options_header(header)[1].get(b"boundary", b"")
    if not boundary:
        raise RequestError(400, "The Content-Type multipart/form-data has no boundary.")
    try:
        callbacks: Any = {name: getattr(parts, name) for name in vars(_Parts) if name.startswith("on_")}
        parser = library.MultipartParser(boundary, callbacks)
        parser.write(body)
        parser.finalize()
    except library.FormParserError:
        raise RequestError(400, "The multipart form cannot be read.") from None
    if not parts.complete:
        raise RequestError(400, "The multipart form breaks off: send the request again.")
    return parts.fields


def _find_library() -> Any:
    """Return python-multipart, whose module was called multipart before 0.0.14, as it is in Ubuntu 24.04.

    The package multipart, Debian 13's python3-multipart, is another program.
    """
    for name in "python_multipart", "multipart":
        try:
            found = __import__(f"{name}.multipart", fromlist=["MultipartParser"])
        except ImportError:
            continue
        # Before 0.0.7 a header could take all of the processor (CVE-2024-24762).
        if name == "python_multipart" or hasattr(found, "Message"):
            return found
    raise MissingPackage("python-multipart", "requests of type multipart/form-data")


class _Parts:
    """Collects the parts; the methods are the parser's callbacks."""

    def __init__(self, parse_options_header: Callable[[bytes], tuple[bytes, dict[bytes, bytes]]]) -> None:
        self.parse_options_header = parse_options_header
        self.fields: list[tuple[bytes, bytes]] = []
        self.complete = False
        self.headers: list[tuple[bytes, bytes]] = []
        self.header_name = self.header_value = self.value = b""

    def on_part_begin(self) -> None:
        self.headers, self.value = [], b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.header_name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.header_value += data[start:end]

    def on_header_end(self) -> None:
        # Counted here, for the library can count them only since 0.0.27.
        if len(self.headers) == HEADER_LIMIT:
            raise RequestError(400, "A part of the multipart form has too many headers.")
        self.headers.append((self.header_name.lower(), self.header_value))
        self.header_name = self.header_value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def on_part_end(self) -> None:
        headers = dict(self.headers)
        disposition, options = self.parse_options_header(headers.get(b"content-disposition", b""))
        if disposition != b"form-data" or b"name" not in options or b"filename" in options:
            raise RequestError(400, "A part of the multipart form is not a field: send cmd, user and pass as fields.")
        encoding = headers.get(b"content-transfer-encoding", b"binary").strip().lower()
        if encoding not in (b"7bit", b"8bit", b"binary"):
            raise RequestError(400, "A part of the multipart form is encoded: send it as it is.")
        self.fields.append((options[b"name"], self.value))

    def on_end(self) -> None:
        self.complete = True
