"""Processes that live on: requests per second by every way of docs/wsgi.md and docs/fastcgi.md, against php-fpm.

    python benchmarks/persistent.py [--rounds 7] [--seconds 2] [--only lighttpd] [--close] [--log]

Each way has two processes and does the same work: one caller, three users in SQLite, `list`, and `auth` with {SSHA512}.
wrk asks over four connections. mod_fcgid lets a request wait a whole second when all processes are busy, so there are
two connections for it, and for php-fpm beside it, too.
"constant" is benchmarks/constant.fcgi, which does nothing: what the web server itself leaves to its programs.
All are started once; then wrk asks them in turn, in another order in each round, so that the noise of the machine hits
all alike: read the ratios, and the processor time that web server and application together take for a request.
wrk keeps its connections. The files for lighttpd end each connection with its answer; that line is left out here, and
--close adds it for php-fpm instead. PHP writes no line of a log for each request, so ours writes only errors; --log
switches its lines on. Needs wrk, lighttpd, Apache with mod_wsgi and mod_fcgid, php-fpm, and gunicorn and granian in
this Python's environment.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import samplesite

# In place of this folder, whose persistent.py is not the tests' persistent.
sys.path[:1] = [str(samplesite.ROOT / "lib"), str(samplesite.ROOT / "tests")]

from persistent import ways
from support.needs import need_program
from support.running import ADDRESS, Server, free_ports, group_of, load_module, make_home, started, unprivileged
from support.site import temporary_folder
from support.stock import APACHE, APACHE_STOCK_MODULES, LIGHTTPD

BODIES = {"list": "cmd=list", "auth": "cmd=auth&user=user1@example.com&pass=Passw0rd"}
TOKEN = base64.b64encode(f"{samplesite.CALLER}:{samplesite.SECRET}".encode()).decode()
HEADERS = {"Authorization": f"Basic {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
BY_TWO = ", 2 connections"
CLOSING = "server.max-keep-alive-requests = 0"
NUMBERS = {
    '"max-procs"    => 4': '"max-procs"    => 2',
    "MaxProcesses 8 MinProcesses 2": "MaxProcesses 2 MinProcesses 2",
}
"""How many processes the files of conf/servers start, and how many are measured."""
PHP = samplesite.ROOT / "benchmarks" / "php" / "index.php"
FPM = """[global]
error_log = {home}/fpm.log
[www]
listen = {home}/fpm.sock
listen.mode = 0666
{user}
pm = static
pm.max_children = 2
catch_workers_output = no
env[BENCH_SECRET] = "{secret}"
env[BENCH_DATABASE] = "{database}"
"""
LIGHTTPD_PHP = """server.modules += ( "mod_alias", "mod_fastcgi" )
$HTTP["url"] =~ "^/mailstore-integration/(index\\.php)?$" {{
    alias.url = ( "/mailstore-integration/index.php" => "{php}" )
    fastcgi.server = ( ".php" => (( "socket" => "{home}/fpm.sock" )) )
    {closing}
}}
"""
APACHE_PHP = """Alias "/mailstore-integration/index.php" "{php}"
<Directory "{folder}">
    Require all granted
    SetHandler "proxy:unix:{home}/fpm.sock|fcgi://localhost"
</Directory>
SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1
"""


@contextmanager
def php(home: Path, site: Path, web: str, closing: str = "") -> Iterator[Way]:
    """Run lighttpd or Apache with php-fpm; `closing` is for lighttpd."""
    versions = [path.name for path in Path("/usr/sbin").glob("php-fpm*")]
    binary = need_program(max(versions, default="php-fpm"), "php-fpm")
    account = unprivileged(site)
    user = f"user = {account}\ngroup = {group_of(account)}" if account else ""
    home.mkdir()
    home.chmod(0o755)
    make_home(home, account)
    script = home / "index.php"  # where the server's account may read it
    shutil.copy(PHP, script)
    values = {"secret": samplesite.stored_secret(), "database": site / "conf" / "users.sqlite"}
    pool = FPM.format(home=home, user=user, **values)
    (home / "fpm.conf").write_text(pool, encoding="utf-8")
    fpm = subprocess.Popen([binary, "-F", "-y", str(home / "fpm.conf")], stderr=subprocess.DEVNULL)
    port = next(free_ports())
    places = {"home": home, "php": script, "folder": home, "closing": closing}
    if web == "lighttpd":
        server_user = f'server.username = "{account}"\nserver.groupname = "{group_of(account)}"' if account else ""
        fragment, stock, extra = LIGHTTPD_PHP.format(**places), LIGHTTPD, ""
        command = [need_program("lighttpd", "lighttpd"), "-D", "-f", str(home / "conf")]
    else:
        server_user = f"User {account}\nGroup {group_of(account)}" if account else ""
        fragment, stock = APACHE_PHP.format(**places), APACHE
        names = ("mpm_event", *APACHE_STOCK_MODULES, "proxy", "proxy_fcgi")
        extra = "\n".join(load_module(name) for name in names)
        command = [need_program("apache2", "apache2-bin"), "-f", str(home / "conf"), "-DFOREGROUND"]
    text = stock.format(home=home, port=port, user=server_user, modules=extra, before="", fragment=fragment, after="")
    (home / "conf").write_text(text, encoding="utf-8")
    try:
        ways.wait_for(home / "fpm.sock", fpm, home / "fpm.log")
        with started(command, home, port) as running:
            if not running:
                raise RuntimeError("the port was taken: start again")
            yield Way(Server(f"{web}, php-fpm", port, home, site), fpm.pid)
    finally:
        ways.end(fpm)


def make_site(folder: Path, log: bool) -> Path:
    """Make a site with the users of the benchmarks."""
    config = samplesite.CONFIG.format(caller=samplesite.CALLER, secret=samplesite.stored_secret())
    if not log:
        config += 'from ais import log\n\nlog(level="error")\n'
    site = ways.make_persistent_site(folder, config)
    (site / "conf" / "users.sqlite").unlink()
    samplesite.make(folder)
    shutil.move(folder / "users.sqlite", site / "conf" / "users.sqlite")
    for path in (site / "conf").iterdir():
        path.chmod(0o755 if path.is_dir() else 0o644)
    return site


class Way:
    """A running way.

    Attributes:
        server: its web server.
        backend: process id of what stands behind; 0 where that is the web server's own child.
        rates: requests per second, by command, of each round.
        costs: microseconds of processor time per request, of web server and backend, likewise.
    """

    def __init__(self, server: Server, backend: int = 0) -> None:
        self.server = server
        file = server.home / "pid"
        while not file.exists() or not file.read_text():
            time.sleep(0.01)  # servers listen a moment before they write their number
        self._roots = [int(file.read_text())] + [backend] * bool(backend)
        self.rates: dict[str, list[float]] = {name: [] for name in BODIES}
        self.costs: dict[str, list[float]] = {name: [] for name in BODIES}

    def measure(self, name: str, script: Path, seconds: int, connections: int) -> None:
        """Let wrk ask for some seconds."""
        before = sum(map(processor_time, self._roots))
        rate, count = wrk(self.server, script, seconds, connections)
        self.rates[name].append(rate)
        self.costs[name].append((sum(map(processor_time, self._roots)) - before) / count * 1e6)


def processor_time(pid: int) -> float:
    """Seconds that a process and its children have used so far (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return own + sum(processor_time(int(child)) for found in children for child in found)


def start_all(stack: ExitStack, folder: Path, log: bool, closing: str) -> dict[str, Way]:
    """Start every way; the name begins with the web server."""
    site, constant = make_site(folder / "site", log), make_site(folder / "constant", log)
    script = constant / "cgi-bin" / "mailstore-integration" / "index.fcgi"
    script.unlink()
    shutil.copy(samplesite.ROOT / "benchmarks" / "constant.fcgi", script)
    every: dict[str, Way] = {}
    for web in ("apache", "lighttpd"):
        every[f"{web}, php-fpm"] = stack.enter_context(php(folder / web, site, web, closing=closing))
    every[f"apache, php-fpm{BY_TWO}"] = stack.enter_context(php(folder / "apache-2", site, "apache"))
    for name, served in (("", site), (" constant", constant)):
        every[f"apache, mod_fcgid{name}{BY_TWO}"] = Way(stack.enter_context(ways.apache(served, "fcgid")))
        every[f"lighttpd, fastcgi{name}"] = Way(stack.enter_context(ways.lighttpd(served, way="fastcgi")))
    every["apache, mod_wsgi"] = Way(stack.enter_context(ways.apache(site, "mod_wsgi")))
    backends = {
        "gunicorn sync": (ways.gunicorn, ("--worker-class", "sync", "--threads", "1")),
        "gunicorn gthread": (ways.gunicorn, ()),
        "granian": (ways.granian, ()),
    }
    for name, (start, arguments) in backends.items():
        own = make_site(folder / name.replace(" ", "-"), log)
        pid = stack.enter_context(start(own, *arguments)).pid
        every[f"apache, {name}"] = Way(stack.enter_context(ways.apache(own, "proxy")), pid)
        every[f"lighttpd, {name}"] = Way(stack.enter_context(ways.lighttpd(own)), pid)
    return every


@contextmanager
def measured(closing: str) -> Iterator[None]:
    """Let `ways` start as many processes as are measured, and lighttpd keep its connections or close them."""
    known = ways.configuration

    def configuration(name: str, site: Path, switched_on: str = "") -> str:
        text = known(name, site, switched_on)
        for old, new in {CLOSING: closing, **NUMBERS}.items():
            text = text.replace(old, new)
        return text

    ways.configuration = configuration
    try:
        yield
    finally:
        ways.configuration = known


def wrk(server: Server, script: Path, seconds: int, connections: int = 4) -> tuple[float, int]:
    """Ask for some seconds; return the requests per second, and their number; all are answered."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), server.url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"(\d+) requests in", output)
    if "Non-2xx" in output or "Socket errors" in output or not rate or not count:
        raise RuntimeError(f"{server.name}: {output}")
    return float(rate[1]), int(count[1])


def connections(way: str) -> int:
    """How many connections wrk asks a way over."""
    return 2 if way.endswith(BY_TWO) else 4


def check(every: dict[str, Way]) -> None:
    """All ways give the same answers."""
    answers: dict[str, set[str]] = {name: set() for name in BODIES}
    for name, way in every.items():
        server = way.server
        for command, body in ({} if "constant" in name else BODIES).items():
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("POST", ADDRESS, body, HEADERS)
            answer = connection.getresponse()
            assert answer.status == 200, (name, answer.status, server.log()[-2000:])
            answers[command].add(json.dumps(json.loads(answer.read())))
            connection.close()
    assert all(len(different) == 1 for different in answers.values()), answers


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", default="", help="measure the ways whose names have this")
    parser.add_argument("--close", action="store_true", help="let lighttpd end each connection with its answer")
    parser.add_argument("--log", action="store_true", help="let ours write its line of the log for each request")
    arguments = parser.parse_args()
    need_program("wrk", "wrk")
    closing = CLOSING if arguments.close else ""
    with temporary_folder() as folder, contextlib.ExitStack() as stack, measured(closing):
        scripts = {}
        for name, body in BODIES.items():
            scripts[name] = folder / f"{name}.lua"
            headers = "\n".join(f'wrk.headers["{header}"] = "{value}"' for header, value in HEADERS.items())
            scripts[name].write_text(f'wrk.method = "POST"\nwrk.body = "{body}"\n{headers}\n')
        every = start_all(stack, folder, arguments.log, closing)
        every = {name: way for name, way in every.items() if arguments.only in name or "php-fpm" in name}
        check(every)
        cases = [(way, name) for way in every for name in BODIES]
        for way, name in cases:
            # Until all processes are there: mod_fcgid starts one in a second.
            wrk(every[way].server, scripts[name], 3 if "fcgid" in way else 1, connections(way))
        for _ in range(arguments.rounds):
            for way, name in random.sample(cases, len(cases)):
                every[way].measure(name, scripts[name], arguments.seconds, connections(way))
    print(f"{'':38} {'list/s':>8} {'x php-fpm':>9} {'CPU us':>7} {'auth/s':>8} {'x php-fpm':>9} {'CPU us':>7}")
    for way in sorted(every, key=lambda way: (way.partition(",")[0], way.endswith(BY_TWO), "php" not in way)):
        peer = every[way.partition(",")[0] + ", php-fpm" + BY_TWO * way.endswith(BY_TWO)]
        cells = []
        for name in BODIES:
            rate, theirs = statistics.median(every[way].rates[name]), statistics.median(peer.rates[name])
            cells.append(f"{rate:8.0f} {rate / theirs:9.2f} {statistics.median(every[way].costs[name]):7.0f}")
        print(f"{way:38} {' '.join(cells)}")


if __name__ == "__main__":
    main()
