"""Identifies a stored value as a whole: its scheme, the entry of the tables that reads it, and the part it reads."""

from __future__ import annotations

from ais.errors import UnreadableHash

from .basics import DIGITS, LETTERS, Found, from_base64, from_hex, is_hex, only, to_base64
from .schemes import BRACED, CLEAR, DOLLAR, RAW, START, WORD, WRAPPED, ident

STORED = 4096  # characters of a value; the longest real one, of 389-ds, has about 500
_NAME = DIGITS + LETTERS + "-_."
_BLANK = " \t\r\n\v\f"
_NOTHING = frozenset(("", "0", "x", "X", "*", "*0", "*1", "NP", "NULL", "SUSPENDED"))


def as_text(stored: str | bytes) -> str:
    """A value as text, as databases give it: bytes are UTF-8, or a binary hash of Microsoft SQL Server."""
    if isinstance(stored, str):
        return stored
    if not isinstance(stored, (bytes, bytearray, memoryview)):
        raise UnreadableHash("unknown", "it is neither text nor bytes")
    raw = bytes(stored)
    if raw[:2] in (b"\1\0", b"\2\0"):  # Microsoft SQL Server's own hashes are binary
        return "0x" + raw.hex().upper()
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UnreadableHash("unknown", "it is neither text nor a binary hash that is known") from None


def is_no_password(value: str) -> bool:
    """Whether a value says that there is no password: empty, ``x``, ``*…``, ``!…``, ``0``; see shadow(5), crypt(3).

    ``SUSPENDED`` is HestiaCP's. ``!word!body`` is a format, known or not. ``*`` before hex digits is MySQL's hash,
    whole or cut; before 40 letters and digits it is a damaged one.
    """
    if value in _NOTHING:
        return True
    if value[0] == "!":
        word, mark, body = value[1:].partition("!")
        return not (mark and body and only(word, _NAME + "+:/,=@"))
    if value[0] == "*":
        return not only(value[1:], DIGITS + "ABCDEFabcdef") and not (len(value) == 41 and value[1:].isalnum())
    return False


def is_htdigest(fields: str) -> bool:
    """Whether what follows a user name and a colon is htdigest's ``realm:hex`` and not htpasswd's ``hash``."""
    _, colon, digest = fields.partition(":")
    return colon == ":" and len(digest) == 32 and is_hex(digest)


def identify(stored: str, default_scheme: str | None = None) -> list[Found]:
    """Give the possible meanings of a value, likeliest first; none for "no password".

    A column of fixed width pads with blanks: those at the end of a value are dropped, but not those of clear text.

    Raises:
        UnreadableHash: the value has no meaning.
    """
    value = stored.rstrip(_BLANK)
    if is_no_password(value):
        return []
    if len(stored) > STORED:
        raise UnreadableHash("unknown", f"longer than {STORED} characters")
    default = default_scheme.strip("{} ").upper() if default_scheme else ""
    if _is_only_in(default, value):
        return [(default, BRACED[default], value)]
    if value[:5].lower() == "{x-is" and ", " in value:
        return [("SAP", ("loops", "sap"), value)]
    name, brace, body = value[1:].partition("}")
    if value[0] == "{" and brace and len(name) < 50 and only(name, _NAME + "|@,"):
        if name.startswith("FSHP"):
            return [("FSHP", ("libpass", "fshp"), value)]
        return _named(name, stored[len(name) + 2 :], body)
    if found := _by_start(value):
        return [found]
    from .bare import find, find_by_shape

    if default and default not in CLEAR:
        return _named(default, stored, value) + find_by_shape(value)
    return find(value, (default, BRACED[default], stored) if default else None)


def _is_only_in(default: str, value: str) -> bool:
    """Whether a value has to be read by the default scheme, because its own meaning would be wrong."""
    if default == "CRYPT-MD5" and value[0] != "$":
        return value[0] == "_" or len(value) == 13
    if default == "CRYPT-MD5" and DOLLAR.get(ident(value), ("",))[0] == "crypt3":
        return True
    if default == "SMF" and len(value) == 40:
        return is_hex(value)
    return (default in WRAPPED and value.startswith("$2")) or (default == "PBKDF2" and value.startswith("$1$"))


def _named(name: str, stored: str, body: str) -> list[Found]:
    """Read a body of a named scheme. ``stored`` is the body with its blanks at the end."""
    name = name.partition("@")[0].upper()  # Spring's {pbkdf2@SpringSecurity_v5_8}: the body says the rest
    if name == "CHECKED-ELSEWHERE":  # what presets give in place of a password that another server has
        raise UnreadableHash(name, "this user's password is checked elsewhere: give the source a login=")
    scheme, _, coding = name.rpartition(".") if "." in name else (name, "", "")
    if coding not in ("", "HEX", "B64", "BASE64") or scheme not in BRACED:
        raise UnreadableHash(name)
    if coding:
        body = stored = _decoded(scheme, coding, body)
    if scheme in CLEAR:
        return [(scheme, BRACED[scheme], stored)] if stored else []
    return [] if is_no_password(body) else [(scheme, BRACED[scheme], body)]


def _decoded(scheme: str, coding: str, body: str) -> str:
    try:
        raw = from_hex(body) if coding == "HEX" else from_base64(body)
        if scheme not in RAW or raw[:3] == b"$1$":  # Dovecot's {MD5} is md5-crypt
            return raw.decode()
    except ValueError:
        raise UnreadableHash(f"{scheme}.{coding}", "damaged or cut") from None
    return to_base64(raw)


def _by_start(value: str) -> Found | None:
    """Recognise what says by its start what it is; a reader then looks at the whole."""
    if value[0] == "$":
        kind = ident(value)
        if kind in DOLLAR and "$" in value[1:]:
            return f"${kind}$", DOLLAR[kind], value
    for mark in "$:|":
        word, found, body = value.partition(mark)
        if found and word + mark in WORD:
            return word + mark, WORD[word + mark], body
    for start, scheme, entry, cut in START:
        if value.startswith(start) and (scheme != "Oracle" or len(value) > 30):
            return scheme, entry, value[cut:]
    return None
