"""Text as JSON and as log lines need it."""

from __future__ import annotations

try:
    # json.encoder's own accelerator; importing it through json would bring in re, which costs more than all else here.
    from _json import encode_basestring_ascii as quote
except ImportError:
    from json.encoder import encode_basestring_ascii as quote

__all__ = ["one_line", "quote"]


def one_line(text: str) -> str:
    """Return `text` in printable ASCII on one line, so that no value can forge a line of the log."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isascii() and c.isprintable() else _escaped(ord(c)) for c in text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
