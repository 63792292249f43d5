"""What the readers of stored passwords share: strict decoding, the budget, digests; and the readers of plain digests.

One file, since a CGI process pays for each at every start. ``hashlib`` and ``hmac`` would load OpenSSL, which costs 2.5
ms: more than everything else that checks a caller's secret. The interpreter has the same hashes of its own.

One `verify` may spend `WORK` units: encodings, repetitions and readings of a value together. So a row that an attacker
wrote does not stop the server. A unit is a round of PBKDF2-SHA256: the whole is under five seconds on a server that
does ten million in that time. Prices are beside the readers: CPU time on one core, by the slowest library that may run.
"""

from __future__ import annotations

import sys
from _operator import _compare_digest
from _thread import _local
from binascii import a2b_base64, a2b_hex, b2a_base64

from ais.errors import MissingPackage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias, TypeVar

    T = TypeVar("T")
Entry: TypeAlias = "tuple[str, ...]"  # see `schemes`
Found: TypeAlias = "tuple[str, Entry, str]"  # the scheme's name for the log, its entry, the body
Derive: TypeAlias = "Callable[[bytes], bytes]"
Check: TypeAlias = "Callable[[bytes], bool]"

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CRYPT64 = "./" + DIGITS + LETTERS  # the alphabet of crypt(3)

PASSWORD = 4096  # bytes of a password; hashing megabytes of input is an attack
DERIVED = 512  # bytes of a salt or a derived key
SHORTEST = 16  # bytes of a digest or a derived key; a shorter one would let in a stranger who tries often enough
# Bytes that keys of PBKDF2 have. A shorter key starts the longer one: a cut value would match.
KEYS = frozenset((16, 20, 24, 28, 32, 48, 64, 256))
MEMORY = 1 << 30  # bytes, of Argon2, scrypt and yescrypt; 64 to 256 MiB is usual
LANES = 64  # parallelism of Argon2 and scrypt
WORK = 10_000_000

_budget = _local()
same = _compare_digest  # what hmac.compare_digest is: it takes the same time wherever the texts differ


class DamagedError(ValueError):
    """The body of a stored password does not fit its scheme. The text is a reason for the log, never a value."""


class OverBudgetError(DamagedError):
    """The value asks for more than `WORK`."""

    def __init__(self) -> None:
        super().__init__("it asks for more time than is allowed here")


def begin() -> None:
    """Give this thread the whole budget: a new `verify` begins."""
    _budget.left = WORK


def spend(units: float) -> None:
    """Take the price of a run from what this `verify` has left; raise OverBudgetError if that is too little."""
    left: float = getattr(_budget, "left", WORK) - units
    if left < 0:
        raise OverBudgetError
    _budget.left = left


def paid(price: float, run: Callable[[bytes], T], byte: float = 0, memory: int = 0) -> Callable[[bytes], T]:
    """Let each call of ``run`` spend its price first, and ``byte`` for each byte of the password.

    Raises OverBudgetError: here if one call costs more than the whole budget, later if too little of it is left.
    ``memory``: the bytes it takes; MemoryError if they cannot be had.
    """
    if price > WORK:
        raise OverBudgetError

    def pay_and_run(password: bytes) -> T:
        spend(price + byte * len(password))
        reserve(memory)
        return run(password)

    return pay_and_run


def reserve(memory: int) -> None:
    """Raise MemoryError if that many bytes cannot be had now: the libraries say no more than that they failed."""
    if memory:
        bytes(memory + (1 << 20))  # nothing is written to them, so the system hands out no real memory


# Each of these accepts one spelling of a value only: an altered one is never read as the one that it was made from.


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
    if (not padded and "=" in text) or to_base64(raw) != whole or (size and len(raw) != size):
        raise DamagedError("the base64 text is damaged or cut")
    return raw


def to_base64(raw: bytes) -> str:
    """Encode as base64 with padding, without the module of that name, which imports regular expressions."""
    return b2a_base64(raw, newline=False).decode()


def decode_fixed(body: str, size: int) -> bytes:
    """Decode hex or base64 of ``size`` bytes, told by the length."""
    return from_hex(body) if len(body) == 2 * size else from_base64(body, size)


def number(text: str, most: int, what: str) -> int:
    """Read a whole number without sign or leading zero, ``most`` at most. ``what`` is its name for the log."""
    if not only(text, DIGITS) or (text[0] == "0" and text != "0"):
        raise DamagedError(f"the number of {what} is damaged")
    if len(text) > 18 or int(text) > most:
        raise DamagedError(f"more {what} than the {most} that are allowed here")
    return int(text)


def count_rounds(text: str, least: int = 1) -> int:
    """Read a number of rounds; raise DamagedError if it is not a number, or less than ``least``."""
    rounds = number(text, WORK, "rounds")
    if rounds < least:
        raise DamagedError("too few rounds")
    return rounds


def parts(text: str, separator: str, count: int) -> list[str]:
    """Split text into exactly ``count`` parts; raise DamagedError if there are more or fewer."""
    fields = text.split(separator)
    if len(fields) != count:
        raise DamagedError("damaged or cut")
    return fields


def need_package(module: str, package: str, purpose: str) -> Any:
    """Import a module; raise MissingPackage with ``purpose`` if ``package`` is not installed."""
    try:
        return __import__(module, fromlist=[""])
    except ImportError:
        raise MissingPackage(package, purpose) from None


def need_user(user: str | None) -> str:
    """The user's name, for the schemes that mix it in."""
    if not user:
        raise DamagedError("it cannot be checked without the user's name")
    return user


_HASHES: dict[str, Any] = {}
sizes = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


def digest(name: str, data: bytes) -> bytes:
    """The digest of ``data``; ``name`` is a key of ``sizes``."""
    if name not in _HASHES:
        _HASHES[name] = _load_hash(name)
    digested: bytes = _HASHES[name](data).digest()
    return digested


def _load_hash(name: str) -> Any:
    """Return the interpreter's own function, one by one: a request needs one or two of their modules."""
    module = f"_{name}" if name in ("md5", "sha1") else "_sha256" if name in ("sha224", "sha256") else "_sha512"
    if sys.version_info >= (3, 12) and name.startswith("sha") and name != "sha1":
        module = "_sha2"
    try:
        return getattr(__import__(module), name)
    except ImportError:  # a build without its own hashes
        return getattr(__import__("hashlib"), name)


def hmac(name: str, key: bytes, data: bytes) -> bytes:
    """HMAC of RFC 2104; ``name`` is a key of ``sizes``."""
    block = 128 if sizes[name] > 32 else 64
    key = (digest(name, key) if len(key) > block else key).ljust(block, b"\0")
    return digest(name, _xor(key, b"\x5c") + digest(name, _xor(key, b"\x36") + data))


def _xor(data: bytes, byte: bytes) -> bytes:
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(byte * len(data), "big")
    return mixed.to_bytes(len(data), "big")


def read_plain(name: str, body: str) -> Check:
    """Read an unsalted digest in hex or base64, told by its length: ``{SHA}`` and the like (RFC 2307), bare hex."""
    stored = decode_fixed(body, sizes[name])
    return lambda password: same(digest(name, password), stored)


def read_salted(name: str, body: str) -> Check:
    """Read base64 or hex of digest(password + salt) + salt, of a byte or more. (RFC 2307, Dovecot password-scheme.c)"""
    readings = [from_hex(body)] if is_hex(body) else []
    try:
        readings.append(from_base64(body))
    except DamagedError:
        if not readings:
            raise
    size = sizes[name]
    readings = [raw for raw in readings if len(raw) > size]  # hex may be base64 too: either reading may match
    if not readings:
        raise DamagedError("too short to hold a digest and a salt")
    return lambda password: True in [same(digest(name, password + raw[size:]), raw[:size]) for raw in readings]


def read_keyed(name: str, body: str) -> Check:
    """Read ``salt$hex`` as Werkzeug wrote it: HMAC with the salt as key, or the bare digest where the salt is empty.

    Also the form of a caller's secret, ``sha256$salt$hex``. (werkzeug/security.py, ``_hash_internal``, up to 2.2.)
    """
    text, stored = parts(body, "$", 2)
    salt, wanted = text.encode(), from_hex(stored, sizes[name])
    return lambda password: same(hmac(name, salt, password) if salt else digest(name, password), wanted)
