"""alias_query, alias_domain_query and login of the source `sql`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ais import sql
from ais.addresses import MOST_FOR_ONE
from ais.config.settings import Guard, Users
from ais.directory.listing import list_users
from ais.errors import ConfigError, SourceError, SourceUnavailable
from ais.sources.sql.aliasrows import pairs_of
from sources.contract import INACTIVE, PASSWORD, SourceContract, added_up
from support.site import salted

SCRIPT = """
CREATE TABLE box (login, name, mail, password, active);
CREATE TABLE alias (address, targets);
CREATE TABLE domains (alias_domain, target_domain);
"""
LIST = "SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM box WHERE active"
AUTH = "SELECT password FROM box WHERE login = :user AND active"
ALIAS = "SELECT address, targets FROM alias"
DOMAIN = "SELECT alias_domain, target_domain FROM domains"

Row = tuple[object, ...]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with empty tables."""
    connection = sqlite3.connect(tmp_path / "mail.sqlite")
    connection.executescript(SCRIPT)
    connection.close()
    return tmp_path / "mail.sqlite"


def fill(path: Path, boxes: list[Row], aliases: list[Row] = [], domains: list[Row] = []) -> None:  # noqa: B006
    """Write rows."""
    connection = sqlite3.connect(path)
    connection.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?)", boxes)
    connection.executemany("INSERT INTO alias VALUES (?, ?)", aliases)
    connection.executemany("INSERT INTO domains VALUES (?, ?)", domains)
    connection.commit()
    connection.close()


def box(login: str, mail: object = None, active: int = 1) -> Row:
    """A row of a mailbox."""
    return login, None, mail, "x", active


def source_of(path: Path, **changed: Any) -> Any:
    """A source over that file."""
    given = {"list_query": LIST, "auth_query": AUTH, "alias_query": ALIAS, "alias_domain_query": DOMAIN, **changed}
    return sql("sqlite", database=str(path), **given)


def load_config(path: Path) -> Any:
    """A configuration with that source alone."""
    return SimpleNamespace(sources=[source_of(path)], users=Users(), guard=Guard())


def addresses(path: Path, **changed: Any) -> dict[str, list[str]]:
    """The addresses of each user."""
    return {user.user_name: user.email_addresses for user in source_of(path, **changed).users()}


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, path: Path) -> Any:
        """John with an alias, Jane, and an inactive user."""
        stored = salted("SSHA512", PASSWORD)
        fill(
            path,
            [
                ("john.doe", "John Doe", "john.doe@example.com", stored, 1),
                ("jane.doe", "Jane Dœ-Müller", "jane.doe@example.com", stored, 1),
                (INACTIVE, "Gone", "gone@example.com", stored, 0),
            ],
            [("j.doe@example.com", "john.doe@example.com"), ("gone@example.com", None)],
        )
        return source_of(path)

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file that is not there."""
        return source_of(tmp_path / "missing.sqlite")


def test_own_addresses_then_aliases(path: Path) -> None:
    """Own addresses keep their order and come first; a user without one has its name, if that is an address."""
    fill(
        path,
        [box("anna", "z@a.example, b@a.example"), box("bob@a.example"), box("carol")],
        [
            ("y@a.example", "Z@A.example; carol"),
            ("info@a.example", "bob@a.example,b@a.example"),
            ("all@a.example", "info@a.example"),
        ],
        [("c.example", "a.example")],
    )
    found = addresses(path)
    assert list(found) == ["anna", "bob@a.example", "carol"]
    assert found["anna"][:2] == ["z@a.example", "b@a.example"]
    assert found["anna"][2:] == [
        *("all@a.example", "all@c.example", "b@c.example", "info@a.example", "info@c.example"),
        *("y@a.example", "y@c.example", "z@c.example"),
    ]
    assert found["bob@a.example"] == [
        "bob@a.example",
        *("all@a.example", "all@c.example", "bob@c.example", "info@a.example", "info@c.example"),
    ]
    assert found["carol"] == ["y@a.example", "y@c.example"]


def test_without_alias_queries_the_list_stays(path: Path) -> None:
    """Without the queries, a name that is an address becomes one in the directory, as in every source."""
    fill(path, [box("anna@a.example")])
    source = source_of(path, alias_query=None, alias_domain_query=None)
    assert [user.email_addresses for user in source.users()] == [[]]
    assert [user.email_addresses for user in added_up(source)] == [["anna@a.example"]]


@pytest.mark.parametrize("option", ["alias_query", "alias_domain_query"])
def test_either_query_alone(path: Path, option: str) -> None:
    """Each of the two queries works without the other."""
    fill(path, [box("anna@a.example")], [("i@a.example", "anna@a.example")], [("b.example", "a.example")])
    more = ["i@a.example"] if option == "alias_domain_query" else ["anna@b.example"]
    assert addresses(path, **{option: None}) == {"anna@a.example": ["anna@a.example", *more]}


def test_targets_of_null_reserve_an_address(path: Path) -> None:
    """The address of a mailbox that is not listed goes to nobody: not by a row of its own, nor by an alias domain."""
    fill(
        path,
        [box("anna@a.example"), box("carol@a.example", active=0), box("anna@b.example", active=0)],
        [("carol@a.example", "anna@a.example"), ("to.carol@a.example", "carol@a.example")],
        [("b.example", "a.example"), ("c.example", "a.example")],
    )
    query = f"{ALIAS} UNION ALL SELECT login, NULL FROM box"
    assert addresses(path, alias_query=query) == {"anna@a.example": ["anna@a.example", "anna@c.example"]}


def test_a_login_that_is_the_address_of_another(path: Path) -> None:
    """Mail to an address arrives at the mailbox that has it, not at a user who only logs in by that name."""
    fill(
        path,
        [box("x@a.example", "y@a.example"), box("x", "x@a.example")],
        [("i@a.example", "x@a.example")],
        [("b.example", "a.example")],
    )
    assert addresses(path) == {
        "x@a.example": ["y@a.example", "y@b.example"],
        "x": ["x@a.example", "i@a.example", "i@b.example", "x@b.example"],
    }


@pytest.mark.parametrize("first", [True, False])
def test_nobody_takes_the_aliases_of_another(path: Path, first: bool) -> None:
    """Whoever enters the name of another user as the own address gets neither it nor what leads to it."""
    boxes = [box("m@b.test", "BOSS@a.example, m@b.test"), box("boss@a.example")]
    fill(path, boxes if first else boxes[::-1], [("i@a.example", "boss@a.example")], [("c.example", "a.example")])
    found = {user.user_name: user.email_addresses for user in list_users(load_config(path))}
    assert found == {
        "m@b.test": ["m@b.test"],
        "boss@a.example": ["boss@a.example", "boss@c.example", "i@a.example", "i@c.example"],
    }


def test_rows_of_one_user_add_up(path: Path) -> None:
    """Rows of one user that come apart are one mailbox; its name is no address of it when a row has one."""
    fill(
        path,
        [box("anna@a.example"), box("bob"), box("anna@a.example", "a@a.example"), box("bob", "b@a.example")],
        [("i@a.example", "a@a.example"), ("j@a.example", "b@a.example")],
    )
    assert {user.user_name: user.email_addresses for user in added_up(source_of(path))} == {
        "anna@a.example": ["a@a.example", "i@a.example"],
        "bob": ["b@a.example", "j@a.example"],
    }


def test_arrays_are_read_as_text_is() -> None:
    """A value of an array of targets may have a name to show, too."""
    rows = [("i@a.example", ["Bob <anna@a.example>", None, "carl (bob)", " "])]
    assert pairs_of(rows, ["address", "targets"], "alias_query") == [("i@a.example", ["anna@a.example", "carl"])]


def test_json_arrays_are_read_as_arrays_are(path: Path) -> None:
    """Text with a JSON array, as json_group_array makes it, is a list of targets; one that is broken is an error."""
    fill(
        path,
        [box("anna@a.example"), box("bob@a.example")],
        [("i@a.example", '["anna@a.example", null, "Bob <bob@a.example>"]'), ("none@a.example", "[]")],
    )
    assert addresses(path) == {
        "anna@a.example": ["anna@a.example", "i@a.example"],
        "bob@a.example": ["bob@a.example", "i@a.example"],
    }
    fill(path, [], [("j@a.example", '["anna@a.example"')])
    with pytest.raises(SourceError, match="row 3 of alias_query: a cell of addresses starts like a JSON array"):
        addresses(path)


def test_too_many_addresses_are_an_error(path: Path) -> None:
    """Rows that give one user more addresses than anybody has are an error that names an alias."""
    fill(path, [box("anna@a.example")], [(f"i{n}@a.example", "anna@a.example") for n in range(MOST_FOR_ONE + 1)])
    with pytest.raises(SourceError, match=r"too many aliases lead to anna@a.example, such as i\d+@a.example"):
        addresses(path)


def test_rows_that_give_nothing(path: Path) -> None:
    """Rows with NULL or empty text, catch-alls, loops and aliases of others give nobody an address."""
    rows: list[Row] = [
        (None, None),
        (None, "anna@a.example"),
        ("", "anna@a.example"),
        ("e@a.example", ""),
        ("@a.example", "anna@a.example"),
        ("*@a.example", "anna@a.example"),
        ("l1@a.example", "l2@a.example"),
        ("l2@a.example", "l1@a.example"),
        ("o@a.example", "joanna@a.example"),
        ("w@a.example", "%nna@a.example _nna@a.example"),
    ]
    fill(path, [box("anna@a.example")], rows, [(None, "a.example"), ("", "a.example"), ("d.example", None)])
    assert addresses(path) == {"anna@a.example": ["anna@a.example"]}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT targets AS TARGETS, address AS Address FROM alias",
        "SELECT 1 AS other, address, targets FROM alias",
    ],
)
def test_columns_go_by_name(path: Path, query: str) -> None:
    """Columns are matched by name, without regard to case and order; others are left out."""
    fill(path, [box("anna@a.example")], [("i@a.example", "anna@a.example")])
    assert addresses(path, alias_query=query)["anna@a.example"] == ["anna@a.example", "i@a.example"]


@pytest.mark.parametrize(
    ("option", "query", "said"),
    [
        ("alias_query", "SELECT address, targets AS goto FROM alias", "alias_query must have one column targets"),
        ("alias_query", "SELECT address, address, targets FROM alias", "alias_query must have one column address"),
        ("alias_query", "SELECT address, targets FROM nosuch", "nosuch"),
        ("alias_query", "DELETE FROM alias", "may only read"),
        ("alias_query", "SELECT 'i@a.example' AS address, x'ff' AS targets", "row 1 of alias_query"),
        (
            "alias_domain_query",
            "SELECT alias_domain FROM domains",
            "alias_domain_query must have one column target_domain",
        ),
        ("alias_domain_query", "SELECT x'ff' AS aliasdomain, 'b' AS targetdomain", "row 1 of alias_domain_query"),
    ],
)
def test_a_bad_query_fails_the_whole_list(path: Path, option: str, query: str, said: str) -> None:
    """A query for aliases that is wrong, or a row that cannot be read, is an error and never a shorter list."""
    fill(path, [box("anna@a.example")])
    with pytest.raises(SourceError, match=said):
        addresses(path, **{option: query})


def test_parameters_are_refused(path: Path) -> None:
    """The queries for aliases know no parameters; a % in them is a character like others."""
    with pytest.raises(ConfigError, match="alias_query uses the parameter :user"):
        source_of(path, alias_query="SELECT address, targets FROM alias WHERE targets = :user")
    fill(path, [box("anna@a.example")], [("i%s@a.example", "anna@a.example")])
    query = "SELECT address, targets FROM alias WHERE address LIKE '%i%'"
    assert addresses(path, alias_query=query)["anna@a.example"] == ["anna@a.example", "i%s@a.example"]


def test_the_queries_see_one_state(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change between the query for aliases and the list does not show in half."""
    fill(path, [box("anna@a.example")], [("i@a.example", "anna@a.example")])
    source = source_of(path)
    before = source._users

    def changed_meanwhile(connection: Any) -> Any:
        writer = sqlite3.connect(path, timeout=0.1)
        writer.execute("PRAGMA journal_mode")
        try:
            writer.execute("UPDATE box SET login = 'new@a.example'")
            writer.commit()
        except sqlite3.OperationalError:
            pass  # SQLite without WAL keeps writers out meanwhile
        writer.close()
        return before(connection)

    monkeypatch.setattr(source, "_users", changed_meanwhile)
    assert [user.email_addresses for user in source.users()] == [["anna@a.example", "i@a.example"]]


class Elsewhere:
    """A login that knows one password, and who was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def verify(self, user: str, password: str) -> bool:
        """Whether it is that password."""
        self.asked.append(user)
        if password == "down":
            raise SourceUnavailable("the login server does not answer")
        return password == "right"


@pytest.mark.parametrize("auth_query", [AUTH, None])
def test_login_is_asked_for_listed_users_only(path: Path, auth_query: str | None) -> None:
    """A login decides for users of the source and is never asked for others; the stored password is not looked at."""
    fill(path, [box("anna"), box("carol", active=0), ("dave", None, None, "{UNREADABLE}x", 1)])
    login = Elsewhere()
    source = source_of(path, auth_query=auth_query, login=login)
    assert source.authenticate("anna", "right") is True
    assert source.authenticate("anna", "x") is False
    assert source.authenticate("dave", "right") is True
    assert source.authenticate("carol", "right") is None
    assert source.authenticate("nobody", "right") is None
    assert login.asked == ["anna", "anna", "dave"]
    with pytest.raises(SourceUnavailable):
        source.authenticate("anna", "down")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"auth_query": None}, "auth_query is missing"),
        ({"login": "imap.example.com"}, "login must be"),
        ({"login": Elsewhere(), "auth_query": "SELECT 1 WHERE :user = :pass"}, "auth_query uses :pass"),
        ({"default_scheme": "NOSUCH"}, "default_scheme"),
        ({"default_scheme": ""}, "default_scheme"),
        ({"default_scheme": 5}, "default_scheme"),
        ({"password_charset": "nosuch"}, "password_charset"),
        ({"password_charset": 5}, "password_charset"),
    ],
)
def test_options_are_checked_early(path: Path, changed: dict[str, Any], said: str) -> None:
    """An option that cannot be used is an error of the configuration, which names the option and not its value."""
    with pytest.raises(ConfigError, match=said) as raised:
        source_of(path, **changed)
    assert "nosuch" not in str(raised.value).lower()


@pytest.mark.parametrize("scheme", ["PLAIN", "{ssha512}", "sha512.hex", "SHA256.b64"])
def test_schemes_are_accepted_as_people_write_them(path: Path, scheme: str) -> None:
    """default_scheme is taken with braces or without, in any case of letters, with the encoding behind a dot."""
    source_of(path, default_scheme=scheme, password_charset="iso-8859-1")
