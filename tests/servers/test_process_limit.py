"""A limit of processes, as shared hosts have (RLimitNPROC, CloudLinux), stops no request; threads count for it, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from logins.system import need_root
from servers.test_documented_requests import THE_LIST
from servers.test_faults import own_source
from servers.test_requests import assert_error
from support.client import post
from support.running import apache
from support.site import sample_config

LIMIT = "RLimitNPROC 1 1"
CONFIG = f"""{sample_config()}
import _thread
from ais.network.address import look_up

try:
    _thread.start_new_thread(int, ())
except RuntimeError:
    _limited = True

assert _limited
assert look_up("localhost", 80)
"""


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_no_thread_for_the_watchdog(site: Path, mpm: str) -> None:
    """Where the script may have no thread, both commands are answered, and names are looked up."""
    need_root("start an Apache that works as another account")
    (site / "conf" / "config.py").write_text(CONFIG)
    with apache(site, mpm, extra=LIMIT) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()
        assert post(server.url, b"cmd=auth&user=john.doe&pass=Passw0rd").body == b'{"succeeded": true}'
        assert post(server.url, b"cmd=auth&user=john.doe&pass=wrong").body == b'{"succeeded": false}'


def test_what_hangs_ends_all_the_same(site: Path) -> None:
    """Without its watchdog, too, a process ends at the timeout; the answer is then the web server's own."""
    need_root("start an Apache that works as another account")
    own_source(site, "time.sleep(40)")
    with apache(site, extra=LIMIT) as server:
        assert post(server.url, b"cmd=list").status == 500
        assert "End of script output before headers" in server.log()


def test_no_process_for_a_program(site: Path) -> None:
    """A program that cannot be started for the limit is a source that cannot answer now."""
    need_root("start an Apache that works as another account")
    source = 'from ais import command\n\nsources = [command(list=["/bin/true"], auth=["/bin/true"])]\n'
    (site / "conf" / "config.py").write_text(f"{sample_config()}\n{source}")
    with apache(site, extra=LIMIT) as server:
        for body in (b"cmd=list", b"cmd=auth&user=john.doe&pass=Passw0rd"):
            assert_error(post(server.url, body), 503)
        assert "this user may have no more processes" in server.log()
