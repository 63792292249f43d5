"""Plain and salted digests: RFC 2307 (``{SHA}``, ``{SSHA}``, ``{MD5}``, ``{SMD5}``), their SHA-2 relatives, raw hex.

Dovecot 2.3 ``src/auth/password-scheme.c``: a digest of fixed size may be hex or base64, told by its length; behind a
salted digest the rest is the salt, of any length.
"""

from __future__ import annotations

from .encoding import DamagedError, from_base64, from_hex, is_hex
from .primitives import digest, hmac, same, sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def plain(name: str, body: str) -> Check:
    """Read an unsalted digest in hex or base64; ``name`` is one of ``primitives.sizes``."""
    stored = fixed(body, sizes[name])
    return lambda password: same(digest(name, password), stored)


def fixed(body: str, size: int) -> bytes:
    """Decode hex or base64 of ``size`` bytes, told by the length."""
    return from_hex(body) if len(body) == 2 * size else from_base64(body, size)


def salted(name: str, body: str) -> Check:
    """Read base64 or hex of digest(password + salt) + salt. The salt has one byte at least."""
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
    return lambda password: any(same(digest(name, password + raw[size:]), raw[:size]) for raw in readings)


def keyed(name: str, body: str) -> Check:
    """Read ``salt$hex`` as Werkzeug wrote it: HMAC with the salt as key, or the bare digest where the salt is empty.

    Also the form of a caller's secret, ``sha256$salt$hex``. (werkzeug/security.py, ``_hash_internal``, up to 2.2.)
    """
    salt, stored = _pair(name, body)
    if not salt:
        return lambda password: same(digest(name, password), stored)
    return lambda password: same(hmac(name, salt, password), stored)


def django(name: str, body: str) -> Check:
    """Read ``salt$hex`` behind ``sha1$`` or ``md5$``: digest(salt + password) of Django, or Werkzeug's HMAC."""
    salt, stored = _pair(name, body)
    return lambda password: (
        same(digest(name, salt + password), stored) or same(hmac(name, salt or b"\0", password), stored)
    )


def _pair(name: str, body: str) -> tuple[bytes, bytes]:
    salt, found, text = body.partition("$")
    if not found:
        raise DamagedError("damaged or cut")
    return salt.encode(), from_hex(text, sizes[name])


def whirlpool(body: str) -> Check:
    """Read a Whirlpool digest (ISO/IEC 10118-3) in hex or base64. OpenSSL has it in its legacy provider only."""
    stored = fixed(body, 64)
    import hashlib

    try:
        hashlib.new("whirlpool")
    except ValueError:
        return _whirlpool_of_package(stored)
    return lambda password: same(hashlib.new("whirlpool", password).digest(), stored)


def _whirlpool_of_package(stored: bytes) -> Check:
    try:
        import whirlpool as package  # type: ignore[import-not-found]
    except ImportError:
        from ais.errors import MissingPackage

        raise MissingPackage("whirlpool", "stored passwords of scheme WHIRLPOOL") from None
    return lambda password: same(bytes(package.new(password).digest()), stored)


def django_crypt(body: str) -> Check:
    """Django's ``crypt$salt$hash`` without its first word: crypt(3), mostly DES."""
    from .nested import crypt

    salt, dollar, stored = body.partition("$")
    if not dollar or (salt and salt[:2] != stored[:2]):
        raise DamagedError("damaged or cut")
    return crypt("", stored)
