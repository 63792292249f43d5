"""What `check` prints: for monitoring, and at a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.trying import ais, at_terminal
from support.site import ROOT, salted

LINE = re.compile(
    r"MAILSTORE-AIS (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| users=\d+;;;0 problems=\d+;;;0 time=\d+\.\d{3}s;;;0)?\n"
)


def write(folder: Path, rows: str, headings: str = "userName,emailAddresses,password") -> Path:
    """A configuration over a CSV file with these rows."""
    (folder / "users.csv").write_text(f"{headings}\n{rows}", encoding="utf-8")
    path = folder / "config.py"
    path.touch(0o600)
    path.write_text(
        f"from ais import caller, csv\ncallers = [caller('m', {salted('SSHA512', 'x')!r})]\n"
        "sources = [csv('users.csv', default_scheme='PLAIN')]\n"
    )
    return path


@pytest.mark.parametrize(
    ("rows", "code", "word", "text"),
    [
        ("anna,anna@example.com,secret\n", 0, "OK", "1 user of 1 source"),
        ("anna,anna@example.com,secret\nbob,,secret\n", 1, "WARNING", "1 user without an address, such as bob"),
        ("anna,,secret\nbob,,secret\nANNA,,secret\n", 1, "WARNING", "(and 1 more problem)"),
        ("a|b,,secret\n", 1, "WARNING", "such as a/b"),
        ("anna,anna@example.com,\n", 2, "CRITICAL", "nobody can log in"),
        ('anna,"anna\n', 2, "CRITICAL", "users.csv"),
        ("", 2, "CRITICAL", "lists nobody"),
    ],
)
def test_monitoring(tmp_path: Path, rows: str, code: int, word: str, text: str) -> None:
    """One line with performance data, and the exit status that Nagios wants."""
    done = ais("check", "--monitoring", config=write(tmp_path, rows))
    assert LINE.fullmatch(done.stdout), done.stdout
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(f"MAILSTORE-AIS {word} - ")
    assert text in done.stdout
    assert " | users=" in done.stdout


def test_the_worst_problem_is_named(tmp_path: Path) -> None:
    """Of several problems the line has the one for which MailStore gets no list, wherever it stands."""
    config = write(tmp_path, "anna,,secret\nrene,rene@example.com,secret\n")
    other = "userName,emailAddresses,password\nRené,r@example.com,secret\n"
    (tmp_path / "other.csv").write_text(other, encoding="utf-8")
    config.write_text(f"{config.read_text()}sources.append(csv('other.csv', default_scheme='PLAIN'))\n")
    done = ais("check", "--monitoring", config=config)
    assert done.returncode == 2
    assert "CRITICAL - source 2 (csv) has the user Ren" in done.stdout


def test_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    """A configuration that is broken or missing is UNKNOWN: nothing can be said of the sources."""
    path = write(tmp_path, "anna,,secret\n")
    path.write_text("callers = [\n")
    for config in (path, tmp_path / "missing.py"):
        done = ais("check", "--monitoring", config=config)
        assert done.returncode == 3
        assert LINE.fullmatch(done.stdout), done.stdout
        assert done.stdout.startswith("MAILSTORE-AIS UNKNOWN - ")


def test_monitoring_page(tmp_path: Path) -> None:
    """The command of docs/monitoring.md prints the line of docs/monitoring.md."""
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    command, wanted = re.findall(r"```\w+\n(.*?)```", page, re.DOTALL)
    rows = "".join(f"{name},{name}@example.com,secret\n" for name in ("anna", "bob", "carol"))
    program, *arguments = command.split()
    assert program == "/opt/mailstore-ais/bin/ais"
    done = ais(*arguments, config=write(tmp_path, rows))
    assert re.sub(r"\d\.\d+s", "0.021s", done.stdout) == wanted


def test_wraps_at_80_columns(tmp_path: Path) -> None:
    """At a terminal no line of a finding is longer than 80 columns, however wide it is; in a pipe nothing is broken."""
    path = write(tmp_path, "".join(f"user-with-a-long-name-{number},,secret\n" for number in range(3)))
    lines = at_terminal("check", "--color", "never", config=path, columns=200).screen
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines)  # a long path is not broken
    assert sum(line.startswith("         ") for line in lines) > 0
    piped = ais("check", config=path).stdout.splitlines()
    assert max(map(len, piped)) > 80


@pytest.mark.parametrize(("options", "coloured"), [((), True), (("--color", "never"), False)])
def test_colour_at_a_terminal(tmp_path: Path, options: tuple[str, ...], coloured: bool) -> None:
    """At a terminal problems are red, unless --color or NO_COLOR says otherwise."""
    shown = at_terminal("check", *options, config=write(tmp_path, "anna,,secret\n")).terminal
    assert ("\033[31mPROBLEM\033[0m" in shown) is coloured
    assert ("\033[" in shown) is coloured


def test_colour_in_a_pipe(tmp_path: Path) -> None:
    """In a pipe there is none, unless --color always asks for it."""
    path = write(tmp_path, "anna,anna@example.com,secret\n")
    assert "\033[" not in ais("check", config=path).stdout
    assert ais("check", "--color", "always", config=path).stdout.endswith("\033[32mfine\033[0m\n")
