"""Text as JSON and as log lines need it, and what the text of an IP address says."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def quote(text: str) -> str:
    """Return `text` as a JSON string in ASCII."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'  # as nearly all of a log line: a login need not load the encoder
    return load_quote()(text)


def load_quote() -> Callable[[str], str]:
    """Return a `quote` that is faster for many texts."""
    try:
        # json.encoder's own accelerator; importing it through json would bring in re, which costs more than all else.
        from _json import encode_basestring_ascii
    except ImportError:
        from json.encoder import encode_basestring_ascii
    return encode_basestring_ascii


def one_line(text: str) -> str:
    """Return `text` in printable ASCII on one line, so that no value can forge a line of the log."""
    text = text.encode("ascii", "backslashreplace").decode("ascii")
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def is_loopback(address: str) -> bool:
    """Say whether an IP address is a loopback address: 127.0.0.0/8, also inside IPv6, and ::1."""
    if address in ("127.0.0.1", "::1"):
        return True  # nearly every one that is
    address = address.lower()
    if address.count(":") == 7 or ("::" in address and not address.startswith("::ffff:")):
        return address.endswith("1") and address.replace(":", "").strip("0") == "1"
    octets = address.removeprefix("::ffff:").split(".")
    return (
        len(octets) == 4
        and octets[0] == "127"
        and all(octet.isascii() and octet.isdecimal() and len(octet) < 4 and int(octet) < 256 for octet in octets)
    )
