"""Sends made-up and damaged requests to several configurations, and judges every answer.

    python benchmarks/fuzz.py app N SEED [SEED ...]            in this process, and one more for each further seed
    python benchmarks/fuzz.py cgi N SEED                       the real entry, one process a request, two at a time
    python benchmarks/fuzz.py app|cgi N SEED --first NUMBER    begins at that request of the seed

What is right comes from a model of plain dictionaries (_fuzzsites.py) and a second reader of requests
(_fuzzreading.py). Ends with 1 and the requests at the first violations, and when too few requests get as far as a
command to prove anything.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import samplesite

sys.path.insert(0, str(samplesite.ROOT / "lib"))

import _fuzzsites
from _fuzzoracle import Oracle, Reply
from _fuzzreading import read
from _fuzzrequests import Maker, Request
from _fuzzsites import Site

from ais import cgi
from ais.configuration import Config, load

ENOUGH = 5
"""Violations after which a run ends."""
REFILL = 300
"""Requests to the site with a throttle after which its state is deleted, or it would refuse everybody for ever."""
STEADY = 20_000
"""Requests after which memory must have stopped growing."""
GROWTH = 30
"""MB that it may still grow."""

Ask = Callable[[Site, Request], Reply]


class InProcess:
    """Asks the library in this process."""

    def __init__(self, sites: list[Site]) -> None:
        self._loaded: dict[str, Config] = {site.name: load(str(site.path)) for site in sites if not site.broken}

    def __call__(self, site: Site, request: Request) -> Reply:
        """Ask once."""
        stream, errors = io.BytesIO(request.body), io.StringIO()
        begin = time.perf_counter()
        response = cgi.answer(
            request.environ, stream, errors, lambda: self._loaded.get(site.name) or load(str(site.path))
        )
        body = b"".join(response.parts())
        taken = time.perf_counter() - begin
        status = int(response.status_line.partition(" ")[0])
        return Reply(status, list(response.headers), body, errors.getvalue(), taken, stream.tell())


def ask_cgi(site: Site, request: Request) -> Reply:
    """Ask the entry, as a process of its own."""
    # No server can put a NUL into the environment.
    environ = {name: value.replace("\0", "\x01") for name, value in request.environ.items()}
    environ |= {"AIS_CONFIG": str(site.path), "TMPDIR": str(site.path.parent / "tmp")}
    begin = time.perf_counter()
    done = subprocess.run([str(samplesite.ENTRY)], input=request.body, capture_output=True, env=environ, timeout=60)
    taken = time.perf_counter() - begin
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
    headers = [(name, value) for name, _, value in lines if name != "Status"]
    status = next((int(value[:3]) for name, _, value in lines if name == "Status" and value[:3].isdigit()), 0)
    log = done.stderr.decode("utf-8", "replace") + (f"exit {done.returncode}\n" if done.returncode else "")
    return Reply(status, headers, body, log, taken)


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
                f"{_short(request.body)}\n  {reply.status} {_short(reply.body)}\n  {reply.log[:1500]!r}"
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
        mode: ``app`` or ``cgi``.
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
    here = InProcess(sites)
    for site in sites:
        site.token = _token(here, site)
    before = {*folder.iterdir(), folder / "state.db", folder / "__pycache__"}
    ask: Ask = here if mode == "app" else ask_cgi
    run, oracle, maker = Run(), Oracle(in_order=mode == "app"), Maker(seed)
    made = ((number, *maker.make(sites, number)) for number in numbers)
    steady = 0
    for number, site, request, reply in _asked(made, plant(ask) if plant else ask, mode, oracle):
        kind, faults = oracle.judge(site, request, reply)
        run.note(site, request, reply, kind, faults, number)
        if len(run.violations) >= ENOUGH:
            break
        if run.requests == STEADY:
            steady = _memory()
    if steady and _memory() - steady > GROWTH:
        run.violations.append(f"memory grew from {steady} to {_memory()} MB")
    left = [*(folder / "tmp").iterdir(), *({*folder.iterdir()} - before)]
    if left:
        run.violations.append(f"files are left: {left}")
    return run


def _asked(
    made: Iterator[tuple[int, Site, Request]], ask: Ask, mode: str, oracle: Oracle
) -> Iterable[tuple[int, Site, Request, Reply]]:
    """Ask one by one, or two at a time when each is a process of its own."""
    if mode == "cgi":
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
            site.token = _token(ask, site)  # its key was in there
            if site.name in oracle.throttles:
                oracle.throttles[site.name].reset()


def _safely(ask: Ask, site: Site, request: Request) -> Reply:
    try:
        return ask(site, request)
    except Exception as error:
        return Reply(0, [], b"", f"an exception escaped: {error!r}", 0.0)


def _token(ask: Ask, site: Site) -> str:
    """Return what the forms of the status page carry, for the first caller."""
    if not site.page or site.broken or not site.callers:
        return ""
    secret = base64.b64encode(f"{_fuzzsites.CALLER}:{_fuzzsites.CALLER_SECRET}".encode()).decode()
    environ = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": f"Basic {secret}"}
    page = ask(site, Request(environ, b"")).body.decode()
    return page.partition('name="token" value="')[2].partition('"')[0]


def _memory() -> int:
    """Return the MB that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _one(mode: str, count: int, seed: int, first: int) -> int:
    # In memory where there is such a folder: the state is a file that is written at every wrong password.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
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
    parser.add_argument("mode", nargs="?", choices=("app", "cgi"))
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("seeds", nargs="*", type=int, default=[1])
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    if given.mode is None:
        return _one("app", 5000, 1, 0) | _one("cgi", 200, 1, 0)
    more = [
        subprocess.Popen(
            [sys.executable, __file__, given.mode, str(given.count), str(seed), "--first", str(given.first)]
        )
        for seed in given.seeds[1:]
    ]
    return max(_one(given.mode, given.count, given.seeds[0], given.first), *(abs(each.wait()) for each in more), 0)


if __name__ == "__main__":
    sys.exit(main())
