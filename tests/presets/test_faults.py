"""What the presets over SQL do where something of the application is gone: an error, and never a shorter list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais.errors import AISError, SourceError, SourceUnavailable, UnreadableHash
from ais.sources import Login, Source
from presets.loading import Database, Load, listed
from presets.populations import CANNOT, POPULATIONS, each, expected, inactive, nowhere, source_of
from presets.test_pages import SCRIPTS, blocks
from sources.contract import PASSWORD

OLDER = {
    "postfixadmin": {"alias_domain"},
    "mailcow": {"spamalias"},
    "nextcloud": {"oc_accounts_data"},
    "plesk": {"mail_redir"},
    "mailinabox": {"auto_aliases"},
}
"""Tables that old versions of an application lack: without them the preset reads what those have."""


LOGINS = {"keycloak": {"credential"}}
"""Tables that only logins need."""

UNREADABLE = "{UNHEARD-OF}secret"


class OnePassword(Login):
    """A login that knows the contract's password."""

    def verify(self, user: str, password: str) -> bool:
        """Whether it is that one."""
        return password == PASSWORD


def tables(page: str) -> list[str]:
    """The tables that the page lets the user of the database read."""
    return re.findall(r"GRANT SELECT ON \w+\.(\w+) TO", "".join(blocks(page, "sql")))


EACH = [(page, table) for page in SCRIPTS for table in tables(page)]


@pytest.mark.parametrize(("page", "table"), EACH)
def test_missing_table(page: str, table: str, load: Load) -> None:
    """Each table that a page names is needed: without it the list is an error, and nobody gets in by mistake."""
    quoted = f"`{table}`"
    database = load("mysql", SCRIPTS[page][0]("mysql") + f"RENAME TABLE {quoted} TO gone;")
    source = source_of(page, "mysql", database.connection, OnePassword())
    if table in OLDER.get(page, ()) or table in LOGINS.get(page, ()):
        assert listed(source)
    else:
        with pytest.raises(SourceError):
            listed(source)
    for name in (SCRIPTS[page][1], "nobody"):
        assert "yes" not in outcomes(source, name), name


def outcomes(source: Source, name: str) -> Iterator[str]:
    """What a wrong password gives."""
    try:
        yield "yes" if source.authenticate(name, PASSWORD + "x") else "no"
    except AISError:
        yield "error"


@pytest.fixture(params=each())
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A preset and an engine."""
    preset_and_engine: tuple[str, str] = request.param
    return preset_and_engine


@pytest.fixture
def database(case: tuple[str, str], load: Load) -> Database:
    """The users of the contract as the application stores them."""
    script, stored, _ = POPULATIONS[case[0]]
    return load(case[1], script(case[1], stored))


@pytest.fixture
def source(case: tuple[str, str], database: Database) -> Source:
    """The preset."""
    return source_of(*case, database.connection, OnePassword())


def check_whole_or_error(preset: str, source: Source, what: str) -> set[object]:
    """The list is whole or an error; a login is as ever, or an error. Return what they are."""
    user = str(expected(preset)[0]["userName"])
    answers: set[object] = set()
    for question, right in (
        (lambda: listed(source), (sorted(expected(preset), key=lambda user: str(user["userName"])),)),
        (lambda: source.authenticate(user, PASSWORD), (True,)),
        (lambda: source.authenticate(user, "wrong"), (False,)),
        (lambda: source.authenticate(inactive(preset), PASSWORD), (False, None)),
    ):
        try:
            assert question() in right, what
            answers.add("right")
        except SourceError as error:
            answers.add(error.status)
    return answers


def columns(database: Database) -> list[tuple[str, str]]:
    """Each column of a database, with its table before it."""
    if database.server is None:
        query = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        query += " WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'"
    else:
        schema = "public" if database.driver == "postgresql" else database.connection["database"]
        query = f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{schema}'"
    return [(table, column) for table, column in database.execute(query)]


def rename(database: Database, change: str, *names: str) -> None:
    """Rename a table or a column."""
    quote = "`" if database.driver == "mysql" else '"'
    database.execute("ALTER TABLE " + change.format(*(f"{quote}{name}{quote}" for name in names)))


def test_missing_tables(case: tuple[str, str], database: Database, source: Source) -> None:
    """Whatever table is missing: nobody is missing in the list, and who gets in is as before."""
    seen: set[object] = set()
    for table in {table for table, _ in columns(database)}:
        rename(database, "{0} RENAME TO {1}", table, "gone")
        if table in OLDER.get(case[0], ()):
            assert len(listed(source)) == len(expected(case[0]))
        else:
            seen |= check_whole_or_error(case[0], source, table)
        rename(database, "{0} RENAME TO {1}", "gone", table)
    assert seen - {"right"} == {500}
    assert check_whole_or_error(case[0], source, "nothing") == {"right"}


@pytest.mark.parametrize("case", each(1), indirect=True)
def test_missing_columns(case: tuple[str, str], database: Database, source: Source) -> None:
    """The same of whatever column."""
    seen: set[object] = set()
    for table, column in columns(database):
        rename(database, "{0} RENAME COLUMN {1} TO {2}", table, column, "gone")
        seen |= check_whole_or_error(case[0], source, f"{table}.{column}")
        rename(database, "{0} RENAME COLUMN {1} TO {2}", table, "gone", column)
    assert seen - {"right"} == {500}
    assert check_whole_or_error(case[0], source, "nothing") == {"right"}


HALF = {
    "mysql": ("CREATE USER half IDENTIFIED BY 'secret';", "DROP USER half;"),
    "postgresql": ("CREATE USER half PASSWORD 'secret';", "DROP OWNED BY half; DROP USER half;"),
}
"""How a user of the server comes and goes."""


@pytest.mark.parametrize(
    "case", [case for case in each() if case.values[0][0] in OLDER and case.values[0][1] in HALF], indirect=True
)
def test_table_that_may_not_be_read(case: tuple[str, str], database: Database) -> None:
    """Only a missing table means an old database: one that is forbidden must not shorten the list of addresses."""
    allowed = {table for table, _ in columns(database)} - OLDER[case[0]]
    create, drop = HALF[case[1]]
    database.execute(create + "".join(f"GRANT SELECT ON {table} TO half;" for table in allowed))
    try:
        source = source_of(*case, {**database.connection, "user": "half", "password": "secret"}, OnePassword())
        with pytest.raises(SourceError) as raised:
            listed(source)
        assert raised.value.status == 500
        assert source.authenticate(str(expected(case[0])[0]["userName"]), PASSWORD) is True
    finally:
        database.execute(drop)


def test_no_database(case: tuple[str, str], tmp_path: Path) -> None:
    """A server that is not there is 503. A file that is not there is 500: it will not come by itself."""
    source = source_of(*case, nowhere(case[1], tmp_path), OnePassword())
    for question in (lambda: list(source.users()), lambda: source.authenticate("john.doe", PASSWORD)):
        with pytest.raises(SourceError if case[1] == "sqlite" else SourceUnavailable) as raised:
            question()
        assert raised.value.status == (500 if case[1] == "sqlite" else 503)


def test_unreadable_hash(case: tuple[str, str], load: Load) -> None:
    """A stored password that nobody can read is 500, which names its scheme alone; the list is whole."""
    preset, engine = case
    if "stored password" in CANNOT[preset]:
        return
    stored = UNREADABLE
    if preset == "keycloak":
        stored = '{"value":"secret99","salt":"c2FsdA=="}|{"hashIterations":1,"algorithm":"UNHEARD-OF"}'
    database = load(engine, POPULATIONS[preset].script(engine, stored))
    source = source_of(*case, database.connection, OnePassword())
    assert len(listed(source)) == len(expected(preset))
    with pytest.raises(UnreadableHash, match=r"UNHEARD-OF|Keycloak") as raised:
        source.authenticate(str(expected(preset)[0]["userName"]), "secret")
    assert raised.value.status == 500
    assert "secret" not in f"{raised.value} {raised.value.public}"
    assert source.authenticate("nobody", "secret") is None
