"""Clear text, where the administrator or the value says that it is clear text; and what cannot be clear text."""

from __future__ import annotations

from .encoding import DIGITS, LETTERS, DamagedError, from_base64, only
from .primitives import same
from .schemes import DOLLAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .schemes import Check


def read_plain(body: str) -> Check:
    """Read a password that is stored as it is."""
    stored = body.encode()
    return lambda password: same(stored, password)


def read_truncated(body: str) -> Check:
    """Read Dovecot's ``{PLAIN-TRUNC}``: ``n-text`` compares the first n bytes, a text without ``n-`` the whole.

    Dovecot ``src/auth/password-scheme.c``, ``plain_trunc_verify``. n of 0 would let everybody in and is refused.
    """
    count, dash, text = body.partition("-")
    if not dash or not only(count, DIGITS):
        return read_plain(body)
    size = int(count) if len(count) < 6 else 0
    stored = text.encode()
    if not size or not stored or len(stored) > size:
        raise DamagedError("the length before the text is damaged")
    return lambda password: same(stored, password[:size])


def read_unless_hash(body: str) -> Check:
    """Read clear text that may as well be a DES hash or a digest: say so rather than let a stolen hash log in."""

    def check(password: bytes) -> bool:
        if same(body.encode(), password):
            raise DamagedError("it may be either; write {PLAIN}, or the hash's scheme, in front of it")
        return False

    return check


def looks_like_hash(text: str) -> bool:
    """Whether a text has the marks of a hash: ``$2y$`` and the like anywhere, or long hex or base64 in a part of it.

    Whoever steals such a value must not log in with it, so it is not clear text, even if no reader knows it.
    """
    first, *inner = text.split("$")
    bare = text.rstrip("=")
    idents = [field.partition(",")[0] for field in inner[:-1]]
    if any(ident in DOLLAR or (len(ident) > 1 and ident.lower() in _IDENTS) for ident in idents):
        return True
    if any(mark in text.lower() for mark in _MARKS):
        return True
    if idents and not first and len(text) > 20 and only(inner[0], _SIMPLE + "-_.,="):
        return True
    if any(len(run) >= 16 for run in _split(text, lambda char: char not in _HEX)):
        return True
    fields = _split(text, lambda char: char in _SEPARATORS)
    if any(len(field) >= 20 and only(field, _BASE64) for field in fields[1:]):
        return True
    words = [word for field in fields for word in _split(field, lambda char: char in "-_@ \t" or char > "\x7f") if word]
    words += [piece for word in words if "." in word for piece in word.split(".")]
    return any(_is_mixed(word) and (len(words) > 1 or not only(word, _SIMPLE)) for word in words if word != bare)


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


_SIMPLE = DIGITS + LETTERS
_HEX = DIGITS + "abcdefABCDEF"
_BASE64 = _SIMPLE + "+/.-_"
_SEPARATORS = "$:!|,;{}()[]<>*#&%~^?'\"`=\\"
_IDENTS = frozenset(ident.lower() for ident in DOLLAR)
_MARKS = ("$argon2", "$pbkdf2", "$bcrypt", "$scrypt")
