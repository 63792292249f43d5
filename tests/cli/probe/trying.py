"""Running bin/ais probe, and servers that answer what no web server would."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from support.site import CALLER, CALLER_PASSWORD, ROOT

AIS = (sys.executable, str(ROOT / "bin" / "ais"))


class Result(NamedTuple):
    """What a probe found.

    Attributes:
        status: exit status.
        codes: of the problems.
        text: all that was printed.
    """

    status: int
    codes: list[str]
    text: str


def probe(url: str, *arguments: str, user: str = CALLER, passwords: str = CALLER_PASSWORD) -> Result:
    """Run bin/ais probe --json.

    Args:
        url: what to try.
        arguments: further options.
        user: the caller's name.
        passwords: what standard input holds, one per line.
    """
    command = [*AIS, "probe", url, "--user", user, "--password-stdin", "--json", *arguments]
    done = subprocess.run(command, input=passwords + "\n", capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == "", done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"url", "ok", "passed", "problems"}
    codes = [problem["code"] for problem in found["problems"]]
    assert found["ok"] == (not codes)
    assert all(len(problem["text"]) > 20 and len(problem["remedy"]) > 20 for problem in found["problems"])
    assert done.returncode == (1 if codes else 0)
    for secret in passwords.split("\n"):
        assert secret == "" or secret not in done.stdout
    return Result(done.returncode, codes, json.dumps(found, ensure_ascii=False))


@contextmanager
def raw_server(*answers: bytes, linger: float = 0) -> Iterator[str]:
    """Answer each request with the next of some bytes, whatever it asks, then close; yields the URL.

    Args:
        answers: one per connection, the last one again and again; an empty one closes without an answer.
        linger: seconds to wait with the connection open after the bytes.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        number = 0
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                _read_request(connection)
                connection.sendall(answers[min(number, len(answers) - 1)])
                done.wait(linger)
                connection.shutdown(socket.SHUT_WR)
                number += 1

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mailstore-integration/index.php"
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(15)


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            missing = int(line.split(b":")[1]) - len(body)
            while missing > 0:
                missing -= len(connection.recv(65536)) or missing
