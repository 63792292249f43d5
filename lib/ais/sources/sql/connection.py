"""A connection to a database for one question of a source."""

from __future__ import annotations

from contextvars import ContextVar

from ...errors import AISError, SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .drivers.generic import Driver
    from .drivers.keeping import Keeper

keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)
"""Keeps connections for further requests; None in a process that answers one."""


class MissingTable(SourceError):
    """A query names a table that the database does not have."""


class Connection:
    """A connection for one question; whatever the driver raises inside becomes an error of ours."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._keeper = keeper.get()

    def __enter__(self) -> Any:
        try:
            self._connection = self._keeper.take(self._driver) if self._keeper else self._driver.connect()
        except AISError:
            raise
        except Exception as error:
            raise self._driver.fault(error) from None
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if not self._keeper or not self._keeper.give_back(self._connection, error is None):
                self._connection.close()
        except Exception:  # noqa: S110
            pass  # nothing was written; what there was to read has been read
        if isinstance(error, Exception) and not isinstance(error, AISError):
            # MySQL's ER_NO_SUCH_TABLE, PostgreSQL's undefined_table, SQLite; asked first, since fault() empties it.
            missing = error.args[:1] == (1146,) or getattr(error, "sqlstate", None) == "42P01"
            missing = missing or str(error).startswith("no such table: ")
            fault = self._driver.fault(error)
            raise (MissingTable(str(fault)) if missing else fault) from None


def headings(cursor: Any, option: str) -> list[str]:
    """Return the names of the columns of a result.

    Raises:
        SourceError: the query gives no rows.
    """
    if cursor.description is None:
        raise SourceError(f"{option} gives no rows: write a SELECT")
    return [column[0] for column in cursor.description]


def fetched(cursor: Any) -> Iterator[Sequence[object]]:
    """Give the rows of a result, fetched many at a time."""
    while rows := cursor.fetchmany(500):
        yield from rows
