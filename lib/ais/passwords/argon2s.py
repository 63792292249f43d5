"""Argon2 (RFC 9106), by argon2-cffi."""

from __future__ import annotations

from ais.errors import MissingPackage

from . import limits
from .encoding import DamagedError, from_base64, number
from .primitives import same


def check(stored: str, password: bytes) -> bool:
    """Check ``$argon2id$v=19$m=65536,t=3,p=1$salt$hash`` in its three kinds; without ``v=`` it is version 1.0."""
    fields = stored.split("$")
    version = 0x10
    if len(fields) == 6:
        if fields[2] not in ("v=19", "v=16"):
            raise DamagedError("the version is damaged")
        version = int(fields.pop(2)[2:])
    if len(fields) != 5:
        raise DamagedError("damaged or cut")
    _, kind, settings, salt, hash = fields
    names, values = [], []
    for setting in settings.split(","):
        name, _, value = setting.partition("=")
        names.append(name)
        values.append(value)
    if names != ["m", "t", "p"]:
        raise DamagedError("the parameters are damaged")
    return compute(kind, version, values, from_base64(salt), from_base64(hash), password)


def compute(kind: str, version: int, cost: list[str], salt: bytes, stored: bytes, password: bytes) -> bool:
    """Check a hash given in its parts. ``cost``: memory in KiB, passes and lanes, as they are written."""
    memory = number(cost[0], limits.MEMORY >> 10, "KiB of memory")
    passes = number(cost[1], limits.MEMORY_PASSES >> 13, "passes")
    lanes = number(cost[2], limits.LANES, "lanes")
    if (memory << 10) * passes > limits.MEMORY_PASSES:
        raise DamagedError("it asks for more time than is allowed here")
    if not (8 <= len(salt) <= limits.DERIVED and 12 <= len(stored) <= limits.DERIVED and lanes and passes):
        raise DamagedError("damaged or cut")
    try:
        from argon2.low_level import Type, hash_secret_raw
    except ImportError:
        raise MissingPackage("argon2-cffi", "stored passwords of scheme ARGON2") from None
    kinds = {"argon2d": Type.D, "argon2i": Type.I, "argon2id": Type.ID}
    made = hash_secret_raw(password, salt, passes, memory, lanes, len(stored), kinds[kind], version)
    return same(made, stored)
