"""Plain and salted digests: RFC 2307 (``{SHA}``, ``{SSHA}``, ``{MD5}``, ``{SMD5}``), their SHA-2 relatives, raw hex.

Dovecot 2.3 ``src/auth/password-scheme.c``: a digest of fixed size may be hex or base64, told by its length; behind a
salted digest the rest is the salt, of any length.
"""

from __future__ import annotations

from .encoding import DamagedError, from_base64, from_hex, is_hex
from .primitives import digest, same, sizes


def plain(name: str, body: str, password: bytes) -> bool:
    """Check an unsalted digest in hex or base64; ``name`` is one of ``primitives.sizes``."""
    size = sizes[name]
    stored = from_hex(body) if len(body) == 2 * size else from_base64(body, size)
    return same(digest(name, password), stored)


def salted(name: str, body: str, password: bytes) -> bool:
    """Check digest(password + salt) + salt, in base64 or hex. The salt has one byte at least."""
    size = sizes[name]
    readings = []
    try:
        readings.append(from_base64(body))
    except DamagedError:
        if not is_hex(body):
            raise
    if is_hex(body):  # such a text may be base64 too: either reading may match
        readings.append(from_hex(body))
    readings = [raw for raw in readings if len(raw) > size]
    if not readings:
        raise DamagedError("too short to hold a digest and a salt")
    return any(same(digest(name, password + raw[size:]), raw[:size]) for raw in readings)


def keyed(name: str, body: str, password: bytes) -> bool:
    """Check ``salt$hex`` as Werkzeug wrote it: HMAC with the salt as key, or the bare digest where the salt is empty.

    Also the form of a caller's secret, ``sha256$salt$hex``. (werkzeug/security.py, ``_hash_internal``, up to 2.2.)
    """
    from .primitives import hmac

    salt, found, text = body.partition("$")
    if not found:
        raise DamagedError("damaged or cut")
    stored = from_hex(text, sizes[name])
    made = hmac(name, salt.encode(), password) if salt else digest(name, password)
    return same(made, stored)
