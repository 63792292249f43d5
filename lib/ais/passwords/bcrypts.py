"""bcrypt, bare and around another hash."""

from __future__ import annotations

from binascii import b2a_base64

from . import limits
from .encoding import CRYPT64, DIGITS, DamagedError, only
from .primitives import digest, hmac, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .schemes import Check

USED = 72  # bytes of a password that bcrypt looks at; the library refuses longer ones, upstream programs cut them


def _base64(raw: bytes) -> bytes:
    return b2a_base64(raw, newline=False)  # base64.b64encode is this, and its module imports regular expressions


def _hasher(stored: str) -> Callable[[bytes], str]:
    """Check the form of ``$2b$12$`` + 22 characters of salt + 31 of hash; give bcrypt with that cost and salt.

    ``$2x$`` marks the hashes of a faulty PHP release, which let other passwords in: refused.
    """
    _, kind, cost, rest = stored.split("$") if stored.count("$") == 3 else ("",) * 4
    if kind not in ("2a", "2b", "2y") or len(rest) != 53 or not only(rest, CRYPT64):
        raise DamagedError("damaged, cut, or of a kind that is not safe")
    if len(cost) != 2 or not only(cost, DIGITS) or not 4 <= int(cost) <= 31:
        raise DamagedError("a cost that is not from 4 to 31")
    price = limits.BCRYPT * (1 << int(cost))
    limits.afford(price)
    try:
        from bcrypt import hashpw
    except ImportError:  # the system's library may know it
        from .libcrypt import crypt

        return lambda password: (limits.spend(price) and crypt(password[:USED], stored)) or "*0"

    def hashed(password: bytes) -> str:
        limits.spend(price)
        return hashpw(password[:USED], stored.encode()).decode()

    return hashed


def read_plain(stored: str) -> Check:
    """A bare value: ``$2a$``, ``$2b$``, ``$2y$``."""
    hashed = _hasher(stored)
    return lambda password: same(hashed(password), stored)


def _around(stored: str, inner: Callable[[bytes], bytes]) -> Check:
    outer = read_plain(stored)
    return lambda password: outer(inner(password))


def read_bare(stored: str) -> Check:
    """A bare value, which does not show whether another hash is inside.

    Up to a cost of 8 (16 ms) the known hashes inside are tried after the plain password: WCF 2's, and those of sites
    that wrapped their old digests. Above that a wrong password would cost too much; default_scheme names them.
    """
    plain = read_plain(stored)
    if int(stored[4:6]) > 8:
        return plain
    ways = [plain, read_twice(stored)] + [read_around(name, stored) for name in ("md5", "sha1", "sha256", "sha512")]
    return lambda password: any(way(password) for way in ways)


def read_twice(stored: str) -> Check:
    """WCF 2 and WBB 4: bcrypt(bcrypt(password)) with one salt. (PasswordUtil::getDoubleSaltedHash)"""
    hashed = _hasher(stored)
    return lambda password: same(hashed(hashed(password).encode()), stored)


def read_around(name: str, stored: str) -> Check:
    """bcrypt over the hex digest ``name`` of the password: wrapped old hashes, and Django's bcrypt_sha256."""
    return _around(stored, lambda password: digest(name, password).hex().encode())


def read_wordpress(stored: str) -> Check:
    """``$wp$2y$…`` of WordPress 6.8: bcrypt(base64(HMAC-SHA384(key "wp-sha384", password without outer blanks))).

    wp-includes/pluggable.php, ``wp_hash_password``. The blanks are PHP's; ``wp_authenticate`` drops them as well.
    """
    blanks = b" \n\r\t\v\0"
    return _around(stored[3:], lambda password: _base64(hmac("sha384", b"wp-sha384", password.strip(blanks))))


def read_bcrypt_sha256(stored: str) -> Check:
    """passlib's ``$bcrypt-sha256$2a,12$salt$hash`` and ``$bcrypt-sha256$v=2,t=2b,r=12$salt$hash`` (Mailu).

    Version 1 puts base64(SHA-256(password)) into bcrypt, version 2 base64(HMAC-SHA256(salt, password)).
    (passlib/handlers/bcrypt.py, ``bcrypt_sha256``.)
    """
    fields = stored.split("$")
    if len(fields) != 5 or len(fields[3]) != 22 or len(fields[4]) != 31:
        raise DamagedError("damaged or cut")
    settings, salt = fields[2].split(","), fields[3]
    new = settings[0] == "v=2"
    if new:
        if len(settings) != 3 or settings[1][:2] != "t=" or settings[2][:2] != "r=":
            raise DamagedError("the parameters are damaged")
        settings = [settings[1][2:], settings[2][2:]]
    if len(settings) != 2 or settings[1].startswith("0"):
        raise DamagedError("the parameters are damaged")
    plain = f"${settings[0]}${settings[1].zfill(2)}${salt}{fields[4]}"
    if new:
        return _around(plain, lambda password: _base64(hmac("sha256", salt.encode(), password)))
    return _around(plain, lambda password: _base64(digest("sha256", password)))
