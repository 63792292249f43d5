"""Processes that the web server starts by itself and keeps: how they live, end, and are replaced."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from servers.conftest import FASTCGI, Kind
from servers.test_documented_requests import THE_LIST
from servers.test_faults import own_source
from support import running
from support.client import post
from support.needs import need_program
from support.running import Server
from support.site import sample_config

YES, NO = b'{"succeeded": true}', b'{"succeeded": false}'
ASKED = {
    b"cmd=list": THE_LIST,
    b"cmd=auth&user=john.doe&pass=Passw0rd": YES,
    b"cmd=auth&user=john.doe&pass=wrong": NO,
    b"cmd=auth&user=nobody&pass=wrong": NO,
}
NO_ANSWER = (0, 500, 502, 503)
"""What a client may get in place of an answer; 0 is a connection that broke off."""


@pytest.fixture(scope="module", params=FASTCGI)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers that keep processes."""
    return Kind(request.param)


def workers(server: Server) -> set[int]:
    """The processes of our entry that the server has started and that have not ended."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"{server.site}/cgi-bin/mailstore-integration/index.fcgi".encode() in words:
            found.add(int(folder.name))
    return found


def until(done: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)


def replaced(server: Server, old: set[int]) -> bool:
    """Whether other processes are in the place of some, after a while at most."""
    until(lambda: workers(server) and not workers(server) & old, 40)
    return True


def answers(server: Server) -> bool:
    """Whether the server gives the right list, after a while at most."""
    until(lambda: _try(server, b"cmd=list") == (200, THE_LIST))
    return True


def _try(server: Server, body: bytes) -> tuple[int, bytes]:
    try:
        answer = post(server.url, body)
    except CalledProcessError:
        return 0, b""
    return answer.status, answer.body


@contextmanager
def load(server: Server) -> Iterator[Counter[int]]:
    """Ask all the time while the block runs; every answer must be right, or an error. Counts the statuses."""
    seen: Counter[int] = Counter()
    wrong: list[tuple[bytes, int, bytes]] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for body, wanted in ASKED.items():
                status, found = _try(server, body)
                seen[status] += 1
                if (status, found) != (200, wanted) and status not in NO_ANSWER:
                    wrong.append((body, status, found))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong, wrong[:3]
    assert seen[200], seen


def more(seen: Counter[int], count: int = 30) -> None:
    """Wait for so many further right answers."""
    before = seen[200]
    until(lambda: seen[200] >= before + count, 60)


def test_processes_stay(kind: Kind, site: Path) -> None:
    """Requests one after another start no new processes, and each tells by its log that it was answered."""
    with kind(site) as server:
        assert answers(server)
        until(lambda: len(workers(server)) == 4 or kind.program == "apache")  # lighttpd starts them one by one
        before = workers(server)
        assert 1 <= len(before) <= 8
        for _ in range(10):
            for body, wanted in ASKED.items():
                assert _try(server, body) == (200, wanted)
        assert workers(server) == before
        assert server.log().count("status=200") >= 40
    until(lambda: not workers(server))


def test_killed_processes(kind: Kind, site: Path) -> None:
    """Processes that are killed under load cost their own requests at most, and are replaced."""
    with kind(site) as server:
        assert answers(server)
        with load(server) as seen:
            for _ in range(3):
                more(seen)
                killed = workers(server)
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)
                more(seen)
                assert replaced(server, killed)
        assert answers(server)


def test_a_hanging_source(kind: Kind, site: Path) -> None:
    """What hangs gets its 503 in time; its process is replaced, and others go on meanwhile."""
    (hang := site / "hang").mkdir()
    site.chmod(0o777)
    own_source(site, f"os.path.exists('{hang}') and (os.rmdir('{hang}'), time.sleep(60))")
    with (site / "conf" / "config.py").open("a") as config:
        config.write("timeout = 5\n")
    with kind(site) as server, ThreadPoolExecutor(1) as pool:
        login = b"cmd=auth&user=anna&pass=x"
        hanging = pool.submit(_try, server, login)
        until(lambda: not hang.exists())
        assert _try(server, login) == (200, YES)
        assert not hanging.done()
        assert hanging.result()[0] == 503
        assert "source 1" in server.log()
        assert "took longer than the timeout" in server.log()
        for _ in range(12):
            assert _try(server, login) == (200, YES)


def test_a_changed_configuration(kind: Kind, site: Path) -> None:
    """It counts at once in every process, and none of them ends for it."""
    config = site / "conf" / "config.py"
    with kind(site) as server:
        assert answers(server)
        before = workers(server)
        for text, status in ((sample_config() + "typo = 1\n", 500), (sample_config("other@example.test"), 401)):
            config.write_text(text)
            assert {_try(server, b"cmd=list")[0] for _ in range(12)} == {status}
        config.write_text(sample_config())
        assert answers(server)
        assert workers(server) == before


def test_a_changed_library(kind: Kind, site: Path) -> None:
    """After an update, under load, all processes are new ones, and what is new counts; no request fails for it."""
    commands = site / "lib" / "ais" / "commands.py"
    with kind(site) as server:
        assert answers(server)
        with load(server) as seen:
            more(seen)
            old = workers(server)
            commands.write_text(commands.read_text() + "\n")
            assert replaced(server, old)
            more(seen)
        assert seen.keys() == {200}, (seen, server.log())
        text = commands.read_text()
        assert 'f"listed {count}"' in text
        commands.write_text(text.replace('f"listed {count}"', 'f"told {count}"'))
        until(lambda: answers(server) and 'outcome="told 4"' in server.log())


def test_a_restart_under_load(kind: Kind, site: Path) -> None:
    """While the web server restarts gracefully, every answer is right or an error, and the processes are new ones."""
    with kind(site) as server:
        assert answers(server)
        with load(server) as seen:
            more(seen)
            old = workers(server)
            os.kill(int((server.home / "pid").read_text()), signal.SIGUSR1)
            assert replaced(server, old)
            more(seen)
        assert answers(server)


def test_more_requests_than_processes(kind: Kind, site: Path) -> None:
    """Requests that come all at once wait for a process, and are all answered right."""
    own_source(site, "time.sleep(0.2)")
    with kind(site) as server, ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda _: _try(server, b"cmd=auth&user=anna&pass=x"), range(24)))
        assert found == [(200, YES)] * 24, server.log()
        assert len(workers(server)) <= 8


def test_a_full_backlog_of_lighttpd(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests for which there is no place to wait are an error; all others are answered right, and it goes on."""
    known = running.fragment
    small = '"max-procs" => 2,\n    "listen-backlog" => 1,\n'
    monkeypatch.setattr(running, "fragment", lambda *given: known(*given).replace('"max-procs"    => 4,', small))
    own_source(site, "time.sleep(0.4)")
    login = b"cmd=auth&user=anna&pass=x"
    with Kind("lighttpd-fastcgi")(site) as server, ThreadPoolExecutor(24) as pool:
        until(lambda: _try(server, login) == (200, YES))
        assert len(workers(server)) == 2
        found = Counter(pool.map(lambda _: _try(server, login)[0], range(24)))
        assert found[200]
        assert found.keys() <= {200, 500, 503}, found
        until(lambda: _try(server, login) == (200, YES))


def test_idle_processes_end_under_apache(site: Path) -> None:
    """Processes that nobody needs are ended, and started again when somebody asks."""
    quick = "FcgidIdleScanInterval 1\nFcgidErrorScanInterval 1\nFcgidZombieScanInterval 1\n"
    entry = site / "cgi-bin" / "mailstore-integration" / "index.fcgi"
    config = f'FcgidCmdOptions "{entry}" MinProcesses 0 IdleTimeout 1\n'
    with Kind("apache-fcgid")(site, extra=quick + config) as server:
        assert answers(server)
        until(lambda: not workers(server))
        assert answers(server)


def test_apache_looks_at_no_folder(site: Path, tmp_path: Path) -> None:
    """Apache looks at the script alone, and not at each folder on the way, which would take longer than the rest."""
    trace = tmp_path / "trace"
    tool = need_program("strace", "strace")
    with Kind("apache-fcgid")(site) as server:
        assert answers(server)
        main = int((server.home / "pid").read_text())
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        pids = [part for child in children for part in ("-p", child)]
        with subprocess.Popen([tool, "-f", "-e", "%%stat", "-o", str(trace), *pids], stderr=subprocess.PIPE) as tracer:
            assert tracer.stderr
            for _ in children:
                assert b"attached" in tracer.stderr.readline()
            assert _try(server, b"cmd=list") == (200, THE_LIST)
            tracer.terminate()
    looks = re.findall(rf'"({site}[^"]*)"', trace.read_text())
    assert set(looks) == {f"{site}/cgi-bin/mailstore-integration/index.fcgi"}
