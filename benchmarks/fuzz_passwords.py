"""Damages stored passwords and asks `verify` about them, for a column whose default is clear text.

    .venv/bin/python benchmarks/fuzz_passwords.py [--seconds 60] [--seed 1]

The values are published vectors and random ones: cut, altered, joined, put behind words and separators. Each is asked
with itself as the password, with the vector's password and with another. Only clear text may match itself; a
value that still has the last 22 characters of a hash is not clear text, but for base64 of nothing but letters and
digits. Ends with 1 and the first violations.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / part) for part in ("lib", "tests/passwords")]

from samples import QUICK, Sample  # type: ignore[import-not-found]  # a folder is named as a benchmark is

from ais.errors import AISError
from ais.passwords import verify
from ais.passwords.schemes import BRACED, CLEAR, DOLLAR, WORD

SLOW = ("$2", "$5", "$6", "$sha1", "$md5", "_", "{FSHP", "$scrypt", "scrypt", "SCRYPT", "$y", "$gy", "$7")
VECTORS = [one for one in QUICK if not one.stored.startswith(SLOW) and "PLAIN" not in one.stored and not one.charset]
VECTORS = [one for one in VECTORS if one.default_scheme is None and "CLEAR" not in one.stored.upper()]
WORDS = [
    "Bcrypt:",
    ":argon2:",
    "sha1-",
    "unknown$",
    "{x-foo, 3}",
    "!word!",
    "realm:",
    "a b ",
    "pbkdf2(1,2,sha1)$",
    "x|",
]
STARTS = [*WORDS, *("{" + name + "}" for name in BRACED if name not in CLEAR), *(f"${one}$" for one in DOLLAR), *WORD]
ALPHABET = "$:,=./+-{}|*! 0123456789abcdefABCDEFxyzXYZ\u00e9"
TAIL = 22
MARKS = dict.fromkeys(map(ord, "+/.-_"))
BODIES = defaultdict(list)
"""Of each password, the values without what names their scheme."""
for one in VECTORS:
    BODIES[one.password].append(re.sub(r"^(\{[^}]*\}|crypt\$.*\$|[\w-]+[$:|])", "", one.stored).strip("=:").lower())
ENOUGH = 5


def make(chance: random.Random, sample: Sample) -> str:
    """A value made from a vector."""
    stored: str = sample.stored
    for _ in range(chance.randrange(1, 4)):
        kind, at = chance.randrange(7), chance.randrange(len(stored) + 1)
        if kind == 0:
            stored = chance.choice(STARTS) + stored
        elif kind == 1:
            stored = chance.choice(STARTS) + stored.partition(chance.choice("}$:"))[2]
        elif kind == 2:
            stored = stored[:at] + stored[at + chance.randrange(1, 30) :]
        elif kind == 3:
            stored = stored[:at] + chance.choice(ALPHABET) + stored[at + chance.randrange(2) :]
        elif kind == 4:
            stored += chance.choice(ALPHABET) * chance.randrange(1, 4)
        elif kind == 5:
            stored = stored[:at] + str(chance.choice(VECTORS).stored)[at:]
        else:
            stored = "".join(chance.choice(ALPHABET) for _ in range(chance.randrange(1, 60)))
    return stored


def ask(stored: str, password: str) -> str:
    """The answer, or the class of the error."""
    try:
        return "yes" if verify(stored, password, "user", "PLAIN") else "no"
    except AISError as error:
        end = stored[-12:]
        # The colon behind a scheme's name is ours.
        said = str(error).replace(": ", " ")
        told = len(end) == 12 and end in said and not any(end in start for start in STARTS)
        return "stored value in the error" if told else type(error).__name__


def judge(stored: str, sample: Sample, password: str, answer: str) -> bool:
    """Whether an answer is a violation."""
    if answer != "yes":
        return answer == "stored value in the error"
    if password == stored:
        tail = sample.stored.rstrip("=")[-TAIL:]
        return len(tail) == TAIL and tail in stored and tail.translate(MARKS).isalnum() and not stored.isalnum()
    return not any(body in stored.lower() for body in BODIES[password])


def main() -> int:
    """Fuzz; print the counts, and the violations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, counts, slowest = random.Random(arguments.seed), Counter[str](), 0.0
    violations: list[str] = []
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end and len(violations) < ENOUGH:
        sample = chance.choice(VECTORS)
        stored = make(chance, sample)
        for password in (stored, sample.password, "another"):
            start = time.process_time()
            answer = ask(stored, password)
            slowest = max(slowest, time.process_time() - start)
            counts[("itself: " if password == stored else "") + answer] += 1
            if judge(stored, sample, password, answer):
                violations.append(f"{answer}: {stored!r} asked with {password!r}, from {sample.stored!r}")
    print(f"{counts.total()} questions, slowest {slowest:.2f} CPU seconds")
    print(", ".join(f"{answer} {count}" for answer, count in counts.most_common()))
    print("\n".join(violations) or "no violation")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
