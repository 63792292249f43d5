"""Stored passwords of single applications, in layouts of their own around hashes that others have too."""

from __future__ import annotations

from binascii import b2a_base64

from ais.errors import MissingPackage

from . import limits
from .encoding import DIGITS, LETTERS, DamagedError, from_base64, from_hex, is_hex, need_user, number, parts
from .primitives import digest, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .schemes import Check

_TO_BCRYPT = str.maketrans(LETTERS + DIGITS + "+/", "./" + LETTERS + DIGITS, "=\n")


def read_request_tracker(body: str) -> Check:
    """Request Tracker: ``!bcrypt!06!`` + salt and hash is bcrypt of SHA-512, ``!sha512!salt!base64`` SHA-512(salt + …).

    (lib/RT/User.pm, ``_GeneratePassword_bcrypt`` and ``_GeneratePassword_sha512``.)
    """
    _, kind, first, text = parts(body, "!", 4)
    if kind == "bcrypt":
        try:
            import bcrypt  # noqa: F401  # the system's library ends a text at a NUL, and a digest may hold one
        except ImportError:
            raise MissingPackage("bcrypt", "stored passwords of Request Tracker") from None
        return _bcrypt(first, text, lambda password: digest("sha512", password))
    stored, salt = from_base64(text, 64, padded="=" in text), first.encode()
    return lambda password: same(digest("sha512", salt + password), stored)


def read_znuny(body: str) -> Check:
    """Znuny and OTRS: ``BCRYPT:cost:`` + 16 characters of salt + ``:`` + hash. (Kernel/System/Auth/DB.pm)"""
    cost, colon, rest = body.partition(":")
    salt = rest[:16].encode()
    if not colon or len(salt) != 16 or rest[16:17] != ":":
        raise DamagedError("damaged or cut")
    return _bcrypt(cost, b2a_base64(salt).decode().translate(_TO_BCRYPT) + rest[17:], lambda password: password)


def _bcrypt(cost: str, text: str, inner: Callable[[bytes], bytes]) -> Check:
    """bcrypt of ``inner``, from its cost, and its salt and hash in one text."""
    from .bcrypts import read_plain

    outer = read_plain(f"$2b${cost.zfill(2)}${text}")
    return lambda password: outer(inner(password))


def read_mediawiki(body: str) -> Check:
    """MediaWiki's ``:A:hex``, ``:B:salt:hex`` = MD5(salt-MD5(password)), ``:pbkdf2:sha512:rounds:64:salt:hash``.

    Also ``:bcrypt:cost$salt$hash`` and ``:argon2:`` + PHC. ``$B$salt$hex`` is how hashcat and others write the second.
    """
    kind, *rest = body[1:].split(body[0])
    if kind == "A" and len(rest) == 1:
        old = from_hex(rest[0], 16)
        return lambda password: same(digest("md5", password), old)
    if kind == "B" and len(rest) == 2:
        salt, stored = rest[0].encode(), from_hex(rest[1], 16)
        return lambda password: same(digest("md5", salt + b"-" + digest("md5", password).hex().encode()), stored)
    if kind == "pbkdf2" and len(rest) == 5:
        from .pbkdf2 import check

        size = number(rest[2], limits.DERIVED, "bytes")
        return check(rest[0], from_base64(rest[3]), rest[1], from_base64(rest[4]), size)
    if kind == "bcrypt" and len(rest) == 1:
        cost, start, end = parts(rest[0], "$", 3)
        return _bcrypt(cost, start + end if len(start) == 22 else "", lambda password: password)
    if kind == "argon2" and len(rest) == 1:
        from .nested import read_crypt

        return read_crypt("$argon2", rest[0])
    raise DamagedError("damaged or cut")


def read_wcf1(body: str) -> Check:
    """WoltLab's ``Wcf1:hex:salt`` without its first word: SHA-1 three times, with the salt in front of two."""
    text, salt = parts(body, ":", 2)
    stored = from_hex(text, 20)

    def add(hashed: bytes) -> bytes:
        return digest("sha1", (salt + hashed.hex()).encode())

    return lambda password: same(add(add(digest("sha1", password))), stored)


def read_phpass(body: str) -> Check:
    """WoltLab's ``Phpass:$H$…:`` without its first word."""
    from .loops import read_phpass

    if not body.startswith(("$H$", "$P$")) or not body.endswith(":"):
        raise DamagedError("damaged or cut")
    return read_phpass("md5", body[:-1])


def read_crypt_md5(body: str) -> Check:
    """WoltLab's ``CryptMD5:$1$salt$hash`` without its first word; an import may have put ``:salt`` behind it."""
    from .crypt3 import read_md5

    stored, _, salt = body.partition(":")
    if not stored.startswith("$1$") or salt not in ("", stored[3:].partition("$")[0]):
        raise DamagedError("damaged or cut")
    return read_md5(stored)


def read_smf(user: str | None, body: str) -> Check:
    """Simple Machines Forum: SHA-1 in hex, or bcrypt, of the user's name in small letters and the password."""
    name = need_user(user)
    names = {name.lower().encode(), name.encode().lower()}  # SMF 2.1 folds all letters, older releases a to z
    if is_hex(body):
        stored = from_hex(body, 20)
        return lambda password: any(same(digest("sha1", name + password), stored) for name in names)
    from .bcrypts import read_plain

    outer = read_plain(body)
    return lambda password: any(outer(name + password) for name in names)


def read_kopano(body: str) -> Check:
    """Kopano and Zarafa: 8 characters of salt, hex MD5 of salt and password. (DBUserPlugin.cpp)"""
    salt, stored = body[:8].encode(), from_hex(body[8:], 16)
    return lambda password: same(digest("md5", salt + password), stored)


def read_hmailserver(body: str) -> Check:
    """hMailServer: 6 characters of salt, hex SHA-256 of salt and password. (HashCreator.cpp)"""
    salt, stored = body[:6].encode(), from_hex(body[6:], 32)
    return lambda password: same(digest("sha256", salt + password), stored)


def read_authme(body: str) -> Check:
    """AuthMe's ``$SHA$salt$hex``: SHA-256 of the password's hex SHA-256 and the salt."""
    _, _, salt, text = parts(body, "$", 4)
    stored = from_hex(text, 32)
    return lambda password: same(digest("sha256", digest("sha256", password).hex().encode() + salt.encode()), stored)
