"""Names around a value that says itself what it is: ``{CRYPT}``, ``{ldap}``, Django's ``crypt$``, CRYPT-MD5."""

from __future__ import annotations

from .encoding import DamagedError
from .primitives import digest
from .schemes import DOLLAR, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def read_crypt(start: str, body: str) -> Check:
    """``{CRYPT}`` and its relatives: any value that says itself what it is; ``start`` is how it must begin."""
    if not body.startswith(start):
        raise DamagedError("the value is of another scheme than its name says")
    if body[0] != "$":
        from .crypt3 import read_without_dollar

        return read_without_dollar(body)
    ident = body[1:].partition("$")[0].partition(",")[0]
    if ident not in DOLLAR:
        raise DamagedError("this kind of crypt is not known")
    return read(DOLLAR[ident], body)


def read_crypt_md5(body: str) -> Check:
    """SuiteCRM and SugarCRM: crypt(3) or bcrypt of the password's hex MD5. (User::getPasswordHash)"""
    if body.startswith("$2"):  # not "bare", which tries further digests inside
        from .bcrypts import read_plain

        outer = read_plain(body)
    else:
        outer = read_crypt("", body)
    return lambda password: outer(digest("md5", password).hex().encode())


def read_nested(body: str) -> Check:
    """Spring Security's ``{ldap}``: the value behind it has a scheme of its own."""
    name, brace, rest = body[1:].partition("}")
    if not body.startswith("{") or not brace or name.upper() not in ("SHA", "SSHA", "MD5", "SMD5", "CRYPT"):
        raise DamagedError("damaged or cut")
    from .schemes import BRACED

    return read(BRACED[name.upper()], rest)


def read_django_crypt(body: str) -> Check:
    """Django's ``crypt$salt$hash`` without its first word: crypt(3), mostly DES."""
    salt, dollar, stored = body.partition("$")
    if not dollar or (salt and salt[:2] != stored[:2]):
        raise DamagedError("damaged or cut")
    return read_crypt("", stored)
