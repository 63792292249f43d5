"""The state in Redis, shared by several web servers."""

from __future__ import annotations

import os
from contextvars import copy_context
from tempfile import gettempdir

from .. import deadline
from ..errors import MissingPackage, SourceUnavailable
from .store import ASKED_BYTES, Failures, Marker, StateError, digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

ANSWER_SECONDS = 2.0
"""How long a question to the server may take."""

LATE_SECONDS = 0.1
"""The same where the time of the request is over: whether a list was held back must still be noted."""


def _checked(value: object) -> bytes | None:
    """Return what Redis holds; with decode_responses in the URL it would come as text."""
    if value is None or isinstance(value, bytes):
        return value
    raise StateError("Redis gives no bytes: leave decode_responses out of the URL of the state")


def _temporary() -> str:
    try:
        return gettempdir()
    except OSError:  # none that can be written to; that is said when something has to be
        return "/tmp"  # noqa: S108  # only in a folder in it that belongs to this user alone


class RedisStore:
    """A `Store` in Redis.

    Args:
        tenant: keeps configurations apart, as does the name in the URL.
        url: as redis-py reads it, such as ``redis://:password@host:6379/0``. ``#name`` at its end keeps several
            configurations apart in one database. A file in the temporary folder marks a tripped guard for this web
            server, so that not even a Redis that is down lets a short list through.
    """

    def __init__(self, url: str, tenant: str = "") -> None:
        self._url, _, name = url.partition("#")
        self._prefix = f"mailstore-ais:{name}:{tenant}:"
        # The name can be seen in the log: without the password.
        server = digest(b"", url.rpartition("@")[2].partition("?")[0], name, tenant).hex()
        self._marker = Marker(f"{_temporary()}/mailstore-ais-{os.geteuid()}/{server}.tripped", private=True)
        self._client: Any = None
        self._silent = False

    def key(self) -> bytes:
        name = self._prefix + "key"
        self._ask("set", name, os.urandom(32), nx=True)
        found = _checked(self._ask("get", name))
        if found is None or not 1 <= len(found) <= 64:  # what BLAKE2 takes
            raise StateError("Redis holds something else where the key of this state should be")
        return found

    def last_list(self) -> bytes | None:
        found = _checked(self._ask("get", self._prefix + "list"))
        if found is not None and len(found) % 8:
            raise StateError("Redis holds something else where the last list should be")
        return found

    def save_list(self, digests: bytes) -> None:
        self._ask("set", self._prefix + "list", digests)
        self._ask("delete", self._prefix + "tripped")
        self._marker.clear()

    def tripped(self) -> bool:
        return self._marker.is_set() or bool(self._ask("exists", self._prefix + "tripped"))

    def trip(self) -> None:
        try:
            self._marker.set()
        finally:
            self._ask("set", self._prefix + "tripped", b"1")

    def failures(self, user: bytes, window: float) -> Failures:
        """The server forgets what is older than the window."""
        try:
            count, wrong = self._ask("mget", self._name(user), self._name(user, "wrong"))
            return Failures(int(count or 0), _checked(wrong) or b"")
        except (TypeError, ValueError):
            raise StateError("Redis holds something else where failed logins should be") from None

    def add_failure(self, user: bytes, wrong: bytes, window: float) -> None:
        name, seconds = self._name(user), max(1, int(window))

        def add(client: Any) -> None:
            # One transaction, and the end is set before the count: a process that dies between locks nobody out.
            with client.pipeline(transaction=True) as steps:
                steps.set(name, 0, nx=True, ex=seconds)
                steps.incr(name)
                steps.set(self._name(user, "wrong"), wrong, ex=seconds)
                steps.execute()

        self._do(add)

    def forget_failures(self, user: bytes) -> None:
        self._ask("delete", self._name(user), self._name(user, "wrong"))

    def lessen_failures(self, user: bytes, count: int) -> None:
        name = self._name(user)

        def lessen(client: Any) -> None:  # the count keeps its end
            if client.exists(name) and client.decrby(name, count) < 0:
                client.delete(name)

        self._do(lessen)

    def listed(self) -> dict[int, str]:
        found = self._ask("hgetall", self._prefix + "listed")
        try:
            return {int(number): (_checked(name) or b"").decode("utf-8") for number, name in found.items()}
        except (AttributeError, ValueError):
            raise StateError("Redis holds something else where listed names should be") from None

    def save_listed(self, names: dict[int, str]) -> None:
        if names:
            self._ask("hset", self._prefix + "listed", mapping={str(n): name for n, name in names.items()})

    def asked(self) -> bytes | None:
        return _checked(self._ask("get", self._prefix + "asked"))

    def save_asked(self, what: bytes) -> None:
        self._ask("set", self._prefix + "asked", what[:ASKED_BYTES])

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _name(self, user: bytes, what: str = "count") -> str:
        return f"{self._prefix}{what}:{user.hex()}"

    def _ask(self, command: str, *arguments: object, **options: object) -> Any:
        return self._do(lambda client: getattr(client, command)(*arguments, **options))

    def _do(self, action: Callable[[Any], T]) -> T:
        """Do something with the client, within `ANSWER_SECONDS` and half of what the request has left."""
        if self._silent:
            raise StateError("Redis has not answered in time before")
        try:
            wait = min(ANSWER_SECONDS, deadline.remaining() / 2)
        except SourceUnavailable:
            wait = LATE_SECONDS
        try:
            return copy_context().run(self._do_within, wait, action)
        except (MissingPackage, StateError):
            raise
        except Exception as error:
            if isinstance(error, SourceUnavailable) or type(error).__name__ == "TimeoutError":
                # Further questions would only take from the time that the sources have.
                self._silent = True
                raise StateError("Redis does not answer in time") from None
            # Its text may quote the URL, which holds a password.
            raise StateError(f"Redis does not answer ({type(error).__name__})") from None

    def _do_within(self, seconds: float, action: Callable[[Any], T]) -> T:
        deadline.start(seconds)
        if self._client is None:
            try:
                from . import redisconnection  # heavy: only where it is configured
            except ImportError:
                raise MissingPackage("redis", "a state in Redis") from None
            self._client = redisconnection.client(self._url)
        return action(self._client)
