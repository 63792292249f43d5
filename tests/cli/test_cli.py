"""The command line, run from the checkout as an administrator does."""

from __future__ import annotations

import csv
import http.client
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ais.cli import COMMANDS
from conftest import Ask, credentials
from support.site import ROOT, USERS

WriteConfig = Callable[..., None]
Ais = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ais(folder: Path) -> Ais:
    """Run bin/ais with the sample configuration."""

    def running(*arguments: str, stdin: str = "", config: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"AIS_CONFIG": str(config or folder / "config.py"), "PYTHONUTF8": "1", "COLUMNS": "80"}
        command = [sys.executable, str(ROOT / "bin" / "ais"), *arguments]
        done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr
        return done

    return running


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(ais: Ais, command: str) -> None:
    """Every command explains itself, with examples."""
    done = ais(command, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    assert f"ais {command}" in done.stdout


def test_list(ais: Ais, ask: Ask) -> None:
    """json is byte for byte what MailStore gets; csv and table have every user."""
    assert ais("list", "--format", "json").stdout.rstrip("\n").encode() == ask("cmd=list").body
    rows = list(csv.DictReader(io.StringIO(ais("list", "--format", "csv").stdout)))
    assert [row["userName"] for row in rows] == [user.login for user in USERS]
    table = ais("list").stdout
    assert all(user.login in table for user in USERS)
    assert f"{len(USERS)} users" in table


@pytest.mark.parametrize(("password", "code"), [("Passw0rd", 0), ("wrong", 1), ("", 1)])
def test_auth(ais: Ais, password: str, code: int) -> None:
    """Exit status 0 is yes and 1 is no."""
    assert ais("auth", "john.doe", "--password-stdin", stdin=password + "\n").returncode == code


def test_explained_where_another_case_exists(ais: Ais, write_config: WriteConfig) -> None:
    """--explain names the user whose name differs in case only, unless case does not count; a plain auth does not."""
    hint = ". john.doe exists: names are compared letter by letter"

    def said(*arguments: str, user: str = "John.Doe") -> str:
        return ais("auth", user, *arguments, "--password-stdin", stdin="wrong\n").stdout

    assert said("--explain").endswith(f"{hint}\n")
    assert hint not in said()
    assert "exists" not in said("--explain", user="john.doe") + said("--explain", user="nobody")
    write_config("from ais import users\nusers(lowercase=True)\n")
    assert "exists" not in said("--explain")
    write_config("from ais import htpasswd\nsources = [htpasswd('missing')]\n")
    assert said("--explain") == ""  # nobody can tell: exit status 2


def test_explained(ais: Ais, ask: Ask, write_config: WriteConfig) -> None:
    """--explain names source and scheme; and whoever is throttled learns that MailStore gets another answer."""
    write_config("from ais import throttle\nstate = 'state.sqlite'\nthrottle(failures=1)\n")
    said = ais("auth", "john.doe", "--explain", "--password-stdin", stdin="Passw0rd\n").stdout.splitlines()
    assert said[0] == "yes"
    assert said[1].startswith("right password; decided by source 1 (sql, sqlite), SSHA512, in ")
    assert len(said) == 2
    assert ask("cmd=auth&user=john.doe&pass=wrong").body == b'{"succeeded": false}'
    said = ais("auth", "john.doe", "--password-stdin", stdin="Passw0rd\n").stdout.splitlines()
    assert said == ["yes", "MailStore is told no all the same, for up to 15 minutes: " + THROTTLED]


THROTTLED = "throttled: too many wrong passwords of this user"


def test_nobody_can_tell_is_2(ais: Ais, folder: Path) -> None:
    """A source that cannot answer is exit status 2 and a sentence."""
    (folder / "users.sqlite").unlink()
    done = ais("auth", "john.doe", "--password-stdin", stdin="Passw0rd\n")
    assert done.returncode == 2
    assert "users.sqlite" in done.stderr
    assert ais("list").returncode == 2


def test_config_option_beats_environment(ais: Ais, folder: Path, tmp_path: Path) -> None:
    """--config beats AIS_CONFIG; a broken configuration is exit status 2."""
    good = str(folder / "config.py")
    assert ais("list", config=tmp_path / "none.py").returncode == 2
    assert ais("list", "--config", good, config=tmp_path / "none.py").returncode == 0


def test_check_finds_what_is_wrong(ais: Ais, write_config: WriteConfig, folder: Path) -> None:
    """A user without an address, a name in two sources, a file that others may write, no callers: exit status 1."""
    done = ais("check")
    assert done.returncode == 1
    assert "without an address" in done.stdout
    text = (folder / "config.py").read_text()
    write_config(whole=re.sub(r"callers = .*", "callers = []", text) + "sources = sources * 2\n")
    (folder / "config.py").chmod(0o666)
    done = ais("check")
    assert done.returncode == 1
    for word in ("callers is empty", "can be changed by others", "john.doe is in source 1"):
        assert word in done.stdout
    write_config("timout = 3\n")
    assert ais("check").returncode == 2


def test_no_kind_of_finding_hides_another(ais: Ais, write_config: WriteConfig, folder: Path) -> None:
    """Many findings of one kind do not push the one out of sight that says why there is no list."""
    pairs = "".join(f"user{n},{n}@example.com,x\nUSER{n},{n}x@example.com,x\n" for n in range(30))
    (folder / "one.csv").write_text(f"userName,emailAddresses,password\n{pairs}rene,r@example.com,x\n")
    (folder / "two.csv").write_text("userName,emailAddresses,password\nRené,r2@example.com,x\n")
    write_config(whole="from ais import csv\ncallers = []\nsources = [csv('one.csv'), csv('two.csv')]\n")
    done = ais("check")
    assert "more; --all shows them" in done.stdout
    assert "a source that compares names loosely would take one for the other" in done.stdout


def test_check_is_fine(ais: Ais, write_config: WriteConfig, folder: Path) -> None:
    """A good configuration is exit status 0."""
    text = (folder / "config.py").read_text()
    write_config(whole=text.replace("FROM users ORDER", "FROM users WHERE mail IS NOT NULL ORDER"))
    done = ais("check")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "fine")
    # What root can read says nothing about the web server's user.
    assert ("this check ran as root" in done.stdout) is (os.geteuid() == 0)


def test_serve_answers(folder: Path) -> None:
    """bin/ais serve answers MailStore's requests on loopback, and at other addresses a JSON error."""
    command = [sys.executable, str(ROOT / "bin" / "ais"), "serve", "--port", "0", "--config", str(folder / "config.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            match = re.fullmatch(r"http://(127\.0\.0\.1:\d+)(/mailstore-integration/index\.php)", url)
            assert match
            connection = http.client.HTTPConnection(match[1], timeout=10)
            headers = {"Authorization": credentials(), "Content-Type": "application/x-www-form-urlencoded"}
            for path, status in (
                (match[2], 200),
                ("/mailstore-integration/", 200),
                ("/", 404),
                ("/conf/config.py", 404),
            ):
                connection.request("POST", path, "cmd=list", headers)
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status == status
                assert answer.getheader("Content-Type") == "text/json; charset=utf-8"
                assert len(json.loads(body)) == (len(USERS) if status == 200 else 1)
                assert status == 200 or match[2] in json.loads(body)["error"]
                connection.close()
        finally:
            server.terminate()
