"""Looks host names up, and stops waiting with the request's deadline.

The system's resolver cannot be told how long to wait: with a name server that is silent, it takes what resolv.conf(5)
says, for each server and attempt. So it runs in a thread that is abandoned at the deadline.
"""

from __future__ import annotations

import _thread  # not threading: a login under CGI need not load it

from .. import deadline
from ..errors import SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from typing import Any

    Found = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]


class NamesUnanswered(SourceUnavailable):
    """No name server answers in time."""


def addresses(host: str, port: int, ends: float | None = None) -> Found:
    """Return the addresses of a host for TCP, as socket.getaddrinfo does.

    Args:
        host, port: its name or IP address, and the port that the addresses get.
        ends: when waiting ends, as for `deadline.seconds_until`.

    Raises:
        socket.gaierror: there is no address for this name.
        NamesUnanswered: there is no answer in time.
        TimeoutError: the time is over before the question.
    """
    import socket

    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass  # a name
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "this is no name of a host") from None
    seconds = deadline.seconds_until(ends)
    found: list[Found | Exception] = []
    done = _thread.allocate_lock()
    done.acquire()

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.append(error)
        done.release()

    try:
        _thread.start_new_thread(look_up, ())
    except RuntimeError:
        raise NamesUnanswered(f"no thread can be started to look up {host}: this user has too many") from None
    if not done.acquire(timeout=seconds):
        raise NamesUnanswered(f"no name server says in time what the address of {host} is")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
