"""redis-py's connections, held to the deadline.

Imported when the first connection is made: redis-py takes longer to load than all the rest of a request. Its own
time-outs begin anew with each piece that arrives, and it waits for a name server as long as that takes.
"""

from __future__ import annotations

import redis

from .. import deadline
from ..network.sockets import connected

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Any


def client(url: str) -> redis.Redis:
    """Return a client, which connects when it is first asked.

    Args:
        url: as redis-py reads it; its connections wait no longer than `deadline.remaining`.

    Raises:
        Exception: redis-py's own, when it cannot read the URL.
    """
    kind = {"rediss": _Tls, "unix": _Unix}.get(url.partition(":")[0], _Tcp)
    # redis-py before 6 does not look at the name in the certificate by itself.
    tls = {"ssl_check_hostname": True} if kind is _Tls else {}
    wait = deadline.remaining()  # for what redis-py does before and beside the sockets below
    return redis.Redis.from_url(
        url,
        connection_class=kind,
        socket_timeout=wait,
        socket_connect_timeout=wait,
        protocol=2,
        retry=None,
        **tls,
    )


class _Held:
    """A socket whose waits end with the deadline; what is not below is as it is without."""

    def __init__(self, held: socket.socket) -> None:
        self._held = held

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)

    def _limit(self) -> None:
        # With 0, redis-py looks whether something has come, and does not wait.
        if self._held.gettimeout() != 0:
            self._held.settimeout(deadline.seconds_until())

    def recv(self, *arguments: Any) -> bytes:
        """Read what has arrived."""
        self._limit()
        return self._held.recv(*arguments)

    def recv_into(self, *arguments: Any) -> int:
        """Read what has arrived."""
        self._limit()
        return self._held.recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        """Write all of it."""
        self._limit()
        self._held.sendall(*arguments)


class _ConnectionInTime(redis.Connection):
    def _connect(self) -> Any:
        return connected(self.host, self.port)  # where redis-py calls getaddrinfo


class _Tcp(_ConnectionInTime):
    def _connect(self) -> Any:
        return _Held(super()._connect())


class _Tls(redis.SSLConnection, _ConnectionInTime):
    # SSLConnection puts TLS around the socket of the class that comes after it, which is _ConnectionInTime.
    def _connect(self) -> Any:
        return _Held(super()._connect())  # type: ignore[no-untyped-call]


class _Unix(redis.UnixDomainSocketConnection):
    def _connect(self) -> Any:
        return _Held(super()._connect())  # type: ignore[no-untyped-call]
