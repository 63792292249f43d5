"""Sends made-up and damaged requests to several configurations, and judges every answer.

    python benchmarks/fuzz.py app N SEED [SEED ...]            in this process, and one more for each further seed
    python benchmarks/fuzz.py fastcgi N SEED [SEED ...]        the same through the FastCGI edge, in pieces
    python benchmarks/fuzz.py cgi N SEED                       the real entry, one process a request, two at a time
    python benchmarks/fuzz.py cgi N SEED lighttpd|apache       the same behind a real server, as far as it lets them
    python benchmarks/fuzz.py app|fastcgi|cgi N SEED --first NUMBER    begins at that request of the seed

What is right comes from a model of plain dictionaries (_fuzzsites.py) and a second reader of requests
(_fuzzreading.py). Ends with 1 and the requests at the first violations, and when too few requests get as far as a
command to prove anything.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import _fuzzsites
from _fuzzasking import Ask, ByFastcgi, InProcess, ask_cgi, is_servers_own, running, send, sendable, token, with_an_end
from _fuzzoracle import Oracle, Reply, without_user
from _fuzzreading import read
from _fuzzrequests import Maker, Request
from _fuzzsites import Site

IN_PROCESS = ("app", "fastcgi")
"""The modes that ask one by one, in this process."""
ENOUGH = 5
"""Violations after which a run ends."""
REFILL = 300
"""Requests to the site with a throttle after which its state is deleted, or it would refuse everybody for ever."""
STEADY = 20_000
"""Requests after which memory must have stopped growing."""
GROWTH = 30
"""MB that it may still grow."""


class Run:
    """What a run has seen."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.sites: Counter[str] = Counter()
        self.violations: list[str] = []
        self.requests = self.reached = 0
        self.slowest = 0.0

    def note(self, site: Site, request: Request, reply: Reply, kind: str, faults: list[str], number: int) -> None:
        """Count an answer."""
        self.requests += 1
        self.kinds[kind] += 1
        self.sites[f"{site.name} {reply.status}"] += 1
        self.slowest = max(self.slowest, reply.seconds)
        reading = read(site, request)
        self.reached += not reading.must and bool(reading.fields) and reply.status != 400
        if faults:
            self.violations.append(
                f"request {number}, site {site.name}: {'; '.join(faults)}\n  {request.environ!r}\n  "
                f"{_short(request.body)}\n  {reply.status} {_short(reply.body)}\n  {(reply.log or '')[:1500]!r}"
            )

    def shallow(self) -> list[str]:
        """Say what too few requests have got."""
        wanted = {"true": 0.03, "false": 0.03, "list": 0.03, "401": 0.01, "400": 0.01, "403": 0.01, "500": 0.01}
        few = [kind for kind, share in wanted.items() if self.kinds[kind] < share * self.requests]
        return few + (["a command with good credentials"] if self.reached < 0.1 * self.requests else [])

    def report(self, seconds: float) -> str:
        """Return the counts."""
        shares = ", ".join(f"{kind} {count} ({count / self.requests:.1%})" for kind, count in self.kinds.most_common())
        return (
            f"{self.requests} requests, {self.requests / seconds:.0f}/s, slowest {self.slowest * 1000:.0f} ms\n"
            f"{self.reached / self.requests:.1%} reach a command with good credentials\n{shares}\n"
            + ", ".join(f"{name} {count}" for name, count in sorted(self.sites.items()))
        )


def _short(raw: bytes) -> str:
    return repr(raw) if len(raw) < 3000 else f"{raw[:2000]!r} … {len(raw)} bytes … {raw[-500:]!r}"


def fuzz(
    folder: Path, count: int, seed: int, mode: str, first: int = 0, plant: Callable[[Ask], Ask] | None = None
) -> Run:
    """Ask `count` requests.

    Args:
        folder: a new one, for the sites.
        count: how many requests.
        seed: which ones.
        mode: ``app``, ``fastcgi``, ``cgi``, ``lighttpd`` or ``apache``.
        first: the number of the first request.
        plant: wraps what asks; for tests, which plant faults with it.
    """
    (folder / "tmp").mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder / "tmp")
    try:
        return _fuzzed(folder, range(first, first + count), seed, mode, plant)
    finally:
        tempfile.tempdir = before


def _fuzzed(folder: Path, numbers: range, seed: int, mode: str, plant: Callable[[Ask], Ask] | None) -> Run:
    sites = _fuzzsites.make(folder)
    here, run, oracle, maker = InProcess(sites), Run(), Oracle(in_order=mode in IN_PROCESS), Maker(seed)
    for site in sites:
        site.token = token(here, site)
    made = ((number, *maker.make(sites, number)) for number in numbers)
    behind = mode in ("lighttpd", "apache")
    with running(mode, folder, sites) if behind else nullcontext() as server:
        kept = {*folder.iterdir(), folder / "state.db", folder / "__pycache__"}
        ask: Ask = here if mode == "app" else ask_cgi
        if mode == "fastcgi":
            ask = ByFastcgi()
            made = ((number, site, with_an_end(request)) for number, site, request in made)
        if server is not None:
            port = server.port
            ask = lambda site, request: send(port, site, request)  # noqa: E731
            made = ((number, site, sendable(request)) for number, site, request in made)
        _judge(run, oracle, _asked(made, plant(ask) if plant else ask, mode, oracle))
        log = without_user(server.log()) if server else ""
    told = [secret for site in sites for secret in site.secrets if len(secret) > 5 and secret not in site.users]
    if "Traceback" in log or "internal error" in log or any(secret in log for secret in told):
        run.violations.append(f"the server's log has what it must not have: {log[-3000:]}")
    kept |= {*folder.glob("state.db.*.asked")}  # of a site that remembers when its list was asked for
    left = [*(folder / "tmp").iterdir(), *({*folder.iterdir()} - kept)]
    if left:
        run.violations.append(f"files are left: {left}")
    return run


def _judge(run: Run, oracle: Oracle, asked: Iterable[tuple[int, Site, Request, Reply]]) -> None:
    """Judge every answer, until there is enough to report."""
    steady = 0
    for number, site, request, reply in asked:
        kind, faults = (f"server {reply.status}", []) if is_servers_own(reply) else oracle.judge(site, request, reply)
        run.note(site, request, reply, kind, faults, number)
        if len(run.violations) >= ENOUGH:
            return
        if run.requests == STEADY:
            steady = _memory()
    if steady and _memory() - steady > GROWTH:
        run.violations.append(f"memory grew from {steady} to {_memory()} MB")


def _asked(
    made: Iterator[tuple[int, Site, Request]], ask: Ask, mode: str, oracle: Oracle
) -> Iterable[tuple[int, Site, Request, Reply]]:
    """Ask one by one, or two at a time when each is a process of its own."""
    if mode not in IN_PROCESS:
        with ThreadPoolExecutor(2) as pool:
            while batch := list(islice(made, 100)):
                replies = pool.map(lambda item: _safely(ask, item[1], item[2]), batch)
                yield from ((*item, reply) for item, reply in zip(batch, replies, strict=True))
        return
    since = 0
    for number, site, request in made:
        yield number, site, request, _safely(ask, site, request)
        since += site.state is not None
        if site.state and since % REFILL == 0 and site.state.exists():
            site.state.unlink()
            site.token = token(ask, site)  # its key was in there
            if site.name in oracle.throttles:
                oracle.throttles[site.name].reset()


def _safely(ask: Ask, site: Site, request: Request) -> Reply:
    try:
        return ask(site, request)
    except Exception as error:
        return Reply(0, [], b"", f"an exception escaped: {error!r}", 0.0)


def _memory() -> int:
    """Return the MB that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _one(mode: str, count: int, seed: int, first: int) -> int:
    # In memory where there is such a folder: the state is a file that is written at every wrong password.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        os.chmod(folder, 0o755)  # for the account of a web server
        begin = time.monotonic()
        run = fuzz(Path(folder), count, seed, mode, first)
        print(
            f"{mode}, seed {seed}: {run.report(time.monotonic() - begin)}\n{len(run.violations)} violations", flush=True
        )
    for violation in run.violations:
        print(f"VIOLATION of {mode}, seed {seed}, {violation}", flush=True)
    shallow = run.shallow() if run.requests >= 1000 else []
    if shallow:
        print(f"Too few requests get as far as: {', '.join(shallow)}")
    return 1 if run.violations or shallow else 0


def main() -> int:
    """Run, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=("app", "fastcgi", "cgi"))
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("seeds", nargs="*", default=["1"])
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    if given.mode is None:
        return _one("app", 5000, 1, 0) | _one("fastcgi", 5000, 1, 0) | _one("cgi", 200, 1, 0)
    servers = [word for word in given.seeds if not word.isdigit()]
    mode = servers[0] if servers else given.mode
    if (servers and given.mode != "cgi") or len(servers) > 1 or mode not in (*IN_PROCESS, "cgi", "lighttpd", "apache"):
        parser.error("a seed is a number, and a server is lighttpd or apache, with cgi")
    seed, *others = [int(word) for word in given.seeds if word.isdigit()] or [1]
    command = [sys.executable, __file__, given.mode, str(given.count)]
    more = [subprocess.Popen([*command, str(other), *servers, "--first", str(given.first)]) for other in others]
    return max(_one(mode, given.count, seed, given.first), *(abs(each.wait()) for each in more), 0)


if __name__ == "__main__":
    sys.exit(main())
