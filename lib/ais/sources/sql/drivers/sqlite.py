"""SQLite, opened for reading only."""

from __future__ import annotations

from .... import deadline, options, packages
from ....errors import AISError, ConfigError, SourceError, SourceUnavailable
from ....packages import posix
from . import Driver, MissingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..query import Query
else:
    sqlite3 = packages.load_sqlite3()

_INSTRUCTIONS = 20_000  # of SQLite's machine between two looks at the clock, about a millisecond


class Sqlite(Driver):
    """An SQLite file; `database` is its path."""

    syntax = {"brackets": True}  # noqa: RUF012  # never changed
    paramstyle = "named"
    is_kept = in_time = True

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        super().__init__(name, connection)
        database = connection["database"]
        if not isinstance(database, str) or not database or "://" in database:
            raise ConfigError("sql(): database must be the path of the SQLite file")
        for option in ("host", "port", "user", "password", "tls"):
            if connection[option] is not None:
                raise ConfigError(f"sql(): SQLite has no option {option}: leave it out")
        self._path = options.path(database)
        self.user_files = [self._path]
        self._waits: dict[int, int] = {}  # milliseconds that each connection, by its id, waits where the file is locked

    def connect(self) -> Any:
        """Open the file; SourceError where it is not there or may not be read."""
        try:
            # SQLite itself says no more than "unable to open database file".
            posix.close(posix.open(self._path, posix.O_RDONLY))
        except OSError as error:
            raise SourceError(f"the SQLite file {self._path} cannot be opened: {error.strerror}") from None
        # https://www.sqlite.org/uri.html: these three characters have a meaning.
        quoted = self._path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        # One thread at a time is enough for SQLite; the next request may run in another one.
        given = {"timeout": deadline.remaining(), "isolation_level": None, "check_same_thread": False}
        try:
            connection = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, **(given | self.arguments["options"]))
        except (TypeError, ValueError):
            raise ConfigError("sql(): options holds what Python's sqlite3.connect() does not take") from None
        connection.set_progress_handler(_is_over, _INSTRUCTIONS)
        self._waits.pop(id(connection), None)
        return connection

    def mark(self) -> object:
        """Return a mark that changes when the file is replaced, or when somebody writes into it.

        SQLite's own cache believes a change counter that a file which was copied over this one may share.
        """
        try:
            found = posix.stat(self._path)
        except OSError:
            return object()  # like no other
        return found.st_dev, found.st_ino, found.st_ctime_ns

    def works(self, connection: Any, unused: float) -> bool:
        """Give a kept connection the time that the request has; an open file always works."""
        # In tenths of a second: nearly every request has the same, and few different statements fill SQLite's cache.
        wait = int(deadline.remaining() * 10) * 100
        if self._waits.get(id(connection)) != wait:
            connection.execute(f"PRAGMA busy_timeout = {wait}")
            self._waits[id(connection)] = wait
        return True

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query and return its cursor."""
        try:
            return super().run(connection, query, values, large)
        except (sqlite3.ProgrammingError, sqlite3.Warning) as error:
            if getattr(error, "sqlite_errorcode", 0):
                raise  # SQLite's own; without a code it is Python's, which has looked at the query
            what = "must be one statement, with no parameters but :user and :pass of auth_query"
            raise SourceError(f"{query.option} {what}") from None

    def rows(self, connection: Any, cursor: Any) -> Iterator[Sequence[object]]:
        """Give the rows of a result, each when it is asked for: SQLite makes them one by one."""
        rows: Iterator[Sequence[object]] = cursor
        return rows

    def fault(self, error: Exception) -> AISError:
        """Return what an exception of sqlite3 means (https://www.sqlite.org/rescode.html)."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if code in (5, 6):
            return SourceUnavailable(f"the SQLite file {self._path} is locked by another program")
        if code == 9:
            return SourceUnavailable("the query took longer than the request's timeout")
        if code in (11, 26):
            return SourceError(f"the SQLite file {self._path} is damaged or no SQLite database ({name})")
        if code in (1, 17):  # a query without FROM fails with the second
            # It names a table, a column or a word of the query, never a bound value. A literal may be a site's secret.
            text = str(error)
            kind = MissingTable if text.startswith("no such table: ") else SourceError
            return kind(f"SQLite refuses the query{'' if chr(39) in text else ': ' + text}")
        if code == 8:
            return SourceError("the query tries to write; a query of a source may only read")
        return SourceUnavailable(f"the SQLite file {self._path} cannot be read ({name})")


def _is_over() -> int:
    try:
        deadline.remaining()
    except SourceUnavailable:
        return 1
    return 0
