"""Databases for the presets, and what the presets say about them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, NamedTuple

from ais.sources import Source
from presets.formats import PASSWORD
from presets.scenario import NOT_LISTED
from sources.contract import added_up
from support.databases import DatabaseServer


class Database(NamedTuple):
    """Where a preset finds its database."""

    driver: str
    connection: dict[str, Any]
    server: DatabaseServer | None

    def execute(self, script: str) -> list[list[str]]:
        """Run a script in it as its owner, and return the rows of the last statement."""
        if self.server is None:
            *before, last = [statement for statement in script.split(";") if statement.strip()]
            with closing(sqlite3.connect(self.connection["database"])) as connection:
                connection.executescript(";".join(before))
                return [list(row) for row in connection.execute(last)]
        printed = self.server.execute(script, self.connection["database"])
        return [line.split("\t") for line in printed.splitlines()]


Load = Callable[[str, str], Database]
"""Makes a new database on an engine (sqlite, mysql, postgresql) by a script."""


def listed(source: Source) -> list[dict[str, Any]]:
    """What MailStore sees, by user name."""
    return sorted((json.loads(user.to_json()) for user in added_up(source)), key=lambda user: str(user["userName"]))


def check_logins(source: Source, users: Iterable[str], refused: Iterable[str] = NOT_LISTED) -> None:
    """Everybody of `users` gets in with `PASSWORD` alone; `refused` and names that nobody has do not."""
    names = list(users)
    assert [name for name in names if source.authenticate(name, PASSWORD) is not True] == []
    assert source.authenticate(names[0], "wrong") is False
    assert source.authenticate(names[0], PASSWORD + " ") is False
    assert [name for name in refused if source.authenticate(name, PASSWORD)] == []
    for name in ("nobody@a.example", "%", "_____score@a.example", "%@a.example", "", "' OR '1'='1", ":user"):
        assert source.authenticate(name, PASSWORD) is None, name


def check_formats(source: Source, stored: Iterable[str], right: str = PASSWORD, wrong: str = "wrong") -> None:
    """The users h0@a.example, h1@… have the right password, and not the wrong one. Their hashes are `stored`."""
    for number, value in enumerate(stored):
        user = f"h{number}@a.example"
        assert source.authenticate(user, right) is True, value
        assert source.authenticate(user, wrong) is False, value
