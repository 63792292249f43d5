"""Past one machine: what clients see while a web server, the primary of the database, and Redis fail under load.

    python benchmarks/failover.py [--seconds 10] [--clients 8]

Three web servers (Apache with mod_wsgi, lighttpd with granian, lighttpd with FastCGI) with TLS behind HAProxy,
PostgreSQL with a streaming replica as second host, the state in Redis, all from the files of conf/servers and all on
this machine; `timeout = 5`. For each failure: requests in the seconds after it, how many of them got no answer, the
time from the failure to the last of those, and the slowest request. Exit status 1 when one answer was not true. Needs
haproxy, redis-server, postgresql, lighttpd, lighttpd-mod-openssl, Apache with mod_wsgi, and granian, psycopg
and redis in this Python's environment.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In place of this folder, whose persistent.py is not the tests' persistent.
sys.path[:1] = [str(ROOT / "lib"), str(ROOT / "tests")]

from persistent.cluster import Cluster, cluster
from persistent.loading import Load
from support.databases import DatabaseServer


def restart(server: DatabaseServer) -> None:
    """Restart a database server as an administrator does."""
    server.stop()
    server.start()


def signal_all(server: DatabaseServer, number: signal.Signals) -> None:
    """Send a signal to a database server and its processes for connections."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in (server.pid, *map(int, children)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def steps(running: Cluster) -> dict[str, Callable[[], object]]:
    """What happens, in order."""
    return {
        "nothing fails": lambda: None,
        "web server 1 killed": lambda: running.kill_web(0),
        "primary killed": running.primary.kill,
        "primary back": running.primary.start,
        "Redis killed": running.redis.kill,
        "replica restarted": lambda: restart(running.replica),
        "primary hangs": lambda: signal_all(running.primary, signal.SIGSTOP),
        "primary wakes up": lambda: signal_all(running.primary, signal.SIGCONT),
    }


def main() -> int:
    """Run it, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    with cluster(webs=3) as running, Load(running, arguments.clients) as load:
        time.sleep(3)  # all processes have their connections
        print(f"{'':22} {'requests':>9} {'no answer':>10} {'window s':>9} {'slowest s':>10}")
        for name, step in steps(running).items():
            begin, before = load.mark(), load.total
            step()
            time.sleep(arguments.seconds)
            errors = load.since(begin)
            window = f"{errors[-1][0]:9.2f}" if errors else f"{'-':>9}"
            print(f"{name:22} {load.total - before:9} {len(errors):10} {window} {load.slowest:10.2f}")
            if errors:
                print(
                    " " * 23 + ", ".join(f"{count} x {what}" for what, count in Counter(e[1] for e in errors).items())
                )
    print(", ".join(f"{count} x {what}" for what, count in sorted(load.answers.items())))
    print("\n".join(load.wrong[:20]) or "every answer was true, every list whole")
    return 1 if load.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
