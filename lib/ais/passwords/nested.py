"""Schemes whose name says too little: what they are is told by the body. Dovecot's names, shared with others."""

from __future__ import annotations

from . import digests
from .encoding import DamagedError, from_hex
from .primitives import digest, same
from .schemes import DOLLAR, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def crypt(start: str, body: str) -> Check:
    """``{CRYPT}`` and its relatives: any value that says itself what it is; ``start`` is how it must begin."""
    if not body.startswith(start):
        raise DamagedError("the value is of another scheme than its name says")
    if body[0] != "$":
        from .crypt3 import without_dollar

        return without_dollar(body)
    ident = body[1:].partition("$")[0].partition(",")[0]
    if ident not in DOLLAR:
        raise DamagedError("this kind of crypt is not known")
    return read(DOLLAR[ident], body)


def crypt_md5(body: str) -> Check:
    """SuiteCRM and SugarCRM: crypt(3) or bcrypt of the password's hex MD5. (User::getPasswordHash)"""
    if body.startswith(("$argon2", "$wp", "$bcrypt")):
        raise DamagedError("this kind of crypt is not known")
    outer = crypt("", body)
    if body.startswith("$2"):  # not "bare", which tries further digests inside
        from .bcrypts import check as outer_of

        outer = outer_of(body)
    return lambda password: outer(digest("md5", password).hex().encode())


def digest_or_more(name: str, body: str) -> Check:
    """``{MD5}``, ``{SHA-1}``, ``{SHA-256}`` and so on, in the meanings of several programs.

    crypt's ``$1$`` (Dovecot's ``{MD5}``); the digest in base64 (RFC 2307, Courier, Dovecot) or hex (Modoboa);
    ``{salt}hex`` = digest(password + "{salt}") (Spring Security's MessageDigestPasswordEncoder); ``hex:salt`` (Joomla).
    """
    if body.startswith("$") and name == "md5":
        return crypt("$1$", body)
    if body.startswith("{"):
        salt, brace, text = body.partition("}")
        if not brace:
            raise DamagedError("damaged or cut")
        return _suffixed(name, (salt + brace).encode(), text)
    text, colon, salt = body.partition(":")
    if colon and salt:
        return _suffixed(name, salt.encode(), text)
    return digests.plain(name, body)


def _suffixed(name: str, salt: bytes, text: str) -> Check:
    stored = from_hex(text, len(digest(name, b"")))
    return lambda password: same(digest(name, password + salt), stored)


def sha256(body: str) -> Check:
    """``{SHA256}``: the digest, or Spring Security's StandardPasswordEncoder in 80 hex digits.

    The latter: 8 bytes of salt, then SHA-256 of salt and password, repeated to 1024 rounds, without a site secret.
    """
    if len(body) != 80:
        return digest_or_more("sha256", body)
    raw = from_hex(body, 40)

    def check(password: bytes) -> bool:
        value = raw[:8] + password
        for _ in range(1024):
            value = digest("sha256", value)
        return same(value, raw[8:])

    return check


def nested(body: str) -> Check:
    """Spring Security's ``{ldap}``: the value behind it has a scheme of its own."""
    name, brace, rest = body[1:].partition("}")
    if not body.startswith("{") or not brace or name.upper() not in ("SHA", "SSHA", "MD5", "SMD5", "CRYPT"):
        raise DamagedError("damaged or cut")
    from .schemes import BRACED

    return read(BRACED[name.upper()], rest)
