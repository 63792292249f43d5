"""A load of list and auth on a cluster, and a judgement of every answer."""

from __future__ import annotations

import base64
import http.client
import json
import random
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from persistent.cluster import USERS, Cluster
from support.running import ADDRESS
from support.site import CALLER, CALLER_PASSWORD

NO_ANSWER = (0, 502, 503, 504)
"""What a client may get in place of an answer; 0 is a connection that broke off."""

EVERYBODY = {f"user{number}" for number in range(USERS)}


@dataclass
class Load:
    """Clients that ask all the time, each request over a connection of its own, as MailStore does.

    Attributes:
        answers: counts by kind of request and status.
        errors: when, in seconds of `time.monotonic`, which request began that got no answer, and what came.
        wrong: answers that are not true. There must be none.
        slowest: seconds of the slowest request since `mark`.
    """

    cluster: Cluster
    clients: int = 8
    answers: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0

    def __enter__(self) -> Load:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._context = ssl.create_default_context(cafile=str(self.cluster.ca))
        self._threads = [threading.Thread(target=self._work) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def total(self) -> int:
        """Requests so far."""
        return sum(self.answers.values())

    def mark(self) -> float:
        """Begin a new stretch; return the time."""
        self.slowest = 0
        return time.monotonic()

    def since(self, begin: float) -> list[tuple[float, str]]:
        """The errors since a time, as seconds after it and what came."""
        return [(when - begin, what) for when, what in sorted(self.errors) if when >= begin]

    def _work(self) -> None:
        while not self._stop.is_set():
            kind = random.choice(("list", "right", "wrong", "unknown"))
            number = random.randrange(USERS)
            name = "nobody" if kind == "unknown" else f"user{number}"
            password = f"pw{number}" if kind == "right" else f"no{random.randrange(10**9)}"
            body = "cmd=list" if kind == "list" else f"cmd=auth&user={name}&pass={password}"
            begin = time.monotonic()
            status, answer = self._ask(body)
            ended = time.monotonic()
            with self._lock:
                self.answers[f"{kind} {status}"] += 1
                self.slowest = max(self.slowest, ended - begin)
                if status in NO_ANSWER:
                    self.errors.append((ended, f"{kind} {status}"))
                elif status != 200 or not _is_true(kind, answer):
                    self.wrong.append(f"{kind} {status} {answer[:200]!r}")

    def _ask(self, body: str) -> tuple[int, bytes]:
        token = base64.b64encode(f"{CALLER}:{CALLER_PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPSConnection("localhost", self.cluster.port, timeout=60, context=self._context)
        try:
            connection.request("POST", ADDRESS, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()


def _is_true(kind: str, answer: bytes) -> bool:
    said = json.loads(answer)
    if kind == "list":
        return len(said) == USERS and {user["userName"] for user in said} == EVERYBODY
    return bool(said == {"succeeded": kind == "right"})
