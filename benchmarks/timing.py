"""Whether time tells who exists: a wrong password against an unknown and an inactive user, for several hashes.

    .venv/bin/python benchmarks/timing.py [rounds] [users]

Each is asked in turn in one process, with a name that the state remembers; what counts is the ratio to the wrong
password. 1.0 within the noise is right.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import samplesite

sys.path.insert(0, str(samplesite.ROOT / "lib"))

from ais import csv, deadline, directory, sql
from ais.passwords import making

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
USERS = {"wrong password": "user1", "unknown user": "nobody", "inactive user": "former"}


class Directory:
    """As much of a configuration as a login needs."""

    def __init__(self, source: object) -> None:
        from ais.config.settings import Users

        self.sources = [source]
        self.users = Users()


def sources(folder: Path, stored: str) -> dict[str, object]:
    """The same users in SQLite and in a text file."""
    rows = [(f"user{n}", stored, 1) for n in range(COUNT)] + [("former", stored, 0)]
    path = folder / f"{abs(hash(stored))}.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE users (login TEXT PRIMARY KEY, password TEXT, active INT)")
    database.executemany("INSERT INTO users VALUES (?, ?, ?)", rows)
    database.commit()
    database.close()
    text = path.with_suffix(".csv")
    text.write_text("userName;password;active\n" + "".join(f"{u};{p};{a}\n" for u, p, a in rows), encoding="utf-8")
    return {
        "sqlite": sql(
            "sqlite",
            database=str(path),
            list_query="SELECT login AS userName FROM users WHERE active",
            auth_query="SELECT password FROM users WHERE login = :user AND active",
        ),
        "csv": csv(str(text)),
    }


def main() -> None:
    """Print a table of ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        for scheme, make in making.SCHEMES.items():
            for name, source in sources(Path(temporary), make("right")).items():
                config = Directory(source)
                source.listed = "user0"  # type: ignore[attr-defined]
                times: dict[str, list[float]] = {label: [] for label in USERS}
                for _ in range(ROUNDS + 2):
                    for label in random.sample(list(USERS), len(USERS)):
                        deadline.start(60)
                        begin = time.perf_counter()
                        assert not directory.authenticate(config, USERS[label], "wrong").succeeded  # type: ignore[arg-type]
                        times[label].append(time.perf_counter() - begin)
                median = {label: statistics.median(values[2:]) for label, values in times.items()}
                base = median["wrong password"]
                others = ", ".join(f"{label} {median[label] / base:.2f}" for label in list(USERS)[1:])
                print(f"{scheme:14} {name:7} wrong password {base * 1000:7.2f} ms; {others}")


if __name__ == "__main__":
    main()
