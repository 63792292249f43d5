"""PBKDF2 (RFC 8018) in the spellings of many programs."""

from __future__ import annotations

from hashlib import pbkdf2_hmac

from . import limits
from .encoding import DamagedError, from_adapted_base64, from_base64, from_hex, is_hex, number, parts
from .primitives import digest, same, sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .schemes import Check


def check(name: str, salt: bytes, rounds: str, stored: bytes, size: int = 0) -> Check:
    """Derive a key as long as ``stored``. ``rounds`` as written; ``name``: the digest, of ``primitives.sizes``.

    ``size``: the bytes of the key, where the value tells.
    """
    if name not in sizes:
        raise DamagedError("its digest is not known")
    if len(stored) != size if size else len(stored) not in limits.KEYS:
        raise DamagedError("damaged or cut")
    if len(stored) < limits.SHORTEST:
        raise DamagedError(f"a hash of less than {limits.SHORTEST} bytes")
    derive = make_deriver(name, salt, rounds, len(stored))
    return lambda password: same(derive(password), stored)


def make_deriver(name: str, salt: bytes, rounds: str, size: int) -> Callable[[bytes], bytes]:
    """PBKDF2 with all but the password. ``rounds`` as written; ``size`` of the key in bytes."""
    count = number(rounds, limits.WORK, "rounds")
    if not count:
        raise DamagedError("no rounds")
    price = count * -(-size // sizes[name]) * limits.PBKDF2[name]
    limits.afford(price)

    def derive(password: bytes) -> bytes:
        limits.spend(price)
        return pbkdf2_hmac(name, password, salt, count, size)

    return derive


def read_dovecot(body: str) -> Check:
    """Dovecot's ``$1$salt$rounds$hex``: SHA-1, 20 bytes, the salt is the text itself. (password-scheme-pbkdf2.c)"""
    _, _, salt, rounds, text = parts(body, "$", 5)
    if not salt:
        raise DamagedError("no salt")
    return check("sha1", salt.encode(), rounds, from_hex(text, 20))


def read_passlib(body: str) -> Check:
    """``$pbkdf2[-sha1|-sha256|…]$n$salt$hash`` of passlib, and PHC's ``$pbkdf2-sha256$i=n[,l=32]$salt$hash``.

    passlib writes ``.`` for ``+``; hMailServer and the Rust crate pbkdf2 (Stalwart) write standard base64, unpadded.
    Mattermost writes ``$pbkdf2$f=SHA256,w=n,l=32$…``, Keycloak derives 64 bytes with any digest.
    """
    _, kind, settings, salt, text = parts(body, "$", 5)
    name = kind.removeprefix("pbkdf2-") if kind != "pbkdf2" else "sha1"
    if kind == "pbkdf2" and settings.startswith("f=SHA"):  # Mattermost
        name, _, settings = settings[2:].partition(",w=")
        name, settings = name.lower(), "i=" + settings
    padded = len(text) == 88 and text.endswith("==")  # Keycloak's own base64 of 64 bytes
    stored = from_base64(text) if padded else from_adapted_base64(text)
    rounds, _, length = settings.removeprefix("i=").partition(",l=")
    known = (32, 64, sizes.get(name)) if settings.startswith("i=") else (64, sizes.get(name))
    if length != str(len(stored)) if length else len(stored) not in known:
        raise DamagedError("damaged or cut")
    salt_bytes = from_base64(salt) if padded and salt.endswith("=") else from_adapted_base64(salt) if salt else b""
    return check(name, salt_bytes, rounds, stored, len(stored))


def read_ldap(name: str, body: str) -> Check:
    """OpenLDAP's pw-pbkdf2, FreeIPA's and passlib's ``{PBKDF2-SHA512}n$salt$hash`` in either base64."""
    rounds, salt, text = parts(body, "$", 3)
    padded = "=" in body  # both or none, so that a value cut by its padding is seen
    salt_bytes, stored = (from_base64(part.replace(".", "+"), padded=padded) for part in (salt, text))
    return check(name, salt_bytes, rounds, stored, sizes[name])


def read_directory389(body: str) -> Check:
    """389 Directory Server's ``{PBKDF2_SHA256}base64``: rounds in 4 bytes, 64 of salt, 256 of hash. (pbkdf2_pwd.c)"""
    raw = from_base64(body, 4 + 64 + 256)
    return check("sha256", raw[4:68], str(int.from_bytes(raw[:4], "big")), raw[68:])


def read_spring(body: str) -> Check:
    """Spring Security's Pbkdf2PasswordEncoder: hex of salt and 32 bytes of hash, without a site secret.

    80 digits: its defaults up to 5.7, SHA-1, 185,000 rounds, 8 bytes of salt (also written with SHA-256);
    96 digits: since 5.8, SHA-256, 310,000 rounds, 16 bytes.
    """
    raw = from_hex(body)
    if len(raw) == 40:
        old, new = (check(name, raw[:8], "185000", raw[8:]) for name in ("sha1", "sha256"))
        return lambda password: old(password) or new(password)
    if len(raw) == 48:
        return check("sha256", raw[:16], "310000", raw[16:])
    raise DamagedError("damaged or cut")


def read_by_body(body: str) -> Check:
    """``{PBKDF2}`` and ``{pbkdf2}``: Dovecot's, passlib's, OpenDJ's, OpenLDAP's or Spring's, told by the body."""
    if body.startswith("$1$"):
        return read_dovecot(body)
    if body.startswith("$pbkdf2"):
        return read_passlib(body)
    if ":" in body:
        return read_opendj("sha1", body)
    if "$" in body:
        return read_ldap("sha1", body)
    if is_hex(body):
        return read_spring(body)
    raise DamagedError("damaged or cut")


def read_atlassian(body: str) -> Check:
    """``{PKCS5S2}`` of Jira, Confluence, Bitbucket: base64 of 16 bytes of salt and 32 of PBKDF2-SHA1, 10,000 rounds."""
    raw = from_base64(body, 48)
    return check("sha1", raw[:16], "10000", raw[16:])


def read_django(name: str, body: str) -> Check:
    """``pbkdf2_sha256$rounds$salt$base64`` without its first word."""
    rounds, salt, text = parts(body, "$", 3)
    if not salt:
        raise DamagedError("no salt")
    return check(name, salt.encode(), rounds, from_base64(text, sizes[name]))


def read_werkzeug(body: str) -> Check:
    """Werkzeug's ``pbkdf2:sha256[:rounds]$salt$hex`` without its first word; without a number it is 1000 rounds."""
    if "$" not in body:
        return read_woltlab(body)
    method, salt, text = parts(body, "$", 3)
    name, colon, rounds = method.partition(":")
    if not salt:
        raise DamagedError("no salt")
    return check(name, salt.encode(), rounds if colon else "1000", from_hex(text, sizes.get(name, 0)))


def read_p5k2(stored: str) -> Check:
    """``$p5k2$rounds$salt$hash`` of two Python recipes, PBKDF2-SHA1 with the rounds in hex.

    Dwayne Litzenberger's: everything before the hash is the salt, 24 bytes, no number means 400 rounds. Cryptacular's
    (cta): salt and 20 bytes of hash in URL base64 with padding.
    """
    _, _, rounds, salt, text = parts(stored, "$", 5)
    count = str(int(rounds, 16)) if rounds and is_hex(rounds.zfill(len(rounds) + len(rounds) % 2)) else "400"
    if not text.endswith("="):
        return check("sha1", stored.rpartition("$")[0].encode(), count, from_adapted_base64(text, 24))
    salt_bytes, hash = (from_base64(part.replace("-", "+").replace("_", "/")) for part in (salt, text))
    return check("sha1", salt_bytes, count, hash)


def read_with_colons(name: str, body: str) -> Check:
    """``sha256:rounds:salt:hash`` in base64 (hashcat), ``sha1:rounds:size:salt:hash`` (PasswordStorage of defuse.ca).

    ``sha256:salt:hash`` is Maddy's, SHA-256 of salt and password (auth/pass_table/hash.go). All without the first word.
    """
    fields, size = body.split(":"), 0
    if len(fields) == 4:
        size = number(fields.pop(1), limits.DERIVED, "bytes")
    if len(fields) == 2 and name == "sha256":
        start, stored = from_base64(fields[0]), from_base64(fields[1], 32)
        return lambda password: same(digest(name, start + password), stored)
    rounds, salt, text = parts(":".join(fields), ":", 3)
    return check(name, from_base64(salt), rounds, from_base64(text), size)


def read_grub(body: str) -> Check:
    """GRUB's ``grub.pbkdf2.sha512.rounds.salt.hash`` in hex, without its first three words."""
    rounds, salt, text = parts(body, ".", 3)
    return check("sha512", from_hex(salt), rounds, from_hex(text, 64))


def read_opendj(name: str, body: str) -> Check:
    """OpenDJ's ``{PBKDF2}rounds:base64`` of digest and salt. (PBKDF2PasswordStorageScheme.java)"""
    rounds, text = parts(body, ":", 2)
    raw, size = from_base64(text), sizes[name]
    if len(raw) <= size:
        raise DamagedError("too short to hold a digest and a salt")
    return check(name, raw[size:], rounds, raw[:size])


def read_seafile(body: str) -> Check:
    """Seafile's ``PBKDF2SHA256$rounds$salt$hash`` in hex, without its first word."""
    rounds, salt, text = parts(body, "$", 3)
    return check("sha256", from_hex(salt), rounds, from_hex(text, 32))


def read_woltlab(body: str) -> Check:
    """WoltLab Suite's ``Pbkdf2:hash:salt:digest:rounds:length`` without its first word; the salt is the text itself."""
    text, salt, name, rounds, length = parts(body, ":", 5)
    return check(name, salt.encode(), rounds, from_hex(text), number(length, limits.DERIVED, "bytes"))


def read_web2py(body: str) -> Check:
    """web2py's ``pbkdf2(rounds,length,digest)$salt$hash`` without its first word; the salt is the text itself."""
    settings, salt, text = parts(body, "$", 3)
    rounds, length, name = parts(settings.removesuffix(")"), ",", 3)
    if not settings.endswith(")") or not salt:
        raise DamagedError("damaged or cut")
    return check(name, salt.encode(), rounds, from_hex(text), number(length, limits.DERIVED, "bytes"))


def read_aspnet(body: str) -> Check:
    """ASP.NET Identity: base64 whose first byte is the version. (aspnetcore, PasswordHasher.cs)

    Version 2: 16 bytes of salt, 32 of PBKDF2-SHA1, 1000 rounds. Version 3: digest, rounds, salt size, salt, hash.
    """
    raw = from_base64(body)
    if raw[0] == 0 and len(raw) == 49:
        return check("sha1", raw[1:17], "1000", raw[17:])
    if raw[0] != 1 or len(raw) < 13:
        raise DamagedError("damaged or cut")
    kind, rounds, size = (int.from_bytes(raw[at : at + 4], "big") for at in (1, 5, 9))
    names = ("sha1", "sha256", "sha512")
    if kind >= len(names) or size < 16 or len(raw) - 13 - size not in (16, 32, 64):
        raise DamagedError("damaged or cut")
    return check(names[kind], raw[13 : 13 + size], str(rounds), raw[13 + size :])
