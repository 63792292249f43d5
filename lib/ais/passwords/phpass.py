"""The portable hashes of phpass and what Drupal 7 made of them. (Openwall phpass 0.5; Drupal includes/password.inc)"""

from __future__ import annotations

from .encoding import CRYPT64, DamagedError, only
from .limits import looped
from .primitives import digest, same, sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def check(name: str, stored: str) -> Check:
    """``$P$``, ``$H$`` (``md5``, 34 characters) and ``$S$`` (``sha512``, cut to 55 characters).

    After the ident: one character of log2(rounds), eight of salt, the hash.
    """
    length = 55 if name == "sha512" else 34
    if len(stored) != length or not only(stored[3:], CRYPT64):
        raise DamagedError("damaged or cut")
    log2, salt = CRYPT64.index(stored[3]), stored[4:12].encode()
    if not 7 <= log2 <= 30:
        raise DamagedError("a cost that is not from 7 to 30")
    price = looped(name, sizes[name], 1 << log2)

    def compare(password: bytes) -> bool:
        price(password)
        value = digest(name, salt + password)
        for _ in range(1 << log2):
            value = digest(name, value + password)
        return same((stored[:12] + _encode(value))[:length], stored)

    return compare


def upgraded(stored: str) -> Check:
    """Drupal's ``U$S$`` and ``U$P$``: the same over the hex MD5 that was stored before."""
    inner = check("sha512" if stored[2] == "S" else "md5", stored[1:])
    return lambda password: inner(digest("md5", password).hex().encode())


def _encode(raw: bytes) -> str:
    """phpass's base64: three bytes are a number, lowest first, written in six-bit steps from the lowest."""
    text = []
    for at in range(0, len(raw), 3):
        group = raw[at : at + 3]
        value = int.from_bytes(group, "little")
        text += [CRYPT64[value >> 6 * place & 63] for place in range(len(group) + 1)]
    return "".join(text)
