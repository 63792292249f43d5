"""What columns hold on PostgreSQL and MariaDB: types and encodings as applications use them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ais.errors import SourceError
from sources.contract import PASSWORD
from sources.sql.drivers.engines import STORED, Engine, refused


def listed(source: Any) -> list[dict[str, object]]:
    """What MailStore would get."""
    return [json.loads(user.to_json()) for user in source.users()]


@pytest.mark.parametrize(
    ("driver", "column", "value"),
    [
        ("postgresql", "varchar(50)", "'Jö'"),
        ("postgresql", "char(20)", "'Jö'"),
        ("postgresql", "citext", "'Jö'"),
        ("postgresql", "name", "'Jö'"),
        ("mysql", "varchar(50) CHARACTER SET latin1", "'Jö'"),
        ("mysql", "varchar(50) CHARACTER SET utf8mb3", "'Jö'"),
        ("mysql", "varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "'Jö'"),
        ("mysql", "char(20) CHARACTER SET ascii", "'Jo'"),
        ("mysql", "varbinary(50)", "'Jö'"),
    ],
)
def test_name_columns(engine: Engine, driver: str, column: str, value: str) -> None:
    """A user is listed and found whatever the type of the column, and a name with other characters is unknown."""
    if engine.driver != driver:
        return
    if column == "citext":
        engine.server.execute("CREATE EXTENSION IF NOT EXISTS citext", "mail")
    engine.server.execute(
        f"DROP TABLE IF EXISTS typed; CREATE TABLE typed (login {column}, password varchar(200));"
        f"INSERT INTO typed VALUES ({value}, '{STORED}')",
        "mail",
    )
    source = engine.source(
        **engine.server.arguments,
        list_query="SELECT login AS username FROM typed",
        auth_query="SELECT password FROM typed WHERE login = :user",
    )
    name = value.strip("'")
    assert listed(source) == [{"userName": name}]
    assert source.authenticate(name, PASSWORD) is True
    assert source.authenticate(name, "wrong") is False
    assert source.authenticate("Jürgen", PASSWORD) is None
    assert source.authenticate("漢字", PASSWORD) is None
    assert source.authenticate("😀", PASSWORD) is None


@pytest.mark.parametrize(
    ("driver", "value"),
    [
        ("postgresql", "ARRAY['a@example.com', 'b@example.com']"),
        ("postgresql", '\'["a@example.com", "b@example.com"]\'::jsonb'),
        ("postgresql", '\'["a@example.com", "b@example.com"]\'::json'),
        ("postgresql", "convert_to('a@example.com b@example.com', 'UTF8')"),
        ("mysql", "JSON_ARRAY('a@example.com', 'b@example.com')"),
        ("mysql", "CAST('a@example.com,b@example.com' AS BINARY)"),
    ],
)
def test_addresses_of_all_types(engine: Engine, driver: str, value: str) -> None:
    """Arrays, JSON and bytes are lists of addresses like text is."""
    if engine.driver == driver:
        found = listed(engine.source(list_query=f"SELECT 5 AS username, {value} AS emailaddresses"))
        assert found == [{"userName": "5", "emailAddresses": ["a@example.com", "b@example.com"]}]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "columns",
    [
        """'5' AS username, '[{"mail": "a@example.com"}]'::jsonb AS emailaddresses""",
        """'5' AS username, '{"mail": "a@example.com"}'::json AS emailaddresses""",
        "ARRAY['anna'] AS username",
    ],
)
def test_objects_are_no_texts(engine: Engine, columns: str) -> None:
    """A JSON object, and an array in the place of a name, are an error: their form in Python is no address or name."""
    assert "row 1 of list_query" in refused(SourceError, engine.source(list_query=f"SELECT {columns}").users)


ARRAY = '{a@example.com,NULL,"b@example.com"}'


@pytest.fixture
def postgresql(engine: Engine) -> Engine:
    """PostgreSQL with types of elements that drivers do not know."""
    engine.server.execute("CREATE EXTENSION IF NOT EXISTS citext", "mail")
    engine.server.execute(
        "DROP TYPE IF EXISTS address, whole, kind;"
        "CREATE DOMAIN address AS text CHECK (VALUE <> ''); CREATE DOMAIN whole AS text[];"
        "CREATE TYPE kind AS ENUM ('a@example.com', 'b@example.com')",
        "mail",
    )
    return engine


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "kind", ["text[]", "varchar[]", "varchar(30)[]", "char(20)[]", "name[]", "citext[]", "address[]", "whole", "kind[]"]
)
def test_arrays_of_all_types(postgresql: Engine, kind: str) -> None:
    """An array is read whatever the type of its elements, in each query that may give one."""
    array = f"'{ARRAY}'::{kind}"
    found = listed(postgresql.source(list_query=f"SELECT 5 AS username, {array} AS emailaddresses"))
    assert found == [{"userName": "5", "emailAddresses": ["a@example.com", "b@example.com"]}]
    users = "SELECT n || '@example.com' AS username FROM (VALUES ('a'), ('b')) names(n)"
    aliases = (
        f"SELECT 'info@example.com' AS address, {array} AS targets"
        f" UNION ALL SELECT 'c@example.com', {array} UNION ALL SELECT '{{d@x.test,e@x.test}}', {array}"
    )
    domains = "SELECT 'example.org' AS alias_domain, '{example.com,example.net}'::citext[] AS target_domain"
    found = listed(postgresql.source(list_query=users, alias_query=aliases, alias_domain_query=domains))
    assert [user["userName"] for user in found] == ["a@example.com", "b@example.com"]
    for user in found:
        expected = {"info@example.com", "c@example.com", "c@example.org", "d@x.test", "e@x.test"}
        assert expected <= set(user["emailAddresses"])  # type: ignore[call-overload]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_arrays_of_arrays(postgresql: Engine) -> None:
    """Arrays with several dimensions, and with numbers of their own, hold the same addresses."""
    for written in ("{{a@x.test},{b@x.test}}", "[0:1]={a@x.test,b@x.test}"):
        for kind in ("text[]", "citext[]"):
            query = f"SELECT 5 AS username, '{written}'::{kind} AS emailaddresses"
            [user] = listed(postgresql.source(list_query=query))
            assert user["emailAddresses"] == ["a@x.test", "b@x.test"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_quoted_elements(postgresql: Engine) -> None:
    """An element may hold commas, braces, quotes and backslashes."""
    value = """ARRAY['"Müller, {Anna}" <a@x.test>', E'"b\\\\c"@x.test', 'NULL']::citext[]"""
    [user] = listed(postgresql.source(list_query=f"SELECT 5 AS username, {value} AS emailaddresses"))
    assert user["emailAddresses"] == ["a@x.test", '"b\\c"@x.test']


def test_names_that_look_alike(engine: Engine) -> None:
    """A name with a blank that is not ASCII's is an error of the list: a database may take two names for one."""
    for blank in ("\u00a0", "\u3000", "\u200b"):
        query = f"SELECT 'anna' AS username UNION ALL SELECT 'anna{blank}'"
        assert "row 2" in refused(SourceError, engine.source(list_query=query).users)


def test_password_as_bytes(engine: Engine) -> None:
    """A stored password may be in a column for bytes."""
    cast = {"postgresql": f"convert_to('{STORED}', 'UTF8')", "mysql": f"CAST('{STORED}' AS BINARY)"}[engine.driver]
    source = engine.source(auth_query=f"SELECT {cast} FROM users WHERE login = :user")
    assert source.authenticate("john.doe", PASSWORD) is True
    assert source.authenticate("john.doe", "wrong") is False


def test_every_character(engine: Engine) -> None:
    """Four-byte characters arrive whole."""
    found = listed(engine.source(list_query="SELECT '漢😀' AS username, 'Ωß€' AS fullname"))
    assert found == [{"userName": "漢😀", "fullName": "Ωß€"}]


@pytest.mark.parametrize(("encoding", "ok"), [("LATIN1", True), ("SQL_ASCII", False)])
def test_old_postgresql_databases(engine: Engine, encoding: str, ok: bool) -> None:
    """A database in another encoding is converted; where none is known, what is not UTF-8 is an error."""
    if engine.driver != "postgresql":
        return
    name = f"old_{encoding.lower()}"
    engine.server.execute(
        f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0;"
        f"GRANT CONNECT ON DATABASE {name} TO reader"
    )
    engine.server.execute(
        f"CREATE TABLE users (login varchar(50)); GRANT SELECT ON users TO reader;"
        f"SET client_encoding = '{encoding}'; INSERT INTO users VALUES (E'J\\374rgen')",
        name,
    )
    source = engine.source(
        database=name,
        list_query="SELECT login AS username FROM users",
        auth_query="SELECT 'x' FROM users WHERE login = :user",
    )
    if ok:
        assert listed(source) == [{"userName": "Jürgen"}]
        assert source.authenticate("Jürgen", "wrong") is False
        assert source.authenticate("漢字", "wrong") is None
    else:
        assert "encoding" in refused(SourceError, source.users)


def test_bytes_that_are_no_text(engine: Engine) -> None:
    """A name whose bytes are not UTF-8 is an error of the whole list."""
    value = {"postgresql": r"'\xff41'::bytea", "mysql": "X'ff41'"}[engine.driver]
    assert "not UTF-8" in refused(SourceError, engine.source(list_query=f"SELECT {value} AS username").users)


def test_one_parameter_in_several_places(engine: Engine) -> None:
    """A parameter may stand in several places of a query, compared with columns and with results of functions."""
    source = engine.source(
        **engine.server.arguments,
        auth_query="SELECT password FROM users WHERE login = :user OR login = LOWER(:user) OR mail = :user",
    )
    assert source.authenticate("JOHN.DOE", PASSWORD) is True
    assert source.authenticate("john.doe", "wrong") is False
