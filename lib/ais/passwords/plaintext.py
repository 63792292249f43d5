"""Clear text, where the administrator or the value says that it is clear text."""

from __future__ import annotations

from .encoding import DIGITS, DamagedError, only
from .primitives import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def plain(body: str) -> Check:
    """Read a password that is stored as it is."""
    stored = body.encode()
    return lambda password: same(stored, password)


def truncated(body: str) -> Check:
    """Read Dovecot's ``{PLAIN-TRUNC}``: ``n-text`` compares the first n bytes, a text without ``n-`` the whole.

    Dovecot ``src/auth/password-scheme.c``, ``plain_trunc_verify``. n of 0 would let everybody in and is refused.
    """
    count, dash, text = body.partition("-")
    if not dash or not only(count, DIGITS):
        return plain(body)
    size = int(count) if len(count) < 6 else 0
    stored = text.encode()
    if not size or not stored or len(stored) > size:
        raise DamagedError("the length before the text is damaged")
    return lambda password: same(stored, password[:size])


def unless_hash(body: str) -> Check:
    """Read clear text that may as well be a DES hash or a digest: say so rather than let a stolen hash log in."""

    def check(password: bytes) -> bool:
        if same(body.encode(), password):
            raise DamagedError("it may be either; write {PLAIN}, or the hash's scheme, in front of it")
        return False

    return check
