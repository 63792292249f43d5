"""docs/nginx.md: every command and every piece of configuration in it works."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_multipart

from persistent import ways
from persistent.test_page import PersistentMachine
from servers.test_docs import CALLER_OF_INIT, blocks, write_database_of_all_with_mail
from support.client import post
from support.interpreters import for_others
from support.needs import need_program
from support.nginx import NGINX
from support.openldap import free_port
from support.running import free_ports, group_of, started, unprivileged
from support.site import CALLER, CALLER_PASSWORD, ROOT, sample_config, temporary_folder

PAGE = blocks("nginx.md")
FILES = {"granian": "nginx-proxy.conf", "fcgiwrap": "nginx-fcgiwrap.conf"}


class NginxMachine(PersistentMachine):
    """A machine with nginx as Debian ships it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "nginx")
        for name in ("conf.d", "snippets"):
            (folder / name).mkdir()
        nginx = need_program("nginx", "nginx-light")
        self._command("nginx", f'[ "$*" = -t ] && exec {nginx} -t -p {folder} -e {folder}/stderr -c {self.config}')
        self._command("apt-get", '[ "$*" = "install fcgiwrap" ]')
        venv = f'mkdir -p "$3/bin" && cp {folder}/pip "$3/bin"'
        self._command("python3", f'[ "$1 $2" = "-m venv" ] || exec {for_others()} "$@"\n{venv}')
        vendor = self.site / "lib" / "vendor" / "python_multipart"
        shutil.copytree(Path(python_multipart.__file__).parent, vendor, ignore=shutil.ignore_patterns("__pycache__"))

    def _write_config(self, program: str) -> None:
        account = unprivileged(self.folder)
        user = f"user {account} {group_of(account)};" if account else ""
        places = {
            "home": self.folder,
            "user": user,
            "port": free_port(),
            "listen": "",
            "before": "",
            "after": "",
            "main": "",
        }
        text = NGINX.format(**places, fragment="", http="include conf.d/*.conf;")
        self.config.write_text(text, encoding="utf-8")

    def here(self, text: str) -> str:
        """A text with this machine's paths in the place of the real ones."""
        text = super().here(text).replace("/var/log/nginx/", f"{self.folder}/log/")
        return text.replace("/etc/nginx", str(self.folder))


@pytest.fixture
def machine() -> Iterator[NginxMachine]:
    """A machine on which steps 1 to 5 of apache.md are done, with nginx."""
    with temporary_folder() as folder:
        machine = NginxMachine(folder)
        write_database_of_all_with_mail(machine.site)
        (machine.site / "conf" / "config.py").write_text(sample_config(), encoding="utf-8")
        for path in (machine.site, *machine.site.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        yield machine


def commands(heading: str) -> list[str]:
    """The commands below a heading."""
    return [block.text for block in PAGE if (block.heading, block.language) == (heading, "sh")]


@pytest.mark.parametrize("way", FILES)
def test_steps(machine: NginxMachine, way: str) -> None:
    """The steps of a way, done one after the other, end in a server that check and probe call fine."""
    (install,) = commands(way)
    machine.run(install)
    snippet = machine.folder / "snippets" / "mailstore-ais.conf"
    assert snippet.read_text() == (ways.CONF / FILES[way]).read_text()
    if way == "fcgiwrap":
        own = machine.folder / "system" / "fcgiwrap.service.d" / "mailstore-ais.conf"
        assert own.read_text() == (ways.CONF / "fcgiwrap.conf").read_text()
    certificate, enable, trial = commands("Include it")
    machine.run(certificate.replace("mail.example.test", "localhost"))
    (server,) = [block.text for block in PAGE if block.language == "nginx"]
    socket = machine.site / "run" / "socket"
    text = re.sub("/run/(?:mailstore-ais/socket|fcgiwrap.socket)", str(socket), machine.here(snippet.read_text()))
    snippet.write_text(text, encoding="utf-8")
    for port in free_ports():
        block = machine.here(server).replace("443", str(port)).replace("mail.example.test", "localhost")
        (machine.folder / "conf.d" / "mailstore-ais.conf").write_text(block, encoding="utf-8")
        machine.run(enable)
        assert (machine.folder / "systemctl.log").read_text().splitlines()[-1] == "restart nginx"
        venv = machine.site / ".venv"
        shutil.rmtree(venv, ignore_errors=True)
        with getattr(ways, way)(machine.site):
            nginx = [need_program("nginx", "nginx-light"), "-p", str(machine.folder), "-c", str(machine.config)]
            with started([*nginx, "-e", "stderr", "-g", "daemon off;"], machine.folder, port) as running:
                if not running:
                    continue
                trial = trial.replace("https://mail.example.test", f"https://localhost:{port}")
                trial = trial.replace(f"--user {CALLER_OF_INIT}", f"--user {CALLER}")
                printed = machine.run(f"{trial.strip()} --password-stdin", f"{CALLER_PASSWORD}\n")
                assert re.findall("^fine$", printed, re.MULTILINE) == ["fine"] * 2, printed
                return
    pytest.fail("no port was free")


def test_nginx_checks_the_password(machine: NginxMachine) -> None:
    """The page's way to let nginx check the password works with the part of the file that it names."""
    heading = "nginx checks the caller's password"
    (make,) = commands(heading)
    (python,) = [block.text for block in PAGE if (block.heading, block.language) == (heading, "python")]
    machine.run(make)
    lines = [line for line in sample_config().splitlines() if not line.startswith("callers")]
    (machine.site / "conf" / "config.py").write_text("\n".join([*lines, python]), encoding="utf-8")
    with ways.nginx(machine.site, way="fcgiwrap", switched_on="The server checks the caller's password") as server:
        assert post(server.url, b"cmd=list").status == 200, server.log()
        assert post(server.url, b"cmd=list", credentials=f"{CALLER}:wrong").status == 401


def test_the_log(machine: NginxMachine) -> None:
    """The command for the log finds the script's lines in nginx's error log."""
    (find,) = commands("Errors")
    with ways.nginx(machine.site, way="fcgiwrap") as server:
        assert post(server.url, b"cmd=nothing").status == 400
        shutil.copy(server.home / "error.log", machine.folder / "log")
    assert "FastCGI sent in stderr" in machine.run(find)


def test_what_the_page_names() -> None:
    """Every part of the files that the page names is in one of them; each of its commands is run above."""
    text = re.sub(r"\s+", " ", (ROOT / "docs" / "nginx.md").read_text(encoding="utf-8"))
    files = "\n".join((ways.CONF / name).read_text(encoding="utf-8") for name in FILES.values())
    headings = set(re.findall("^## (.*)$", files, re.MULTILINE))
    assert set(re.findall(r'part "([^"]+)"', text)) == headings
    assert len([block for block in PAGE if block.language == "sh"]) == 7
    assert os.access(ROOT / "conf" / "servers" / "fcgiwrap.conf", os.R_OK)
