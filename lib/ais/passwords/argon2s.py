"""Argon2 (RFC 9106), by argon2-cffi."""

from __future__ import annotations

from ais.errors import MissingPackage

from . import limits
from .encoding import DamagedError, from_base64, number, parts
from .primitives import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def phc(stored: str) -> Check:
    """``$argon2id$v=19$m=65536,t=3,p=1$salt$hash`` in its three kinds; without ``v=`` it is version 1.0."""
    fields = stored.split("$")
    version = 0x10
    if len(fields) == 6:
        if fields[2] not in ("v=19", "v=16"):
            raise DamagedError("the version is damaged")
        version = int(fields.pop(2)[2:])
    if len(fields) != 5:
        raise DamagedError("damaged or cut")
    settings = [setting.partition("=") for setting in fields[2].split(",")]
    if [name for name, _, _ in settings] != ["m", "t", "p"]:
        raise DamagedError("the parameters are damaged")
    memory, passes, lanes = (value for _, _, value in settings)
    salt, hash = (from_base64(text, padded=False) for text in fields[3:])
    return _check(fields[1], version, (memory, passes, lanes), salt, hash)


def django(body: str) -> Check:
    """Django's ``argon2$argon2id$v=19$…`` without its first word."""
    if not body.startswith(("argon2i$", "argon2d$", "argon2id$")):
        raise DamagedError("damaged or cut")
    return phc("$" + body)


def maddy(body: str) -> Check:
    """Maddy's ``argon2:passes:memory:lanes:salt:hash`` without its first word: Argon2id. (auth/pass_table/hash.go)"""
    if body.startswith("$"):  # WoltLab's argon2:$argon2id$…
        return phc(body)
    passes, memory, lanes, salt, text = parts(body, ":", 5)
    return _check("argon2id", 19, (memory, passes, lanes), from_base64(salt), from_base64(text))


def magento(salt: bytes, stored: bytes) -> Check:
    """Magento 2.4's Argon2id by libsodium: 16 bytes of salt, 64 MiB, two passes. (Encryptor.php)"""
    return _check("argon2id", 19, ("65536", "2", "1"), salt[:16], stored)


def _check(kind: str, version: int, cost: tuple[str, str, str], salt: bytes, stored: bytes) -> Check:
    """Check the parts, and that the library is there. ``cost``: memory in KiB, passes and lanes, as written."""
    memory = number(cost[0], limits.MEMORY >> 10, "KiB of memory")
    passes = number(cost[1], limits.WORK, "passes")
    lanes = number(cost[2], limits.LANES, "lanes")
    price = passes * (memory * limits.ARGON2 + (4 * lanes * limits.THREAD if lanes > 1 else 0))
    limits.afford(price)
    if not (8 <= len(salt) <= limits.DERIVED and limits.SHORTEST <= len(stored) <= limits.DERIVED):
        raise DamagedError("damaged or cut")
    if not lanes or not passes or memory < 8 * lanes:
        raise DamagedError("the parameters are damaged")
    try:
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret_raw
    except ImportError:
        limits.reserve(memory << 10)  # without memory nothing can be loaded either
        raise MissingPackage("argon2-cffi", "stored passwords of scheme ARGON2") from None
    type = {"argon2d": Type.D, "argon2i": Type.I, "argon2id": Type.ID}[kind]
    size = len(stored)

    def check(password: bytes) -> bool:
        limits.spend(price)
        limits.reserve(memory << 10)
        try:
            return same(hash_secret_raw(password, salt, passes, memory, lanes, size, type, version), stored)
        except HashingError as error:
            if "llocat" in str(error) or "hread" in str(error):  # its sentences name the memory, or the threads
                raise MemoryError from None
            raise DamagedError("the library refuses its parameters") from None

    return check
