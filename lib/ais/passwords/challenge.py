"""Secrets kept for challenge-response logins: CRAM-MD5, DIGEST-MD5 and OTP."""

from __future__ import annotations

from math import sin

from . import limits
from .encoding import DamagedError, decode_fixed, from_hex, need_user, number, parts
from .primitives import digest, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_cram_md5(body: str) -> Check:
    """Dovecot's ``{CRAM-MD5}``, ``{HMAC-MD5}``: the states of MD5 after the outer and the inner key block of HMAC.

    (src/lib/hmac-cram-md5.c, ``hmac_md5_get_cram_context``.)
    """
    stored = decode_fixed(body, 32)

    def check(password: bytes) -> bool:
        key = (digest("md5", password) if len(password) > 64 else password).ljust(64, b"\0")
        outer, inner = (_state_after(bytes(byte ^ pad for byte in key)) for pad in (0x5C, 0x36))
        return same(outer + inner, stored)

    return check


def _state_after(block: bytes) -> bytes:
    """The state of MD5 (RFC 1321), lowest byte first, after its first 64 bytes: no library gives it out."""
    words = [int.from_bytes(block[at : at + 4], "little") for at in range(0, 64, 4)]
    a, b, c, d = _START
    for step in range(64):
        if step < 16:
            mixed, word = d ^ (b & (c ^ d)), step
        elif step < 32:
            mixed, word = c ^ (d & (b ^ c)), (5 * step + 1) % 16
        elif step < 48:
            mixed, word = b ^ c ^ d, (3 * step + 5) % 16
        else:
            mixed, word = c ^ (b | (d ^ 0xFFFFFFFF)), (7 * step) % 16
        total = (a + mixed + _SINES[step] + words[word]) & 0xFFFFFFFF
        shift = _SHIFTS[step // 16][step % 4]
        a, b, c, d = d, (b + (total << shift | total >> (32 - shift))) & 0xFFFFFFFF, b, c
    return b"".join(
        (old + new & 0xFFFFFFFF).to_bytes(4, "little") for old, new in zip(_START, (a, b, c, d), strict=True)
    )


def read_digest_md5(user: str | None, body: str) -> Check:
    """Dovecot's ``{DIGEST-MD5}``: MD5 of ``user:realm:password``; the realm is what follows ``@`` in the name.

    (src/auth/password-scheme.c, ``digest_md5_generate``.)
    """
    stored = decode_fixed(body, 16)
    name, _, realm = need_user(user).partition("@")
    return lambda password: same(digest("md5", f"{name}:{realm}:".encode() + password), stored)


def read_otp(body: str) -> Check:
    """Dovecot's ``{OTP}``: ``algorithm sequence seed hex`` of RFC 2289, what the next login is checked with."""
    name, sequence, seed, text = parts(body, " ", 4)
    if name not in ("md4", "md5", "sha1"):
        raise DamagedError("its digest is not known")
    rounds = number(sequence, limits.WORK, "rounds")
    price = rounds * limits.OTP[name]
    limits.afford(price)
    stored = from_hex(text, 8)
    if not seed.isascii() or not seed.isalnum():
        raise DamagedError("the seed is damaged")

    def check(password: bytes) -> bool:
        limits.spend(price)
        value = _fold(name, seed.lower().encode() + password)
        for _ in range(rounds):
            value = _fold(name, value)
        return same(value, stored)

    return check


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


_SINES = [int(abs(sin(step + 1)) * 2**32) for step in range(64)]
_SHIFTS = [(7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)]
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
