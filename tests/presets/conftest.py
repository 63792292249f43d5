"""Databases of applications on the engines that they support."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from presets.loading import Database, Load
from support.databases import DatabaseServer, mariadb, postgresql

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def mysql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """MariaDB."""
    with mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """PostgreSQL."""
    with postgresql(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Load:
    """Make a new database of an engine (sqlite, mysql, postgresql) by a script."""
    return partial(make_database, request, tmp_path)


@pytest.fixture(scope="module")
def load_for_all(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Load:
    """The same, for databases that several tests read."""
    return partial(make_database, request, tmp_path_factory.mktemp("databases"))


def make_database(request: pytest.FixtureRequest, folder: Path, engine: str, script: str) -> Database:
    """Make a new database; that of SQLite is a file in the folder."""
    name = f"preset{next(NUMBERS)}"
    if engine == "sqlite":
        path = folder / f"{name}.sqlite"
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.close()
        return Database("sqlite", {"database": str(path)}, None)
    server: DatabaseServer = request.getfixturevalue(f"{engine}_server")
    server.execute(f"CREATE DATABASE {name}" + (" CHARACTER SET utf8mb4" if engine == "mysql" else ""))
    server.execute(script, name)
    return Database(engine, {**server.arguments, "database": name}, server)
