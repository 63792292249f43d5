"""Requests under fire: many at a time on a real web server, while everything behind it fails.

python benchmarks/load.py SERVER [requests] [at a time] [redis]

SERVER is lighttpd, apache-event or apache-prefork for CGI, lighttpd-fastcgi or apache-fcgid for FastCGI.

While the requests run, the database is killed (-9) and started three times, scripts are killed now and then, and the
state fails: its file is deleted once and its disk is full once (as root), or its Redis is killed and started. Every
answer must be right or an error: one wrong "succeeded" or one list that is not whole ends with exit status 1.
"""

from __future__ import annotations

import base64
import collections
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import samplesite

sys.path[:0] = [str(samplesite.ROOT / "lib"), str(samplesite.ROOT / "tests")]

from support.databases import DatabaseServer, free_port, mariadb
from support.running import ADDRESS, Server, apache, lighttpd
from support.site import make_site, temporary_folder

USERS = 200
KINDS = ("list", "right", "wrong", "unknown")
CONFIG = """from ais import caller, guard, sql, throttle

callers = [caller({caller!r}, {secret!r})]
state = {state!r}
timeout = 10
throttle(failures=1000000)
sources = [sql(
    "mysql", host={host!r}, port={port!r}, user={user!r}, password={password!r}, database="mail",
    list_query="SELECT login AS userName, mail AS emailAddresses FROM users",
    auth_query="SELECT password FROM users WHERE login = :user",
)]
"""


class Tally:
    """What came back: counted by kind, and what must not be."""

    def __init__(self) -> None:
        self.kinds: collections.Counter[str] = collections.Counter()
        self.wrong: list[str] = []
        self.lock = threading.Lock()

    def note(self, kind: str, wrong: str = "") -> None:
        """Count an answer."""
        with self.lock:
            self.kinds[kind] += 1
            if wrong:
                self.wrong.append(wrong)


def ask(port: int, body: str) -> tuple[int, bytes]:
    """Send one request; 0 when there was no whole answer."""
    token = base64.b64encode(f"{samplesite.CALLER}:{samplesite.SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", ADDRESS, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def one(port: int, tally: Tally, number: int) -> None:
    """Send a random request and judge its answer."""
    user = random.randrange(USERS)
    kind = random.choice(KINDS)
    name = "nobody" if kind == "unknown" else f"user{user}"
    password = f"pw{user}" if kind == "right" else f"no{number}"
    body = "cmd=list" if kind == "list" else f"cmd=auth&user={name}&pass={password}"
    status, answer = ask(port, body)
    if status != 200:
        tally.note(f"{kind}: {status}", "" if status in (0, 500, 502, 503) else f"{kind}: {status} {answer[:99]!r}")
        return
    if kind == "list":
        found = {user["userName"] for user in json.loads(answer)}
        right = found == {f"user{n}" for n in range(USERS)}
    else:
        right = json.loads(answer) == {"succeeded": kind == "right"}
    tally.note(f"{kind}: 200", "" if right else f"{kind}: {answer[:99]!r}")


class Redis:
    """A private Redis."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def restart(self) -> None:
        """Kill it, and start it a while later."""
        self.process.kill()
        self.process.wait()
        time.sleep(2)
        self.start()


def disasters(
    database: DatabaseServer, state: Path, redis: Redis | None, done: Callable[[], float], tally: Tally
) -> None:
    """Break things, one after the other, as the work goes on."""

    def restart() -> None:
        database.kill()
        time.sleep(1)
        database.start()

    def fill() -> None:
        filler = state.parent / "filler"
        try:
            with filler.open("wb") as file:
                while True:
                    file.write(b"x" * 4096)
                    file.flush()
        except OSError:
            pass
        time.sleep(2)
        filler.unlink()

    steps: list[Callable[[], None]] = [restart, lambda: state.unlink(missing_ok=True), restart, restart]
    if redis is not None:
        steps[1:2] = [redis.restart, redis.restart]
    elif os.path.ismount(state.parent):
        steps.insert(2, fill)
    for number, step in enumerate(steps, 1):
        while done() < number / (len(steps) + 1):
            time.sleep(0.05)
        step()
        tally.note("disaster")


def killer(stop: threading.Event, tally: Tally, site: Path) -> None:
    """Kill a script of the site now and then: about every 50th."""
    while not stop.wait(0.5):
        found = subprocess.run(["pgrep", "-f", f"{site}/.*/index[.](py|fcgi)"], capture_output=True, check=False)
        for pid in found.stdout.split()[:1]:
            try:
                os.kill(int(pid), signal.SIGKILL)
                tally.note("script killed")
            except ProcessLookupError:
                pass


@contextmanager
def small_disk() -> Iterator[Path]:
    """A folder on a disk of 256 KiB; an ordinary one where only root could mount it."""
    folder = Path(tempfile.mkdtemp(prefix="ais-state-"))
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k,mode=1777", "tmpfs", folder], check=False
        ).returncode
    )
    try:
        folder.chmod(0o1777)
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def serve(name: str, site: Path) -> object:
    """Start the web server."""
    server, _, how = name.partition("-")
    return lighttpd(site, fastcgi=how == "fastcgi") if server == "lighttpd" else apache(site, how)


def main() -> int:
    """Run it, and print what came back."""
    name = sys.argv[1] if len(sys.argv) > 1 else "lighttpd"
    total = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    parallel = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    tally, numbers, stop = Tally(), iter(range(total)), threading.Event()
    with temporary_folder() as folder, small_disk() as disk, mariadb(folder) as database:
        database.execute("CREATE DATABASE mail")
        stored = [samplesite.stored_password(f"pw{n}") for n in range(USERS)]
        rows = ", ".join(f"('user{n}', 'user{n}@example.com', '{stored[n]}')" for n in range(USERS))
        table = "CREATE TABLE users (login varchar(99) PRIMARY KEY, mail varchar(99), password varchar(199))"
        database.execute(f"{table}; INSERT INTO users VALUES {rows};", "mail")
        secret, state = samplesite.stored_secret(), disk / "state.sqlite"
        redis = Redis() if "redis" in sys.argv else None
        where = redis.url if redis else str(state)
        text = CONFIG.format(caller=samplesite.CALLER, secret=secret, state=where, **database.arguments)
        site = make_site(folder / "ais", text)
        (site / ".venv").symlink_to(sys.prefix)
        with serve(name, site) as server:  # type: ignore[attr-defined]
            done = run(server, tally, numbers, total, parallel, (database, state, redis, stop))
        if redis:
            redis.process.kill()
            redis.process.wait()
    print(f"{name}: {total} requests, {parallel} at a time, in {done:.0f} s")
    for kind, count in sorted(tally.kinds.items()):
        print(f"  {count:6} {kind}")
    if not all(tally.kinds[f"{kind}: 200"] for kind in KINDS):
        tally.wrong.append("there were nothing but errors of a kind")
    print("\n".join(tally.wrong[:20]) or "  every answer was right or an error")
    return 1 if tally.wrong else 0


def run(
    server: Server,
    tally: Tally,
    numbers: Iterator[int],
    total: int,
    parallel: int,
    world: tuple[DatabaseServer, Path, Redis | None, threading.Event],
) -> float:
    """Send all requests while things break; return the seconds it took."""
    database, state, redis, stop = world
    count = [0]

    def work() -> None:
        for number in numbers:
            one(server.port, tally, number)
            with tally.lock:
                count[0] += 1

    begin = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(parallel)]
    helpers = [
        threading.Thread(target=disasters, args=(database, state, redis, lambda: count[0] / total, tally)),
        threading.Thread(target=killer, args=(stop, tally, server.site)),
    ]
    for thread in [*threads, *helpers]:
        thread.start()
    for thread in [*threads, helpers[0]]:
        thread.join()
    stop.set()
    helpers[1].join()
    return time.monotonic() - begin


if __name__ == "__main__":
    sys.exit(main())
