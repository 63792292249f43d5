"""The real FastCGI entry, started as lighttpd and mod_fcgid start it: with a listening socket as descriptor 0."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ais import fcgi
from ais.config.kept import Files
from conftest import PACKAGES, Answer, parse, variables
from support import fastcgi
from support.fastcgi import Process, request, until
from support.interpreters import PYTHON, installed
from support.needs import need_program
from support.site import ROOT, USERS
from test_entry import HEAD, TOO_OLD

ENTRY = ROOT / "cgi-bin" / "mailstore-integration" / "index.fcgi"
YES = b"cmd=auth&user=john.doe&pass=Passw0rd"
TRUE = b'{"succeeded": true}'
WriteConfig = Callable[..., None]
Start = Callable[..., AbstractContextManager[Process]]


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Start:
    """Starts the entry for the configuration of `folder`."""

    @contextmanager
    def starting(entry: Path = ENTRY, python: str = PYTHON, **more: Any) -> Iterator[Process]:
        place = tmp_path / "process"
        place.mkdir(exist_ok=True)
        (place / "socket").unlink(missing_ok=True)
        environment = {"AIS_CONFIG": str(folder / "config.py"), "PYTHONPATH": PACKAGES}
        with fastcgi.started([python, "-S", str(entry)], place, environment, **more) as process:
            yield process

    return starting


@pytest.fixture
def process(start: Start) -> Iterator[Process]:
    """A running one."""
    with start() as running:
        yield running


def ask(process: Process, body: bytes = YES, **changed: str | None) -> Answer:
    """Ask over a new connection."""
    found = process.ask(request(variables(body, **changed), body))
    return parse(fastcgi.output(fastcgi.records(found)), process.logged())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program; returns its entry."""
    for part in ("cgi-bin", "lib"):
        shutil.copytree(ROOT / part, tmp_path / "copy" / part, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    return tmp_path / "copy" / "cgi-bin" / "mailstore-integration" / "index.fcgi"


SLOW = """
import os, time
from ais import Source, User, caller
from ais.sources import sql

class Mine(Source):
    def users(self):
        {act}
        yield User("anna")
    def authenticate(self, user, password):
        return None

sources = [Mine(), *sources]
timeout = {timeout}
"""


def hangs(write_config: WriteConfig, act: str, timeout: float = 20) -> None:
    """Put a source first whose list does something."""
    write_config(SLOW.format(act=act, timeout=timeout))


def test_both_commands(process: Process) -> None:
    """The answers are byte for byte those of the CGI entry, one request after another from the same process."""
    for _ in range(3):
        found = fastcgi.output(fastcgi.records(process.ask(request(variables(YES), YES))))
        assert found == HEAD + TRUE
        answer = ask(process, b"cmd=list")
        assert [user["userName"] for user in json.loads(answer.body)] == [user.login for user in USERS]
    assert len(re.findall(r"client=127.0.0.1 status=200", process.logged())) == 6


def test_an_answer_leaves_in_one_write(start: Start, tmp_path: Path) -> None:
    """Header, body and end are one write, and a short request is one read."""
    tool = need_program("strace", "strace")
    with start() as process:
        assert ask(process).body == TRUE  # loads what the first request needs
        trace = tmp_path / "trace"
        command = [tool, "-f", "-p", str(process.running.pid), "-o", str(trace), "-e", "trace=network,write,read"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
            assert tracer.stderr
            assert b"attached" in tracer.stderr.readline()
            assert ask(process).body == TRUE
            tracer.terminate()
        calls = trace.read_text().splitlines()
    assert sum("Status: 200" in call or "succeeded" in call for call in calls) == 1, calls
    assert sum("recvfrom(" in call for call in calls) == 1, calls


def test_configuration_is_the_servers_choice(process: Process, folder: Path) -> None:
    """AIS_CONFIG of the request wins over that of the process; what a client sends is called HTTP_…."""
    other = folder / "other.py"
    other.write_text((folder / "config.py").read_text().replace("mailstore@example.test", "other@example.test"))
    assert ask(process, AIS_CONFIG=str(other)).status == 401
    assert ask(process, HTTP_AIS_CONFIG=str(other)).status == 200
    assert ask(process, AIS_CONFIG=str(folder / "none.py")).status == 500


def test_default_configuration(copy: Path, folder: Path, tmp_path: Path) -> None:
    """Without AIS_CONFIG it is conf/config.py, two levels above the entry; AIS_TENANTS names a folder of them."""
    shutil.copytree(folder, copy.parents[2] / "conf", ignore=shutil.ignore_patterns("copy"))
    (tmp_path / "process").mkdir()
    with fastcgi.started([PYTHON, "-S", str(copy)], tmp_path / "process", {"PYTHONPATH": PACKAGES}) as process:
        assert ask(process).body == TRUE
        tenants = str(copy.parents[2] / "conf")
        for name, status in (("config", 200), ("none", 404)):
            address = f"/{name}/mailstore-integration/index.php"
            assert ask(process, AIS_TENANTS=tenants, SCRIPT_NAME=address).status == status


def test_a_changed_configuration_counts_at_once(process: Process, write_config: WriteConfig) -> None:
    """The configuration is read again when it has changed; a broken one is an error until it is mended."""
    assert ask(process).status == 200
    write_config("typo = 1\n")
    assert ask(process).status == 500
    write_config("timeout = 19\n")
    assert ask(process).status == 200


def test_connections_to_the_database_are_kept(process: Process, folder: Path) -> None:
    """A second request opens no second connection."""
    files = Path(f"/proc/{process.running.pid}/fd")
    for _ in range(3):
        assert ask(process).body == TRUE
        links = [os.readlink(link) for link in files.iterdir()]
        assert links.count(str(folder / "users.sqlite")) == 1


def test_what_is_started_gets_no_socket(process: Process, write_config: WriteConfig, folder: Path) -> None:
    """A program that a source starts has neither the listening socket nor the connection; its output is logged."""
    hangs(write_config, f'os.system("ls -l /proc/self/fd > {folder}/seen; echo printed"); print("here", flush=True)')
    assert ask(process, b"cmd=list").status == 200
    seen = (folder / "seen").read_text()
    assert "/dev/null" in seen
    assert "socket:" not in seen
    assert "printed\nhere\n" in process.logged()


def test_a_hanging_source_is_503_in_time(start: Start, write_config: WriteConfig) -> None:
    """What hangs past the timeout gets its 503, the log names it, and the process ends."""
    hangs(write_config, "time.sleep(60)", timeout=1)
    with start() as process:
        begin = time.monotonic()
        answer = ask(process, b"cmd=list")
        assert (answer.status, list(json.loads(answer.body))) == (503, ["error"])
        assert time.monotonic() - begin < 4
        assert process.ended() == 0
        assert "took longer than the timeout" in process.logged()


def test_who_waits_behind_what_hangs(start: Start, write_config: WriteConfig) -> None:
    """Requests that have waited for a process that hangs get their 503, too, and no new ones come to it."""
    hangs(write_config, "time.sleep(60)", timeout=1)
    body = b"cmd=list"
    with start() as process:
        peers = [process.connect() for _ in range(4)]
        for peer in peers[:3]:
            peer.sendall(request(variables(body), body))
        peers[3].sendall(b"nonsense")
        assert [parse(fastcgi.output(fastcgi.records(fastcgi.read_all(peer))), "").status for peer in peers[:3]] == [
            503
        ] * 3
        for peer in peers:
            peer.close()
        assert process.refuses()
        assert process.ended() == 0
        assert process.logged().count("took longer than the timeout") == 3


def test_who_has_left_costs_nobody(start: Start, write_config: WriteConfig) -> None:
    """Those that wait get their 503, on a kept connection, too, although the one that hangs has left, and another."""
    hangs(write_config, "time.sleep(60)", timeout=1)
    data = request(variables(b"cmd=list"), b"cmd=list")
    with start() as process, process.connect() as kept, process.connect() as idle:
        for peer in (kept, idle):
            peer.sendall(request(variables(YES), YES, keep=True))
            assert TRUE in fastcgi.output(fastcgi.read_answer(peer))
        peers = [process.connect() for _ in range(4)]
        for peer in [*peers, kept]:
            peer.sendall(data)
        for peer in (peers[0], peers[2]):
            peer.close()
        for peer in (peers[1], peers[3], kept):
            with peer:
                assert parse(fastcgi.output(fastcgi.records(fastcgi.read_all(peer))), "").status == 503
        assert process.ended() == 0


def test_a_source_that_is_slow_but_in_time(process: Process, write_config: WriteConfig) -> None:
    """Each request has a deadline of its own; the process lives on."""
    hangs(write_config, "time.sleep(0.7)", timeout=1)
    for _ in range(3):
        assert ask(process, b"cmd=list").status == 200


NO_THREADS = """import _thread, sys
def _fail(*given): raise RuntimeError("can't start new thread")
_thread.start_new_thread = _fail
__file__ = sys.argv[1]
exec(open(__file__).read())
"""


def test_where_there_may_be_no_threads(copy: Path, folder: Path, tmp_path: Path, write_config: WriteConfig) -> None:
    """Without its watchdog the process still ends when its files have changed, and when a request hangs."""
    (alone := tmp_path / "alone.py").write_text(NO_THREADS)
    for act, timeout, end in (("pass", 20, 0), ("time.sleep(60)", 3, -signal.SIGALRM)):
        hangs(write_config, act, timeout)
        (place := tmp_path / str(end)).mkdir()
        command = [PYTHON, "-S", str(alone), str(copy)]
        with fastcgi.started(command, place, {"AIS_CONFIG": str(folder / "config.py")}) as process:
            assert ask(process).body == TRUE
            if end:
                assert process.ask(request(variables(b"cmd=list"), b"cmd=list")) == b""
            else:
                time.sleep(1.2)
                change_library(copy)
                assert ask(process).body == TRUE
            assert process.ended() == end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_it_ends_when_told(process: Process, number: int) -> None:
    """Nothing is being done: it ends at once, without a word."""
    assert ask(process).body == TRUE
    before = process.logged()
    process.running.send_signal(number)
    assert process.ended() == 0
    assert process.logged() == before


def test_it_ends_after_the_request(process: Process, write_config: WriteConfig) -> None:
    """The request that is being worked on, and those that wait, get their answers; new connections are refused."""
    assert ask(process).body == TRUE  # it has started
    hangs(write_config, "time.sleep(1)")
    data = request(variables(b"cmd=list"), b"cmd=list")
    peers = [process.connect() for _ in range(3)]
    for peer in peers:
        peer.sendall(data)
    time.sleep(0.3)
    process.running.terminate()
    until(process.refuses)
    for peer in peers:
        with peer:
            assert b"anna" in fastcgi.output(fastcgi.records(fastcgi.read_all(peer)))
    assert process.ended() == 0


def test_a_thread_of_a_source_does_not_hold_it(process: Process, write_config: WriteConfig) -> None:
    """A process that takes no more connections ends, whatever a source has left running: nobody replaces it before."""
    hangs(write_config, "import threading; threading.Thread(target=time.sleep, args=(60,)).start()")
    assert ask(process, b"cmd=list").status == 200
    process.running.terminate()
    assert process.ended() == -signal.SIGALRM
    assert "Traceback" not in process.logged()


def change_library(entry: Path) -> None:
    """Touch a file that no request needs."""
    os.utime(entry.parents[2] / "lib" / "ais" / "cli" / "check.py")


def change_entry(entry: Path) -> None:
    """Replace the entry."""
    text = entry.read_text()
    entry.unlink()
    entry.write_text(text)


def remove_file(entry: Path) -> None:
    """Take a file away."""
    (entry.parents[2] / "lib" / "ais" / "page" / "page.html").unlink()


def install_package(entry: Path) -> None:
    """Make the folder of packages, as pip does."""
    (entry.parents[2] / "lib" / "vendor").mkdir()


@pytest.mark.parametrize("change", [change_library, change_entry, remove_file, install_package])
def test_it_ends_when_its_files_change(start: Start, copy: Path, change: Callable[[Path], None]) -> None:
    """After an update of the program, or of its packages, the process ends, so that another one takes its place."""
    with start(copy) as process:
        assert ask(process).body == TRUE
        time.sleep(1.5)
        assert process.running.poll() is None
        change(copy)
        assert process.ended() == 0


def test_it_ends_when_a_package_is_copied_over(start: Start, copy: Path) -> None:
    """An update of lib/vendor by FTP changes the files in it, and none of its folders."""
    package = copy.parents[2] / "lib" / "vendor" / "driver" / "__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text("version = 1\n")
    with start(copy) as process:
        assert ask(process).body == TRUE
        package.write_text("version = 2, 0\n")
        assert process.ended() == 0


def test_it_ends_when_a_file_changed_while_it_started(start: Start, copy: Path) -> None:
    """A long upload goes on while a process starts: it may have read a file that is replaced before it looks at all."""
    library = copy.parents[2] / "lib" / "ais"
    with (library / "fcgi.py").open("a") as slow:
        slow.write("time.sleep(1.5)\n")
    with start(copy) as process:
        time.sleep(0.7)
        (library / "errors.py").write_text((library / "errors.py").read_text() + "\n")
        assert ask(process).body == TRUE
        assert process.ended() == 0
    with start(copy) as process:
        time.sleep(3.5)
        assert process.running.poll() is None


def test_processes_of_lighttpd_end_one_after_another(start: Start, copy: Path) -> None:
    """lighttpd numbers the sockets: the second process still answers when the first has ended for an update."""
    with start(copy, name="socket-0") as first, start(copy, name="socket-1") as second:
        assert ask(first).body == ask(second).body == TRUE
        change_library(copy)
        assert first.ended() == 0
        assert ask(second).body == TRUE
        assert second.ended() == 0


def test_it_ends_when_its_log_is_rotated(process: Process) -> None:
    """The web server gives the next process the new log; this one would write to the old, until nobody has that."""
    assert ask(process).body == TRUE
    process.log.rename(process.log.with_name("stderr.1"))
    assert process.ended() == 0


def test_it_does_not_end_by_itself(start: Start, copy: Path, folder: Path) -> None:
    """Bytecode that a late import writes is no change."""
    with start(copy) as process:
        for _ in range(2):
            assert ask(process, b"", REQUEST_METHOD="GET", CONTENT_LENGTH=None).status == 200
            time.sleep(1.3)
        assert process.running.poll() is None


def test_a_kept_connection_stops_nobody(process: Process) -> None:
    """Connections that the web server keeps open are served in turn, each with several requests, beside new ones."""
    with process.connect() as one, process.connect() as two:
        for number in range(1, 4):
            for peer in (one, two):
                peer.sendall(request(variables(YES), YES, number=number, keep=True))
                assert TRUE in fastcgi.output(fastcgi.read_answer(peer, number), number)
            assert ask(process).body == TRUE
        one.sendall(request(variables(YES), YES, keep=True) + request(variables(YES), YES, number=2))
        both = fastcgi.records(fastcgi.read_all(one))
        assert fastcgi.output(both) == fastcgi.output(both, 2)
        assert both[-1].number == 2
        process.running.terminate()
        assert fastcgi.read_all(two) == b""
    assert process.ended() == 0


def test_faults_cost_nothing(process: Process) -> None:
    """Garbage, lying lengths and peers that leave do no harm to the process, and each fault is one line of the log."""
    good = request(variables(YES), YES)
    wrong = [b"GET / HTTP/1.1\r\n\r\n", fastcgi.begin() + fastcgi.stream(fastcgi.PARAMS, b"\xff\xff\xff\xff\x05A")]
    for data in wrong:
        assert process.ask(data) == b""
    for size in range(0, len(good), 50):
        with process.connect() as peer:
            peer.sendall(good[:size])
    for _ in range(3):
        with process.connect() as peer:
            peer.sendall(good)  # and leave before the answer
    assert ask(process).body == TRUE
    assert process.logged().count("error ") == len(wrong)
    assert "Traceback" not in process.logged()


def test_a_web_server_that_stops_half_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that does not come to its end, or an answer that is not taken, holds the process for a time only."""
    monkeypatch.setattr(fcgi, "TRANSFER_SECONDS", 0.2)
    monkeypatch.setattr(fcgi, "LOOK_SECONDS", 0.1)
    (folder / "config.py").write_text(
        (folder / "config.py").read_text()
        + SLOW.format(
            act="""
        for number in range(20000): yield User(f"user{number}")
        """,
            timeout=20,
        )
    )
    path = folder / "listening"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(5)
        worker = fcgi.Worker(listener, str(folder / "config.py"), Files(__file__))
        serving = threading.Thread(target=worker.serve)
        serving.start()
        with socket.socket(socket.AF_UNIX) as half, socket.socket(socket.AF_UNIX) as deaf:
            half.connect(str(path))
            half.sendall(request(variables(YES), YES)[:-5])
            deaf.connect(str(path))
            deaf.sendall(request(variables(b"cmd=list"), b"cmd=list"))
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(str(path))
                peer.sendall(request(variables(YES), YES))
                assert TRUE in fastcgi.output(fastcgi.records(fastcgi.read_all(peer)))
        worker.end()
        serving.join(10)
        assert not serving.is_alive()


def test_a_full_backlog(start: Start, write_config: WriteConfig) -> None:
    """Who finds no place to wait is told so by the system; everybody else gets the right answer."""
    hangs(write_config, "time.sleep(0.5)")
    data = request(variables(b"cmd=list"), b"cmd=list")
    with start(backlog=2) as process:
        peers, full = [], 0
        for _ in range(8):
            peer = socket.socket(socket.AF_UNIX)
            peer.setblocking(False)
            try:
                peer.connect(str(process.path))
                peer.setblocking(True)
                peer.sendall(data)
                peers.append(peer)
            except BlockingIOError:
                full += 1
                peer.close()
        assert full
        for peer in peers:
            with peer:
                assert b"anna" in fastcgi.output(fastcgi.records(fastcgi.read_all(peer)))


def test_many_requests_leave_nothing_behind(process: Process) -> None:
    """Neither open files nor memory grow with the number of requests."""

    def state() -> tuple[int, int]:
        proc = Path(f"/proc/{process.running.pid}")
        return len(list((proc / "fd").iterdir())), int((proc / "statm").read_text().split()[1])

    for _ in range(300):
        ask(process)
    files, pages = state()
    for _ in range(600):
        ask(process)
    assert state()[0] == files
    assert state()[1] - pages < 100


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_as_a_cgi_script(folder: Path, kind: str) -> None:
    """Where a web server runs it as a CGI script, it answers as one: mod_cgid gives it a socket, others a pipe."""
    environment = variables(YES, AIS_CONFIG=str(folder / "config.py"))
    server, ours = socket.socketpair()
    with server, ours:
        server.sendall(YES)
        given: dict[str, Any] = {"input": YES} if kind == "pipe" else {"stdin": ours}
        done = subprocess.run([ENTRY], env=environment, stdout=subprocess.PIPE, check=True, **given)
    assert done.stdout == HEAD + TRUE


def test_without_a_log(folder: Path, tmp_path: Path, write_config: WriteConfig) -> None:
    """A server that gives no standard error gets its answers; no file that a child opens takes the place of the log."""
    hangs(write_config, f'os.system("ls -l /proc/self/fd > {folder}/seen")')
    command = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", PYTHON, "-S", str(ENTRY)]
    with fastcgi.started(command, tmp_path, {"AIS_CONFIG": str(folder / "config.py")}) as process:
        assert ask(process).body == TRUE
        assert ask(process, b"cmd=list").status == 200
        assert process.logged() == ""
        assert "2 -> /dev/null" in (folder / "seen").read_text()


@pytest.mark.parametrize("closed", ["1>&-", "1>&- 2>&-"])
def test_without_standard_output(folder: Path, tmp_path: Path, closed: str) -> None:
    """A server may leave open nothing but the socket (FastCGI Specification, 2.2), or standard error beside it."""
    command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", PYTHON, "-S", str(ENTRY)]
    with fastcgi.started(command, tmp_path, {"AIS_CONFIG": str(folder / "config.py")}) as process:
        assert ask(process).body == TRUE
        assert ask(process, b"cmd=list").status == 200


def test_missing_library_is_said(copy: Path, tmp_path: Path) -> None:
    """Without the library everybody gets a JSON 500 for a while; then the process ends, to be started anew."""
    shutil.rmtree(copy.parents[2] / "lib")
    copy.write_text(copy.read_text().replace("time.time() + 10", "time.time() + 2"))
    with fastcgi.started([PYTHON, "-S", str(copy)], tmp_path, {}) as process:
        for size in (8, 60_000, 300_000):
            answer = ask(process, b"cmd=list".ljust(size, b"&"))
            assert answer.status == 500
            assert "lib folder" in json.loads(answer.body)["error"]
        with process.connect() as peer:
            peer.sendall(b"nonsense")
        assert ask(process).status == 500
        assert process.ended() == 1
        assert "ModuleNotFoundError" in process.logged()
        assert "The library cannot be loaded" in process.logged()


def test_missing_library_without_a_socket(copy: Path) -> None:
    """As a CGI script it ends with a line on standard error, which the server logs."""
    shutil.rmtree(copy.parents[2] / "lib")
    done = subprocess.run([PYTHON, "-S", copy], env=variables(YES), input=YES, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"The library cannot be loaded" in done.stderr


@pytest.mark.parametrize("command", TOO_OLD.values(), ids=TOO_OLD)
def test_old_python_is_said(command: list[str], tmp_path: Path) -> None:
    """A Python that is too old answers a JSON 500 that says so."""
    with fastcgi.started([*command, str(ENTRY)], tmp_path, {}) as process:
        answer = ask(process, b"cmd=list")
        assert answer.status == 500
        assert "Python 3.11 or newer" in json.loads(answer.body)["error"]


def test_every_python_here(folder: Path, tmp_path: Path) -> None:
    """The entry answers under every supported Python of this machine."""
    for number, python in enumerate([Path(sys.executable), *installed("3.11", "3.12", "3.13", "3.14")]):
        place = tmp_path / str(number)
        place.mkdir()
        with fastcgi.started([str(python), "-S", str(ENTRY)], place, {"AIS_CONFIG": str(folder / "config.py")}) as one:
            assert ask(one).body == TRUE, one.logged()
            one.running.terminate()
            assert one.ended() == 0


def test_multipart_finds_its_package(process: Process) -> None:
    """The entry starts without site; packages are found all the same."""
    body = b'--XyZ\r\nContent-Disposition: form-data; name="cmd"\r\n\r\nlist\r\n--XyZ--\r\n'
    assert ask(process, body, CONTENT_TYPE="multipart/form-data; boundary=XyZ").status == 200


def test_passwords_of_any_form_arrive(process: Process) -> None:
    """Users and passwords with all kinds of characters are a yes with the right password only."""
    for user in USERS:
        for password, wanted in ((user.password, TRUE), (user.password + "x", b'{"succeeded": false}')):
            body = urlencode({"cmd": "auth", "user": user.login, "pass": password}).encode()
            assert ask(process, body).body == wanted
