"""psycopg's connection, held to the deadline also where the network or the server goes silent.

Imported when the first connection is made: psycopg takes longer to load than all the rest of a request.
"""

from __future__ import annotations

import select
from collections.abc import Generator
from typing import Any

import psycopg

from .... import deadline


class ListCursor(psycopg.ServerCursor[Any]):
    """A cursor on the server, without psycopg's warning if it is left open: the transaction ends right after it."""

    def __del__(self, *_: object) -> None:
        pass


class Connection(psycopg.Connection[Any]):
    """A connection whose waiting ends with the deadline; psycopg's own time-outs are of two seconds and more, or none.

    psycopg waits for what generators tell it to. They wait here before they do, so that nothing is left to wait for.
    """

    @classmethod
    def _connect_gen(cls, *args: Any, **options: Any) -> Generator[Any, Any, Any]:
        return _limited(super()._connect_gen(*args, **options))

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:
        """Wait for an operation (psycopg's documented point of extension)."""
        return super().wait(_limited(gen, self.pgconn.socket), *args, **options)


connect = Connection.connect

_EVENTS = ((1, select.POLLIN), (2, select.POLLOUT))  # of psycopg.waiting.Wait


def _limited(operation: Generator[Any, Any, Any], socket: int = -1) -> Generator[Any, Any, Any]:
    try:
        wanted = next(operation)
        while True:
            # While it connects an operation also says on which socket.
            number, state = wanted if isinstance(wanted, tuple) else (socket, wanted)
            poll = select.poll()
            poll.register(number, sum(event for bit, event in _EVENTS if state & bit))
            while not poll.poll(deadline.seconds_until() * 1000):
                pass  # the next look at the clock raises TimeoutError
            wanted = operation.send((yield wanted))
    except StopIteration as end:
        return end.value
