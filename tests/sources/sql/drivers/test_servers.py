"""The drivers postgresql and mysql at real servers: what holds for both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ais import sql
from ais.errors import AISError, ConfigError, MissingPackage
from ais.sources.sql.drivers import driver_for, mysql
from ais.sources.sql.drivers.server import is_local
from ais.sources.sql.query import Query
from sources.contract import PASSWORD, SourceContract, added_up
from sources.sql.drivers.engines import AUTH, LIST, Engine, within
from sources.sql.drivers.standin import stand_in
from support.databases import free_port


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, engine: Engine) -> Any:
        """The table of users."""
        return engine.source()

    @pytest.fixture
    def broken(self, engine: Engine) -> Any:
        """Nobody listens."""
        return engine.source(port=free_port())


def names(source: Any) -> list[str]:
    """The names that a source lists."""
    return sorted(user.user_name for user in added_up(source))


@pytest.mark.parametrize(
    ("changed", "hosts"),
    [
        ({}, ["SOCKET"]),
        ({"host": ["localhost", "127.0.0.1"]}, ["SOCKET", "127.0.0.1"]),
        ({"port": 3306}, ["localhost"]),
        ({"tls": True}, ["localhost"]),
        ({"host": "db.example.test"}, ["db.example.test"]),
    ],
)
def test_localhost_of_mysql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, object], hosts: list[str]
) -> None:
    """As for MySQL's own programs: localhost is the socket, unless a port or TLS is asked for, or it is missing."""
    given = dict.fromkeys(("host", "port", "database", "user", "password", "tls")) | {"options": {}} | changed
    monkeypatch.setattr(mysql, "SOCKETS", ("/none", str(tmp_path)))
    driver = mysql.Mysql("mysql", given)
    assert [driver.near(host) for host in driver.hosts] == [host.replace("SOCKET", str(tmp_path)) for host in hosts]
    monkeypatch.setattr(mysql, "SOCKETS", ("/none",))
    assert [driver.near(host) for host in driver.hosts] == [host.replace("SOCKET", "localhost") for host in hosts]


def test_socket(engine: Engine) -> None:
    """A host that begins with a slash is a Unix socket."""
    assert names(engine.source(host=engine.server.socket)) == ["jane.doe", "john.doe"]


def test_percent_is_only_a_character(engine: Engine) -> None:
    """A % in a query means what it means in SQL, with parameters and without."""
    source = engine.source(
        list_query="SELECT login AS username FROM users WHERE login LIKE 'j%' AND 7 % 4 = 3",
        auth_query="SELECT password FROM users WHERE login LIKE '%doe' AND login = :user",
    )
    assert names(source) == ["jane.doe", "john.doe"]
    assert source.authenticate("john.doe", PASSWORD) is True


def test_database_verifies(engine: Engine) -> None:
    """With :pass, a row is a yes, and the value reaches the server as it was typed."""
    source = engine.source(auth_query="SELECT 1 FROM users WHERE login = :user AND :pass = CONCAT('ß', '%s', '\"')")
    assert source.authenticate("john.doe", 'ß%s"') is True
    assert source.authenticate("john.doe", "ß%s") is None


@pytest.mark.parametrize("more", ["", ", login AS userName"])
def test_names_are_compared_letter_by_letter(engine: Engine, more: str) -> None:
    """Beside other sources, neither MariaDB's collations nor a query that ignores case let in by another name."""
    for condition in ("login = :user", "lower(login) = lower(:user)"):
        source = engine.source(auth_query=f"SELECT password{more} FROM users WHERE {condition} AND active")
        source.alone = False
        assert source.authenticate("john.doe", PASSWORD) is True
        assert source.authenticate("john.doe", "wrong") is False
        for user in ("JOHN.DOE", "John.doe", "j\u00f3hn.doe", "john.doe\u0301", "\uff4aohn.doe"):
            assert source.authenticate(user, PASSWORD) is None, user


def test_unusual_names_are_unknown(engine: Engine) -> None:
    """Characters from all planes of Unicode are looked up and not found."""
    for user in ("😀", "漢字@example.com", "a" * 5000, "\x01", "\u202e", "john.doe\n"):
        assert engine.source().authenticate(user, PASSWORD) is None


def test_list_is_read_piece_by_piece(engine: Engine) -> None:
    """The first rows of a list are there before the server has made the last ones."""

    def first() -> int:
        driver = _driver(engine)
        connection = driver.connect()
        cursor = driver.run(connection, Query(engine.slow_list(), "list_query"), {}, large=True)
        rows = cursor.fetchmany(100)
        connection.close()
        return len(rows)

    assert within(10, first) == 100


def test_unknown_user_does_not_cost_the_list(engine: Engine) -> None:
    """The rest of a list is not read when one of its users is looked for."""
    source = engine.source(list_query=engine.slow_list())
    assert within(10, lambda: [source.authenticate("nobody", "x"), source.decoy("x")]) == [None, True]


def test_large_list_is_whole(engine: Engine) -> None:
    """Every row of 50,000 is given once."""
    source = engine.source(list_query=f"SELECT n AS username FROM {engine.rows(50_000)}")
    assert sorted(int(user.user_name) for user in source.users()) == list(range(1, 50_001))


def test_queries_of_a_list_see_one_state(engine: Engine) -> None:
    """What is written between two queries of one list is in none of them."""
    driver = _driver(engine)
    connection = driver.connect()
    count = Query("SELECT login FROM users", "list_query")
    before = driver.run(connection, count, {}, large=True).fetchmany(100)
    engine.server.execute("INSERT INTO users VALUES ('new', 'New', NULL, NULL, true)", "mail")
    try:
        assert driver.run(connection, count, {}, large=True).fetchmany(100) == before
    finally:
        connection.close()
        engine.server.execute("DELETE FROM users WHERE login = 'new'", "mail")


def test_options_reach_the_driver(engine: Engine) -> None:
    """What options say is given to the module's connect(), and wins."""
    assert names(engine.source(user="nobody", options={"user": "reader"})) == ["jane.doe", "john.doe"]


@pytest.mark.parametrize(
    ("name", "said"), [("mysql", "options"), ("postgresql", "an option"), ("pymysql", "options host, foo$")]
)
def test_options_that_the_driver_does_not_know(name: str, said: str) -> None:
    """They are a fault of the configuration that names the options and not their values; no server will mend it."""
    source = sql(name, host="127.0.0.1", list_query=LIST, auth_query=AUTH, options={"foo": "hunter2"})
    with pytest.raises(AISError, match=said) as caught:
        list(source.users())
    assert caught.value.status == 500
    assert "hunter2" not in str(caught.value)


def _driver(engine: Engine) -> Any:
    given = {**engine.server.arguments, "database": "mail", "tls": None, "options": {}}
    return driver_for(engine.driver, given)


@pytest.mark.parametrize("name", ["postgresql", "mysql", "mssql", "odbc", "oracle"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"host": []},
        {"host": [""]},
        {"host": "a,b"},
        {"host": 5},
        {"port": "x"},
        {"port": 0},
        {"port": 65536},
        {"port": True},
        {"user": 5},
        {"password": b"x"},
        {"database": Path("x")},
        {"tls": 1.5},
        {"tls": ""},
        {"tls": True, "host": "/run"},
    ],
)
def test_wrong_arguments(name: str, wrong: dict[str, Any]) -> None:
    """An argument that cannot be used is an error when the configuration is read, and its value is not shown."""
    given = {"list_query": LIST, "auth_query": AUTH, "options": {"driver": "x"}, "database": "mail"}
    with pytest.raises(ConfigError, match=r"^sql\(\): "):
        sql(name, **{**given, **wrong})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tls": True}, "pymysql has no option tls: give what its connect.. takes for TLS in options"),
        ({"tls": False}, "pymysql has no option tls"),
        ({"tls": "ca.pem"}, "pymysql has no option tls"),
        ({"host": ["a", "b"]}, "host must be one name"),
        ({"host": []}, "host must be one name"),
        ({"host": 5}, "host must be one name"),
        ({"port": "3306"}, "port must be a number"),
        ({"port": 65536}, "port must be a number"),
    ],
)
def test_arguments_that_a_foreign_module_would_not_heed(wrong: dict[str, Any], said: str) -> None:
    """Nothing is dropped silently where a module is named by its dotted name: who asks for TLS has it, or an error."""
    with pytest.raises(ConfigError, match=rf"^sql\(\): {said}"):
        sql("pymysql", list_query=LIST, auth_query=AUTH, **wrong)


def test_a_list_of_one_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign module gets the one host of a list as a name."""
    module = stand_in("foreign", monkeypatch)
    module.paramstyle = "qmark"
    source = sql("foreign", host=["a"], list_query=LIST, auth_query=AUTH)
    list(source.users())
    assert module.connects == [{"host": "a"}]


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("postgresql", "psycopg", r"'psycopg\[binary\]'"),
        ("mysql", "pymysql", "PyMySQL"),
        ("mssql", "pymssql", "pymssql"),
        ("odbc", "pyodbc", "pyodbc"),
        ("oracle", "oracledb", "oracledb"),
    ],
)
def test_missing_package(name: str, module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package is needed only when the source is asked; then the error says what to install."""
    import sys

    for loaded in list(sys.modules):
        if loaded.startswith("ais.sources.sql.drivers.") and loaded.endswith("connection"):
            monkeypatch.delitem(sys.modules, loaded)
            monkeypatch.delattr(sys.modules["ais.sources.sql.drivers"], loaded.rpartition(".")[2], raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    source = sql(name, database="mail", list_query=LIST, auth_query=AUTH, options={"driver": "x"})
    with pytest.raises(MissingPackage, match=f"python3 -m pip install {package} "):
        list(source.users())


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.0.9", True),
        ("::1", True),
        ("/run/mysqld", True),
        ("127.example.com", False),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
    ],
)
def test_this_computer(host: str, local: bool) -> None:
    """Only what does not leave this computer goes without TLS; a name that looks like its address does not count."""
    assert is_local(host) is local


def test_unknown_driver() -> None:
    """An unknown driver is an error that names the known ones."""
    with pytest.raises(ConfigError, match="sqlite, postgresql, mysql, mssql, odbc, oracle or the dotted name"):
        sql("postgre sql", database="mail", list_query=LIST, auth_query=AUTH)
