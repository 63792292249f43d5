"""The two kinds of crypt(3) that take memory: yescrypt (``$y$``, ``$gy$``) and scrypt (``$7$``)."""

from __future__ import annotations

from . import limits
from .crypt3 import by_library, check_hash, check_salt
from .encoding import CRYPT64, DamagedError, crypt_number, only, parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check


def yescrypt(stored: str) -> Check:
    """``$y$parameters$salt$hash`` of yescrypt, and ``$gy$…``, the same with GOST R 34.11-2012."""
    _, _, parameters, salt, text = parts(stored, "$", 5)
    check_salt(salt, 86)
    check_hash(text, 43)
    log2, block, passes, lanes = _yescrypt_cost(parameters)
    return _limited(stored, log2, block, passes, lanes, limits.YESCRYPT)


def scrypt(stored: str) -> Check:
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
    return by_library(stored, passes * (memory / 1024 * price + block * limits.SCRYPT_BLOCK), memory=memory)


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
