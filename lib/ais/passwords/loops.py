"""Hashes that repeat a digest in Python: phpass, Drupal, Apache's MD5, SAP, Shiro."""

from __future__ import annotations

from . import limits
from .encoding import CRYPT64, DamagedError, from_base64, number, only, parts
from .primitives import digest, same, sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_phpass(name: str, stored: str) -> Check:
    """``$P$``, ``$H$`` (``md5``, 34 characters) and Drupal 7's ``$S$`` (``sha512``, cut to 55 characters).

    After the ident: one character of log2(rounds), eight of salt, the hash. (phpass 0.5; Drupal includes/password.inc)
    """
    length = 55 if name == "sha512" else 34
    if len(stored) != length or not only(stored[3:], CRYPT64):
        raise DamagedError("damaged or cut")
    log2, salt = CRYPT64.index(stored[3]), stored[4:12].encode()
    if not 7 <= log2 <= 30:
        raise DamagedError("a cost that is not from 7 to 30")
    pay = limits.price_loop(name, sizes[name], 1 << log2)

    def check(password: bytes) -> bool:
        pay(password)
        value = digest(name, salt + password)
        for _ in range(1 << log2):
            value = digest(name, value + password)
        return same((stored[:12] + _encode(value))[:length], stored)

    return check


def read_upgraded(stored: str) -> Check:
    """Drupal's ``U$S$`` and ``U$P$``: the same over the hex MD5 that was stored before."""
    inner = read_phpass("sha512" if stored[2] == "S" else "md5", stored[1:])
    return lambda password: inner(digest("md5", password).hex().encode())


def _encode(raw: bytes) -> str:
    """phpass's base64: three bytes are a number, lowest first, written in six-bit steps from the lowest."""
    text = []
    for at in range(0, len(raw), 3):
        group = raw[at : at + 3]
        value = int.from_bytes(group, "little")
        text += [CRYPT64[value >> 6 * place & 63] for place in range(len(group) + 1)]
    return "".join(text)


def read_apr1(stored: str) -> Check:
    """``$apr1$salt$hash``: FreeBSD's md5-crypt with another ident, which crypt(3) does not know. (apr_md5.c)"""
    _, _, salt, text = parts(stored, "$", 4)
    from .crypt3 import check_hash, check_salt

    check_salt(salt, 8)
    check_hash(text, 22)
    return lambda password: same(_apr1_text(_apr1_rounds(password, salt.encode())), text)


def _apr1_rounds(password: bytes, salt: bytes) -> bytes:
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


def _apr1_text(raw: bytes) -> str:
    text = ""
    for high, middle, low in ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)):
        number = raw[high] << 16 | raw[middle] << 8 | raw[low]
        text += "".join(CRYPT64[number >> shift & 63] for shift in (0, 6, 12, 18))
    return text + CRYPT64[raw[11] & 63] + CRYPT64[raw[11] >> 6]


def read_sap(stored: str) -> Check:
    """SAP's CODVN H, ``{x-issha, rounds}base64`` and ``{x-isSHA256, …}`` of digest and salt, the whole value.

    The digest of password and salt, then of password and digest until all rounds are done.
    """
    settings, brace, text = stored.partition("}")
    kind, rounds = parts(settings.lower().removeprefix("{x-is"), ", ", 2)
    name = "sha1" if kind == "sha" else kind
    if not brace or name not in ("sha1", "sha256", "sha384", "sha512"):
        raise DamagedError("the parameters are damaged")
    raw, size, count = from_base64(text), sizes[name], number(rounds, limits.WORK, "rounds")
    if len(raw) <= size or not count:
        raise DamagedError("damaged or cut")
    pay = limits.price_loop(name, size, count)

    def check(password: bytes) -> bool:
        pay(password)
        value = raw[size:]
        for _ in range(count):
            value = digest(name, password + value)
        return same(value, raw[:size])

    return check


def read_shiro(stored: str) -> Check:
    """Apache Shiro's ``$shiro1$SHA-512$rounds$salt$hash``: the digest of salt and password, then of itself."""
    _, _, kind, rounds, salt, text = parts(stored, "$", 6)
    name, count = kind.lower().replace("-", ""), number(rounds, limits.WORK, "rounds")
    if kind not in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512") or not count:
        raise DamagedError("the parameters are damaged")
    start, wanted = from_base64(salt) if salt else b"", from_base64(text, sizes[name])
    pay = limits.price_loop(name, sizes[name], count)

    def check(password: bytes) -> bool:
        pay(b"")  # only the first round reads the password
        value = digest(name, start + password)
        for _ in range(count - 1):
            value = digest(name, value)
        return same(value, wanted)

    return check
