"""Argon2 (RFC 9106), by argon2-cffi, and scrypt (RFC 7914), by OpenSSL, in the spellings of many programs."""

from __future__ import annotations

from ais.errors import MissingPackage

from . import basics
from .basics import Check, DamagedError, from_base64, from_hex, number, paid, parts, reserve, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argon2.low_level import Type

ARGON2 = (4.0, 3.4)  # a KiB, and a KiB and pass: the system hands memory out slowly
THREAD = 140.0  # Argon2 starts one for each lane, four times a pass
SCRYPT = 13.5  # a KiB and lane, by OpenSSL
SCRYPT_BLOCK = 25.0  # a block of 128 bytes and lane, which PBKDF2 makes and reads


def _values(settings: str, names: str) -> list[str]:
    """The values of ``m=1,t=2,p=3`` and the like; ``names``: which, in their order."""
    pairs = [setting.partition("=") for setting in settings.split(",")]
    if [name for name, _, _ in pairs] != names.split():
        raise DamagedError("the parameters are damaged")
    return [value for _, _, value in pairs]


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
    salt, stored_hash = (from_base64(text, padded=False) for text in fields[3:])
    return check_argon2(fields[1], version, _values(fields[2], "m t p"), salt, stored_hash)


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
    return check_argon2("argon2id", 19, [memory, passes, lanes], from_base64(salt), from_base64(text))


def check_magento(salt: bytes, stored: bytes) -> Check:
    """Magento 2.4's Argon2id by libsodium: 16 bytes of salt, 64 MiB, two passes. (Encryptor.php)"""
    return check_argon2("argon2id", 19, ["65536", "2", "1"], salt[:16], stored)


def check_argon2(kind: str, version: int, cost: list[str], salt: bytes, stored: bytes) -> Check:
    """Check the parts, and that the library is there. ``cost``: memory in KiB, passes and lanes, as written."""
    memory = number(cost[0], basics.MEMORY >> 10, "KiB of memory")
    passes = number(cost[1], basics.WORK, "passes")
    lanes = number(cost[2], basics.LANES, "lanes")
    first, each = ARGON2
    price = memory * first + passes * (memory * each + (4 * lanes * THREAD if lanes > 1 else 0))
    if not (8 <= len(salt) <= basics.DERIVED and basics.SHORTEST <= len(stored) <= basics.DERIVED):
        raise DamagedError("damaged or cut")
    if not lanes or not passes or memory < 8 * lanes:
        raise DamagedError("the parameters are damaged")
    try:
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret_raw
    except ImportError:
        reserve(memory << 10)  # without memory nothing can be loaded either
        raise MissingPackage("argon2-cffi", "stored passwords of scheme ARGON2") from None
    type = {"argon2d": Type.D, "argon2i": Type.I, "argon2id": Type.ID}[kind]

    def check(password: bytes) -> bool:
        settings = (password, salt, passes, memory, lanes, len(stored), type, version)
        try:
            try:
                return same(hash_secret_raw(*settings), stored)
            except HashingError as error:
                if "hread" not in str(error):
                    raise
            return same(_hash_without_threads(*settings), stored)  # this user may have no more of them
        except HashingError as error:
            if "llocat" in str(error):  # its sentence names the memory
                raise MemoryError from None
            raise DamagedError("the library refuses its parameters") from None

    return paid(price, check, memory=memory << 10)


def _hash_without_threads(
    password: bytes, salt: bytes, passes: int, memory: int, lanes: int, size: int, type: Type, version: int
) -> bytes:
    """Return what hash_secret_raw does, which starts a thread for each lane; HashingError as there."""
    from argon2.exceptions import HashingError
    from argon2.low_level import core, error_to_str, ffi

    made, secret, given = (ffi.new("uint8_t[]", value) for value in (size, password, salt))
    context = {"out": made, "outlen": size, "pwd": secret, "pwdlen": len(password), "salt": given, "saltlen": len(salt)}
    context |= {"t_cost": passes, "m_cost": memory, "lanes": lanes, "threads": 1, "version": version}
    if status := core(ffi.new("argon2_context *", context), type.value):
        raise HashingError(error_to_str(status))
    return bytes(ffi.buffer(made, size))


def _check_scrypt(settings: list[str], salt: bytes, stored: bytes) -> Check:
    """Check the parameters N, r and p, as written; derive a key as long as ``stored``: programs write 32 or 64."""
    cost, block = (number(text, basics.MEMORY >> 7, "scrypt blocks") for text in settings[:2])
    lanes = number(settings[2], basics.LANES, "lanes")
    if len(stored) not in (32, 64) or cost < 2 or cost & (cost - 1) or not block or not lanes or cost >> 16 * block:
        raise DamagedError("damaged or cut")
    from hashlib import scrypt as derive  # loads OpenSSL

    memory = 128 * block * (cost + lanes + 2)
    if memory > basics.MEMORY + (1 << 24):
        raise DamagedError("it asks for more memory than is allowed here")

    def check(password: bytes) -> bool:
        try:
            made = derive(password, salt=salt, n=cost, r=block, p=lanes, maxmem=memory + (1 << 20), dklen=len(stored))
        except ValueError:  # the parameters are right: OpenSSL got no memory
            raise MemoryError from None
        return same(made, stored)

    return paid(block * lanes * (cost * SCRYPT / 8 + SCRYPT_BLOCK), check, memory=memory)


def read_scrypt_phc(stored: str) -> Check:
    """``$scrypt$ln=16,r=8,p=1$salt$hash`` of passlib and the PHC format, in unpadded base64."""
    _, _, settings, salt, text = parts(stored, "$", 5)
    doublings, block, lanes = _values(settings, "ln r p")
    cost = str(1 << number(doublings, 23, "scrypt doublings"))
    return _check_scrypt([cost, block, lanes], from_base64(salt, padded=False), from_base64(text, padded=False))


def read_scrypt_packed(stored: str) -> Check:
    """``$e0801$salt$hash`` (Spring Security), ``$s0$e0801$…``: log2(N), r and p in 4 + 2 + 2 hex digits."""
    fields = stored.split("$")
    if fields[1] == "s0":
        del fields[1]
    if len(fields) != 4 or not 5 <= len(fields[1]) <= 8:
        raise DamagedError("damaged or cut")
    from_hex(fields[1].zfill(8))
    packed = int(fields[1], 16)
    if packed >> 16 > 23:
        raise DamagedError("it asks for more memory than is allowed here")
    settings = [str(1 << (packed >> 16)), str(packed >> 8 & 255), str(packed & 255)]
    return _check_scrypt(settings, from_base64(fields[2]), from_base64(fields[3]))


def read_django_scrypt(body: str) -> Check:
    """Django's ``scrypt$N$salt$r$p$base64`` without its first word; salt and N may be swapped."""
    cost, salt, block, lanes, text = parts(body, "$", 5)
    if not cost.isdigit() and salt.isdigit():
        cost, salt = salt, cost
    return _check_scrypt([cost, block, lanes], salt.encode(), from_base64(text, 64))


def read_werkzeug_scrypt(body: str) -> Check:
    """Werkzeug's ``scrypt:N:r:p$salt$hex`` without its first word."""
    settings, salt, text = parts(body, "$", 3)
    if not salt:
        raise DamagedError("no salt")
    return _check_scrypt(parts(settings, ":", 3), salt.encode(), from_hex(text, 64))


def read_scrypt_by_body(body: str) -> Check:
    """``{SCRYPT}``, ``{scrypt}``: Spring's packed form, or the PHC format."""
    return read_scrypt_phc(body) if body.startswith("$scrypt$") else read_scrypt_packed(body)


def read_scrypt_with_colons(body: str) -> Check:
    """``SCRYPT:N:r:p:salt:hash`` in base64, as hashcat writes it, without its first word."""
    *settings, salt, text = parts(body, ":", 5)
    return _check_scrypt(settings, from_base64(salt), from_base64(text))
