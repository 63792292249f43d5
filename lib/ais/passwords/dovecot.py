"""Schemes whose name says too little: what they are is told by the body. Dovecot's names, shared with others."""

from __future__ import annotations

from . import digests
from .encoding import DamagedError
from .schemes import DOLLAR


def crypt(*arguments: object) -> bool:
    """``{CRYPT}`` and its relatives: any value that says itself what it is; an optional first argument is its start."""
    *start, body, password = arguments
    assert isinstance(body, str) and isinstance(password, bytes)  # noqa: PT018
    if start and not body.startswith(str(start[0])):
        raise DamagedError("the value is of another scheme than its name says")
    if body[0] != "$":
        from .crypt3 import any_kind

        return any_kind(body, password)
    ident = body[1:].partition("$")[0].partition(",")[0]
    if ident not in DOLLAR:
        raise DamagedError("this kind of crypt is not known")
    module, function, *further = DOLLAR[ident]
    check = getattr(__import__(f"ais.passwords.{module}", fromlist=[function]), function)
    return bool(check(*further, body, password))


def md5(body: str, password: bytes) -> bool:
    """``{MD5}``: crypt's ``$1$`` (Dovecot), or the digest in base64 (RFC 2307, Courier) or hex (Modoboa)."""
    if body.startswith("$"):
        return crypt("$1$", body, password)
    return digests.plain("md5", body, password)


def sha256(body: str, password: bytes) -> bool:
    """``{SHA256}``: the digest in base64 or hex."""
    return digests.plain("sha256", body, password)
