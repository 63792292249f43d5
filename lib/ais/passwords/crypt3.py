"""crypt(3): the system's own password hashes, by the system's own library.

Formats: crypt(5) of libxcrypt. Each is checked as a whole before the library sees it, and what the library makes is
compared as a whole.
"""

from __future__ import annotations

from . import limits
from .encoding import CRYPT64, DamagedError, number, only
from .libcrypt import crypt
from .primitives import same

SHA_HASH = {"5": 43, "6": 86}


def _salt(text: str, most: int) -> None:
    if len(text) > most or not text.isascii() or not text.isprintable() or ":" in text:
        raise DamagedError("the salt is damaged")


def _hash(text: str, size: int) -> None:
    if len(text) != size or not only(text, CRYPT64):
        raise DamagedError("the hash is damaged or cut")


def check(stored: str, password: bytes) -> bool:
    """Hash the password with the setting in ``stored`` and compare; the caller has checked the form of ``stored``."""
    made = crypt(password, stored)
    return made is not None and same(made, stored)


def md5(stored: str, password: bytes) -> bool:
    """``$1$salt$hash`` of FreeBSD."""
    _, _, salt, text = _fields(stored, 4)
    _salt(salt, 8)
    _hash(text, 22)
    return check(stored, password)


def sha(stored: str, password: bytes) -> bool:
    """``$5$[rounds=n$]salt$hash`` and ``$6$…`` of Ulrich Drepper's SHA-crypt specification."""
    fields = stored.split("$")
    if len(fields) == 5 and fields[2].startswith("rounds="):
        rounds = number(fields.pop(2)[7:], limits.SHA_CRYPT, "rounds")
        if rounds < 1000:
            raise DamagedError("fewer than 1000 rounds")
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    _salt(fields[2], 16)
    _hash(fields[3], SHA_HASH[fields[1]])
    return check(stored, password)


def des(stored: str, password: bytes) -> bool:
    """Traditional DES: 13 characters, of which two are salt; the first 8 characters of the password count."""
    _hash(stored, 13)
    return check(stored, password)


def bsdi(stored: str, password: bytes) -> bool:
    """BSDi's extended DES: ``_``, four characters of rounds (lowest first), four of salt, eleven of hash."""
    _hash(stored[1:], 19)
    rounds = sum(CRYPT64.index(char) << 6 * place for place, char in enumerate(stored[1:5]))
    number(str(rounds), limits.BSDI, "rounds")
    if not rounds:
        raise DamagedError("no rounds")
    return check(stored, password)


def sha1(stored: str, password: bytes) -> bool:
    """``$sha1$rounds$salt$hash`` of NetBSD."""
    _, _, rounds, salt, text = _fields(stored, 5)
    if number(rounds, limits.SHA1_CRYPT, "rounds") < 1:
        raise DamagedError("no rounds")
    _salt(salt, 64)
    _hash(text, 28)
    return check(stored, password)


def sun_md5(stored: str, password: bytes) -> bool:
    """``$md5[,rounds=n]$salt$$hash`` of Solaris, or with one ``$`` before the hash, as some of its releases wrote."""
    fields = stored.split("$")
    if fields[1] != "md5":
        number(fields[1].removeprefix("md5,rounds="), limits.SUN_MD5, "rounds")
    if len(fields) == 5 and fields[3] == "":
        del fields[3]
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    _salt(fields[2], 64)
    _hash(fields[3], 22)
    return check(stored, password)


def yescrypt(stored: str, password: bytes) -> bool:
    """``$y$parameters$salt$hash`` of yescrypt, and ``$gy$…``, the same with GOST R 34.11-2012."""
    _, _, parameters, salt, text = _fields(stored, 5)
    _salt(salt, 86)
    _hash(text, 43)
    memory, passes = _yescrypt_cost(parameters)
    if memory > limits.MEMORY or memory * passes > limits.MEMORY_PASSES:
        raise DamagedError("it asks for more memory or time than is allowed here")
    return check(stored, password)


def _yescrypt_cost(parameters: str) -> tuple[int, int]:
    """Bytes of memory and passes that yescrypt's parameters ask for: flavour, log2(N), r, then optional p, t, g, NROM.

    yescrypt-common.c, ``decode64_uint32`` and ``yescrypt_r``.
    """
    if not only(parameters, CRYPT64):
        raise DamagedError("the parameters are damaged")
    flavour, rest = _variable(parameters, 0)
    log2, rest = _variable(rest, 1)
    block, rest = _variable(rest, 1)
    lanes = time = 1
    if rest:
        have, rest = _variable(rest, 1)
        if have & 1:
            lanes, rest = _variable(rest, 2)
        if have & 2:
            time, rest = _variable(rest, 1)
        if have & 12 or rest:
            raise DamagedError("it uses parameters that are not allowed here")
    if flavour > 0xFF or log2 > 40 or lanes > limits.LANES:
        raise DamagedError("it asks for more memory or time than is allowed here")
    return (128 * block << log2) * (1 if flavour else lanes), 1 + time


def _variable(text: str, least: int) -> tuple[int, str]:
    """Read one number of yescrypt's variable-length code; give it and the rest of the text."""
    if not text:
        raise DamagedError("the parameters are cut")
    start, end, chars, bits = 0, 47, 1, 0
    value, first = least, CRYPT64.index(text[0])
    while first > end:
        value += (end + 1 - start) << bits
        start, end = end + 1, end + 1 + (62 - end) // 2
        chars, bits = chars + 1, bits + 6
    value += (first - start) << bits
    if len(text) < chars:
        raise DamagedError("the parameters are cut")
    for char in text[1:chars]:
        bits -= 6
        value += CRYPT64.index(char) << bits
    return value, text[chars:]


def scrypt7(stored: str, password: bytes) -> bool:
    """``$7$`` of libxcrypt: one character log2(N), five of r, five of p (lowest first), salt, ``$``, hash."""
    _, _, setting, text = _fields(stored, 4)
    _hash(text, 43)
    if len(setting) < 11 or not only(setting[:11], CRYPT64):
        raise DamagedError("the parameters are cut")
    _salt(setting[11:], 86)
    block, lanes = (
        sum(CRYPT64.index(char) << 6 * place for place, char in enumerate(setting[at : at + 5])) for at in (1, 6)
    )
    memory = 128 * block << CRYPT64.index(setting[0])
    if memory > limits.MEMORY or lanes > limits.LANES or memory * lanes > limits.MEMORY_PASSES:
        raise DamagedError("it asks for more memory or time than is allowed here")
    return check(stored, password)


def _fields(stored: str, count: int) -> list[str]:
    fields = stored.split("$")
    if len(fields) != count:
        raise DamagedError("damaged or cut")
    return fields


def any_kind(stored: str, password: bytes) -> bool:
    """Whatever the system's crypt(3) can read: the two forms that do not start with ``$``."""
    return bsdi(stored, password) if stored.startswith("_") else des(stored, password)


def is_des(text: str) -> bool:
    """Whether text could be traditional DES: of its last character's six bits the last two carry nothing."""
    return len(text) == 13 and only(text, CRYPT64) and CRYPT64.index(text[-1]) % 4 == 0
