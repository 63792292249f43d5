"""What one request costs a FastCGI process: causes of time, counted."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, fcgi
from ais.config import load
from ais.config.kept import Files
from ais.sources.sql.drivers import keeper
from ais.sources.sql.drivers.pool import Keeper
from conftest import PACKAGES, variables
from support import fastcgi
from support.fastcgi import request
from support.interpreters import PYTHON
from support.needs import need_program
from support.site import ROOT

ENTRY = ROOT / "cgi-bin" / "mailstore-integration" / "index.fcgi"
BODIES = {"list": b"cmd=list", "auth": b"cmd=auth&user=john.doe&pass=Passw0rd"}
RIGHT = {"list": b'"userName": "john.doe"', "auth": b'{"succeeded": true}'}
CONNECTION = ["recvfrom", "sendto", "sched_yield", "close"]
"""System calls for the connection of the web server, in their order, after `accept4`."""
OTHERS = 14
"""System calls beside them: two looks for changes, at configuration and database, a line of the log, SQLite's own."""
CALLS = {"list": 195, "auth": 158}
"""Calls of Python functions, and entries into generators."""


@pytest.mark.parametrize("command", BODIES)
def test_system_calls_of_a_request(folder: Path, tmp_path: Path, command: str) -> None:
    """A request is one read and one write, looks once for a changed configuration and database, and opens no file.

    With the answer sent, the process lets the web server go on before it does.
    """
    tool = need_program("strace", "strace")
    data, trace = request(variables(BODIES[command]), BODIES[command]), tmp_path / "trace"
    environment = {"AIS_CONFIG": str(folder / "config.py"), "PYTHONPATH": PACKAGES}
    with fastcgi.started([PYTHON, "-S", str(ENTRY)], tmp_path, environment) as process:
        assert RIGHT[command] in process.ask(data)  # loads what the first request needs
        pid = process.running.pid
        with subprocess.Popen([tool, "-f", "-p", str(pid), "-o", str(trace)], stderr=subprocess.PIPE) as tracer:
            assert tracer.stderr
            assert b"attached" in tracer.stderr.readline()
            assert RIGHT[command] in process.ask(data)
            tracer.terminate()
    # A call that is interrupted by one of another thread has a second line, with "resumed".
    called = re.findall(rf"^{pid} +(\w+)\((.*)", trace.read_text(), re.MULTILINE)
    # The process looks at the program's files once a second, and threads wait for one another: not for this request.
    others = re.compile(f'"(?!{re.escape(str(folder))})/')
    ours = [name for name, rest in called if name not in ("futex", "accept4") and not others.search(rest)]
    counts = Counter(ours[: len(ours) - ours[::-1].index("close")])
    assert [name for name in ours if name in CONNECTION][:4] == CONNECTION
    counts.subtract(CONNECTION)
    assert not any(counts[name] for name in CONNECTION), counts
    assert not counts["openat"], counts
    assert sum(f"{folder}/config.py" in rest for _, rest in called) == 1
    assert counts.total() <= OTHERS, counts


@pytest.mark.parametrize("command", BODIES)
def test_calls_of_a_request(folder: Path, command: str) -> None:
    """No more Python functions are called for a request than today; each call is about half a per cent of it."""
    path = str(folder / "listening")
    calls: list[str] = []

    def note(frame: Any, event: str, argument: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        worker = fcgi.Worker(listener, str(folder / "config.py"), Files(__file__))
        for warm in (True, True, False):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(path)
                peer.sendall(request(variables(BODIES[command]), BODIES[command]))
                sys.setprofile(None if warm else note)
                try:
                    connection = worker._next_connection()
                    assert connection
                    worker.talk(connection)
                finally:
                    sys.setprofile(None)
                assert RIGHT[command] in fastcgi.read_all(peer)
    assert len(calls) <= CALLS[command], Counter(calls).most_common()


def test_statements_of_sqlite(folder: Path) -> None:
    """Over a kept connection a request is its query alone; SQLite hears of the time that is left where that changes."""
    source = load(str(folder / "config.py")).sources[0]
    kept = Keeper()
    keeper.set(kept)
    statements: list[str] = []

    def listed(seconds: float) -> list[str]:
        statements.clear()
        deadline.start(seconds)
        assert len(list(source.users())) > 1
        return [text.split()[0] for text in statements]

    listed(20.05)
    kept._unused[0].connection.set_trace_callback(statements.append)
    assert listed(20.05) == ["PRAGMA", "SELECT"]
    assert listed(20.05) == ["SELECT"]
    assert listed(10.05) == ["PRAGMA", "SELECT"]
    assert kept._unused[0].connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)
