"""Hashes of Windows and Samba: NT (MD4 of UTF-16) and LM."""

from __future__ import annotations

from .digests import fixed
from .encoding import from_hex, parts
from .libpass import handler, verify
from .libpass import md4 as md4_of
from .primitives import same
from .utf16 import utf16

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def md4(body: str) -> Check:
    """``{PLAIN-MD4}``: MD4 of the password, in hex or base64."""
    stored = fixed(body, 16)
    handler("hex_md4")  # says what to install
    return lambda password: same(md4_of(password), stored)


def nt(body: str) -> Check:
    """``{NT}``: MD4 of the password in UTF-16LE, in hex or base64."""
    outer = md4(body)
    return lambda password: (wide := utf16(password)) is not None and outer(wide)


def crypt_nt(stored: str) -> Check:
    """FreeBSD's ``$3$$hex`` and passlib's ``$NT$hex``."""
    fields = stored.split("$")
    if fields[1] == "3" and len(fields) == 4 and fields[2] == "":
        del fields[2]
    _, _, text = parts("$".join(fields), "$", 3)
    from_hex(text, 16)
    return nt(text)


def lm(body: str) -> Check:
    """``{LANMAN}``: DES of a constant with the password in upper case as key. Only the first 14 characters count."""
    text = fixed(body, 16).hex()
    handler("lmhash")

    def check(password: bytes) -> bool:
        try:
            return verify("lmhash", text, password.decode())  # libpass takes it to code page 437
        except UnicodeDecodeError:
            return verify("lmhash", text, password)

    return check
