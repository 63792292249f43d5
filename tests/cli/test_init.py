"""bin/ais init, run from the checkout as an administrator does: with flags, and at a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ais import PRESETS
from ais.cli.account import find_web_user
from ais.cli.init.asking import ABOUT
from ais.cli.init.kinds import NAMES, NICKNAMES, PLACES, Kind, Place, squeeze
from ais.cli.init.writing import text_of
from ais.config import load
from ais.config.callers import Caller
from ais.directory.listing import list_users
from ais.errors import ConfigError
from ais.passwords import verify
from support.site import ROOT, USERS, write_database

COMMAND = [sys.executable, str(ROOT / "bin" / "ais"), "init"]
LIST = "SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users"
AUTH = "SELECT password FROM users WHERE login = :user"
SQLITE = ("--source", "sqlite", "--database", "users.sqlite", "--list-query", LIST, "--auth-query", AUTH)

Init = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the sample database, for the configuration."""
    write_database(tmp_path / "users.sqlite")
    return tmp_path


def environment(place: Path, **more: str) -> dict[str, str]:
    """A small environment; the configuration belongs into this folder."""
    return {**more, "AIS_CONFIG": str(place / "config.py"), "PYTHONUTF8": "1", "COLUMNS": "80", "PATH": os.defpath}


@pytest.fixture
def init(place: Path) -> Init:
    """Run bin/ais init without a terminal."""

    def running(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=environment(place),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done

    return running


def test_writes_a_configuration_that_works(init: Init, place: Path) -> None:
    """The file is private and complete; the password that is shown opens it, and stands nowhere in it."""
    done = init(*SQLITE, "--caller", "mailstore@example.test")
    assert done.returncode == 0, done.stderr
    assert "It works: 4 users, such as john.doe" in done.stdout
    path = place / "config.py"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = load(str(path))
    assert [user.user_name for user in list_users(config)] == [user.login for user in USERS]
    (known,) = config.callers
    assert isinstance(known, Caller)
    shown = re.search(r"^  password +(\S+)$", done.stdout, re.MULTILINE)
    assert shown
    assert known.user == "mailstore@example.test"
    assert verify(known.secret, shown[1])
    assert shown[1] not in path.read_text()
    assert "https://" in done.stdout
    assert ("chgrp" in done.stdout) == (os.geteuid() == 0)


def test_two_secrets_differ(init: Init, place: Path) -> None:
    """Each configuration gets a secret of its own."""
    found = []
    for name in ("a.py", "b.py"):
        text = init(*SQLITE, "--output", str(place / name)).stdout
        found += re.findall(r"^  password +(\S+)$", text, re.MULTILINE)
    assert len(set(found)) == 2


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_never_overwrites(init: Init, place: Path, kind: str) -> None:
    """What is there stays, whatever it is, and the exit status is 2."""
    path = place / "config.py"
    if kind == "file":
        path.write_text("# mine\n")
    elif kind == "link":
        path.symlink_to(place / "elsewhere.py")
    else:
        path.mkdir()
    for more in ((), ("--force-untested",)):
        done = init(*SQLITE, *more)
        assert done.returncode == 2
        assert "never overwritten" in done.stderr
    assert kind != "file" or path.read_text() == "# mine\n"
    assert not (place / "elsewhere.py").exists()


def test_a_source_that_does_not_work(init: Init, place: Path) -> None:
    """Nothing is written, the error is shown, and the exit status is 1; --force-untested writes all the same."""
    wrong = [argument.replace("users.sqlite", "none.sqlite") for argument in SQLITE]
    done = init(*wrong)
    assert done.returncode == 1
    assert "none.sqlite" in done.stdout
    assert not (place / "config.py").exists()
    assert not (place / "none.sqlite").exists()
    assert init(*wrong, "--force-untested").returncode == 0
    assert load(str(place / "config.py"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "--source"),
        (("--source", "oracel"), "there is no source"),
        (("--source", "sqlite"), "database is needed"),
        (("--source", "mailcow", "--driver", "sqlite"), "mailcow works with the driver mysql"),
        (("--source", "csv", "--driver", "mysql", "--path", "x"), "takes no driver"),
        (("--source", "csv", "--path", "x", "--database", "y"), "no option database"),
        (("--source", "mailcow", "--database", "x", "--port", "30x6"), "port must be a whole number"),
        (("--source", "mailcow", "--database", "x", "--set", "password=hunter2"), "--password-stdin"),
        (("--source", "mailcow", "--database", "x", "--set", "hunter2"), "NAME=VALUE"),
        (("--source", "csv", "--path", "x", "--password-stdin"), "takes no password"),
        ((*SQLITE, "--caller", "a:b"), "without a colon"),
        ((*SQLITE, "--output", "/no-such-folder/config.py"), "does not exist"),
    ],
)
def test_what_cannot_be_used_is_2(init: Init, place: Path, arguments: tuple[str, ...], word: str) -> None:
    """Flags that fit no source are exit status 2 and a sentence, without a secret."""
    done = init(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert not (place / "config.py").exists()


def test_headings_of_a_csv_file(init: Init, place: Path) -> None:
    """Headings that differ are given as pairs; what is no pair is told."""
    (place / "users.csv").write_text("Login;Mail;full name;password\nanna;anna@example.com;Anna;{PLAIN}x\n")
    given = ("--source", "csv", "--path", "users.csv")
    done = init(*given, "--set", "columns=userName=Login, emailAddresses")
    assert (done.returncode, done.stdout) == (2, "")
    assert "columns must be NAME=HEADING" in done.stderr
    done = init(*given, "--set", "columns=userName=Login, emailAddresses=Mail")
    assert done.returncode == 0, done.stderr
    (user,) = list_users(load(str(place / "config.py")))
    assert (user.user_name, user.full_name, user.email_addresses) == ("anna", "Anna", ["anna@example.com"])


def test_one_word_of_a_list(init: Init, place: Path) -> None:
    """An option that is a list of words takes a single word as well."""
    (place / "users.csv").write_text("userName,Mail,active\nanna,anna@example.com,Current\n")
    given = ("--source", "csv", "--path", "users.csv", "--set", "columns=emailAddresses=Mail")
    done = init(*given, "--set", "active_words=Current")
    assert done.returncode == 0, done.stdout
    assert "active_words=['Current']," in (place / "config.py").read_text()


def test_several_headings_of_addresses(init: Init, place: Path) -> None:
    """A heading that is given again adds to the one before, where a user may have several; else it is an error."""
    (place / "users.csv").write_text("Login,Mail,Alias\nanna,anna@example.com,a@example.com\n")
    given = ("--source", "csv", "--path", "users.csv", "--set")
    done = init(*given, "columns=userName=Login, userName=Mail")
    assert done.returncode != 0
    assert not (place / "config.py").exists()
    done = init(*given, "columns=userName=Login")
    assert "1 user without an address, such as anna" in done.stdout
    (place / "config.py").unlink()
    done = init(*given, "columns=userName=Login, emailAddresses=Mail, emailAddresses=Alias")
    assert done.returncode == 0, done.stderr
    (user,) = list_users(load(str(place / "config.py")))
    assert user.email_addresses == ["anna@example.com", "a@example.com"]


def test_logins_are_looked_at(init: Init, place: Path) -> None:
    """A source that lets in anybody does not work; one that lets in nobody is told."""
    anybody = [argument.replace("WHERE login = :user", "WHERE login = :user OR :pass <> ''") for argument in SQLITE]
    done = init(*anybody)
    assert done.returncode == 1
    assert (
        "This does not work\nPROBLEM source 1 (sql, sqlite) lets in a user who does not exist and john.doe"
        in done.stdout
    )
    assert not (place / "config.py").exists()
    nobody = [argument.replace("WHERE login = :user", "WHERE mail = :user") for argument in SQLITE]
    done = init(*nobody)
    assert done.returncode == 0
    assert "The list works: 4 users, such as john.doe" in done.stdout
    assert "nobody can log in: 4 users looked at, and none has a readable password" in done.stdout
    done = init(*nobody, "--json", "--output", str(place / "b.py"))
    assert json.loads(done.stdout)["ok"]
    assert "nobody can log in" in done.stderr


def test_values_are_written_not_pasted(init: Init, place: Path) -> None:
    """Quotes, backslashes, newlines and braces of any value arrive as they were typed; the password is not shown."""
    hostile = "'''\"\\\n{caller!r}', __import__('os'), '%s ä"
    caller = hostile.replace(":", "").replace("\n", "")
    done = init(
        *("--source", "postfixadmin", "--driver", "postgresql", "--database", hostile, "--db-user", hostile),
        *("--host", "a.example.com, b.example.com", "--port", "5433", "--tls", "yes", "--caller", caller),
        *("--password-stdin", "--force-untested"),
        stdin="hun'ter\\2\n",
    )
    assert done.returncode == 0, done.stderr
    assert "hun'ter" not in done.stdout
    text = (place / "config.py").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    taken: dict[str, object] = {}
    text = text.replace("from ais import caller, postfixadmin", "")
    names["caller"] = lambda user, secret: taken.update(caller=user)
    names["postfixadmin"] = lambda driver, **options: taken.update(driver=driver, **options)
    exec(text, names)
    assert taken == {
        "caller": caller,
        "driver": "postgresql",
        "database": hostile,
        "user": hostile,
        "password": "hun'ter\\2",
        "host": ["a.example.com", "b.example.com"],
        "port": 5433,
        "tls": True,
    }


@pytest.mark.parametrize("source", NAMES)
def test_every_source_can_be_written(source: str, tmp_path: Path) -> None:
    """For each source and preset, a file with its needed options loads; it names the other options."""
    kind = Kind(source.replace("_", "-"))
    values: dict[str, str] = {}
    for name in kind.needed:
        assert name in ABOUT
        known = {"url": "ldaps://example.com", "list_query": LIST, "auth_query": AUTH, "login": "localhost"}
        values[name] = known.get(name, "x")
    text = text_of(kind, values, Caller("mailstore", "sha256$x$y"))
    assert all(f"        {'' if name in values else '# '}{name}=" in text for name in kind.options)
    (tmp_path / "config.py").write_text(text)
    (written,) = load(str(tmp_path / "config.py")).sources
    assert callable(written.users)


def test_a_login_is_written(init: Init, place: Path) -> None:
    """An application whose passwords cannot be read needs an IMAP server; every other source may have one."""
    plesk = ("--source", "plesk", "--database", "psa", "--force-untested")
    done = init(*plesk)
    assert done.returncode == 2
    assert "login is needed: give --login" in done.stderr
    assert "docs/presets/plesk.md" in done.stderr
    assert init(*plesk, "--login", "mail.example.com:143").returncode == 2
    assert init(*plesk, "--login", "localhost").returncode == 0
    text = (place / "config.py").read_text()
    assert "from ais import caller, imap, plesk\n" in text
    assert "login=imap('localhost', tls='none')," in text
    (place / "users.csv").write_text("userName,emailAddresses\nanna,anna@example.com\n")
    flags = ("--source", "csv", "--path", "users.csv", "--output", str(place / "b.py"))
    done = init(*flags, "--login", "mail.invalid")
    assert done.returncode == 1
    assert "This does not work\nPROBLEM IMAP server mail.invalid" in done.stdout


def test_headings_that_nothing_uses(init: Init, place: Path) -> None:
    """Without a terminal, too, a heading that may hold passwords or say who has left is named."""
    (place / "users.csv").write_text("userName,Mail,Passwort,Aktiv\nanna,anna@example.com,{PLAIN}x,nein\n")
    done = init("--source", "csv", "--path", "users.csv", "--set", "columns=emailAddresses=Mail")
    printed = " ".join(done.stdout.split())
    assert "The list works: 1 user, such as anna (anna@example.com)" in printed
    assert "headings that nothing uses: Passwort, Aktiv → if one of them holds the passwords, or says who" in printed
    assert "stored passwords cannot be looked at: " in printed


def test_clear_text_is_told(init: Init, place: Path) -> None:
    """Stored passwords that cannot be read are told with the option that helps, which ends the trouble."""
    (place / "users.csv").write_text("userName,emailAddresses,password\nanna,anna@example.com,myPassword\n")
    flags = ("--source", "csv", "--path", "users.csv", "--output")
    printed = " ".join(init(*flags, str(place / "a.py")).stdout.split())
    assert "1 stored password as bare text cannot be read: " in printed
    assert "nobody can log in" in printed
    assert "if the column holds clear text, set default_scheme='PLAIN'" in printed
    assert "It works: 1 user" in init(*flags, str(place / "b.py"), "--default-scheme", "PLAIN").stdout


def test_state(init: Init, place: Path) -> None:
    """--state is written; as root the folder is made for the web server's user alone, else it must be there."""
    (place / "there").mkdir()
    for state in ("there/state.sqlite", "redis://localhost/0"):
        name = str(place / f"{len(state)}.py")
        done = init(*SQLITE, "--output", name, "--state", state)
        assert done.returncode == 0, done.stderr
        assert "Without a state" not in done.stdout
        assert str(load(name).state).endswith(state)
    done = init(*SQLITE, "--state", "new/state.sqlite", "--json")
    if os.geteuid() == 0:
        assert json.loads(done.stdout)["ok"]
        status = (place / "new").stat()
        assert stat.S_IMODE(status.st_mode) == 0o700
        assert status.st_uid == find_web_user().pw_uid  # type: ignore[union-attr]
        assert "was made for the user" in done.stderr
    else:
        assert (done.returncode, list(place.glob("config.py"))) == (2, [])
        assert "make it as docs/guard.md says" in done.stderr


PACKAGES = {
    "postgresql": ("ais.sources.sql.drivers.psycopgconnection", "psycopg[binary]"),
    "mysql": ("ais.sources.sql.drivers.pymysqlconnection", "PyMySQL"),
    "mssql": ("pymssql", "pymssql"),
    "oracle": ("oracledb", "oracledb"),
    "ldap": ("ldap3", "ldap3"),
}
"""What is imported, and what is missing then."""


@pytest.mark.parametrize("name", PACKAGES)
def test_missing_package(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that a driver or a source needs is told as soon as it is named, as the source itself calls it."""
    module, package = PACKAGES[name]
    monkeypatch.setitem(sys.modules, module, None)
    text = Kind(name).missing_package()
    assert f"the Python package '{package}' is needed for " in text
    assert "python3 -m pip install" in text
    assert Kind("sqlite").missing_package() == ""


@pytest.mark.parametrize("name", PRESETS)
def test_presets_know_their_drivers(name: str) -> None:
    """Each preset over a database states its drivers; one over files has none."""
    kind = Kind(name)
    assert bool(kind.drivers) == ("database" in kind.options)
    with pytest.raises(ConfigError):
        Kind(name, "dbase")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.label)
def test_words_that_people_use(place: Place) -> None:
    """Each word leads to one source, or to an answer that names a page, which the page of presets gives as well."""
    page = (ROOT / "docs" / "presets" / "README.md").read_text(encoding="utf-8").partition("\n## Not here\n")[2]
    row = f"| {place.label} | {place.text} [{place.page.partition('#')[0]}](../{place.page}) |"
    assert page.count(row) == 1
    assert (ROOT / "docs" / place.page.partition("#")[0]).exists()
    for word in place.words:
        assert [other.label for other in PLACES if word in other.words] == [place.label]
        if place.source:
            assert (Kind(word).driver or Kind(word).function) == place.source
        else:
            with pytest.raises(ConfigError, match=f"See docs/{re.escape(place.page)}"):
                Kind(word)


def test_page_of_presets_has_no_more() -> None:
    """The page has no row that `init` does not know, and each application on it is taken by the name it has there."""
    page = (ROOT / "docs" / "presets" / "README.md").read_text(encoding="utf-8")
    presets, _, others = page.partition("\n## Not here\n")
    assert len(re.findall(r"^\| ", others, re.MULTILINE)) == len(PLACES) + 1
    rows = re.findall(r"^\| \[(.+)\]\((.+)\.md\)", presets, re.MULTILINE)
    assert {squeeze(name) for _, name in rows} == {squeeze(name) for name in PRESETS}
    for labels, name in rows:
        assert {squeeze(Kind(label).function) for label in labels.split(", ")} == {squeeze(name)}
    assert set(NICKNAMES.values()) <= set(PRESETS)


@pytest.mark.parametrize(
    ("word", "source"),
    [
        *[("MariaDB", "mysql"), ("postgres", "postgresql"), ("SQL Server", "mssql"), ("excel", "csv")],
        *[
            ("dovecot", "passwd_file"),
            ("open-ldap", "ldap"),
            ("389", "ldap"),
            ("Univention", "ldap"),
            ("samba", "ldap"),
        ],
        *[("ad", ""), ("office 365", ""), ("google", ""), ("Kerio", ""), ("Lotus Notes", ""), ("imap", "")],
    ],
)
def test_known_words(word: str, source: str) -> None:
    """What administrators call their users' place is taken, or answered."""
    assert next(place.source for place in PLACES if squeeze(word) in place.words) == source


class Terminal:
    """bin/ais init at a pseudo terminal."""

    def __init__(self, place: Path, *arguments: str, **more: str) -> None:
        self.text = ""
        self._seen = 0
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            os.execve(COMMAND[0], [*COMMAND, *arguments], {**environment(place, **more), "TERM": "dumb"})

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, and type an answer to it."""
        end = time.monotonic() + 30
        while question not in self.text[self._seen :]:
            assert time.monotonic() < end, f"no {question!r} in {self.text}"
            self._read()
        self._seen = self.text.index(question, self._seen) + len(question)
        os.write(self._handle, text.encode())

    def _read(self) -> bool | None:
        """Read what there is: False at the end, None when there was nothing for a second."""
        ready, _, _ = select.select([self._handle], [], [], 1)
        if not ready:
            return None
        try:
            data = os.read(self._handle, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            return False
        self.text += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def ends(self, typed: str = "") -> int:
        """Wait for the end; return the exit status.

        Args:
            typed: typed again each second: Python overlooks an interrupt between the prompt and the reading.
        """
        end = time.monotonic() + 30
        while (state := self._read()) is not False:
            if state is None and typed:
                os.write(self._handle, typed.encode())
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._handle)
        assert "Traceback" not in self.text
        return os.waitstatus_to_exitcode(status)


def test_asks_at_a_terminal(place: Path) -> None:
    """It asks for everything, again after an answer that cannot be used or does not work, and writes what worked."""
    terminal = Terminal(place)
    terminal.answer("Where are the users: ", "mailhouse\n")
    terminal.answer("there is no source of this name", "")
    terminal.answer("Where are the users: ", "Active Directory\n")
    terminal.answer("Active Directory: MailStore reads it by itself.", "")
    terminal.answer("Where are the users: ", "SQLite\n")
    terminal.answer("\ndatabase: ", "\n")
    terminal.answer("database is needed", "")
    terminal.answer("\ndatabase: ", "none.sqlite\n")
    terminal.answer("\nlist_query: ", LIST + "\n")
    terminal.answer("\nauth_query: ", AUTH + "\n")
    terminal.answer("This does not work", "")
    terminal.answer("quit (c/w/q) [c]: ", "\n")
    terminal.answer("\ndatabase [none.sqlite]: ", "users.sqlite\n")
    terminal.answer(f"list_query [{LIST}]: ", "\n")
    terminal.answer(f"auth_query [{AUTH}]: ", "\n")
    terminal.answer("It works: 4 users", "")
    terminal.answer("File for it, or none [", "yes\n")
    terminal.answer("name a file, such as /var/lib/mailstore-ais/state.sqlite", "")
    terminal.answer("File for it, or none [", "none/of/these/state.sqlite\n")
    terminal.answer("the folder of the state,", "")
    terminal.answer("File for it, or none [", "state.sqlite\n")
    assert terminal.ends() == 0
    config = load(str(place / "config.py"))
    assert len(list_users(config)) == len(USERS)
    assert config.state == str(place / "state.sqlite")


def test_looks_at_a_csv_file_first(place: Path) -> None:
    """At a terminal it asks for the charset, proposes columns by the headings, and asks for the scheme of passwords."""
    rows = "Benutzer;Name;Mail;Passwort;Aktiv;Abteilung\nanna;Anna Müller;anna@example.com;geheim;ja;Einkauf\n"
    (place / "users.csv").write_bytes(f"{rows}bert;Bert;bert@example.com;secret;nein;Einkauf\n".encode("cp1252"))
    columns = "userName=Benutzer, fullName=Name, emailAddresses=Mail, password=Passwort, active=Aktiv"
    terminal = Terminal(place)
    terminal.answer("Where are the users: ", "Excel\n")
    terminal.answer("Save the table as CSV. See docs/csv.md", "")
    terminal.answer("\npath: ", "users.csv\n")
    terminal.answer("encoding [cp1252]: ", "klingon\n")
    terminal.answer("encoding must be the name of a charset", "")
    terminal.answer("encoding [cp1252]: ", "\n")
    terminal.answer("Its headings: Benutzer, Name, Mail, Passwort, Aktiv, Abteilung", "")
    terminal.answer(f"columns [{columns}]: ", "\n")
    terminal.answer("The list works: 1 user, such as anna (Anna Müller, anna@example.com)", "")
    terminal.answer("1 stored password as bare text cannot be read", "")
    terminal.answer("headings that nothing uses: Abteilung", "")
    terminal.answer("quit (c/w/q) [c]: ", "\n")
    terminal.answer("\ndefault_scheme: ", "PLAIN\n")
    terminal.answer("It works: 1 user", "")
    terminal.answer("File for it, or none [", "no\n")
    assert terminal.ends() == 0
    config = load(str(place / "config.py"))
    assert config.state is None
    assert [user.full_name for user in list_users(config)] == ["Anna Müller"]
    assert config.sources[0].authenticate("anna", "geheim") is True
    assert config.sources[0].authenticate("bert", "secret") is False
    assert "state = '/var/lib/mailstore-ais/state.sqlite'" in terminal.text


def test_a_path_at_its_default(place: Path) -> None:
    """An application whose files have a usual place is not asked for more than Enter."""
    terminal = Terminal(place)
    terminal.answer("Where are the users: ", "Virtualmin\n")
    terminal.answer("\npath [/etc/passwd]: ", "\n")
    terminal.answer("\nshadow [/etc/shadow]: ", "none.shadow\n")
    terminal.answer("quit (c/w/q) [c]: ", "q\n")
    assert terminal.ends() == 1


def test_asks_for_a_delimiter(place: Path) -> None:
    """A file of one heading is shown as such, and what separates its columns is asked for."""
    (place / "users.csv").write_text("userName:emailAddresses:password\nanna:anna@example.com:{PLAIN}x\n")
    terminal = Terminal(place, "--source", "csv", "--path", "users.csv")
    terminal.answer("Its headings: userName:emailAddresses:password", "")
    terminal.answer("\ndelimiter: ", ":\n")
    terminal.answer("Its headings: userName, emailAddresses, password", "")
    terminal.answer("It works: 1 user, such as anna (anna@example.com)", "")
    assert terminal.ends() == 0


def test_passwords_are_not_shown(place: Path) -> None:
    """The password to connect with is typed unseen, asked for only with a user, and kept when the rest is changed."""
    terminal = Terminal(place, "--port", "1", "--tls", "no", "--caller", "other")
    terminal.answer("Where are the users: ", "postfixadmin\n")
    terminal.answer("Driver [mysql]: ", "postgresql\n")
    terminal.answer("\ndatabase: ", "postfix\n")
    terminal.answer("\nhost: ", "127.0.0.1\n")
    terminal.answer("\nuser: ", "reader\n")
    terminal.answer("password (not shown): ", "hunter2\n")
    terminal.answer("This does not work", "")
    terminal.answer("quit (c/w/q) [c]: ", "c\n")
    for name, before in (("database", "postfix"), ("host", "127.0.0.1"), ("port", "1")):
        terminal.answer(f"{name} [{before}]: ", "x1\n" if name == "port" else "\n")
    terminal.answer("port must be a whole number", "")
    terminal.answer("port [1]: ", "\n")
    terminal.answer("user [reader]: ", "\n")
    terminal.answer("password [as before] (not shown): ", "\n")
    terminal.answer("\ntls [no]: ", "\n")
    terminal.answer("quit (c/w/q) [c]: ", "w\n")
    terminal.answer("File for it, or none [", "none\n")
    assert terminal.ends() == 0
    assert "hunter2" not in terminal.text
    text = (place / "config.py").read_text()
    for line in ("'postgresql'", "database='postfix'", "port=1", "password='hunter2'", "tls=False", "caller('other'"):
        assert line in text


@pytest.mark.parametrize(("typed", "code"), [("q\n", 1), ("\x04", 2), ("\x03", 130)])
def test_giving_up_writes_nothing(place: Path, typed: str, code: int) -> None:
    """Who quits, ends the input or interrupts has no new file."""
    terminal = Terminal(place, "--source", "sqlite", "--database", "none.sqlite", "--list-query", LIST)
    terminal.answer("\nauth_query: ", AUTH + "\n")
    terminal.answer("quit (c/w/q) [c]: ", typed)
    assert terminal.ends(typed) == code
    assert sorted(path.name for path in place.iterdir()) == ["users.sqlite"]


def test_a_csv_file_that_needs_everything(place: Path) -> None:
    """Whatever is answered wrong is asked for again, with the reason; an empty text can be typed, too."""
    (place / "users.csv").write_text("Kürzel/Wort\nanna/{PLAIN}x\n")
    terminal = Terminal(place, "--source", "csv", "--path", "users.csv")
    terminal.answer("\ndelimiter: ", "//\n")
    terminal.answer("delimiter must be one character", "")
    terminal.answer("delimiter: ", "/\n")
    terminal.answer("Its headings: Kürzel, Wort", "")
    terminal.answer("\ncolumns: ", "userName=Kürzel, password=Worte\n")
    terminal.answer("no column 'Worte'", "")
    terminal.answer("quit (c/w/q) [c]: ", "\n")
    terminal.answer("\npath [users.csv]: ", "\n")
    terminal.answer("\ndelimiter [/]: ", "\n")
    terminal.answer("columns [userName=Kürzel, password=Worte]: ", "userName=Kürzel, password=Wort\n")
    terminal.answer("It works: 1 user, such as anna", "")
    assert terminal.ends() == 0
    assert load(str(place / "config.py")).sources[0].authenticate("anna", "x") is True


def test_a_single_column_can_be_named(place: Path) -> None:
    """A file of one column needs no delimiter, and its heading can be named."""
    (place / "users.csv").write_text("Mail\nanna@example.com\n")
    terminal = Terminal(place, "--source", "csv", "--path", "users.csv")
    terminal.answer("\ndelimiter: ", "\n")
    terminal.answer("columns [emailAddresses=Mail]: ", "userName=Mail\n")
    terminal.answer("1 user, such as anna@example.com", "")
    terminal.answer("quit (c/w/q) [c]: ", "w\n")
    assert terminal.ends() == 0


def test_the_charset_is_asked_for_with_the_reason(place: Path) -> None:
    """The place of what cannot be decoded is shown before the charset is asked for, each time."""
    (place / "users.csv").write_bytes(b"userName,password\nm\x81,{PLAIN}x\n")
    terminal = Terminal(place, "--source", "csv", "--path", "users.csv")
    terminal.answer("utf-8:", "")
    terminal.answer("encoding [cp1252]: ", "\n")
    terminal.answer("cp1252:", "")
    terminal.answer("encoding [cp1252]: ", "latin-1\n")
    terminal.answer("quit (c/w/q) [c]: ", "q\n")
    assert terminal.ends() == 1
    shown = " ".join(terminal.text.split())  # where lines break depends on the path of the folder
    assert all(f"line 2: not {charset}: save it so" in shown for charset in ("utf-8", "cp1252"))


def test_an_empty_text_can_be_typed(place: Path) -> None:
    """Two quotation marks are an empty text: a directory may need an empty base, and a proposal may be refused."""
    terminal = Terminal(place, "--url", "ldap://127.0.0.1:1")
    terminal.answer("Where are the users: ", "Zimbra\n")
    terminal.answer("\nbase: ", "\n")
    terminal.answer('base is needed; "" stands for an empty text', "")
    terminal.answer("base: ", '""\n')
    terminal.answer("\nbind_dn: ", "cn=x\n")
    terminal.answer("bind_password (not shown): ", "x\n")
    terminal.answer("quit (c/w/q) [c]: ", "c\n")
    terminal.answer("url [ldap://127.0.0.1:1]: ", "\n")
    terminal.answer('base [""]: ', "\n")
    terminal.answer("bind_dn [cn=x]: ", '""\n')
    terminal.answer("quit (c/w/q) [c]: ", "w\n")
    terminal.answer("File for it, or none [", "None\n")
    assert terminal.ends() == 0
    text = (place / "config.py").read_text()
    assert "base=''" in text
    assert "# bind_dn=" in text
    assert "\nstate" not in text


def test_letters_of_another_charset(place: Path) -> None:
    """Bytes that are no letters in the terminal's charset are asked for again."""
    terminal = Terminal(place, "--source", "csv", PYTHONIOENCODING="utf-8:strict")
    terminal.answer("\npath: ", "")
    os.write(terminal._handle, b"\xff\xfe\n")
    terminal.answer("type them again", "")
    terminal.answer("path: ", "\x04")
    assert terminal.ends("\x04") == 2


def test_force_untested_looks_at_no_file(place: Path) -> None:
    """With --force-untested the file is written at once, at a terminal too."""
    (place / "users.csv").write_bytes("Benutzer;Größe\n".encode("cp1252"))
    assert Terminal(place, "--source", "csv", "--path", "users.csv", "--force-untested").ends() == 0
    assert (place / "config.py").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("virtualmin", "--set", "min_uid="),
        ("csv", "--path", "users.csv", "--encoding", ""),
        ("csv", "--path", "users.csv", "--delimiter", ";;"),
        ("csv", "--path", "users.csv", "--set", "columns="),
        ("csv", "--path", "users.csv", "--login", ""),
        ("mailcow", "--database", "x", "--port", ""),
    ],
)
def test_an_empty_value_is_refused(init: Init, place: Path, arguments: tuple[str, ...]) -> None:
    """An option that cannot be empty is refused before anything is tried, with its name."""
    done = init("--source", *arguments, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[-2].removeprefix("--").replace("set", arguments[-1].rstrip("=")) in done.stderr


def test_a_password_of_quotation_marks(init: Init, place: Path) -> None:
    """What stands for an empty text where answers are typed is a password like any other where one is given."""
    flags = ("--source", "mailcow", "--database", "x", "--password-stdin", "--force-untested")
    assert init(*flags, stdin='""\n').returncode == 0
    assert "password='\"\"'" in (place / "config.py").read_text()


def test_an_empty_base_is_taken(init: Init) -> None:
    """Zimbra's base is empty."""
    done = init("--source", "zimbra", "--url", "ldap://127.0.0.1:1", "--base", "", "--force-untested")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("state", ["http://x/y", "/tmp"])
def test_a_state_that_cannot_be_is_refused(init: Init, place: Path, state: str) -> None:
    """Nothing is written with a state that the program would not take."""
    done = init(*SQLITE, "--state", state)
    assert done.returncode == 2
    assert re.search("folder of the state|is a folder", done.stderr)
    assert not (place / "config.py").exists()


def test_the_folder_of_the_file_is_not_made(init: Init, place: Path) -> None:
    """Without a state no folder is made, and what is no folder is said to be none."""
    (place / "users.sqlite").chmod(0o777)
    done = init(*SQLITE, "--output", str(place / "users.sqlite" / "config.py"))
    assert done.returncode == 2
    assert f"the folder {place}/users.sqlite does not exist" in done.stderr


def test_closed_streams(place: Path) -> None:
    """Without an input nothing is asked. Where the output cannot be written, no file stays: its secret is lost."""
    for redirect, code in (("<&-", 0), (">&-", 2), (">/dev/full", 2)):
        command = " ".join(map(shlex.quote, [*COMMAND, *SQLITE, "--json"]))
        done = subprocess.run(
            ["sh", "-c", f"{command} {redirect}"], env=environment(place), capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, (redirect, done)
        assert (place / "config.py").exists() == (code == 0)
        (place / "config.py").unlink(missing_ok=True)


def test_a_file_that_appears_meanwhile(place: Path) -> None:
    """A file that somebody else has made while questions were asked stays, and the error names it."""
    terminal = Terminal(place, *SQLITE[:-2])
    terminal.answer("\nauth_query: ", "")
    (place / "config.py").write_text("# mine\n")
    os.write(terminal._handle, f"{AUTH}\n".encode())
    assert terminal.ends() == 2
    assert f"{place}/config.py cannot be written: File exists" in " ".join(terminal.text.split())
    assert (place / "config.py").read_text() == "# mine\n"


def test_drivers_by_any_name() -> None:
    """A driver is understood as a source is."""
    assert Kind("postfixadmin", "MariaDB").driver == "mysql"
    assert Kind("postfixadmin", "postgres").driver == "postgresql"


def test_every_command_loads_without_accounts() -> None:
    """Windows has neither pwd nor grp, and makes bundles all the same."""
    code = "import sys; sys.modules['grp'] = sys.modules['pwd'] = None; from ais.cli import main; main(['--version'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
