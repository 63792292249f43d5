"""``$apr1$``: Apache's MD5, htpasswd's default for years. crypt(3) does not know it.

FreeBSD's md5-crypt with another ident (apr_md5.c). Looped here: loading libpass takes longer.
"""

from __future__ import annotations

from .crypt3 import check_hash, check_salt
from .encoding import CRYPT64, parts
from .primitives import digest, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check

_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def check(stored: str) -> Check:
    """``$apr1$salt$hash``."""
    _, _, salt, text = parts(stored, "$", 4)
    check_salt(salt, 8)
    check_hash(text, 22)
    return lambda password: same(_encode(_rounds(password, salt.encode())), text)


def _rounds(password: bytes, salt: bytes) -> bytes:
    size = len(password)
    value = digest("md5", password + salt + password)
    start = password + b"$apr1$" + salt + (value * (size // 16 + 1))[:size]
    bits = size
    while bits:
        start += b"\0" if bits & 1 else password[:1]
        bits >>= 1
    value = digest("md5", start)
    for turn in range(1000):
        first, last = (password, value) if turn & 1 else (value, password)
        value = digest("md5", first + (salt if turn % 3 else b"") + (password if turn % 7 else b"") + last)
    return value


def _encode(raw: bytes) -> str:
    text = ""
    for high, middle, low in _ORDER:
        number = raw[high] << 16 | raw[middle] << 8 | raw[low]
        text += "".join(CRYPT64[number >> shift & 63] for shift in (0, 6, 12, 18))
    return text + CRYPT64[raw[11] & 63] + CRYPT64[raw[11] >> 6]
