"""Servers that refuse, die, hang and dawdle: always an error that says what to do, in time, without secrets."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais.errors import SourceError, SourceUnavailable
from sources.contract import PASSWORD
from sources.sql.drivers.engines import Engine, refused, within
from support.databases import free_port

DEAD = "127.0.0.3"
"""Nobody listens at this address of the machine itself."""


@pytest.fixture
def hanging(engine: Engine) -> Iterator[str]:
    """A host where connections are taken and nothing is ever said."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.2", engine.server.port))
        listener.listen()
        yield "127.0.0.2"


def test_down(engine: Engine) -> None:
    """A server that is not there is a 503 that names host, port and database."""
    port = free_port()
    text = refused(SourceUnavailable, engine.source(port=port).users)
    assert f"at 127.0.0.1, port {port}, database mail" in text
    assert "refused" in text or "nothing listens there" in text


def test_unknown_host(engine: Engine) -> None:
    """A host name that does not exist is a 503 that says so."""
    text = refused(SourceUnavailable, engine.source(host="nowhere.invalid").users)
    assert "nowhere.invalid" in text
    assert "not known" in text or "name resolution" in text


def test_wrong_login(engine: Engine) -> None:
    """A wrong password of the connection is a 503, and nobody's "no"."""
    source = engine.source(password="wr0ng-one")
    for question in (source.users, lambda: source.authenticate("john.doe", PASSWORD)):
        assert "password is wrong" in refused(SourceUnavailable, question, "wr0ng-one")


def test_wrong_database(engine: Engine) -> None:
    """A database that does not exist, or may not be used, is an error that names it."""
    assert "database nix" in refused(SourceUnavailable, engine.source(database="nix").users)


def test_missing_table_and_column(engine: Engine) -> None:
    """A table or a column that is not there is a 500 that names it."""
    assert "nixtable" in refused(SourceError, engine.source(list_query="SELECT 1 AS username FROM nixtable").users)
    assert "nixcol" in refused(SourceError, engine.source(list_query="SELECT nixcol AS username FROM users").users)


def test_boolean_compared_with_a_number(engine: Engine) -> None:
    """PostgreSQL has booleans that are no numbers: the error says which types do not fit."""
    query = "SELECT login AS username FROM users WHERE (login = 'x') = 1"
    if engine.driver == "postgresql":
        assert "boolean = integer" in refused(SourceError, engine.source(list_query=query).users)
    else:
        list(engine.source(list_query=query).users())


def test_permission_denied(engine: Engine) -> None:
    """A table that the user may not read is a 500 that names it."""
    text = refused(SourceError, engine.source(list_query="SELECT login AS username FROM closed.hidden").users)
    assert "denied" in text
    assert "hidden" in text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT login AS username FROM users WHERE 'S3cret' 'x' = = login",
        'SELECT login AS username FROM users WHERE "S3cret" = closed.hidden.login',
        "SELECT login AS username FROM users WHERE login = 'S3cret",
        "SELECT CAST('S3cret' AS nothing) AS username FROM users",
        "SELECT nothing('S3cret') AS username FROM users",
    ],
)
def test_refused_query_is_not_shown(engine: Engine, query: str) -> None:
    """A literal of a query that the server refuses is in no error."""
    refused(SourceError, engine.source(list_query=query).users, "S3cret")


def test_refused_values_are_not_shown(engine: Engine) -> None:
    """The password that somebody tried is in no error of a query that it was bound to."""
    source = engine.source(auth_query="SELECT 1 FROM users WHERE login = :user AND AND :pass = ''")
    refused(SourceError, lambda: source.authenticate("john.doe", "tr1ed-it"), "tr1ed-it", "john.doe")


def test_writing_is_refused(engine: Engine) -> None:
    """A query that writes is refused, also where the user may write."""
    source = engine.source(**engine.server.arguments, auth_query="UPDATE users SET password = NULL WHERE login = :user")
    assert "tries to write" in refused(SourceError, lambda: source.authenticate("john.doe", PASSWORD))
    assert engine.source().authenticate("john.doe", PASSWORD) is True


def test_values_that_are_no_text(engine: Engine) -> None:
    """A name that is no Unicode is an error, or unknown, and not a crash; PyMySQL before 1.2 sends it."""
    try:
        found = engine.source().authenticate("\udc80", PASSWORD)
    except SourceError:
        found = None
    assert found is None


def test_slow_query(engine: Engine) -> None:
    """A query that takes longer than the request's time-out is a 503 when the time is over, and ends on the server."""
    source = engine.source(list_query=f"SELECT {engine.sleep}(33), login AS username FROM users")
    text = refused(SourceUnavailable, source.users, seconds=1, takes=1.5)
    assert "timeout" in text or "does not answer in time" in text
    time.sleep(0.3)
    assert _running(engine) == 0


def test_dawdling_list(engine: Engine) -> None:
    """A list whose rows come one by one for ever ends with the request's time-out."""
    source = engine.source(list_query=engine.slow_list())
    refused(SourceUnavailable, source.users, seconds=1, takes=1.5)


def test_killed_session(engine: Engine) -> None:
    """A session that an administrator ends in the middle of a list is a 503, and no shorter list."""
    kill = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'",
        "mysql": "KILL USER reader",
    }[engine.driver]
    timer = threading.Timer(0.7, engine.server.execute, [kill])
    timer.start()
    try:
        refused(SourceUnavailable, engine.source(list_query=engine.slow_list()).users, takes=3)
    finally:
        timer.join()


def test_killed_server(own_engine: Engine) -> None:
    """A server that dies in the middle of a list is a 503, and no shorter list."""
    timer = threading.Timer(0.7, own_engine.server.kill)
    timer.start()
    try:
        refused(SourceUnavailable, own_engine.source(list_query=own_engine.slow_list()).users, takes=3)
    finally:
        timer.join()


def test_frozen_server(own_engine: Engine) -> None:
    """A server that says nothing any more is a 503 when the time is over."""
    server = own_engine.server
    source = own_engine.source(list_query=own_engine.slow_list(), port=server.port)
    frozen: list[int] = []

    def freeze() -> None:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        frozen.extend([*map(int, children), server.pid])
        for process in frozen:
            os.kill(process, signal.SIGSTOP)

    timer = threading.Timer(0.5, freeze)
    timer.start()
    try:
        refused(SourceUnavailable, source.users, seconds=1.5, takes=2)
    finally:
        timer.join()
        for process in frozen:
            os.kill(process, signal.SIGCONT)


def test_hanging_host(engine: Engine, hanging: str) -> None:
    """A host that takes the connection and says nothing is a 503 when the time is over."""
    text = refused(SourceUnavailable, engine.source(host=hanging).users, seconds=1, takes=1.5)
    assert "127.0.0.2" in text
    assert "does not answer in time" in text


def test_second_host_answers(engine: Engine, hanging: str) -> None:
    """The next host of the list is asked when one is dead, and when one hangs: it has its share of the time."""
    for first in (DEAD, hanging, "nowhere.invalid", "/nowhere"):
        source = engine.source(host=[first, "127.0.0.1"])
        assert within(3, lambda source=source: source.authenticate("john.doe", PASSWORD)) is True  # type: ignore[misc]


def test_no_host_answers(engine: Engine, hanging: str) -> None:
    """When all fail, the error names each."""
    text = refused(SourceUnavailable, engine.source(host=[hanging, DEAD]).users, seconds=1, takes=1.5)
    assert hanging in text
    assert DEAD in text


def test_refused_login_is_not_repeated(engine: Engine, hanging: str) -> None:
    """A server that refuses the password has answered: the next host is not asked."""
    text = refused(SourceUnavailable, engine.source(host=["127.0.0.1", hanging], password="wrong").users, takes=3)
    assert hanging not in text


def _running(engine: Engine) -> int:
    """How many queries that sleep for 33 seconds are still running."""
    return int(
        engine.server.execute(
            {
                "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(3' || '3)%'"
                " AND state = 'active'",
                "mysql": "SELECT count(*) FROM information_schema.processlist"
                " WHERE info LIKE CONCAT('%sleep(3', '3)%')",
            }[engine.driver]
        )
    )


@pytest.mark.parametrize("password", ["wrong", None])
def test_unknown_user(engine: Engine, password: str | None) -> None:
    """A user whom the server does not know is said to be wrong, however the server puts it (MariaDB: 1698, 1045)."""
    text = refused(SourceUnavailable, engine.source(user="nobody_of_this_name", password=password).users)
    assert "user or password is wrong" in text or (engine.driver == "postgresql" and "a password is needed" in text)
    assert "only for the system user" not in text or "user or password is wrong" in text
