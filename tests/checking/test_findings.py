"""Every finding, on a set-up that is wrong in that way; each says what to do."""

from __future__ import annotations

import builtins
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ais.checking.examine import examine
from ais.config import load
from ais.state import store_for
from ais.state.guarding import accept
from ais.user import User
from support.site import salted, temporary_folder

WriteConfig = Callable[..., None]

HEAD = "from ais import caller, csv\n"
CALLERS = f"callers = [caller('mailstore@example.test', {salted('SSHA256', 'x')!r})]\n"
# A hash of the form that bin/ais hash-password --scheme SHA512-CRYPT makes.
STRONG = "$6$rounds=100000$saltstring12345$" + "a" * 85 + "0"
GOOD = f"userName,emailAddresses,password\nanna,anna@example.com,{STRONG}\n"
LISTED = f"userName,emailAddresses,password\nanna,anna@example.com all@example.com,{STRONG}\n"


@pytest.fixture
def found(folder: Path, write_config: WriteConfig) -> Callable[..., dict[str, tuple[str, bool]]]:
    """Examine a configuration over CSV files; give each finding with its remedy and whether it is a problem."""

    def finding(*files: str, callers: str = CALLERS, added: str = "") -> dict[str, tuple[str, bool]]:
        for number, text in enumerate(files):
            (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        sources = ", ".join(f"csv('{number}.csv')" for number in range(len(files)))
        write_config(whole=f"{HEAD}{callers}sources = [{sources}]\nstate = 'state.sqlite'\n{added}")
        (folder / "config.py").chmod(0o600)
        report = examine(load(str(folder / "config.py")))
        return {finding.text: (finding.remedy, finding.problem) for finding in report.findings}

    return finding


Found = Callable[..., dict[str, tuple[str, bool]]]


def test_a_good_set_up_has_no_finding(found: Found) -> None:
    """Where nothing is wrong, nothing is found."""
    assert found(GOOD) == {}


@pytest.mark.parametrize(
    ("files", "text", "problem"),
    [
        ((GOOD + "bob,,x\n",), "1 user without an address, such as bob", True),
        ((GOOD, GOOD), "anna is in source 1 (csv) too, which wins", True),
        ((GOOD + "Anna,a2@example.com,x\n",), "Anna and anna of source 1 (csv) differ only in case", True),
        ((GOOD + "bob,Anna@Example.com,x\n",), "anna and bob both have the address Anna@Example.com", True),
        ((GOOD + "bob,bob@example.com anna@example.com,x\n",), "both have the address anna@example.com", True),
        ((LISTED + "bob,bob@example.com all@example.com,x\n",), "both have the address all@example.com", False),
        ((GOOD + "bob,bob@localhost,x\n",), "bob has an unusual address: bob@localhost", False),
        ((GOOD + "bob,NULL bob@example.com n/a,x\n",), "cells of addresses hold 2 values that are no addresses", True),
        ((GOOD + "bob,bob@example.com NULL,x\n",), "hold 1 value that is no address, such as NULL of bob", True),
        (
            (GOOD, "userName,emailAddresses,password\nÁnna,a2@example.com,x\n"),
            "a source that compares names loosely",
            True,
        ),
        ((GOOD + "ánna,a2@example.com,x\n",), "ánna and anna of source 1 (csv) differ only in case, accents", False),
        ((GOOD + "Kate@example.com,,x\nkate@EXAMPLE.com,,x\n",), "nobody gets the address kate@example.com", True),
        (("userName,emailAddresses,Passwort\nanna,anna@example.com,{PLAIN}x\n",), "there is no column password", True),
        (("userName,emailAddresses,password\nanna,anna@example.com,\n",), "nobody can log in", True),
        (("userName,emailAddresses,password\nanna,anna@example.com,!x\n",), "nobody can log in", True),
        ((GOOD + "bob,bob@example.com,bare\n",), "1 stored password as bare text cannot be read", True),
        ((GOOD + "bob,bob@example.com,{MD5}5f4dcc3b5aa765d61d8327deb882cf99\n",), "of the weak scheme", False),
        ((f"{GOOD}anna,anna@example.com,other\n",), "line 3: this user's rows contradict each other", True),
        (("userName,emailAddresses,password\n",), "lists nobody", True),
        (("name;mail\n",), "no column userName", True),
    ],
)
def test_what_is_wrong_with_users(found: Found, files: tuple[str, ...], text: str, problem: bool) -> None:
    """What is wrong with a source or its users is found, with a remedy."""
    matching = [(remedy, wrong) for finding, (remedy, wrong) in found(*files).items() if text in finding]
    assert len(matching) == 1
    assert matching[0][0]
    assert matching[0][1] is problem


def test_addresses_that_users_enter_and_do_not_get(folder: Path, write_config: WriteConfig) -> None:
    """Nextcloud: what two users enter belongs to nobody, and what another user has to that one. Both are found."""
    with closing(sqlite3.connect(folder / "cloud.sqlite")) as database, database:
        database.executescript("""
            CREATE TABLE oc_users (uid, displayname, password, uid_lower);
            CREATE TABLE oc_preferences (userid, appid, configkey, configvalue);
            CREATE TABLE oc_accounts_data (uid, name, value);
            INSERT INTO oc_users VALUES ('ann', '', 'x', 'ann'), ('bob', '', 'x', 'bob'), ('cid', '', 'x', 'cid');
            INSERT INTO oc_preferences VALUES ('ann', 'settings', 'email', 'ann@example.com');
            INSERT INTO oc_accounts_data VALUES
                ('ann', 'additional_mail', 'info@example.com'), ('bob', 'additional_mail', 'INFO@example.com'),
                ('bob', 'additional_mail', 'bob@example.com'), ('cid', 'additional_mail', 'Ann@example.com');""")
    sources = "sources = [nextcloud('sqlite', database='cloud.sqlite')]\n"
    write_config(whole=f"from ais import caller, nextcloud\n{CALLERS}{sources}")
    report = examine(load(str(folder / "config.py")))
    found = [(each.text, each.problem) for each in report.findings if each.code == "withheld-address"]
    source = "source 1 (nextcloud, sqlite): the address"
    assert found == [
        (f"{source} info@example.com is not given to ann or bob, who entered it: somebody else has it too", True),
        (f"{source} ann@example.com is not given to cid, who entered it: somebody else has it too", True),
    ]
    assert report.users is not None
    assert [user.email_addresses for user in report.users] == [["ann@example.com"], ["bob@example.com"], []]


def test_a_log_that_cannot_be_written(found: Found, folder: Path) -> None:
    """A log in a folder that is not there is found; a request would only say so on standard error."""
    texts = found(GOOD, added=f"from ais import log\nlog(to={str(folder / 'none' / 'ais.log')!r})\n")
    ((text, (_, problem)),) = texts.items()
    assert "ais.log cannot be written: No such file or directory" in text
    assert problem


@pytest.mark.skipif(os.geteuid() != 0, reason="others make their own log")
def test_a_log_of_the_web_servers_user(found: Found, folder: Path) -> None:
    """Who runs check as root does not make the log, which the web server's user then could not write to."""
    assert found(GOOD, added="from ais import log\nlog(to='ais.log')\n") == {}
    assert not (folder / "ais.log").exists()


def test_no_callers(found: Found) -> None:
    """Without callers nobody can ask."""
    assert "callers is empty, so nobody can ask" in found(GOOD, callers="callers = []\n")


def test_https_is_not_required(found: Found) -> None:
    """A configuration that takes plain HTTP is worth a note: it is right only behind a proxy that refuses it."""
    (remedy, problem) = found(GOOD, added="require_https = False\n")[
        "require_https is False, so a caller may send passwords in the clear"
    ]
    assert "nothing but https" in remedy
    assert not problem


def test_no_state(found: Found) -> None:
    """A configuration without a state is told what that lets happen, and which line ends it."""
    ((text, (remedy, problem)),) = found(GOOD, added="state = None\n").items()
    assert "a list that suddenly lacks most users" in text
    assert "guard(max_shrink=…) and throttle(…) are off" in text
    assert 'state = "/var/lib/mailstore-ais/state.sqlite"' in remedy
    assert "docs/guard.md" in remedy
    assert not problem


def test_a_callers_secret_that_nobody_can_read(found: Found) -> None:
    """A caller whose secret is no stored password never gets in; the secret is not printed."""
    texts = "".join(found(GOOD, callers="callers = [caller('m', 'hunter2')]\n"))
    assert "the secret of the caller m cannot be used" in texts
    assert "hunter2" not in texts


@pytest.mark.parametrize(
    ("mode", "above", "text", "problem"),
    [
        (0o644, 0o755, "holds secrets and can be read", False),
        (0o644, 0o750, "", False),
        (0o622, 0o750, "can be changed", True),
    ],
)
def test_modes_of_the_file(found: Found, folder: Path, mode: int, above: int, text: str, problem: bool) -> None:
    """A configuration that others can read is told; one that they may change is a problem."""
    found(GOOD)
    with temporary_folder() as site:
        shutil.copytree(folder, site / "conf")
        (site / "conf" / "config.py").chmod(mode)
        (site / "conf").chmod(above)
        report = examine(load(str(site / "conf" / "config.py")))
    texts = {
        (finding.text.partition("config.py ")[2].partition(" by ")[0], finding.problem)
        for finding in report.findings
        if "config.py " in finding.text
    }
    assert texts == ({(text, problem)} if text else set())


def test_commands_for_a_path_with_a_blank(found: Found, folder: Path) -> None:
    """A command that a finding proposes can be pasted into a shell, whatever the path is."""
    found(GOOD)
    with temporary_folder() as site:
        path = shutil.copytree(folder, site / "our conf") / "config.py"
        path.chmod(0o666)
        path.parent.chmod(0o777)
        found_there = examine(load(str(path))).findings
    commands = [finding.remedy for finding in found_there if finding.code == "writable"]
    assert commands == [f"chmod go-w '{path}'", f"chmod o-w '{path.parent}'"]


Modes = Callable[..., list[tuple[str, bool]]]


@pytest.fixture
def modes(write_config: WriteConfig) -> Iterator[Modes]:
    """Examine a source over files with these modes, in a folder that every user can enter; give texts and problems."""
    with temporary_folder() as site:

        def look(source: str, **given: tuple[str, int]) -> list[tuple[str, bool]]:
            for name, (text, mode) in given.items():
                (site / name).write_text(text, encoding="utf-8")
                (site / name).chmod(mode)
            head = f"from ais import caller, csv, htpasswd, passwd, passwd_file, sql\n{CALLERS}"
            (site / "config.py").write_text(f"{head}sources = [{source}]\n", encoding="utf-8")
            (site / "config.py").chmod(0o600)
            found = examine(load(str(site / "config.py"))).findings
            codes = ("writable", "readable")
            return [(one.text.replace(f"{site}", ""), one.problem) for one in found if one.code in codes]

        yield look


LINE = f"anna@example.com:{STRONG}\n"
SYSTEM = "anna:{}:1000:1000:Anna:/home/anna:/bin/sh\n"
SHADOW = f"anna:{STRONG}:19000:0:99999:7:::\n"
READABLE = "holds secrets and can be read by every user of this computer"


@pytest.mark.parametrize(
    ("source", "text"), [("csv('users')", GOOD), ("htpasswd('users')", LINE), ("passwd_file('users')", LINE)]
)
def test_modes_of_the_files_of_users(modes: Modes, source: str, text: str) -> None:
    """A file with stored passwords is looked at as the configuration is; its group may change it, as its owner may."""
    assert modes(source, users=(text, 0o660)) == []
    assert modes(source, users=(text, 0o644)) == [(f"/users {READABLE}", False)]
    assert modes(source, users=(text, 0o662)) == [("/users can be changed by others", True)]


def test_modes_of_the_files_of_a_system(modes: Modes) -> None:
    """A file of users whose passwords are elsewhere may be read by all, and not changed; the shadow file has them."""
    elsewhere = SYSTEM.format("x")
    assert modes("passwd('users')", users=(elsewhere, 0o644)) == []
    assert modes("passwd('users')", users=(SYSTEM.format(STRONG), 0o644)) == [(f"/users {READABLE}", False)]
    source = "passwd('users', shadow='shadow', domain='example.com')"
    assert modes(source, users=(elsewhere, 0o644), shadow=(SHADOW, 0o640)) == []
    assert modes(source, users=(elsewhere, 0o644), shadow=(SHADOW, 0o644)) == [(f"/shadow {READABLE}", False)]
    assert modes(source, users=(elsewhere, 0o646), shadow=(SHADOW, 0o642)) == [
        ("/users can be changed by others", True),
        ("/shadow can be changed by others", True),
    ]


@pytest.mark.parametrize("more", ["", " AND password = :pass"])
def test_modes_of_an_sqlite_file(modes: Modes, folder: Path, more: str) -> None:
    """The file of SQLite has the passwords, also where the query compares them."""
    query = f"auth_query='SELECT password FROM users WHERE login = :user{more}'"
    source = (
        f"sql('sqlite', database='{folder}/users.sqlite', list_query='SELECT login AS userName FROM users', {query})"
    )
    (folder / "users.sqlite").chmod(0o602)
    found = [(text.rpartition("/")[2], problem) for text, problem in modes(source)]
    assert found == [("users.sqlite can be changed by others", True)]


def test_a_folder_that_all_can_write_to(modes: Modes, folder: Path) -> None:
    """Who can write to a folder can replace the files in it, unless it is one such as /tmp."""
    inside = folder / "inside"
    inside.mkdir()
    (inside / "users").write_text(GOOD, encoding="utf-8")
    inside.chmod(0o777)
    said = f"every user of this computer can write to {inside}, and so replace the files in it"
    assert modes(f"csv('{inside}/users')") == [(said, True)]
    assert modes(f"passwd_file('{inside}/%d/users')") == [(f"{inside} can be changed by others", True)]
    inside.chmod(0o1777)
    assert modes(f"csv('{inside}/users')") == []


def test_a_state_that_cannot_be_used(found: Found) -> None:
    """A state in a folder that is not there is found."""
    assert any("the state cannot be used" in text for text in found(GOOD, added="state = 'none/state.sqlite'\n"))


def test_a_damaged_state(found: Found, folder: Path) -> None:
    """A state that is put aside because it is damaged is found, once: the guard has forgotten the last list."""
    (folder / "state.sqlite").write_bytes(b"no database" * 500)
    assert any("is damaged" in text and problem for text, (_, problem) in found(GOOD).items())
    assert found(GOOD) == {}


def test_a_state_that_others_may_replace(found: Found, folder: Path) -> None:
    """A state in a folder that everybody can write to is found."""
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    assert any("can write to" in text for text in found(GOOD, added="state = 'open/state.sqlite'\n"))


def test_the_guard(found: Found, folder: Path) -> None:
    """A list is a problem that lacks too many of the last one, and none any more when the missing users are back."""
    two = GOOD + f"bob,bob@example.com,{STRONG}\n"
    assert found(two) == {}
    store = store_for(load(str(folder / "config.py")))
    assert store is not None
    accept(store, [User("anna"), User("bob")])
    assert list(found(GOOD)) == ["the guard holds the list back: too many users are missing"]
    store.trip()
    store.close()
    assert found(two) == {}
    assert "the guard holds the list back: too many users are missing" in found("")


def test_a_missing_package(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one package that is always needed is looked for."""
    real = builtins.__import__

    def without(name: str, *given: Any, **named: Any) -> Any:
        if name == "python_multipart":
            raise ImportError
        return real(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert any("python-multipart is missing" in text for text in found(GOOD))


def own(body: str, users: str = "[User('anna', email_addresses=['anna@example.com'])]", head: str = "Source") -> str:
    """A configuration with one source whose authenticate() is this."""
    return (
        f"from ais import Source, User, caller, sql, users, csv, passwd\n{CALLERS}"
        f"class Own({head}):\n    def users(self):\n        yield from {users}\n"
        f"    def authenticate(self, user, password):\n        {body}\nsources = [Own()]\nstate = 'state.sqlite'\n"
    )


@pytest.fixture
def codes(folder: Path, write_config: WriteConfig) -> Callable[[str], dict[str, str]]:
    """Examine a configuration; give the text of each problem by its code."""

    def examined(whole: str) -> dict[str, str]:
        write_config(whole=whole)
        (folder / "config.py").chmod(0o600)
        report = examine(load(str(folder / "config.py")))
        return {finding.code: finding.text for finding in report.findings if finding.problem}

    return examined


Codes = Callable[[str], dict[str, str]]

TABLE = "CREATE TABLE users (login TEXT, mail TEXT, hash TEXT)"


def over_sqlite(folder: Path, auth_query: str, rows: list[tuple[str, str, str | None]], added: str = "") -> str:
    """A configuration over a table of users."""
    with closing(sqlite3.connect(folder / "people.sqlite")) as database:
        database.execute(TABLE)
        database.executemany("INSERT INTO users VALUES (?, ?, ?)", rows)
        database.commit()
    listing = "SELECT login AS userName, mail AS emailAddresses FROM users"
    return (
        f"from ais import caller, sql, users\n{CALLERS}state = 'state.sqlite'\n{added}\n"
        f"sources = [sql('sqlite', database='people.sqlite', list_query={listing!r}, auth_query={auth_query!r})]\n"
    )


ROWS: list[tuple[str, str, str | None]] = [("anna", "anna@example.com", STRONG), ("bob", "bob@example.com", STRONG)]


@pytest.mark.parametrize(
    ("auth_query", "who"),
    [
        ("SELECT 1 FROM users WHERE login = :user OR :pass <> ''", "a user who does not exist and anna"),
        ("SELECT 'wrong' FROM users WHERE login = :user AND :pass <> ''", "anna"),
    ],
)
def test_a_query_that_takes_any_password(codes: Codes, folder: Path, auth_query: str, who: str) -> None:
    """A random password is tried, for a user who does not exist and for one who does: a yes is a problem."""
    assert f"lets in {who} with a random password" in codes(over_sqlite(folder, auth_query, ROWS))["any-password"]


def test_a_program_that_takes_any_password(codes: Codes) -> None:
    """Where failures may be counted elsewhere, only a user who does not exist is tried."""
    assert "a user who does not exist" in codes(own("return True"))["any-password"]
    assert codes(own("assert user != 'anna'")) == {}


def test_a_login_that_is_an_error(codes: Codes) -> None:
    """A source that lists and cannot answer a login is a problem."""
    assert "source 1 (Own) failed" in codes(own("raise ValueError"))["logins-unread"]
    assert "must return True, False or None, not a str" in codes(own("return 'no'"))["logins-unread"]


@pytest.mark.parametrize("setting", ["", "users(domain='example.com')", "users(lowercase=True)"])
def test_passwords_are_counted_by_the_names_that_the_source_knows(codes: Codes, folder: Path, setting: str) -> None:
    """Names that are listed in another form are looked up as the source has them."""
    rows: list[tuple[str, str, str | None]] = [("Anna", "anna@example.com", STRONG)]
    query = "SELECT hash FROM users WHERE login = :user"
    assert codes(over_sqlite(folder, query, rows, setting)) == {}


def test_names_without_their_domain(codes: Codes, folder: Path) -> None:
    """So are names whose domain is taken off."""
    rows: list[tuple[str, str, str | None]] = [("anna@example.com", "anna@example.com", STRONG)]
    query = "SELECT hash FROM users WHERE login = :user"
    assert codes(over_sqlite(folder, query, rows, "users(strip_domain='example.com')")) == {}


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("SELECT hash FROM users WHERE mail = :user", STRONG),
        ("SELECT hash FROM users WHERE login = :user", None),
        ("SELECT hash FROM users WHERE login = :user", ""),
        ("SELECT hash FROM users WHERE login = :user", "*"),
    ],
)
def test_nobody_can_log_in(codes: Codes, folder: Path, query: str, stored: str | None) -> None:
    """Where none of the users looked at has a password, nobody can log in, though the list is fine."""
    rows: list[tuple[str, str, str | None]] = [("anna", "anna@example.com", stored)]
    assert "1 user looked at, and none has a readable" in codes(over_sqlite(folder, query, rows))["no-passwords"]


def test_users_of_a_system_without_their_passwords(codes: Codes, folder: Path) -> None:
    """passwd without shadow lists users whose passwords it cannot see."""
    (folder / "passwd").write_text("anna:x:1000:1000:Anna:/home/anna:/bin/sh\n")
    source = "sources = [passwd('passwd', domain='a.example')]"
    found = codes(f"from ais import caller, passwd\n{CALLERS}state = 'state.sqlite'\n{source}")
    assert found.keys() == {"logins-unread"}
    assert "name it in shadow" in found["logins-unread"]


def test_passwords_that_are_elsewhere(codes: Codes, folder: Path) -> None:
    """A source whose passwords a login checks is not asked for stored ones, and no user of it is failed."""
    (folder / "users.csv").write_text("userName,emailAddresses\nanna,anna@example.com\n")
    login = "class Login:\n    def verify(self, user, password):\n        raise AssertionError\n"
    source = "sources = [csv('users.csv', login=Login())]"
    assert codes(f"{HEAD}{CALLERS}state = 'state.sqlite'\n{login}{source}") == {}


def test_a_sample_says_of_how_many(folder: Path, write_config: WriteConfig) -> None:
    """Where not all passwords are looked at, it is said of how many users they are, and how many there are."""
    rows: list[tuple[str, str, str | None]] = [(f"user{n}", f"user{n}@example.com", STRONG) for n in range(1001)]
    write_config(whole=over_sqlite(folder, "SELECT hash FROM users WHERE login = :user", rows))
    (report,) = examine(load(str(folder / "config.py"))).sources
    assert report.stored == "stored passwords of 334 of 1,001 users: 334 $6$"
    (report,) = examine(load(str(folder / "config.py")), sampled=1001).sources
    assert report.stored == "stored passwords: 1001 $6$"


def test_aliases_that_cannot_be_read(folder: Path, write_config: WriteConfig) -> None:
    """A target or an address of an alias that is no address is a problem, with an example."""
    rows: list[tuple[str, str, str | None]] = [("anna", "anna@example.com", STRONG)]
    query = "SELECT 'i@example.com' AS address, 'anna@example.com (old)' AS targets"
    config = over_sqlite(folder, "SELECT hash FROM users WHERE login = :user", rows)
    write_config(whole=config.replace("auth_query=", f'alias_query="{query}", auth_query='))
    (finding,) = [each for each in examine(load(str(folder / "config.py"))).findings if each.code == "left-over"]
    assert finding.problem
    assert "hold 1 value that is no address, such as anna@example.com (old) of the alias i@" in finding.text


def test_accounts_left_out_for_their_numbers(folder: Path, write_config: WriteConfig) -> None:
    """A source may tell how many accounts it leaves out; that is a note."""
    write_config(whole=own("return None").replace("yield from", "self.skipped_uids = 3; yield from"))
    findings = examine(load(str(folder / "config.py"))).findings
    assert [finding.code for finding in findings if "3 accounts" in finding.text] == ["skipped-uids"]


def test_a_list_that_is_an_error_is_no_list(folder: Path, write_config: WriteConfig) -> None:
    """Names of two sources that a database may take for one make the list an error: reported, and the rest as well."""
    write_config(
        whole=own("return None")
        .replace("[Own()]", "[Own(), Other()]")
        .replace("sources =", "class Other(Own):\n    def users(self):\n        yield User('ANNA')\nsources =")
    )
    report = examine(load(str(folder / "config.py")))
    assert report.users is None
    assert {"look-alike", "no-address"} <= {finding.code for finding in report.findings}


def test_an_address_goes_to_whom_the_list_gives_it(found: Found) -> None:
    """An address that two claim and one gets is told with who gets it."""
    rows = f"bob,bob@example.com anna@example.com,{STRONG}\nanna@example.com,,{STRONG}\n"
    findings = found("userName,emailAddresses,password\n" + rows)
    assert findings == {
        "source 1 (csv): bob and anna@example.com both have the address anna@example.com": (
            "mail to it is filed for anna@example.com alone",
            True,
        )
    }


def test_skip_that_matches_nobody(found: Found) -> None:
    """An entry of users(skip=…) that matches no user is named; one that another entry covers as well is not."""
    added = "from ais import users\nusers(skip=['bob', 'b*', 'nobody', 'x*', 'ANNA2'])\n"
    text = "".join(f"{name},{name}@example.com,{STRONG}\n" for name in ("bob", "berta", "anna2"))
    notes = [text for text in found(GOOD + text, added=added) if "matches nobody" in text]
    assert notes == ["users(skip=…): nobody matches nobody", "users(skip=…): x* matches nobody"]


def test_caller_whose_secret_is_the_password(found: Found) -> None:
    """A caller's secret must be a hash; that it is the password itself is said, and not repeated."""
    texts = found(GOOD, callers="callers = [caller('m', 'hunter2')]\n")
    (text,) = (text for text in texts if "caller" in text)
    assert text.endswith("cannot be used: it is the password itself, not its hash")
    assert "hunter2" not in str(texts)
