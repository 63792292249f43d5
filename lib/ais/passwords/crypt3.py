"""crypt(3): the system's own password hashes, by the system's own library, yescrypt and scrypt (``$7$``) among them.

Formats: crypt(5) of libxcrypt. Each is checked as a whole before the library sees it, and what the library makes is
compared as a whole.
"""

from __future__ import annotations

from . import limits
from .encoding import CRYPT64, DamagedError, crypt_number, number, only, parts
from .primitives import same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def check_by_library(stored: str, price: float = 0, byte: float = 0, memory: int = 0) -> Check:
    """The check by the system's library; the caller has checked the form of ``stored``.

    ``price`` of a run in units of work, ``byte`` for each byte of the password, and the memory it takes.
    """
    limits.afford(price + 64 * byte)

    def check(password: bytes) -> bool:
        limits.spend(price + len(password) * byte)
        if memory:
            limits.reserve(memory)
        from .libcrypt import crypt

        made = crypt(password, stored)
        return made is not None and same(made, stored)

    return check


def check_salt(text: str, most: int) -> None:
    """Raise DamagedError unless text is a salt of at most ``most`` characters that crypt(3) takes."""
    if len(text) > most or not text.isascii() or not (text + "x").isprintable() or ":" in text:
        raise DamagedError("the salt is damaged")


def check_hash(text: str, size: int) -> None:
    """Raise DamagedError unless text is ``size`` characters of crypt(3)'s alphabet."""
    if len(text) != size or not only(text, CRYPT64):
        raise DamagedError("the hash is damaged or cut")


def read_md5(stored: str) -> Check:
    """``$1$salt$hash`` of FreeBSD."""
    _, _, salt, text = parts(stored, "$", 4)
    check_salt(salt, 8)
    check_hash(text, 22)
    return check_by_library(stored)


def read_sha_crypt(stored: str) -> Check:
    """``$5$[rounds=n$]salt$hash`` and ``$6$…`` of Ulrich Drepper's SHA-crypt specification."""
    fields, rounds = stored.split("$"), 5000
    if len(fields) == 5 and fields[2].startswith("rounds="):
        rounds = number(fields.pop(2)[7:], limits.WORK, "rounds")
        if rounds < 1000:
            raise DamagedError("fewer than 1000 rounds")
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    check_salt(fields[2], 16)
    check_hash(fields[3], 43 if stored[1] == "5" else 86)
    price, byte = limits.SHA_CRYPT[stored[:3]]
    return check_by_library(stored, rounds * price, rounds * byte)


def read_des(stored: str) -> Check:
    """Traditional DES: 13 characters, of which two are salt; the first 8 characters of the password count."""
    check_hash(stored, 13)
    if not is_des(stored):
        raise DamagedError("the hash is damaged")
    return check_by_library(stored)


def is_des(text: str) -> bool:
    """Whether text could be traditional DES: of its last character's six bits the last two carry nothing."""
    return len(text) == 13 and only(text, CRYPT64) and CRYPT64.index(text[-1]) % 4 == 0


def read_bsdi(stored: str) -> Check:
    """BSDi's extended DES: ``_``, four characters of rounds (lowest first), four of salt, eleven of hash."""
    check_hash(stored[1:], 19)
    rounds = crypt_number(stored[1:5])
    if not rounds:
        raise DamagedError("no rounds")
    return check_by_library(stored, rounds * limits.BSDI)


def read_sha1(stored: str) -> Check:
    """``$sha1$rounds$salt$hash`` of NetBSD."""
    _, _, rounds, salt, text = parts(stored, "$", 5)
    count = number(rounds, limits.WORK, "rounds")
    if not count:
        raise DamagedError("no rounds")
    check_salt(salt, 64)
    check_hash(text, 28)
    price, byte = limits.SHA1_CRYPT
    return check_by_library(stored, count * price, count * byte)


def read_sun_md5(stored: str) -> Check:
    """``$md5[,rounds=n]$salt$$hash`` of Solaris, or with one ``$`` before the hash or the rounds, as also written."""
    fields, rounds = stored.replace("$md5$rounds=", "$md5,rounds=", 1).split("$"), 0
    if fields[1] != "md5":
        if not fields[1].startswith("md5,rounds="):
            raise DamagedError("the parameters are damaged")
        rounds = number(fields[1].removeprefix("md5,rounds="), limits.WORK, "rounds")
    if len(fields) == 5 and fields[3] == "":
        del fields[3]
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    check_salt(fields[2], 64)
    check_hash(fields[3], 22)
    return check_by_library(stored, (4096 + rounds) * limits.SUN_MD5)


def read_without_dollar(stored: str) -> Check:
    """The two kinds of crypt(3) that do not start with ``$``."""
    return read_bsdi(stored) if stored.startswith("_") else read_des(stored)


def read_yescrypt(stored: str) -> Check:
    """``$y$parameters$salt$hash`` of yescrypt, and ``$gy$…``, the same with GOST R 34.11-2012."""
    _, _, parameters, salt, text = parts(stored, "$", 5)
    check_salt(salt, 86)
    check_hash(text, 43)
    log2, block, passes, lanes = _yescrypt_cost(parameters)
    return _limited(stored, log2, block, passes, lanes, limits.YESCRYPT)


def read_scrypt(stored: str) -> Check:
    """``$7$`` of libxcrypt: one character log2(N), five of r, five of p (lowest first), salt, ``$``, hash."""
    _, _, setting, text = parts(stored, "$", 4)
    check_hash(text, 43)
    if len(setting) < 11 or not only(setting[:11], CRYPT64):
        raise DamagedError("the parameters are cut")
    check_salt(setting[11:], 86)
    block, lanes = crypt_number(setting[1:6]), crypt_number(setting[6:11])
    return _limited(stored, CRYPT64.index(setting[0]), block, lanes, lanes, limits.SCRYPT7)


def _limited(stored: str, log2: int, block: int, passes: int, lanes: int, price: float) -> Check:
    """``passes`` over 2 to the power of ``log2`` blocks, at the price of a KiB each; the lanes are among them."""
    if log2 > 40 or 128 * block << log2 > limits.MEMORY or lanes > limits.LANES:
        raise DamagedError("it asks for more memory than is allowed here")
    memory = 128 * block << log2
    return check_by_library(stored, passes * (memory / 1024 * price + block * limits.SCRYPT_BLOCK), memory=memory)


def _yescrypt_cost(parameters: str) -> tuple[int, int, int, int]:
    """log2(N), r, passes and lanes that yescrypt's parameters ask for: flavour, log2(N), r, then p and t if any.

    yescrypt-common.c, ``decode64_uint32`` and ``yescrypt_r``. Its g and NROM are refused: nothing uses them.
    """
    if not only(parameters, CRYPT64):
        raise DamagedError("the parameters are damaged")
    _, rest = _variable(parameters, 0)
    log2, rest = _variable(rest, 1)
    block, rest = _variable(rest, 1)
    lanes, time = 1, 0
    if rest:
        have, rest = _variable(rest, 1)
        if have & 1:
            lanes, rest = _variable(rest, 2)
        if have & 2:
            time, rest = _variable(rest, 1)
        if have & ~3 or rest:
            raise DamagedError("it uses parameters that are not allowed here")
    return log2, block, (1 + time) * lanes, lanes  # the lanes run one after the other


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
