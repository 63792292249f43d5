"""What a login takes as the users grow: `auth` as a whole CGI process, 1,000 users against 1,000,000.

    python benchmarks/growth.py [--sources sqlite,postgresql,mariadb,csv,passwd-file] [--rounds 15] [users ...]

Tables have an index on the login; text files are read to their end for each login. The user stands in the middle, and
its password is right. Small and large are asked in turn, so that the noise of the machine hits both alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import populations
import samplesite


def seconds(folder: Path, users: int) -> float:
    """Ask once, and return how long it took."""
    body = f"cmd=auth&user={samplesite.LOGIN.format(n=users // 2)}&pass={samplesite.PASSWORD}".encode()
    environment = samplesite.environment(folder, body)
    begin = time.perf_counter()
    done = subprocess.run(
        [str(samplesite.ENTRY)],
        env=environment,
        input=body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    taken = time.perf_counter() - begin
    answer = json.loads(done.stdout.partition(b"\r\n\r\n")[2])
    if answer != {"succeeded": True}:
        raise SystemExit(f"{folder}, {users} users: {answer}")
    return taken


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", default="sqlite,postgresql,mariadb,csv,passwd-file")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("users", type=int, nargs="*")
    arguments = parser.parse_args()
    numbers: list[int] = arguments.users or [1_000, 1_000_000]
    print(f"{'':12} {'users':>9} {'auth, ms':>9}  {'x the smallest':>14}")
    for name in arguments.sources.split(","):
        with tempfile.TemporaryDirectory() as home, populations.makers(Path(home) / "servers", [name]) as found:
            folders = {}
            for users in numbers:
                folders[users] = Path(home) / str(users)
                folders[users].mkdir()
                found[name](folders[users], users).config(folders[users])
            taken: dict[int, list[float]] = {users: [] for users in numbers}
            for _ in range(arguments.rounds + 2):
                for users in numbers:
                    taken[users].append(seconds(folders[users], users))
            median = {users: statistics.median(values[2:]) for users, values in taken.items()}
            for users in numbers:
                ratio = median[users] / median[numbers[0]]
                print(f"{name:12} {users:9,} {median[users] * 1000:9.1f}  {ratio:14.2f}", flush=True)


if __name__ == "__main__":
    main()
