"""What checking a stored password costs over the bare call of its library, in a process like a CGI request's.

    .venv/bin/python benchmarks/passwords.py [--runs 40] [--python /usr/bin/python3]
    .venv/bin/python benchmarks/passwords.py --costs

Each row starts two kinds of interpreter in turn, without ``site``: one that imports the library and calls it, one that
imports ``ais.passwords`` and calls ``verify``. Medians of the whole processes in milliseconds, then their ratio, then
the same with the time of an empty interpreter taken off. The slow schemes are held to a ratio of 1.1.

``--costs`` finds the dearest row of each scheme that is still read, and gives the CPU seconds that a wrong password
takes, and how much of the time of ten million rounds of PBKDF2-SHA256 that is.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

LIB = Path(__file__).parents[1] / "lib"
START = "import sys; sys.path[:0] = {paths!r}; "
OURS = "from ais.passwords import verify; assert verify({stored!r}, 'secret') is True"
SALT = "import binascii, hashlib, hmac; raw = binascii.a2b_base64({stored!r}[9:]); "
BARE = {
    "SSHA512": SALT + "assert hmac.compare_digest(hashlib.sha512(b'secret' + raw[64:]).digest(), raw[:64])",
    "SHA512-CRYPT": "import {crypt} as m; assert m.crypt('secret', {bare!r}) == {bare!r}",
    "BLF-CRYPT": "import bcrypt; assert bcrypt.checkpw(b'secret', {bare!r}.encode())",
    "ARGON2ID": "from argon2.low_level import Type, verify_secret as v; v({bare!r}.encode(), b'secret', Type.ID)",
}
A16, A32, A64 = ("YWFhYWFhYWFhYWFhYWFhYQ", "YWFh" * 10 + "YWE", "YWFh" * 21 + "YQ")
"""Base64 of 16, 32 and 64 bytes, without padding."""
# Rows for --costs: the scheme, a row with the number that makes it dear, the length of the password, a number that is
# more than the row can hold.
COSTS: list[tuple[str, Callable[[int], str], int, int]] = [
    ("PBKDF2-SHA1", lambda n: f"{{PBKDF2}}$1$salt${n}${'0a' * 20}", 8, 1 << 24),
    ("PBKDF2-SHA256", lambda n: f"$pbkdf2-sha256${n}${A16}${A32}", 8, 1 << 24),
    ("PBKDF2-SHA512", lambda n: f"$pbkdf2-sha512${n}${A16}${A64}", 8, 1 << 24),
    ("SCRAM-SHA-256", lambda n: f"{{SCRAM-SHA-256}}{n},{A16}==,{A32}=,{A32}=", 8, 1 << 24),
    ("bcrypt", lambda n: f"$2y${n:02}$abcdefghijklmnopqrstuu{'a' * 31}", 8, 32),
    ("Argon2id, 64 MiB", lambda n: f"$argon2id$v=19$m=65536,t={n},p=1${A16}${A32}", 8, 1 << 24),
    ("Argon2id, 1 GiB", lambda n: f"$argon2id$v=19$m=1048576,t={n},p=1${A16}${A32}", 8, 1 << 24),
    ("Argon2id, 512 KiB, 64 threads", lambda n: f"$argon2id$v=19$m=512,t={n},p=64${A16}${A32}", 8, 1 << 24),
    ("scrypt, r=8", lambda n: f"$scrypt$ln={n},r=8,p=1${A16}${A32}", 8, 24),
    ("scrypt, 64 MiB", lambda n: f"$scrypt$ln=16,r=8,p={n}${A16}${A32}", 8, 1 << 24),
    ("$7$, 1 GiB", lambda n: f"$7$I6....{CRYPT64[n]}....salt${'a' * 43}", 8, 30),
    ("yescrypt, 1 GiB", lambda n: f"$y$jF{CRYPT64[28 + n]}$abcdefgh${'a' * 43}", 8, 30),
    ("$5$", lambda n: f"$5$rounds={n}$salt${'a' * 43}", 8, 1 << 24),
    ("$5$, password of 511 bytes", lambda n: f"$5$rounds={n}$salt${'a' * 43}", 511, 1 << 24),
    ("$6$", lambda n: f"$6$rounds={n}$salt${'a' * 86}", 8, 1 << 24),
    ("$6$, password of 511 bytes", lambda n: f"$6$rounds={n}$salt${'a' * 86}", 511, 1 << 24),
    ("$sha1$", lambda n: f"$sha1${n}$salt${'a' * 28}", 8, 1 << 24),
    ("$sha1$, password of 511 bytes", lambda n: f"$sha1${n}$salt${'a' * 28}", 511, 1 << 24),
    ("$md5,rounds=", lambda n: f"$md5,rounds={n}$salt$${'a' * 22}", 8, 1 << 24),
    ("BSDi", lambda n: "_" + "".join(CRYPT64[n >> 6 * at & 63] for at in range(4)) + "a" * 15, 8, 1 << 24),
    ("phpass", lambda n: f"$P${CRYPT64[n]}abcdefgh{'a' * 22}", 8, 31),
    ("Drupal", lambda n: f"$S${CRYPT64[n]}abcdefgh{'a' * 43}", 8, 31),
    ("Drupal, password of 4 KiB", lambda n: f"$S${CRYPT64[n]}abcdefgh{'a' * 43}", 4096, 31),
    ("OTP, MD4", lambda n: f"{{OTP}}md4 {n} seed 0123456789abcdef", 8, 1 << 24),
    ("OTP, SHA-1", lambda n: f"{{OTP}}sha1 {n} seed 0123456789abcdef", 8, 1 << 24),
    ("FSHP", lambda n: f"{{FSHP1|16|{n}}}{'YWFh' * 16}", 8, 1 << 24),
    ("SAP", lambda n: f"{{x-isSHA512, {n}}}" + "YWFh" * 26 + "YWE=", 8, 1 << 24),
    ("Shiro", lambda n: f"$shiro1$SHA-512${n}${A16}==${A64}==", 8, 1 << 24),
]
CRYPT64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LABELS = {"SSHA512": "{SSHA512}", "SHA512-CRYPT": "$6$", "BLF-CRYPT": "$2y$", "ARGON2ID": "$argon2id$"}
HELD = 1.1


def milliseconds(python: str, codes: list[str], runs: int) -> list[float]:
    """The median time of a process for each code; the codes take turns, so that a busy machine slows all of them."""
    times: list[list[float]] = [[] for _ in codes]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for run in range(runs + 2):
        for code, taken in zip(codes, times, strict=True):
            start = time.perf_counter()
            subprocess.run([python, "-E", "-s", "-S", "-c", code], check=True, env=environment)
            if run > 1:  # the first two write bytecode and fill caches
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


def costs() -> int:
    """Print the dearest row of each scheme that is read, and what a wrong password costs."""
    from hashlib import pbkdf2_hmac

    from ais.errors import AISError
    from ais.passwords import basics, verify

    def seconds(run: Callable[[], object]) -> float:
        start = time.process_time()
        run()
        return time.process_time() - start

    class Affordable(Exception):
        """Raised in place of hashing."""

    def spend(units: float) -> None:
        if units > basics.WORK:
            raise basics.OverBudgetError
        raise Affordable

    def refused(stored: str, size: int) -> bool:
        try:
            verify(stored, "x" * size)
        except Affordable:
            return False
        except AISError as error:
            return "allowed here" in str(error)
        return False

    whole = 10 * min(seconds(lambda: pbkdf2_hmac("sha256", b"x", b"salt", 1_000_000)) for _ in range(3))
    print(f"ten million rounds of PBKDF2-SHA256: {whole:.1f} s")
    print(f"{'scheme':32} {'number':>10} {'CPU s':>6} {'share':>6}")
    for label, row, size, most in COSTS:
        low, high, spending = 0, 1, basics.spend
        basics.spend = spend
        while high < most and not refused(row(high), size):
            low, high = high, min(2 * high, most)
        while high - low > max(1, low // 200):
            middle = (low + high) // 2
            low, high = (low, middle) if refused(row(middle), size) else (middle, high)
        basics.spend = spending
        taken = seconds(lambda row=row, low=low, size=size: verify(row(low), "x" * size))  # type: ignore[misc]
        print(f"{label:32} {low:10} {taken:6.2f} {taken / whole:6.0%}", flush=True)
    return 0


def main() -> int:
    """Print the table; 1 if a slow scheme is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--costs", action="store_true", help="measure the dearest rows instead")
    parser.add_argument("--python", default=sys.executable, help="of the same version as the one that runs this")
    arguments = parser.parse_args()
    sys.path.insert(0, str(LIB))
    if arguments.costs:
        return costs()
    from ais.passwords import making

    paths = [str(LIB), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    start = START.format(paths=paths)
    over = False
    print(f"{'scheme':12} {'library':>9} {'verify':>9} {'ratio':>7} {'without interpreter':>20}")
    for scheme, bare in BARE.items():
        if "{crypt}" in bare and not find_spec(crypt_module()):
            print(f"{LABELS[scheme]:12} not measured: {crypt_module()} is not installed")
            continue
        stored = making.SCHEMES[scheme]("secret")
        names = {"stored": stored, "bare": stored.partition("}")[2], "crypt": crypt_module()}
        codes = [start, start + bare.format(**names), start + OURS.format(stored=stored)]
        empty, library, ours = milliseconds(arguments.python, codes, arguments.runs)
        held = scheme != "SSHA512"
        over = over or (held and ours / library > HELD)
        net = (ours - empty) / (library - empty)
        label = LABELS[scheme]
        print(
            f"{label:12} {library:9.2f} {ours:9.2f} {ours / library:7.3f} {net:20.3f}{' (at most 1.1)' if held else ''}"
        )
    return 1 if over else 0


def crypt_module() -> str:
    """The C module with crypt(3) that this Python has."""
    return "_crypt" if sys.version_info < (3, 13) else "_crypt_r"


if __name__ == "__main__":
    sys.exit(main())
