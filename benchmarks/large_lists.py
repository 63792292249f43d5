"""A list of many users as a whole CGI process, against the bare loop "fetch row, encode JSON", in time and memory.

    python benchmarks/large_lists.py [--sources sqlite,postgresql,mariadb,csv,csv-active,ldap] [--rounds 3]
        [--bare-names] [users ...]

The users' names are addresses, and each user has two, as in nearly every mail system; with --bare-names, the names are
no addresses. Each bare loop uses the same driver and a cursor on the server, and does nothing else. Seconds are
processor time of the process, without that of a database server: a busy machine changes it least, and waiting, which is
the same for both, would only hide what we add.
"start" is what a list of one user takes; it is taken off before the time per user is reckoned, and where the rest is
less than a fifth of it, the noise is larger than what is measured: "-". "flat" is the time per user against that of the
smallest list measured so. The fastest of the rounds counts (thirty of them for 1,000 users and fewer). PHP (fetchAll,
json_encode) reads SQLite, with its default memory_limit and without one.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import tempfile
from pathlib import Path

import populations
import samplesite

PYTHON = "/usr/bin/python3"
BODY = b"cmd=list"


def run(command: list[str], environment: dict[str, str]) -> tuple[float, int, int]:
    """Run a process; return its processor seconds, its peak memory in MB, and the bytes it wrote."""
    usage = [PYTHON, "-S", str(Path(__file__).parent / "_usage.py"), BODY.decode(), *command]
    done = subprocess.run(usage, env={"PATH": os.environ["PATH"], **environment}, stdout=subprocess.PIPE, check=True)
    seconds, kilobytes, written = done.stdout.split()
    return float(seconds), int(kilobytes) // 1024, int(written)


def measure(name: str, make: populations.Make, users: int, rounds: int) -> dict[str, tuple[float, int, int]]:
    """Return for each program the best of the rounds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        population = make(folder, users)
        population.config(folder)
        environment = samplesite.environment(folder, BODY)
        cases = {"bare loop": [PYTHON, "-S", "-c", population.bare], "ours": [str(samplesite.ENTRY)]}
        if name == "sqlite":
            cases |= {"php, 128M": ["php-cgi", "-d", "memory_limit=128M"]}
            cases |= {"php, no limit": ["php-cgi", "-d", "memory_limit=-1"]}
        best: dict[str, tuple[float, int, int]] = {}
        for _ in range(rounds if users > 1000 else 30):
            for label, command in cases.items():
                found = run(command, environment)
                best[label] = min(best.get(label, found), found)
        for label in ("bare loop", "ours"):
            if best[label][2] < users * 60:
                raise SystemExit(f"{name}, {users} users: {label} gave {best[label][2]} bytes only")
        return best


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", default="sqlite,postgresql,mariadb,csv,csv-active,ldap")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare-names", action="store_true")
    parser.add_argument("users", type=int, nargs="*")
    arguments = parser.parse_args()
    if arguments.bare_names:
        samplesite.LOGIN = "user{n}"
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(f"{'':11} {'users':>9} {'':14} {'s':>8} {'x bare':>7} {'MB':>5} {'start, ms':>10} {'us a user':>10}  flat")
    for name in arguments.sources.split(","):
        with tempfile.TemporaryDirectory() as home, populations.makers(Path(home), [name]) as found:
            start = measure(name, found[name], 1, arguments.rounds)
            flat: dict[str, float] = {}
            for users in arguments.users or [1_000, 100_000]:
                best = measure(name, found[name], users, arguments.rounds)
                for label, (seconds, megabytes, written) in best.items():
                    line = f"{name:11} {users:9,} {label:14} {seconds:8.3f}"
                    if written < users * 60:
                        print(f"{line}  no list: out of memory", flush=True)
                        continue
                    own = seconds - start[label][0]
                    each = f"{own / users * 1e6:10.2f}" if own > start[label][0] / 5 else f"{'-':>10}"
                    if own > start[label][0] / 5:
                        each += f" {own / users / flat.setdefault(label, own / users):5.2f}"
                    ratio = seconds / best["bare loop"][0]
                    print(f"{line} {ratio:7.2f} {megabytes:5} {start[label][0] * 1000:10.1f} {each}", flush=True)


if __name__ == "__main__":
    main()
