"""Make stored passwords, for ``bin/ais hash-password``: few schemes, each for a reason."""

from __future__ import annotations

from base64 import b64encode
from secrets import choice, token_bytes

from .basics import CRYPT64, DamagedError, digest, hmac, need_package

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"  # without those that look alike
BCRYPT_COST = 11  # 0.1 s
SHA_ROUNDS = 200_000  # 0.05 s
ARGON2 = (65536, 3, 1)  # KiB, passes, lanes: what Dovecot sets, 0.1 s


def secret() -> str:
    """A caller's secret: 32 letters and digits, 186 bits. Long and random, so a hash of one step protects it."""
    return "".join(choice(LETTERS) for _ in range(32))


def sha256(password: str) -> str:
    """``sha256$salt$hex``, HMAC-SHA256 with the salt as key: cheap, since it is checked at every request.

    For generated secrets only: a password that people choose is guessed from it.
    """
    salt = _salt(16)
    return f"sha256${salt}${hmac('sha256', salt.encode(), password.encode()).hex()}"


def ssha512(password: str) -> str:
    """``{SSHA512}`` with 16 bytes of salt. For tests and old programs: a fast hash."""
    salt = token_bytes(16)
    return "{SSHA512}" + b64encode(digest("sha512", password.encode() + salt) + salt).decode()


def blf_crypt(password: str) -> str:
    """``{BLF-CRYPT}$2y$…``: bcrypt."""
    bcrypt = need_package("bcrypt", "bcrypt", "making hashes of scheme BLF-CRYPT")
    made: str = bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()
    return "{BLF-CRYPT}$2y$" + made[4:]  # what Dovecot and PHP call what Python calls 2b


def argon2id(password: str) -> str:
    """``{ARGON2ID}$argon2id$…``."""
    library = need_package("argon2.low_level", "argon2-cffi", "making hashes of scheme ARGON2ID")
    memory, passes, lanes = ARGON2
    made = library.hash_secret(password.encode(), token_bytes(16), passes, memory, lanes, 32, library.Type.ID)
    return "{ARGON2ID}" + str(made, "ascii")


def sha512_crypt(password: str) -> str:
    """``{SHA512-CRYPT}$6$rounds=…$``, by the system's crypt(3) or libpass."""
    from .libcrypt import crypt
    from .libpass import handler

    try:
        made = crypt(password.encode(), f"$6$rounds={SHA_ROUNDS}${_salt(16)}$")
    except DamagedError:
        made = handler("sha512_crypt").using(rounds=SHA_ROUNDS).hash(password)
    if made is None:
        raise DamagedError("crypt(3) takes passwords of at most 511 bytes")
    return "{SHA512-CRYPT}" + made


def _salt(size: int) -> str:
    return "".join(choice(CRYPT64) for _ in range(size))


SCHEMES = {"SSHA512": ssha512, "BLF-CRYPT": blf_crypt, "ARGON2ID": argon2id, "SHA512-CRYPT": sha512_crypt}
