"""The table of `ais list`: it fits, and no user's name can break it."""

from __future__ import annotations

import json
import subprocess
import tracemalloc
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais import User
from ais.cli import list as listing
from ais.cli.output import SAMPLED, cut, width
from cli.trying import AIS, ais, at_terminal, environment, write_own

HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\n\x9b31m\u202egro\u200b\x00"
HOSTILE_NAME = "a\u202egro\u200bz"
LONG = "long" * 40
WIDE = "山田太郎" * 20


def columns_of(line: str) -> int:
    """The columns that a line takes, by the annex of Unicode rather than by the program."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(unicodedata.normalize("NFC", line)) + wide


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A configuration with users whose names are long, wide, or commands for a terminal."""
    users = f"""\
yield User("john.doe", full_name="John Doe", email_addresses=["john.doe@example.com"])
yield User({HOSTILE_NAME!r}, full_name={HOSTILE!r} + "b", email_addresses=["c\u202e@example.com"])
yield User({LONG!r}, full_name={LONG!r}, email_addresses=["long@example.com"])
yield User({WIDE!r}, full_name={WIDE!r}, email_addresses=["wide@example.com"])
yield User("mu\u0308ller", full_name="combining")"""
    return write_own(tmp_path, users)


@pytest.mark.parametrize("columns", [40, 80, 133])
def test_fits_the_terminal(strange: Path, columns: int) -> None:
    """No line is wider than the terminal, wide letters counted as two, and what is cut off is marked."""
    lines = at_terminal("list", config=strange, columns=columns).screen
    assert len(lines) == 7
    assert max(map(columns_of, lines)) <= columns
    assert columns_of(lines[3]) > columns - 30
    assert "…" in lines[3]
    assert lines[4].startswith("山田")
    # The columns stand below each other.
    starts = [columns_of(lines[0][: lines[0].index("ema")])]
    starts += [columns_of(line[: line.rindex(word)]) for line, word in ((lines[1], "john.d"), (lines[4], "wide"))]
    assert len(set(starts)) == 1


def test_columns_of_the_environment(strange: Path) -> None:
    """COLUMNS beats the terminal's own width."""
    lines = at_terminal("list", config=strange, columns=80, COLUMNS="50").screen
    assert max(map(columns_of, lines)) <= 50


def test_nothing_is_cut_in_a_pipe(strange: Path) -> None:
    """Elsewhere than on a terminal nothing is cut, COLUMNS or not."""
    done = subprocess.run(
        [*AIS, "list"], env=environment(strange, COLUMNS="40"), capture_output=True, text=True, check=True
    )
    assert LONG in done.stdout
    assert WIDE in done.stdout
    assert "…" not in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--format", "csv"], ["--diff"]])
def test_no_escape_reaches_the_terminal(strange: Path, arguments: list[str]) -> None:
    """Control characters, and those that hide text or turn it around, are shown as question marks."""
    if arguments == ["--diff"]:
        text = strange.read_text() + "state = 'state.sqlite'\n"
        only = write_own(strange.parent, "yield User('b')", "state = 'state.sqlite'\n")
        assert ais("accept-list", config=only).returncode == 0
        strange.write_text(text)
    shown = at_terminal("list", *arguments, config=strange).terminal
    assert "a?gro?z" in shown
    assert all(character.isprintable() for character in shown.replace("\r\n", "").replace("\r", ""))


def test_poor_terminal(strange: Path) -> None:
    """A terminal without these letters gets others, in as many columns."""
    shown = at_terminal("list", config=strange, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert shown.status == 0
    assert shown.terminal.isascii()
    assert max(map(len, shown.screen)) <= 80


def test_poor_pipe(strange: Path) -> None:
    """Elsewhere letters that cannot be written are spelt out, so that none is lost."""
    done = subprocess.run(
        [*AIS, "list", "--format", "csv"],
        env=environment(strange, PYTHONUTF8="0", PYTHONIOENCODING="ascii"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert r"\u5c71\u7530" in done.stdout


def test_cutting() -> None:
    """A text is cut to columns, with a mark; letters drawn over another take none, and are not endless."""
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
    assert cut("山田太郎", 6) == "山田…"
    assert width("mu\u0308ller") == 6
    assert len(cut("a" + "\u0308" * 100_000, 10)) < 50


def test_large_table_in_little_memory() -> None:
    """A table holds no users but the first ones that give its columns their widths; the text waits on disk."""
    drawn = 0

    def users() -> Iterator[User]:
        nonlocal drawn
        for number in range(150_000):
            drawn += 1
            yield User(f"user{number}", full_name="Name " * 8, email_addresses=[f"user{number}@example.com"])

    tracemalloc.start()
    made = listing.FORMATS["table"](users())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert drawn == 150_000
    assert len(made) > 10_000_000
    assert peak < 12_000_000
    lines = b"".join(made.chunks()).splitlines()
    assert len(lines) == 150_001
    assert lines[-1].split()[0] == b"user149999"


def test_later_wider_cells(tmp_path: Path) -> None:
    """Users after those that gave the widths are cut on a terminal, too."""
    users = f"for n in range({SAMPLED}):\n    yield User(f'u{{n}}')\nyield User({LONG!r}, full_name={WIDE!r})"
    config = write_own(tmp_path, users)
    assert max(map(columns_of, at_terminal("list", config=config).screen)) <= 80
    assert LONG in ais("list", config=config).stdout


def test_all_or_nothing(tmp_path: Path) -> None:
    """When the last user fails, no line of the list is printed, in any format."""
    config = write_own(tmp_path, "for n in range(3000): yield User(f'u{n}')\nraise OSError")
    for format in ("table", "csv", "json"):
        done = ais("list", "--format", format, config=config)
        assert (done.returncode, done.stdout) == (2, "")
        assert "source 1" in done.stderr


def test_repeated_users_are_put_together(tmp_path: Path) -> None:
    """A name that comes again, from another source, is listed once, as MailStore gets it."""
    config = write_own(tmp_path, "yield User('a')\nyield User('b')", "sources *= 2\n")
    done = ais("list", config=config)
    assert [line.strip() for line in done.stdout.splitlines()[1:]] == ["a", "b", "2 users"]
    assert len(json.loads(ais("list", "--json", config=config).stdout)) == 2
