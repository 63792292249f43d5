"""The servers of these tests end with all that they have started."""

from __future__ import annotations

from pathlib import Path

from persistent import ways
from support.slow import until


def members(group: int) -> list[str]:
    """The processes of a group that still live."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = file.read_text().rpartition(") ")
        except OSError:
            continue  # it has just ended
        state, _, number = rest.split()[:3]
        if int(number) == group and state != "Z":
            found.append(name)
    return found


def test_fcgiwrap(site: Path) -> None:
    """fcgiwrap has eight children, which it leaves behind when it is told to end; the test's end reaches them."""
    with ways.fcgiwrap(site) as process:
        until(lambda: len(members(process.pid)) == 9, 10)
    until(lambda: not members(process.pid), 10)
