"""Argon2 (RFC 9106), by argon2-cffi, and scrypt (RFC 7914), by OpenSSL, in the spellings of many programs."""

from __future__ import annotations

from ais.errors import MissingPackage

from . import limits
from .encoding import DamagedError, from_base64, from_hex, number, parts
from .primitives import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_argon2(stored: str) -> Check:
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
    return _check_argon2(fields[1], version, (memory, passes, lanes), salt, hash)


def read_django_argon2(body: str) -> Check:
    """Django's ``argon2$argon2id$v=19$…`` without its first word."""
    if not body.startswith(("argon2i$", "argon2d$", "argon2id$")):
        raise DamagedError("damaged or cut")
    return read_argon2("$" + body)


def read_maddy(body: str) -> Check:
    """Maddy's ``argon2:passes:memory:lanes:salt:hash`` without its first word: Argon2id. (auth/pass_table/hash.go)"""
    if body.startswith("$"):  # WoltLab's argon2:$argon2id$…
        return read_argon2(body)
    passes, memory, lanes, salt, text = parts(body, ":", 5)
    return _check_argon2("argon2id", 19, (memory, passes, lanes), from_base64(salt), from_base64(text))


def check_magento(salt: bytes, stored: bytes) -> Check:
    """Magento 2.4's Argon2id by libsodium: 16 bytes of salt, 64 MiB, two passes. (Encryptor.php)"""
    return _check_argon2("argon2id", 19, ("65536", "2", "1"), salt[:16], stored)


def _check_argon2(kind: str, version: int, cost: tuple[str, str, str], salt: bytes, stored: bytes) -> Check:
    """Check the parts, and that the library is there. ``cost``: memory in KiB, passes and lanes, as written."""
    memory = number(cost[0], limits.MEMORY >> 10, "KiB of memory")
    passes = number(cost[1], limits.WORK, "passes")
    lanes = number(cost[2], limits.LANES, "lanes")
    first, each = limits.ARGON2
    price = memory * first + passes * (memory * each + (4 * lanes * limits.THREAD if lanes > 1 else 0))
    if passes <= limits.ARGON2_ALWAYS:
        price = min(price, limits.WORK)
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


def _check_scrypt(cost: int, block: int, lanes: int, salt: bytes, stored: bytes) -> Check:
    """Check the parameters N, r and p; derive a key as long as ``stored``."""
    if len(stored) not in limits.KEYS or cost < 2 or cost & (cost - 1) or not block or not lanes or cost >> 16 * block:
        raise DamagedError("damaged or cut")
    from hashlib import scrypt as derive  # loads OpenSSL

    memory = 128 * block * (cost + lanes + 2)
    if memory > limits.MEMORY + (1 << 24) or lanes > limits.LANES:
        raise DamagedError("it asks for more memory than is allowed here")
    price = block * lanes * (cost * limits.SCRYPT / 8 + limits.SCRYPT_BLOCK)
    limits.afford(price)

    def check(password: bytes) -> bool:
        limits.spend(price)
        limits.reserve(memory)
        try:
            made = derive(password, salt=salt, n=cost, r=block, p=lanes, maxmem=memory + (1 << 20), dklen=len(stored))
        except ValueError:  # the parameters are right: OpenSSL got no memory
            raise MemoryError from None
        return same(made, stored)

    return check


def _scrypt_numbers(cost: str, block: str, lanes: str) -> tuple[int, int, int]:
    most = limits.MEMORY >> 7
    return number(cost, most, "scrypt cost"), number(block, most, "scrypt blocks"), number(lanes, limits.LANES, "lanes")


def read_scrypt_phc(stored: str) -> Check:
    """``$scrypt$ln=16,r=8,p=1$salt$hash`` of passlib and the PHC format, in unpadded base64."""
    _, _, settings, salt, text = parts(stored, "$", 5)
    pairs = [setting.partition("=") for setting in settings.split(",")]
    if [name for name, _, _ in pairs] != ["ln", "r", "p"]:
        raise DamagedError("the parameters are damaged")
    cost, block, lanes = (value for _, _, value in pairs)
    numbers = _scrypt_numbers(str(1 << number(cost, 23, "scrypt doublings")), block, lanes)
    return _check_scrypt(*numbers, *(from_base64(part, padded=False) for part in (salt, text)))


def read_scrypt_packed(stored: str) -> Check:
    """``$e0801$salt$hash`` (Spring Security), ``$s0$e0801$…``: log2(N), r and p in 4 + 2 + 2 hex digits."""
    fields = stored.split("$")
    if fields[1] == "s0":
        del fields[1]
    if len(fields) != 4 or not 5 <= len(fields[1]) <= 8:
        raise DamagedError("damaged or cut")
    from_hex(fields[1].zfill(8))
    settings = int(fields[1], 16)
    log2 = settings >> 16
    if log2 > 23:
        raise DamagedError("it asks for more memory than is allowed here")
    return _check_scrypt(1 << log2, settings >> 8 & 255, settings & 255, from_base64(fields[2]), from_base64(fields[3]))


def read_django_scrypt(body: str) -> Check:
    """Django's ``scrypt$N$salt$r$p$base64`` without its first word; salt and N may be swapped."""
    cost, salt, block, lanes, text = parts(body, "$", 5)
    if not cost.isdigit() and salt.isdigit():
        cost, salt = salt, cost
    return _check_scrypt(*_scrypt_numbers(cost, block, lanes), salt.encode(), from_base64(text, 64))


def read_werkzeug_scrypt(body: str) -> Check:
    """Werkzeug's ``scrypt:N:r:p$salt$hex`` without its first word."""
    settings, salt, text = parts(body, "$", 3)
    if not salt:
        raise DamagedError("no salt")
    cost, block, lanes = parts(settings, ":", 3)
    return _check_scrypt(*_scrypt_numbers(cost, block, lanes), salt.encode(), from_hex(text, 64))


def read_scrypt_by_body(body: str) -> Check:
    """``{SCRYPT}``, ``{scrypt}``: Spring's packed form, or the PHC format."""
    return read_scrypt_phc(body) if body.startswith("$scrypt$") else read_scrypt_packed(body)


def read_scrypt_with_colons(body: str) -> Check:
    """``SCRYPT:N:r:p:salt:hash`` in base64, as hashcat writes it, without its first word."""
    cost, block, lanes, salt, text = parts(body, ":", 5)
    return _check_scrypt(*_scrypt_numbers(cost, block, lanes), from_base64(salt), from_base64(text))
