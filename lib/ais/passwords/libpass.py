"""Hashes that libpass (the maintained passlib) reads: no other library here knows them, or the system's does not."""

from __future__ import annotations

from ais.errors import MissingPackage

from . import basics
from .basics import Check, DamagedError, count_rounds, decode_fixed, from_base64, from_hex, need_user, paid, parts, same
from .digests import utf16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FSHP = 3.0  # a round
# What the system's crypt(3) may lack, by the start of the value.
_CRYPT = (
    ("$1$", "md5_crypt"),
    ("$5$", "sha256_crypt"),
    ("$6$", "sha512_crypt"),
    ("$sha1$", "sha1_crypt"),
    ("$md5", "sun_md5_crypt"),
    ("_", "bsdi_crypt"),
)


def handler(name: str) -> Any:
    """One of libpass's hash classes by its name in ``passlib.hash``."""
    return getattr(basics.need_package("passlib.hash", "libpass", f"stored passwords of scheme {name}"), name)


def verify(name: str, stored: str, password: bytes | str, **context: str) -> bool:
    """Let libpass check a value; ``context``: ``user=``, where it is mixed in. Raises DamagedError if it is damaged."""
    checker = handler(name)
    try:
        return bool(checker.verify(password, stored, **context))
    except UnicodeError:  # the password has characters that the scheme does not have: nobody can have stored it
        return False
    except (ValueError, TypeError):
        raise DamagedError("damaged or cut") from None


def crypt(password: bytes, stored: str, tried: bool) -> str:
    """``stored`` itself if libpass says that it matches, else "*0". ``tried``: there is a crypt(3), which cannot."""
    name = next((name for start, name in _CRYPT if stored.startswith(start)), "" if "$" in stored else "des_crypt")
    if name:
        return stored if verify(name, stored, password) else "*0"
    if tried:
        raise DamagedError("the system's crypt(3) does not know it, or refuses its parameters")
    if stored.startswith("$2"):
        raise MissingPackage("bcrypt", f"stored passwords of scheme {stored[: stored.index('$', 1) + 1]}")
    raise DamagedError("it needs the system's crypt(3): install libcrypt1 (Debian, Ubuntu) or libxcrypt (Red Hat)")


def md4(data: bytes) -> bytes:
    """MD4 (RFC 1320), which OpenSSL 3 keeps in a provider that is mostly off."""
    return bytes.fromhex(handler("hex_md4").hash(data))


def saslprep(text: str) -> str:
    """SASLprep (RFC 4013). Raises ValueError for text with characters that it forbids."""
    return str(basics.need_package("passlib.utils", "libpass", "stored passwords of scheme SCRAM").saslprep(text))


def read_plain_md4(body: str) -> Check:
    """``{PLAIN-MD4}``: MD4 of the password, in hex or base64."""
    stored = decode_fixed(body, 16)
    handler("hex_md4")  # says what to install
    return lambda password: same(md4(password), stored)


def read_nt(body: str) -> Check:
    """``{NT}``: MD4 of the password in UTF-16LE, in hex or base64."""
    outer = read_plain_md4(body)
    return lambda password: (wide := utf16(password)) is not None and outer(wide)


def read_crypt_nt(stored: str) -> Check:
    """``$3$$hex`` of FreeBSD and libxcrypt, and passlib's ``$NT$hex``, which is in UTF-16LE as NT's own.

    crypt(3) puts a NUL behind each byte of the password, whatever its charset is. (libxcrypt, crypt-nthash.c)
    """
    text = stored.removeprefix("$3$$").removeprefix("$NT$")
    from_hex(text, 16)
    check, check_bytes = read_nt(text), read_plain_md4(text)
    if stored[1] != "3":
        return check
    return lambda password: check(password) or check_bytes(password.decode("latin-1").encode("utf-16-le"))


def read_lm(body: str) -> Check:
    """``{LANMAN}``: DES of a constant with the password in upper case as key. Only the first 14 characters count."""
    text = decode_fixed(body, 16).hex()
    handler("lmhash")

    def check(password: bytes) -> bool:
        try:
            return verify("lmhash", text, password.decode())  # libpass takes it to code page 437
        except UnicodeDecodeError:
            return verify("lmhash", text, password)

    return check


def read_oracle10(user: str | None, body: str) -> Check:
    """Oracle up to 10g: 16 hex digits of DES over name and password, both in upper case."""
    from_hex(body, 8)
    name = need_user(user)
    handler("oracle10")  # says what to install
    return lambda password: verify("oracle10", body, password, user=name)


def read_fshp(body: str) -> Check:
    """``{FSHP1|salt bytes|rounds}base64``, the whole value: PBKDF1 of passlib's fshp, by libpass."""
    settings, _, text = body.partition("}")
    variant, salt, rounds = parts(settings.upper().removeprefix("{FSHP"), "|", 3)
    if variant not in ("0", "1", "2", "3"):
        raise DamagedError("the parameters are damaged")
    from_base64(text, basics.number(salt, basics.DERIVED, "bytes of salt") + (20, 32, 48, 64)[int(variant)])
    handler("fshp")
    return paid(count_rounds(rounds, least=0) * FSHP, lambda password: verify("fshp", body, password))
