"""bin/ais init --tenant and bin/ais check --tenants, run from the checkout as an administrator does."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ais.config import TENANT_RULE, load
from ais.config.callers import Caller
from support.site import ROOT, USERS, sample_config, write_database

Ais = Callable[..., "subprocess.CompletedProcess[str]"]
LIST = "SELECT login AS userName, mail AS emailAddresses FROM users WHERE mail IS NOT NULL"
AUTH = "SELECT password FROM users WHERE login = :user"
SQLITE = ("--source", "sqlite", "--database", "users.sqlite", "--list-query", LIST, "--auth-query", AUTH)


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    """A folder for tenants, with a database."""
    folder = tmp_path / "tenants"
    folder.mkdir(mode=0o755)
    write_database(folder / "users.sqlite", USERS[:2])
    return folder


@pytest.fixture
def ais(tenants: Path) -> Ais:
    """Run bin/ais, with AIS_TENANTS of the environment."""

    def running(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"AIS_TENANTS": str(tenants), "PYTHONUTF8": "1", "COLUMNS": "80", "PATH": os.defpath, **environment}
        command = [sys.executable, str(ROOT / "bin" / "ais"), *arguments]
        done = subprocess.run(command, env=known, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert "Traceback" not in done.stderr
        return done

    return running


def add(tenants: Path, name: str, added: str = "") -> None:
    """Write a tenant's configuration in which nothing is wrong, but for what is added."""
    (tenants / f"{name}.py").write_text(sample_config(name) + added)
    (tenants / f"{name}.py").chmod(0o600)


def test_init_writes_a_tenant(ais: Ais, tenants: Path) -> None:
    """The file is in the folder, private and complete; the right URL is printed, and a state of its own."""
    done = ais("init", "--tenant", "acme", *SQLITE)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tenants / "acme.py").stat().st_mode) == 0o600
    assert "  URL        https://YOUR.SERVER/acme/mailstore-integration/index.php\n" in done.stdout
    (line,) = re.findall(r"^  (state = .*)$", done.stdout, re.MULTILINE)
    with (tenants / "acme.py").open("a") as file:
        file.write(f"{line}\n")
    assert load(str(tenants / "acme.py")).state == "/var/lib/mailstore-ais/acme.sqlite"
    assert f"check --config {tenants}/acme.py" in done.stdout
    again = ais("init", "--tenant", "acme", *SQLITE)
    assert again.returncode == 2
    assert "never overwritten" in again.stderr


def test_init_for_scripts(ais: Ais, tenants: Path, tmp_path: Path) -> None:
    """--json has path and URL of the tenant; --tenants names another folder; each tenant gets a secret of its own."""
    other = tmp_path / "other"
    other.mkdir()
    write_database(other / "users.sqlite", USERS[:2])
    for name, more, folder in (("a-1", (), tenants), ("0", ("--tenants", str(other)), other)):
        said = json.loads(ais("init", "--json", "--tenant", name, *more, *SQLITE).stdout)
        assert said["url"] == f"https://YOUR.SERVER/{name}/mailstore-integration/index.php"
        assert said["path"] == str(folder / f"{name}.py")
    (one,), (two,) = (load(str(path)).callers for path in (tenants / "a-1.py", other / "0.py"))
    assert isinstance(one, Caller)
    assert isinstance(two, Caller)
    assert one.secret != two.secret


@pytest.mark.parametrize("name", ["", "Acme", "-acme", "a_b", "a.b", "../a", "a/b", "ä", "x" * 64, "acme\n"])
def test_init_refuses_names(ais: Ais, tenants: Path, name: str) -> None:
    """A name that no address can have is refused in the words of the rule, and nothing is written."""
    done = ais("init", f"--tenant={name}", *SQLITE)
    assert done.returncode == 2
    assert TENANT_RULE in done.stderr
    assert {path.name for path in tenants.iterdir()} == {"users.sqlite"}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("init", "--tenants", "x", *SQLITE), "--tenant NAME"),
        (("init", "--tenant", "a", "--output", "x.py", *SQLITE), "--output"),
        (("init", "--tenant", "a", "--tenants", "/no-such-folder", *SQLITE), "no such folder of tenants: make it"),
        (("check", "--tenants", "/no-such-folder"), "no such folder of tenants: make it"),
        (("check", "--tenants", "--config", "x.py"), "give one of the two"),
        (("check", "--tenants", "--monitoring"), "--monitoring: not allowed with argument --tenants"),
    ],
)
def test_what_cannot_be_used_is_2(ais: Ais, arguments: tuple[str, ...], word: str) -> None:
    """Options that contradict each other, and a folder that is not there, are a sentence."""
    done = ais(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert word in done.stderr


def test_check_is_a_line_each(ais: Ais, tenants: Path) -> None:
    """Where all is well there is a line for each tenant, in order, a sum, and the exit status 0."""
    for name in ("b", "a", "c-3"):
        add(tenants, name)
    for arguments in ((), (str(tenants),)):
        done = ais("check", "--tenants", *arguments)
        assert done.returncode == 0, done
        lines = [line for line in done.stdout.splitlines() if not line.startswith(("note ", "        →"))]
        assert lines == ["a: fine, 2 users", "b: fine, 2 users", "c-3: fine, 2 users", "3 tenants, all fine"]


def test_check_finds_problems(ais: Ais, tenants: Path) -> None:
    """The worst problem of each tenant is in its line; the highest exit status of one is that of all."""
    add(tenants, "a")
    add(tenants, "b")
    (tenants / "b.py").chmod(0o666)
    done = ais("check", "--tenants")
    assert done.returncode == 1
    assert f"b: 1 problem: {tenants}/b.py can be changed by others\n" in done.stdout
    assert "2 tenants, 1 of them with problems" in done.stdout
    assert "        → chmod go-w" not in done.stdout
    assert "        → chmod go-w" in ais("check", "--tenants", "--all").stdout
    (tenants / "b.py").write_text(sample_config("b").replace("users.sqlite", "none.sqlite"))
    assert re.search(r"^b: 2 problems: source 1 \(sql, sqlite\).*none\.sqlite", ais("check", "--tenants").stdout, re.M)
    add(tenants, "c", "typo = 1\n")
    (tenants / "d.py").mkdir()
    done = ais("check", "--tenants")
    assert done.returncode == 2
    assert re.search(r"^c: BROKEN: .*/c\.py, line \d+: typo", done.stdout, re.MULTILINE), done.stdout
    assert "d: BROKEN: " in done.stdout
    assert "a: fine, 2 users\n" in done.stdout
    assert "4 tenants, 3 of them with problems" in done.stdout


@pytest.mark.parametrize("name", ["Acme.py", "a_b.py", "-a.py", "a.b.py", ".py", "x" * 64 + ".py", "acme.PY", ".a.py"])
def test_check_names_what_nobody_reaches(ais: Ais, tenants: Path, name: str) -> None:
    """A configuration whose name no address can have is a problem; other files are not looked at."""
    add(tenants, "a")
    (tenants / name).write_text(sample_config())
    (tenants / "users.csv").write_text("")
    (tenants / "__pycache__").mkdir(exist_ok=True)
    done = ais("check", "--tenants")
    assert done.returncode == 1
    assert f"PROBLEM {name}: no address leads to this file, since a tenant's name has {TENANT_RULE}\n" in done.stdout
    assert done.stdout.count("PROBLEM") == 1


def test_check_finds_callers_in_common(ais: Ais, tenants: Path) -> None:
    """A configuration that was copied lets the caller of one tenant in under the other's address: a problem."""
    add(tenants, "a")
    (tenants / "b.py").write_bytes((tenants / "a.py").read_bytes())
    (tenants / "b.py").chmod(0o600)
    done = ais("check", "--tenants")
    assert done.returncode == 1
    assert "b: 1 problem: the caller a has the same password under a, and gets the users of both\n" in done.stdout


def test_check_looks_at_the_folder(ais: Ais, tenants: Path) -> None:
    """One that others may write to, and one without a tenant, are problems, and the last line counts them."""
    done = ais("check", "--tenants")
    assert done.returncode == 1
    assert "has no configuration of a tenant" in done.stdout
    assert f"bin/ais init --tenants {tenants} --tenant NAME writes one" in done.stdout
    assert done.stdout.endswith("\n0 tenants, 1 problem\n")
    add(tenants, "a")
    tenants.chmod(0o777)
    done = ais("check", "--tenants")
    assert done.returncode == 1
    assert f"PROBLEM {tenants} can be changed by others" in done.stdout


def test_check_for_scripts(ais: Ais, tenants: Path) -> None:
    """--json has every tenant with its findings, also when one is broken."""
    add(tenants, "a")
    add(tenants, "b", "typo = 1\n")
    (tenants / "C.py").write_text("")
    done = ais("check", "--tenants", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["ok"], said["problems"]) == (2, False, 2)
    assert [(each["name"], each["users"], bool(each["error"])) for each in said["tenants"]] == [
        ("a", 2, False),
        ("b", 0, True),
    ]
    assert [each["text"][:4] for each in said["findings"] if each["problem"]] == ["C.py"]
    assert all(set(each) == {"problem", "text", "remedy"} for each in said["tenants"][0]["findings"])
