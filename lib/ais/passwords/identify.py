"""Tell by a whole stored value what it is: its scheme, the entry of the tables that reads it, and the part it reads."""

from __future__ import annotations

from ais.errors import UnreadableHash

from . import limits
from .encoding import CRYPT64, DIGITS, LETTERS, from_base64, from_hex, is_hex, only
from .schemes import BRACED, CLEAR, DOLLAR, HEX, RAW, WORD, WRAPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .schemes import Entry

    Found: TypeAlias = tuple[str, Entry, str]  # the scheme's name for the log, its entry, the body

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
    if len(stored) > limits.STORED:
        raise UnreadableHash("unknown", f"longer than {limits.STORED} characters")
    default = default_scheme.strip("{} ").upper() if default_scheme else ""
    if _is_only_in(default, value):
        return [(default, BRACED[default], value)]
    if value[:5].lower() == "{x-is" and ", " in value:
        return [("SAP", ("loops", "sap"), value)]
    if value[0] == "{" and (name := _brace(value)):
        if name.startswith("FSHP"):
            return [("FSHP", ("libpass", "fshp"), value)]
        return _named(name, stored[len(name) + 2 :], value[len(name) + 2 :])
    found = _by_start(value)
    if found:
        return [found]
    return _bare(stored, value, default)


def _is_only_in(default: str, value: str) -> bool:
    """Whether the default scheme says more about a value than the value itself, whose own meaning would be wrong."""
    if default == "CRYPT-MD5" and value[0] != "$":
        return value[0] == "_" or len(value) == 13
    if default == "CRYPT-MD5" and DOLLAR.get(value[1:].partition("$")[0].partition(",")[0], ("",))[0] == "crypt3":
        return True
    if default == "SMF" and len(value) == 40:
        return is_hex(value)
    return (default in WRAPPED and value.startswith("$2")) or (default == "PBKDF2" and value.startswith("$1$"))


def _brace(value: str) -> str:
    """The name in ``{NAME}…``; empty if the value does not start with one."""
    name, brace, _ = value[1:].partition("}")
    return name if brace and len(name) < 50 and only(name, _NAME + "|@,") else ""


def _named(name: str, stored: str, body: str) -> list[Found]:
    """Read a body of a named scheme. ``stored`` is the body with its blanks at the end."""
    name = name.partition("@")[0].upper()  # Spring's {pbkdf2@SpringSecurity_v5_8}: the body says the rest
    scheme, dot, coding = name.rpartition(".")
    if not dot:
        scheme, coding = name, ""
    if coding not in ("", "HEX", "B64", "BASE64") or scheme not in BRACED:
        raise UnreadableHash(name)
    if coding:
        body = stored = _decoded(scheme, coding, body)
    if scheme in CLEAR:
        return [(scheme, BRACED[scheme], stored)] if stored else []
    if is_no_password(body):
        return []
    return [(scheme, BRACED[scheme], body)]


def _decoded(scheme: str, coding: str, body: str) -> str:
    try:
        raw = from_hex(body) if coding == "HEX" else from_base64(body)
        if scheme not in RAW or raw[:3] == b"$1$":  # Dovecot's {MD5} is md5-crypt
            return raw.decode()
    except ValueError:
        raise UnreadableHash(f"{scheme}.{coding}", "damaged or cut") from None
    from binascii import b2a_base64

    return b2a_base64(raw, newline=False).decode()


def _by_start(value: str) -> Found | None:
    """Recognise what says by its start what it is; a reader then looks at the whole."""
    if value[0] == "$":
        ident = value[1:].partition("$")[0].partition(",")[0]
        entry = DOLLAR.get(ident)
        if entry and "$" in value[1:]:
            return f"${ident}$", entry, value
    for mark in "$:|":
        word, found, body = value.partition(mark)
        entry = WORD.get(word + mark) if found else None
        if entry:
            return word + mark, entry, body
    return _by_mark(value)


def _by_mark(value: str) -> Found | None:
    if value.startswith(("!bcrypt!", "!sha512!")):
        return value[:8], ("applications", "request_tracker"), value
    if value[:6] in ("0x0100", "0x0200"):
        return "MSSQL", ("databases", "mssql"), value[2:]
    if value[0] == "*":
        return "MySQL", ("databases", "mysql41"), value[1:]
    if value.startswith((":A:", ":B:", ":pbkdf2:", ":bcrypt:", ":argon2:")):
        return "MediaWiki", ("applications", "mediawiki"), value
    if value.startswith("pbkdf2("):
        return "web2py", ("pbkdf2", "web2py"), value[7:]
    if value.startswith("grub.pbkdf2.sha512."):
        return "GRUB", ("pbkdf2", "grub"), value[19:]
    if value.startswith(("U$S$", "U$P$", "U$H$")):
        return value[:4], ("loops", "upgraded"), value
    if value[:2] in ("S:", "T:", "H:") and len(value) > 30:
        return "Oracle", ("databases", "oracle11"), value
    return None


def _bare(stored: str, value: str, default: str) -> list[Found]:
    """Read a value that says nothing itself: by the default scheme, by its length and alphabet."""
    shapes = _by_shape(value)
    if default and default not in CLEAR:
        return _named(default, stored, value) + shapes
    if shapes:
        either = default and shapes[0][0] == "DES-CRYPT"
        return [*shapes, ("DES-CRYPT or clear text", ("plaintext", "unless_hash"), stored)] if either else shapes
    from .plaintext import looks_like_hash, may_be_digest

    if value[0] == "!" or looks_like_hash(value):
        remedy = "; clear text of that kind needs {PLAIN} in front" if default else ""
        raise UnreadableHash("unknown", f"it looks like a hash of a scheme that is not known{remedy}")
    if default and may_be_digest(value):
        return [("clear text or a digest in base64", ("plaintext", "unless_hash"), stored)]
    if default:
        return [(default, BRACED[default], stored)]
    if may_be_digest(value):
        raise UnreadableHash("bare base64", "it may be a digest: set default_scheme to the scheme that it is of")
    raise UnreadableHash("bare text", "it names no scheme; if the column holds clear text, set default_scheme='PLAIN'")


def _by_shape(value: str) -> list[Found]:
    """Recognise what its length and alphabet tell."""
    size = len(value)
    if is_hex(value) and (size in HEX or size == 16):
        return _by_digits(value, size)
    if only(value[1:], CRYPT64) and (size == 13 or size == 20):
        if size == 13 and only(value[0], CRYPT64) and CRYPT64.index(value[-1]) % 4 == 0:
            return [("DES-CRYPT", ("crypt3", "des"), value)]
        return [("BSDi", ("crypt3", "bsdi"), value)] if size == 20 and value[0] == "_" else []
    for name, entry, length, start in _PREFIXED_HEX:
        salt, hexes = value[:start], value[start:]
        if size == length and is_hex(hexes) and (salt == "md5" if start == 3 else only(salt, DIGITS + LETTERS)):
            return [(name, entry, value)]
    digest, colon, salt = value.partition(":")
    if colon and salt and len(digest) in (32, 40, 64, 96, 128) and is_hex(digest):
        return [("salted hex", ("digests", "colon"), value)]
    if (size == 68 and value[0] == "A") or (size >= 60 and value[:6] == "AQAAAA"):
        return [("ASP.NET Identity", ("pbkdf2", "aspnet"), value)]
    return []


def _by_digits(value: str, size: int) -> list[Found]:
    if size == 16:  # MySQL writes small letters, Oracle capital ones
        mysql: Found = ("MySQL 3.23", ("databases", "mysql323"), value)
        return [mysql] if value != value.upper() else [mysql, ("Oracle 10", ("libpass", "oracle10"), value)]
    found: list[Found] = [(f"hex of {size} digits", HEX[size], value)]
    if size == 40:
        found += [("Kopano", ("applications", "kopano"), value), ("MySQL", ("databases", "mysql41"), value)]
    return found


# Hex after some characters of another kind: name, entry, length of the whole, where the hex starts.
_PREFIXED_HEX: tuple[tuple[str, Entry, int, int], ...] = (
    ("PostgreSQL md5", ("databases", "postgresql_md5"), 35, 3),
    ("Kopano", ("applications", "kopano"), 40, 8),
    ("hMailServer", ("applications", "hmailserver"), 70, 6),
)
