"""Hashes that repeat a digest in Python: phpass, Drupal, Apache's MD5, SAP, Shiro, one-time passwords."""

from __future__ import annotations

from . import basics
from .basics import Check, DamagedError, count_rounds, digest, from_base64, from_hex, only, paid, parts, same, sizes

# The price of a round: for itself, and for each byte that it reads.
PRICES = {"md5": (0.9, 0.006), "sha1": (1.5, 0.016), "sha256": (1.3, 0.013)}
PRICES |= dict.fromkeys(("sha384", "sha512"), (1.6, 0.009))
OTP = {"md4": 130.0, "md5": 8.0, "sha1": 8.0}  # a round; MD4 is libpass's


def _repeat(name: str, rounds: int, check: Check, password: bool = True) -> Check:
    """Let a check pay that many rounds of a digest over itself and, mostly, the ``password``."""
    each, byte = PRICES[name]
    return paid(rounds * (each + byte * sizes[name]), check, rounds * byte if password else 0)


def read_phpass(name: str, stored: str) -> Check:
    """``$P$``, ``$H$`` (``md5``, 34 characters) and Drupal 7's ``$S$`` (``sha512``, cut to 55 characters).

    After the ident: one character of log2(rounds), eight of salt, the hash. (phpass 0.5; Drupal includes/password.inc)
    """
    length = 55 if name == "sha512" else 34
    if len(stored) != length or not only(stored[3:], basics.CRYPT64):
        raise DamagedError("damaged or cut")
    log2, salt = basics.CRYPT64.index(stored[3]), stored[4:12].encode()
    if not 7 <= log2 <= 30:
        raise DamagedError("a cost that is not from 7 to 30")

    def check(password: bytes) -> bool:
        value = digest(name, salt + password)
        for _ in range(1 << log2):
            value = digest(name, value + password)
        return same((stored[:12] + _encode(value))[:length], stored)

    return _repeat(name, 1 << log2, check)


def read_upgraded(stored: str) -> Check:
    """Drupal's ``U$S$`` and ``U$P$``: the same over the hex MD5 that was stored before."""
    inner = read_phpass("sha512" if stored[2] == "S" else "md5", stored[1:])
    return lambda password: inner(digest("md5", password).hex().encode())


def _encode(raw: bytes) -> str:
    """crypt(3)'s base64: three bytes are a number, lowest first, written in six-bit steps from the lowest."""
    groups = [raw[at : at + 3] for at in range(0, len(raw), 3)]
    numbers = [(int.from_bytes(group, "little"), place) for group in groups for place in range(len(group) + 1)]
    return "".join(basics.CRYPT64[number >> 6 * place & 63] for number, place in numbers)


def read_apr1(stored: str) -> Check:
    """``$apr1$salt$hash``: FreeBSD's md5-crypt with another ident, which crypt(3) does not know. (apr_md5.c)"""
    from .crypt3 import check_ends

    _, _, salt_text, text = parts(stored, "$", 4)
    check_ends(salt_text, 8, text, 22)
    salt = salt_text.encode()

    def check(password: bytes) -> bool:
        size = bits = len(password)
        start = password + b"$apr1$" + salt + (digest("md5", password + salt + password) * (size // 16 + 1))[:size]
        while bits:
            start += b"\0" if bits & 1 else password[:1]
            bits >>= 1
        value = digest("md5", start)
        for turn in range(1000):
            first, last = (password, value) if turn & 1 else (value, password)
            value = digest("md5", first + (salt if turn % 3 else b"") + (password if turn % 7 else b"") + last)
        order = (12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11)
        return same(_encode(bytes(value[at] for at in order)), text)

    return check


def read_sap(stored: str) -> Check:
    """SAP's CODVN H, ``{x-issha, rounds}base64`` and ``{x-isSHA256, …}`` of digest and salt, the whole value.

    The digest of password and salt, then of password and digest until all rounds are done.
    """
    settings, brace, text = stored.partition("}")
    kind, rounds = parts(settings.lower().removeprefix("{x-is"), ", ", 2)
    name = "sha1" if kind == "sha" else kind
    if not brace or name not in ("sha1", "sha256", "sha384", "sha512"):
        raise DamagedError("the parameters are damaged")
    raw, size, count = from_base64(text), sizes[name], count_rounds(rounds)
    if len(raw) <= size:
        raise DamagedError("damaged or cut")

    def check(password: bytes) -> bool:
        value = raw[size:]
        for _ in range(count):
            value = digest(name, password + value)
        return same(value, raw[:size])

    return _repeat(name, count, check)


def read_shiro(stored: str) -> Check:
    """Apache Shiro's ``$shiro1$SHA-512$rounds$salt$hash``: the digest of salt and password, then of itself."""
    _, _, kind, rounds, salt, text = parts(stored, "$", 6)
    name, count = kind.lower().replace("-", ""), count_rounds(rounds)
    if kind not in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"):
        raise DamagedError("the parameters are damaged")
    start, wanted = from_base64(salt) if salt else b"", from_base64(text, sizes[name])

    def check(password: bytes) -> bool:
        value = digest(name, start + password)
        for _ in range(count - 1):
            value = digest(name, value)
        return same(value, wanted)

    return _repeat(name, count, check, password=False)  # only the first round reads it


def read_otp(body: str) -> Check:
    """Dovecot's ``{OTP}``: ``algorithm sequence seed hex`` of RFC 2289, what the next login is checked with."""
    name, sequence, seed, text = parts(body, " ", 4)
    if name not in OTP:
        raise DamagedError("its digest is not known")
    rounds, stored = count_rounds(sequence, least=0), from_hex(text, 8)
    if not seed.isascii() or not seed.isalnum():
        raise DamagedError("the seed is damaged")

    def check(password: bytes) -> bool:
        value = _fold(name, seed.lower().encode() + password)
        for _ in range(rounds):
            value = _fold(name, value)
        return same(value, stored)

    return paid(rounds * OTP[name], check)


def _fold(name: str, data: bytes) -> bytes:
    """A digest folded to 64 bits by RFC 2289, appendix A."""
    if name == "md4":
        from .libpass import md4

        raw = md4(data)
    else:
        raw = digest(name, data)
    words = [int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4)]
    if name != "sha1":
        return b"".join((words[at] ^ words[at + 2]).to_bytes(4, "big") for at in (0, 1))
    return (words[0] ^ words[2] ^ words[4]).to_bytes(4, "little") + (words[1] ^ words[3]).to_bytes(4, "little")
