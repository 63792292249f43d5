"""The block function of MD5 (RFC 1321): Dovecot's CRAM-MD5 stores states that no library gives out."""

from __future__ import annotations

from math import sin

_SINES = [int(abs(sin(step + 1)) * 2**32) for step in range(64)]
_SHIFTS = [(7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)]
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


def after_block(block: bytes) -> bytes:
    """The state of MD5, lowest byte first, after its first 64 bytes."""
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
