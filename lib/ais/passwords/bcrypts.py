"""bcrypt, bare and around another hash."""

from __future__ import annotations

from base64 import b64encode

from . import limits
from .encoding import CRYPT64, DamagedError, only
from .primitives import digest, hmac, same

USED = 72  # bytes of a password that bcrypt looks at; the library refuses longer ones, upstream programs cut them


def check(stored: str, password: bytes) -> bool:
    """Check ``$2a$``, ``$2b$`` or ``$2y$``, cost of two digits, ``$``, 22 characters of salt, 31 of hash.

    ``$2x$`` marks the hashes of a faulty PHP release, which let other passwords in: refused.
    """
    return same(hashed(password, stored), stored)


def hashed(password: bytes, stored: str) -> str:
    """bcrypt of the password with the cost and salt of ``stored``, whose whole form is checked first."""
    _, kind, cost, rest = stored.split("$") if stored.count("$") == 3 else ("",) * 4
    if kind not in ("2a", "2b", "2y") or len(rest) != 53 or not only(rest, CRYPT64):
        raise DamagedError("damaged, cut, or of a kind that is not safe")
    if len(cost) != 2 or not cost.isascii() or not cost.isdigit() or not 4 <= int(cost) <= limits.BCRYPT:
        raise DamagedError(f"a cost that is not from 4 to {limits.BCRYPT}")
    try:
        from bcrypt import hashpw
    except ImportError:  # the system's library may know it
        from .libcrypt import crypt

        return crypt(password[:USED], stored) or "*0"
    return hashpw(password[:USED], stored.encode()).decode()


def wordpress(stored: str, password: bytes) -> bool:
    """``$wp$2y$…`` of WordPress 6.8: bcrypt(base64(HMAC-SHA384(key "wp-sha384", password without outer blanks))).

    wp-includes/pluggable.php, ``wp_hash_password``. It trims when it hashes and not when it checks, which locks
    people out; so the trimmed password is what counts here. The blanks are PHP's.
    """
    inner = b64encode(hmac("sha384", b"wp-sha384", password.strip(b" \n\r\t\v\0")))
    return check(stored[3:], inner)


def bcrypt_sha256(stored: str, password: bytes) -> bool:
    """passlib's ``$bcrypt-sha256$2a,12$salt$hash`` and ``$bcrypt-sha256$v=2,t=2b,r=12$salt$hash`` (Mailu).

    Version 1 puts base64(SHA-256(password)) into bcrypt, version 2 base64(HMAC-SHA256(salt, password)).
    (passlib/handlers/bcrypt.py, ``bcrypt_sha256``.)
    """
    fields = stored.split("$")
    if len(fields) != 5 or len(fields[3]) != 22 or len(fields[4]) != 31:
        raise DamagedError("damaged or cut")
    settings, salt = fields[2].split(","), fields[3]
    if settings[0] == "v=2" and len(settings) == 3 and settings[1][:2] == "t=" and settings[2][:2] == "r=":
        kind, rounds = settings[1][2:], settings[2][2:]
        inner = hmac("sha256", salt.encode(), password)
    elif len(settings) == 2:
        kind, rounds = settings
        inner = digest("sha256", password)
    else:
        raise DamagedError("the parameters are damaged")
    if kind not in ("2a", "2b", "2y") or len(rounds) not in (1, 2) or (rounds[0] == "0"):
        raise DamagedError("the parameters are damaged")
    return check(f"${kind}${rounds.zfill(2)}${salt}{fields[4]}", b64encode(inner))


def django_sha256(stored: str, password: bytes) -> bool:
    """Django's ``bcrypt_sha256$$2b$12$…``: bcrypt over the SHA-256 in hex."""
    return check(stored, digest("sha256", password).hex().encode())


def around(name: str, stored: str, password: bytes) -> bool:
    """bcrypt over the hex digest ``name`` of the password, as sites made that wrapped their old hashes."""
    return check(stored, digest(name, password).hex().encode())


def twice(stored: str, password: bytes) -> bool:
    """WCF 2 and WBB 4: bcrypt(bcrypt(password)) with one salt. (PasswordUtil::getDoubleSaltedHash)"""
    return check(stored, hashed(password, stored).encode())


def bare(stored: str, password: bytes) -> bool:
    """A bare value. ``$2a$08$`` is what WCF 2 wrote too, so there the double hash is tried after the plain one."""
    return check(stored, password) or (stored.startswith("$2a$08$") and twice(stored, password))
