"""What servers store for their own users: database servers' hashes, and mail servers' secrets of challenge-response."""

from __future__ import annotations

from math import sin

from .basics import Check, DamagedError, decode_fixed, digest, from_hex, is_hex, need_user, same
from .digests import compare, utf16

_SINES = [int(abs(sin(step + 1)) * 2**32) for step in range(64)]
_SHIFTS = [(7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)]
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)


def read_mssql(body: str) -> Check:
    """Microsoft SQL Server's pwdencrypt(), behind ``0x``: version, 4 bytes of salt, digest(UTF-16LE password + salt).

    Version 0100 is SHA-1; SQL Server 2000 put the hash of the password in upper case behind it, and both have to match.
    Version 0200 (2012 and later) is SHA-512.
    """
    raw = from_hex(body)
    name, size = ("sha1", 20) if raw[:2] == b"\1\0" else ("sha512", 64)
    if (raw[:2], len(raw)) not in ((b"\1\0", 26), (b"\1\0", 46), (b"\2\0", 70)):
        raise DamagedError("damaged or cut")
    salt, stored, upper = raw[2:6], raw[6 : 6 + size], raw[6 + size :]

    def check(password: bytes) -> bool:
        wide = utf16(password)
        if wide is None or not same(digest(name, wide + salt), stored):
            return False
        # Windows changes one character into one: the German sharp s stays as it is.
        loud = "".join(char.upper() if len(char.upper()) == 1 else char for char in password.decode())
        return not upper or same(digest(name, loud.encode("utf-16-le") + salt), upper)

    return check


def read_mysql41(body: str) -> Check:
    """MySQL's and MariaDB's PASSWORD() since 4.1, behind ``*``: SHA-1 of SHA-1 in hex."""
    stored = from_hex(body, 20)
    return lambda password: same(digest("sha1", digest("sha1", password)), stored)


def read_mysql323(body: str) -> Check:
    """MySQL's OLD_PASSWORD(), 16 hex digits: two numbers of 31 bits; blanks, tabs do not count. (mysys/password.c)"""
    stored = from_hex(body, 8)

    def check(password: bytes) -> bool:
        first, add, second = 1345345333, 7, 0x12345671
        for byte in password:
            if byte in b" \t":
                continue
            first ^= ((first & 63) + add) * byte + (first << 8)
            second += (second << 8) ^ first
            add += byte
        return same(b"".join((part & 0x7FFFFFFF).to_bytes(4, "big") for part in (first, second)), stored)

    return check


def read_oracle11(body: str) -> Check:
    """Oracle's spare4: ``S:`` + hex of SHA-1(password + salt) + 10 bytes of salt, ``T:`` (12c), ``H:`` (a digest)."""
    checks = {}
    for field in body.rstrip(";").split(";"):
        kind, _, text = field.partition(":")
        if kind in checks or kind not in ("S", "H", "T") or not is_hex(text):
            raise DamagedError("damaged or cut")
        checks[kind] = text
    if "T" in checks:
        return read_oracle12(checks["T"])
    raw = from_hex(checks.get("S", ""), 30)
    return compare("sha1", raw[:20], after=raw[20:])


def read_oracle12(body: str) -> Check:
    """The ``T:`` of Oracle 12c alone: SHA-512(PBKDF2-SHA512(password, salt + a constant, 4096) + salt) + 16 of salt."""
    raw = from_hex(body, 80)
    from .pbkdf2 import make_deriver

    derive = make_deriver("sha512", raw[64:] + b"AUTH_PBKDF2_SPEEDY_KEY", "4096", 64)
    return lambda password: same(digest("sha512", derive(password) + raw[64:]), raw[:64])


def read_postgresql_md5(user: str | None, body: str) -> Check:
    """PostgreSQL's ``md5`` + hex of MD5(password + user's name)."""
    return compare("md5", from_hex(body[3:], 16), after=need_user(user).encode())


def read_digest_md5(user: str | None, body: str) -> Check:
    """Dovecot's ``{DIGEST-MD5}``: MD5 of ``user:realm:password``; the realm follows ``@`` in the name."""
    name, _, realm = need_user(user).partition("@")
    return compare("md5", decode_fixed(body, 16), before=f"{name}:{realm}:".encode())


def read_cram_md5(body: str) -> Check:
    """Dovecot's ``{CRAM-MD5}``: the states of MD5 after HMAC's outer and inner key block. (src/lib/hmac-cram-md5.c)"""
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
    state = zip(_START, (a, b, c, d), strict=True)
    return b"".join((old + new & 0xFFFFFFFF).to_bytes(4, "little") for old, new in state)
