"""SCRAM (RFC 5802, RFC 7677): PostgreSQL's and Dovecot's spelling."""

from __future__ import annotations

from .encoding import DamagedError, from_adapted_base64, from_base64, parts
from .pbkdf2 import make_deriver
from .primitives import digest, hmac, same, sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_postgresql(body: str) -> Check:
    """``SCRAM-SHA-256$rounds:salt$StoredKey:ServerKey`` without its first word. (src/common/scram-common.c)"""
    setting, keys = parts(body, "$", 2)
    return _check("sha256", *parts(setting, ":", 2), *parts(keys, ":", 2))


def read_dovecot(name: str, body: str) -> Check:
    """``rounds,salt,StoredKey,ServerKey``. (password-scheme-scram.c)"""
    return _check(name, *parts(body, ",", 4))


def read_passlib(stored: str) -> Check:
    """passlib's ``$scram$rounds$salt$sha-1=key,sha-256=key``: SaltedPassword for several digests, all have to match."""
    _, _, rounds, salt, text = parts(stored, "$", 5)
    keys = [(name.replace("sha-", "sha"), key) for name, _, key in (field.partition("=") for field in text.split(","))]
    if not 0 < len(keys) <= 4 or any(name not in sizes for name, _ in keys):
        raise DamagedError("damaged or cut")
    salted = from_adapted_base64(salt)
    wanted = [
        (make_deriver(name, salted, rounds, sizes[name]), from_adapted_base64(key, sizes[name])) for name, key in keys
    ]
    return _raw_or_prepared(lambda password: all(same(derive(password), key) for derive, key in wanted))


def _check(name: str, rounds: str, salt: str, stored_key: str, server_key: str) -> Check:
    salted, (stored, server) = from_base64(salt), (from_base64(text, sizes[name]) for text in (stored_key, server_key))
    if not salted:
        raise DamagedError("no salt")
    derive = make_deriver(name, salted, rounds, sizes[name])

    def check(password: bytes) -> bool:
        key = derive(password)
        client = digest(name, hmac(name, key, b"Client Key"))
        return same(client + hmac(name, key, b"Server Key"), stored + server)

    return _raw_or_prepared(check)


def _raw_or_prepared(check: Check) -> Check:
    return lambda password: check(password) or any(check(other) for other in _prepared(password))


def _prepared(password: bytes) -> list[bytes]:
    """The password after SASLprep (RFC 4013), which SCRAM asks for and Dovecot leaves out; none if the same."""
    if password.isascii():
        return []
    from .libpass import saslprep

    try:
        other = saslprep(password.decode()).encode()
    except ValueError:  # not UTF-8, or with characters that SASLprep forbids: the programs take it as it is
        return []
    return [other] if other and other != password else []
