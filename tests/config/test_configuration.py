"""The configuration file: what is wrong with it is said with file, line, option and remedy, and without secrets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import ais
from ais.config import DEFAULTS, SETTINGS, load
from ais.config.faults import explain
from ais.errors import ConfigError
from conftest import Ask
from support.interpreters import PYTHON
from support.site import ROOT, sample_config

WriteConfig = Callable[..., None]

HEAD = """from ais import caller, guard, sql
callers = [caller("a", "{PLAIN}hunter2")]
"""
SQL = 'sql("sqlite", database="users.sqlite", list_query="SELECT 1 AS userName", auth_query="SELECT :user")'
SERVER = "sql('mysql', database='d', host=['%s'], list_query='SELECT 1', auth_query='SELECT :user')"
GOOD = f"{HEAD}sources = [{SQL}]\n"


def fault(tmp_path: Path, text: str) -> str:
    """The error of a configuration."""
    path = tmp_path / "config.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(str(path))
    text = str(raised.value).replace(str(path), "FILE")
    assert "hunter2" not in text
    return text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{GOOD}timeout = 0", ": there is a mistake in line 4;"),
        (f"{GOOD}timeout = ", ": there is a mistake in line 4;"),
        (f"{GOOD}guard(min_user=1)", ": there is a mistake in line 4;"),
        (HEAD, ";"),
    ],
)
def test_public_sentence_says_where(tmp_path: Path, text: str, kind: str) -> None:
    """Who has no error log learns the line; no more, since nobody is known as a caller yet."""
    path = tmp_path / "config.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    assert caught.value.public == (
        f"The configuration cannot be used{kind} bin/ais check and the web server's error log say where and why."
    )


@pytest.mark.parametrize("value", ['"TopS\\ecret-\\d"', '["TopSecret" ("x")]'])
def test_no_warning_quotes_the_file(tmp_path: Path, value: str) -> None:
    """Python prints the line that it warns of; a line of this file may hold a password."""
    path = tmp_path / "config.py"
    for text in (f"{GOOD}_password = {value}\n", f"{GOOD}_password = {value}\ntimeout = 0\n"):
        path.write_text(text, encoding="utf-8")
        program = f"import sys; sys.path.insert(0, {str(ROOT / 'lib')!r})\nfrom ais.config import load\n"
        program += f"try:\n    load({str(path)!r})\nexcept Exception as error:\n    print(error, error.public)"
        done = subprocess.run([PYTHON, "-W", "always", "-c", program], capture_output=True, text=True, check=True)
        assert "Top" not in done.stdout + done.stderr


def test_public_sentence_of_a_missing_file(tmp_path: Path) -> None:
    """A configuration that is not there is told from one that is wrong, without its path."""
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "config.py"))
    assert "this file does not exist" in caught.value.public
    assert str(tmp_path) not in caught.value.public


def test_a_lost_module_of_ours_is_said(tmp_path: Path) -> None:
    """An upload that left out a file of lib is told as that, not as a package to install."""
    error = ImportError("no module", name="ais.sources.sql")
    assert "lib is not complete, ais.sources.sql is missing" in str(explain(error, str(tmp_path)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "FILE: callers is missing: write callers = [ … ]"),
        (HEAD, "FILE: sources is missing: write sources = [ … ]"),
        (f"{HEAD}sources = []", "FILE, line 3: sources is empty: add a source"),
        (f"{HEAD}sources = {SQL}", "FILE, line 3: sources must be a list of sources such as sql(…)"),
        (f"{HEAD}sources = [sql]", "FILE, line 3: sources must be a list of"),
        (f"{HEAD}sources = ['hunter2']", "FILE, line 3: sources must be a list of"),
        (f"{GOOD}callers = ['hunter2']", "FILE, line 4: callers must be a list of caller(…)"),
        (f"{GOOD}callers = caller('a', 'hunter2')", "FILE, line 4: callers must be a list of caller(…)"),
        (f"{GOOD}callers = sources", "FILE, line 4: callers must be a list of caller(…)"),
        (f"{GOOD}timout = 3", "FILE, line 4: timout is not an option; did you mean 'timeout'?"),
        (f"{GOOD}throttle()", "FILE, line 4: throttle is not imported: write from ais import throttle at the top"),
        (f"{GOOD}callr('a', 'b')", "FILE, line 4: a name is used that does not exist; did you mean 'caller'?"),
        (f"{GOOD}timeout = hunter2", "FILE, line 4: a name is used that does not exist: is an import or a quotation"),
        (f"{GOOD}secret = 'hunter2'", "FILE, line 4: secret is not an option; a name of your own begins with _"),
        (f"{GOOD}for n in (1,): pass", "FILE, line 4: n is not an option"),
        (f"{GOOD}timeout = '5'", "FILE, line 4: timeout must be a number of seconds"),
        (f"{GOOD}timeout = 0", "FILE, line 4: timeout must be a number of seconds"),
        (f"{GOOD}timeout = True", "FILE, line 4: timeout must be a number of seconds"),
        (f"{GOOD}timeout = float('nan')", "FILE, line 4: timeout must be a number of seconds"),
        (f"{GOOD}require_https = 'no'", "FILE, line 4: require_https must be True or False"),
        (f"{GOOD}page = 0", "FILE, line 4: page must be True or False"),
        (f"{GOOD}state = 5", "FILE, line 4: state must be the path of a file"),
        (f"{GOOD}state = 'reddis://:hunter2@host'", "FILE, line 4: state must be the path of a file"),
        (f"{GOOD}state = 'redis//:hunter2@host:6379/0'", "FILE, line 4: state must be the path of a file"),
        (f"{GOOD}state = ':hunter2@host:6379'", "FILE, line 4: state must be the path of a file"),
        (f"{HEAD}sources = [{SERVER % 'mysql://u:hunter2@h/d'}]", "host is a name, not a URL"),
        (f"{HEAD}sources = [{SERVER % 'u:hunter2@h'}]", "host is a name, not a URL"),
        (
            f"{HEAD}sources = [{SERVER % 'h'}]".replace("'d'", "'u:hunter2@h/d'"),
            "database and host are names, not URLs",
        ),
        (
            f"{HEAD}sources = [sql('postgresql', database='postgresql://u:hunter2@h', list_query='', auth_query='')]",
            "not URLs",
        ),
        (f"{HEAD}sources = [{SQL.replace('users.sqlite', 'sqlite://hunter2')}]", "database must be the path"),
        (f"{HEAD}sources = [{SQL.replace(':user', '1')}]", "auth_query must use :user"),
        (f"{GOOD}page: False", "FILE, line 4: page is followed by a colon, which sets nothing: write page = …"),
        (f"{GOOD}guard = 0.5", "FILE, line 4: guard is set by a call, such as guard()"),
        (f"{GOOD}guard(max_shrink=5)", "FILE, line 4: guard(): max_shrink must be a number from 0 to 1"),
        (f"{GOOD}guard(min_users=-1)", "FILE, line 4: guard(): min_users must be a whole number"),
        (f"{GOOD}guard(min_user=1)", "FILE, line 4: guard() has no option 'min_user'; did you mean 'min_users'?"),
        (f"{GOOD}guard()\nguard()", "FILE, line 5: guard() is called twice"),
        (f"{GOOD}guard(min_users=float('inf'))", "FILE, line 4: guard(): min_users must be a whole number"),
        (f"{GOOD}guard(min_users=float('nan'))", "FILE, line 4: guard(): min_users must be a whole number"),
        (
            f"{GOOD}from ais import throttle; throttle(failures=1e400)",
            "FILE, line 4: throttle(): failures must be a whole number",
        ),
        (
            f"{GOOD}from ais import throttle; throttle(window=float('nan'))",
            "FILE, line 4: throttle(): window must be a number of seconds",
        ),
        (
            f"{GOOD}from ais import throttle; throttle(window=float('inf'))",
            "FILE, line 4: throttle(): window must be a number of seconds",
        ),
        (f"{GOOD}from ais import users; users(skip=5)", "FILE, line 4: users(): skip must be a list of user names"),
        (f"{GOOD}from ais import users; users(skip=None)", "FILE, line 4: users(): skip must be a list of user names"),
        (
            f"{GOOD}from ais import users; users(domain='x.test,y.test')",
            "FILE, line 4: users(): domain must be a domain such as",
        ),
        (f"{GOOD}from ais import users; users(domain='a@b')", "FILE, line 4: users(): domain must be a domain such as"),
        (
            f"{GOOD}from ais import users; users(domain='a\\nb')",
            "FILE, line 4: users(): domain must be a domain such as",
        ),
        (
            f"{GOOD}from ais import users; users(strip_domain='*')",
            "FILE, line 4: users(): strip_domain must be a domain such as",
        ),
        (
            f"{HEAD}from ais import web_server; web_server(None)",
            "FILE, line 3: web_server(): users must be a list of names",
        ),
        (f"{HEAD}sources = [\n  {SQL[:-1]},\n   databse='hunter2')]", "FILE, line 4: sql() has no option 'databse'"),
        (
            f"from ais import postfixadmin\n{HEAD}sources = [postfixadmin('mysql', pasword='hunter2')]",
            "FILE, line 4: postfixadmin() has no option 'pasword'; did you mean 'password'?",
        ),
        (f"{HEAD}sources = [sql('sqlite')]", "FILE, line 3: sql() needs the option 'list_query'"),
        (f"{HEAD}sources = [sql('sqlite', 'hunter2')]", "FILE, line 3: sql() takes its options by name"),
        (f"{HEAD}sources = [{SQL.replace('sqlite', 'sq lite', 1)}]", "FILE, line 3: sql(): driver must be"),
        (
            f"{HEAD}sources = [{SQL.replace(':user', ':usr')}]",
            "FILE, line 3: sql(): auth_query uses the parameter :usr",
        ),
        (f"{HEAD}sources = [{SQL.replace('SELECT 1', 'SELECT :user')}]", "FILE, line 3: sql(): list_query uses"),
        (f"{HEAD}sources = [{SQL[:-1]}, host='hunter2')]", "FILE, line 3: sql(): SQLite has no option host"),
        (f"{HEAD}x = caller('a:b', 'hunter2')", "FILE, line 3: caller(): user must be a name without a colon"),
        ("from ais import sqll", "FILE, line 1: ais has no 'sqll'; did you mean 'sql'?"),
        ("import nosuchmodule", "FILE, line 1: the module 'nosuchmodule' is not installed"),
        ("\ncallers = [hunter2]", "FILE, line 2: a name is used that does not exist"),
        ("\nraise ValueError('hunter2')", "FILE, line 2: ValueError was raised here"),
        ("\nint('hunter2')", "FILE, line 2: ValueError was raised here"),
        ("\n'hunter2' + 5", "FILE, line 2: TypeError was raised here"),
        ("import sys\nsys.exit('hunter2')", "FILE, line 2: SystemExit was raised here"),
        ("\nraise BaseException('hunter2')", "FILE, line 2: BaseException was raised here"),
        ("callers = [\n  'hunter2\n]", "FILE, line 2: not valid Python: unterminated string literal"),
        ("callers = (\n", "FILE, line 1: not valid Python: '(' was never closed"),
        ("x = 1\0", "FILE"),
    ],
)
def test_fault_is_said(tmp_path: Path, text: str, said: str) -> None:
    """Every fault names file, line and option, says what to do, and holds no value of the file."""
    assert said in fault(tmp_path, text)


@pytest.mark.parametrize("charset", ["cp1252", "utf-16"])
def test_not_utf8_is_said(tmp_path: Path, charset: str) -> None:
    """A file in another charset is an error that says to save it as UTF-8."""
    path = tmp_path / "config.py"
    path.write_bytes("_x = 'hunter2ü'\n".encode(charset))
    with pytest.raises(ConfigError, match="not in UTF-8: save it as UTF-8") as raised:
        load(str(path))
    assert str(path) in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_missing_unreadable_or_folder(tmp_path: Path) -> None:
    """A file that is not there, or no file, says what to do."""
    with pytest.raises(ConfigError, match=r"copy conf/config\.example\.py"):
        load(str(tmp_path / "config.py"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(str(tmp_path))


def test_client_sees_no_path(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """The client of a broken configuration gets 500 and a sentence; the details go to the log."""
    write_config("timout = 3\n")
    answer = ask()
    assert answer.status == 500
    assert str(folder) not in json.loads(answer.body)["error"]
    assert str(folder / "config.py") in answer.log


@pytest.mark.parametrize(
    "added",
    [
        "_mine = 5\n",
        "import os\nfrom os import environ\nfrom os.path import *\nimport os.path as p\n",
        "def helper(): return 1\nclass Own: pass\n",
        "class Own:\n  timeout: int\n",
        "timeout: int = 5\n_mine: str\n",
        "from ais import guard\nguard = guard(min_users=2)\n",
        "from ais import users\nusers(skip=(name for name in ['', 'root']))\n",
        "from ais import guard, throttle, users, log\nguard()\nthrottle()\nusers()\nlog()\n",
    ],
)
def test_free_names(tmp_path: Path, added: str) -> None:
    """Imports, functions, classes, names that begin with _ and settings assigned to their own name are accepted."""
    path = tmp_path / "config.py"
    path.write_text(GOOD + added, encoding="utf-8")
    load(str(path))


def test_a_second_edit_in_the_same_second_counts(tmp_path: Path) -> None:
    """Python's bytecode cache must not hide an edit: it knows a file by size and second only."""
    path = tmp_path / "config.py"
    for timeout in (5, 6, 7):
        path.write_text(f"{GOOD}timeout = {timeout}\n", encoding="utf-8")
        assert load(str(path)).timeout == timeout


def test_bytecode_is_kept_and_as_private_as_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old file is compiled once; the cache holds its secrets and has its mode."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    path = tmp_path / "config.py"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0o600)
    os.utime(path, (time.time() - 100,) * 2)
    load(str(path))
    (cached,) = (tmp_path / "__pycache__").iterdir()
    assert cached.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", [0, 8, 16, 40, -1])
@pytest.mark.parametrize("more", [b"", bytes(100)], ids=["cut", "zeros"])
def test_damaged_bytecode_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, more: bytes
) -> None:
    """What a full disk or a loss of power has left of the bytecode does not stop a configuration that is right."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    path = tmp_path / "config.py"
    path.write_text(f"{GOOD}timeout = 5\n", encoding="utf-8")
    os.utime(path, (time.time() - 100,) * 2)
    load(str(path))
    (cached,) = (tmp_path / "__pycache__").iterdir()
    cached.write_bytes(cached.read_bytes()[:kept] + more)
    assert load(str(path)).timeout == 5


def test_names_that_differ_after_their_last_dot_share_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tenants' files never stand in for each other, whatever their names, sizes and times."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    for timeout, name in ((5, "tenant.a"), (6, "tenant.b")):
        (tmp_path / name).write_text(f"{GOOD}timeout = {timeout}\n", encoding="utf-8")
        os.utime(tmp_path / name, (1_000_000_000, 1_000_000_000))
        assert load(str(tmp_path / name)).timeout == timeout


def test_bytecode_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was open to all when it was compiled leaves no readable copy of its secrets behind."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    path = tmp_path / "config.py"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0o644)
    os.utime(path, (time.time() - 100,) * 2)
    load(str(path))
    (cached,) = (tmp_path / "__pycache__").iterdir()
    assert cached.stat().st_mode & 0o077 == 0


def test_relative_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative database is beside the configuration, wherever the process runs."""
    (tmp_path / "sub").mkdir()
    path = tmp_path / "config.py"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "sub")
    source = load("../config.py").sources[0]
    with pytest.raises(ais.errors.SourceError, match=re.escape(str(tmp_path / "users.sqlite"))):
        list(source.users())


EXAMPLE = (ROOT / "conf" / "config.example.py").read_text(encoding="utf-8")


def test_example_loads_and_lets_nobody_in(tmp_path: Path) -> None:
    """The example, copied as it is, is a valid configuration without a caller."""
    path = tmp_path / "config.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load(str(path)).callers == []


def test_example_shows_every_option_at_its_default(tmp_path: Path) -> None:
    """Each plain option and each setting stands in the example, commented out, at the default that the code has."""
    path = tmp_path / "config.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    plain = load(str(path))
    options = re.findall(r"^#(?:(\w+) = .*|(\w+)\(.*\))$", EXAMPLE, re.MULTILINE)
    assert {name or call for name, call in options} == {*DEFAULTS, *SETTINGS}
    # As the file says: a "#" directly before a word is configuration.
    path.write_text(re.sub(r"^( *)#(?=\w)", r"\1", EXAMPLE, flags=re.MULTILINE), encoding="utf-8")
    changed = load(str(path))
    assert len(changed.callers) == 1
    for name in DEFAULTS:
        assert getattr(changed, name) == getattr(plain, name), name
    for name in SETTINGS:
        assert vars(getattr(changed, name)) == vars(getattr(plain, name)), name


def test_sample_of_the_tests_is_good(tmp_path: Path) -> None:
    """The configuration that the other tests start from has no fault."""
    path = tmp_path / "config.py"
    path.write_text(sample_config(), encoding="utf-8")
    assert len(load(str(path)).callers) == 1
