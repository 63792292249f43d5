"""Schemes that mix the user's name in. Their readers take it as their first argument."""

from __future__ import annotations

from .digests import fixed
from .encoding import DamagedError, from_hex
from .primitives import digest, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def _known(user: str | None) -> str:
    if not user:
        raise DamagedError("it cannot be checked without the user's name")
    return user


def digest_md5(user: str | None, body: str) -> Check:
    """Dovecot's ``{DIGEST-MD5}``: MD5 of ``user:realm:password``; the realm is what follows ``@`` in the name.

    (src/auth/password-scheme.c, ``digest_md5_generate``.)
    """
    stored = fixed(body, 16)
    name, _, realm = _known(user).partition("@")
    return lambda password: same(digest("md5", f"{name}:{realm}:".encode() + password), stored)


def postgresql_md5(user: str | None, body: str) -> Check:
    """PostgreSQL's ``md5`` + hex of MD5(password + user's name)."""
    stored = from_hex(body[3:], 16)
    name = _known(user).encode()
    return lambda password: same(digest("md5", password + name), stored)


def oracle10(user: str | None, body: str) -> Check:
    """Oracle up to 10g: 16 hex digits of DES over name and password, both in upper case."""
    from_hex(body, 8)
    name = _known(user)
    from .libpass import handler, verify

    handler("oracle10")  # says what to install
    return lambda password: verify("oracle10", body, password, user=name)
