"""bcrypt, bare and around another hash."""

from __future__ import annotations

from .basics import CRYPT64, DIGITS, Check, DamagedError, Derive, digest, hmac, only, paid, parts, same, to_base64

USED = 72  # bytes of a password that bcrypt looks at; the library refuses longer ones, upstream programs cut them
PRICE = 255.0  # a round, of which there are 2 to the power of the cost: 15 is the most


def _hasher(stored: str) -> Derive:
    """Check the form of ``$2b$12$`` + 22 characters of salt + 31 of hash; give bcrypt with that cost and salt.

    ``$2x$`` marks the hashes of a faulty PHP release, which let other passwords in: refused.
    """
    _, kind, cost, rest = stored.split("$") if stored.count("$") == 3 else ("",) * 4
    if kind not in ("2a", "2b", "2y") or len(rest) != 53 or not only(rest, CRYPT64):
        raise DamagedError("damaged, cut, or of a kind that is not safe")
    if len(cost) != 2 or not only(cost, DIGITS) or not 4 <= int(cost) <= 31:
        raise DamagedError("a cost that is not from 4 to 31")
    try:
        from bcrypt import hashpw
    except ImportError:  # the system's library may know it
        from .libcrypt import crypt

        def hashpw(password: bytes, salt: bytes) -> bytes:
            return (crypt(password, stored) or "*0").encode()

    return paid(PRICE * (1 << int(cost)), lambda password: hashpw(password[:USED], stored.encode()))


def read_plain(stored: str) -> Check:
    """A bare value: ``$2a$``, ``$2b$``, ``$2y$``."""
    return wrap(stored, lambda password: password)


def wrap(stored: str, inner: Derive) -> Check:
    """bcrypt of what ``inner`` makes of the password."""
    hashed, wanted = _hasher(stored), stored.encode()
    return lambda password: same(hashed(inner(password)), wanted)


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
    return wrap(stored, _hasher(stored))


def read_around(name: str, stored: str) -> Check:
    """bcrypt over the hex digest ``name`` of the password: wrapped old hashes, and Django's bcrypt_sha256."""
    return wrap(stored, lambda password: digest(name, password).hex().encode())


def read_wordpress(stored: str) -> Check:
    """``$wp$2y$…`` of WordPress 6.8: bcrypt(base64(HMAC-SHA384(key "wp-sha384", password without outer blanks))).

    wp-includes/pluggable.php, ``wp_hash_password``. The blanks are PHP's; ``wp_authenticate`` drops them as well.
    """

    def inner(password: bytes) -> bytes:
        return to_base64(hmac("sha384", b"wp-sha384", password.strip(b" \n\r\t\v\0"))).encode()

    return wrap(stored[3:], inner)


def read_bcrypt_sha256(stored: str) -> Check:
    """passlib's ``$bcrypt-sha256$2a,12$salt$hash`` and ``$bcrypt-sha256$v=2,t=2b,r=12$salt$hash`` (Mailu).

    Version 1 puts base64(SHA-256(password)) into bcrypt, version 2 base64(HMAC-SHA256(salt, password)).
    (passlib/handlers/bcrypt.py, ``bcrypt_sha256``.)
    """
    _, _, settings, salt, text = parts(stored, "$", 5)
    new = settings.startswith("v=2,t=") and ",r=" in settings
    kind, cost = parts(settings[6:].replace(",r=", ",", 1) if new else settings, ",", 2)
    if len(salt) != 22 or len(text) != 31 or cost.startswith("0"):
        raise DamagedError("the parameters are damaged, or it is cut")
    plain = f"${kind}${cost.zfill(2)}${salt}{text}"
    if new:
        return wrap(plain, lambda password: to_base64(hmac("sha256", salt.encode(), password)).encode())
    return wrap(plain, lambda password: to_base64(digest("sha256", password)).encode())
