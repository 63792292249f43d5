"""`presets.scenario.PASSWORD` as applications store it."""

from __future__ import annotations

import base64
import hashlib

from passlib.hash import (  # type: ignore[import-untyped]
    argon2,
    bcrypt,
    des_crypt,
    ldap_salted_sha1,
    md5_crypt,
    phpass,
    sha256_crypt,
    sha512_crypt,
)

PASSWORD = "Grüße & 100 % 'quoted'"


def hex_of(name: str, password: str = PASSWORD) -> str:
    """A bare digest in hex."""
    return hashlib.new(name, password.encode()).hexdigest()


def base64_of(name: str, password: str = PASSWORD) -> str:
    """A bare digest in base64."""
    return base64.b64encode(hashlib.new(name, password.encode()).digest()).decode()


def salted(name: str, salt: bytes = b"0123abcd") -> str:
    """base64 of digest and salt, as in LDAP."""
    return base64.b64encode(hashlib.new(name, PASSWORD.encode() + salt).digest() + salt).decode()


SHA512_CRYPT = str(sha512_crypt.using(rounds=1000).hash(PASSWORD))
SHA256_CRYPT = str(sha256_crypt.using(rounds=1000).hash(PASSWORD))
MD5_CRYPT = str(md5_crypt.hash(PASSWORD))
DES_CRYPT = str(des_crypt.hash(PASSWORD))
BCRYPT = str(bcrypt.using(rounds=4, ident="2y").hash(PASSWORD))
ARGON2I = str(argon2.using(type="I", rounds=2, memory_cost=64, parallelism=1).hash(PASSWORD))
ARGON2ID = str(argon2.using(rounds=2, memory_cost=64, parallelism=1).hash(PASSWORD))
SSHA = str(ldap_salted_sha1.hash(PASSWORD))
PHPASS = str(phpass.using(rounds=8).hash(PASSWORD))


def latin1_crypt(password: str) -> str:
    """crypt(3) of a password in ISO-8859-1."""
    return str(sha512_crypt.using(rounds=1000).hash(password.encode("iso-8859-1")))
