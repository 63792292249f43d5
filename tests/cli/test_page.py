"""docs/command-line.md is held to the commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from ais.cli import COMMANDS
from ais.cli.output import SAMPLED
from cli.trying import ais, environment
from support.site import ROOT

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_commands() -> None:
    """The page's table has every command, and no other."""
    assert re.findall(r"^\| `([\w-]+)` \| (?!`)", PAGE, re.MULTILINE) == list(COMMANDS)


def test_who_can_exit_with_1() -> None:
    """A command's help names the exit status 1 when the page's table does."""
    for name, cause in re.findall(r"^\| `([\w-]+)` \| [^`|][^|]*\|(.*)\|$", PAGE, re.MULTILINE):
        assert (cause.strip() != "") == (re.search(r"[:,] 1 ", ais(name, "--help").stdout) is not None), name


def test_json_of_every_command() -> None:
    """The page's table has every command with --json, and the names that its help gives."""
    section = PAGE.partition("## For scripts")[2]
    rows = dict(re.findall(r"^\| `([\w-]+)(?: --diff)?` \| (`.*) \|$", section, re.MULTILINE))
    helps = {name: " ".join(ais(name, "--help").stdout.split()) for name in COMMANDS}
    assert set(rows) == {name for name, text in helps.items() if "--json" in text}
    for name, names in rows.items():
        outer = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", names))
        about = helps[name].partition("--diff --json" if name == "list" else "--json for scripts")[2]
        assert all(re.search(rf"\b{word}\b", about) for word in outer), name


def test_the_line_for_scripts(folder: Path) -> None:
    """The page's pipeline prints the number of problems."""
    (line,) = re.findall(r"^(bin/ais check --json .*)$", PAGE, re.MULTILINE)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=ROOT,
        env={**environment(folder / "config.py"), "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == 1


def test_numbers_and_names() -> None:
    """The page's number of users that give the columns their widths, and its extra of pip, are those of the program."""
    assert f"first {SAMPLED:,} users" in PAGE
    (extra,) = re.findall(r"pip install '\.\[(\w+)\]'", PAGE)
    assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
