"""PostgreSQL's server names the method of a login: the password as it is goes only where nobody reads along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import pytest

from ais.checking.people import look_at_source
from ais.checking.report import SourceReport
from ais.errors import SourceUnavailable
from sources.sql.drivers.engines import AUTH, LIST, READER_PASSWORD, Engine, postgresql_engine, refused
from support.needs import missing
from support.site import ROOT


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A server with TLS that asks the reader for its password in the clear."""
    with postgresql_engine(tmp_path_factory.mktemp("clear") / "home", tls=True) as engine:
        rules = Path(engine.server.execute("SHOW hba_file").strip())
        rules.write_text("local all postgres scram-sha-256\nlocal all reader password\nhost all all all password\n")
        engine.server.execute("SELECT pg_reload_conf()")
        yield engine


def names(source: Any) -> set[str]:
    """The users that a source lists."""
    return {user.user_name for user in source.users()}


@pytest.mark.parametrize("tls", [None, False])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_not_without_tls(asking: Engine, tls: bool | None, host: str) -> None:
    """Whoever answers at a port may ask; an encrypted connection to somebody unknown is no better."""
    source = asking.source(tls=tls, host=host)
    assert "asks for the password in the clear" in refused(SourceUnavailable, source.users, READER_PASSWORD)


def test_with_tls(asking: Engine) -> None:
    """A server that has shown its certificate gets it."""
    assert names(asking.source(tls=str(asking.server.ca))) == {"john.doe", "jane.doe"}


def test_by_socket(asking: Engine) -> None:
    """Nobody reads along on a Unix socket."""
    assert names(asking.source(host=asking.server.socket)) == {"john.doe", "jane.doe"}


def test_an_option_of_the_administrator_wins(asking: Engine) -> None:
    """Options go to the driver as they are."""
    assert names(asking.source(options={"require_auth": "password"})) == {"john.doe", "jane.doe"}


def test_an_encrypted_password_goes_without_tls(engine: Engine) -> None:
    """SCRAM does not give the password away, so it needs no TLS."""
    assert names(engine.source()) == {"john.doe", "jane.doe"}


OLD = """
import sys
sys.path[:0] = {path!r}
from ais import sql
from ais.errors import SourceUnavailable
source = sql("postgresql", **{given!r})
import psycopg
print(psycopg.pq.version())
try:
    print(len(list(source.users())))
except SourceUnavailable:
    print("refused")
source._driver.hosts = ["db.example.test", "localhost"]
print(source.unprotected)
source._driver.hosts = ["localhost", "/run/postgresql"]
print(source.unprotected)
"""


def test_an_old_libpq_is_said(asking: Engine) -> None:
    """libpq before 16 cannot be kept from it: the password goes there, and check says so of a database elsewhere."""
    if not find_library("pq"):
        missing("the library libpq.so.5", "libpq5")
    given = {**asking.server.arguments, "user": "reader", "password": READER_PASSWORD, "database": "mail"}
    code = OLD.format(path=[str(ROOT / "lib")], given={**given, "list_query": LIST, "auth_query": AUTH})
    environment = {**os.environ, "PSYCOPG_IMPL": "python"}  # which takes the system's libpq
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    version, count, far, near, _ = done.stdout.split("\n")
    old = int(version) < 160000
    assert count == ("3" if old else "refused"), done
    assert ("sends the password in the clear to whatever answers at db.example.test" in far) is old
    assert near == ""


def test_check_says_what_is_unprotected() -> None:
    """It is a note of the source."""
    report = SourceReport("source 1 (sql, postgresql)", unprotected="the libpq here is older than 16")
    found = {finding.code: finding for finding in look_at_source(report)}
    assert found["unprotected"].text == "source 1 (sql, postgresql): the libpq here is older than 16"
    assert not found["unprotected"].problem
