"""Guard and throttle, seen from MailStore."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from ais import cgi
from ais.checking.asked import when_asked
from ais.cli import main
from ais.commands import list_users
from ais.config import load
from ais.errors import SourceError
from ais.logbook import Entry
from conftest import Ask, open_files, variables

WriteConfig = Callable[..., None]
YES, NO = b'{"succeeded": true}', b'{"succeeded": false}'


@pytest.fixture
def change(folder: Path) -> Callable[..., None]:
    """Change the database of users."""

    def changing(*statements: str) -> None:
        database = sqlite3.connect(folder / "users.sqlite")
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    return changing


@pytest.fixture
def with_state(write_config: WriteConfig, folder: Path, change: Callable[..., None]) -> Path:
    """A state, and 20 users."""
    write_config("state = 'state.sqlite'\n")
    change(*(f"INSERT INTO users VALUES ('user{n}', NULL, NULL, NULL, '{{PLAIN}}pw{n}')" for n in range(16)))
    return folder / "state.sqlite"


Change = Callable[..., None]


def test_another_spelling_is_another_login(ask: Ask, with_state: Path) -> None:
    """A password that was wrong for ANNA is asked for again as that of anna; failures count for both together."""
    assert ask("cmd=auth&user=USER1&pass=pw1").body == NO
    assert ask("cmd=auth&user=user1&pass=pw1").body == YES
    for n in range(5):
        assert ask(f"cmd=auth&user=user1&pass=x{n}").body == ask(f"cmd=auth&user=USER1&pass=x{n}").body == NO
    answer = ask("cmd=auth&user=user1&pass=pw1")
    assert answer.body == NO
    assert "throttled" in answer.log


def test_characters_that_collations_ignore_do_not_pass_the_throttle(ask: Ask, with_state: Path) -> None:
    """MySQL takes a name with invisible characters in it for the same name: so does the count of failures."""
    for n, other in enumerate(
        ["\u2060", "\u200b", "\u00ad", "\u0345", "\u0300", " ", "\ufe73", "\u1cf2", "\u061c", "\u180b"]
    ):
        assert ask(f"cmd=auth&user=us{quote(other)}er1&pass=x{n}").body == NO
    assert "throttled" in ask("cmd=auth&user=user1&pass=pw1").log
    for n, other in enumerate(("user\u0662", "us\u0364r2", "us\u0247r2", "\u016dser2", "u\u017fer2") * 2):
        assert ask(f"cmd=auth&user={quote(other)}&pass=x{n}").body == NO
    assert "throttled" in ask("cmd=auth&user=user2&pass=pw2").log


def test_a_list_that_shrinks_is_held_back(ask: Ask, with_state: Path, change: Change) -> None:
    """More than max_shrink of the last list gone is 500 that says how many and what to do, until it recovers."""
    assert ask().status == 200
    change("DELETE FROM users WHERE login LIKE 'user_'")
    for _ in range(2):
        answer = ask()
        assert answer.status == 500
        assert b"user10" not in answer.body
        assert "10 of the 20 users" in answer.log
        assert "accept-list" in answer.log
    change(*(f"INSERT INTO users VALUES ('user{n}', NULL, NULL, NULL, 'x')" for n in range(10)))
    assert ask().status == 200


def test_a_small_loss_passes_and_becomes_the_last_list(ask: Ask, with_state: Path, change: Change) -> None:
    """Up to max_shrink may go at a time; the next list is compared with the one served."""
    for left in range(10, 4, -1):
        assert ask().status == 200
        change(f"DELETE FROM users WHERE login = 'user{left}'")
    assert len(json.loads(ask().body)) == 14


def test_a_loss_of_exactly_the_share_passes(
    ask: Ask, with_state: Path, change: Change, write_config: WriteConfig
) -> None:
    """29 of 100 are no more than 0.29, whatever 0.29 * 100 is to a computer; so says the status page."""
    write_config("from ais import guard\nstate = 'state.sqlite'\nguard(max_shrink=0.29)\n")
    change(*(f"INSERT INTO users VALUES ('more{n}', NULL, NULL, NULL, 'x')" for n in range(80)))
    assert len(json.loads(ask().body)) == 100
    change("DELETE FROM users WHERE login IN (SELECT login FROM users WHERE login LIKE 'more%' LIMIT 29)")
    assert b"Holds the list back" not in ask("", REQUEST_METHOD="GET").body
    assert ask().status == 200


@pytest.mark.parametrize("new", ["upper(login)", "'x' || login"])
def test_renames_and_new_names_do_not_make_up_for_a_loss(ask: Ask, with_state: Path, change: Change, new: str) -> None:
    """Names count, not their number: another spelling is another user for MailStore."""
    assert ask().status == 200
    change(f"UPDATE users SET login = {new}")
    assert ask().status == 500


def test_accept_list_lets_it_through(
    ask: Ask, with_state: Path, change: Change, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """bin/ais accept-list says what is gone and lets the list through; --diff told it before."""
    config = ["--config", str(folder / "config.py")]
    assert ask().status == 200
    change("DELETE FROM users WHERE login LIKE 'user_'", "INSERT INTO users VALUES ('new\u200b1', '', '', '', '')")
    assert ask().status == 500
    assert main(["list", "--diff", *config]) == 0
    assert capsys.readouterr().out.splitlines() == ["new: new?1", "gone: 10 of 20"]
    assert main(["accept-list", *config]) == 0
    assert ask().status == 200


@pytest.mark.parametrize("loss", ["delete", "garbage"])
def test_a_tripped_guard_survives_the_loss_of_the_state(
    ask: Ask, with_state: Path, change: Change, loss: str, folder: Path
) -> None:
    """When the state is lost while the guard is tripped, the short list still is not served."""
    assert ask().status == 200
    change("DELETE FROM users WHERE login LIKE 'user_'")
    assert ask().status == 500
    with_state.unlink() if loss == "delete" else with_state.write_bytes(b"garbage" * 1000)
    assert ask().status == 500
    assert ask().status == 500
    assert main(["accept-list", "--config", str(folder / "config.py")]) == 0
    assert ask().status == 200


def test_a_failed_list_is_not_the_last_list(ask: Ask, with_state: Path, change: Change) -> None:
    """A list that failed leaves what is compared with as it was."""
    assert ask().status == 200
    change("INSERT INTO users VALUES (NULL, NULL, NULL, NULL, NULL)", "DELETE FROM users WHERE login LIKE 'user_'")
    assert ask().status == 500
    change("DELETE FROM users WHERE login IS NULL")
    assert ask().status == 500


def test_a_failed_list_closes_the_state(folder: Path, with_state: Path, change: Change) -> None:
    """A list that failed leaves nothing open, however long its error is kept."""
    change("INSERT INTO users VALUES (NULL, NULL, NULL, NULL, NULL)")
    with pytest.raises(SourceError):
        list_users({}, load(str(folder / "config.py")), Entry(None, ""))
    assert str(with_state) not in open_files()


def test_without_a_usable_state_requests_go_on(ask: Ask, write_config: WriteConfig) -> None:
    """A state that cannot be used is said in the log and stops nobody."""
    for state in ("none/state.sqlite", "redis://127.0.0.1:1/0"):
        write_config(f"state = {state!r}\n")
        for body in ("cmd=list", "cmd=auth&user=john.doe&pass=Passw0rd"):
            answer = ask(body)
            assert answer.status == 200
            assert "going on without it" in answer.log


def last_asked(folder: Path) -> str:
    """What is known of the last question for a list."""
    return when_asked(load(str(folder / "config.py")))


def test_each_question_for_a_list_is_remembered(ask: Ask, with_state: Path, change: Change, folder: Path) -> None:
    """The state knows when MailStore last asked for the list, and the number of users or the error that it got."""
    assert "has not asked for the list yet" in last_asked(folder)
    for _ in range(2):
        assert ask().status == 200
    assert re.fullmatch(
        r"MailStore last asked for the list less than a minute ago \(20\d\d-\d\d-\d\d \d\d:\d\d UTC\) and got 20 users",
        last_asked(folder),
    )
    change("DELETE FROM users WHERE login LIKE 'user_'")
    assert ask().status == 500
    assert "got an error: the guard held it back" in last_asked(folder)
    change("DROP TABLE users")
    assert ask().status >= 500
    assert "got an error: source 1 (sql, sqlite)" in last_asked(folder)


def test_a_login_is_no_question_for_a_list(ask: Ask, with_state: Path, folder: Path) -> None:
    """Only cmd=list counts, and only of a caller who may ask."""
    ask("cmd=auth&user=user1&pass=pw1")
    ask(HTTP_AUTHORIZATION=None)
    assert "has not asked for the list yet" in last_asked(folder)


def test_a_request_that_is_ended_leaves_a_trace(run: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A source that hangs ends the process: what is remembered says that there was no list."""
    write_config(
        "state = 'state.sqlite'\ntimeout = 0.5\nfrom ais import Source\nimport time\nclass Hangs(Source):\n"
        "    def users(self):\n        time.sleep(60)\n    def authenticate(self, user, password):\n"
        "        return None\nsources = [Hangs()]\n"
    )
    assert run().status == 503
    assert "has got no answer yet" in last_asked(folder)
    time.sleep(1.6)
    assert "got no list: the request was ended before there was one" in last_asked(folder)


@pytest.fixture
def asked(folder: Path, write_config: WriteConfig) -> Path:
    """A source that writes down what it is asked."""
    write_config(
        whole="from ais import Source, User, caller, throttle\n"
        "class Mine(Source):\n    def users(self):\n        return [User('anna')]\n"
        "    def authenticate(self, user, password):\n"
        f"        with open({str(folder / 'asked')!r}, 'a') as file:\n            file.write(password + '\\n')\n"
        "        if password == 'broken':\n            raise OSError\n"
        "        return password == 'right' if user.lower().strip().replace('ä', 'a') == 'anna' else None\n"
        "callers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]\nsources = [Mine()]\n"
        "state = 'state.sqlite'\nthrottle(failures=3, window=2)\n"
    )
    (folder / "asked").touch()
    return folder / "asked"


def login(ask: Ask, password: str, user: str = "anna") -> bytes:
    """The answer to a login."""
    return ask(f"cmd=auth&user={user}&pass={password}").body


def test_the_same_wrong_password_reaches_the_source_once(ask: Ask, asked: Path) -> None:
    """A client that repeats a wrong password locks nobody out; other passwords go on to be asked."""
    assert [login(ask, "wrong") for _ in range(5)] == [NO] * 5
    assert login(ask, "right") == YES
    assert asked.read_text().split() == ["wrong", "right"]


def test_after_too_many_failures_the_source_is_not_asked(ask: Ask, asked: Path) -> None:
    """Over the limit the answer is a no without asking, however the name is written, until the window ends."""
    assert [login(ask, f"wrong{n}", ["anna", "ANNA", "ännä"][n % 3]) for n in range(5)] == [NO] * 5
    assert login(ask, "right") == NO
    assert asked.read_text().split() == ["wrong0", "wrong1", "wrong2"]
    assert login(ask, "wrong0", "bert") == NO
    time.sleep(2.1)
    assert login(ask, "right") == YES


def test_success_forgets_and_errors_do_not_count(ask: Ask, asked: Path) -> None:
    """A right password begins anew; a source that cannot tell is no failure of the user."""
    for _ in range(3):
        login(ask, "wrong1")
        login(ask, "wrong2")
        assert login(ask, "right") == YES
    for _ in range(5):
        assert ask("cmd=auth&user=anna&pass=broken").status == 503
    assert login(ask, "right") == YES


def test_requests_without_credentials_are_not_counted(ask: Ask, asked: Path) -> None:
    """The first POST of a .NET client carries no Authorization."""
    for _ in range(5):
        assert ask("cmd=auth&user=anna&pass=wrong", HTTP_AUTHORIZATION=None).status == 401
    assert asked.read_text() == ""
    assert login(ask, "right") == YES


def test_tenants_that_name_one_state_share_nothing(ask: Ask, asked: Path, folder: Path) -> None:
    """Two configurations in one folder with one state file have failures, lists and keys of their own."""
    login(ask, "wrong")
    (folder / "tenant-b.py").write_text((folder / "config.py").read_text())
    log = io.StringIO()
    body = b"cmd=auth&user=anna&pass=wrong"
    cgi.answer(variables(body), io.BytesIO(body), log, lambda: load(str(folder / "tenant-b.py")))
    assert asked.read_text().split() == ["wrong", "wrong"]


def test_a_success_clears_what_its_own_name_has_failed(ask: Ask, with_state: Path, write_config: WriteConfig) -> None:
    """Failures count for the exact name and for all names alike; whoever logs in does not forgive those of another."""
    write_config(
        whole="from ais import Source, User, caller, throttle\nclass Mine(Source):\n    def users(self):\n"
        "        return [User('elan'), User('\u00e9lan')]\n    def authenticate(self, user, password):\n"
        "        return password == user\ncallers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]\n"
        "sources = [Mine()]\nstate = 'state.sqlite'\nthrottle(failures=6, window=60)\n"
    )
    accented = quote("\u00e9lan")
    for n in range(3):
        assert login(ask, f"wrong{n}", accented) == login(ask, f"wrong{n}") == NO  # anna counts for itself
    for n in range(2):
        assert login(ask, f"wrong{n}", "elan") == NO
    assert login(ask, "elan", "elan") == YES  # clears the two of elan
    assert login(ask, "wrong7", "elan") == login(ask, "wrong8", "elan") == NO
    assert login(ask, "\u00e9lan", accented) == YES
    assert [login(ask, f"bad{n}", ["elan", accented, "ELAN"][n % 3]) for n in range(4)] == [NO] * 4
    assert "throttled" in ask(f"cmd=auth&user={accented}&pass={accented}").log


def test_a_damaged_state_is_said(ask: Ask, with_state: Path) -> None:
    """With the state goes what the guard knew: the log says so."""
    assert ask().status == 200
    with_state.write_bytes(b"garbage" * 1000)
    answer = ask("cmd=auth&user=user1&pass=pw1")
    assert answer.body == YES
    assert "is damaged; it is now" in answer.log
    assert "the guard does not know the last list any more" in answer.log
