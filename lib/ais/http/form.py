"""Reads the fields of a request: urlencoded on the fast path, multipart/form-data with python-multipart."""

from __future__ import annotations

from ..errors import RequestError

FIELD_LIMIT = 32
"""Fields of one request; MailStore sends three."""


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields.

    Args:
        content_type: the header, with parameters if it has any.
        body: the whole body.

    Raises:
        RequestError: 400 for what cannot be read, 415 for a form of another type.
        MissingPackage: the form is multipart and python-multipart is not installed.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        pairs = _urlencoded(body)
    elif kind == "multipart/form-data":
        from .multipart import read_multipart

        pairs = read_multipart(content_type, body)
    else:
        raise RequestError(415, "Send the fields as application/x-www-form-urlencoded or multipart/form-data.")
    if len(pairs) > FIELD_LIMIT:
        raise RequestError(400, "The form has too many fields.")
    fields: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = _text(raw_name), _text(raw_value)
        if name in fields:
            raise RequestError(400, "A field is given twice: give each one once.")
        fields[name] = value
    return fields


def _urlencoded(body: bytes) -> list[tuple[bytes, bytes]]:
    """Split and decode (WHATWG URL, application/x-www-form-urlencoded), but refuse a broken escape."""
    pairs = []
    for part in body.split(b"&", FIELD_LIMIT * 4):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_unquote(name), _unquote(value)))
    return pairs


def _unquote(raw: bytes) -> bytes:
    raw = raw.replace(b"+", b" ")
    if b"%" not in raw:
        return raw
    first, *rest = raw.split(b"%")
    parts = [first]
    for part in rest:
        digits = part[:2]
        # int() and fromhex() would take signs and blanks as well.
        if len(digits) != 2 or digits.strip(b"0123456789abcdefABCDEF"):
            raise RequestError(400, "The form has a percent sign that two hexadecimal digits do not follow.")
        parts.append(bytes.fromhex(digits.decode("ascii")) + part[2:])
    return b"".join(parts)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(400, "The form is not UTF-8: send names and values as UTF-8.") from None
    if "\0" in text:
        raise RequestError(400, "The form has a NUL character.")
    return text
