"""Plain and salted digests: RFC 2307 (``{SHA}``, ``{SSHA}``, ``{MD5}``, ``{SMD5}``), hex, ``hex:salt``.

Dovecot 2.3 ``src/auth/password-scheme.c``: a digest of fixed size may be hex or base64, told by its length; behind a
salted digest the rest is the salt, of any length.
"""

from __future__ import annotations

from .encoding import DamagedError, decode_fixed, from_base64, from_hex, is_hex
from .primitives import digest, hmac, same, sizes, utf16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check

NAMES = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}  # by the number of hex digits


def read_plain(name: str, body: str) -> Check:
    """Read an unsalted digest in hex or base64; ``name`` is one of ``primitives.sizes``."""
    stored = decode_fixed(body, sizes[name])
    return lambda password: same(digest(name, password), stored)


def read_salted(name: str, body: str) -> Check:
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


def read_keyed(name: str, body: str) -> Check:
    """Read ``salt$hex`` as Werkzeug wrote it: HMAC with the salt as key, or the bare digest where the salt is empty.

    Also the form of a caller's secret, ``sha256$salt$hex``. (werkzeug/security.py, ``_hash_internal``, up to 2.2.)
    """
    salt, stored = _pair(name, body)
    if not salt:
        return lambda password: same(digest(name, password), stored)
    return lambda password: same(hmac(name, salt, password), stored)


def read_django(name: str, body: str) -> Check:
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


def read_digest_or_more(name: str, body: str) -> Check:
    """``{MD5}``, ``{SHA-1}``, ``{SHA-256}`` and so on, in the meanings of several programs.

    crypt's ``$1$`` (Dovecot's ``{MD5}``); the digest in base64 (RFC 2307, Courier, Dovecot) or hex (Modoboa);
    ``{salt}hex`` = digest(password + "{salt}") (Spring Security's MessageDigestPasswordEncoder); ``hex:salt`` (Joomla).
    """
    if body.startswith("$") and name == "md5":
        from .crypt3 import read_md5

        return read_md5(body)
    if body.startswith("{"):
        salt, brace, text = body.partition("}")
        if not brace:
            raise DamagedError("damaged or cut")
        return _suffixed(name, (salt + brace).encode(), text)
    text, colon, salt = body.partition(":")
    if colon and salt:
        return _suffixed(name, salt.encode(), text)
    return read_plain(name, body)


def _suffixed(name: str, salt: bytes, text: str) -> Check:
    stored = from_hex(text, len(digest(name, b"")))
    return lambda password: same(digest(name, password + salt), stored)


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
    stored = from_hex(text, len(text) // 2)
    bare, _, version = salt.rpartition(":")
    if name == "sha256" and bare and version in ("2", "3_32_2_67108864"):
        from .memoryhard import check_magento

        return check_magento(bare.encode(), stored)
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


def read_whirlpool(body: str) -> Check:
    """Read a Whirlpool digest (ISO/IEC 10118-3) in hex or base64. OpenSSL has it in its legacy provider only."""
    stored = decode_fixed(body, 64)
    import hashlib

    try:
        hashlib.new("whirlpool")
    except ValueError:
        try:
            from whirlpool import new  # type: ignore[import-not-found]
        except ImportError:
            from ais.errors import MissingPackage

            raise MissingPackage("whirlpool", "stored passwords of scheme WHIRLPOOL") from None
        return lambda password: same(bytes(new(password).digest()), stored)
    return lambda password: same(hashlib.new("whirlpool", password).digest(), stored)
