"""PBKDF2 (RFC 8018), and SCRAM (RFC 5802, RFC 7677) over it, in the spellings of many programs."""

from __future__ import annotations

from hashlib import pbkdf2_hmac

from . import basics
from .basics import Check, DamagedError, Derive, digest, from_base64, from_hex, hmac, is_hex, paid, parts, same, sizes
from .digests import compare

PRICES = {"md5": 1.3, "sha1": 1.1, "sha224": 1.0, "sha256": 1.0, "sha384": 2.5, "sha512": 2.5}  # a round and block


def check(name: str, salt: bytes, rounds: str, stored: bytes, size: str = "") -> Check:
    """Derive a key as long as ``stored``. ``name``, ``rounds``, and the ``size`` of the key as written, if it is."""
    if name not in sizes:
        raise DamagedError("its digest is not known")
    if len(stored) != basics.number(size, basics.DERIVED, "bytes") if size else len(stored) not in basics.KEYS:
        raise DamagedError("damaged or cut")
    if len(stored) < basics.SHORTEST:
        raise DamagedError(f"a hash of less than {basics.SHORTEST} bytes")
    derive = make_deriver(name, salt, rounds, len(stored))
    return lambda password: same(derive(password), stored)


def make_deriver(name: str, salt: bytes, rounds: str, size: int) -> Derive:
    """PBKDF2 with all but the password. ``rounds`` as written; ``size`` of the key in bytes."""
    count = basics.count_rounds(rounds)
    price = count * -(-size // sizes[name]) * PRICES[name]
    return paid(price, lambda password: pbkdf2_hmac(name, password, salt, count, size))


def from_adapted_base64(text: str, size: int = 0) -> bytes:
    """Decode passlib's "ab64": ``.`` for ``+`` and no padding. ``+`` itself is accepted as well."""
    return from_base64(text.replace(".", "+"), size, padded=False)


def need(salt: bytes) -> bytes:
    """The salt, which must not be empty."""
    if not salt:
        raise DamagedError("no salt")
    return salt


def read_fields(name: str, separator: str, coding: str, body: str) -> Check:
    """``rounds salt hash`` between separators, without what stands before them.

    Django's ``pbkdf2_sha256$``: the salt is the text itself, the hash base64. Seafile's ``PBKDF2SHA256$`` and GRUB's
    ``grub.pbkdf2.sha512.``: both are ``hex``.
    """
    rounds, salt, text = parts(body, separator, 3)
    if coding == "hex":
        return check(name, from_hex(salt), rounds, from_hex(text, sizes[name]))
    return check(name, need(salt.encode()), rounds, from_base64(text, sizes[name]))


def read_dovecot(body: str) -> Check:
    """Dovecot's ``$1$salt$rounds$hex``: SHA-1, 20 bytes, the salt is the text itself. (password-scheme-pbkdf2.c)"""
    _, _, salt, rounds, text = parts(body, "$", 5)
    return check("sha1", need(salt.encode()), rounds, from_hex(text, 20))


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
    return check(name, salt_bytes, rounds, stored, str(len(stored)))


def read_ldap(name: str, body: str) -> Check:
    """OpenLDAP's pw-pbkdf2, FreeIPA's and passlib's ``{PBKDF2-SHA512}n$salt$hash`` in either base64."""
    rounds, salt, text = parts(body, "$", 3)
    padded = "=" in body  # both or none, so that a value cut by its padding is seen
    salt_bytes, stored = (from_base64(part.replace(".", "+"), padded=padded) for part in (salt, text))
    return check(name, salt_bytes, rounds, stored, str(sizes[name]))


def read_directory389(body: str) -> Check:
    """389 Directory Server's ``{PBKDF2_SHA256}base64``: rounds in 4 bytes, 64 of salt, 256 of hash. (pbkdf2_pwd.c)"""
    raw = from_base64(body, 4 + 64 + 256)
    return check("sha256", raw[4:68], str(int.from_bytes(raw[:4], "big")), raw[68:])


def read_spring(body: str) -> Check:
    """Spring Security's Pbkdf2PasswordEncoder: hex of salt and 32 bytes of hash, without a site secret.

    Since 5.8: SHA-256, 310,000 rounds, 16 bytes of salt. Before: SHA-1 (also written with SHA-256), 185,000 rounds, 8.
    """
    if len(body) == 96:
        return check("sha256", from_hex(body)[:16], "310000", from_hex(body)[16:])
    raw = from_hex(body, 40)
    old, new = (check(name, raw[:8], "185000", raw[8:]) for name in ("sha1", "sha256"))
    return lambda password: old(password) or new(password)


def read_by_body(body: str) -> Check:
    """``{PBKDF2}`` and ``{pbkdf2}``: Dovecot's, passlib's, OpenDJ's, OpenLDAP's or Spring's, told by the body."""
    if body.startswith("$"):
        return read_dovecot(body) if body.startswith("$1$") else read_passlib(body)
    if ":" in body:
        return read_opendj("sha1", body)
    return read_ldap("sha1", body) if "$" in body else read_spring(body)


def read_atlassian(body: str) -> Check:
    """``{PKCS5S2}`` of Jira, Confluence, Bitbucket: base64 of 16 bytes of salt and 32 of PBKDF2-SHA1, 10,000 rounds."""
    raw = from_base64(body, 48)
    return check("sha1", raw[:16], "10000", raw[16:])


def read_werkzeug(body: str) -> Check:
    """Werkzeug's ``pbkdf2:sha256[:rounds]$salt$hex`` without its first word; without a number it is 1000 rounds."""
    if "$" not in body:
        return read_woltlab(body)
    method, salt, text = parts(body, "$", 3)
    name, colon, rounds = method.partition(":")
    return check(name, need(salt.encode()), rounds if colon else "1000", from_hex(text, sizes.get(name, 0)))


def read_p5k2(stored: str) -> Check:
    """``$p5k2$rounds$salt$hash`` of two Python recipes, PBKDF2-SHA1 with the rounds in hex.

    Dwayne Litzenberger's: what is before the hash is the salt, 24 bytes, no number means 400 rounds. Cryptacular's:
    salt and 20 bytes of hash in URL base64 with padding.
    """
    _, _, rounds, salt, text = parts(stored, "$", 5)
    count = str(int(rounds, 16)) if rounds and is_hex(rounds.zfill(len(rounds) + len(rounds) % 2)) else "400"
    if not text.endswith("="):
        return check("sha1", stored.rpartition("$")[0].encode(), count, from_adapted_base64(text, 24))
    salt_bytes, hash = (from_base64(part.replace("-", "+").replace("_", "/")) for part in (salt, text))
    return check("sha1", salt_bytes, count, hash)


def read_with_colons(name: str, body: str) -> Check:
    """``sha256:rounds:salt:hash`` in base64 (hashcat), ``sha1:rounds:size:salt:hash`` (PasswordStorage of defuse.ca).

    ``sha256:salt:hash`` is Maddy's, of salt and password (auth/pass_table/hash.go). All without the first word.
    """
    fields = body.split(":")
    if len(fields) == 2 and name == "sha256":
        return compare(name, from_base64(fields[1], 32), before=from_base64(fields[0]))
    size = fields.pop(1) if len(fields) == 4 else ""
    rounds, salt, text = parts(":".join(fields), ":", 3)
    return check(name, from_base64(salt), rounds, from_base64(text), size)


def read_opendj(name: str, body: str) -> Check:
    """OpenDJ's ``{PBKDF2}rounds:base64`` of digest and salt. (PBKDF2PasswordStorageScheme.java)"""
    rounds, text = parts(body, ":", 2)
    raw = from_base64(text)
    return check(name, need(raw[sizes[name] :]), rounds, raw[: sizes[name]])


def read_woltlab(body: str) -> Check:
    """WoltLab Suite's ``Pbkdf2:hash:salt:digest:rounds:length`` without its first word; the salt is the text itself."""
    text, salt, name, rounds, length = parts(body, ":", 5)
    return check(name, salt.encode(), rounds, from_hex(text), length)


def read_web2py(body: str) -> Check:
    """web2py's ``pbkdf2(rounds,length,digest)$salt$hash`` without its first word; the salt is the text itself."""
    settings, rest = parts(body, ")$", 2)
    salt, text = parts(rest, "$", 2)
    rounds, length, name = parts(settings, ",", 3)
    return check(name, need(salt.encode()), rounds, from_hex(text), length)


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
    # Every release writes 32 bytes by 10,000 rounds or more: 16 bytes of so many rounds are what a cut has left.
    sizes_written = (32, 64) if rounds >= 10_000 else (16, 32, 64)
    if kind > 2 or size < 16 or len(raw) - 13 - size not in sizes_written:
        raise DamagedError("damaged or cut")
    return check(("sha1", "sha256", "sha512")[kind], raw[13 : 13 + size], str(rounds), raw[13 + size :])


def read_scram_postgresql(body: str) -> Check:
    """``SCRAM-SHA-256$rounds:salt$StoredKey:ServerKey`` without its first word. (src/common/scram-common.c)"""
    setting, keys = parts(body, "$", 2)
    return _check_scram("sha256", *parts(setting, ":", 2), *parts(keys, ":", 2))


def read_scram_dovecot(name: str, body: str) -> Check:
    """``rounds,salt,StoredKey,ServerKey``. (password-scheme-scram.c)"""
    return _check_scram(name, *parts(body, ",", 4))


def read_scram_passlib(stored: str) -> Check:
    """passlib's ``$scram$rounds$salt$sha-1=key,sha-256=key``: SaltedPassword for several digests, all have to match."""
    _, _, rounds, salt, text = parts(stored, "$", 5)
    keys = [(name.replace("sha-", "sha"), key) for name, _, key in (field.partition("=") for field in text.split(","))]
    salted = from_adapted_base64(salt)
    checks = [check(name, salted, rounds, from_adapted_base64(key, sizes.get(name, 0))) for name, key in keys]
    return _raw_or_prepared(lambda password: all(one(password) for one in checks))


def _check_scram(name: str, rounds: str, salt: str, stored_key: str, server_key: str) -> Check:
    wanted = from_base64(stored_key, sizes[name]) + from_base64(server_key, sizes[name])
    derive = make_deriver(name, need(from_base64(salt)), rounds, sizes[name])

    def check_keys(password: bytes) -> bool:
        key = derive(password)
        client = digest(name, hmac(name, key, b"Client Key"))
        return same(client + hmac(name, key, b"Server Key"), wanted)

    return _raw_or_prepared(check_keys)


def _raw_or_prepared(check: Check) -> Check:
    """Try the password as it is, then as SASLprep (RFC 4013) makes it: SCRAM asks for that, Dovecot leaves it out."""

    def check_both(password: bytes) -> bool:
        if check(password):
            return True
        if password.isascii():
            return False
        from .libpass import saslprep

        try:
            other = saslprep(password.decode()).encode()
        except ValueError:  # not UTF-8, or with characters that SASLprep forbids: the programs take it as it is
            return False
        return other not in (b"", password) and check(other)

    return check_both
