"""Where the milliseconds of one request go, against a bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections import Counter

PYTHON = "/usr/bin/python3"
# The first that fits counts.
GROUPS = {
    "passwords": ("ais.passwords", "hmac", "_sha", "hashlib", "_hashlib", "binascii", "_blake2"),
    "database": ("ais.sources", "sqlite3", "_sqlite3"),
    "ais": ("ais",),
}


def measured(command: list[str], environment: dict[str, str], body: bytes) -> Counter[str]:
    """Return the milliseconds of imports by group, as `python -X importtime` reckons them for one request; and of all.

    Args:
        command: arguments of the interpreter.
        environment: CGI variables.
        body: of the request.
    """
    begin = time.perf_counter()
    done = subprocess.run(
        [PYTHON, "-S", "-X", "importtime", *command],
        env=environment,
        input=body,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    found: Counter[str] = Counter()
    found["whole"] = (time.perf_counter() - begin) * 1000  # type: ignore[assignment]  # a Counter adds what it is given
    for line in done.stderr.decode().splitlines():
        if not line.startswith("import time:") or "self [us]" in line:
            continue
        own, _, name = line.removeprefix("import time:").split("|")
        found[_group(name.strip())] += float(own) / 1000  # type: ignore[assignment]  # a Counter adds what it is given
    return found


def _group(module: str) -> str:
    for group, starts in GROUPS.items():
        if module.startswith(starts):
            return group
    return "standard library"


def table(entry: str, environment: dict[str, str], body: bytes, rounds: int, bare: float, whole: float) -> list[str]:
    """Return the lines of a table: each part in milliseconds, and as a multiple of a bare interpreter.

    Args:
        entry: the CGI script.
        environment: CGI variables.
        body: of the request.
        rounds: how often to measure.
        bare: milliseconds of a bare interpreter.
        whole: milliseconds of the request.
    """
    ours = [measured([entry], environment, body) for _ in range(rounds)]
    empty = [measured(["-c", "pass"], environment, b"") for _ in range(rounds)]
    imports = {name: _median(ours, name) - _median(empty, name) for name in ("standard library", *reversed(GROUPS))}
    # Imports take longer while each is timed and written about: that is taken off, from each its share.
    tracing = _median(ours, "whole") - _median(empty, "whole") - (whole - bare)
    share = 1 - max(0.0, tracing) / sum(imports.values())
    parts = {"bare interpreter": bare}
    parts |= {f"imports: {name}": milliseconds * share for name, milliseconds in imports.items()}
    parts["work: configuration, caller, query, answer"] = whole - sum(parts.values())
    parts["whole"] = whole
    return [f"  {part:45} {milliseconds:6.2f} ms  {milliseconds / bare:5.2f}" for part, milliseconds in parts.items()]


def _median(found: list[Counter[str]], group: str) -> float:
    return statistics.median(each[group] for each in found)
