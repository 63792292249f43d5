"""Clear text, where the administrator or the value says that it is clear text."""

from __future__ import annotations

from .encoding import DIGITS, DamagedError, only
from .primitives import same


def plain(body: str, password: bytes) -> bool:
    """Check a password that is stored as it is."""
    return same(body.encode(), password)


def truncated(body: str, password: bytes) -> bool:
    """Check Dovecot's ``{PLAIN-TRUNC}``: ``n-text`` compares the first n bytes, a text without ``n-`` the whole.

    Dovecot ``src/auth/password-scheme.c``, ``plain_trunc_verify``. n of 0 would let everybody in and is refused.
    """
    count, dash, text = body.partition("-")
    if not dash or not only(count, DIGITS):
        return plain(body, password)
    size = int(count) if len(count) < 6 else 0
    if not size or len(text.encode()) > size:
        raise DamagedError("the length before the text is damaged")
    return same(text.encode(), password[:size])
