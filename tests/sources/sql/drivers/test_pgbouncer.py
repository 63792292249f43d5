"""PostgreSQL behind pgbouncer, whose pools hand one server connection to many clients."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.errors import SourceUnavailable
from sources.contract import SourceContract, added_up
from sources.sql.drivers.engines import READER_PASSWORD, Engine, postgresql_engine, refused
from support.databases import free_port
from support.needs import need_program


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """PostgreSQL."""
    with postgresql_engine(tmp_path_factory.mktemp("pgbouncer") / "home") as made:
        yield made


@pytest.fixture(scope="module", params=["session", "transaction"])
def bouncer(request: Any, server: Engine) -> Iterator[int]:
    """The port of a pgbouncer in each pool mode that knows transactions; the pool has one connection."""
    program = need_program("pgbouncer", "pgbouncer")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="ais-test-"))
    (folder / "users.txt").write_text(f'"reader" "{READER_PASSWORD}"\n', encoding="utf-8")
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\nmail = host=127.0.0.1 port={server.server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder}/users.txt\n"
        f"pool_mode = {request.param}\ndefault_pool_size = 1\n"
    )
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "postgres", "postgres")
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([program, str(folder / "pgbouncer.ini")], stdout=log, stderr=log, **account) as process,
    ):
        try:
            _wait(server.source(port=port), folder / "log")
            yield port
        finally:
            process.kill()
    shutil.rmtree(folder)


def _wait(source: Any, log: Path) -> None:
    ends = time.monotonic() + 20
    while True:
        try:
            source.authenticate("nobody", "x")
            return
        except SourceUnavailable:
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.05)


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, server: Engine, bouncer: int) -> Any:
        """The table of users."""
        return server.source(port=bouncer)

    @pytest.fixture
    def broken(self, server: Engine, bouncer: int) -> Any:
        """A wrong password."""
        return server.source(port=bouncer, password="wrong")


def test_nothing_outlives_the_transaction(server: Engine, bouncer: int) -> None:
    """The time-out of one request does not end the query of another that gets the same server connection."""
    refused(SourceUnavailable, server.source(port=bouncer, list_query=server.slow_list()).users, seconds=0.5)
    slower = server.source(port=bouncer, list_query=server.slow_list(0.001, 1000))
    assert [user.user_name for user in added_up(slower)] == ["john.doe"]
