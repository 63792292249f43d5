"""crypt(3): the system's own password hashes, by the system's own library. Formats: crypt(5) of libxcrypt.

Each is checked as a whole before the library sees it, and what the library makes is compared as a whole.
"""

from __future__ import annotations

from . import basics
from .basics import CRYPT64, Check, DamagedError, count_rounds, only, paid, parts, same

SHA_CRYPT = {"$5$": (1.7, 0.023), "$6$": (2.2, 0.017)}  # a round, and for each byte of the password
SHA1_CRYPT = (3.2, 0.008)  # the same
SUN_MD5 = 22.0  # a round, by libpass; libcrypt takes a quarter
BSDI = 45.0  # a round, by libpass; libcrypt takes a ninetieth
SCRYPT = 9.0  # a KiB and lane
YESCRYPT = 8.0  # the same
SCRYPT_BLOCK = 25.0  # a block of 128 bytes and lane, which PBKDF2 makes and reads


def check_by_library(stored: str, price: float = 0, byte: float = 0, memory: int = 0) -> Check:
    """Return the check by the system's library, at a price (see `paid`); the caller has checked the form of ``stored``.

    A value that is too expensive for a password of 64 bytes is refused here, whatever the password is.
    """
    if price + 64 * byte > basics.WORK:
        raise basics.OverBudgetError

    def check(password: bytes) -> bool:
        from .libcrypt import crypt

        made = crypt(password, stored)
        return made is not None and same(made, stored)

    return paid(price, check, byte, memory)


def check_ends(salt: str, most: int, text: str, size: int) -> None:
    """Raise DamagedError unless crypt(3) takes the salt, of at most ``most`` characters, and the hash has ``size``."""
    if len(salt) > most or not salt.isascii() or not (salt + "x").isprintable() or ":" in salt:
        raise DamagedError("the salt is damaged")
    if len(text) != size or not only(text, CRYPT64):
        raise DamagedError("the hash is damaged or cut")


def read_number(text: str) -> int:
    """A number in crypt(3)'s alphabet, lowest six bits first."""
    return sum(CRYPT64.index(char) << 6 * place for place, char in enumerate(text))


def read_md5(stored: str) -> Check:
    """``$1$salt$hash`` of FreeBSD."""
    _, _, salt, text = parts(stored, "$", 4)
    check_ends(salt, 8, text, 22)
    return check_by_library(stored)


def read_sha_crypt(stored: str) -> Check:
    """``$5$[rounds=n$]salt$hash`` and ``$6$…`` of Ulrich Drepper's SHA-crypt specification."""
    fields, rounds = stored.split("$"), 5000
    if len(fields) == 5 and fields[2].startswith("rounds="):
        rounds = count_rounds(fields.pop(2)[7:], least=1000)
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    check_ends(fields[2], 16, fields[3], 43 if stored[1] == "5" else 86)
    price, byte = SHA_CRYPT[stored[:3]]
    return check_by_library(stored, rounds * price, rounds * byte)


def read_des(stored: str) -> Check:
    """Traditional DES: 13 characters, two of them salt; the last one's last two bits carry nothing."""
    check_ends("", 0, stored, 13)
    if CRYPT64.index(stored[-1]) % 4:
        raise DamagedError("the hash is damaged")
    return check_by_library(stored)


def read_bsdi(stored: str) -> Check:
    """BSDi's extended DES: ``_``, four characters of rounds (lowest first), four of salt, eleven of hash."""
    check_ends("", 0, stored[1:], 19)
    return check_by_library(stored, count_rounds(str(read_number(stored[1:5]))) * BSDI)


def read_sha1(stored: str) -> Check:
    """``$sha1$rounds$salt$hash`` of NetBSD."""
    _, _, rounds, salt, text = parts(stored, "$", 5)
    check_ends(salt, 64, text, 28)
    count = count_rounds(rounds)
    price, byte = SHA1_CRYPT
    return check_by_library(stored, count * price, count * byte)


def read_sun_md5(stored: str) -> Check:
    """``$md5[,rounds=n]$salt$$hash`` of Solaris, or with one ``$`` before the hash or the rounds, as also written."""
    fields, rounds = stored.replace("$md5$rounds=", "$md5,rounds=", 1).split("$"), 0
    if fields[1] != "md5":
        if not fields[1].startswith("md5,rounds="):
            raise DamagedError("the parameters are damaged")
        rounds = count_rounds(fields[1].removeprefix("md5,rounds="), least=0)
    if len(fields) == 5 and fields[3] == "":
        del fields[3]
    if len(fields) != 4:
        raise DamagedError("damaged or cut")
    check_ends(fields[2], 64, fields[3], 22)
    return check_by_library(stored, (4096 + rounds) * SUN_MD5)


def read_yescrypt(stored: str) -> Check:
    """``$y$parameters$salt$hash`` of yescrypt, and ``$gy$…``, the same with GOST R 34.11-2012.

    The parameters: flavour, log2(N), r, then which follow, p and t if any. g and NROM are refused: nothing uses them.
    (yescrypt-common.c, ``decode64_uint32`` and ``yescrypt_r``.)
    """
    _, _, parameters, salt, text = parts(stored, "$", 5)
    check_ends(salt, 86, text, 43)
    if not only(parameters, CRYPT64):
        raise DamagedError("the parameters are damaged")
    _, rest = _variable(parameters, 0)
    log2, rest = _variable(rest, 1)
    block, rest = _variable(rest, 1)
    have, rest = _variable(rest, 1) if rest else (0, "")
    lanes, rest = _variable(rest, 2) if have & 1 else (1, rest)
    time, rest = _variable(rest, 1) if have & 2 else (0, rest)
    if have & ~3 or rest:
        raise DamagedError("it uses parameters that are not allowed here")
    return _limited(stored, log2, block, (1 + time) * lanes, lanes, YESCRYPT)  # the lanes run one after the other


def read_scrypt(stored: str) -> Check:
    """``$7$`` of libxcrypt: one character log2(N), five of r, five of p (lowest first), salt, ``$``, hash."""
    _, _, setting, text = parts(stored, "$", 4)
    if len(setting) < 11 or not only(setting[:11], CRYPT64):
        raise DamagedError("the parameters are cut")
    check_ends(setting[11:], 86, text, 43)
    block, lanes = read_number(setting[1:6]), read_number(setting[6:11])
    return _limited(stored, CRYPT64.index(setting[0]), block, lanes, lanes, SCRYPT)


def _limited(stored: str, log2: int, block: int, passes: int, lanes: int, price: float) -> Check:
    """``passes`` over 2 to the power of ``log2`` blocks, at the price of a KiB each; the lanes are among them."""
    if log2 > 40 or 128 * block << log2 > basics.MEMORY or lanes > basics.LANES:
        raise DamagedError("it asks for more memory than is allowed here")
    memory = 128 * block << log2
    return check_by_library(stored, passes * (memory / 1024 * price + block * SCRYPT_BLOCK), memory=memory)


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
