"""Connections kept between requests: none too many, none that is stale, and each request sees the database as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, sql
from ais.errors import SourceError, SourceUnavailable
from ais.sources import Source
from ais.sources.sql.drivers import pool, server
from ais.sources.sql.drivers.pool import Keeper
from persistent.watching import Relay, close_all, connections, until
from sources.contract import PASSWORD, added_up
from sources.sql.drivers.engines import Engine
from support.site import ROOT

NAMES = ["john.doe", "jane.doe"]


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    """A request runs, and has time."""
    deadline.start(20)
    yield
    deadline.start(20)


def names(source: Source) -> list[str]:
    """The names that a source lists."""
    return sorted((user.user_name for user in added_up(source)), reverse=True)


def test_requests_share_one_connection(engine: Engine, keeper: Keeper) -> None:
    """The second request opens none, whatever the first asked; a right password stays right and a wrong one wrong."""
    source = engine.source()
    assert names(source) == NAMES
    first = connections(engine)
    assert len(first) == 1
    for _ in range(3):
        assert source.authenticate("john.doe", PASSWORD) is True
        assert source.authenticate("john.doe", "wrong") is False
        assert names(source) == NAMES
        assert {user.user_name for user in source.users()} == set(NAMES)
    assert connections(engine) == first


def test_a_process_of_one_request_keeps_none(engine: Engine) -> None:
    """Without the WSGI edge each question's connection is closed after it."""
    source = engine.source()
    assert names(source) == NAMES
    until(lambda: not connections(engine))


def test_each_request_sees_new_rows(engine: Engine, keeper: Keeper) -> None:
    """The transaction ends with the request: what was written since is seen by the next one."""
    source = engine.source()
    assert names(source) == NAMES
    engine.server.execute("INSERT INTO users VALUES ('later', NULL, 'l@example.com', NULL, true)", "mail")
    try:
        assert "later" in names(source)
    finally:
        engine.server.execute("DELETE FROM users WHERE login = 'later'", "mail")
    assert names(source) == NAMES


def test_nothing_is_left_open_between_requests(engine: Engine, keeper: Keeper) -> None:
    """A table can be changed while connections rest: no transaction holds it."""
    source = engine.source()
    assert source.authenticate("john.doe", PASSWORD) is True
    assert names(source) == NAMES
    engine.server.execute("ALTER TABLE users ADD COLUMN more integer", "mail")
    engine.server.execute("ALTER TABLE users DROP COLUMN more", "mail")
    assert names(source) == NAMES


@pytest.mark.parametrize("how", ["closed", "restarted", "killed"])
def test_a_broken_connection_is_replaced(engine: Engine, keeper: Keeper, how: str) -> None:
    """Closed by the server, or the server started anew: the next request gets its answer by a new connection."""
    source = engine.source()
    threads = [threading.Thread(target=copy_context().run, args=(names, source)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    old = connections(engine)
    if how == "closed":
        close_all(engine)
    else:
        engine.server.stop() if how == "restarted" else engine.server.kill()
        engine.server.start()
    assert names(source) == NAMES
    assert source.authenticate("john.doe", "wrong") is False
    assert len(connections(engine)) == 1
    assert how != "closed" or not connections(engine) & old


def test_a_server_that_is_gone_is_an_error_once_and_then_well(engine: Engine, keeper: Keeper) -> None:
    """While it is down nobody can tell; afterwards the answer is right at once."""
    source = engine.source()
    assert names(source) == NAMES
    engine.server.kill()
    try:
        for _ in range(2):
            with pytest.raises(SourceUnavailable):
                names(source)
            with pytest.raises(SourceUnavailable):
                source.authenticate("john.doe", PASSWORD)
    finally:
        engine.server.start()
    assert names(source) == NAMES


def test_a_connection_that_went_silent_is_replaced(
    engine: Engine, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall has forgotten it: the server is asked first, and given little time."""
    monkeypatch.setattr(server, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(server, "PING_SECONDS", 0.5)
    relay = Relay(engine.server.port)
    try:
        source = engine.source(host="127.0.0.1", port=relay.port)
        assert names(source) == NAMES
        time.sleep(0.2)
        relay.silence()
        begin = time.monotonic()
        assert names(source) == NAMES
        assert 0.4 < time.monotonic() - begin < 3
        time.sleep(0.2)
        assert names(source) == NAMES
    finally:
        keeper.drop()
        relay.close()


def test_an_old_connection_is_not_used(engine: Engine, keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the hosts are tried from the first one again."""
    source = engine.source()
    assert names(source) == NAMES
    first = connections(engine)
    monkeypatch.setattr(pool, "AGE_SECONDS", 0)
    assert names(source) == NAMES
    until(lambda: len(connections(engine)) == 1)
    assert connections(engine) != first


def test_each_request_has_its_own_deadline(engine: Engine, keeper: Keeper) -> None:
    """A kept connection does not bring the time limit of the request that opened it."""
    source = engine.source(list_query=engine.slow_list(seconds=5, count=1))
    assert source.authenticate("john.doe", PASSWORD) is True
    deadline.start(0.5)
    begin = time.monotonic()
    with pytest.raises(SourceUnavailable):
        names(source)
    assert time.monotonic() - begin < 2
    deadline.start(20)
    assert source.authenticate("john.doe", PASSWORD) is True


def test_a_list_left_half_way_leaves_no_rows_behind(engine: Engine, keeper: Keeper) -> None:
    """Who stops reading gets no connection on which the rest is still to come."""
    source = engine.source(list_query=f"SELECT concat('u', n) AS username FROM {engine.rows(2000)}")
    rows = iter(source.users())
    assert next(rows).user_name == "u1"
    rows.close()
    assert source.authenticate("john.doe", PASSWORD) is True
    assert len(names(source)) == 2000
    assert source.authenticate("john.doe", "wrong") is False


def test_a_child_does_not_use_its_parents_connection(engine: Engine, keeper: Keeper) -> None:
    """After a fork both processes have connections of their own, and both answer."""
    source = engine.source()
    assert names(source) == NAMES
    first = connections(engine)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            found = names(source) == NAMES and len(connections(engine)) == 2
            os.write(write, b"well" if found else b"wrong")
        finally:
            os._exit(0)
    os.close(write)
    assert os.read(read, 9) == b"well"
    os.close(read)
    os.waitpid(child, 0)
    until(lambda: connections(engine) == first)
    assert names(source) == NAMES
    assert connections(engine) == first


def test_threads_have_a_connection_each_and_no_more(engine: Engine, keeper: Keeper) -> None:
    """Eight threads open eight at most, and never get each other's rows."""
    source = engine.source()
    wrong: list[object] = []

    def work(number: int) -> None:
        deadline.start(20)
        for turn in range(25):
            if (turn + number) % 3 == 0:
                if names(source) != NAMES:
                    wrong.append("list")
            elif source.authenticate("john.doe", PASSWORD if turn % 2 else "wrong") is not bool(turn % 2):
                wrong.append("auth")

    threads = [threading.Thread(target=copy_context().run, args=(work, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert 1 <= len(connections(engine)) <= 8


def test_unused_connections_are_bounded(engine: Engine, keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many sources in one process, the connection unused longest goes, and each that was unused too long."""
    monkeypatch.setattr(pool, "KEPT", 3)
    many = [engine.source() for _ in range(6)]
    for source in many:
        assert names(source) == NAMES
    until(lambda: len(connections(engine)) == 3)
    monkeypatch.setattr(pool, "UNUSED_SECONDS", 0)
    assert names(many[-1]) == NAMES
    until(lambda: len(connections(engine)) == 1)
    keeper.drop()
    until(lambda: not connections(engine))


def test_a_connection_of_the_configuration_before_is_closed(engine: Engine, keeper: Keeper) -> None:
    """One in use while the configuration is read again goes when it comes back."""
    source = engine.source()
    rows = iter(source.users())
    next(rows)
    keeper.drop()
    assert {user.user_name for user in rows} <= set(NAMES)
    until(lambda: not connections(engine))


def test_connections_are_closed_at_the_end_of_the_process(engine: Engine) -> None:
    """The server's log has no complaint about a client that broke off."""
    given = {**engine.server.arguments, "database": "mail"}
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from ais.sources.sql.drivers import keeper\n"
        "from ais.wsgi import _keeper\n"
        "keeper.set(_keeper)\n"
        "from ais import sql\n"
        f"print(len(list(sql({engine.driver!r}, **{given!r}, auth_query='SELECT :user',\n"
        "    list_query='SELECT login AS user_name FROM users WHERE active').users())))\n"
    )
    log = engine.server._home / "log"
    if engine.driver == "mysql":
        engine.server.execute("SET GLOBAL log_warnings = 4")
    before = log.stat().st_size
    command = [sys.executable, "-W", "error", "-c", code, str(ROOT / "lib")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("3\n", "")
    written = log.read_bytes()[before:].lower()
    for complaint in (b"unexpected eof", b"reset by peer", b"aborted connection"):
        assert complaint not in written


# SQLite


def database(path: Path, *logins: str) -> Path:
    """Write an SQLite file of users."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    connection = sqlite3.connect(new)
    connection.execute("CREATE TABLE users (login TEXT, password TEXT)")
    connection.executemany("INSERT INTO users VALUES (?, '{PLAIN}secret')", [(login,) for login in logins])
    connection.commit()
    connection.close()
    return new


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """An SQLite file with one user."""
    path = tmp_path / "users.sqlite"
    database(path, "anna").rename(path)
    return path


def over(path: Path) -> Any:
    """A source over an SQLite file."""
    return sql(
        "sqlite",
        database=str(path),
        list_query="SELECT login AS userName FROM users",
        auth_query="SELECT password FROM users WHERE login = :user",
    )


def handles(path: Path) -> int:
    """How often this process has a file open."""
    links = (os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd"))
    return sum(link == str(path) for link in links)


def test_an_sqlite_file_stays_open(users: Path, keeper: Keeper) -> None:
    """Requests of several threads use one handle, one after the other."""
    source = over(users)
    assert names(source) == ["anna"]
    assert handles(users) == 1
    found: list[list[str]] = []
    thread = threading.Thread(target=copy_context().run, args=(lambda: found.append(names(source)),))
    thread.start()
    thread.join()
    assert found == [["anna"]]
    assert handles(users) == 1


def test_a_replaced_sqlite_file_is_noticed(users: Path, keeper: Keeper) -> None:
    """Another file of the name, or the same one written over, is read at once; a missing one is an error."""
    source = over(users)
    assert names(source) == ["anna"]
    database(users, "bert").rename(users)
    assert names(source) == ["bert"]
    # The same size and the same change counter: SQLite's own cache would not notice.
    shutil.copyfile(database(users, "cleo"), users)
    assert names(source) == ["cleo"]
    users.unlink()
    with pytest.raises(SourceError):
        names(source)
    database(users, "dora").rename(users)
    assert names(source) == ["dora"]


def test_an_sqlite_file_is_not_locked_between_requests(users: Path, keeper: Keeper) -> None:
    """A writer gets its lock at once, and the next request sees what it wrote."""
    source = over(users)
    assert names(source) == ["anna"]
    assert source.authenticate("anna", "secret") is True
    assert source.authenticate("anna", "no") is False
    assert source.authenticate("nobody", "no") is None
    writer = sqlite3.connect(users, timeout=0, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("INSERT INTO users VALUES ('bert', NULL)")
    deadline.start(0.3)
    begin = time.monotonic()
    with pytest.raises(SourceUnavailable):
        names(source)
    assert time.monotonic() - begin < 1
    writer.execute("COMMIT")
    writer.close()
    deadline.start(20)
    assert names(source) == ["bert", "anna"]
