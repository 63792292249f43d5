"""The state in an SQLite file: safe for many processes, private, and made anew when it is damaged."""

from __future__ import annotations

import time

from .. import deadline, packages
from ..errors import SourceUnavailable
from ..options import absolute, parent
from ..packages import posix
from .store import ASKED_BYTES, Failures, Marker, StateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import Any
else:
    sqlite3 = packages.load_sqlite3()

BUSY_SECONDS = 2.0
"""How long to wait for other processes."""

ROWS = 10_000
"""Users whose failed logins are kept; more come only from somebody who makes names up."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS failures (user BLOB PRIMARY KEY, count INTEGER, since REAL, wrong BLOB) WITHOUT ROWID",
)
WITHIN = "since BETWEEN :now - :window AND :now + :window"
"""Whether a window is still open. It may have begun after now was read, in another process that got the lock first; one
that begins far in the future was made by a clock that has been set back."""

DAMAGED = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB


class SqliteStore:
    """A `Store` in a file.

    Args:
        path: the file; made with mode 0600 when it is missing. Beside it, PATH.TENANT.tripped marks a tripped guard, so
            that not even the loss of the file lets a short list through.
        tenant: keeps configurations apart that use one file.
            PATH.TENANT.asked holds the last question for a list: each one writes it, and a write to the database would
            wait four times for the disk.
        warn: is told when a damaged file is put aside.
    """

    def __init__(self, path: str, tenant: str = "", warn: Callable[[str], None] | None = None) -> None:
        self._path = path
        self._warn = warn
        beside = f"{path}.{tenant}" if tenant else path
        self._marker, self._asked = Marker(f"{beside}.tripped"), f"{beside}.asked"
        self._tenant = f" {tenant}"
        self._connection: Any = None

    def key(self) -> bytes:
        while (found := self._fact("key")) is None:
            self._rows("INSERT OR IGNORE INTO facts VALUES (?, ?)", ("key" + self._tenant, posix.urandom(32)))
        return found

    def last_list(self) -> bytes | None:
        return self._fact("list")

    def save_list(self, digests: bytes) -> None:
        self._rows("INSERT OR REPLACE INTO facts VALUES (?, ?)", ("list" + self._tenant, digests))
        self._marker.clear()

    def tripped(self) -> bool:
        return self._marker.is_set()

    def trip(self) -> None:
        self._marker.set()

    def failures(self, user: bytes, window: float) -> Failures:
        rows = self._rows(
            f"SELECT count, wrong FROM failures WHERE user = :user AND {WITHIN}",
            {"user": user, "now": time.time(), "window": window},
        )
        return Failures(rows[0][0], bytes(rows[0][1])) if rows else Failures()

    def add_failure(self, user: bytes, wrong: bytes, window: float) -> None:
        values = {"user": user, "wrong": wrong, "now": time.time(), "window": window}
        self._rows(
            "INSERT INTO failures VALUES (:user, 1, :now, :wrong) ON CONFLICT (user) DO UPDATE SET wrong = :wrong,"
            f" count = CASE WHEN {WITHIN} THEN count + 1 ELSE 1 END,"
            f" since = CASE WHEN {WITHIN} THEN since ELSE :now END",
            values,
        )
        (count,) = self._rows("SELECT count(*) FROM failures")[0]
        if count > ROWS:
            # A user under attack has many failures; names made up have one each and go first.
            self._rows(f"DELETE FROM failures WHERE NOT {WITHIN}", values)
            self._rows(
                "DELETE FROM failures WHERE user IN (SELECT user FROM failures ORDER BY count, since LIMIT"
                " max(0, (SELECT count(*) FROM failures) - ?))",
                (ROWS * 9 // 10,),
            )

    def forget_failures(self, user: bytes) -> None:
        self._rows("DELETE FROM failures WHERE user = ?", (user,))

    def lessen_failures(self, user: bytes, count: int) -> None:
        self._rows("UPDATE failures SET count = max(0, count - ?) WHERE user = ?", (count, user))

    def listed(self) -> dict[int, str]:
        begin = f"listed{self._tenant} "
        rows = self._rows("SELECT name, value FROM facts WHERE name >= ? AND name < ?", (begin, begin + "~"))
        return {int(name[len(begin) :]): value for name, value in rows if name[len(begin) :].isdecimal()}

    def save_listed(self, names: dict[int, str]) -> None:
        for number, name in names.items():
            self._rows("INSERT OR REPLACE INTO facts VALUES (?, ?)", (f"listed{self._tenant} {number}", name))

    def asked(self) -> bytes | None:
        try:
            # A link, or a pipe that somebody has laid there, is not followed or waited for.
            flags = posix.O_RDONLY | posix.O_NOFOLLOW | posix.O_NONBLOCK
            with open(self._asked, "rb", opener=lambda path, _: posix.open(path, flags)) as file:
                return file.read(ASKED_BYTES).rstrip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{self._asked} cannot be read: {error.strerror}") from None

    def save_asked(self, what: bytes) -> None:
        handle = _open_private(self._asked)
        try:
            posix.write(handle, what[:ASKED_BYTES].ljust(ASKED_BYTES))  # always as many, so that nothing old is left
        except OSError as error:
            raise StateError(f"{self._asked} cannot be written: {error.strerror}") from None
        finally:
            posix.close(handle)

    def _fact(self, name: str) -> bytes | None:
        rows = self._rows("SELECT value FROM facts WHERE name = ?", (name + self._tenant,))
        return bytes(rows[0][0]) if rows else None

    def _rows(self, sql: str, values: Any = ()) -> Sequence[tuple[Any, ...]]:
        """Run a statement; a damaged file is put aside and made anew."""
        try:
            return self._run(sql, values)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGED:
                raise StateError(f"the state {self._path}: {error}") from None
        self.close()
        try:
            posix.replace(self._path, self._path + ".damaged")
            if self._warn is not None:
                self._warn(
                    f"the state {self._path} is damaged; it is now {self._path}.damaged, and a new one is made: "
                    "the guard does not know the last list any more, and failed logins are forgotten"
                )
            return self._run(sql, values)
        except (sqlite3.Error, OSError) as error:
            raise StateError(f"the state {self._path} is damaged and cannot be replaced: {error}") from None

    def _run(self, sql: str, values: Any) -> Sequence[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._open()
        rows: Sequence[tuple[Any, ...]] = self._connection.execute(sql, values).fetchall()
        return rows

    def _open(self) -> Any:
        posix.close(_open_private(self._path))
        try:
            wait = min(BUSY_SECONDS, deadline.remaining())
        except SourceUnavailable:
            wait = 0.0
        connection = sqlite3.connect(self._path, timeout=wait, isolation_level=None)
        try:
            for statement in SCHEMA:
                connection.execute(statement)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _open_private(path: str) -> int:
    """Open the file, or make it, for this user alone; refuse a link, and a file that somebody else has laid there."""
    try:
        handle = posix.open(path, posix.O_RDWR | posix.O_CREAT | posix.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StateError(
            f"the state {path} cannot be opened ({error.strerror}): its folder must be writable for this user"
        ) from None
    try:
        _keep_private(path, handle)
    except BaseException:
        posix.close(handle)
        raise
    return handle


def _keep_private(path: str, handle: int) -> None:
    try:
        status = posix.fstat(handle)
        if posix.geteuid() == 0:
            if status.st_size == 0:
                # Made by an administrator at the command line: it belongs to the owner of the folder.
                folder = posix.stat(parent(absolute(path)))
                posix.fchown(handle, folder.st_uid, folder.st_gid)
        elif status.st_uid != posix.geteuid():
            raise StateError(f"the state {path} belongs to another user")
        if status.st_mode & 0o077:
            posix.fchmod(handle, 0o600)
    except OSError as error:
        raise StateError(f"the state {path}: {error.strerror}") from None
