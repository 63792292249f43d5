"""Which function reads which stored password: tables only, so that loading them costs nothing.

An entry names a module of this package, a *reader* in it, which is a function whose name begins with ``read_``, and
what to call it with before the body. A reader raises DamagedError if the body does not fit, and else gives a *check*: a
function that takes a password in bytes. So a census reads every value without hashing anything. A module is loaded when
a value needs it.
"""

from __future__ import annotations

from .basics import Check, Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read(entry: Entry, body: str, user: str | None = None) -> Check:
    """Read a body by an entry; ``user`` is for the readers that mix the user's name in."""
    module, function = entry[:2]
    reader = _readers.get(entry[:2])
    if reader is None:
        reader = getattr(__import__(f"ais.passwords.{module}", fromlist=["read"]), f"read_{function}")
        _readers[entry[:2]] = reader
    check: Check = reader(user, body) if function in WITH_USER else reader(*entry[2:], body)
    return check


def ident(value: str) -> str:
    """What stands between the first ``$`` and the next, or a comma."""
    return value[1:].partition("$")[0].partition(",")[0]


_readers: dict[tuple[str, ...], Any] = {}
"""Those that a value has needed so far, by module and name."""

WITH_USER = frozenset(("digest_md5", "postgresql_md5", "oracle10", "smf"))

# Schemes whose body is the clear text itself: "!", "*" and blanks in it mean nothing.
CLEAR = frozenset(("PLAIN", "CLEAR", "CLEARTEXT", "PLAINTEXT", "PLAIN-TRUNC", "NOOP"))

# Schemes whose ".B64" and ".HEX" hold the bytes of a digest; those of all others hold the text of the body.
RAW = frozenset(
    ("SHA", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SSHA", "SSHA1", "SSHA224", "SSHA256", "SSHA384", "SSHA512",
     "MD5", "SMD5", "LDAP-MD5", "PLAIN-MD5", "PLAIN-MD4", "MD5RAW", "MD4", "NT", "NTLM", "NTHASH", "LANMAN",
     "CRAM-MD5", "HMAC-MD5", "DIGEST-MD5", "WHIRLPOOL")
)  # fmt: skip

# Schemes over bcrypt that a value does not show. They are named by default_scheme or in braces.
WRAPPED = frozenset(("CRYPT-MD5", "SMF", "WCF2", "BCRYPT-MD5", "BCRYPT-SHA1", "BCRYPT-SHA256", "BCRYPT-SHA512"))

# {SCHEME}, in upper case.
BRACED: dict[str, Entry] = {
    **dict.fromkeys(CLEAR, ("bare", "plain")),
    "PLAIN-TRUNC": ("bare", "truncated"),
    **{f"SHA{size}": ("basics", "plain", f"sha{size}") for size in (1, 224, 384, 512)},
    **{f"SSHA{size}": ("basics", "salted", f"sha{size}") for size in (1, 224, 256, 384, 512)},
    **{f"SHA-{size}": ("digests", "digest_or_more", f"sha{size}") for size in (1, 256, 384, 512)},
    "SHA": ("basics", "plain", "sha1"),
    "SSHA": ("basics", "salted", "sha1"),
    "SHA2": ("basics", "plain", "sha256"),
    "SHA256": ("digests", "sha256"),
    "MD5": ("digests", "digest_or_more", "md5"),
    "SMD5": ("basics", "salted", "md5"),
    **dict.fromkeys(("PLAIN-MD5", "LDAP-MD5", "MD5RAW"), ("basics", "plain", "md5")),
    **dict.fromkeys(("MD4", "PLAIN-MD4"), ("libpass", "plain_md4")),
    **dict.fromkeys(("NT", "NTLM", "NTHASH"), ("libpass", "nt")),
    "LANMAN": ("libpass", "lm"),
    "WHIRLPOOL": ("digests", "whirlpool"),
    "CRYPT": ("nested", "crypt", ""),
    "MD5-CRYPT": ("nested", "crypt", "$1$"),
    "SHA256-CRYPT": ("nested", "crypt", "$5$"),
    "SHA512-CRYPT": ("nested", "crypt", "$6$"),
    "DES-CRYPT": ("crypt3", "des"),
    **dict.fromkeys(("BLF-CRYPT", "BCRYPT"), ("nested", "crypt", "$2")),
    "WCF2": ("bcrypts", "twice"),
    **{f"BCRYPT-{name.upper()}": ("bcrypts", "around", name) for name in ("md5", "sha1", "sha256", "sha512")},
    "CRYPT-MD5": ("nested", "crypt_md5"),
    "SMF": ("nested", "smf"),
    "ARGON2": ("nested", "crypt", "$argon2"),
    "ARGON2I": ("nested", "crypt", "$argon2i$"),
    "ARGON2ID": ("nested", "crypt", "$argon2id$"),
    "PBKDF2": ("pbkdf2", "by_body"),
    **{f"PBKDF2-SHA{size}": ("pbkdf2", "ldap", f"sha{size}") for size in (1, 256, 512)},
    **{f"PBKDF2-HMAC-SHA{size}": ("pbkdf2", "opendj", f"sha{size}") for size in (256, 512)},
    "PBKDF2_SHA256": ("pbkdf2", "directory389"),
    "PKCS5S2": ("pbkdf2", "atlassian"),
    "SCRYPT": ("memoryhard", "scrypt_by_body"),
    **{f"SCRAM-SHA-{size}": ("pbkdf2", "scram_dovecot", f"sha{size}") for size in (1, 256, 512)},
    **dict.fromkeys(("CRAM-MD5", "HMAC-MD5"), ("databases", "cram_md5")),
    **dict.fromkeys(("OTP", "SKEY"), ("loops", "otp")),
    "DIGEST-MD5": ("databases", "digest_md5"),
    "LDAP": ("nested", "nested"),
}

# $ident$ or $ident,…$; the whole value is the body.
DOLLAR: dict[str, Entry] = {
    "1": ("crypt3", "md5"),
    **dict.fromkeys(("5", "6"), ("crypt3", "sha_crypt")),
    **dict.fromkeys(("2", "2x"), ("bcrypts", "plain")),
    **dict.fromkeys(("2a", "2b", "2y"), ("bcrypts", "bare")),
    **dict.fromkeys(("3", "NT"), ("libpass", "crypt_nt")),
    **dict.fromkeys(("y", "gy"), ("crypt3", "yescrypt")),
    "7": ("crypt3", "scrypt"),
    "sha1": ("crypt3", "sha1"),
    "md5": ("crypt3", "sun_md5"),
    "apr1": ("loops", "apr1"),
    **dict.fromkeys(("P", "H"), ("loops", "phpass", "md5")),
    "S": ("loops", "phpass", "sha512"),
    "wp": ("bcrypts", "wordpress"),
    **dict.fromkeys(("argon2i", "argon2d", "argon2id"), ("memoryhard", "argon2")),
    "bcrypt-sha256": ("bcrypts", "bcrypt_sha256"),
    **dict.fromkeys(("pbkdf2", *(f"pbkdf2-sha{size}" for size in (1, 224, 256, 384, 512))), ("pbkdf2", "passlib")),
    "p5k2": ("pbkdf2", "p5k2"),
    "scrypt": ("memoryhard", "scrypt_phc"),
    "s0": ("memoryhard", "scrypt_packed"),
    "SHA": ("digests", "authme"),
    "B": ("nested", "mediawiki"),
    "scram": ("pbkdf2", "scram_passlib"),
    "shiro1": ("loops", "shiro"),
}

# A word up to its first "$", ":" or "|"; the body is what follows.
WORD: dict[str, Entry] = {
    **{f"sha{size}$": ("basics", "keyed", f"sha{size}") for size in (224, 256, 384, 512)},
    **{f"{name}$": ("digests", "django", name) for name in ("md5", "sha1")},
    **{f"pbkdf2_{name}$": ("pbkdf2", "fields", name, "$", "django") for name in ("sha1", "sha256")},
    "bcrypt_sha256$": ("bcrypts", "around", "sha256"),
    "scrypt$": ("memoryhard", "django_scrypt"),
    "argon2$": ("memoryhard", "django_argon2"),
    "crypt$": ("nested", "django_crypt"),
    "pbkdf2:": ("pbkdf2", "werkzeug"),
    "scrypt:": ("memoryhard", "werkzeug_scrypt"),
    **dict.fromkeys(("bcrypt$", "bcrypt:", "Bcrypt:"), ("bcrypts", "plain")),
    "argon2:": ("memoryhard", "maddy"),
    **{f"{name}:": ("pbkdf2", "with_colons", name) for name in ("md5", "sha1", "sha256", "sha512")},
    "SCRYPT:": ("memoryhard", "scrypt_with_colons"),
    "1|": ("nested", "crypt", "$2"),
    **dict.fromkeys(("2|", "Argon2:"), ("nested", "crypt", "$argon2")),
    "3|": ("nested", "crypt", "$argon2id$"),
    "SCRAM-SHA-256$": ("pbkdf2", "scram_postgresql"),
    "PBKDF2SHA256$": ("pbkdf2", "fields", "sha256", "$", "hex"),
    "BCRYPT:": ("nested", "znuny"),
    # WoltLab Suite, with the first letter in either case; "bcrypt:", "argon2:" and "pbkdf2:" are above.
    "Pbkdf2:": ("pbkdf2", "woltlab"),
    **dict.fromkeys(("DoubleBcrypt:", "doubleBcrypt:"), ("bcrypts", "twice")),
    **dict.fromkeys(("Wcf1:", "wcf1:"), ("digests", "wcf1")),
    **dict.fromkeys(("Phpass:", "phpass:"), ("nested", "phpass")),
    **dict.fromkeys(("CryptMD5:", "cryptMD5:"), ("nested", "woltlab_md5")),
}

# What else a value may start with: the scheme's name, the entry, and how much of the start is not the body.
START: tuple[tuple[str, str, Entry, int], ...] = (
    ("!bcrypt!", "!bcrypt!", ("nested", "request_tracker"), 0),
    ("!sha512!", "!sha512!", ("nested", "request_tracker"), 0),
    ("0x0100", "MSSQL", ("databases", "mssql"), 2),
    ("0x0200", "MSSQL", ("databases", "mssql"), 2),
    ("*", "MySQL", ("databases", "mysql41"), 1),
    ('{"', "Keycloak", ("nested", "keycloak"), 0),
    *((f":{kind}:", "MediaWiki", ("nested", "mediawiki"), 0) for kind in ("A", "B", "pbkdf2", "bcrypt", "argon2")),
    ("pbkdf2(", "web2py", ("pbkdf2", "web2py"), 7),
    ("grub.pbkdf2.sha512.", "GRUB", ("pbkdf2", "fields", "sha512", ".", "hex"), 19),
    *((f"U${kind}$", f"U${kind}$", ("loops", "upgraded"), 0) for kind in "SPH"),
    *((f"{kind}:", "Oracle", ("databases", "oracle11"), 0) for kind in "STH"),
)
