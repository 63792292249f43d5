"""Digests made in a few steps, with salts in many places: of Joomla, Magento, Spring, Django, Kopano and others."""

from __future__ import annotations

from . import basics
from .basics import Check, decode_fixed, digest, from_hex, hmac, is_hex, parts, read_plain, same, sizes
from .schemes import DOLLAR, read

NAMES = {2 * size: name for name, size in sizes.items()}  # by the number of hex digits


def utf16(password: bytes) -> bytes | None:
    """The password in UTF-16LE, as Windows programs hash it; None if it is not UTF-8, as in another charset's turn."""
    try:
        return password.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        return None


def hexed(name: str, data: bytes) -> bytes:
    """The digest in hex, as many programs hash it again."""
    return digest(name, data).hex().encode()


def compare(name: str, stored: bytes, before: bytes = b"", after: bytes = b"") -> Check:
    """The check by the digest of the password with what stands before or after it."""
    return lambda password: same(digest(name, before + password + after), stored)


def read_django(name: str, body: str) -> Check:
    """``salt$hex`` behind ``sha1$`` or ``md5$``: digest(salt + password) of Django, or Werkzeug's HMAC."""
    text, stored = parts(body, "$", 2)
    salt, wanted = text.encode(), from_hex(stored, sizes[name])

    def check(password: bytes) -> bool:
        return same(digest(name, salt + password), wanted) or same(hmac(name, salt or b"\0", password), wanted)

    return check


def read_digest_or_more(name: str, body: str) -> Check:
    """``{MD5}``, ``{SHA-1}``, ``{SHA-256}`` and so on, in the meanings of several programs.

    crypt's ``$1$`` (Dovecot's ``{MD5}``); the digest in base64 (RFC 2307, Courier, Dovecot) or hex (Modoboa);
    ``{salt}hex`` = digest(password + "{salt}") (Spring Security's MessageDigestPasswordEncoder); ``hex:salt`` (Joomla).
    """
    if body.startswith("$") and name == "md5":
        return read(DOLLAR["1"], body)
    if body.startswith("{"):
        salt, text = parts(body, "}", 2)
        return compare(name, from_hex(text, sizes[name]), after=(salt + "}").encode())
    text, _, salt = body.partition(":")
    return compare(name, from_hex(text, sizes[name]), after=salt.encode()) if salt else read_plain(name, body)


def read_sha256(body: str) -> Check:
    """``{SHA256}``: the digest, or Spring Security's StandardPasswordEncoder in 80 hex digits.

    The latter: 8 bytes of salt, then SHA-256 of salt and password, repeated to 1024 rounds, without a site secret.
    """
    if len(body) != 80:
        return read_digest_or_more("sha256", body)
    raw = from_hex(body, 40)

    def check(password: bytes) -> bool:
        value = raw[:8] + password
        for _ in range(1024):
            value = digest("sha256", value)
        return same(value, raw[8:])

    return check


def read_colon(body: str) -> Check:
    """``hex:salt``: Joomla, osCommerce, Magento (also with ``:0``, ``:1``, ``:2``, ``:3_32_2_67108864``)."""
    text, _, salt = body.partition(":")
    name = NAMES[len(text)]
    stored = from_hex(text, sizes[name])
    bare, _, version = salt.rpartition(":")
    if name == "sha256" and bare and version in ("2", "3_32_2_67108864"):
        from .memoryhard import check_magento

        return check_magento(bare.encode(), stored)
    salts = {salt.encode()} | ({bare.encode()} if bare and version in ("0", "1") else set())
    return lambda password: any(same(made, stored) for salt in salts for made in _ways(name, salt, password))


def _ways(name: str, salt: bytes, password: bytes) -> list[bytes]:
    once, wide = hexed(name, password), utf16(password)
    ways = [
        digest(name, password + salt),
        digest(name, salt + password),
        digest(name, salt + once),
        digest(name, once + salt),
        digest(name, hexed(name, salt) + once),
        hmac(name, salt, password),
        hmac(name, password, salt),
        digest(name, salt + hexed(name, salt + once)),  # WBB 3, OpenCart
    ]
    if is_hex(salt.decode()):  # Oracle 11 in two columns
        ways.append(digest(name, password + bytes.fromhex(salt.decode())))
    return ways if wide is None else [*ways, digest(name, wide + salt), digest(name, salt + wide)]


def read_whirlpool(body: str) -> Check:
    """A Whirlpool digest (ISO/IEC 10118-3) in hex or base64. OpenSSL has it in its legacy provider only."""
    stored = decode_fixed(body, 64)
    import hashlib

    try:
        hashlib.new("whirlpool")
    except ValueError:
        new = basics.need_package("whirlpool", "whirlpool", "stored passwords of scheme WHIRLPOOL").new
        return lambda password: same(bytes(new(password).digest()), stored)
    return lambda password: same(hashlib.new("whirlpool", password).digest(), stored)


def read_prefixed(name: str, size: str, body: str) -> Check:
    """Salt of ``size``, hex of digest(salt + password): Kopano (DBUserPlugin.cpp), hMailServer (HashCreator.cpp)."""
    return compare(name, from_hex(body[int(size) :], sizes[name]), before=body[: int(size)].encode())


def read_wcf1(body: str) -> Check:
    """WoltLab's ``Wcf1:hex:salt`` without its first word: SHA-1 three times, with the salt in front of two."""
    text, salt = parts(body, ":", 2)
    stored, start = from_hex(text, 20), salt.encode()
    return lambda password: same(digest("sha1", start + hexed("sha1", start + hexed("sha1", password))), stored)


def read_authme(body: str) -> Check:
    """AuthMe's ``$SHA$salt$hex``: SHA-256 of the password's hex SHA-256 and the salt."""
    _, _, salt, text = parts(body, "$", 4)
    stored, end = from_hex(text, 32), salt.encode()
    return lambda password: same(digest("sha256", hexed("sha256", password) + end), stored)
