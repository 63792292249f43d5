"""docs/wsgi.md: every command in it works, and ends in a web server that has the page's file and no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persistent.ways import CONF
from servers.test_docs import Machine, blocks
from support.needs import need_file, need_program
from support.running import load_module
from support.site import ROOT, temporary_folder

PASSENGER = Path("/usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini")
PIP = """\
#!/bin/sh
shift && exec {python} -c 'import sys; from importlib.metadata import version
for name in sys.argv[1:]: version(name)' "$@"
"""
"""Takes the place of pip: it only looks whether the tests have the packages."""


class PersistentMachine(Machine):
    """A machine with the whole program, whose apt-get brings Apache's modules switched on, as Debian's does."""

    def __init__(self, folder: Path, program: str) -> None:
        super().__init__(folder, program)
        shutil.copytree(CONF, self.site / "conf" / "servers", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "passenger_wsgi.py", self.site)
        for name in ("mods-available", "mods-enabled", "system"):
            (folder / name).mkdir(exist_ok=True)
        for name in ("wsgi", "passenger", "fcgid", "proxy_http", "headers", "buffer"):
            file = folder / "mods-available" / name
            file.write_text("".join(f"{load_module(part)}\n" for part in _parts(name)))
        with (folder / "mods-available" / "passenger").open("a") as passenger:
            passenger.write(f"PassengerRoot {PASSENGER}\nPassengerDefaultRuby /usr/bin/ruby\n")
        self._command("a2enmod", 'for name; do cp "mods-available/$name" mods-enabled; done')
        # The packages are libapache2-mod-wsgi-py3, libapache2-mod-passenger and libapache2-mod-fcgid.
        self._command("apt-get", 'name=${2#libapache2-mod-}; cp "mods-available/${name%-py3}" mods-enabled')
        (folder / "pip").write_text(PIP.format(python=sys.executable))
        (folder / "pip").chmod(0o755)
        venv = f'mkdir -p "$3/bin" && cp {folder}/pip "$3/bin"'
        self._command("python3", f'[ "$1 $2 $3" = "-m venv {self.site}/.venv" ] && {venv}')

    def here(self, text: str) -> str:
        """A text with this machine's paths in the place of the real ones."""
        return super().here(text).replace("/etc/systemd/", f"{self.folder}/")


def _parts(name: str) -> tuple[str, ...]:
    return ("proxy", name) if name == "proxy_http" else (name,)


def runs(heading: str) -> list[str]:
    """The commands below a heading."""
    return [block.text for block in blocks("wsgi.md") if (block.heading, block.language) == (heading, "sh")]


def first_behind_cgi(machine: Machine, program: str) -> None:
    """Do step 6 of the web server's own page, which the steps of wsgi.md then take the place of."""
    page = [block.text for block in blocks(f"{program}.md") if block.heading == "Install"]
    (step,) = [text for text in page if f"{program}.conf.example" in text]
    machine.run(step)


@pytest.mark.parametrize(
    ("program", "heading", "number", "file"),
    [
        ("apache", "Apache: mod_wsgi", 0, "apache-mod_wsgi.conf"),
        ("lighttpd", "lighttpd or Apache: granian", 1, "lighttpd-proxy.conf"),
        ("apache", "lighttpd or Apache: granian", 2, "apache-proxy.conf"),
        ("apache", "Passenger", 0, "apache-passenger.conf"),
    ],
)
def test_steps(program: str, heading: str, number: int, file: str) -> None:
    """The web server takes the page's file, which has replaced that for CGI."""
    if file == "apache-passenger.conf":
        need_file(PASSENGER, "libapache2-mod-passenger")
    with temporary_folder() as folder:
        machine = PersistentMachine(folder, program)
        first_behind_cgi(machine, program)
        if number:
            machine.run(runs(heading)[0])
            unit = (folder / "system" / "mailstore-ais-granian.service").read_text()
            assert unit == (CONF / "mailstore-ais-granian.service").read_text()
            assert "enable --now mailstore-ais-granian\n" in (folder / "systemctl.log").read_text()
        machine.run(runs(heading)[number])
        (enabled,) = (folder / "conf-enabled").iterdir()
        assert enabled.read_text() == (CONF / file).read_text()
        assert (folder / "systemctl.log").read_text().splitlines()[-1].startswith("restart ")
        check = ["lighttpd", "-tt"] if program == "lighttpd" else ["apache2", "-t"]
        command = [need_program(check[0], check[0]), check[1], "-f", str(machine.config)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert file != "apache-passenger.conf" or (machine.site / "public").is_dir()
        first_behind_cgi(machine, program)  # the way back
        assert enabled.read_text() == (ROOT / f"{program}.conf.example").read_text()


def test_without_mod_wsgi() -> None:
    """Apache refuses mod_wsgi's file without the module, and says which package brings it."""
    with temporary_folder() as folder:
        machine = PersistentMachine(folder, "apache")
        shutil.copy(CONF / "apache-mod_wsgi.conf", folder / "conf-enabled")
        command = [need_program("apache2", "apache2"), "-t", "-f", str(machine.config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "apt-get install libapache2-mod-wsgi-py3" in done.stderr


def test_every_command_is_run() -> None:
    """There are no commands on the page but those."""
    assert [len(runs(name)) for name in ("Apache: mod_wsgi", "lighttpd or Apache: granian", "Passenger")] == [1, 3, 1]
    assert len([block for block in blocks("wsgi.md") if block.language == "sh"]) == 5
