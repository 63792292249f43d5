"""Layouts of single applications, made here by their formula with hashlib, bcrypt or the system's crypt(3)."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import bcrypt
import pytest
from argon2.low_level import Type, hash_secret_raw

from ais.errors import AISError, MissingPackage, UnreadableHash
from ais.passwords import census, verify
from ais.passwords.libcrypt import crypt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SALT = b"\xfb\x01s.saltSALT0123"
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
OF_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def blowfish(secret: bytes, salt: bytes = SALT, kind: str = "2b") -> str:
    """bcrypt at a cost of 4."""
    text = b64encode(salt).translate(bytes.maketrans(ALPHABET, OF_BCRYPT), b"=").decode()
    return bcrypt.hashpw(secret, f"${kind}$04${text}".encode()).decode()


def key(name: str, password: bytes, salt: bytes, size: int) -> bytes:
    """PBKDF2 with 500 rounds."""
    return hashlib.pbkdf2_hmac(name, password, salt, 500, size)


def hex_of(name: str, data: bytes) -> bytes:
    """A digest in hex."""
    return hashlib.new(name, data).hexdigest().encode()


def wcf1(password: bytes) -> str:
    """SHA-1 over SHA-1 over SHA-1, with the salt in front of two."""
    return hex_of("sha1", b"salt" + hex_of("sha1", b"salt" + hex_of("sha1", password))).decode()


def portable(password: bytes) -> str:
    """phpass by libpass."""
    import passlib.hash  # type: ignore[import-untyped]

    return str(passlib.hash.phpass.using(rounds=7, salt="saltsalt", ident="H").hash(password))


def argon2(password: bytes) -> str:
    """A small Argon2id."""
    from argon2.low_level import Type, hash_secret

    return hash_secret(password, SALT, 1, 64, 1, 32, Type.ID).decode()


def sap(name: str, password: bytes) -> bytes:
    """Three rounds of SAP's iterated digest, and the salt."""
    value = hashlib.new(name, password + SALT).digest()
    for _ in range(2):
        value = hashlib.new(name, password + value).digest()
    return value + SALT


def shiro(name: str, password: bytes) -> bytes:
    """Three rounds of Shiro's digest."""
    value = hashlib.new(name, SALT + password).digest()
    for _ in range(2):
        value = hashlib.new(name, value).digest()
    return value


def b64(raw: bytes, pad: bool = True) -> str:
    """Base64."""
    text = b64encode(raw).decode()
    return text if pad else text.rstrip("=")


def of_rt(password: bytes) -> str:
    """Request Tracker's bcrypt of the raw SHA-512."""
    return "!bcrypt!04!" + blowfish(hashlib.sha512(password).digest())[7:]


def system(password: bytes, setting: str) -> str:
    """The system's crypt(3)."""
    made = crypt(password, setting)
    assert made
    return made


def keycloak(raw: bytes, settings: dict[str, object]) -> str:
    """secret_data and credential_data of Keycloak, one behind the other."""
    secret = {"value": b64(raw), "salt": b64(SALT), "additionalParameters": {}}
    return json.dumps(secret) + json.dumps(settings)


FORMULAS: dict[str, Callable[[bytes], str]] = {
    "WoltLab Bcrypt": lambda p: "Bcrypt:" + blowfish(p, kind="2y"),
    "WoltLab bcrypt": lambda p: "bcrypt:" + blowfish(p),
    "WoltLab DoubleBcrypt": lambda p: "DoubleBcrypt:" + blowfish(blowfish(p, kind="2a").encode(), kind="2a"),
    "WoltLab doubleBcrypt": lambda p: "doubleBcrypt:" + blowfish(blowfish(p, kind="2a").encode(), kind="2a"),
    "WoltLab Argon2": lambda p: "Argon2:" + argon2(p),
    "WoltLab argon2": lambda p: "argon2:" + argon2(p),
    "WoltLab Wcf1": lambda p: f"Wcf1:{wcf1(p)}:salt",
    "WoltLab wcf1": lambda p: f"wcf1:{wcf1(p)}:salt",
    "WoltLab Pbkdf2": lambda p: f"Pbkdf2:{key('sha256', p, b'0a1b', 32).hex()}:0a1b:sha256:500:32",
    "WoltLab pbkdf2": lambda p: f"pbkdf2:{key('sha512', p, b'0a1b', 20).hex()}:0a1b:sha512:500:20",
    "WoltLab Phpass": lambda p: f"Phpass:{portable(p)}:",
    "WoltLab phpass": lambda p: f"phpass:{portable(p)}:",
    "WoltLab CryptMD5": lambda p: "CryptMD5:" + system(p, "$1$saltsalt$"),
    "WoltLab cryptMD5": lambda p: "cryptMD5:" + system(p, "$1$saltsalt$"),
    "Seafile": lambda p: f"PBKDF2SHA256$500${SALT.hex()}${key('sha256', p, SALT, 32).hex()}",
    "Mattermost": lambda p: f"$pbkdf2$f=SHA256,w=500,l=32${b64(SALT, False)}${b64(key('sha256', p, SALT, 32), False)}",
    "Mattermost SHA512": lambda p: (
        f"$pbkdf2$f=SHA512,w=500,l=64${b64(SALT, False)}${b64(key('sha512', p, SALT, 64), False)}"
    ),
    "Keycloak": lambda p: f"$pbkdf2-sha256$500${b64(SALT)}${b64(key('sha256', p, SALT, 64))}",
    "Keycloak unpadded": lambda p: f"$pbkdf2-sha256$500${b64(SALT, False)}${b64(key('sha256', p, SALT, 64), False)}",
    "Keycloak's two columns, PBKDF2": lambda p: keycloak(
        key("sha512", p, SALT, 64), {"hashIterations": 500, "algorithm": "pbkdf2-sha512", "additionalParameters": {}}
    ),
    "Keycloak's two columns, Argon2": lambda p: keycloak(
        hash_secret_raw(p, SALT, 1, 64, 1, 32, Type.ID, 0x10),
        {
            "hashIterations": 1,
            "algorithm": "argon2",
            "additionalParameters": {
                "hashLength": ["32"],
                "memory": ["64"],
                "type": ["id"],
                "version": ["1.0"],
                "parallelism": ["1"],
            },
        },
    ),
    "pbkdf2-sha224": lambda p: f"$pbkdf2-sha224$500${b64(SALT, False)}${b64(key('sha224', p, SALT, 28), False)}",
    "pbkdf2-sha384": lambda p: f"$pbkdf2-sha384$500${b64(SALT, False)}${b64(key('sha384', p, SALT, 48), False)}",
    "web2py": lambda p: f"pbkdf2(500,20,sha512)$0a1b2c${key('sha512', p, b'0a1b2c', 20).hex()}",
    "Zammad": lambda p: "{sha2}" + hashlib.sha256(p).hexdigest(),
    "Request Tracker bcrypt": of_rt,
    "Request Tracker SHA-512": lambda p: f"!sha512!S4lt!{b64(hashlib.sha512(b'S4lt' + p).digest())}",
    "Request Tracker SHA-512, unpadded": lambda p: f"!sha512!S4lt!{b64(hashlib.sha512(b'S4lt' + p).digest(), False)}",
    "MediaWiki bcrypt": lambda p: f":bcrypt:4${blowfish(p)[7:29]}${blowfish(p)[29:]}",
    "MediaWiki argon2": lambda p: ":argon2:" + argon2(p),
    "SAP SHA-1": lambda p: "{x-issha, 3}" + b64(sap("sha1", p)),
    "SAP SHA-256": lambda p: "{x-isSHA256, 3}" + b64(sap("sha256", p)),
    "SAP SHA-384": lambda p: "{x-isSHA384, 3}" + b64(sap("sha384", p)),
    "SAP SHA-512": lambda p: "{x-isSHA512, 3}" + b64(sap("sha512", p)),
    "OpenDJ": lambda p: "{PBKDF2}500:" + b64(key("sha1", p, SALT[:8], 20) + SALT[:8]),
    "OpenDJ SHA-256": lambda p: "{PBKDF2-HMAC-SHA256}500:" + b64(key("sha256", p, SALT, 32) + SALT),
    "OpenDJ SHA-512": lambda p: "{PBKDF2-HMAC-SHA512}500:" + b64(key("sha512", p, SALT, 64) + SALT),
    "Shiro SHA-512": lambda p: f"$shiro1$SHA-512$3${b64(SALT)}${b64(shiro('sha512', p))}",
    "Shiro SHA-256": lambda p: f"$shiro1$SHA-256$3${b64(SALT)}${b64(shiro('sha256', p))}",
    "Znuny": lambda p: f"BCRYPT:04:0123456789abcdeF:{blowfish(p, b'0123456789abcdeF')[29:]}",
    "Znuny, cost of one digit": lambda p: f"BCRYPT:4:0123456789abcdeF:{blowfish(p, b'0123456789abcdeF')[29:]}",
}


@pytest.mark.parametrize("program", FORMULAS)
@pytest.mark.parametrize("default", [None, "PLAIN"])
def test_formula(program: str, default: str | None) -> None:
    """The application's formula gives a value that is read, and that its password matches, and nothing else does."""
    for number in range(6):  # six SHA-512, of which one or two hold a NUL
        password = f"grün {number}: $1!"
        stored = FORMULAS[program](password.encode())
        assert verify(stored, password, default_scheme=default) is True
        assert verify(stored, "x" + password, default_scheme=default) is False
        assert census([stored])[0].readable
        for altered in (stored[:-1], stored[:-4], stored[: len(stored) // 2], stored + "0", stored + "=", "x" + stored):
            for tried in (password, altered):
                try:
                    assert verify(altered, tried, default_scheme=default) is False, altered
                except AISError:
                    continue


HEX_MD5 = {
    "bcrypt": lambda p: blowfish(hex_of("md5", p), kind="2y"),
    "MD5": lambda p: system(hex_of("md5", p), "$1$saltsalt$"),
    "SHA-256": lambda p: system(hex_of("md5", p), "$5$saltsalt$"),
    "SHA-512": lambda p: system(hex_of("md5", p), "$6$saltsalt$"),
    "DES": lambda p: system(hex_of("md5", p), "ab"),
}


@pytest.mark.parametrize("kind", HEX_MD5)
def test_crypt_md5(kind: str) -> None:
    """CRYPT-MD5 is crypt(3) or bcrypt of the hex MD5; neither the MD5 itself nor the value lets in."""
    stored = HEX_MD5[kind](b"secret")
    assert verify(stored, "secret", default_scheme="CRYPT-MD5") is True
    assert verify("{CRYPT-MD5}" + stored, "secret") is True
    for wrong in ("Secret", hex_of("md5", b"secret").decode(), stored):
        assert verify(stored, wrong, default_scheme="CRYPT-MD5") is False


def test_crypt_md5_before() -> None:
    """Old rows of SugarCRM hold the MD5 itself, other rows say themselves what they are."""
    assert verify(hex_of("md5", b"secret").decode(), "secret", default_scheme="CRYPT-MD5") is True
    assert verify("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret", default_scheme="CRYPT-MD5") is True


@pytest.mark.parametrize("user", ["Anna", "ÄNNA"])
def test_smf(user: str) -> None:
    """SMF hashes the user's name in small letters and the password; the two in one password do not match."""
    for name in (user.lower().encode(), user.encode().lower()):
        for stored in (hashlib.sha1(name + b"secret").hexdigest(), blowfish(name + b"secret", kind="2y")):
            assert verify(stored, "secret", user, default_scheme="SMF") is True
            assert verify(stored, "Secret", user, default_scheme="SMF") is False
            assert verify(stored, "secret", "Otto", default_scheme="SMF") is False
            assert verify(stored, name.decode() + "secret", user, default_scheme="SMF") is False
            with pytest.raises(UnreadableHash, match="user's name"):
                verify(stored, "secret", default_scheme="SMF")


def test_request_tracker_needs_bcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SHA-512 with a NUL in it is nothing for the system's library: "cannot tell", not "no"."""
    password = next(f"secret{n}" for n in range(99) if b"\0" in hashlib.sha512(f"secret{n}".encode()).digest())
    stored = of_rt(password.encode())
    monkeypatch.setitem(__import__("sys").modules, "bcrypt", None)
    with pytest.raises(MissingPackage, match="bcrypt"):
        verify(stored, password)
