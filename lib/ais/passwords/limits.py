"""What a stored value may demand. A row that an attacker wrote must not stop the server.

One `verify` may spend `WORK` units. A unit is one round of PBKDF2-SHA256, so the whole is under five seconds on a
server that does ten million rounds in that time. Each primitive has a price in units, measured on one core as CPU time
with the slowest library that may run it. Whatever hashes says `afford` when it reads a value and `spend` before each
run, so encodings, repetitions and readings of one value share the budget.
"""

from __future__ import annotations

from _thread import _local

from .encoding import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STORED = 4096  # characters of a stored value; the longest real one, of 389-ds, has about 500
PASSWORD = 4096  # bytes of a password; hashing megabytes of input is an attack
DERIVED = 512  # bytes of a salt or a derived key
SHORTEST = 16  # bytes of a digest or a derived key; a shorter one would let in whoever tries often enough
# Bytes that derived keys have. A shorter key of PBKDF2 or scrypt starts the longer one: a cut value would match.
KEYS = frozenset((16, 20, 24, 28, 32, 48, 64, 256))
MEMORY = 1 << 30  # bytes, of Argon2, scrypt and yescrypt; 64 to 256 MiB is usual, libsodium's "sensitive" is the most
LANES = 64  # parallelism of Argon2 and scrypt

WORK = 10_000_000
PBKDF2 = {"md5": 1.3, "sha1": 1.1, "sha224": 1.0, "sha256": 1.0, "sha384": 2.5, "sha512": 2.5}  # a round and block
# A digest that is looped in Python: for itself, and for each byte that it reads.
LOOP = {
    "md5": (0.9, 0.006),
    "sha1": (1.5, 0.016),
    "sha224": (1.3, 0.013),
    "sha256": (1.3, 0.013),
    "sha384": (1.6, 0.009),
    "sha512": (1.6, 0.009),
}
OTP = {"md4": 130.0, "md5": 8.0, "sha1": 8.0}  # a round; MD4 is libpass's
FSHP = 3.0  # a round, by libpass
BCRYPT = 255.0  # a round, of which there are 2 to the power of the cost: 15 is the most
SHA_CRYPT = {"$5$": (1.7, 0.023), "$6$": (2.2, 0.017)}  # a round, and for each byte of the password
SHA1_CRYPT = (3.2, 0.008)  # the same
SUN_MD5 = 22.0  # a round, by libpass; libcrypt takes a quarter
BSDI = 45.0  # a round, by libpass; libcrypt takes a ninetieth
ARGON2 = (4.0, 3.4)  # a KiB, and a KiB and pass: the system hands memory out slowly
ARGON2_ALWAYS = 4  # passes that no memory makes too dear: libsodium's "sensitive", 1 GiB, takes up to twice the budget
THREAD = 140.0  # Argon2 starts one for each lane, four times a pass
SCRYPT = 13.5  # a KiB and lane, by OpenSSL
SCRYPT7 = 9.0  # the same, by libcrypt
YESCRYPT = 8.0  # the same
SCRYPT_BLOCK = 25.0  # a block of 128 bytes and lane, which PBKDF2 makes and reads

_thread = _local()


class OverBudgetError(DamagedError):
    """The value asks for more than `WORK`."""

    def __init__(self) -> None:
        super().__init__("it asks for more time than is allowed here")


def begin() -> None:
    """Give this thread the whole budget: a new `verify` begins."""
    _thread.left = WORK


def afford(units: float) -> None:
    """Raise OverBudgetError if one run costs more than the whole budget."""
    if units > WORK:
        raise OverBudgetError


def spend(units: float) -> bool:
    """Take the price of a run from what this `verify` has left. True; raises OverBudgetError if that is too little."""
    left = getattr(_thread, "left", WORK) - units
    if left < 0:
        raise OverBudgetError
    _thread.left = left
    return True


def reserve(memory: int) -> bool:
    """True if that many bytes can be had now; else raise MemoryError.

    The libraries say no more than that they failed. Nothing is written, so the system hands out no real memory.
    """
    return len(bytes(memory + (1 << 20))) > 0


def price_loop(name: str, size: int, rounds: int) -> Callable[[bytes], bool]:
    """Afford that many rounds of a digest over ``size`` bytes and the password; give what spends their price."""
    each, byte = LOOP[name]
    afford(rounds * (each + byte * size))
    return lambda password: spend(rounds * (each + byte * (size + len(password))))
