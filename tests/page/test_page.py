"""The status page, in this process."""

from __future__ import annotations

import json
import re
import sqlite3
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ais.checking.examine import examine
from conftest import Ask, credentials
from page.asking import SCRIPT, Reader, get, post, seen, token
from support.site import USERS

WriteConfig = Callable[..., None]

STATE = 'state = "state.sqlite"\n'
DOWN = """
from ais import Source, User
class Broken(Source):
    def users(self):
        raise RuntimeError("password=hunter2")
    def authenticate(self, user, password):
        raise RuntimeError("password=hunter2")
sources = sources + [Broken()]
"""


def insert(folder: Path, *names: str) -> None:
    """Add users to the sample database."""
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, NULL)", [(name, name, name, f"{name}@example.com") for name in names]
        )
    connection.close()


def delete(folder: Path) -> None:
    """Leave only one user in the sample database."""
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.execute("DELETE FROM users WHERE login <> 'john.doe'")
    connection.close()


def test_headers(ask: Ask) -> None:
    """The page may load and run nothing, and is framed and stored nowhere; its own style is let in by its hash."""
    answer = get(ask)
    style = re.search(r"<style>(.*?)</style>", answer.body.decode(), re.DOTALL)
    assert style
    wanted = b64encode(sha256(style[1].encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{wanted}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"style=" not in answer.body
    assert b"http" not in answer.body


def test_shows_sources_users_and_version(ask: Ask) -> None:
    """It shows each source with its number of users, the total as a plain number, the users, and the version."""
    parts = Reader(get(ask)).parts
    assert parts["total"] == str(len(USERS))
    assert f"{len(USERS)} users" in parts["sources"]
    for user in USERS:
        assert user.login in parts["users"]
    assert "1 user without an address" in parts["findings"]
    assert "Application Integration Server 0." in parts["users"]


def test_says_when_mailstore_last_asked(ask: Ask, write_config: WriteConfig) -> None:
    """Below the first line it says when MailStore last asked and what it got; without a state what is needed."""
    assert "not known: it is remembered once state is set" in Reader(get(ask)).parts[""]
    write_config(STATE)
    assert "MailStore has not asked for the list yet" in Reader(get(ask)).parts[""]
    ask(b"cmd=list")
    assert f"and got {len(USERS)} users." in Reader(get(ask)).parts[""]
    write_config(STATE + DOWN)
    ask(b"cmd=list")
    assert "and got an error: source 2 (Broken)" in Reader(get(ask)).parts[""]


def test_names_that_make_the_list_an_error(ask: Ask, write_config: WriteConfig) -> None:
    """Where names of two sources make the list an error, the page says so, and shows the rest."""
    look_alike = DOWN.replace('raise RuntimeError("password=hunter2")', "return [User('John.Doe')]", 1)
    write_config(look_alike.replace('raise RuntimeError("password=hunter2")', "return None"))
    parts = Reader(get(ask)).parts
    assert parts["total"] == "unknown"
    assert "a source that compares names loosely" in parts["findings"]
    assert "MailStore gets none until the problem above is solved" in parts["users"]
    assert "MailStore gets no list: two sources have names that can be mistaken for each other" in parts[""]
    assert "john.doe" in parts["users"]


def test_a_source_that_lets_in_anybody(ask: Ask, write_config: WriteConfig) -> None:
    """A random password is tried when the page is made; a yes is a problem."""
    anybody = DOWN.replace('raise RuntimeError("password=hunter2")', "return [User('zoe')]", 1)
    write_config(anybody.replace('raise RuntimeError("password=hunter2")', "return True"))
    assert "lets in a user who does not exist with a random password" in Reader(get(ask)).parts["findings"]


def test_a_damaged_state_is_logged(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A damaged state that the page puts aside leaves a line in the log."""
    write_config(STATE)
    (folder / "state.sqlite").write_bytes(b"no database" * 500)
    assert "is damaged" in get(ask).log


def test_shows_what_mailstore_gets(ask: Ask, write_config: WriteConfig) -> None:
    """An address of an earlier source's user is shown for that user alone, as in the list."""
    write_config(
        """
from ais import Source, User
class Second(Source):
    def users(self):
        return [User("zoe", email_addresses=["zoe@example.net", "john.doe@example.com"])]
    def authenticate(self, user, password):
        return None
sources = sources + [Second()]
"""
    )
    answer = ask(b"cmd=list")
    listed = {user["userName"]: user.get("emailAddresses") for user in json.loads(answer.body)}
    assert listed["zoe"] == ["zoe@example.net"]
    assert "john.doe@example.com" in listed["john.doe"]
    zoe = Reader(get(ask, "search=zoe")).parts["users"]
    assert "zoe@example.net" in zoe
    assert "john.doe@example.com" not in zoe


def test_many_findings_of_one_kind_hide_no_other(ask: Ask, folder: Path) -> None:
    """An address that two users have is shown, however many findings of another kind come before it."""
    insert(folder, *(name for number in range(30) for name in (f"rené{number}", f"rene{number}")))
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.execute("UPDATE users SET mail = mail || ', all@example.com' WHERE login LIKE 'rene_'")
    connection.close()
    text = Reader(get(ask)).parts["findings"]
    assert "rene0 and rene1 both have the address all@example.com" in text
    assert "more notes" in text


def test_parts_are_linked_from_the_top(ask: Ask) -> None:
    """Before any user there are links to the forms, and each leads to a part of the page."""
    body = get(ask).body.decode()
    links = re.findall(r'<a href="#(\w+)"', body.partition("<main>")[0])
    assert links == ["findings", "login", "guard", "users"]
    for link in links:
        assert f'<section id="{link}"' in body
    assert body.index('<section id="guard"') < body.index('<section id="users"')


def test_head_has_the_same_header(ask: Ask) -> None:
    """HEAD gives the header of GET."""
    one, two = get(ask), get(ask, REQUEST_METHOD="HEAD")
    assert (one.status, one.headers) == (two.status, two.headers)


def test_strangers_get_the_challenge(ask: Ask) -> None:
    """Who is no caller sees nothing, by GET and by POST."""
    sent = {"action": "login", "token": token(get(ask)), "user": "john.doe", "password": "Passw0rd"}
    for header in (None, credentials(password="wrong")):
        for answer in (get(ask, HTTP_AUTHORIZATION=header), post(ask, sent, HTTP_AUTHORIZATION=header)):
            assert answer.status == 401
            assert b"john.doe" not in answer.body


def test_page_can_be_switched_off(ask: Ask, write_config: WriteConfig) -> None:
    """With page = False, GET and HEAD are 405, and the forms do nothing."""
    sent = {"action": "login", "token": token(get(ask)), "user": "john.doe", "password": "Passw0rd"}
    write_config("page = False\n")
    for method in ("GET", "HEAD"):
        answer = get(ask, REQUEST_METHOD=method)
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert post(ask, sent).status == 400


def test_everything_is_escaped(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """No value becomes markup: names, addresses, searches, user names tried, findings, the caller."""
    insert(folder, SCRIPT, f"{SCRIPT} ", '" autofocus onfocus="alert(1)', "</style>&amp;")
    write_config(STATE)
    plain = Reader(get(ask, "search=xyz"))
    shown = get(ask, "search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    tried = post(ask, {"action": "login", "token": token(shown), "user": f'">{SCRIPT}', "password": SCRIPT})
    for answer in (shown, tried, get(ask), get(ask, "search=script")):
        assert answer.status == 200
        page = Reader(answer)
        assert set(page.tags) <= {*plain.tags, "table", "thead", "tbody", "tr", "th", "td", "strong"}
        assert "script" not in page.tags
        assert b'onfocus="' not in answer.body
        assert b"<script" not in answer.body
    assert SCRIPT in Reader(get(ask)).parts["users"]
    assert f'">{SCRIPT}' in Reader(tried).parts["login"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=JANE", ["jane.doe"]),
        ("search=doe%40example", ["john.doe", "jane.doe"]),
        ("search=gr%C3%B6SSE", ["jürgen+ö & söhne"]),
        ("search=gr%C3%B6%C3%9Fe", ["jürgen+ö & söhne"]),
        ("search=%2B%C3%B6+%26", ["jürgen+ö & söhne"]),
        ("search=nobody-of-this-name", []),
        ("search=", [user.login for user in USERS]),
        ("other=1&search", [user.login for user in USERS]),
    ],
)
def test_search(ask: Ask, query: str, names: list[str]) -> None:
    """A search finds names and addresses in any case of letters, and says how many."""
    text = Reader(get(ask, query)).parts["users"]
    assert {user.login for user in USERS if re.search(rf"^{re.escape(user.login)}", text, re.MULTILINE)} == set(names)
    if "search=" in query and query != "search=":
        assert f"{len(names)} of {len(USERS)} users match" in text


@pytest.mark.parametrize("query", ["%", "search=%ff%00%zz", "&" * 5000, "search=" + "x" * 60000, "=" * 50 + "&&&"])
def test_strange_queries_do_no_harm(ask: Ask, query: str) -> None:
    """Whatever stands in the query, the page is whole and small."""
    answer = get(ask, query)
    assert answer.status == 200
    assert len(answer.body) < 40_000


@pytest.mark.parametrize("added", ["", STATE], ids=["no state", "state"])
@pytest.mark.parametrize(
    ("user", "password", "word"),
    [
        ("john.doe", "Passw0rd", "Yes for john.doe: right password"),
        ("john.doe", "wrong-pa55", "No for john.doe: wrong password"),
        ("nobody", "wrong-pa55", "No for nobody: unknown user"),
        ("jürgen+ö & söhne", USERS[2].password, "Yes for jürgen"),
        ("", "wrong-pa55", "No for : a name that no user can have"),
    ],
)
def test_login(ask: Ask, write_config: WriteConfig, added: str, user: str, password: str, word: str) -> None:
    """A login that is tried says yes or no and why; its password comes back nowhere, and is not in the log."""
    write_config(added)
    answer = post(ask, {"action": "login", "token": token(get(ask)), "user": user, "password": password})
    assert answer.status == 200
    assert word in Reader(answer).parts["login"]
    assert "wrong-pa55" not in answer.body.decode() + answer.log
    assert 'command="page"' in answer.log
    assert "outcome" in answer.log


@pytest.mark.parametrize("typed", ["JOHN.DOE", "John.Doe", " john.doe", "jühn.doe", "Jürgen+Ö & Söhne", "nobody", ""])
def test_login_with_almost_a_name(ask: Ask, write_config: WriteConfig, typed: str) -> None:
    """The page names the listed user whose name is almost the one typed; MailStore's own answer stays a bare no."""
    write_config(STATE)
    for _ in range(2):  # the second one is held by the throttle
        answer = post(ask, {"action": "login", "token": token(get(ask)), "user": typed, "password": "Passw0rd"})
        text = Reader(answer).parts["login"]
        assert "No for" in text
        name = {"j": "john.doe", "J": "jürgen+ö & söhne"}.get(typed.strip()[:1]) if "ü" in typed[:2] else "john.doe"
        wanted = typed not in ("nobody", "", "jühn.doe")
        assert (f"{name} exists: names are compared letter by letter" in text) == wanted
        assert (" exists" in text) == wanted
        assert "letter by letter" not in answer.log
    assert ask(f"cmd=auth&user={quote(typed)}&pass=Passw0rd").body == b'{"succeeded": false}'


def test_login_with_the_name_itself(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A wrong password of a listed user is no question of letters, also where another name is almost the same."""
    insert(folder, "John.Doe")
    write_config(STATE)
    for _ in range(2):
        answer = post(ask, {"action": "login", "token": token(get(ask)), "user": "john.doe", "password": "wrong"})
        assert " exists" not in Reader(answer).parts["login"]


def test_login_keeps_the_throttle(ask: Ask, write_config: WriteConfig) -> None:
    """Wrong passwords at the page count as those at MailStore do."""
    write_config(STATE + "from ais import throttle\nthrottle(failures=2)\n")
    sent = {"action": "login", "token": token(get(ask)), "user": "john.doe"}
    for number in range(2):
        assert "No for" in Reader(post(ask, {**sent, "password": f"wrong{number}"})).parts["login"]
    assert "throttled" in Reader(post(ask, {**sent, "password": "Passw0rd"})).parts["login"]
    assert ask("cmd=auth&user=john.doe&pass=Passw0rd").body == b'{"succeeded": false}'


@pytest.mark.parametrize("added", ["", STATE], ids=["no state", "state"])
@pytest.mark.parametrize(
    ("changed_fields", "changed"),
    [
        ({"token": ""}, {}),
        ({"token": "0" * 32}, {}),
        ({"token": "ä" * 32}, {}),
        ({}, {"HTTP_SEC_FETCH_SITE": "cross-site"}),
        ({}, {"HTTP_SEC_FETCH_SITE": "same-site"}),
        ({}, {"HTTP_SEC_FETCH_SITE": "nonsense"}),
        ({}, {"HTTP_SEC_FETCH_SITE": None, "HTTP_ORIGIN": "https://evil.example"}),
        ({}, {"HTTP_SEC_FETCH_SITE": None, "HTTP_ORIGIN": "https://mail.example.test.evil.example"}),
    ],
)
@pytest.mark.parametrize("action", ["login", "accept"])
def test_forms_of_other_sites_are_403(
    ask: Ask,
    write_config: WriteConfig,
    action: str,
    changed_fields: dict[str, str],
    changed: dict[str, str | None],
    added: str,
) -> None:
    """A form without the right token, or that a browser says another site sent, does nothing."""
    write_config(added)
    sent = {"action": action, "token": token(get(ask)), "user": "john.doe", "password": "Passw0rd", "seen": "0"}
    answer = post(ask, {**sent, **changed_fields}, HTTP_HOST="mail.example.test", **changed)
    assert answer.status == 403
    assert "site" in json.loads(answer.body)["error"]
    del sent["token"]
    assert post(ask, sent).status == 403


def test_forms_of_this_page_pass(ask: Ask) -> None:
    """A browser that sends no Sec-Fetch-Site is believed its Origin; the token is enough where it sends neither."""
    sent = {"action": "login", "token": token(get(ask)), "user": "john.doe", "password": "Passw0rd"}
    for origin in (None, "null", "https://mail.example.test", "http://MAIL.example.test"):
        answer = post(ask, sent, HTTP_SEC_FETCH_SITE=None, HTTP_ORIGIN=origin, HTTP_HOST="mail.example.test")
        assert answer.status == 200
    assert post(ask, {**sent, "action": "delete"}).status == 400


def test_tokens_are_of_one_caller_and_two_days(
    ask: Ask, write_config: WriteConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another caller's token and one of the day before yesterday are refused; yesterday's is taken."""
    text = (folder / "config.py").read_text()
    config = re.sub(r"callers = \[(.*)\]", r'callers = [\1, caller("b", "{PLAIN}" + "s" * 20)]', text)
    write_config(whole=config)
    first, second = token(get(ask)), token(get(ask, HTTP_AUTHORIZATION=credentials("b", "s" * 20)))
    assert first != second
    sent = {"action": "login", "user": "john.doe", "password": "Passw0rd"}
    assert post(ask, {**sent, "token": second}).status == 403
    now = __import__("time").time()
    for days, status in ((1, 200), (2, 403)):
        monkeypatch.setattr("ais.page.crosssite.time.time", lambda days=days: now + days * 86400)
        assert post(ask, {**sent, "token": first}).status == status


def test_commands_of_other_sites_are_403(ask: Ask) -> None:
    """A browser that another site uses can neither count failed logins nor list; MailStore sends no such header."""
    for body in ("cmd=list", "cmd=auth&user=john.doe&pass=wrong"):
        assert ask(body, HTTP_SEC_FETCH_SITE="cross-site").status == 403
        assert ask(body, HTTP_SEC_FETCH_SITE="none").status == 200
        assert ask(body).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_page_for_other_sites_is_403(ask: Ask, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Another site cannot make a browser run the examination, not even without reading it; typing the address can."""
    examined = []

    def note(*given: Any) -> Any:
        examined.append(given)
        return examine(*given)

    monkeypatch.setattr("ais.page.examine", note)
    for site in ("cross-site", "same-site", "nonsense"):
        assert get(ask, REQUEST_METHOD=method, HTTP_SEC_FETCH_SITE=site).status == 403
    origin = get(ask, REQUEST_METHOD=method, HTTP_ORIGIN="https://evil.example", HTTP_HOST="mail.example.test")
    assert origin.status == 403
    assert examined == []
    for site in ("none", "same-origin"):
        assert get(ask, REQUEST_METHOD=method, HTTP_SEC_FETCH_SITE=site).status == 200
    assert len(examined) == 2


def test_no_secret_no_forms(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """Where nothing secret is there to make tokens with, there are no forms, and none is taken."""
    text = (folder / "config.py").read_text()
    open_config = re.sub(r"callers = .*", "from ais import web_server\ncallers = [web_server()]", text)
    write_config(whole=open_config)
    answer = get(ask, REMOTE_USER="anna")
    assert b'<form method="post"' not in answer.body
    assert b"set state" in answer.body
    assert post(ask, {"action": "login", "token": "", "user": "a", "password": "b"}, REMOTE_USER="anna").status == 403
    write_config(whole=open_config + STATE)
    assert token(get(ask, REMOTE_USER="anna"))


def test_a_source_that_is_down(ask: Ask, write_config: WriteConfig) -> None:
    """It is shown as down with its error, without secrets; the others are shown, and no total is claimed."""
    write_config(DOWN + STATE)
    answer = get(ask)
    page = Reader(answer)
    assert answer.status == 200
    assert "Fails" in page.parts["sources"]
    assert "4 users" in page.parts["sources"]
    assert page.parts["total"] == "unknown"
    assert "1 of 2" in page.parts[""]
    assert "MailStore gets no list: source 2 (Broken) fails" in page.parts[""]
    assert "john.doe" in page.parts["users"]
    assert "until every source answers" in page.parts["guard"]
    tried = post(ask, {"action": "login", "token": token(answer), "user": "nobody", "password": "hunter2"})
    assert "Cannot tell for nobody: source 2" in Reader(tried).parts["login"]
    assert b"hunter2" not in answer.body + tried.body


def test_passwords_that_cannot_be_read(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A source whose logins fail still lists: it is not down, and its fault is a problem."""
    text = (folder / "config.py").read_text()
    write_config(whole=text.replace("SELECT password FROM users WHERE", "SELECT pass FROM users WHERE"))
    page = Reader(get(ask))
    assert page.parts["total"] == "4"
    assert "Fails" not in page.parts["sources"]
    assert "every login that reaches this source" in page.parts["findings"]


def test_a_source_that_hangs(ask: Ask, write_config: WriteConfig) -> None:
    """A source that takes all the time is shown as down, and those after it are asked all the same."""
    hanging = """
from ais import Source, User
from ais import deadline as _deadline
import time
class Slow(Source):
    def users(self):
        while True:
            time.sleep(0.05)
            _deadline.remaining()
    def authenticate(self, user, password):
        self.users()
sources = [Slow(), *sources]
timeout = 1
"""
    write_config(hanging)
    page = Reader(get(ask))
    assert "took longer than its timeout" in page.parts["sources"]
    assert "4 users" in page.parts["sources"]
    tried = post(ask, {"action": "login", "token": token(get(ask)), "user": "john.doe", "password": "Passw0rd"})
    assert "Cannot tell for john.doe" in Reader(tried).parts["login"]
    assert "4 users" in Reader(tried).parts["sources"]


def test_guard_is_accepted(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A list that the guard holds back is let through by the button, once, and by nothing else."""
    write_config(STATE)
    assert "No list has been served yet" in Reader(get(ask)).parts["guard"]
    assert ask("cmd=list").status == 200
    assert "0 of the 4 users" in Reader(get(ask)).parts["guard"]
    delete(folder)
    assert ask("cmd=list").status == 500
    answer = get(ask)
    parts = Reader(answer).parts
    assert "MailStore gets no list: the guard holds it back" in parts[""]
    assert parts["total"] == "1"
    assert "user held back" in parts[""]
    assert "MailStore gets none of them" in parts["users"]
    text = parts["guard"]
    assert "Holds the list back" in text
    assert "3 of the 4 users" in text
    assert ask("cmd=list").status == 500
    sent = {"action": "accept", "token": token(answer), "seen": seen(answer)}
    accepted = post(ask, sent)
    assert "1 user is now the last one served; 3 of the one before are gone" in Reader(accepted).parts["guard"]
    assert "held back" not in Reader(accepted).parts[""]
    assert "now the last one served" in accepted.log
    assert ask("cmd=list").status == 200
    assert b'value="accept"' not in get(ask).body


def test_guard_accepts_only_what_was_seen(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A list that has changed since the page was looked at is not let through by its button."""
    insert(folder, *(f"user{number}" for number in range(8)))
    write_config(STATE)
    assert ask("cmd=list").status == 200
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.execute("DELETE FROM users WHERE login LIKE 'user%'")
    connection.close()
    before = get(ask)
    delete(folder)
    answer = post(ask, {"action": "accept", "token": token(before), "seen": seen(before)})
    assert "has changed since you looked at it" in Reader(answer).parts["guard"]
    assert ask("cmd=list").status == 500
    post(ask, {"action": "accept", "token": token(answer), "seen": seen(answer)})
    assert ask("cmd=list").status == 200


def test_guard_lets_exactly_its_share_go(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """29 of 100 are no more than 0.29 on the page, too, whatever 0.29 * 100 is to a computer."""
    insert(folder, *(f"user{number}" for number in range(67)), *(f"gone{number}" for number in range(29)))
    write_config(STATE + "from ais import guard\nguard(max_shrink=0.29)\n")
    assert ask("cmd=list").status == 200
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.execute("DELETE FROM users WHERE login LIKE 'gone%'")
    connection.close()
    assert "29 of the 100 users of the last list served are missing; up to 29 %" in Reader(get(ask)).parts["guard"]
    assert ask("cmd=list").status == 200


def test_guard_wants_more_users(ask: Ask, write_config: WriteConfig) -> None:
    """Too few users are said to be too few, and no button lets them through."""
    write_config(STATE + "from ais import guard\nguard(min_users=5)\n")
    answer = get(ask)
    assert "min_users=5" in Reader(answer).parts["guard"]
    assert b'value="accept"' not in answer.body


def test_a_broken_state_does_not_break_the_page(ask: Ask, write_config: WriteConfig) -> None:
    """A state that cannot be used is said to be so; logins can be tried all the same."""
    write_config('state = "no-such-folder/state.sqlite"\n')
    answer = get(ask)
    page = Reader(answer)
    assert "cannot be used" in page.parts["guard"]
    assert "cannot be used" in page.parts["findings"]
    sent = {"action": "login", "token": token(answer), "user": "john.doe", "password": "Passw0rd"}
    assert "Yes for john.doe" in Reader(post(ask, sent)).parts["login"]


def test_many_users(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """100,000 users with 100,000 findings make a small page: the first ones, and how many more."""
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, NULL, ?, NULL)",
            ((f"user{number}", f"User {number}", f"user{number}@localhost") for number in range(99_996)),
        )
    connection.close()
    write_config(STATE)
    answer = get(ask)
    page = Reader(answer)
    assert page.parts["total"] == "100000"
    assert "the first 50 are shown" in page.parts["users"]
    assert re.search(r"and 999\d\d more notes", page.parts["findings"])
    assert len(answer.body) < 40_000
    searched = Reader(get(ask, "search=user9999"))
    assert "7 of 100000 users match" in searched.parts["users"]
    assert int(re.search(r"ms=(\d+)", answer.log)[1]) < 20_000  # type: ignore[index]


def test_real_entry(run: Ask) -> None:
    """The page comes out of the real CGI entry, without site, too."""
    answer = get(run, "search=jane")
    assert answer.status == 200
    assert "1 of 4 users match" in Reader(answer).parts["users"]
    tried = post(run, {"action": "login", "token": token(answer), "user": "john.doe", "password": "Passw0rd"})
    assert "Yes for john.doe" in Reader(tried).parts["login"]
