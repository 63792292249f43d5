"""What one request costs the database, and what a driver's first use loads: causes of time, counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ais import deadline
from ais.sources.sql.drivers.pool import Keeper
from conftest import ENTRY, variables
from persistent.watching import connections, statements
from sources.contract import PASSWORD
from sources.sql.drivers.engines import AUTH, LIST, Engine
from support.interpreters import PYTHON
from support.site import sample_config

BEGIN = {
    "postgresql": ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout"],
    "mysql": ["SET max_statement_time"],
}
OPEN = {
    "postgresql": [],
    "mysql": ["reader@", "SET NAMES utf8mb4", "SET SESSION TRANSACTION ISOLATION LEVEL", "SET AUTOCOMMIT = 0"],
}


def expected(engine: Engine, query: str) -> list[str]:
    """Beginnings of the statements of one request over a kept connection."""
    asked = query.partition(":user")[0]
    if engine.driver == "postgresql" and query == LIST:
        return [*BEGIN["postgresql"], "DECLARE", "FETCH", "ROLLBACK"]
    return [*BEGIN[engine.driver], asked, "ROLLBACK"]


@pytest.mark.parametrize("command", ["list", "auth"])
def test_statements_of_a_request(engine: Engine, keeper: Keeper, command: str) -> None:
    """A request over a kept connection is one query, with its time limit, in one transaction that ends with it."""
    deadline.start(20)
    source = engine.source()

    def list_users() -> None:
        assert len(list(source.users())) >= 2

    def login() -> None:
        assert source.authenticate("john.doe", PASSWORD) is True

    request, query = (list_users, LIST) if command == "list" else (login, AUTH)
    found = statements(engine, login, request)
    wanted = expected(engine, query)
    fetches = [number for number, text in enumerate(found) if "FETCH" in text][1:]
    found = [text for number, text in enumerate(found) if number not in fetches]  # one more finds the end
    assert len(fetches) <= 1
    assert [text[: len(want)] for text, want in zip(found, wanted, strict=True)] == wanted, found
    assert len(connections(engine)) == 1


@pytest.mark.parametrize("command", ["list", "auth"])
def test_statements_of_a_process_of_one_request(engine: Engine, command: str) -> None:
    """Without a kept connection there is one new one, and nothing more is sent than that needs."""
    deadline.start(20)
    source = engine.source()

    def list_users() -> None:
        assert len(list(source.users())) >= 2

    def login() -> None:
        assert source.authenticate("john.doe", PASSWORD) is True

    request, query = (list_users, LIST) if command == "list" else (login, AUTH)
    found = [text for text in statements(engine, login, request) if "FETCH" not in text]
    wanted = [*OPEN[engine.driver], *[text for text in expected(engine, query)[:-1] if text != "FETCH"]]
    assert [text[: len(want)] for text, want in zip(found, wanted, strict=True)] == wanted, found


LIMITS = {"postgresql": 330, "mysql": 135}
"""Modules beyond those of a bare interpreter that `auth` may load; psycopg 3.3 has 318, PyMySQL 1.2 126."""

NEVER = {
    "postgresql": {"multiprocessing", "unittest", "http.client", "psycopg_pool", "cryptography.hazmat.bindings"},
    "mysql": {"asyncio", "email", "http.client", "unittest", "cryptography.hazmat.bindings"},
}
"""Heavy packages that are not needed."""


def test_modules_that_a_driver_loads(engine: Engine, folder: Path, write_config: Callable[..., None]) -> None:
    """A CGI request over a database server loads the driver and what it needs, and no more than is known today."""
    given = {**engine.server.arguments, "database": "mail"}
    source = f"sql({engine.driver!r}, **{given!r}, list_query={LIST!r}, auth_query={AUTH!r})"
    write_config(whole=sample_config().partition("sources")[0] + f"sources = [{source}]\n")
    body = urlencode({"cmd": "auth", "user": "john.doe", "pass": PASSWORD}).encode()
    packages = [path for path in sys.path if path.endswith("site-packages")]
    environment = {**variables(body, AIS_CONFIG=str(folder / "config.py")), "PYTHONPATH": os.pathsep.join(packages)}
    bare = subprocess.run([PYTHON, "-S", "-c", "import sys; print(*sys.modules)"], capture_output=True, check=True)
    done = subprocess.run(
        [PYTHON, "-S", "-X", "importtime", ENTRY], env=environment, input=body, capture_output=True, check=True
    )
    assert b'"succeeded": true' in done.stdout, done.stdout
    names = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines() if "|" in line}
    loaded = names - set(bare.stdout.decode().split()) - {"imported package"}
    assert not loaded & NEVER[engine.driver]
    assert len(loaded) <= LIMITS[engine.driver], sorted(loaded)
