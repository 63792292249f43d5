"""What database servers store for their own users, found in tables of applications that call those functions."""

from __future__ import annotations

from .encoding import DamagedError, from_hex, is_hex, need_user
from .primitives import digest, same, utf16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_mssql(body: str) -> Check:
    """Microsoft SQL Server's pwdencrypt(), behind ``0x``: version, 4 bytes of salt, digest(UTF-16LE password + salt).

    Version 0100 is SHA-1; SQL Server 2000 put the hash of the password in upper case behind it, and both have to match.
    Version 0200 (2012 and later) is SHA-512.
    """
    raw = from_hex(body)
    name, size = {b"\1\0": ("sha1", 20), b"\2\0": ("sha512", 64)}.get(raw[:2], ("", 0))
    if not name or len(raw) not in ((26, 46) if name == "sha1" else (70,)):
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
    """MySQL's OLD_PASSWORD(), 16 hex digits: two numbers of 31 bits; blanks and tabs in the password do not count.

    (mysys/password.c, ``hash_password``.) libpass has it, and would be loaded for nothing but these additions.
    """
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
    return lambda password: same(digest("sha1", password + raw[20:]), raw[:20])


def read_oracle12(body: str) -> Check:
    """The ``T:`` of Oracle 12c alone: SHA-512(PBKDF2-SHA512(password, salt + a constant, 4096) + salt) + 16 of salt."""
    raw = from_hex(body, 80)
    stored, salt = raw[:64], raw[64:]
    from hashlib import pbkdf2_hmac

    def check(password: bytes) -> bool:
        key = pbkdf2_hmac("sha512", password, salt + b"AUTH_PBKDF2_SPEEDY_KEY", 4096)
        return same(digest("sha512", key + salt), stored)

    return check


def read_postgresql_md5(user: str | None, body: str) -> Check:
    """PostgreSQL's ``md5`` + hex of MD5(password + user's name)."""
    stored = from_hex(body[3:], 16)
    name = need_user(user).encode()
    return lambda password: same(digest("md5", password + name), stored)
