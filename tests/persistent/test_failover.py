"""Past one machine: what fails is seen as an error for a moment, never as a wrong answer or a short list."""

from __future__ import annotations

import time
from collections.abc import Callable

from persistent.cluster import cluster
from persistent.loading import Load
from persistent.watching import until
from persistent.ways import need_module

WINDOW = 3.0
"""Seconds after a failure within which requests may fail: HAProxy looks twice, one second apart."""


def test_failures_show_for_a_moment_only() -> None:
    """A web server, then the primary, then Redis die under load: true answers or errors, and these soon end."""
    for module in ("granian", "psycopg", "redis"):
        need_module(module)
    with cluster() as running, Load(running) as load:
        until(lambda: load.total > 100, 30)
        assert not load.errors, load.errors[:5]
        fails: list[Callable[[], object]] = [lambda: running.kill_web(0), running.primary.kill, running.redis.kill]
        for fail in fails:
            begin = load.mark()
            fail()
            time.sleep(WINDOW)
            late, before = time.monotonic(), load.total
            time.sleep(1)
            assert load.total > before + 20
            assert not load.since(late), (load.since(begin), running.log()[-2000:])
        assert not load.wrong, load.wrong[:5]
        assert load.answers["list 200"] > 50
        assert load.answers["right 200"] > 50
        log = running.log()
    assert "the state cannot be used, going on without it" in log
    assert "status=500" not in log
