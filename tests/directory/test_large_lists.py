"""Large lists: whole or an error, in little memory."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ais import commands
from ais.commands import IN_MEMORY, Spool
from ais.config import load
from ais.logbook import Entry
from conftest import ENTRY, Ask, parse, variables

WriteConfig = Callable[..., None]


@pytest.fixture
def fill(folder: Path, write_config: WriteConfig) -> Callable[[int], None]:
    """Put many users into the database, by a query that gives them as they lie there."""

    def filling(count: int) -> None:
        write_config()
        text = (folder / "config.py").read_text().replace(" FROM users ORDER BY rowid", " FROM users")
        write_config(whole=text)
        database = sqlite3.connect(folder / "users.sqlite")
        database.execute("DELETE FROM users")
        database.executemany(
            "INSERT INTO users VALUES (?, ?, NULL, ?, 'x')",
            (
                (f"user{n}@example.com", f"Name {n} " + "x" * 40, f"user{n}@example.com, alias{n}@example.com")
                for n in range(count)
            ),
        )
        database.commit()
        database.close()

    return filling


Fill = Callable[[int], None]


def test_a_list_past_the_memory_limit_is_whole(run: Ask, fill: Fill) -> None:
    """A list that goes through the temporary file arrives whole, with its exact length."""
    fill(60_000)
    answer = run()
    assert answer.status == 200
    assert len(answer.body) > IN_MEMORY + 1_000_000
    assert len({user["userName"] for user in json.loads(answer.body)}) == 60_000


def test_a_fault_in_the_last_row_gives_nothing(run: Ask, fill: Fill, folder: Path) -> None:
    """When the last row of a large list cannot be read, nothing of the list is sent."""
    fill(60_000)
    database = sqlite3.connect(folder / "users.sqlite")
    database.execute("INSERT INTO users VALUES (NULL, 'x', NULL, NULL, 'x')")
    database.commit()
    database.close()
    answer = run()
    assert answer.status == 500
    assert b"user1" not in answer.body
    assert "row 60001" in answer.log


def test_a_full_disk_gives_nothing(fill: Fill, folder: Path) -> None:
    """When the temporary file cannot grow, the answer is an error that says so."""
    fill(60_000)
    body = b"cmd=list"
    done = subprocess.run(
        [ENTRY],
        env=variables(body, AIS_CONFIG=str(folder / "config.py")),
        input=body,
        capture_output=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (IN_MEMORY, IN_MEMORY)),
    )
    answer = parse(done.stdout, done.stderr.decode())
    assert answer.status == 500
    assert "temporary folder" in answer.log


def test_memory_does_not_grow_with_the_list(fill: Fill, folder: Path) -> None:
    """A name and each other address are held in eight bytes: at most 25 KB for each 1,000 users, all told."""
    fill(100_000)
    config = load(str(folder / "config.py"))
    tracemalloc.start()
    body = commands.list_users({}, config, Entry(None, ""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(body) > 10 * 1024 * 1024
    assert peak < IN_MEMORY * 3 // 2 + 100 * 25_000
    assert isinstance(body, Spool)
    assert len(b"".join(body.chunks())) == len(body)


SQL = "sql('sqlite', database='users.sqlite', auth_query='SELECT :user', list_query='SELECT login AS userName"
CALLS = [
    # Rows, the source's users, users of rows, users of all sources, those listed; User(…), its cell, claims and JSON.
    (f"{SQL}, name AS fullName, mail AS emailAddresses FROM users')", 9),
    # Lines, the table's lines, its rows and active rows; users of rows, of all sources, those listed; User(…) as above.
    ("csv('users.csv')", 11),
    ("csv('users.csv', columns={'active': 'state'})", 11),
]


@pytest.mark.parametrize(("source", "expected"), CALLS)
def test_calls_for_each_user(fill: Fill, folder: Path, write_config: WriteConfig, source: str, expected: int) -> None:
    """A user of a list costs no further call of a Python function, or resumption of a generator."""

    def calls_for(users: int) -> int:
        fill(users)
        with (folder / "users.csv").open("w") as file:
            file.write("userName,fullName,emailAddresses,state\n")
            file.writelines(f'user{n}@example.com,Name {n},"user{n}@example.com, a{n}@b.c",1\n' for n in range(users))
        write_config(whole=f"from ais import csv, sql\ncallers = []\nsources = [{source}]")
        config, calls = load(str(folder / "config.py")), 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            commands.list_users({}, config, Entry(None, ""))
        finally:
            sys.setprofile(None)
        return calls

    calls_for(10)  # what is imported late is there from now on
    more = calls_for(2_500) - calls_for(500)
    assert expected - 1 < more / 2_000 < expected + 0.2


def test_rows_that_do_not_stand_together_add_up(ask: Ask, fill: Fill, folder: Path) -> None:
    """Rows of one user far apart are still one user, at the place of the first."""
    fill(2_000)
    database = sqlite3.connect(folder / "users.sqlite")
    database.execute("INSERT INTO users VALUES ('user7@example.com', NULL, NULL, 'seven@example.com', 'x')")
    database.commit()
    database.close()
    listed = json.loads(ask().body)
    assert len(listed) == 2_000
    assert listed[7]["emailAddresses"] == ["user7@example.com", "alias7@example.com", "seven@example.com"]


@pytest.mark.parametrize("size", [0, 10, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY])
def test_a_spool_gives_back_what_it_got(size: int) -> None:
    """Whatever the size, what was written comes back, once."""
    spool, data = Spool(), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    for start in range(0, size, 100_003):
        spool.write(data[start : start + 100_003])
    assert len(spool) == size
    assert b"".join(spool.chunks()) == data
