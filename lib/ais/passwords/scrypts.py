"""scrypt (RFC 7914) in the spellings of several programs."""

from __future__ import annotations

from hashlib import scrypt

from . import limits
from .encoding import DamagedError, from_base64, from_hex, number, parts
from .primitives import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def derived(cost: int, block: int, lanes: int, salt: bytes, stored: bytes) -> Check:
    """Check the parameters N, r and p; derive a key as long as ``stored``."""
    if len(stored) not in limits.KEYS or cost < 2 or cost & (cost - 1) or not block or not lanes:
        raise DamagedError("damaged or cut")
    memory = 128 * block * (cost + lanes + 2)
    if memory > limits.MEMORY + (1 << 24) or lanes > limits.LANES:
        raise DamagedError("it asks for more memory than is allowed here")
    price = block * lanes * (cost * limits.SCRYPT / 8 + limits.SCRYPT_BLOCK)
    limits.afford(price)

    def check(password: bytes) -> bool:
        limits.spend(price)
        limits.reserve(memory)
        try:
            made = scrypt(password, salt=salt, n=cost, r=block, p=lanes, maxmem=memory + (1 << 20), dklen=len(stored))
        except ValueError:  # the parameters are right: OpenSSL got no memory
            raise MemoryError from None
        return same(made, stored)

    return check


def _numbers(cost: str, block: str, lanes: str) -> tuple[int, int, int]:
    most = limits.MEMORY >> 7
    return number(cost, most, "scrypt cost"), number(block, most, "scrypt blocks"), number(lanes, limits.LANES, "lanes")


def phc(stored: str) -> Check:
    """``$scrypt$ln=16,r=8,p=1$salt$hash`` of passlib and the PHC format, in unpadded base64."""
    _, _, settings, salt, text = parts(stored, "$", 5)
    pairs = [setting.partition("=") for setting in settings.split(",")]
    if [name for name, _, _ in pairs] != ["ln", "r", "p"]:
        raise DamagedError("the parameters are damaged")
    log2, block, lanes = (value for _, _, value in pairs)
    cost = 1 << number(log2, 23, "scrypt doublings")
    return derived(*_numbers(str(cost), block, lanes), from_base64(salt, padded=False), from_base64(text, padded=False))


def packed(stored: str) -> Check:
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
    return derived(1 << log2, settings >> 8 & 255, settings & 255, from_base64(fields[2]), from_base64(fields[3]))


def django(body: str) -> Check:
    """Django's ``scrypt$N$salt$r$p$base64`` without its first word; salt and N may be swapped."""
    cost, salt, block, lanes, text = parts(body, "$", 5)
    if not cost.isdigit() and salt.isdigit():
        cost, salt = salt, cost
    return derived(*_numbers(cost, block, lanes), salt.encode(), from_base64(text, 64))


def werkzeug(body: str) -> Check:
    """Werkzeug's ``scrypt:N:r:p$salt$hex`` without its first word."""
    settings, salt, text = parts(body, "$", 3)
    if not salt:
        raise DamagedError("no salt")
    cost, block, lanes = parts(settings, ":", 3)
    return derived(*_numbers(cost, block, lanes), salt.encode(), from_hex(text, 64))


def by_body(body: str) -> Check:
    """``{SCRYPT}``, ``{scrypt}``: Spring's packed form, or the PHC format."""
    return phc(body) if body.startswith("$scrypt$") else packed(body)


def with_colons(body: str) -> Check:
    """``SCRYPT:N:r:p:salt:hash`` in base64, as hashcat writes it, without its first word."""
    cost, block, lanes, salt, text = parts(body, ":", 5)
    return derived(*_numbers(cost, block, lanes), from_base64(salt), from_base64(text))
