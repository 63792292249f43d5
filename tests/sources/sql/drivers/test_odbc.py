"""The driver odbc at two real ODBC drivers: PostgreSQL's and SQLite's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ais import sql
from ais.errors import ConfigError, SourceError, SourceUnavailable
from ais.sources.sql.drivers.odbc import Odbc
from sources.contract import INACTIVE, PASSWORD, SourceContract
from sources.sql.drivers.engines import (
    AUTH,
    LIST,
    READER_PASSWORD,
    STORED,
    Engine,
    need_odbc,
    postgresql_engine,
    refused,
)
from support.databases import free_port

POSTGRESQL = "PostgreSQL Unicode"
SQLITE = "SQLite3"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """PostgreSQL."""
    need_odbc(POSTGRESQL, "odbc-postgresql")
    with postgresql_engine(tmp_path_factory.mktemp("odbc") / "home") as made:
        yield made


def postgresql_source(server: Engine, **changed: Any) -> Any:
    """The table of users through PostgreSQL's ODBC driver."""
    given = {**server.server.arguments, "user": "reader", "password": READER_PASSWORD, "database": "mail"}
    given |= {"list_query": LIST, "auth_query": AUTH, "options": {"driver": POSTGRESQL}}
    return sql("odbc", **{**given, **changed})


def sqlite_source(path: Path, **changed: Any) -> Any:
    """The table of users through SQLite's ODBC driver."""
    given = {"database": str(path), "list_query": LIST, "auth_query": AUTH, "options": {"driver": SQLITE}}
    return sql("odbc", **{**given, **changed})


class TestPostgresql(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, server: Engine) -> Any:
        """The table of users."""
        return postgresql_source(server)

    @pytest.fixture
    def broken(self, server: Engine) -> Any:
        """Nobody listens."""
        return postgresql_source(server, port=free_port())


class TestSqlite(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """The table of users."""
        need_odbc(SQLITE, "libsqliteodbc")
        database = sqlite3.connect(tmp_path / "users.sqlite")
        database.execute("CREATE TABLE users (login text, name text, mail text, password text, active integer)")
        database.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
            [
                ("john.doe", "John Doe", "john.doe@example.com", STORED, 1),
                ("john.doe", None, "j.doe@example.com", STORED, 1),
                ("jane.doe", "Jane Dœ-Müller", "jane.doe@example.com", STORED, 1),
                (INACTIVE, "Gone", "gone@example.com", STORED, 0),
            ],
        )
        database.commit()
        database.close()
        return sqlite_source(tmp_path / "users.sqlite")

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file without the table."""
        need_odbc(SQLITE, "libsqliteodbc")
        return sqlite_source(tmp_path / "empty.sqlite")


def test_arrays(server: Engine) -> None:
    """An array comes as text and is read as one, however long it is."""
    many = [f"address.number.{number}@example.com" for number in range(2000)]
    source = postgresql_source(
        server,
        list_query="SELECT 'anna' AS username, array_agg('address.number.' || n || '@example.com' ORDER BY n) AS"
        " emailaddresses FROM generate_series(0, 1999) AS n",
        alias_query="SELECT 'info@example.com' AS address, ARRAY['anna', 'bob'] AS targets",
    )
    [user] = source.users()
    assert user.email_addresses == [*many, "info@example.com"]


def test_wrong_login(server: Engine) -> None:
    """A wrong password of the connection is a 503 without it."""
    source = postgresql_source(server, password="wr0ng;one")
    refused(SourceUnavailable, lambda: source.authenticate("john.doe", PASSWORD), "wr0ng", "one}")


def test_missing_table(server: Engine) -> None:
    """A table that is not there is a 500."""
    text = refused(
        SourceError, postgresql_source(server, list_query="SELECT 'S3cret' AS username FROM nix").users, "S3cret"
    )
    assert "the table is missing" in text


def test_slow_query(server: Engine) -> None:
    """A query that takes longer than the time-out is a 503."""
    source = postgresql_source(server, list_query="SELECT 'x' AS username, pg_sleep(30)::text")
    refused(SourceUnavailable, source.users, seconds=1, takes=1.5)


def test_writing_is_refused(server: Engine) -> None:
    """PostgreSQL is asked in a transaction that only reads."""
    source = postgresql_source(
        server, **server.server.arguments, auth_query="UPDATE users SET name = 'X' WHERE login = :user RETURNING name"
    )
    assert "tries to write" in refused(SourceError, lambda: source.authenticate("jane.doe", PASSWORD))


def test_second_host_answers(server: Engine) -> None:
    """The next host of the list is asked when one is dead."""
    assert postgresql_source(server, host=["127.0.0.3", "127.0.0.1"]).authenticate("john.doe", PASSWORD) is True


def test_unknown_odbc_driver() -> None:
    """An ODBC driver that is not installed is an error that says where the names are."""
    need_odbc()
    source = sql("odbc", database="x", list_query=LIST, auth_query=AUTH, options={"driver": "Nothing 18"})
    assert "odbcinst -q -d" in refused(ConfigError, source.users)


def test_driver_or_dsn_is_needed() -> None:
    """Without the name of an ODBC driver nothing can be asked."""
    with pytest.raises(ConfigError, match="odbcinst"):
        sql("odbc", database="x", list_query=LIST, auth_query=AUTH)


def test_dsn(server: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data source of odbc.ini is enough."""
    (tmp_path / "odbc.ini").write_text(
        f"[mail]\nDriver={POSTGRESQL}\nServername=127.0.0.1\nPort={server.server.port}\nDatabase=mail\n"
    )
    monkeypatch.setenv("ODBCINI", str(tmp_path / "odbc.ini"))
    source = sql(
        "odbc", user="reader", password=READER_PASSWORD, list_query=LIST, auth_query=AUTH, options={"dsn": "mail"}
    )
    assert source.authenticate("john.doe", PASSWORD) is True


def test_connection_string() -> None:
    """Values are quoted as ODBC asks for it; SQL Server takes the port behind the host. Options stay as they are."""
    connection = {"host": "db", "port": 1444, "user": "u", "password": "a;b}c", "tls": None, "database": "mail"}
    options = {"driver": "ODBC Driver 18 for SQL Server", "Encrypt": "yes", "timeout": 3}
    driver = Odbc("odbc", {**connection, "options": options})
    text = "driver=ODBC Driver 18 for SQL Server;Encrypt=yes;Server={db,1444};Database=mail;UID=u;PWD={a;b}}c}"
    assert driver._text("db") == text
    assert driver.syntax == {"brackets": True}
    options = {"DSN": "mail", "UID": "u", "Database": "mail"}
    driver = Odbc("odbc", {**dict.fromkeys(connection), "password": "p", "options": options})
    assert driver._text("") == "DSN=mail;UID=u;Database=mail;PWD=p"


def test_sql_server_cuts_no_long_text() -> None:
    """FreeTDS lets the server cut texts at the size in its freetds.conf: the connection asks for all of them."""
    need_odbc()
    said: list[str] = []
    nothing = dict.fromkeys(("host", "port", "user", "password", "tls", "database"))
    driver = Odbc("odbc", {**nothing, "options": {"dsn": "mail"}})
    driver.prepare(SimpleNamespace(getinfo=lambda _: "Microsoft SQL Server", execute=said.append))
    assert said == ["SET TEXTSIZE 2147483647"]
