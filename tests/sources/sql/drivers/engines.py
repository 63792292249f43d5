"""One table of users on every kind of server, and the question a source asks it."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, sql
from ais.errors import AISError
from sources.contract import INACTIVE, PASSWORD
from support.databases import DatabaseServer, mariadb, postgresql
from support.needs import missing
from support.site import salted

LIST = "SELECT login AS user_name, name AS fullname, mail AS emailaddresses FROM users WHERE active ORDER BY mail DESC"
AUTH = "SELECT password FROM users WHERE login = :user AND active"
STORED = salted("SSHA512", PASSWORD)
READER_PASSWORD = "lésen %s :user"


@dataclass(frozen=True)
class Engine:
    """A kind of server.

    Attributes:
        driver: name for `ais.sql`.
        server: a running one.
        sleep: SQL function that waits some seconds.
        numbers: SQL that gives rows from 1 to a number in a column n.
        text: type for text of any length.
    """

    driver: str
    server: DatabaseServer
    sleep: str
    numbers: str
    text: str

    def source(self, **changed: Any) -> Any:
        """A source over the table of users, asked as the reader."""
        given = {**self.server.arguments, "user": "reader", "password": READER_PASSWORD, "database": "mail"}
        return sql(self.driver, **{**given, "list_query": LIST, "auth_query": AUTH, **changed})

    def rows(self, count: int) -> str:
        """SQL after FROM that gives that many rows."""
        return self.numbers.format(count=count)

    def slow_list(self, seconds: float = 0.001, count: int = 1_000_000) -> str:
        """A list_query that takes this long for each row."""
        columns = f"CASE WHEN n > 0 THEN 'john.doe' END AS username, {self.sleep}({seconds}) AS waited"
        return f"SELECT {columns} FROM {self.rows(count)}"


def fill(server: DatabaseServer, text: str, closed: str) -> None:
    """Make the database ``mail``: John in two rows, Jane, an inactive user, and a table that is not granted."""
    server.execute("CREATE DATABASE mail")
    server.execute(
        f"""
        CREATE TABLE users (login varchar(100), name {text}, mail {text}, password varchar(200), active boolean);
        INSERT INTO users VALUES
            ('john.doe', 'John Doe', 'john.doe@example.com', '{STORED}', true),
            ('john.doe', NULL, 'j.doe@example.com; John.Doe@example.com', '{STORED}', true),
            ('jane.doe', 'Jane Dœ-Müller', 'jane.doe@example.com', '{STORED}', true),
            ('{INACTIVE}', 'Gone', 'gone@example.com', '{STORED}', false);
        CREATE {closed} closed;
        CREATE TABLE closed.hidden (login varchar(100));
        """,
        "mail",
    )


@contextmanager
def postgresql_engine(folder: Path, tls: bool = False) -> Iterator[Engine]:
    """PostgreSQL with the table."""
    with postgresql(folder, tls) as server:
        fill(server, "text", "SCHEMA")
        server.execute(
            f"CREATE ROLE reader LOGIN PASSWORD '{READER_PASSWORD}'; GRANT SELECT ON users TO reader;"
            "GRANT USAGE ON SCHEMA closed TO reader;",
            "mail",
        )
        yield Engine("postgresql", server, "pg_sleep", "generate_series(1, {count}) AS n", "text")


@contextmanager
def mariadb_engine(folder: Path, tls: bool = False) -> Iterator[Engine]:
    """MariaDB with the table."""
    with mariadb(folder, tls) as server:
        fill(server, "varchar(200)", "DATABASE")
        server.execute(
            f"CREATE USER reader IDENTIFIED BY '{READER_PASSWORD}'; GRANT SELECT ON mail.* TO reader;", "mail"
        )
        yield Engine("mysql", server, "sleep", "(SELECT seq AS n FROM seq_1_to_{count}) AS numbers", "varchar(200)")


def need_odbc(driver: str = "", package: str = "") -> None:
    """Skip where pyodbc, or an ODBC driver of Debian's, is not there.

    Args:
        driver: its name in unixODBC.
        package: Debian's package that brings it.
    """
    try:
        import pyodbc  # type: ignore[import-not-found]
    except ImportError:
        missing("pyodbc", "pyodbc")
    if driver and driver not in pyodbc.drivers():
        missing(f"the ODBC driver {driver}", package)


def within(seconds: float, question: Callable[[], Any]) -> Any:
    """Ask with a deadline, as a request does; users are read to the last."""

    def asked() -> Any:
        deadline.start(seconds)
        answer = question()
        return list(answer) if isinstance(answer, Iterator) else answer

    return contextvars.copy_context().run(asked)


def refused(
    kind: type[AISError], question: Callable[[], Any], *secrets: str, seconds: float = 20, takes: float = 20
) -> str:
    """Ask what cannot be answered, and return the text of the error.

    Args:
        kind: the error that is due.
        question: asks.
        secrets: what no text of the error, nor of one that led to it, may hold, besides all passwords.
        seconds: the deadline.
        takes: seconds after which it must have been said.
    """
    began = time.monotonic()
    with pytest.raises(AISError) as raised:
        within(seconds, question)
    assert time.monotonic() - began < takes
    assert isinstance(raised.value, kind), raised.value
    error: BaseException | None = raised.value
    while error is not None:
        for secret in (PASSWORD, STORED, READER_PASSWORD, *secrets):
            assert secret not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
    return str(raised.value)
