"""Whether the server keeps a connection that is silent for some seconds."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection, HTTPException

from .transport import Target

SILENCE_SECONDS = 6.2
"""lighttpd closes a connection at the first tick of its clock after 5 seconds of silence: after 6 at the latest."""

AT_ONCE_SECONDS = 0.5
"""A server that closes a connection so soon does not keep it."""


def loses_requests(target: Target, body: bytes, authorization: str) -> bool:
    """Whether the server closes a kept connection when a client's next request may be on its way.

    A client that finds the connection closed opens another one. But a request that arrives just then is lost, and .NET
    does not repeat a POST.

    Args:
        target: where, a server that has not said for how long it keeps connections.
        body: a form that may be sent twice.
        authorization: see `Target.ask`.
    """
    with closing(target.connection()) as connection:
        try:
            connection.connect()
            target.exchange(connection, "POST", target.path, body, authorization)
        except (OSError, HTTPException):
            return False  # another fault, which other requests would have shown
        if _is_closed_within(connection, AT_ONCE_SECONDS):
            return False
        if _is_closed_within(connection, SILENCE_SECONDS - AT_ONCE_SECONDS):
            return True
        try:
            target.exchange(connection, "POST", target.path, body, authorization)
        except TimeoutError:
            return False
        except (OSError, HTTPException):
            return True
    return False


def _is_closed_within(connection: HTTPConnection, seconds: float) -> bool:
    if connection.sock is None:
        return True
    connection.sock.settimeout(seconds)
    try:
        connection.sock.recv(1)
    except TimeoutError:
        connection.sock.settimeout(connection.timeout)
        return False
    except OSError:
        pass
    return True
