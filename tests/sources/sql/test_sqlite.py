"""The source `sql` over SQLite."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, sql
from ais.errors import AISError, ConfigError, SourceError, SourceUnavailable, UnreadableHash
from ais.sources import Source
from ais.sources.rows import says_no
from ais.sources.sql.drivers.sqlite import Sqlite
from ais.sources.sql.query import Query
from sources.contract import INACTIVE, PASSWORD, SourceContract, added_up
from support.interpreters import for_others
from support.site import salted

LIST = "SELECT login AS user_name, name AS FullName, mail AS emailaddresses FROM users WHERE active"
AUTH = "SELECT password FROM users WHERE login = :user AND active"


def fill(path: Path, rows: list[tuple[object, ...]], types: str = "login, name, mail, password, active") -> None:
    """Write a table of users."""
    database = sqlite3.connect(path)
    database.execute(f"CREATE TABLE users ({types})")
    database.executemany(f"INSERT INTO users VALUES ({', '.join('?' * len(rows[0]))})", rows)
    database.commit()
    database.close()


def source_of(path: Path, **changed: Any) -> Any:
    """A source over that file."""
    return sql("sqlite", **{"database": str(path), "list_query": LIST, "auth_query": AUTH, **changed})


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John in two rows, Jane, and an inactive user."""
        stored = salted("SSHA512", PASSWORD)
        fill(
            tmp_path / "users.sqlite",
            [
                ("john.doe", "John Doe", "john.doe@example.com", stored, 1),
                ("jane.doe", "Jane Dœ-Müller", "jane.doe@example.com", stored, 1),
                ("john.doe", "John Doe", "J.Doe@example.com; j.doe@example.com", stored, 1),
                (INACTIVE, "Gone", "gone@example.com", stored, 0),
            ],
        )
        return source_of(tmp_path / "users.sqlite", list_query=LIST.replace("mail AS", "lower(mail) AS"))

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file that is not there."""
        return source_of(tmp_path / "missing.sqlite")


def listed(path: Path, query: str = LIST) -> list[tuple[str, str, list[str]]]:
    """What a query lists."""
    return [(u.user_name, u.full_name, u.email_addresses) for u in added_up(source_of(path, list_query=query))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a file that is not there yet."""
    return tmp_path / "users.sqlite"


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        (None, []),
        ("", []),
        ("  \n", []),
        ("a@x.test", ["a@x.test"]),
        (" a@x.test ", ["a@x.test"]),
        ("a@x.test,b@x.test;c@x.test d@x.test\ne@x.test\tf@x.test", [f"{c}@x.test" for c in "abcdef"]),
        ("a@x.test, ,;A@X.test", ["a@x.test"]),
        ('["a@x.test", "b@x.test", null]', ["a@x.test", "b@x.test"]),
        ("[]", []),
        (b"a@x.test", ["a@x.test"]),
    ],
)
def test_address_cells(path: Path, cell: object, addresses: list[str]) -> None:
    """A cell holds one address, a list separated in any usual way, or a JSON array; NULL and empty mean no address."""
    fill(path, [("a", None, cell, "x", 1)])
    assert listed(path) == [("a", "", addresses)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((None, "N", "a@x.test", "x", 1), "userName is empty"),
        (("", "N", "a@x.test", "x", 1), "userName is empty"),
        ((" \t", "N", "a@x.test", "x", 1), "userName is empty"),
        (("b", "N", "[1]", "x", 1), "emailAddresses"),
        (("b", "N", '["a@x.test"', "x", 1), "emailAddresses"),
        ((b"\xff", "N", "a@x.test", "x", 1), "not UTF-8"),
        (("b", b"\xff", "a@x.test", "x", 1), "not UTF-8"),
    ],
)
def test_a_bad_row_fails_the_whole_list(path: Path, row: tuple[object, ...], said: str) -> None:
    """A row that cannot be read is an error that names it, never a shorter list."""
    fill(path, [("a", "A", "a@x.test", "x", 1), row])
    with pytest.raises(SourceError, match=said) as raised:
        listed(path)
    assert "row 2" in str(raised.value)


def test_text_that_is_no_unicode_fails_the_list(path: Path) -> None:
    """A text cell with broken UTF-8 inside the file is an error as well."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    database = sqlite3.connect(path)
    database.execute("UPDATE users SET name = CAST(x'ff' AS TEXT)")
    database.commit()
    database.close()
    with pytest.raises(AISError):
        listed(path)


def test_numbers_and_blanks(path: Path) -> None:
    """Numbers become text; values are trimmed, and one that is only white space is empty."""
    fill(path, [(1001, " \t", " a@x.test ", "x", 1), (" b ", " B b ", None, "x", 1)])
    assert listed(path) == [("1001", "", ["a@x.test"]), ("b", "B b", [])]


def test_rows_of_one_user_add_up(path: Path) -> None:
    """Several rows for one user are one user, at the place of the first, with the first name that is not empty."""
    fill(
        path,
        [
            ("a", None, "a@x.test", "x", 1),
            ("b", "B", "b@x.test", "x", 1),
            ("a", "A", "a2@x.test,A@X.TEST", "x", 1),
            ("A", "other", "A@y.test", "x", 1),
        ],
    )
    assert listed(path) == [
        ("a", "A", ["a@x.test", "a2@x.test"]),
        ("b", "B", ["b@x.test"]),
        ("A", "other", ["A@y.test"]),
    ]


def test_several_address_columns(path: Path) -> None:
    """emailAddresses may be given twice; the other columns may not."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    query = "SELECT login AS USERNAME, mail AS email_addresses, 'b@x.test' AS emailAddresses FROM users"
    assert listed(path, query) == [("a", "", ["a@x.test", "b@x.test"])]
    with pytest.raises(SourceError, match="two columns for userName"):
        listed(path, "SELECT login AS userName, name AS user_name FROM users")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT login, mail FROM users", "no column userName"),
        ("SELEC login", "SELEC"),
        ("SELECT login AS userName FROM nosuchtable", "no such table: nosuchtable"),
        ("SELECT login AS userName, nosuch FROM users", "no such column: nosuch"),
        ("SELECT nosuch AS userName", "no such column: nosuch"),
        ("DELETE FROM users", "may only read"),
        ("UPDATE users SET login = 1", "may only read"),
        ("PRAGMA user_version = 5", "."),
        ("SELECT 1 AS userName; SELECT 2", "."),
    ],
)
def test_a_bad_query_is_said(path: Path, query: str, said: str) -> None:
    """A query that is wrong, or that writes, is an error that says why; the file stays as it was."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    before = path.read_bytes()
    with pytest.raises(AISError, match=said):
        listed(path, query)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"list_query": f"{LIST}; SELECT 'hunter2'"}, "list_query must be one statement"),
        ({"auth_query": f"{AUTH}; SELECT 'hunter2'"}, "auth_query must be one statement"),
        ({"auth_query": "SELECT 'hunter2' FROM users WHERE login IN (?1, :user)"}, "no parameters but :user and :pass"),
        ({"options": {"hunter1": "hunter2"}}, "options"),
        ({"options": {"timeout": "hunter2"}}, "options"),
        ({"options": {"isolation_level": "hunter2"}}, "options"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_no_outage(path: Path, wrong: dict[str, Any], said: str) -> None:
    """What Python's module refuses is an error of the configuration, which names the option and no value: a 500."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    source = source_of(path, **wrong)
    with pytest.raises(AISError, match=said) as caught:
        source.authenticate("a", "b") if "auth_query" in wrong else list(source.users())
    assert caught.value.status == 500
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("options", [5, "hunter2", ["hunter2"], {5: "hunter2"}])
def test_options_that_are_no_arguments(options: Any) -> None:
    """The option `options` holds arguments by name; anything else is an error that names it, and not its value."""
    with pytest.raises(ConfigError, match=r"^sql\(\): options must be like {'connect_timeout': 5}$"):
        source_of(Path("users.sqlite"), options=options)


def test_a_secret_in_a_query_stays_in(path: Path) -> None:
    """SQLite quotes the query near a mistake; a literal in it may be a secret of the site."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    with pytest.raises(AISError) as raised:
        source_of(path, auth_query="SELECT 1 FROM users WHERE login = :user 'hunter2' :pass").authenticate("a", "b")
    assert "hunter2" not in str(raised.value)


def test_a_missing_file_is_never_made(path: Path) -> None:
    """A typo in the path is an error and does not leave an empty database behind."""
    with pytest.raises(SourceError, match="No such file"):
        listed(path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 50, b"SQLite format 3\0" + b"\xff" * 500])
def test_no_database_is_500(path: Path, content: bytes) -> None:
    """An empty file and one that is no database are errors of the source, not an empty list."""
    path.write_bytes(content)
    with pytest.raises(SourceError):
        listed(path)


def test_a_damaged_database_is_500(path: Path) -> None:
    """A file damaged in the middle gives no part of the list."""
    fill(path, [(f"user{n}", "x" * 200, "a@x.test", "x", 1) for n in range(2000)])
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 20000] = b"\xff" * 20000
    path.write_bytes(raw)
    with pytest.raises(SourceError):
        listed(path)


def test_special_characters_in_the_path(tmp_path: Path) -> None:
    """Characters with a meaning in SQLite's URIs are part of the name."""
    path = tmp_path / "a?mode=rw#b%20c .sqlite"
    fill(path, [("a", None, None, "x", 1)])
    assert listed(path) == [("a", "", [])]


def test_a_locked_database_is_503(path: Path) -> None:
    """A lock that outlasts the deadline is "cannot tell", within the deadline."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    deadline.start(0.5)
    begin = time.monotonic()
    with pytest.raises(SourceUnavailable, match="locked"):
        listed(path)
    assert time.monotonic() - begin < 2
    holder.close()
    deadline.start(20)
    assert listed(path)


def test_a_slow_query_is_503(path: Path) -> None:
    """A query that outlasts the deadline is ended."""
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    deadline.start(0.3)
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS userName FROM n"
    begin = time.monotonic()
    with pytest.raises(SourceUnavailable, match="timeout"):
        listed(path, slow)
    assert time.monotonic() - begin < 2
    deadline.start(20)


def test_unreadable_file_is_500(open_folder: Path) -> None:
    """A file that the process may not read is an error that says so."""
    path = open_folder / "users.sqlite"
    fill(path, [("a", "A", "a@x.test", "x", 1)])
    path.chmod(0)
    code = (
        "import os, sys; os.setuid(65534) if os.getuid() == 0 else None\n"
        "from ais import sql\nfrom ais.errors import SourceError\n"
        f"source = sql('sqlite', database={str(path)!r},"
        " list_query='SELECT 1 AS userName', auth_query='SELECT :user')\n"
        "try:\n    print(list(source.users()))\nexcept SourceError as error:\n    print(error)\n"
    )
    lib = Path(__file__).parents[3] / "lib"
    done = subprocess.run(
        [for_others(), "-c", code], env={"PYTHONPATH": str(lib)}, capture_output=True, text=True, check=False
    )
    assert "Permission denied" in done.stdout or "cannot be opened" in done.stdout, done


def test_database_verifies(path: Path) -> None:
    """With :pass in auth_query a row means yes and no row means that this source does not know."""
    fill(path, [("a", "A", None, "secret", 1), ("b", "B", None, None, 1)])
    source = source_of(path, auth_query="SELECT 1 FROM users WHERE login = :user AND password = :pass")
    assert source.authenticate("a", "secret") is True
    assert source.authenticate("a", "wrong") is None
    assert source.authenticate("b", "None") is None


@pytest.mark.parametrize("query", ["count(*)", "max(login)", "password = :pass", "0", "NULL", "''"])
def test_a_row_that_says_no_is_no_yes(path: Path, query: str) -> None:
    """A query that verifies and always gives a row does not let everybody in: NULL, 0 and false are no."""
    fill(path, [("a", "A", None, "secret", 1)])
    source = source_of(path, auth_query=f"SELECT {query} FROM users WHERE login = :user AND :pass = 'secret'")
    assert source.authenticate("a", "wrong") is not True
    assert source.authenticate("nobody", "wrong") is not True
    source = source_of(path, auth_query="SELECT password = :pass FROM users WHERE login = :user")
    assert source.authenticate("a", "secret") is True
    assert source.authenticate("a", "wrong") is not True


NOES: list[object] = [
    None, "", " ", "\t\n", b"", "0", "00", "-0", "+0", "0.0", "-0.00", "0,0", ".0", "0e5", "0E-7", "0x0", "0x0000",
    "\\x0000", 0, 0.0, -0.0, b"\0", b"\0\0", b"0", b"00", b"n", b"FALSE", "false", "False", "FALSE", " false ", "f",
    "F", "no", "No", "NO\n", "n", "N", "off", "OFF", "nein", "Nein", "\u00a0no", "0\0",
]  # fmt: skip
YESES: list[object] = [
    1, -1, 0.5, "1", "01", "-1", "0.1", "1e0", "0x1", "0x0e1", "true", "t", "yes", "y", "on", "ja", "anna",
    "none", "east", "x", "false friend", "0 apples", b"\1", b"\0\1", b"yes",
]  # fmt: skip


@pytest.mark.parametrize("value", NOES)
def test_values_that_are_a_no(path: Path, value: object) -> None:
    """Nothing, zero however it is written, and the words for no, as text and as bytes."""
    fill(path, [("a", "A", None, value, 1)])
    source = source_of(path, auth_query=f"{AUTH} AND :pass > ''")
    assert source.authenticate("a", "any") is None


@pytest.mark.parametrize("value", YESES)
def test_values_that_are_a_yes(path: Path, value: object) -> None:
    """Everything else is a yes, such as the name of the user."""
    fill(path, [("a", "A", None, value, 1)])
    source = source_of(path, auth_query=f"{AUTH} AND :pass > ''")
    assert source.authenticate("a", "any") is True


@pytest.mark.parametrize(
    "no", [Decimal("0.00"), Decimal("-0"), False, [], bytearray(b"\0"), memoryview(b"0"), timedelta()]
)
def test_values_of_other_drivers_that_are_a_no(no: object) -> None:
    """Drivers give numbers, truth values and intervals in types of their own."""
    assert says_no(no)


@pytest.mark.parametrize("yes", [Decimal("0.01"), True, bytearray(b"\1"), memoryview(b"t"), timedelta(1)])
def test_values_of_other_drivers_that_are_a_yes(yes: object) -> None:
    """The same types also say yes."""
    assert not says_no(yes)


@pytest.mark.parametrize(
    ("rows", "right"),
    [([1, 1, "yes"], True), ([0], None), ([1, 0], None), ([0, 1], None), ([1] * 600 + ["no"], None), ([], None)],
)
def test_each_row_must_say_yes(path: Path, rows: list[object], right: bool | None) -> None:
    """One row that says no is a no, wherever it stands: nobody gets in by a row that may be of somebody else."""
    fill(path, [("a", "A", None, value, 1) for value in rows] or [("b", "B", None, 1, 1)])
    assert source_of(path, auth_query=f"{AUTH} AND :pass > ''").authenticate("a", "any") is right


@pytest.mark.parametrize(
    "query",
    [
        "SELECT CASE WHEN password = :pass THEN 'TRUE' ELSE 'yes' END FROM users WHERE login = :user",
        "SELECT 1 FROM users WHERE login = :user OR password = :pass OR active",
        "SELECT 1 FROM users WHERE login = :user OR :pass > ''",
        "SELECT login FROM users WHERE :user > '' AND :pass > ''",
    ],
)
def test_a_query_that_takes_any_password_shows(path: Path, query: str) -> None:
    """A random password of a listed user, or of nobody, is a yes: so `check` and others can notice such a query."""
    fill(path, [(name, name, None, "secret", 1) for name in ("a", "b", "c")])
    source = source_of(path, auth_query=query)
    assert source.authenticate("a", "random-59302") is True
    assert source.authenticate("nobody", "random-59302") in (True, None)


@pytest.mark.parametrize("stored", [None, "", " ", "*", "!", "!!", "x", "!{PLAIN}secret"])
def test_no_stored_password_is_a_no(path: Path, stored: str | None) -> None:
    """A value that says "no password" is a no."""
    fill(path, [("a", "A", None, stored, 1)])
    assert source_of(path).authenticate("a", "secret") is False


@pytest.mark.parametrize("stored", ["secret", "{UNKNOWN}secret", "$9$x$y"])
def test_unreadable_stored_password_is_an_error(path: Path, stored: str) -> None:
    """What nobody can read is no "wrong password"; there is no fall-back to plain text; the value stays out."""
    fill(path, [("a", "A", None, stored, 1)])
    with pytest.raises(UnreadableHash) as raised:
        source_of(path).authenticate("a", "secret")
    assert "secret" not in str(raised.value)


def test_plain_text_only_when_named(path: Path) -> None:
    """Plain text is a scheme that the administrator names."""
    fill(path, [("a", "A", None, "secret", 1)])
    source = source_of(path, default_scheme="PLAIN")
    assert source.authenticate("a", "secret") is True
    assert source.authenticate("a", "Secret") is False


def test_two_different_passwords_are_an_error(path: Path) -> None:
    """Rows that contradict each other might belong to two people; equal ones come from a join."""
    fill(path, [("a", "A", None, "{PLAIN}one", 1), ("a", "A", None, "{PLAIN}two", 1)])
    with pytest.raises(SourceError, match="different passwords"):
        source_of(path).authenticate("a", "one")
    assert source_of(path, auth_query=AUTH + " AND password LIKE '%one'").authenticate("a", "one") is True


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options whose queries are run, in order; with the name that auth_query is asked for."""
    seen: list[str] = []
    run = Sqlite.run

    def noted(driver: Sqlite, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        seen.append(f"auth {values['user']}" if values else "list")
        return run(driver, connection, query, values, large)

    monkeypatch.setattr(Sqlite, "run", noted)
    return seen


@pytest.mark.parametrize(
    ("remembered", "asked"),
    [
        ("b", ["auth nobody", "auth b"]),
        ("", ["auth nobody", "list", "auth empty", "auth locked", "auth b"]),
        ("gone", ["auth nobody", "auth gone", "list", "auth empty", "auth locked", "auth b"]),
        ("locked", ["auth nobody", "auth locked", "list", "auth empty", "auth locked", "auth b"]),
    ],
)
def test_an_unknown_user_costs_a_verification(
    path: Path, monkeypatch: pytest.MonkeyPatch, queries: list[str], remembered: str, asked: list[str]
) -> None:
    """For an unknown user the password is checked against that of another, so that time tells nothing.

    The list is not read where a user is remembered who has a password.
    """
    fill(
        path,
        [
            ("empty", "A", None, None, 1),
            ("locked", "A", None, "!{PLAIN}x", 1),
            ("b", "B", None, "{PLAIN}one", 1),
        ],
    )
    seen: list[object] = []
    monkeypatch.setattr("ais.sources.sql.verify", lambda *given: seen.append(given[0]))
    source = source_of(path)
    source.listed = remembered
    assert source.authenticate("nobody", "one") is None
    assert source.decoy("one") is True
    assert source.decoy("one") is False  # nothing is kept
    assert seen == ["{PLAIN}one"]
    assert queries == asked


@pytest.mark.parametrize(("remembered", "asked"), [("", ["auth a"]), ("b", ["auth a", "auth b"])])
def test_a_known_user_costs_as_many_queries_as_an_unknown_one(
    path: Path, queries: list[str], remembered: str, asked: list[str]
) -> None:
    """The user who is remembered is asked for in any case. Without one the list is not read for a user who is known."""
    fill(path, [("a", "A", None, "{PLAIN}one", 1), ("b", "B", None, "{PLAIN}two", 1)])
    source = source_of(path)
    source.listed = remembered
    assert [source.authenticate("a", password) for password in ("wrong", "one", "two")] == [False, True, False]
    assert queries == asked * 3


LOOSE = [
    "SELECT password FROM users WHERE login = :user COLLATE NOCASE AND active",
    "SELECT password FROM users WHERE lower(login) = lower(:user)",
    "SELECT password FROM users WHERE login LIKE :user",
    "SELECT password FROM users WHERE :user IN (login, upper(login), mail)",
    "SELECT 1 FROM users WHERE login = :user COLLATE NOCASE AND password = '{PLAIN}' || :pass",
]


@pytest.mark.parametrize("auth_query", LOOSE)
def test_only_a_name_of_the_list_gets_a_yes_beside_other_sources(path: Path, auth_query: str) -> None:
    """A query may find a user by another text than the name. Another source may have the user whose name that is."""
    fill(path, [("rene", "R", "boss@x.test", "{PLAIN}pw", 1), ("Zo\u00eb", "Z", None, "{PLAIN}pw", 1)])
    source = source_of(path, auth_query=auth_query)
    others = ["Rene", "RENE", "zo\u00eb", "ren_", "REN%", "boss@x.test"]
    assert True in [source.authenticate(name, "pw") for name in others]
    source.alone = False
    assert [source.authenticate(name, "pw") for name in ("rene", "Zo\u00eb")] == [True, True]
    assert [source.authenticate(name, "pw") for name in others] == [None] * 6
    assert source.authenticate("rene", "wrong") is (None if ":pass" in auth_query else False)


@pytest.mark.parametrize("name", ["01001", "+1001", "1001.0", "1e3"])
def test_a_number_is_a_text_beside_other_sources(path: Path, name: str) -> None:
    """A column of numbers finds 1001 by other texts, too; the list has one of them."""
    rows: list[tuple[object, ...]] = [(number, "A", None, "{PLAIN}pw", 1) for number in (1001, 1000)]
    fill(path, rows, "login INTEGER, name, mail, password, active")
    source = source_of(path)
    source.alone = False
    assert [source.authenticate(user, "pw") for user in ("1001", name)] == [True, None]


@pytest.mark.parametrize("column", ["login AS userName", "login AS user_name", "' ' || login || ' ' AS USERNAME"])
def test_auth_query_may_say_whose_password_it_gives(path: Path, queries: list[str], column: str) -> None:
    """A column userName is compared letter by letter, also where there is no other source, and no list is read."""
    fill(path, [("rene", "R", None, "{PLAIN}pw", 1), ("Rene", "R", None, "{PLAIN}other", 1)])
    source = source_of(path, auth_query=f"SELECT password, {column} FROM users WHERE login = :user COLLATE NOCASE")
    asked = {("rene", "pw"): True, ("rene", "other"): False, ("Rene", "other"): True, ("RENE", "pw"): None}
    source.listed = "rene"
    for alone in (True, False):
        source.alone = alone
        assert {given: source.authenticate(*given) for given in asked} == asked
    assert "list" not in queries


def test_a_login_elsewhere_gives_a_yes_for_a_name_of_the_list(path: Path) -> None:
    """Beside other sources, whatever auth_query finds."""
    fill(path, [("rene", "R", None, None, 1)])
    source = source_of(path, auth_query=LOOSE[0], login=Everybody())
    source.alone = False
    assert [source.authenticate(name, "pw") for name in ("rene", "Rene", "bert")] == [True, None, None]


def test_names_that_are_addresses(path: Path) -> None:
    """Who has no other address has the name, if that is one; also without alias_query."""
    fill(path, [("a@x.test", "A", None, "x", 1), ("b@x.test", "B", "c@x.test", "x", 1), ("d", "D", None, "x", 1)])
    assert listed(path) == [("a@x.test", "A", ["a@x.test"]), ("b@x.test", "B", ["c@x.test"]), ("d", "D", [])]


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u200b", "\ufeff"])
def test_names_that_look_alike(path: Path, blank: str) -> None:
    """A name that differs by a blank that is not ASCII's is an error of the list, not the same user."""
    fill(path, [("anna", "A", None, "x", 1), (f"anna{blank}", "B", None, "x", 1)])
    with pytest.raises(SourceError, match="row 2"):
        listed(path)


@pytest.mark.parametrize("login", [5, "imap", object(), Source])
def test_a_login_that_is_none(path: Path, login: object) -> None:
    """What cannot check passwords is an error when the configuration is read."""
    with pytest.raises(ConfigError, match=r"^sql\(\): login"):
        source_of(path, auth_query=None, login=login)


class Everybody:
    """A login that lets everybody in."""

    def verify(self, user: str, password: str) -> bool:
        """Say yes."""
        return True


def test_login_without_auth_query(path: Path, queries: list[str]) -> None:
    """Who is listed, by exactly this name, may ask the login; no query but list_query is run."""
    fill(path, [("anna", "A", None, None, 1), (" Bob ", "B", None, None, 1), ("gone", "C", None, None, 0)])
    source = source_of(path, auth_query=None, login=Everybody(), alias_query="SELECT 'x' AS address, 'y' AS targets")
    names = ("anna", "Bob", "Anna", "bob", "gone", "nobody", "anna\u00a0")
    assert [source.authenticate(name, "x") for name in names] == [True, True, None, None, None, None, None]
    assert queries == ["list"] * len(names)


@pytest.mark.parametrize("style", ["qmark", "numeric", "named", "format", "pyformat"])
def test_any_pep_249_module(path: Path, style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module given by its dotted name follows its own paramstyle; `%` in a query just works."""
    fill(path, [("a%b", "A", None, "{PLAIN}one", 1)])
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "__init__.py").touch()
    (tmp_path / "foreign" / "driver.py").write_text(FOREIGN.format(style=style), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("foreign", "foreign.driver"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    source = sql(
        "foreign.driver",
        database=str(path),
        options={"timeout": 3},
        list_query="SELECT login AS userName FROM users WHERE login LIKE 'a%'",
        auth_query="SELECT password FROM users -- :nothing\n WHERE login LIKE 'a%' AND login = :user AND '::user' > ''",
    )
    assert [user.user_name for user in source.users()] == ["a%b"]
    assert source.authenticate("a%b", "one") is True
    assert source.authenticate("a%", "one") is None


FOREIGN = '''"""A driver with another parameter style, over sqlite3."""
import sqlite3

paramstyle = "{style}"


class Cursor(sqlite3.Cursor):
    def execute(self, sql, *given):
        if given and paramstyle in ("format", "pyformat"):
            marks = {{"format": "%s", "pyformat": "%(user)s"}}
            sql = sql.replace(marks[paramstyle], ":user").replace("%%", "%")
            given = ({{"user": given[0][0]}},) if paramstyle == "format" else given
        elif given and paramstyle == "numeric":
            sql, given = sql.replace(":1", "?"), given
        return super().execute(sql, *given)


class Connection(sqlite3.Connection):
    def cursor(self):
        return super().cursor(Cursor)


def connect(database, timeout):
    return sqlite3.connect(database, timeout=timeout, factory=Connection)
'''


Make = Callable[[], object]


@pytest.mark.parametrize("driver", ["nosuchmodule", "os.path"])
def test_no_driver_is_said(driver: str) -> None:
    """A name that is no driver is said when it is needed."""
    with pytest.raises(AISError, match="driver"):
        list(sql(driver, list_query="SELECT 1", auth_query="SELECT :user").users())
