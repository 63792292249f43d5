"""One request, one process: ours against php-cgi doing the same work, and against a bare interpreter.

The processes are started in turn, so that the noise of the machine hits all alike: read the ratios.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import samplesite

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
BODIES = {"list": b"cmd=list", "auth": b"cmd=auth&user=user1&pass=Passw0rd"}
PYTHON = "/usr/bin/python3"


def run(command: list[str], environment: dict[str, str], body: bytes) -> tuple[float, bytes]:
    """Start a process, give it the body, and return seconds and output."""
    begin = time.perf_counter()
    done = subprocess.run(
        command, env=environment, input=body, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - begin, done.stdout


def main() -> None:
    """Print a table of medians and ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        samplesite.make(folder)
        cases = {"bare interpreter": ([PYTHON, "-S", "-c", "pass"], b"")}
        for name, body in BODIES.items():
            cases[f"ours, {name}"] = ([str(samplesite.ENTRY)], body)
            cases[f"php-cgi, {name}"] = (["php-cgi"], body)
        answers = {}
        times: dict[str, list[float]] = {label: [] for label in cases}
        for _ in range(ROUNDS + 3):
            for label in random.sample(list(cases), len(cases)):
                command, body = cases[label]
                seconds, answers[label] = run(command, samplesite.environment(folder, body), body)
                times[label].append(seconds)
    for name in BODIES:
        ours, theirs = (json.loads(answers[f"{who}, {name}"].partition(b"\r\n\r\n")[2]) for who in ("ours", "php-cgi"))
        assert ours == theirs, (ours, theirs)
    median = {label: statistics.median(values[3:]) * 1000 for label, values in times.items()}
    for label, milliseconds in median.items():
        print(f"{label:20} {milliseconds:7.2f} ms  {milliseconds / median['bare interpreter']:5.2f} x bare")
    for name in BODIES:
        print(f"{name}: ours / php-cgi = {median[f'ours, {name}'] / median[f'php-cgi, {name}']:.2f}")


if __name__ == "__main__":
    main()
