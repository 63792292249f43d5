"""Secrets kept for challenge-response logins: CRAM-MD5 and OTP."""

from __future__ import annotations

from . import limits
from .digests import fixed
from .encoding import DamagedError, from_hex, number, parts
from .primitives import digest, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def cram_md5(body: str) -> Check:
    """Dovecot's ``{CRAM-MD5}``, ``{HMAC-MD5}``: the states of MD5 after the outer and the inner key block of HMAC.

    (src/lib/hmac-cram-md5.c, ``hmac_md5_get_cram_context``.)
    """
    stored = fixed(body, 32)

    def check(password: bytes) -> bool:
        from .md5state import after_block

        key = (digest("md5", password) if len(password) > 64 else password).ljust(64, b"\0")
        outer, inner = (after_block(bytes(byte ^ pad for byte in key)) for pad in (0x5C, 0x36))
        return same(outer + inner, stored)

    return check


def otp(body: str) -> Check:
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
