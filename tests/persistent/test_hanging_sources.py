"""Under WSGI nothing ends the process: a source that waits in C is left to itself when the request's time is over."""

from __future__ import annotations

import gc
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ais import wsgi
from conftest import variables
from persistent.waiting import WAITS
from persistent.ways import need_module
from support.dripping import dripping, postgresql_after_login
from support.needs import missing
from support.site import USERS
from test_log import LINE

WriteConfig = Callable[..., None]
LOGIN = b"cmd=auth&user=john.doe&pass=Passw0rd"
HANGING = """
from ais import Source, User
from persistent.waiting import WAITS

class Hangs(Source):
    def users(self):
        yield User("anna")
        {act}
        yield User("bert")
    def authenticate(self, user, password):
        {act}
        return True

sources = [Hangs()]
timeout = {timeout}
"""


class Asked(NamedTuple):
    """What came of a request."""

    status: int
    body: bytes
    log: str
    seconds: float


@pytest.fixture
def ask(folder: Path) -> Callable[..., Asked]:
    """Ask the application."""

    def asking(body: bytes = LOGIN) -> Asked:
        log, seen = io.StringIO(), []
        environ: dict[str, Any] = {**variables(body), "AIS_CONFIG": str(folder / "config.py")}
        environ |= {"wsgi.input": io.BytesIO(body), "wsgi.errors": log, "wsgi.url_scheme": "http"}
        began = time.monotonic()
        content = b"".join(wsgi.application(environ, lambda status, headers: seen.append(status)))
        return Asked(int(seen[0][:3]), content, log.getvalue(), time.monotonic() - began)

    return asking


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    """Let what hangs go on at the end, and see that every thread has ended."""
    WAITS.clear()
    yield
    WAITS.set()
    none_left()


def none_left() -> None:
    """Wait until no thread is left to itself."""
    ends = time.monotonic() + 10
    while wsgi._Task.left:
        assert time.monotonic() < ends
        time.sleep(0.02)


def hang(write_config: WriteConfig, timeout: float = 0.5, act: str = "WAITS.wait(30)") -> None:
    """Give the configuration one source, which hangs."""
    write_config(HANGING.format(act=act, timeout=timeout))


@pytest.mark.parametrize("body", [b"cmd=list", LOGIN])
def test_what_hangs_is_503_in_time(ask: Callable[..., Asked], write_config: WriteConfig, body: bytes) -> None:
    """The request has its answer within a second after the timeout, and the log names the source."""
    hang(write_config)
    found = ask(body)
    assert found.status == 503
    assert found.seconds < 1.5
    assert LINE.fullmatch(found.log.strip())
    assert "source 1 (Hangs) took longer than the timeout" in found.log
    assert wsgi._Task.left == 1
    WAITS.set()
    none_left()
    assert ask(body).status == 200


def test_they_are_bounded(ask: Callable[..., Asked], write_config: WriteConfig) -> None:
    """Eight may be left at a time. Further requests are a 503 at once, and go on when one of the eight has ended."""
    assert wsgi.LEFT_LIMIT == 8
    hang(write_config, timeout=0.2)
    for _ in range(wsgi.LEFT_LIMIT):
        assert ask().status == 503
    assert wsgi._Task.left == wsgi.LEFT_LIMIT
    before = threading.active_count()
    hang(write_config, timeout=10)
    found = ask()
    assert (found.status, found.seconds < 5) == (503, True)
    assert "still wait for a source" in found.log
    assert threading.active_count() == before
    WAITS.set()
    none_left()
    assert ask().status == 200


def test_other_sources_are_asked_all_the_same(
    ask: Callable[..., Asked], write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests whose sources keep the deadline by themselves need no thread, however many are left."""
    monkeypatch.setattr(wsgi._Task, "left", wsgi.LEFT_LIMIT)
    monkeypatch.setattr(wsgi, "start_new_thread", pytest.fail)
    found = ask(b"cmd=list")
    assert found.body.count(b"userName") == len(USERS)
    monkeypatch.undo()


def test_a_slow_source_is_answered(ask: Callable[..., Asked], write_config: WriteConfig) -> None:
    """What is slow but in time is answered, and its errors are what they are elsewhere."""
    hang(write_config, timeout=5, act="WAITS.wait(0.3)")
    assert ask().body == b'{"succeeded": true}'
    assert ask(b"cmd=list").body == b'[{"userName": "anna"}, {"userName": "bert"}]'
    hang(write_config, timeout=5, act="raise ValueError('Passw0rd')")
    found = ask()
    assert found.status == 503
    assert "Passw0rd" not in found.log
    assert "ValueError" in found.log


def test_without_threads(ask: Callable[..., Asked], write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started, the source is asked without one."""

    def fail(*given: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(wsgi, "start_new_thread", fail)
    hang(write_config, timeout=5, act="pass")
    assert ask().body == b'{"succeeded": true}'


def test_what_comes_too_late_does_not_count(ask: Callable[..., Asked], folder: Path, write_config: WriteConfig) -> None:
    """A list that nobody got is not the one that the next is compared with; a login that nobody got is no failure."""
    write_config(
        "state = 'state.sqlite'\nfrom ais import throttle\nthrottle(failures=1)\n"
        + HANGING.format(act="WAITS.wait(30)", timeout=0.5).replace("return True", "return False")
    )
    assert ask(b"cmd=list").status == 503
    assert ask().status == 503
    WAITS.set()
    none_left()
    write_config("state = 'state.sqlite'\nfrom ais import throttle\nthrottle(failures=1)\n")
    assert ask(b"cmd=list").status == 200  # none of whose users the late one had
    assert ask().body == b'{"succeeded": true}'


def test_an_odbc_server_that_drips(ask: Callable[..., Asked], write_config: WriteConfig) -> None:
    """ODBC waits in C, and with it the database's own driver: the request has its answer all the same."""
    need_module("pyodbc")
    import pyodbc  # type: ignore[import-not-found]

    driver = "PostgreSQL Unicode"
    if driver not in pyodbc.drivers():
        missing("the ODBC driver of PostgreSQL", "odbc-postgresql")
    with dripping(postgresql_after_login) as server:
        write_config(
            "from ais import sql\ntimeout = 1\nsources = [sql('odbc', host='127.0.0.1', database='mail', user='reader',"
            f" options={{'driver': {driver!r}, 'port': {server.port}}}, list_query='SELECT 1 AS userName',"
            " auth_query='SELECT 1 FROM users WHERE login = :user')]\n"
        )
        found = ask(b"cmd=list")
        assert found.status == 503, found.log
        assert found.seconds < 2.5
        assert "source 1 (sql, odbc) took longer than the timeout" in found.log


def test_a_driver_by_its_name(ask: Callable[..., Asked], write_config: WriteConfig, tmp_path: Path) -> None:
    """Any PEP 249 module may wait as long as it likes."""
    text = "sources = [sql('persistent.waiting', database='x', list_query='SELECT 1 AS userName',"
    write_config(f"from ais import sql\ntimeout = 0.5\n{text} auth_query='SELECT 1 FROM users WHERE login = :user')]\n")
    found = ask(b"cmd=list")
    assert (found.status, found.seconds < 1.5) == (503, True), found.log


def test_memory_of_what_was_left_is_given_back(ask: Callable[..., Asked], write_config: WriteConfig) -> None:
    """When a thread has ended, nothing of its request is kept."""
    hang(write_config, timeout=0.2)
    for _ in range(3):
        assert ask().status == 503
    WAITS.set()
    none_left()
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, wsgi._Task)]
