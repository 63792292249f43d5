"""docs/shared-hosting.md: a customer who does what it says, and nothing else, gets there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pymysql  # type: ignore[import-untyped]
import pytest
import python_multipart

from ais.cli.bundle.packages import LEFT_OUT
from cli.bundle.hosting import FOLDER, shared_host, suexec_host, unzip
from servers.test_docs import blocks
from support.client import curl
from support.databases import mariadb
from support.needs import need_program
from support.running import Server
from support.site import CALLER, ROOT, temporary_folder

PAGE = "shared-hosting.md"
SERVER = "https://www.example.test"
PASSWORD = "john's Passw0rd"

# The tests' Python takes the place of the customer's own: its packages are those that the page installs.
PYTHON = """\
#!/bin/sh
set -eu
case "$*" in
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install --target lib/vendor bcrypt") test -d lib/vendor ;;
    "-m pip install "*) shift 3; exec {python} -c 'import sys; from importlib.metadata import version
for name in sys.argv[1:]: version(name)' "$@" ;;
    *) exec {python} "$@" ;;
esac
"""


def under(heading: str, language: str) -> list[str]:
    """The blocks of one language below a heading."""
    return [block.text for block in blocks(PAGE) if (block.heading, block.language) == (heading, language)]


class Customer:
    """A customer's computer, with a copy of the program, and what was uploaded from it."""

    def __init__(self, folder: Path) -> None:
        self.computer = folder / "computer"
        self.documents = folder / "htdocs"
        self.commands = folder / "commands"
        for path in (self.computer, self.documents, self.commands):
            path.mkdir()
        for name in ("bin", "lib", "cgi-bin", "conf", "LICENSE"):
            subprocess.run(["cp", "-R", ROOT / name, self.computer], check=True)
        # What the page installs into .venv, where the system's Python finds it that the entry names.
        for module in (python_multipart, pymysql):
            source = Path(str(module.__file__)).parent
            shutil.copytree(source, self.computer / "lib" / "vendor" / source.name, dirs_exist_ok=True)
        (self.commands / "python3").write_text(PYTHON.format(python=sys.executable))
        (self.commands / "python3").chmod(0o755)

    def run(self, text: str, where: Path, stdin: str = "") -> str:
        """Run commands; returns what they print. Without a terminal, passwords are read from standard input.

        Raises:
            subprocess.CalledProcessError: a command failed.
        """
        done = subprocess.run(
            ["/bin/sh", "-euc", text],
            env={"PATH": f"{self.commands}:/usr/bin:/bin"},
            cwd=where,
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            start_new_session=True,
        )
        return done.stdout

    def make(self) -> tuple[Path, str, str]:
        """Do "Make the bundle"; returns the zip file, the secret and its hash."""
        bundle, secret = under("Make the bundle", "sh")
        self.run(bundle, self.computer)
        printed = self.run(secret, self.computer)
        match = re.fullmatch(r"[^:]+: *(\S+)\n[^:]+: *(\S+)\n", printed)
        assert match, printed
        (archive,) = self.computer.glob("mailstore-ais-*.zip")
        return archive, match[1], match[2]

    def configure(self, folder: Path, hashed: str) -> None:
        """Do step 5, with users in a file: write the page's config.py and users.csv into a copy of the program."""
        _, config = under("Upload", "python")
        (users,) = under("Upload", "csv")
        stored = self.stored_password()
        assert "sha256$…" in config
        assert "{SHA512-CRYPT}$6$…" in users
        (folder / "conf" / "config.py").write_text(config.replace("sha256$…", hashed))
        (folder / "conf" / "users.csv").write_text(users.replace("{SHA512-CRYPT}$6$…", stored) + "\n")

    def stored_password(self) -> str:
        """Make a stored password, as step 5 says."""
        make_password = under("Upload", "sh")[0]
        return self.run(f"{make_password} --password-stdin", self.computer, f"{PASSWORD}\n").strip()

    def probe(self, server: Server, secret: str, more: str = "") -> str:
        """Do step 9; returns the last line."""
        command = under("Upload", "sh")[2].replace(SERVER, server.at(""))
        stdin = f"{secret}\n{PASSWORD}\n"
        return self.run(f"{command} --password-stdin {more} || true", self.computer, stdin).splitlines()[-1]


@pytest.fixture
def customer() -> Iterator[Customer]:
    """A customer who has done nothing yet."""
    with temporary_folder() as folder:
        yield Customer(folder)


def uploaded(archive: Path, documents: Path) -> Path:
    """What FTP leaves: files 644, folders 755; then step 2."""
    folder = unzip(archive, documents)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "index.py").chmod(0o755)
    return folder


def test_blocks() -> None:
    """Every block is one that the tests below use."""
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    found = [(block.heading, block.language) for block in blocks(PAGE)]
    assert len(re.findall("^ *```", page, re.MULTILINE)) == 2 * len(found)
    assert found == [
        *[("Make the bundle", "sh")] * 2,
        ("Where to put it", "python"),
        *[("Upload", language) for language in ("text", "python", "python", "csv", "sh", "sh", "sh")],
        ("Guard, throttle and a log", "python"),
        *[("With a shell", "sh")] * 3,
    ]


def test_packages_table(customer: Customer) -> None:
    """What the table names can be bundled after what it says was installed."""
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:`(\w+)`|nothing) \| `(\S+)` \|", page, re.MULTILINE)
    assert {extra for extra, _ in rows} == {"", "mysql", "ldap", "passwords", "redis"}
    for extra, package in rows:
        command = f"python3 -m pip install {package} && python3 bin/ais bundle --with '{extra}'"
        assert package in customer.run(command, customer.computer)


def test_what_is_left_out() -> None:
    """The page says of MySQL's compiled package what the command says."""
    page = " ".join((ROOT / "docs" / PAGE).read_text(encoding="utf-8").split())
    assert LEFT_OUT["mysql"] in page


def test_check_before_the_upload(customer: Customer) -> None:
    """Step 6 finds nothing wrong with the page's own example, and names the line of a mistake."""
    _, _, hashed = customer.make()
    customer.configure(customer.computer, hashed)
    config = customer.computer / "conf" / "config.py"
    config.chmod(0o600)
    check = under("Upload", "sh")[1]
    assert customer.run(check, customer.computer).splitlines()[-1] == "fine"
    config.write_text(config.read_text().replace("csv(", "cvs(", 1).replace('"users.csv")]', '"users.csv"]'))
    wrong = customer.run(f"{check} 2>&1 || true", customer.computer)
    assert re.search(r"config\.py, line \d+: ", wrong), wrong


def test_mysql_example(customer: Customer) -> None:
    """The example with a database works, here with the socket of a private server as its host."""
    _, _, hashed = customer.make()
    example, _ = under("Upload", "python")
    with temporary_folder() as folder, mariadb(folder) as server:
        server.execute("CREATE DATABASE account_mail")
        server.execute(
            "CREATE TABLE users (login TEXT, name TEXT, mail TEXT, password TEXT, active INT);"
            f"INSERT INTO users VALUES ('john', 'John', 'john@example.com', '{customer.stored_password()}', 1);"
            "CREATE USER account_reader@localhost IDENTIFIED BY 'choose-one';"
            "GRANT SELECT ON account_mail.users TO account_reader@localhost",
            "account_mail",
        )
        config = customer.computer / "conf" / "config.py"
        config.write_text(example.replace("sha256$…", hashed).replace('"localhost"', repr(server.socket)))
        config.chmod(0o600)
        assert customer.run(under("Upload", "sh")[1], customer.computer).splitlines()[-1] == "fine"
        login = ".venv/bin/python bin/ais auth john --password-stdin"
        assert customer.run(login, customer.computer, f"{PASSWORD}\n").strip() == "yes"


def test_without_shell(customer: Customer) -> None:
    """The steps of "Upload", in their order, by uploading files only."""
    archive, secret, hashed = customer.make()
    folder = uploaded(archive, customer.documents)
    with shared_host(customer.documents, override="FileInfo Options=ExecCGI") as server:
        (example,) = under("Upload", "text")
        assert curl(example.replace(SERVER, server.at(""))).status == 403
        empty = curl(server.url)
        sentence = b"The configuration cannot be used: this file does not exist"
        assert (empty.status, sentence in empty.body) == (500, True)
        customer.configure(folder, hashed)
        for name in ("config.py", "users.csv"):
            (folder / "conf" / name).chmod(0o600)
        # This host runs scripts as its own user, when the tests run as root.
        if folder.owner() == "root":
            assert b"this file cannot be read" in curl(server.url).body
            for name in ("config.py", "users.csv"):
                (folder / "conf" / name).chmod(0o644)
        assert b"<h1" in curl(server.url, "--user", f"{CALLER}:{secret}").body
        assert customer.probe(server, secret, "--login john.doe") == "fine"
        assert customer.probe(server, "N0-such-1") == "1 problem"
        config = folder / "conf" / "config.py"
        config.write_text(config.read_text().replace("csv(", "cvs("))
        assert b"there is a mistake in line" in curl(server.url).body
        page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
        assert f"| URL | `{SERVER}/{FOLDER}/index.php` |" in page
        assert f"| user name | `{CALLER}` |" in page


def test_private_files_under_suexec(customer: Customer) -> None:
    """Where scripts run as their owner, the modes 600 of step 7 are right, and they can write into var."""
    archive, secret, hashed = customer.make()
    with suexec_host(archive) as server:
        folder = server.site / FOLDER
        owner = folder.stat()
        (folder / "conf" / "config.py").unlink()
        customer.configure(folder, hashed)
        for name in ("config.py", "users.csv"):
            shutil.chown(folder / "conf" / name, owner.st_uid, owner.st_gid)
            (folder / "conf" / name).chmod(0o600)
        assert customer.probe(server, secret, "--login john.doe") == "fine", server.log()
        (more,) = under("Guard, throttle and a log", "python")
        with (folder / "conf" / "config.py").open("a") as config:
            config.write(f"\n{more}\n")
        assert customer.probe(server, secret, "--login john.doe") == "fine", server.log()
        assert "status=200" in (folder / "var" / "mailstore-ais.log").read_text()
        for name in ("mailstore-ais.log", "state.sqlite"):
            assert (folder / "var" / name).exists()
            assert curl(server.at(f"/{FOLDER}/var/{name}")).status == 403


def test_with_shell(customer: Customer) -> None:
    """The commands of "With a shell" work in the document root, and unzip sets the modes."""
    need_program("unzip", "unzip")
    archive, secret, hashed = customer.make()
    shutil.copy(archive, customer.documents)
    unpack, look, install = under("With a shell", "sh")
    customer.run(unpack, customer.documents)
    folder = customer.documents / FOLDER
    assert [path.name for path in customer.documents.iterdir()] == [FOLDER]
    assert (folder / "conf" / "config.py").stat().st_mode & 0o777 == 0o600
    customer.configure(folder, hashed)
    printed = customer.run(look, folder, f"{PASSWORD}\n")
    first, *rest = printed.splitlines()
    assert first == "#!/usr/bin/python3 -SXcr"
    assert "yes" in rest
    customer.run(install, folder)
    (folder / "conf" / "config.py").chmod(0o644)
    with shared_host(customer.documents) as server:
        assert customer.probe(server, secret) == "fine", server.log()


def test_outside(customer: Customer) -> None:
    """The folders and the two lines of "Where to put it" belong together."""
    archive, secret, hashed = customer.make()
    folder = uploaded(archive, customer.documents)
    private = customer.documents.parent / "mailstore-ais"
    private.mkdir()
    for name in ("bin", "conf", "lib", "var"):
        (folder / name).rename(private / name)
    customer.configure(private, hashed)
    entry = (folder / "index.py").read_text()
    (lines,) = under("Where to put it", "python")
    for line in lines.splitlines():
        name = line.split(" = ")[0]
        assert len(re.findall(f"^{name} = ", entry, re.MULTILINE)) == 1
        entry = re.sub(f"^{name} = .*", line, entry, flags=re.MULTILINE)
    (folder / "index.py").write_text(entry)
    with shared_host(customer.documents) as server:
        assert customer.probe(server, secret) == "fine", server.log()


def test_htaccess_ignored(customer: Customer) -> None:
    """Step 3 shows it; afterwards the way by the host's cgi-bin works, with the host's help for the password."""
    archive, secret, hashed = customer.make()
    folder = uploaded(archive, customer.documents)
    (example,) = under("Upload", "text")
    home = customer.documents.parent
    scripts = home / "cgi-bin"
    scripts.mkdir()
    alias = f'ScriptAlias "/cgi-bin/" "{scripts}/"\n<Directory "{scripts}">\nRequire all granted\n'
    with shared_host(customer.documents, override="None", extra=f"{alias}</Directory>") as server:
        shown = curl(example.replace(SERVER, server.at("")))
        assert (shown.status, b"callers = [" in shown.body) == (200, True)
        private = home / "mailstore-ais"
        private.mkdir()
        for name in ("bin", "conf", "lib", "var"):
            (folder / name).rename(private / name)
        entry = (folder / "index.py").read_text()
        shutil.rmtree(folder)
        entry = entry.replace('"lib"', '"../mailstore-ais/lib"').replace('"conf/', '"../mailstore-ais/conf/')
        (scripts / "index.py").write_text(entry)
        (scripts / "index.py").chmod(0o755)
        customer.configure(private, hashed)
        command = under("Upload", "sh")[2].replace(f"{SERVER}/{FOLDER}/index.php", server.at("/cgi-bin/index.py"))
        answer = customer.run(f"{command} --password-stdin || true", customer.computer, f"{secret}\n")
        assert "PROBLEM  header-lost" in answer
    with shared_host(customer.documents, override="None", extra=f"{alias}CGIPassAuth On\n</Directory>") as server:
        command = under("Upload", "sh")[2].replace(f"{SERVER}/{FOLDER}/index.php", server.at("/cgi-bin/index.py"))
        answer = customer.run(f"{command} --password-stdin || true", customer.computer, f"{secret}\n")
        assert answer.splitlines()[-1] == "fine", answer
