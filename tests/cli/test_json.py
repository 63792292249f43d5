"""What scripts read: one JSON object with `ok`, or nothing and the exit status 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ais.config import load
from ais.passwords import verify
from cli.trying import ais, write_own
from support.site import write_database

LIST = "SELECT login AS userName, mail AS emailAddresses FROM users"
AUTH = "SELECT password FROM users WHERE login = :user"


@pytest.fixture
def config(folder: Path) -> Path:
    """The sample configuration, with a state."""
    path = folder / "config.py"
    path.write_text(path.read_text() + "state = 'state.sqlite'\n")
    return path


def told(*arguments: str, config: Path, stdin: str = "", status: int = 0) -> dict[str, Any]:
    """Run a command with --json; return its object, whose `ok` is the exit status."""
    done = ais(*arguments, "--json", config=config, stdin=stdin)
    assert (done.returncode, done.stderr) == (status, "")
    found: dict[str, Any] = json.loads(done.stdout)
    assert next(iter(found)) == "ok"
    assert found.pop("ok") is (status == 0)
    return found


@pytest.mark.parametrize(("password", "status", "why"), [("Passw0rd", 0, "right password"), ("x", 1, "wrong password")])
def test_auth(config: Path, password: str, status: int, why: str) -> None:
    """Yes and no, with the reason, the source, the scheme and the time."""
    found = told("auth", "john.doe", "--password-stdin", config=config, stdin=password + "\n", status=status)
    assert set(found) == {"why", "source", "scheme", "held", "milliseconds"}
    assert found["why"].startswith(why)
    assert (found["source"], found["scheme"], found["held"]) == ("source 1 (sql, sqlite)", "SSHA512", None)


def test_auth_of_nobody(config: Path) -> None:
    """When no source decides, no source is named."""
    found = told("auth", "nobody", "--password-stdin", config=config, stdin="x\n", status=1)
    assert (found["why"], found["source"]) == ("unknown user", None)


def test_check(config: Path) -> None:
    """The report says ok only when nothing is wrong."""
    found = told("check", config=config, status=1)
    assert found["problems"] == sum(finding["problem"] for finding in found["findings"]) == 1
    assert found["sources"][0]["users"] == 4


def test_difference_and_accepted(config: Path) -> None:
    """What is new and how many are gone, before the first list, after it, and after changes."""
    names = ["john.doe", "jane.doe", "jürgen+ö & söhne", "nomail"]
    assert told("list", "--diff", config=config) == {"users": 4, "new": names, "gone": 0, "last": None}
    assert told("accept-list", config=config) == {"users": 4, "gone": 0}
    assert told("list", "--diff", config=config) == {"users": 4, "new": [], "gone": 0, "last": 4}
    changed = config.read_text().replace("SELECT login AS", "SELECT replace(login, 'doe', 'roe') AS")
    config.write_text(changed)
    assert told("list", "--diff", config=config) == {"users": 4, "new": ["john.roe", "jane.roe"], "gone": 2, "last": 4}
    assert told("accept-list", config=config) == {"users": 4, "gone": 2}


def test_difference_with_repeated_users(tmp_path: Path) -> None:
    """Users that come from two sources are counted once."""
    config = write_own(tmp_path, "yield User('a')\nyield User('b')", "sources *= 2\nstate = 'state.sqlite'\n")
    assert told("accept-list", config=config)["users"] == 2
    assert told("list", "--diff", config=config) == {"users": 2, "new": [], "gone": 0, "last": 2}


def test_empty_list_is_not_accepted(tmp_path: Path) -> None:
    """A list that the guard's min_users refuses, or that breaks off, does not become the last one."""
    good = write_own(tmp_path, "yield User('a')\nyield User('b')", "state = 'state.sqlite'\n").read_text()
    config = tmp_path / "config.py"
    assert told("accept-list", config=config)["users"] == 2
    for wrong in ("return []", "yield User('a')\nraise OSError"):
        write_own(tmp_path, wrong, "state = 'state.sqlite'\n")
        assert ais("accept-list", config=config).returncode == 2
        assert ais("list", config=config).returncode == 2
    config.write_text(good)
    assert told("list", "--diff", config=config) == {"users": 2, "new": [], "gone": 0, "last": 2}


def test_list_is_what_mailstore_gets(config: Path) -> None:
    """--json is --format json; the two cannot be given together, and --diff has no CSV."""
    assert ais("list", "--json", config=config).stdout == ais("list", "--format", "json", config=config).stdout
    for arguments in (["--json", "--format", "csv"], ["--diff", "--format", "csv"]):
        assert ais("list", *arguments, config=config).returncode == 2


@pytest.mark.parametrize("arguments", [("list", "--json"), ("auth", "anna"), ("check", "--json"), ("check", "--all")])
def test_what_the_configuration_prints(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """What a class or another line of the configuration prints goes to standard error, and not between the output."""
    say = 'print("DEBUG")\n'
    path = write_own(tmp_path, f'{say}yield User("anna", email_addresses=["a@example.com"])', say)
    done = ais(*arguments, config=path, stdin="x\n")
    assert done.stderr.startswith("DEBUG\n")
    assert done.stdout != ""
    assert "DEBUG" not in done.stdout


def test_init(tmp_path: Path) -> None:
    """The object holds what to enter in MailStore; the secret is in no other place."""
    write_database(tmp_path / "users.sqlite")
    path = tmp_path / "new.py"
    source = ("--source", "sqlite", "--database", "users.sqlite", "--auth-query", AUTH)
    found = told("init", *source, "--list-query", LIST, config=path)
    assert set(found) == {"path", "users", "url", "user", "password"}
    assert (found["path"], found["users"], found["user"]) == (str(path), 4, "mailstore")
    (known,) = load(str(path)).callers
    assert verify(known.secret, found["password"])  # type: ignore[union-attr]
    assert found["password"] not in path.read_text()
    other = tmp_path / "other.py"
    found = told("init", *source, "--list-query", "SELECT login AS userName FROM nowhere", config=other, status=1)
    assert "no such table" in found["error"]
    assert not other.exists()
    assert told("init", *source, "--list-query", "SELECT x", "--force-untested", config=other)["users"] is None


def test_bundle(tmp_path: Path) -> None:
    """The object says where the file is, and what is in it."""
    output = tmp_path / "b.zip"
    found = told("bundle", "--output", str(output), "--with", "passwords", config=tmp_path)
    assert (found["path"], found["bytes"]) == (str(output), output.stat().st_size)
    assert found["packages"] == ["python-multipart", "libpass"]
    assert len(found["notes"]) == 1
    assert found["files"] > 100


@pytest.mark.parametrize(
    "arguments",
    [
        *(["auth", "a", "--password-stdin"], ["check"], ["list"], ["list", "--diff"], ["accept-list"]),
        *(["bundle", "--with", "nonsense"], ["init", "--source", "nonsense"]),
        ["probe", "ftp://x", "--user", "a", "--password-stdin"],
    ],
)
def test_errors_are_no_objects(arguments: list[str], tmp_path: Path) -> None:
    """What could not be done is exit status 2, a sentence on standard error, and nothing to be read."""
    done = ais(*arguments, "--json", config=tmp_path / "none.py", stdin="x\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"ais {arguments[0]}: ")
    assert done.stderr.count("\n") == 1
