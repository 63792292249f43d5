"""redis-py's connections, held to the deadline.

Imported when the first connection is made: redis-py takes longer to load than all the rest of a request. Its own
time-outs begin anew with each piece that arrives, and it waits for a name server as long as that takes.
"""

from __future__ import annotations

import redis

from .. import deadline
from ..network.sockets import TimedTlsSocket, connect, connect_unix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def client(url: str) -> redis.Redis:
    """Return a client, which connects when it is first asked, and waits no longer than `deadline.remaining`."""
    kind = {"rediss": _Tls, "unix": _Unix}.get(url.partition(":")[0], _Tcp)
    # redis-py before 6 does not look at the name in the certificate by itself.
    tls = {"ssl_check_hostname": True} if kind is _Tls else {}
    wait = deadline.remaining()  # for what redis-py does before and beside the sockets below
    return redis.Redis.from_url(
        url, connection_class=kind, socket_timeout=wait, socket_connect_timeout=wait, protocol=2, retry=None, **tls
    )


class _Tcp(redis.Connection):
    def _connect(self) -> Any:
        return connect(self.host, self.port)  # where redis-py calls getaddrinfo


class _Tls(redis.SSLConnection, _Tcp):
    # SSLConnection puts TLS around the socket of the class that comes after it, which is _Tcp.
    def _connect(self) -> Any:
        wire = super()._connect()  # type: ignore[no-untyped-call]
        wire.__class__ = TimedTlsSocket  # redis-py has made an ssl.SSLSocket
        return wire


class _Unix(redis.UnixDomainSocketConnection):
    def _connect(self) -> Any:
        return connect_unix(self.path)
