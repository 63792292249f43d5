"""Which function reads which stored password: tables only, so that loading them costs nothing.

Each entry is a module of this package and a function in it, called with the body, the password in bytes, and with
what follows in the entry put in front. No entry names a module that is loaded before a value needs it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Entry: TypeAlias = tuple[str, ...]

PLAIN = ("plaintext", "plain")

# Schemes whose body is the clear text itself: "!", "*" and blanks in it mean nothing.
CLEAR = frozenset(("PLAIN", "CLEAR", "CLEARTEXT", "PLAINTEXT", "PLAIN-TRUNC", "NOOP"))

# Schemes whose ".B64" and ".HEX" hold the bytes of a digest; those of all others hold the text of the body.
RAW = frozenset(
    ("SHA", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "SSHA", "SSHA1", "SSHA224", "SSHA256", "SSHA384", "SSHA512")
    + ("MD5", "SMD5", "LDAP-MD5", "PLAIN-MD5", "PLAIN-MD4", "MD5RAW", "MD4", "NT", "NTLM", "NTHASH", "LANMAN")
    + ("CRAM-MD5", "HMAC-MD5", "DIGEST-MD5", "WHIRLPOOL")
)

# {SCHEME}, in upper case.
BRACED: dict[str, Entry] = {
    "PLAIN": PLAIN,
    "CLEAR": PLAIN,
    "CLEARTEXT": PLAIN,
    "PLAINTEXT": PLAIN,
    "NOOP": PLAIN,
    "PLAIN-TRUNC": ("plaintext", "truncated"),
    "SHA": ("digests", "plain", "sha1"),
    "SHA1": ("digests", "plain", "sha1"),
    "SHA224": ("digests", "plain", "sha224"),
    "SHA384": ("digests", "plain", "sha384"),
    "SHA512": ("digests", "plain", "sha512"),
    "SSHA": ("digests", "salted", "sha1"),
    "SSHA1": ("digests", "salted", "sha1"),
    "SSHA224": ("digests", "salted", "sha224"),
    "SSHA256": ("digests", "salted", "sha256"),
    "SSHA384": ("digests", "salted", "sha384"),
    "SSHA512": ("digests", "salted", "sha512"),
    "SMD5": ("digests", "salted", "md5"),
    "PLAIN-MD5": ("digests", "plain", "md5"),
    "LDAP-MD5": ("digests", "plain", "md5"),
    "MD5RAW": ("digests", "plain", "md5"),
    "MD5": ("dovecot", "md5"),
    "SHA256": ("dovecot", "sha256"),
    "CRYPT": ("dovecot", "crypt"),
    "MD5-CRYPT": ("dovecot", "crypt", "$1$"),
    "SHA256-CRYPT": ("dovecot", "crypt", "$5$"),
    "SHA512-CRYPT": ("dovecot", "crypt", "$6$"),
    "BLF-CRYPT": ("dovecot", "crypt", "$2"),
    "BCRYPT": ("dovecot", "crypt", "$2"),
    "DES-CRYPT": ("crypt3", "des"),
    "ARGON2": ("dovecot", "crypt", "$argon2"),
    "ARGON2I": ("dovecot", "crypt", "$argon2i$"),
    "ARGON2ID": ("dovecot", "crypt", "$argon2id$"),
    "PBKDF2": ("pbkdf2", "by_body"),
    "PBKDF2-SHA1": ("pbkdf2", "ldap", "sha1"),
    "PBKDF2-SHA256": ("pbkdf2", "ldap", "sha256"),
    "PBKDF2-SHA512": ("pbkdf2", "ldap", "sha512"),
    "PBKDF2_SHA256": ("pbkdf2", "directory389"),
    "PKCS5S2": ("pbkdf2", "atlassian"),
}

# $ident$, the whole value is the body.
DOLLAR: dict[str, Entry] = {
    "1": ("crypt3", "md5"),
    "5": ("crypt3", "sha"),
    "6": ("crypt3", "sha"),
    "2a": ("bcrypts", "bare"),
    "2b": ("bcrypts", "bare"),
    "2y": ("bcrypts", "bare"),
    "y": ("crypt3", "yescrypt"),
    "gy": ("crypt3", "yescrypt"),
    "7": ("crypt3", "scrypt7"),
    "sha1": ("crypt3", "sha1"),
    "md5": ("crypt3", "sun_md5"),
    "argon2i": ("argon2s", "check"),
    "argon2d": ("argon2s", "check"),
    "argon2id": ("argon2s", "check"),
    "wp": ("bcrypts", "wordpress"),
    "bcrypt-sha256": ("bcrypts", "bcrypt_sha256"),
    "pbkdf2": ("pbkdf2", "passlib"),
    "pbkdf2-sha1": ("pbkdf2", "passlib"),
    "pbkdf2-sha256": ("pbkdf2", "passlib"),
    "pbkdf2-sha512": ("pbkdf2", "passlib"),
}

# word$ or word:, the body is what follows.
WORD: dict[str, Entry] = {
    "sha256$": ("digests", "keyed", "sha256"),
    "sha224$": ("digests", "keyed", "sha224"),
    "sha384$": ("digests", "keyed", "sha384"),
    "sha512$": ("digests", "keyed", "sha512"),
    "pbkdf2_sha256$": ("pbkdf2", "django", "sha256"),
    "pbkdf2_sha1$": ("pbkdf2", "django", "sha1"),
    "bcrypt_sha256$": ("bcrypts", "django_sha256"),
    "bcrypt$": ("bcrypts", "check"),
    "pbkdf2:": ("pbkdf2", "werkzeug"),
}

# Raw hex, by the number of digits.
HEX: dict[int, Entry] = {
    32: ("digests", "plain", "md5"),
    40: ("digests", "plain", "sha1"),
    56: ("digests", "plain", "sha224"),
    64: ("digests", "plain", "sha256"),
    96: ("digests", "plain", "sha384"),
    128: ("digests", "plain", "sha512"),
}
