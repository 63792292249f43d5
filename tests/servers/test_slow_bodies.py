"""Clients that send their requests slowly hold no process past the timeout, and stop nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from persistent import ways
from persistent.test_ways import WAYS, start
from servers.test_documented_requests import THE_LIST
from support.client import post
from support.running import apache, lighttpd
from support.site import make_site, sample_config, temporary_folder
from support.slow import count_scripts, slow_clients, until


@pytest.fixture
def site() -> Iterator[Path]:
    """A sample site of the test's own, for CGI and for processes that live on."""
    with temporary_folder() as folder:
        yield ways.make_persistent_site(folder / "ais")


LENIENT = "RequestReadTimeout body=10,MinRate=500"
"""Debian's own limit, which lets our slow clients pass."""


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_cgi_processes_end_at_the_timeout(site: Path, mpm: str) -> None:
    """30 slow clients of Apache have 30 processes, and none once the timeout is over, though they still send."""
    (site / "conf" / "config.py").write_text(f"{sample_config()}timeout = 4\n")
    with apache(site, mpm, LENIENT) as server, slow_clients(server, 30) as slow:
        # prefork starts its own processes one by one.
        until(lambda: count_scripts(site) == 30 or (mpm == "prefork" and count_scripts(site) > 3), 10)
        until(lambda: count_scripts(site) == 0, 30)
        assert slow.answers == []
        assert post(server.url, b"cmd=list").body == THE_LIST


def test_a_broken_site_holds_no_process_either() -> None:
    """Where there is no configuration to say how long, or no library, the default counts: 20 seconds."""
    with ExitStack() as stack:
        sites = [make_site(stack.enter_context(temporary_folder()) / "ais") for _ in range(2)]
        (sites[0] / "conf" / "config.py").unlink()
        (sites[1] / "lib" / "ais" / "app.py").write_text("cut sho\n")
        servers = [stack.enter_context(apache(site, extra=LENIENT)) for site in sites]
        slow = [stack.enter_context(slow_clients(server, 3)) for server in servers]
        until(lambda: [count_scripts(site) for site in sites] == [3, 3], 10)
        until(lambda: [count_scripts(site) for site in sites] == [0, 0], 40)
        assert [clients.answers for clients in slow] == [[], []]


def test_lighttpd_starts_no_process_for_them(site: Path) -> None:
    """lighttpd collects a request before it starts the script, so a slow one costs a connection and no more."""
    with lighttpd(site) as server, slow_clients(server, 30) as slow:
        for _ in range(20):
            assert post(server.url, b"cmd=list").body == THE_LIST
            until(lambda: count_scripts(site) == 0, 5)
        assert slow.answers == []


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("apache mod_wsgi", "apache passenger")])
def test_a_proxy_keeps_them_off_the_processes(way: str, site: Path) -> None:
    """12 slow clients, more than answers at a time, make nobody wait: the web server collects requests first."""
    with ExitStack() as stack:
        server = start(stack, way, site)
        slow = stack.enter_context(slow_clients(server, 12, expect=True))
        for _ in range(8):
            assert post(server.url, b"cmd=list").body == THE_LIST
        assert slow.answers == []  # Apache ends them after more than ten seconds


def test_a_large_body_behind_apache(site: Path) -> None:
    """What is too large gets its answer through the proxy, whether a client announces it, chunks it, or asks first."""
    ways_of_sending = ((), ("--header", "Transfer-Encoding: chunked"), ("--header", "Expect: 100-continue"))
    with ways.granian(site), ways.apache(site, "proxy") as server:
        for more in ways_of_sending * 4:
            answer = post(server.url, b"x" * 900_000, *more)
            assert (answer.status, answer.body[:10]) == (413, b'{"error": '), server.log()


def test_apache_ends_them() -> None:
    """By each file Apache ends a request whose body comes at 600 bytes a second, and everybody is answered then.

    Under mod_wsgi the threads of its processes are free again only then. A body that comes at more than 5000 bytes a
    second goes on.
    """
    with ExitStack() as stack:
        servers = []
        for way in ("event", "mod_wsgi", "passenger", "proxy", "fcgid"):
            site = ways.make_persistent_site(stack.enter_context(temporary_folder()) / "ais")
            if way == "proxy":
                stack.enter_context(ways.granian(site))
            servers.append(stack.enter_context(apache(site) if way == "event" else ways.apache(site, way)))
        slow = [stack.enter_context(slow_clients(server, 12)) for server in servers]
        answer = post(servers[0].url, b"cmd=list".ljust(65_000, b"&"), "--limit-rate", "5500")
        assert answer.body == THE_LIST, answer
        until(lambda: all(len(clients.answers) == 12 for clients in slow), 60)
        for server, clients in zip(servers, slow, strict=True):
            # Passenger and mod_fcgid make a 500 of Apache's 408.
            assert {answer[9:12] for answer in clients.answers} <= {b"408", b"400", b"500"}, (server, clients.answers)
            assert post(server.url, b"cmd=list").body == THE_LIST
