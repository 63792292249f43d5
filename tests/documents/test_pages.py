"""Pages whose commands and configurations need no server of their own, each run as an administrator pastes it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from grp import getgrnam
from pathlib import Path
from pwd import getpwnam
from textwrap import dedent

import pytest

from ais.config import load
from ais.errors import remedy
from conftest import Ask
from documents.test_documents import blocks, in_shell
from sources.test_command_page import example, make_shell_data
from support.needs import missing, need_file, need_program
from support.running import ADDRESS
from support.site import ROOT, temporary_folder
from test_log import LINE

WriteConfig = Callable[..., None]


def test_guard_page(tmp_path: Path) -> None:
    """The settings of docs/guard.md are valid together, and its commands run."""
    python = [block for block in blocks("guard.md", "python") if "redis" not in block]
    path = tmp_path / "config.py"
    text = (ROOT / "docs" / "own-source.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example
    path.write_text(example[1] + "".join(python), encoding="utf-8")
    folder, commands, log = blocks("guard.md", "sh")
    moved = (
        path.read_text().replace("/var/lib/mailstore-ais", str(tmp_path / "state")).replace("/var/log", str(tmp_path))
    )
    path.write_text(moved, encoding="utf-8")
    config = load(str(path))
    assert (config.guard.max_shrink, config.throttle.failures, config.log.level) == (0.3, 10, "info")
    folder = folder.replace("/var/lib/mailstore-ais", str(tmp_path / "state"))
    log = log.replace("/var/log", str(tmp_path))
    if os.geteuid() != 0:
        folder, log = (re.sub("-o [a-z-]+ -g [a-z-]+", "", text) for text in (folder, log))
    # pytest's folders are closed to the web server's user.
    commands = re.sub("su -s /bin/sh www-data -c '/opt/mailstore-ais/(bin/ais [a-z -]+)'", r"\1", commands)
    assert commands.startswith("bin/ais list --diff\nbin/ais accept-list\n")
    done = in_shell(f"{folder}\n{log}\n{commands}", AIS_CONFIG=str(path))
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "accepted: 1 user; 0 of the last list are gone"
    status = (tmp_path / "mailstore-ais.log").stat()
    assert status.st_mode & 0o777 == 0o640
    if os.geteuid() == 0:
        assert (status.st_uid, status.st_gid) == (getpwnam("www-data").pw_uid, getgrnam("adm").gr_gid)


def test_csv_page_rights(tmp_path: Path) -> None:
    """The commands of docs/csv.md leave the file to root and the web server."""
    (commands,) = blocks("csv.md", "sh")
    (tmp_path / "users.csv").touch()
    commands = commands.replace("/opt/mailstore-ais/conf", str(tmp_path))
    if os.geteuid() != 0:
        commands = commands.replace("chown root:www-data", "ls")
    assert in_shell(commands).returncode == 0
    assert (tmp_path / "users.csv").stat().st_mode & 0o777 == 0o640


def test_aliases_of_sql_page(tmp_path: Path) -> None:
    """The example of docs/sql.md gives each target of a list the alias, and the address in the alias domain."""
    (text,) = [block for block in blocks("sql.md", "python") if "alias_query" in block]
    database = sqlite3.connect(tmp_path / "mail.sqlite")
    database.executescript("""
        CREATE TABLE mailbox (username, name, password, active);
        INSERT INTO mailbox VALUES ('anna@a.example', 'Anna', 'x', 1), ('bob@a.example', 'Bob', 'x', 1),
            ('gone@a.example', 'Gone', 'x', 0);
        CREATE TABLE alias (address, goto, active);
        INSERT INTO alias VALUES ('info@a.example', 'anna@a.example,bob@a.example, x@elsewhere.example', 1),
            ('sales@a.example', 'bob@a.example;carl@elsewhere.example', 1), ('hr@a.example', 'anna@a.example', 1),
            ('@a.example', 'bob@a.example', 1), ('gone@a.example', 'anna@a.example', 1), ('gone@a.example', NULL, 1);
        CREATE TABLE alias_domain (alias_domain, target_domain, active);
        INSERT INTO alias_domain VALUES ('b.example', 'a.example', 1);
        """)
    database.close()
    path = tmp_path / "config.py"
    path.write_text(f"callers = []\n{text}", encoding="utf-8")
    found = {user.user_name: set(user.email_addresses) for source in load(str(path)).sources for user in source.users()}
    wanted = {"anna@a.example": ("anna", "info", "hr"), "bob@a.example": ("bob", "info", "sales")}
    assert found == {
        name: {f"{local}@{domain}" for local in locals_ for domain in ("a.example", "b.example")}
        for name, locals_ in wanted.items()
    }


def test_redis_of_guard_page(folder: Path, write_config: WriteConfig) -> None:
    """The other state on docs/guard.md is a valid setting."""
    (text,) = [block for block in blocks("guard.md", "python") if "redis" in block]
    write_config(text)
    assert str(load(str(folder / "config.py")).state).startswith("redis://")


@pytest.mark.parametrize("page", ["guard.md", "status-page.md"])
def test_lines_of_the_log(page: str) -> None:
    """A line of the log on a page is one that the program can write."""
    (line,) = [block for block in blocks(page, "text") if "mailstore-ais:" in block]
    assert LINE.fullmatch(line.strip())


def test_status_page(write_config: WriteConfig, ask: Ask) -> None:
    """The address on docs/status-page.md is the one that MailStore uses, and its setting switches the page off."""
    (text,) = blocks("status-page.md", "python")
    assert f"https://your.server{ADDRESS}\n" in blocks("status-page.md", "text")
    assert ask(b"", REQUEST_METHOD="GET").status == 200
    write_config(text)
    assert ask(b"", REQUEST_METHOD="GET").status == 405


def test_scaling_page(folder: Path, write_config: WriteConfig) -> None:
    """The settings of docs/scaling.md are valid, with the rest of a source in the place of the dots."""
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^ +```python\n(.*?)^ +```$", page, re.MULTILINE | re.DOTALL)
    rest = 'database="m", list_query="SELECT 1 AS userName", auth_query="SELECT :user"'
    write_config(dedent(text).replace("…", rest))
    config = load(str(folder / "config.py"))
    assert str(config.state).startswith("redis://")
    (source,) = config.sources
    assert source._driver.hosts == ["db1.example.test", "db2.example.test"]


@pytest.mark.parametrize(("page", "package"), [("sql.md", "psycopg[binary]"), ("ldap.md", "ldap3")])
def test_package_of_a_source(page: str, package: str) -> None:
    """A page installs its package as the program says it where the package is missing."""
    (command,) = [shlex.split(block) for block in blocks(page, "sh") if "pip" in block]
    assert sorted(command) == sorted(shlex.split(remedy(package).replace(f"{ROOT}/", "/opt/mailstore-ais/")))
    assert f"`{package}`" in (ROOT / "docs" / page).read_text(encoding="utf-8")


def test_command_page_by_hand() -> None:
    """The command of docs/command.md shows what the page's program prints, and its errors."""
    (command,) = [block for block in blocks("command.md", "sh") if block.startswith("su ")]
    if os.geteuid() != 0:
        command = command.replace("su -s /bin/sh www-data -c", "/bin/sh -c")
    with temporary_folder() as folder:
        make_shell_data(folder)
        example("the shell", folder)
        command = command.replace("/opt/mailstore-ais/conf", str(folder))
        assert "\nanna;Anna Müller;anna@example.com\n" in in_shell(command).stdout
        (folder / "staff.txt").unlink()
        assert "staff.txt" in in_shell(command).stderr


def test_login_of_command_line_page(folder: Path) -> None:
    """The command of docs/command-line.md takes the password from a file."""
    (command,) = [block for block in blocks("command-line.md", "sh") if "password-file" in block]
    (folder / "password-file").write_text("Passw0rd\n")
    command = command.replace("password-file", str(folder / "password-file"))
    done = in_shell(command, AIS_CONFIG=str(folder / "config.py"))
    assert (done.returncode, done.stdout) == (0, "yes\n"), done


def test_completion_of_command_line_page(tmp_path: Path) -> None:
    """The commands of docs/command-line.md let bash complete `ais`."""
    need_file(Path(sys.executable).parent / "register-python-argcomplete", "argcomplete")
    (commands,) = [block for block in blocks("command-line.md", "sh") if "argcomplete" in block]
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shell = [need_program("bash", "bash"), "-euc", f"{commands}\ncomplete -p ais"]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[-1].endswith(" ais"), done


def test_installation_of_command_line_page(tmp_path: Path) -> None:
    """pip would install what the page says, with the package for completion."""
    (command,) = [block for block in blocks("command-line.md", "sh") if "'.[" in block]
    shutil.copytree(ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    command = f"cd {tmp_path}; {command.strip()} --dry-run --ignore-installed --disable-pip-version-check"
    done = in_shell(command, HOME=str(tmp_path))
    if re.search(r"No matching distribution|Connection|Temporary failure", done.stderr):
        missing("a package index with setuptools and argcomplete", "argcomplete")
    assert re.search(r"^Would install .*\bargcomplete-.*\bmailstore", done.stdout, re.MULTILINE), done
