"""One request, one process: ours against php-cgi doing the same work, and against a bare interpreter.

    python benchmarks/cold_start.py [rounds]

As bare processes, under lighttpd and under Apache (event MPM), and `auth` over MariaDB and PostgreSQL, there against a
bare program that imports the driver, connects and asks the same query. The processes are started in turn, in another
order in each round, so that the noise of the machine hits all alike: read the ratios of the medians.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import _breakdown
import coldservers
import populations
import samplesite

from support.running import ADDRESS
from support.site import temporary_folder

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
BODIES = {"list": b"cmd=list", "auth": b"cmd=auth&user=user1@example.com&pass=Passw0rd"}
PYTHON = "/usr/bin/python3"
Case = Callable[[], tuple[float, bytes]]


def process(command: list[str], environment: dict[str, str], body: bytes) -> Case:
    """Return what starts a process, gives it the body, and returns seconds and output without headers."""

    def once() -> tuple[float, bytes]:
        begin = time.perf_counter()
        done = subprocess.run(
            command, env=environment, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
        return time.perf_counter() - begin, done.stdout.partition(b"\r\n\r\n")[2]

    return once


def over_database(name: str, make: populations.Make, folder: Path) -> dict[str, Case]:
    """A login over a database server, and the least that a program with this driver can take."""
    folder.mkdir(exist_ok=True)
    population = make(folder, 3)
    population.config(folder)
    bare = population.bare.partition("\nrows = ")[0] + "\ncursor = connection.cursor()\n"
    bare += "cursor.execute('SELECT password FROM users WHERE login = %s', ('user1@example.com',))\ncursor.fetchone()"
    environment = samplesite.environment(folder, BODIES["auth"])
    return {
        f"ours, auth, {name}": process([str(samplesite.ENTRY)], environment, BODIES["auth"]),
        f"bare driver, {name}": process([PYTHON, "-S", "-c", bare], environment, b""),
    }


def all_cases(stack: ExitStack, folder: Path) -> dict[str, Case]:
    """Start what is needed, and return what to measure."""
    empty: dict[str, str] = {}
    cases = {"bare interpreter": process([PYTHON, "-S", "-c", "pass"], empty, b"")}
    for name, body in BODIES.items():
        environment = samplesite.environment(folder, body)
        cases[f"ours, {name}"] = process([str(samplesite.ENTRY)], environment, body)
        cases[f"php-cgi, {name}"] = process(["php-cgi"], environment, body)
    site = coldservers.make(stack.enter_context(temporary_folder()))
    for web in ("lighttpd", "apache"):
        server = stack.enter_context(coldservers.running(web, site))
        for name, body in BODIES.items():
            cases[f"ours, {name}, {web}"] = coldservers.ask(server, ADDRESS, body)
            cases[f"php-cgi, {name}, {web}"] = coldservers.ask(server, coldservers.PHP_ADDRESS, body)
    for name, make in stack.enter_context(populations.makers(folder, ["mariadb", "postgresql"])).items():
        cases |= over_database(name, make, folder / f"site-{name}")
    return cases


def check(answers: dict[str, bytes]) -> None:
    """All give the same answer to the same question."""
    for name in BODIES:
        found = {json.dumps(json.loads(body)) for label, body in answers.items() if f", {name}" in label}
        if len(found) != 1:
            raise SystemExit(f"different answers to {name}: {found}")


def main() -> None:
    """Print tables of medians and ratios."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        samplesite.make(folder)
        cases = all_cases(stack, folder)
        times: dict[str, list[float]] = {label: [] for label in cases}
        answers: dict[str, bytes] = {}
        for _ in range(ROUNDS + 3):
            for label in random.sample(list(cases), len(cases)):
                seconds, answers[label] = cases[label]()
                times[label].append(seconds)
        check(answers)
        median = {label: statistics.median(values[3:]) * 1000 for label, values in times.items()}
        bare = median["bare interpreter"]
        for label, milliseconds in median.items():
            against = label.replace("ours, auth, ", "bare driver, ")
            if against not in median or against == label:
                against = label.replace("ours", "php-cgi")
            ratio = f"  {milliseconds / median[against]:5.2f} x {against}" if against != label else ""
            print(f"{label:24} {milliseconds:7.2f} ms  {milliseconds / bare:6.2f} x bare{ratio}")
        for name, body in BODIES.items():
            print(f"{name}, as a bare process:")
            environment = samplesite.environment(folder, body)
            for line in _breakdown.table(
                str(samplesite.ENTRY), environment, body, min(ROUNDS, 20), bare, median[f"ours, {name}"]
            ):
                print(line)


if __name__ == "__main__":
    main()
