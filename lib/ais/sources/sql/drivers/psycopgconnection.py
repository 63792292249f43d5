"""psycopg's connection, held to the deadline also where the network or the server goes silent.

Imported when the first connection is made: psycopg takes longer to load than all the rest of a request.
"""

from __future__ import annotations

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

    It waits for generators that are resumed every tenth of a second, and that is where the clock is looked at.
    """

    @classmethod
    def _connect_gen(cls, *args: Any, **options: Any) -> Generator[Any, Any, Any]:
        return _limited(super()._connect_gen(*args, **options))

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:
        """Wait for an operation (psycopg's documented point of extension)."""
        return super().wait(_limited(gen), *args, **options)


connect = Connection.connect


def _limited(operation: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    try:
        wanted = next(operation)
        while True:
            ready = yield wanted
            deadline.seconds_until()
            wanted = operation.send(ready)
    except StopIteration as end:
        return end.value
