"""Salted digests without a name: ``hex:salt``, and the layouts of programs with a salt at a fixed place.

Which way a site mixed salt and password cannot be told from the value, so each known way is tried; a digest that fits
by chance does not exist.
"""

from __future__ import annotations

from . import limits
from .encoding import DamagedError, from_base64, from_hex, is_hex, number, parts
from .primitives import digest, hmac, same
from .utf16 import utf16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check

NAMES = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}  # by the number of hex digits


def colon(body: str) -> Check:
    """``hex:salt``: Joomla, osCommerce, Magento (also with ``:0``, ``:1``, ``:2``, ``:3_32_2_67108864``)."""
    text, _, salt = body.partition(":")
    name = NAMES[len(text)]
    stored = from_hex(text, len(text) // 2)
    bare, _, version = salt.rpartition(":")
    if name == "sha256" and bare and version in ("2", "3_32_2_67108864"):
        from .argon2s import magento

        return magento(bare.encode(), stored)
    salts = {salt.encode()} | ({bare.encode()} if bare and version in ("0", "1") else set())
    return lambda password: any(
        same(made, stored) for salt in salts for made in _ways(name, salt, password, utf16(password))
    )


def _ways(name: str, salt: bytes, password: bytes, wide: bytes | None) -> list[bytes]:
    once = digest(name, password).hex().encode()
    ways = [
        digest(name, password + salt),
        digest(name, salt + password),
        digest(name, salt + once),
        digest(name, once + salt),
        digest(name, digest(name, salt).hex().encode() + once),
        hmac(name, salt, password),
        hmac(name, password, salt),
        digest(name, salt + digest(name, salt + once).hex().encode()),  # WBB 3, OpenCart
    ]
    if is_hex(salt.decode()):  # Oracle 11 in two columns
        ways.append(digest(name, password + bytes.fromhex(salt.decode())))
    return ways if wide is None else [*ways, digest(name, wide + salt), digest(name, salt + wide)]


def kopano(body: str) -> Check:
    """Kopano and Zarafa: 8 characters of salt, hex MD5 of salt and password. (DBUserPlugin.cpp)"""
    salt, stored = body[:8].encode(), from_hex(body[8:], 16)
    return lambda password: same(digest("md5", salt + password), stored)


def hmailserver(body: str) -> Check:
    """hMailServer: 6 characters of salt, hex SHA-256 of salt and password. (HashCreator.cpp)"""
    salt, stored = body[:6].encode(), from_hex(body[6:], 32)
    return lambda password: same(digest("sha256", salt + password), stored)


def authme(body: str) -> Check:
    """AuthMe's ``$SHA$salt$hex``: SHA-256 of the password's hex SHA-256 and the salt."""
    _, _, salt, text = parts(body, "$", 4)
    stored = from_hex(text, 32)
    return lambda password: same(digest("sha256", digest("sha256", password).hex().encode() + salt.encode()), stored)


def fshp(body: str) -> Check:
    """``{FSHP1|salt bytes|rounds}base64``, the whole value: PBKDF1 of passlib's fshp, by libpass."""
    settings, _, text = body.partition("}")
    variant, salt, rounds = parts(settings.upper().removeprefix("{FSHP"), "|", 3)
    if variant not in ("0", "1", "2", "3"):
        raise DamagedError("the parameters are damaged")
    size = number(salt, limits.DERIVED, "bytes of salt")
    price = number(rounds, limits.WORK, "rounds") * limits.FSHP
    limits.afford(price)
    from_base64(text, size + (20, 32, 48, 64)[int(variant)])
    from .libpass import handler, verify

    handler("fshp")
    return lambda password: limits.spend(price) and verify("fshp", body, password)
