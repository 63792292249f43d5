"""Values that name no scheme: what their shape shows, clear text, and what cannot be clear text."""

from __future__ import annotations

from ais.errors import UnreadableHash

from . import basics
from .basics import DIGITS, LETTERS, Check, DamagedError, Entry, Found, from_base64, is_hex, only, same
from .schemes import DOLLAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Raw hex, by the number of digits.
HEX: dict[int, Entry] = {
    **{2 * size: ("basics", "plain", name) for name, size in basics.sizes.items()},
    70: ("digests", "prefixed", "sha256", "6"),
    160: ("databases", "oracle12"),
}
UNLESS_HASH = ("bare", "unless_hash")
KOPANO = ("digests", "prefixed", "md5", "8")
# Hex after some characters of another kind: name, entry, length of the whole, where the hex starts.
PREFIXED_HEX: tuple[tuple[str, Entry, int, int], ...] = (
    ("PostgreSQL md5", ("databases", "postgresql_md5"), 35, 3),
    ("Kopano", KOPANO, 40, 8),
    ("hMailServer", HEX[70], 70, 6),
)

_SIMPLE = DIGITS + LETTERS
_HEX = DIGITS + "abcdefABCDEF"
_BASE64 = _SIMPLE + "+/.-_"
_SEPARATORS = "$:!|,;{}()[]<>*#&%~^?'\"`=\\"
_IDENTS = frozenset(ident.lower() for ident in DOLLAR)
_MARKS = ("$argon2", "$pbkdf2", "$bcrypt", "$scrypt")


def find(value: str, clear: Found | None) -> list[Found]:
    """Give the possible meanings of a value without a scheme; ``clear`` is that of clear text, where it is one.

    Raises:
        UnreadableHash: the value has no meaning.
    """
    if shapes := find_by_shape(value):
        if clear and shapes[0][0] == "DES-CRYPT":
            shapes.append(("DES-CRYPT or clear text", UNLESS_HASH, clear[2]))
        return shapes
    if value[0] == "!" or looks_like_hash(value):
        remedy = "; clear text of that kind needs {PLAIN} in front" if clear else ""
        raise UnreadableHash("unknown", f"it looks like a hash of a scheme that is not known{remedy}")
    digest = may_be_digest(value)
    if clear:
        return [("clear text or a digest in base64", UNLESS_HASH, clear[2]) if digest else clear]
    if digest:
        raise UnreadableHash("bare base64", "it may be a digest: set default_scheme to the scheme that it is of")
    raise UnreadableHash("bare text", "it names no scheme; if the column holds clear text, set default_scheme='PLAIN'")


def find_by_shape(value: str) -> list[Found]:
    """Recognise a value by its length and alphabet."""
    size = len(value)
    if is_hex(value) and size == 16:  # MySQL writes small letters, Oracle capital ones
        mysql: Found = ("MySQL 3.23", ("databases", "mysql323"), value)
        return [mysql] if value != value.upper() else [mysql, ("Oracle 10", ("libpass", "oracle10"), value)]
    if is_hex(value) and size in HEX:
        plain: Found = (f"hex of {size} digits", HEX[size], value)
        mysql = ("MySQL", ("databases", "mysql41"), value)
        return [plain] if size != 40 else [plain, ("Kopano", KOPANO, value), mysql]
    if size == 13 and only(value, basics.CRYPT64):
        return [("DES-CRYPT", ("crypt3", "des"), value)] if basics.CRYPT64.index(value[-1]) % 4 == 0 else []
    if size == 20 and only(value[1:], basics.CRYPT64):
        return [("BSDi", ("crypt3", "bsdi"), value)] if value[0] == "_" else []
    for name, entry, length, start in PREFIXED_HEX:
        salt, hexes = value[:start], value[start:]
        if size == length and is_hex(hexes) and (salt == "md5" if start == 3 else only(salt, DIGITS + LETTERS)):
            return [(name, entry, value)]
    digest, colon, salt = value.partition(":")
    if colon and salt and len(digest) in (32, 40, 64, 96, 128) and is_hex(digest):
        return [("salted hex", ("digests", "colon"), value)]
    if (size == 68 and value[0] == "A") or (size >= 60 and value[:6] == "AQAAAA"):
        return [("ASP.NET Identity", ("pbkdf2", "aspnet"), value)]
    return []


def looks_like_hash(text: str) -> bool:
    """Whether a text has the marks of a hash: ``$2y$`` and the like anywhere, or long hex or base64 in a part of it.

    A thief of such a value must not log in with it, so it is not clear text, even if no reader knows it.
    """
    first, *inner = text.split("$")
    whole = text.rstrip("=")
    idents = [field.partition(",")[0] for field in inner[:-1]]
    fields = _split(text, lambda char: char in _SEPARATORS)
    words = [word for field in fields for word in _split(field, lambda char: char in "-_@ \t" or char > "\x7f") if word]
    words += [piece for word in words if "." in word for piece in word.split(".")]
    return (
        any(ident in DOLLAR or (len(ident) > 1 and ident.lower() in _IDENTS) for ident in idents)
        or any(mark in text.lower() for mark in _MARKS)
        or (idents != [] and not first and len(text) > 20 and only(inner[0], _SIMPLE + "-_.,="))
        or any(len(run) >= 16 for run in _split(text, lambda char: char not in _HEX))
        or any(len(field) >= 20 and only(field, _BASE64) for field in fields[1:])
        or any(_is_mixed(word) and (len(words) > 1 or not only(word, _SIMPLE)) for word in words if word != whole)
    )


def may_be_digest(text: str) -> bool:
    """Whether a text without any mark may be base64 of 16 bytes and more, whole or cut; letters and digits are not."""
    if len(text) < 22 or only(text, _SIMPLE):
        return False
    try:
        return len(from_base64(text)) >= 16
    except ValueError:
        return _is_mixed(text.rstrip("=")) and "." not in text


def _split(text: str, ends: Callable[[str], bool]) -> list[str]:
    """The parts of a text between the characters that end one, without outer blanks."""
    return [part.strip() for part in "".join("\0" if ends(char) else char for char in text).split("\0")]


def _is_mixed(word: str) -> bool:
    """Whether a word is long, of the letters of base64, and has all kinds of them: few words of people do."""
    kinds = (any(test(char) for char in word) for test in (str.isdigit, str.islower, str.isupper))
    return len(word) >= 20 and only(word, _SIMPLE + "+/.") and all(kinds)


def read_plain(body: str) -> Check:
    """Read a password that is stored as it is."""
    stored = body.encode()
    return lambda password: same(stored, password)


def read_truncated(body: str) -> Check:
    """Read Dovecot's ``{PLAIN-TRUNC}``: ``n-text`` compares n bytes, text without ``n-`` all. (password-scheme.c)"""
    count, dash, text = body.partition("-")
    if not dash or not only(count, DIGITS):
        return read_plain(body)
    size = int(count) if len(count) < 6 else 0
    stored = text.encode()
    if not size or not stored or len(stored) > size:  # n of 0 would let everybody in
        raise DamagedError("the length before the text is damaged")
    return lambda password: same(stored, password[:size])


def read_unless_hash(body: str) -> Check:
    """Refuse clear text that may also be a DES hash or a digest, so that nobody logs in with a stolen hash."""

    def check(password: bytes) -> bool:
        if same(body.encode(), password):
            raise DamagedError("it may be either; write {PLAIN}, or the hash's scheme, in front of it")
        return False

    return check
