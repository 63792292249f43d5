"""Strict readers for what stored passwords are made of: base64, hex, whole numbers, alphabets.

Each accepts one spelling of a value only, so that an altered value is never read as the value it was made from.
"""

from __future__ import annotations

from binascii import a2b_base64, a2b_hex, b2a_base64

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CRYPT64 = "./" + DIGITS + LETTERS  # the alphabet of crypt(3)


class DamagedError(ValueError):
    """The body of a stored password does not fit its scheme. The text is a reason for the log, never a value."""


def only(text: str, alphabet: str) -> bool:
    """Whether text is not empty and made of the characters of alphabet only."""
    return text != "" and not text.strip(alphabet)


def is_hex(text: str) -> bool:
    """Whether text is hex of whole bytes, in one letter case: no program mixes them, but a flipped bit does."""
    return len(text) % 2 == 0 and (only(text, DIGITS + "abcdef") or only(text, DIGITS + "ABCDEF"))


def from_hex(text: str, size: int = 0) -> bytes:
    """Decode hex in one letter case; raise DamagedError for anything else, or if it is not ``size`` bytes (0: any)."""
    if not is_hex(text) or (size and len(text) != 2 * size):
        raise DamagedError("the hex digits are damaged or cut")
    return a2b_hex(text)


def from_base64(text: str, size: int = 0, padded: bool = True) -> bytes:
    """Decode base64 that is padded, or that is not, as the program writes it; so a value cut by its ``=`` is cut.

    Raises DamagedError for anything else, or if it is not ``size`` bytes (0: any). Bits that carry nothing are zero.
    """
    whole = text if padded else text + "=" * (-len(text) % 4)
    try:
        raw = a2b_base64(whole, strict_mode=True)
    except ValueError:
        raise DamagedError("the base64 text is damaged or cut") from None
    if (not padded and "=" in text) or b2a_base64(raw, newline=False).decode() != whole or (size and len(raw) != size):
        raise DamagedError("the base64 text is damaged or cut")
    return raw


def decode_fixed(body: str, size: int) -> bytes:
    """Decode hex or base64 of ``size`` bytes, told by the length."""
    return from_hex(body) if len(body) == 2 * size else from_base64(body, size)


def from_adapted_base64(text: str, size: int = 0) -> bytes:
    """Decode passlib's "ab64": ``.`` for ``+`` and no padding. ``+`` itself is accepted as well."""
    return from_base64(text.replace(".", "+"), size, padded=False)


def number(text: str, most: int, what: str) -> int:
    """Read a whole number without sign or leading zero; raise DamagedError if it is none or more than ``most``.

    ``what`` names it for the log, as in "rounds".
    """
    if not only(text, DIGITS) or (text[0] == "0" and text != "0"):
        raise DamagedError(f"the number of {what} is damaged")
    if len(text) > 18 or int(text) > most:
        raise DamagedError(f"more {what} than the {most} that are allowed here")
    return int(text)


def parts(text: str, separator: str, count: int) -> list[str]:
    """Split text into exactly ``count`` parts; raise DamagedError if there are more or fewer."""
    fields = text.split(separator)
    if len(fields) != count:
        raise DamagedError("damaged or cut")
    return fields


def crypt_number(text: str) -> int:
    """A number in crypt(3)'s alphabet, lowest six bits first."""
    return sum(CRYPT64.index(char) << 6 * place for place, char in enumerate(text))


def need_user(user: str | None) -> str:
    """The user's name, for the schemes that mix it in."""
    if not user:
        raise DamagedError("it cannot be checked without the user's name")
    return user
