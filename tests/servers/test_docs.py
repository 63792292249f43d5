"""docs/lighttpd.md and docs/apache.md: every command and every piece of configuration in them works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import python_multipart

from ais.config import load
from servers.conftest import CGI, Kind
from servers.test_documented_requests import THE_LIST
from support.client import post
from support.interpreters import for_others
from support.needs import need_file, need_program
from support.running import INSTALLED_AT, apache, free_ports, load_module
from support.site import (
    CALLER,
    CALLER_PASSWORD,
    ROOT,
    USERS,
    make_site,
    sample_config,
    temporary_folder,
    write_database,
)
from support.stock import APACHE, APACHE_STOCK_MODULES, LIGHTTPD

KNOWN = {"sh", "json", "python", "lighttpd", "apache", "text"}
CALLER_OF_INIT = "mailstore"
ANSWERS_TO_INIT = """--source sqlite --database users.sqlite \\
    --list-query 'SELECT login AS userName, dn AS distinguishedName, name AS fullName, mail AS emailAddresses
        FROM users ORDER BY rowid' \\
    --auth-query 'SELECT password FROM users WHERE login = :user'"""
"""What an administrator would type at the questions of ``bin/ais init``."""


class Block(NamedTuple):
    """A fenced block: its language, the heading that it stands under, its text."""

    language: str
    heading: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page under docs/."""
    found = []
    heading = ""
    pattern = r"^## ([^\n]*)$|^( *)```(\w+)\n(.*?)\n *```$"
    for match in re.finditer(pattern, (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        if match[1]:
            heading = match[1]
        else:
            found.append(Block(match[3], heading, textwrap.dedent(match[4])))
    return found


class Machine:
    """A folder in place of an administrator's machine: /opt, /etc, and the commands that act on the real one.

    Args:
        folder: an empty folder.
        program: ``lighttpd`` or ``apache``.
    """

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.site = make_site(folder / "ais")
        for path in (self.site / "conf" / "config.py", self.site / "lib" / "vendor"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in ("lighttpd.conf.example", "apache.conf.example"):
            shutil.copy(ROOT / name, self.site)
        shutil.copytree(ROOT / "bin", self.site / "bin", ignore=shutil.ignore_patterns("__pycache__"))
        self.commands = folder / "commands"
        for name in ("commands", "htdocs", "log", "conf-available", "conf-enabled", "sites-available"):
            (folder / name).mkdir()
        self.config = folder / f"{program}.conf"
        self._write_config(program)
        self._command("systemctl", 'echo "$@" >> systemctl.log')
        self._command("journalctl", '[ "$*" = "-u lighttpd" ]')
        enable = 'file=$(ls conf-available/{0}) && cp "$file" conf-enabled/'
        self._command("lighty-enable-mod", enable.format('??-"$1".conf'))
        self._command("a2enconf", enable.format('"$1".conf'))
        self._command("a2ensite", 'cp "sites-available/$1.conf" conf-enabled')
        self._command("a2enmod", 'cp "mods-available/$1" mods-enabled')
        self._command("apache2ctl", f'[ "$*" = configtest ] && exec apache2 -t -f {self.config}')
        package = {"apache": "apache2"}.get(program, program)
        self._command("apt-get", f'[ "$*" = "install {package} python3 python3-pip curl" ]')
        self._command("python3", self._pip())
        self._command("htpasswd", f'exec {need_program("htpasswd", "apache2-utils")} -b "$@" {CALLER_PASSWORD}')
        if os.geteuid() != 0:
            self._command("chown", "[ $# -gt 1 ]")
            self._command("su", '[ "$1 $2 $3 $4" = "-s /bin/sh www-data -c" ] && exec /bin/sh -c "$5"')

    def _write_config(self, program: str) -> None:
        include = f'include "{self.folder}/conf-enabled/*.conf"'
        values = {"home": self.folder, "port": 8, "user": "", "before": "", "fragment": include, "after": ""}
        text = LIGHTTPD.format(**values)
        if program == "apache":
            modules = "\n".join(load_module(name) for name in ("mpm_event", *APACHE_STOCK_MODULES))
            modules += f'\nIncludeOptional "{self.folder}/mods-enabled/*"'
            values["fragment"] = f'IncludeOptional "{self.folder}/conf-enabled/*.conf"'
            text = APACHE.format(modules=modules, **values)
            for name in ("mods-available", "mods-enabled"):
                (self.folder / name).mkdir()
            (self.folder / "mods-available" / "cgi").write_text(f"{load_module('cgid')}\n")
            (self.folder / "mods-available" / "ssl").write_text(f"{load_module('ssl')}\n")
        self.config.write_text(text, encoding="utf-8")

    def _command(self, name: str, script: str) -> None:
        file = self.commands / name
        file.write_text(f"#!/bin/sh\nset -eu\ncd {self.folder}\n{script}\n")
        file.chmod(0o755)

    def _pip(self) -> str:
        package = Path(python_multipart.__file__).parent
        return f"""case "$*" in
            "-m pip install --target {self.site}/lib/vendor python-multipart")
                mkdir -p "$5" && cp -R {package} "$5" ;;
            "-m pip "*) exit 2 ;;
            *) exec {for_others()} "$@" ;;
        esac"""

    def here(self, text: str) -> str:
        """A text with this machine's paths in the place of the real ones."""
        text = text.replace(INSTALLED_AT, str(self.site)).replace("/etc/lighttpd/lighttpd.conf", str(self.config))
        text = text.replace("/var/lib/mailstore-ais", f"{self.folder}/state")
        if os.geteuid() != 0:
            text = text.replace("install -d -o www-data -g www-data", "install -d")
        text = re.sub("/etc/(?:lighttpd|apache2)/", f"{self.folder}/", text)
        text = re.sub("/var/log/(?:lighttpd|apache2)/", f"{self.folder}/log/", text)
        return text.replace("/etc/letsencrypt/live/mail.example.test", str(self.folder))

    def run(self, text: str, stdin: str = "") -> str:
        """Run a block of commands, without a terminal; returns what it prints.

        Raises:
            subprocess.CalledProcessError: a command failed.
        """
        path = f"{self.commands}:/usr/sbin:/usr/bin:/sbin:/bin"
        script = f"set -eu\n{self.here(text)}"
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env={"PATH": path},
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            start_new_session=True,
        )
        return done.stdout

    def initialise(self, block: str) -> str:
        """Run a block with ``bin/ais init``, answering its questions; returns the caller's password."""
        assert re.search(r"bin/ais init( --state \S+)?( --output \S+)?$", block, re.MULTILINE), block
        write_database_of_all_with_mail(self.site)
        printed = self.run(f"{block} {ANSWERS_TO_INIT}")
        assert f"user name  {CALLER_OF_INIT}\n" in printed
        (password,) = re.findall(r"^  password   (\S+)$", printed, re.MULTILINE)
        return str(password)


def write_database_of_all_with_mail(site: Path) -> None:
    """Write the sample's users without the one whose missing address `check` would complain of."""
    (site / "conf" / "users.sqlite").unlink()
    write_database(site / "conf" / "users.sqlite", USERS[:3])


@pytest.fixture(scope="module", params=CGI)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers that the pages are about."""
    return Kind(request.param)


@pytest.fixture
def machine(kind: Kind) -> Iterator[Machine]:
    """A machine on which nothing but the server and the copied folder is there."""
    with temporary_folder() as folder:
        yield Machine(folder, kind.program)


@pytest.mark.parametrize("page", ["lighttpd.md", "apache.md"])
def test_languages(page: str) -> None:
    """Every block says what it is, so that the tests below find it."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert len(re.findall("^ *```", text, re.MULTILINE)) == 2 * len(blocks(page))
    assert {block.language for block in blocks(page)} <= KNOWN


def test_install(kind: Kind, machine: Machine) -> None:
    """The steps of the installation, done one after the other, end in a server that answers as the page says."""
    page = [block for block in blocks(f"{kind.program}.md") if block.heading == "Install"]
    *steps, trial, requests = [block.text for block in page if block.language == "sh"]
    password = ""
    for step in steps:
        if "ais init" in step:
            password = machine.initialise(step)
        else:
            machine.run(step)
    assert password
    enabled = list((machine.folder / "conf-enabled").iterdir())
    assert len(enabled) == 1
    assert (machine.folder / "systemctl.log").read_text().startswith("restart ")
    assert (machine.site / "lib" / "vendor" / "python_multipart" / "__init__.py").exists()
    with kind(machine.site) as server:
        address = "http://localhost/mailstore-integration/index.php"
        trial, requests = trial.replace(address, server.url), requests.replace(address, server.url)
        printed = machine.run(f"{trial} --password-stdin", f"{password}\n")
        assert re.findall("^fine$", printed, re.MULTILINE) == ["fine"] * 2, printed
        requests = requests.replace(f"--user {CALLER_OF_INIT}", f"--silent --user {CALLER_OF_INIT}:{password}")
        (answer,) = [block.text for block in page if block.language == "json"]
        users = json.dumps([user for user in json.loads(THE_LIST) if user["userName"] != "nomail"])
        assert machine.run(requests) == users + answer, server.log()
    # The web server has written the state: guard and throttle are on.
    config = load(str(machine.site / "conf" / "config.py"))
    assert config.state == str(machine.folder / "state" / "state.sqlite")
    status = os.stat(config.state)
    assert (status.st_mode & 0o777, status.st_uid) == (0o600, (machine.folder / "state").stat().st_uid)


def test_rights(kind: Kind, machine: Machine) -> None:
    """After the steps the server may read all of it, of others nobody the configuration, and only root may write.

    Also where the folder was copied with a umask that leaves others nothing.
    """
    for path in (machine.site, *machine.site.rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)
    for block in blocks(f"{kind.program}.md"):
        if block.heading == "Install" and block.language == "sh" and "chmod" in block.text:
            (machine.site / "conf" / "config.py").write_text(sample_config(), encoding="utf-8")
            machine.run(block.text)
    assert (machine.site / "conf").stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in (machine.site / "conf").iterdir()} == {0o640}
    others = [machine.site, *(path for part in ("bin", "cgi-bin", "lib") for path in (machine.site / part).rglob("*"))]
    for path in others:
        executable = path.is_dir() or path.name in ("ais", "index.py")
        assert path.stat().st_mode & 0o777 in ((0o755,) if executable else (0o644, 0o755)), path


def test_server_side(kind: Kind, machine: Machine) -> None:
    """The page's way to let the server check the password works with the part of the example file that it names."""
    heading = f"{kind.program} checks the caller's password"
    page = [block for block in blocks(f"{kind.program}.md") if block.heading.lower() == heading]
    commands, python = page
    machine.run(commands.text)
    config = [line for line in sample_config().splitlines() if not line.startswith("callers")]
    (machine.site / "conf" / "config.py").write_text("\n".join([*config, python.text]), encoding="utf-8")
    with kind(machine.site, sections=("The server checks the caller's password",)) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()
        assert post(server.url, b"cmd=list", credentials=f"{CALLER}:wrong").status == 401


@pytest.mark.parametrize("page", ["lighttpd", "apache"])
def test_sections_named(page: str) -> None:
    """A part of the example file that the page names is in that file."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    headings = re.findall("^## (.*)$", (ROOT / f"{page}.conf.example").read_text(encoding="utf-8"), re.MULTILINE)
    named = {re.sub(r"\s+", " ", name) for name in re.findall(r'part\s+"([^"]+)"', text)}
    assert named == set(headings) - {"The script"}


def test_configuration_blocks(kind: Kind, machine: Machine) -> None:
    """Every piece of configuration on the page is accepted by the server, one by one, besides the example file."""
    openssl = need_program("openssl", "openssl")
    key, certificate = machine.folder / "privkey.pem", machine.folder / "fullchain.pem"
    request = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    request += ["-subj", "/CN=mail.example.test", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    found = https_configurations(kind)
    assert found
    example = machine.here((machine.site / f"{kind.program}.conf.example").read_text(encoding="utf-8"))
    for number, text in enumerate(found):
        config = machine.here(text)
        if kind.program == "apache":
            config = f"{load_module('cgid')}\n{load_module('ssl')}\n{config}"
        (machine.folder / "conf-enabled" / "block.conf").write_text(f"{config}\n{example}", encoding="utf-8")
        check = ["lighttpd", "-tt"] if kind.program == "lighttpd" else ["apache2", "-t"]
        command = [need_program(check[0], check[0]), check[1], "-f", str(machine.config)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, (number, done.stderr)
        assert "WARNING" not in done.stderr


def test_https(kind: Kind, machine: Machine) -> None:
    """The steps of "HTTPS" are taken by the server, and end in one that the probe finds nothing wrong with."""
    need_program("openssl", "openssl")
    every = blocks(f"{kind.program}.md")
    (package,) = [block.text for block in every if block.heading == "Install" and "pip" in block.text]
    machine.run(package)
    page = [block for block in every if block.heading == "HTTPS"]
    config, *_ = https_configurations(kind)
    certificate, enable, probe = [block.text for block in page if block.language == "sh"]
    text = (ROOT / "docs" / f"{kind.program}.md").read_text(encoding="utf-8")
    (file,) = set(re.findall(r"/etc/\w+/\w+-available/[\w-]*https\.conf", text))
    machine.run(certificate.replace("mail.example.test", "localhost"))
    Path(machine.here(file)).write_text(machine.here(config), encoding="utf-8")
    machine.run(enable)
    for port in free_ports():
        with kind(machine.site, extra=on_port(kind, machine.here(config), port)) as server:
            (machine.site / "conf" / "config.py").write_text(sample_config(), encoding="utf-8")
            command = probe.replace("https://mail.example.test", f"https://localhost:{port}")
            command = command.replace(f"--user {CALLER_OF_INIT}", f"--user {CALLER}")
            printed = machine.run(f"{command} --password-stdin", f"{CALLER_PASSWORD}\n")
            assert printed.splitlines()[-1] == "fine", server.log()
            without = re.sub("--ca-file [^ ]*", "", command)
            assert "tls-untrusted" in machine.run(f"{without} --password-stdin || true", f"{CALLER_PASSWORD}\n")
        break


def https_configurations(kind: Kind) -> list[str]:
    """The configuration of HTTPS as the page has it, then with the line that is added for old versions of Windows."""
    found = [block for block in blocks(f"{kind.program}.md") if block.language == kind.program]
    assert {block.heading for block in found} == {"HTTPS"}
    return ["\n".join(block.text for block in found[:number]) for number in range(1, len(found) + 1)]


def on_port(kind: Kind, config: str, port: int) -> str:
    """The page's configuration of HTTPS on another port, for IPv6 too."""
    if kind.program == "lighttpd":
        script = need_file(Path("/usr/share/lighttpd/use-ipv6.pl"), "lighttpd")
        (line,) = re.findall("^include_shell .*$", config, re.MULTILINE)
        assert line == f'include_shell "{script} 443"'
        ipv6 = subprocess.run(["perl", script, "443"], capture_output=True, text=True, check=True).stdout
        return config.replace(line, ipv6).replace(":443", f":{port}")
    return f"{load_module('ssl')}\nListen {port}\n{config.replace('*:443', f'*:{port}')}"


def test_where_errors_are_looked_for(kind: Kind, machine: Machine) -> None:
    """The commands that show the log find what the script wrote."""
    commands = [
        block.text for block in blocks(f"{kind.program}.md") if block.heading == "Errors" and block.language == "sh"
    ]
    (machine.site / "conf" / "config.py").write_text("callers = []\n", encoding="utf-8")
    extra = ""
    if kind.program == "lighttpd":
        example = (machine.site / "lighttpd.conf.example").read_text(encoding="utf-8")
        (line,) = re.findall("^#(server.breakagelog = .*)$", example, re.MULTILINE)
        extra = line.replace("/var/log/lighttpd", str(machine.site))
        machine.site.chmod(0o777)
    with kind(machine.site, extra=extra) as server:
        assert post(server.url, b"cmd=list").status == 500
        if kind.program == "lighttpd":
            assert "mailstore-ais: " in (machine.site / "scripts.log").read_text()
        else:
            shutil.copy(server.home / "error.log", machine.folder / "log")
    printed = "".join(machine.run(command) for command in commands)
    assert kind.program == "lighttpd" or "mailstore-ais: " in printed


@pytest.mark.parametrize(("mpm", "module"), [("event", "cgid"), ("worker", "cgid"), ("prefork", "cgi")])
def test_log_of_a_virtual_host(site: Path, mpm: str, module: str) -> None:
    """mod_cgid leaves a virtual host's own log alone, mod_cgi writes there behind a prefix, as apache.md says."""
    with temporary_folder() as folder:
        own = folder / "own.log"
        with apache(site, mpm, before=f'<VirtualHost *:*>\nErrorLog "{own}"\n</VirtualHost>') as server:
            assert post(server.url, b"cmd=list").status == 200
            main, virtual = server.log(), own.read_text()
    assert ("mailstore-ais: " in main, "mailstore-ais: " in virtual) == (module == "cgid", module == "cgi")
    assert module == "cgid" or re.search(r"\[cgi:error\].*mailstore-ais: .*status=200", virtual)
    page = (ROOT / "docs" / "apache.md").read_text(encoding="utf-8")
    assert re.search(rf"mod_{module} \([^)]*\b{mpm}\b", page)


def test_red_hat() -> None:
    """What can be seen without a Red Hat: the commands are read by a shell, and change what they mean to change."""
    page = (ROOT / "docs" / "apache.md").read_text(encoding="utf-8")
    block = "".join(re.findall(r"```text\n(.*?)```", page, re.DOTALL))
    subprocess.run(["/bin/sh", "-n", "-c", block], check=True)
    (change,) = re.findall(r"sed -i '(1s.*?)' /opt/mailstore-ais/(.*)\n", block)
    entries = sorted(ROOT.glob(change[1]))
    assert [entry.name for entry in entries] == ["index.fcgi", "index.py"]
    for entry in entries:
        done = subprocess.run(["sed", change[0], entry], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("#!/usr/bin/python3.11 -S\n")
    for path in re.findall(r"/opt/mailstore-ais/([\w./-]+[\w])", block):
        assert path == "lib/vendor" or (ROOT / path).exists() or path.endswith("index"), path
