"""MariaDB cuts what GROUP_CONCAT gives, and results: the session asks for all of it, and a cut value is an error."""

from __future__ import annotations

from typing import Any

import pytest

from ais import sql
from ais.errors import SourceError
from sources.contract import PASSWORD
from sources.sql.drivers.engines import AUTH, Engine, refused

pytestmark = pytest.mark.parametrize("engine", ["mysql"], indirect=True)

ADDRESSES = [f"address.number.{number}@mail.example.com" for number in range(1, 2001)]
JOINED = "GROUP_CONCAT('address.number.', n, '@mail.example.com' ORDER BY n)"
CUT = "SET STATEMENT group_concat_max_len = 100 FOR "


@pytest.fixture(params=["mysql", "pymysql"])
def database(request: Any, engine: Engine) -> Any:
    """Makes sources over MariaDB, by the driver of its own and by a dotted name."""

    def source(**changed: Any) -> Any:
        given = {**engine.server.arguments, "database": "mail", "auth_query": AUTH, **changed}
        if request.param == "pymysql":
            given["options"] = {"charset": "utf8mb4", "password": str(given.pop("password")).encode()}
        return sql(request.param, **given)

    source.rows = engine.rows(2000)  # type: ignore[attr-defined]
    return source


def test_long_values_are_whole(database: Any) -> None:
    """The list and the aliases get everything, however long it is."""
    [user] = database(list_query=f"SELECT 'anna' AS username, {JOINED} AS emailaddresses FROM {database.rows}").users()
    assert user.email_addresses == ADDRESSES
    rows = f"SELECT 'info@x.test' AS address, CONCAT({JOINED}, ',anna') AS targets FROM {database.rows}"
    [user] = database(list_query="SELECT 'anna' AS username", alias_query=rows).users()
    assert user.email_addresses == ["info@x.test"]


def test_a_limit_of_the_server_cuts_no_list(engine: Engine, database: Any) -> None:
    """A server whose administrator limits the rows of every SELECT gives all of them."""
    engine.server.execute("SET GLOBAL sql_select_limit = 1")
    try:
        rows = f"SELECT CONCAT('user', n) AS username FROM {database.rows}"
        assert len(list(database(list_query=rows).users())) == 2000
    finally:
        engine.server.execute("SET GLOBAL sql_select_limit = 18446744073709551615")


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " SELECT CONCAT('user', i) AS username FROM n",
        "SELECT CONCAT('user', n) AS username FROM {rows} LIMIT ROWS EXAMINED 100",
    ],
)
def test_a_query_that_is_broken_off_is_an_error(database: Any, query: str) -> None:
    """MariaDB gives what it has, and a warning, where a query goes past a limit of its own: that is no whole list."""
    query = f"SET STATEMENT max_recursive_iterations = 1000 FOR {query.format(rows=database.rows)}"
    assert "broken off" in refused(SourceError, database(list_query=query).users)


@pytest.mark.parametrize("option", ["list_query", "auth_query", "alias_query", "alias_domain_query"])
def test_cut_values_are_errors(database: Any, option: str) -> None:
    """What a query cuts all the same is no shorter list and no password, whatever other warnings there are."""
    columns = {
        "list_query": "'anna' AS username, GROUP_CONCAT(n) AS emailaddresses",
        "auth_query": "GROUP_CONCAT(n) AS password",
        "alias_query": "'a@x.test' AS address, GROUP_CONCAT(n) AS targets",
        "alias_domain_query": "'a.test' AS alias_domain, GROUP_CONCAT(n) AS target_domain",
    }
    warnings = ", ".join(["CAST('x' AS INT) AS w"] * 200)
    where = "WHERE :user = 'anna'" if option == "auth_query" else ""
    cut = f"{CUT}SELECT {columns[option]}, {warnings} FROM {database.rows} {where}"
    source = database(**{"list_query": "SELECT 'anna' AS username", option: cut})
    if option == "auth_query":
        assert "cut a value" in refused(SourceError, lambda: source.authenticate("anna", PASSWORD))
    else:
        assert "cut a value" in refused(SourceError, source.users)


def test_other_warnings_are_no_errors(database: Any) -> None:
    """A warning about something else changes nothing."""
    source = database(list_query="SELECT 'anna' AS username, CAST('x' AS INT) AS w")
    assert [user.user_name for user in source.users()] == ["anna"]
