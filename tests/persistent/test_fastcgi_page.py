"""docs/fastcgi.md: its commands end in a web server that has the page's file, and what it says of faults is so."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from persistent.test_page import PersistentMachine, first_behind_cgi
from persistent.ways import CONF
from servers.test_docs import blocks
from servers.test_documented_requests import THE_LIST
from support.client import post
from support.fastcgi import until
from support.needs import need_program
from support.running import apache, lighttpd
from support.site import ROOT, make_site, temporary_folder

PAGE = (ROOT / "docs" / "fastcgi.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("program", "file"), [("lighttpd", "lighttpd-fastcgi.conf"), ("apache", "apache-fcgid.conf")])
def test_steps(program: str, file: str) -> None:
    """The web server takes the page's file, which has replaced that for CGI; step 6 of its page is the way back."""
    heading = program.capitalize() if program == "apache" else program
    (commands,) = [block.text for block in blocks("fastcgi.md") if (block.heading, block.language) == (heading, "sh")]
    with temporary_folder() as folder:
        machine = PersistentMachine(folder, program)
        ours = machine.site / "conf" / "servers" / file
        ours.write_text(machine.here(ours.read_text()))  # Apache looks whether the script is there
        first_behind_cgi(machine, program)
        machine.run(commands)
        (enabled,) = (folder / "conf-enabled").iterdir()
        assert enabled.read_text() == machine.here((CONF / file).read_text())
        assert (folder / "systemctl.log").read_text().splitlines()[-1].startswith("restart ")
        check = ["lighttpd", "-tt"] if program == "lighttpd" else ["apache2", "-t"]
        command = [need_program(check[0], check[0]), check[1], "-f", str(machine.config)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        first_behind_cgi(machine, program)
        assert enabled.read_text() == (ROOT / f"{program}.conf.example").read_text()


def test_numbers() -> None:
    """The page's numbers of processes are those of the files."""
    assert '"max-procs"    => 4' in (CONF / "lighttpd-fastcgi.conf").read_text()
    assert "MaxProcesses 8 MinProcesses 2" in (CONF / "apache-fcgid.conf").read_text()
    for words in ("starts four processes", "up to eight processes", "except two", "4 (lighttpd) or up to 8 (Apache)"):
        assert words in " ".join(PAGE.split())


def not_executable(entry: Path) -> None:
    """As FTP programs leave it."""
    entry.chmod(0o644)


def windows_line_ends(entry: Path) -> None:
    """As an editor leaves it."""
    entry.write_bytes(entry.read_bytes().replace(b"\n", b"\r\n"))


def no_such_python(entry: Path) -> None:
    """As on a machine whose Python was updated."""
    entry.write_bytes(b"#!/usr/bin/python3.0 -S\n" + entry.read_bytes().partition(b"\n")[2])


@pytest.mark.parametrize("damage", [not_executable, windows_line_ends, no_such_python])
def test_lighttpd_says_that_it_cannot_start(damage: Callable[[Path], None]) -> None:
    """Where the script cannot be started, lighttpd ends with the words that the page names."""
    (words,) = re.findall(r"^\| lighttpd does not start: `([^`]+)`", PAGE, re.MULTILINE)
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        damage(site / "cgi-bin" / "mailstore-integration" / "index.fcgi")
        said = ""
        try:
            with lighttpd(site, fastcgi=True) as server:
                until(lambda: words in server.log())
                said = server.log()
        except RuntimeError as error:  # it has ended before it could be asked
            said = str(error)
        assert words in said


@pytest.mark.parametrize("damage", [windows_line_ends, no_such_python])
def test_apache_says_that_it_cannot_start(damage: Callable[[Path], None]) -> None:
    """Where the script cannot be started, Apache answers, and logs, what the page says."""
    (status, words) = re.findall(r"^\| (\d+) of Apache, and `([^`]+)` in the log", PAGE, re.MULTILINE)[0]
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        damage(site / "cgi-bin" / "mailstore-integration" / "index.fcgi")
        with apache(site, "fcgid") as server:
            assert post(server.url, b"cmd=list").status == int(status)
            assert words in server.log()


def test_a_mended_library_counts() -> None:
    """What is said of a library that cannot be loaded is over ten seconds after it has been mended, at most."""
    assert "correct it, and wait ten seconds" in PAGE
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        library = site / "lib" / "ais"
        library.rename(site / "away")
        with lighttpd(site, fastcgi=True) as server:
            assert b"The library cannot be loaded" in post(server.url, b"cmd=list").body
            (site / "away").rename(library)
            answers = (post(server.url, b"cmd=list") for _ in iter(int, 1))
            # lighttpd itself answers a request whose process ends at this moment: with a 500 of its own.
            assert next(answer.body for answer in answers if answer.status < 500) == THE_LIST
