"""Tell by a whole stored value what it is: its scheme, the function that reads it, and the part that it reads."""

from __future__ import annotations

from ais.errors import UnreadableHash

from . import limits
from .encoding import CRYPT64, DIGITS, LETTERS, from_base64, from_hex, is_hex, only
from .schemes import BRACED, CLEAR, DOLLAR, HEX, RAW, WORD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Entry

    Found = tuple[str, Entry, str]

_NAME = DIGITS + LETTERS + "-_.@"
_BLANK = " \t\r\n"
_NOTHING = frozenset(("0", "x", "X", "*", "*0", "*1", "NP", "NULL", "SUSPENDED"))


def is_no_password(value: str) -> bool:
    """Whether a value says that there is no password: empty, ``x``, ``*…``, ``!…``, ``0``; see shadow(5), crypt(3).

    ``SUSPENDED`` is HestiaCP's. ``*`` and hex digits is MySQL's hash, whole or cut.
    """
    if value in _NOTHING or value == "" or value[0] == "!":
        return True
    return value[0] == "*" and not (len(value) > 8 and is_hex(value[1:].ljust(len(value) + len(value) % 2, "0")))


def identify(stored: str, default_scheme: str | None = None) -> Found | None:
    """Give the scheme's name, its entry and the body that the entry's function reads; None for "no password".

    Raises UnreadableHash for everything else. A column of fixed width pads with blanks: those at the end of a value
    are dropped, but not those of clear text.
    """
    value = stored.rstrip(_BLANK)
    if is_no_password(value):
        return None
    if len(stored) > limits.STORED:
        raise UnreadableHash("unknown", f"longer than {limits.STORED} characters")
    if value[0] == "{":
        found = _braced(stored, value)
        if found is not False:
            return found
    strong = _by_start(value)
    if strong:
        return strong
    default = default_scheme.strip("{} ").upper() if default_scheme else ""
    if default in CLEAR:
        return _by_shape(value) or _clear(default, stored)
    if default:
        try:
            return _scheme(default, stored, value)
        except UnreadableHash:
            weak = _by_shape(value)
            if weak:
                return weak
            raise
    weak = _by_shape(value)
    if weak:
        return weak
    raise UnreadableHash("bare text", "it names no scheme; if the column holds clear text, set default_scheme='PLAIN'")


def _clear(name: str, text: str) -> Found:
    if text[0] == "$" and len(text) > 20 and "$" in text[1:24]:
        raise UnreadableHash("unknown", "it looks like a hash of an unknown scheme, not like clear text")
    return name, BRACED[name], text


def _braced(stored: str, value: str) -> Found | None | bool:
    """Read ``{SCHEME}body``; False if the value is no such thing."""
    name, brace, body = value[1:].partition("}")
    if not brace or not only(name, _NAME) or len(name) > 40:
        return False
    return _scheme(name.upper(), stored[len(name) + 2 :], body)


def _scheme(name: str, stored: str, body: str) -> Found | None:
    """Read a body of a named scheme. ``stored`` is the body with its blanks at the end."""
    name = name.partition("@")[0]  # Spring's {pbkdf2@SpringSecurity_v5_8}: the body says the rest
    scheme, dot, coding = name.rpartition(".")
    if not dot:
        scheme, coding = name, ""
    if coding not in ("", "HEX", "B64", "BASE64") or scheme not in BRACED:
        raise UnreadableHash(name)
    if coding:
        body = stored = _decoded(scheme, coding, body)
    if scheme in CLEAR:
        return scheme, BRACED[scheme], stored
    if is_no_password(body):
        return None
    return scheme, BRACED[scheme], body


def _decoded(scheme: str, coding: str, body: str) -> str:
    try:
        raw = from_hex(body) if coding == "HEX" else from_base64(body)
        if scheme not in RAW:
            return raw.decode()
    except ValueError:
        raise UnreadableHash(f"{scheme}.{coding}", "damaged or cut") from None
    from binascii import b2a_base64

    return b2a_base64(raw, newline=False).decode()


def _by_start(value: str) -> Found | None:
    """Recognise what says itself what it is by its start; a function then checks the whole."""
    if value[0] == "$":
        ident = value[1:].partition("$")[0]
        entry = DOLLAR.get(ident.partition(",")[0])
        if entry and "$" in value[1:]:
            return f"${ident.partition(',')[0]}$", entry, value
        return None
    end = min((at for at in (value.find("$"), value.find(":")) if at >= 0), default=0)
    entry = WORD.get(value[: end + 1]) if end else None
    if entry:
        return value[:end], entry, value[end + 1 :]
    return None


def _by_shape(value: str) -> Found | None:
    """Recognise what only its length and alphabet tell: raw hex, traditional DES, BSDi."""
    entry = HEX.get(len(value))
    if entry and is_hex(value):
        return f"hex {entry[-1]}", entry, value
    if only(value, CRYPT64 + "_"):
        if len(value) == 13 and "_" not in value:
            return "DES-CRYPT", ("crypt3", "des"), value
        if len(value) == 20 and value[0] == "_" and "_" not in value[1:]:
            return "BSDi", ("crypt3", "bsdi"), value
    return None
