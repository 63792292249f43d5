"""A line of progress at a real terminal, and nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ais.cli.output import PAUSE_SECONDS
from cli.trying import ais, at_terminal, write_own

SLOW = """\
for number in range(3000):
    if number % 1000 == 500:
        time.sleep(0.7)
    yield User(f"user{number}", email_addresses=[f"user{number}@example.com"])"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A configuration with a source that takes two seconds for 3,000 users."""
    return write_own(tmp_path, SLOW)


@pytest.mark.parametrize("command", [["list", "--json"], ["check", "--json"], ["list", "--format", "csv"]])
def test_counts_and_goes(slow: Path, command: list[str]) -> None:
    """While users come the terminal shows a growing count, of which nothing is left in the end."""
    shown = at_terminal(*command, config=slow, piped=True)
    assert shown.status == 0
    counts = [int(text.replace(",", "")) for text in re.findall(r"source 1 \(Own\), ([\d,]+) users", shown.terminal)]
    assert counts == sorted(counts)
    # The directory holds a user until the next one shows that no more rows come.
    assert len({count for count in counts if count % 1000 in (499, 500)}) >= 2
    assert ",499 users" in shown.terminal or ",500 users" in shown.terminal
    assert shown.screen == []
    if "--json" in command:
        assert json.loads(shown.piped)
    assert "user2999" in shown.piped or command[0] == "check"


def test_is_drawn_rarely(slow: Path) -> None:
    """The line is drawn a few times a second at most, however fast users come."""
    shown = at_terminal("list", "--json", config=slow, piped=True)
    assert 2 <= shown.terminal.count(" s") <= 3 / PAUSE_SECONDS


def test_fits_a_narrow_terminal(slow: Path) -> None:
    """The line is cut to the terminal, so that it never wraps and can be wiped off."""
    shown = at_terminal("list", "--json", config=slow, piped=True, columns=20)
    assert max(len(part) for part in shown.terminal.split("\r")) < 20
    assert shown.screen == []


def test_on_one_terminal_with_the_output(slow: Path) -> None:
    """Where output goes to the same terminal, the line is gone before it begins."""
    lines = at_terminal("list", config=slow).screen
    assert lines[0].split() == ["userName", "fullName", "emailAddresses"]
    assert lines[-1] == "3,000 users"
    assert len(lines) == 3002


def test_error_after_progress(tmp_path: Path) -> None:
    """An error stands alone on its line."""
    config = write_own(tmp_path, "yield User('a')\nyield User('b')\ntime.sleep(0.7)\nraise ValueError")
    shown = at_terminal("list", config=config)
    assert shown.status == 2
    assert "1 user" in shown.terminal
    assert [line[:9] for line in shown.screen] == ["ais list:"]


def test_description_cannot_command_the_terminal(tmp_path: Path) -> None:
    """A source's name on the line is without control characters."""
    config = write_own(tmp_path, "time.sleep(0.7)\nyield User('a')", "sources[0].description = 'x\\x1b]0;y\\x07'\n")
    shown = at_terminal("list", config=config)
    assert "x?]0;y?" in shown.terminal
    assert "\x1b" not in shown.terminal


@pytest.mark.parametrize("command", ["list", "check"])
def test_silent_without_a_terminal(slow: Path, command: str) -> None:
    """Where standard error is no terminal, nothing is written to it."""
    done = ais(command, config=slow)
    assert (done.returncode, done.stderr) == (0, "")


def test_check_says_the_same(folder: Path) -> None:
    """At a terminal, where users are counted, the report is the same as elsewhere."""
    here = json.loads(at_terminal("check", "--json", config=folder / "config.py", piped=True).piped)
    there = json.loads(ais("check", "--json", config=folder / "config.py").stdout)
    for report in (here, there):
        report["sources"][0].pop("seconds")
    assert here == there
