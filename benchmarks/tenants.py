"""Hundreds of tenants on one web server: each reaches its own users and no other's, in what time and memory.

    python benchmarks/tenants.py [--tenants 500] [--rounds 3] [WAY …]

Each tenant has a configuration, a caller and an SQLite database of its own. One tenant is asked as often as there are
tenants, then each of them once, in another order in every round: what many tenants cost is the difference. Then each
caller asks at another tenant's address, which must be a 401, and at one that nobody has, which must be a 404. Memory is
the resident size of the largest process that answers. A wrong answer ends the benchmark.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import samplesite

# In place of this folder, whose persistent.py is not the tests' persistent.
sys.path[:1] = [str(samplesite.ROOT / "lib"), str(samplesite.ROOT / "tests")]

from persistent import ways
from support import running
from support.running import ADDRESS, Server
from support.site import add_tenant, temporary_folder

PART = "One configuration per tenant"
WAYS = (
    *("lighttpd CGI", "lighttpd FastCGI", "lighttpd granian", "lighttpd gunicorn"),
    *("apache CGI", "apache FastCGI", "apache mod_wsgi", "apache granian"),
)


class Result(NamedTuple):
    """Milliseconds of a request, and megabytes of a process, for one tenant and for all."""

    one: float
    all: float
    memory: list[float]


@contextmanager
def server_of(way: str, site: Path) -> Iterator[Server]:
    """Run a way for all tenants of a site."""
    web, _, name = way.partition(" ")
    with ExitStack() as stack:
        if name.endswith("CGI"):
            fast = name == "FastCGI"
            given = {"fastcgi": fast} if web == "lighttpd" else {"mpm": "fcgid" if fast else "event"}
            yield stack.enter_context(getattr(running, web)(site, sections=(PART,), **given))
            return
        if name != "mod_wsgi":
            tenants = {"AIS_TENANTS": str(site / "conf" / "tenants")}
            stack.enter_context(getattr(ways, name)(site, environment=tenants))
        made = ways.lighttpd(site, switched_on=PART) if web == "lighttpd" else None
        yield stack.enter_context(made or ways.apache(site, name if name == "mod_wsgi" else "proxy", switched_on=PART))


def ask(server: Server, tenant: str, caller: str, status: int) -> float:
    """Ask for a list; return the milliseconds that it took."""
    token = base64.b64encode(f"{caller}:pass-{caller}".encode()).decode()
    head = {"Authorization": f"Basic {token}", "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", f"/{tenant}{ADDRESS}", b"cmd=list", head)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    took = (time.perf_counter() - began) * 1000
    wanted = b'[{"userName": "user-%s"}]' % tenant.encode()
    if answer.status != status or (body == wanted) != (status == 200) or (status != 200 and b"user-" in body):
        raise SystemExit(f"{server.name}: {caller} at {tenant} got {answer.status} {body!r}")
    return took


def measure(server: Server, names: list[str], rounds: int, marks: tuple[str, ...]) -> Result:
    """Ask as the benchmark says."""
    order = names.copy()
    for _ in range(20):
        ask(server, names[0], names[0], 200)
    one, each, memory = [], [], [largest(marks)]
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            one.append(ask(server, names[0], names[0], 200))
            each.append(ask(server, name, name, 200))
        memory.append(largest(marks))
    for name, other in zip(order, [*order[1:], order[0]], strict=True):
        ask(server, other, name, 401)
        ask(server, f"no-{name}", name, 404)
    return Result(statistics.median(one), statistics.median(each), memory)


def largest(marks: tuple[str, ...]) -> float:
    """Return the megabytes of the largest process whose command line, or its parent's, has one of these words."""
    known: dict[str, tuple[str, str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
            size = float(status.get("VmRSS", "0 kB").split()[0]) / 1024
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            known[folder.name] = (command, status["PPid"].strip(), size)
    ours = {pid for pid, (command, _, _) in known.items() if any(mark in command for mark in marks)}
    return max((size for pid, (_, parent, size) in known.items() if pid in ours or parent in ours), default=0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("ways", nargs="*", default=WAYS, metavar="WAY")
    arguments = parser.parse_args()
    with temporary_folder() as folder:
        site = ways.make_persistent_site(folder / "ais")
        names = [f"tenant-{number}" for number in range(arguments.tenants)]
        for name in names:
            add_tenant(site, name)
        print(f"{'behind':<20}{'one, ms':>9}{'each, ms':>10}   MB: first, after each round of {len(names)} tenants")
        for way in arguments.ways:
            with server_of(way, site) as server:
                marks = ("(wsgi:mail", f"{site}/conf/", f"{site}/run/", "index.fcgi")
                found = measure(server, names, arguments.rounds, marks)
            sizes = (
                "under CGI a process a request" if way.endswith(" CGI") else "  ".join(f"{m:.1f}" for m in found.memory)
            )
            print(f"{way:<20}{found.one:>9.2f}{found.all:>10.2f}   {sizes}", flush=True)


if __name__ == "__main__":
    main()
