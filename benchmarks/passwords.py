"""What checking a stored password costs over the bare call of its library, in a process like a CGI request's.

    .venv/bin/python benchmarks/passwords.py [--runs 40] [--python /usr/bin/python3]

Each row starts two kinds of interpreter in turn, without ``site``: one that imports the library and calls it, one that
imports ``ais.passwords`` and calls ``verify``. Medians of the whole processes in milliseconds, then their ratio, then
the same with the time of an empty interpreter taken off. The slow schemes are held to a ratio of 1.1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import time
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


def main() -> int:
    """Print the table; 1 if a slow scheme is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--python", default=sys.executable, help="of the same version as the one that runs this")
    arguments = parser.parse_args()
    sys.path.insert(0, str(LIB))
    from ais.passwords import making

    paths = [str(LIB), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    start = START.format(paths=paths)
    over = False
    print(f"{'scheme':12} {'library':>9} {'verify':>9} {'ratio':>7} {'without interpreter':>20}")
    for scheme, bare in BARE.items():
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
