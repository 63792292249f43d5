"""Whose name, whose address: what the list and logins make of the rules in `ais.identity`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import Ask

WriteConfig = Callable[..., None]
YES, NO = b'{"succeeded": true}', b'{"succeeded": false}'
HEAD = """from ais import Source, User, caller, csv, users
callers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]
"""


@pytest.fixture
def tables(folder: Path, write_config: WriteConfig) -> Callable[..., None]:
    """Write csv files and a configuration that lists them in order."""

    def writing(*texts: str, more: str = "") -> None:
        for number, text in enumerate(texts):
            (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        sources = ", ".join(f"csv('{number}.csv')" for number in range(len(texts)))
        write_config(whole=f"{HEAD}sources = [{sources}]\n{more}\n")

    return writing


def login(ask: Ask, user: str, password: str) -> bytes | int:
    """The answer to a login; the status where it is an error."""
    # A body may have 64 KiB.
    answer = ask(f"cmd=auth&user={user if len(user) > 2000 else quote(user)}&pass={quote(password)}")
    return answer.body if answer.status == 200 else answer.status


@pytest.mark.parametrize(
    "rows",
    [
        "ANNA,{PLAIN}mallory\nAnna,{PLAIN}victim\n",
        "anna,{PLAIN}victim\nAnna,{PLAIN}mallory\n",
        "Anna,{PLAIN}mallory\nanna,{PLAIN}victim\n",
    ],
)
@pytest.mark.parametrize("user", ["anna", "Anna", "ANNA", "aNNa"])
def test_two_users_that_become_one_name_are_an_error_at_every_login(
    ask: Ask, tables: Callable[..., None], rows: str, user: str
) -> None:
    """With lowercase, nobody can tell whom a login means: no password is taken, by any spelling."""
    tables(f"userName,password\n{rows}bert,{{PLAIN}}pw\n", more="users(lowercase=True)")
    assert ask().status == 500
    for password in ("mallory", "victim", "other"):
        assert login(ask, user, password) == 500
    assert login(ask, "BERT", "pw") == YES


def test_rows_of_one_spelling_are_one_user(ask: Ask, tables: Callable[..., None]) -> None:
    """With lowercase, several rows of one user are no two users."""
    tables("userName,emailAddresses,password\nAnna,a@x.test,{PLAIN}pw\nAnna,b@x.test,\n", more="users(lowercase=True)")
    assert json.loads(ask().body) == [{"userName": "anna", "emailAddresses": ["a@x.test", "b@x.test"]}]
    assert login(ask, "anna", "pw") == login(ask, "Anna", "pw") == YES


@pytest.mark.parametrize("other", ["Rene", "RENE", "ren\u00e9", "r en e", "rene\u200b1", "re\u00f1e"])
@pytest.mark.parametrize("swapped", [False, True])
def test_names_of_two_sources_that_differ_loosely_are_an_error(
    ask: Ask, tables: Callable[..., None], other: str, swapped: bool
) -> None:
    """A source that compares loosely would answer for the other's user: the list names both, until one is skipped."""
    own = "rene1" if other.endswith("1") else "rene"
    texts = [f"userName,password\n{name},{{PLAIN}}pw\n" for name in (own, other)]
    tables(*(reversed(texts) if swapped else texts))
    answer = ask()
    assert answer.status == 500
    assert own in answer.log
    assert "source 1 (csv)" in answer.log
    assert "source 2 (csv)" in answer.log


AUTH = "SELECT password{} FROM users WHERE login = :user COLLATE NOCASE"


@pytest.mark.parametrize("more", ["", ", login AS userName"])
@pytest.mark.parametrize(("first", "second"), [("rene", "Rene"), ("ANNA", "anna"), ("Jos\u00e9", "jos\u00e9")])
def test_no_source_lets_in_by_the_name_of_another_sources_user(
    ask: Ask, folder: Path, write_config: WriteConfig, more: str, first: str, second: str
) -> None:
    """A database finds its user by other letters, too; the first source that lists the very name decides."""
    database = sqlite3.connect(folder / "loose.sqlite")
    database.execute("CREATE TABLE users (login, password)")
    database.execute("INSERT INTO users VALUES (?, '{PLAIN}one')", (first,))
    database.commit()
    database.close()
    (folder / "second.csv").write_text(f"userName,password\n{second},{{PLAIN}}two\n", encoding="utf-8")
    query = f"list_query='SELECT login AS userName FROM users', auth_query={AUTH.format(more)!r}"
    source = f"sql('sqlite', database='loose.sqlite', {query})"
    write_config(whole=f"from ais import sql\n{HEAD}sources = [{source}, csv('second.csv')]\n")
    assert ask().status == 500
    assert login(ask, first, "one") == YES
    assert login(ask, second, "one") == NO
    assert login(ask, first, "two") == NO
    assert login(ask, second, "two") == (YES if more else NO)  # without userName, a no is the database's


def test_skip_ends_a_clash(ask: Ask, tables: Callable[..., None]) -> None:
    """Who is skipped in one source is no clash; skip takes every spelling."""
    tables("userName\nrene\nbert\n", "userName\nRene\ncarl\n", more="users(skip=['RENE'])")
    assert [user["userName"] for user in json.loads(ask().body)] == ["bert", "carl"]


def test_names_of_one_source_may_differ_loosely(ask: Ask, tables: Callable[..., None]) -> None:
    """A source knows its own users apart."""
    tables("userName,password\nelan,{PLAIN}one\n\u00e9lan,{PLAIN}two\nElan,{PLAIN}three\n")
    assert len(json.loads(ask().body)) == 3
    assert login(ask, "\u00e9lan", "two") == login(ask, "Elan", "three") == YES
    assert login(ask, "elan", "two") == NO


def test_a_name_of_two_sources_is_the_earlier_one(ask: Ask, tables: Callable[..., None]) -> None:
    """A name that an earlier source gave is not given again, and no clash."""
    tables("userName,fullName\nrene,First\n", "userName,fullName\nrene,Second\nbert,\n")
    listed = [{"userName": "rene", "fullName": "First"}, {"userName": "bert"}]
    assert json.loads(ask().body) == listed


@pytest.mark.parametrize(
    "user",
    [
        "anna\u00a0", "\u00a0anna", "anna\u200b", "\ufeffanna", "anna\u3164", "anna\u00ad", "an\x00na"[:2] + "\x07na",
        "anna\x85", "\u2028anna", "anna ", " anna", "\tanna", "x" * 1025, "a" + "\u0301" * 16_100 + "\u0327" * 16_100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", ["", "users(lowercase=True, domain='example.com', skip=['root'])"])
def test_a_name_that_no_user_can_have_is_a_no(ask: Ask, write_config: WriteConfig, user: str, more: str) -> None:
    """White space and what cannot be seen around a name, control characters in it, and length: no source is asked."""
    write_config(
        whole=f"{HEAD}class Asked(Source):\n    def users(self):\n        raise OSError\n"
        f"    def authenticate(self, user, password):\n        raise OSError\nsources = [Asked()]\n{more}\n"
    )
    assert login(ask, user, "pw") == NO


@pytest.mark.parametrize("name", ["anna\u00a0", "\u200banna", "an\x07na", "anna\u3164", "x" * 1025])
def test_a_name_that_no_user_can_have_is_an_error_of_the_list(ask: Ask, tables: Callable[..., None], name: str) -> None:
    """The list is an error that names the row, and no shorter one."""
    tables(f"userName\nanna\n{name}\n")
    answer = ask()
    assert answer.status == 500
    assert "0.csv, line 3: userName cannot be used" in answer.log


def test_ascii_white_space_around_a_name_does_not_count(ask: Ask, tables: Callable[..., None]) -> None:
    """Names are trimmed in the list, and such rows are rows of the trimmed name."""
    tables("userName,emailAddresses\n anna\t,a@x.test\nanna,b@x.test\n")
    assert json.loads(ask().body) == [{"userName": "anna", "emailAddresses": ["a@x.test", "b@x.test"]}]


OWN = (
    HEAD + "class Own(Source):\n    def users(self):\n        for name, mail in ROWS:\n"
    "            yield User(name, email_addresses=mail)\n"
    "    def authenticate(self, user, password):\n        return None\nsources = [Own()]\n"
)


def own_source(rows: list[tuple[str, str]]) -> str:
    """A configuration whose source gives these names and cells of addresses."""
    return OWN.replace("ROWS", repr(rows))


def test_the_directory_adds_up_rows_of_every_source(ask: Ask, write_config: WriteConfig) -> None:
    """A source of the administrator's own may give a user's rows apart, too."""
    write_config(whole=own_source([("a", "a@x.test"), ("b", "b@x.test"), ("a", "c@x.test")]))
    assert json.loads(ask().body) == [
        {"userName": "a", "emailAddresses": ["a@x.test", "c@x.test"]},
        {"userName": "b", "emailAddresses": ["b@x.test"]},
    ]


@pytest.mark.parametrize(
    ("rows", "addresses"),
    [
        # A name that is an address is one, where the source gives no other.
        ([("kate@x.test", "")], [["kate@x.test"]]),
        ([("kate@x.test", "NULL")], [["kate@x.test"]]),
        ([("kate@x.test", "other@x.test")], [["other@x.test"]]),
        ([("kate@x", ""), ("@x", ""), ("a@b@c", "")], [["kate@x"], None, None]),
        # The exact name is the owner, in whatever order.
        ([("KATE@x.test", "kate@x.test"), ("kate@x.test", "kate@x.test")], [None, ["kate@x.test"]]),
        ([("kate@x.test", "kate@x.test"), ("KATE@x.test", "kate@x.test")], [["kate@x.test"], None]),
        ([("mallory", "KATE@X.test m@x.test"), ("kate@x.test", "")], [["m@x.test"], ["kate@x.test"]]),
        # The Kelvin sign is another letter.
        (
            [("\u212aate@x.test", "kate@x.test"), ("kate@x.test", "kate@x.test")],
            [None, ["kate@x.test"]],
        ),
        # The only one whose name differs in case; two such: nobody.
        ([("mallory", "kate@x.test"), ("Kate@x.test", "kate@x.test")], [None, ["kate@x.test"]]),
        ([("Kate@x.test", "kate@x.test"), ("KATE@x.test", "kate@x.test"), ("m", "kate@x.test")], [None, None, None]),
        # Whose name it is, owns it, with other addresses too.
        ([("kate@x.test", "k@x.test"), ("mallory", "kate@x.test")], [["k@x.test"], None]),
        # An address that is nobody's name may have several users.
        ([("anna", "info@x.test"), ("bert", "INFO@x.test")], [["info@x.test"], ["INFO@x.test"]]),
    ],
)
def test_the_owner_of_an_address_is_whose_name_it_is(
    ask: Ask, write_config: WriteConfig, rows: list[tuple[str, str]], addresses: list[list[str] | None]
) -> None:
    """Letter by letter first, then with ASCII letters folded, if only one is left."""
    write_config(whole=own_source(rows))
    assert [user.get("emailAddresses") for user in json.loads(ask().body)] == addresses


def test_a_name_loses_its_domain_and_keeps_its_address(ask: Ask, tables: Callable[..., None]) -> None:
    """strip_domain shapes the name in the list; logins find the way back, and the address stays the user's own."""
    tables(
        "userName,emailAddresses,password\nkate@Example.com,,{PLAIN}pw\nbob@other.test,,{PLAIN}pw\n",
        more="users(strip_domain='example.com')",
    )
    assert json.loads(ask().body) == [
        {"userName": "kate", "emailAddresses": ["kate@Example.com"]},
        {"userName": "bob@other.test", "emailAddresses": ["bob@other.test"]},
    ]
    tables("userName,password\nkate@example.com,{PLAIN}pw\n", more="users(strip_domain='example.com')")
    assert login(ask, "kate", "pw") == YES
    assert login(ask, "kate@example.com", "pw") == NO


STRIPPED = "users(strip_domain='example.com')"


@pytest.mark.parametrize("other", ["kate", "kate@Example.com"])
@pytest.mark.parametrize("swapped", [False, True])
def test_two_users_of_one_stripped_name_are_an_error_at_every_login(
    ask: Ask, tables: Callable[..., None], other: str, swapped: bool
) -> None:
    """Nobody can tell whom a login means, however the domain is written."""
    rows = [f"{other},{{PLAIN}}one\n", "kate@example.com,{PLAIN}two\n"]
    tables("".join(["userName,password\n", *(reversed(rows) if swapped else rows)]), more=STRIPPED)
    assert ask().status == 500
    for password in ("one", "two", "other"):
        assert login(ask, "kate", password) == 500


def test_stripped_names_are_compared_letter_by_letter(ask: Ask, tables: Callable[..., None]) -> None:
    """Names in other letters are other users, with a domain and without it."""
    tables("userName,password\nKATE@example.com,{PLAIN}one\nkate@example.com,{PLAIN}two\n", more=STRIPPED)
    assert [user["userName"] for user in json.loads(ask().body)] == ["KATE", "kate"]
    assert login(ask, "KATE", "one") == login(ask, "kate", "two") == YES
    assert login(ask, "KATE", "two") == login(ask, "kate", "one") == NO


def test_a_domain_in_other_letters_is_stripped_and_found_again(ask: Ask, tables: Callable[..., None]) -> None:
    """Who is listed without the domain logs in without it."""
    tables("userName,password\nkate@Example.COM,{PLAIN}pw\n", more=STRIPPED)
    assert [user["userName"] for user in json.loads(ask().body)] == ["kate"]
    assert login(ask, "kate", "pw") == YES
    assert login(ask, "kate@Example.COM", "pw") == NO


def test_a_stripped_name_still_owns_its_address(ask: Ask, tables: Callable[..., None]) -> None:
    """Whoever enters the whole name of another user gets nothing, whether it is listed with its domain or without."""
    tables(
        "userName,emailAddresses\nmallory@example.com,Kate@EXAMPLE.com m@x.test\nkate@example.com,kate@example.com\n",
        more="users(strip_domain='example.com')",
    )
    assert json.loads(ask().body) == [
        {"userName": "mallory", "emailAddresses": ["m@x.test"]},
        {"userName": "kate", "emailAddresses": ["kate@example.com"]},
    ]


def test_skip_takes_a_star_for_any_characters(ask: Ask, tables: Callable[..., None]) -> None:
    """Who is skipped is neither listed nor let in."""
    tables(
        "userName,password\nsvc-backup,{PLAIN}pw\nanna-svc,{PLAIN}pw\nHealthMailbox12,{PLAIN}pw\nab,{PLAIN}pw\n",
        more="users(skip=['svc-*', 'healthmailbox*', 'a*a*b'])",
    )
    assert [user["userName"] for user in json.loads(ask().body)] == ["anna-svc", "ab"]
    assert login(ask, "SVC-backup", "pw") == login(ask, "svc-backup", "pw") == NO
    assert login(ask, "anna-svc", "pw") == YES


def test_what_is_no_address_is_counted_in_the_log(ask: Ask, write_config: WriteConfig) -> None:
    """Nobody gets it, and the line of the list says how many there are."""
    write_config(whole=own_source([("a", "NULL, a@x.test"), ("b", "System.Object[]"), ("c", "c@x.test")]))
    answer = ask()
    assert json.loads(answer.body)[1] == {"userName": "b"}
    assert 'outcome="listed 3, left out 2 values that are no addresses"' in answer.log


ALIASED = """import sqlite3
from ais import caller, sql, users
callers = [caller("mailstore@example.test", "{{PLAIN}}Passw0rd")]
sources = [sql("sqlite", database="empty.sqlite", auth_query="SELECT NULL WHERE :user IS NULL", list_query={!r},
               alias_query="SELECT 'k@x.test (old)' AS address, 'j@x.test (old), anna@x.test' AS targets")]
"""


@pytest.mark.parametrize("more", ["", " UNION ALL SELECT 'bob@x.test' UNION ALL SELECT 'anna@x.test'"])
def test_what_is_no_address_in_an_alias_is_counted_in_the_log(
    ask: Ask, write_config: WriteConfig, folder: Path, more: str
) -> None:
    """So it is where a user's rows have to be put together first: a target and the address of an alias are two."""
    (folder / "empty.sqlite").touch()
    write_config(whole=ALIASED.format(f"SELECT 'anna@x.test' AS userName{more}"))
    answer = ask()
    assert json.loads(answer.body)[0] == {"userName": "anna@x.test", "emailAddresses": ["anna@x.test"]}
    assert ', left out 2 values that are no addresses"' in answer.log


@pytest.mark.parametrize("state", ["", "state = 'state.sqlite'\n"])
def test_an_unknown_user_costs_no_list_where_there_is_a_state(
    ask: Ask, folder: Path, write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """With a state, auth_query for a name listed before gives the decoy; the state holds no stored password."""
    write_config(state)
    assert ask().status == 200
    queries: list[str] = []
    from ais.sources.sql.drivers import sqlite as driver

    real = driver.Sqlite.run

    def run(self: object, connection: object, query: object, *rest: object, **more: object) -> object:
        queries.append("".join(query.texts))  # type: ignore[attr-defined]
        return real(self, connection, query, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(driver.Sqlite, "run", run)
    assert login(ask, "nobody", "wrong") == NO
    assert sum("AS userName" in query for query in queries) == (0 if state else 1)
    assert len(queries) == (2 if state else 3)
    if state:
        database = sqlite3.connect(folder / "state.sqlite")
        facts = str(database.execute("SELECT name, value FROM facts").fetchall())
        database.close()
        assert "john.doe" in facts
        assert "SSHA" not in facts


SHAPES = (
    "lowercase=True, domain='Example.COM'",
    "domain='x.test', skip=['info']",
    "strip_domain='x.test', skip=['*@x.test']",
    "strip_domain='x.test', domain='new.test'",
    "lowercase=True, strip_domain='X.test', skip=['ANN*']",
)


@pytest.mark.parametrize("shape", SHAPES)
def test_whoever_is_listed_can_log_in_and_nobody_else(ask: Ask, tables: Callable[..., None], shape: str) -> None:
    """However names are shaped, the listed name leads to its user, and the name of one who is skipped to nobody."""
    names = ("Joe", "ann@x.test", "info@x.test", "Eve@other.test", "annbert", "Jürgen@X.test")
    rows = "".join(f"{name},{{PLAIN}}{number}\n" for number, name in enumerate(names))
    tables(f"userName,password\n{rows}", more=f"users({shape})")
    listed = [user["userName"] for user in json.loads(ask().body)]
    assert 1 < len(listed) <= len(names)
    right = [
        (name, number)
        for name in {*listed, *names}
        for number in range(len(names))
        if login(ask, name, f"{number}") == YES
    ]
    assert {name for name, _ in right} >= set(listed)
    assert len({number for _, number in right}) == len(listed)


@pytest.mark.parametrize("shape", ["skip=['ann']", "domain='x.test'", "lowercase=True, skip=['ann']"])
def test_who_is_skipped_costs_what_an_unknown_user_costs(
    ask: Ask, tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    """A name that users(…) lists nobody by is a no after the work of a wrong password, even if it were let in."""
    tables("userName,password\nann,{PLAIN}pw\nbob,{PLAIN}pw\n", more=f"users({shape})")
    checked: list[str] = []

    def verify(stored: str, *_: object) -> bool:
        checked.append(stored)
        return True

    monkeypatch.setattr("ais.sources.text.verify", verify)
    for user in ("nobody@x.test", "ann"):
        checked.clear()
        assert login(ask, user, "pw") == NO
        assert checked == ["{PLAIN}pw"]


@pytest.mark.parametrize(
    ("rows", "shape", "expected"),
    [
        ("joe@x.test,joe@x.test boss@x.test\nboss@x.test,\n", "skip=['boss@*']", {"joe@x.test": ["joe@x.test"]}),
        ("boss@x.test,\njoe@x.test,boss@x.test a@x.test\n", "skip=['boss@*']", {"joe@x.test": ["a@x.test"]}),
        ("joe,svc@x.test j@x.test\nsvc,\n", "domain='x.test', skip=['svc']", {"joe@x.test": ["j@x.test"]}),
        ("joe,svc@x.test j@x.test\nsvc,\n", "strip_domain='x.test', skip=['svc']", {"joe": ["j@x.test"]}),
        (
            "joe@old.test,joe@old.test\nc,joe@OLD.test c@old.test\n",
            "strip_domain='old.test', domain='new.test'",
            {"joe@new.test": ["joe@old.test"], "c@new.test": ["c@old.test"]},
        ),
        ("Ä@x.test,\nbob,Ä@x.test b@x.test\n", "lowercase=True", {"ä@x.test": ["Ä@x.test"], "bob": ["b@x.test"]}),
    ],
)
@pytest.mark.parametrize("sources", [1, 2])
def test_an_own_address_stays_with_its_mailbox(
    ask: Ask, tables: Callable[..., None], rows: str, shape: str, expected: dict[str, list[str]], sources: int
) -> None:
    """Nobody gets the address that is the name of another mailbox, however that is listed, and if it is not listed."""
    lines = rows.splitlines()
    parts = [lines] if sources == 1 else [lines[:1], lines[1:]]
    tables(*("userName,emailAddresses\n" + "\n".join(part) + "\n" for part in parts), more=f"users({shape})")
    assert {user["userName"]: user["emailAddresses"] for user in json.loads(ask().body)} == expected


@pytest.mark.parametrize(
    ("name", "shape"),
    [("joe @x.test", "strip_domain"), ("joe\u00a0@x.test", "strip_domain"), ("x" * 1020, "domain")],
)
def test_a_shaped_name_that_no_user_can_have_is_an_error(
    ask: Ask, tables: Callable[..., None], name: str, shape: str
) -> None:
    """The list names the user: nobody could log in by what is left of the name."""
    tables(f"userName,fullName\nanna,A\n{name},B\n", more=f"users({shape}='x.test')")
    answer = ask()
    assert answer.status == 500
    assert "makes no name of " + name[:3] in answer.log
