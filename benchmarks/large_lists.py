"""A list of many users as a whole CGI process, against the bare loop "fetch row, encode JSON", in time and memory.

python benchmarks/large_lists.py [users …]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import samplesite

PYTHON = "/usr/bin/python3"

BARE = """
import json, sqlite3, sys
out = sys.stdout.buffer
cursor = sqlite3.connect(sys.argv[1]).execute("SELECT login, name, mail FROM users")
for login, name, mail in cursor:
    out.write(json.dumps({"userName": login, "fullName": name, "emailAddresses": mail.split(", ")}).encode() + b", ")
"""

PHP = ["php-cgi", "-d", "memory_limit={limit}"]


def run(command: list[str], environment: dict[str, str], body: bytes) -> tuple[float, int, int]:
    """Run a process; return seconds, its peak memory in MB, and the bytes it wrote."""
    begin = time.perf_counter()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.DEVNULL, close_fds=True
    )
    os.close(writer)
    assert process.stdin is not None
    process.stdin.write(body)
    process.stdin.close()
    written = 0
    while part := os.read(reader, 1 << 20):
        written += len(part)
    os.close(reader)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - begin, usage.ru_maxrss // 1024, written


def main() -> None:
    """Print a table."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for users in [int(word) for word in sys.argv[1:]] or [1_000, 100_000, 1_000_000]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            samplesite.make(folder, users)
            body = b"cmd=list"
            environment = samplesite.environment(folder, body)
            cases = {
                "bare loop": [PYTHON, "-S", "-c", BARE, str(folder / "users.sqlite")],
                "ours": [str(samplesite.ENTRY)],
                "php, 128M": [word.format(limit="128M") for word in PHP],
                "php, no limit": [word.format(limit="-1") for word in PHP],
            }
            best: dict[str, tuple[float, int, int]] = {}
            for _ in range(3):
                for label, command in cases.items():
                    found = run(command, environment, body)
                    best[label] = min(best.get(label, found), found)
            for label, (seconds, megabytes, written) in best.items():
                ratio = seconds / best["bare loop"][0]
                per_user = seconds / users * 1e6
                print(
                    f"{users:9,} users  {label:14} {seconds:7.2f} s  {ratio:5.2f} x bare  {per_user:6.2f} µs a user"
                    f"  {megabytes:5} MB  {written:12,} bytes"
                )


if __name__ == "__main__":
    main()
