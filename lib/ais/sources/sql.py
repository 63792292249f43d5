"""Users in an SQL database, by the administrator's own queries."""

from __future__ import annotations

from ..errors import AISError, SourceError
from ..passwords import verify
from . import Source
from .drivers import driver_for
from .parameters import Query
from .rows import columns_of, users_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ..user import User
    from .drivers.generic import Driver


def sql(
    driver: str,
    *,
    database: str | None = None,
    host: str | Sequence[str] | None = None,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    tls: object = None,
    list_query: str,
    auth_query: str,
    default_scheme: str | None = None,
    password_charset: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> SqlSource:
    """List users and check passwords in an SQL database.

    Args:
        driver: ``sqlite``, or the dotted name of any PEP 249 module.
        database: name of the database; for SQLite its file, relative to the configuration file.
        host: server, or several that are tried in order.
        port: its port, where it is not the usual one.
        user: name to connect as.
        password: password to connect with.
        list_query: gives the columns userName and, if there are any, fullName, distinguishedName, emailAddresses;
            matched without regard to case and underscores. Several rows for one user add up.
        auth_query: gives the stored password of ``:user`` in its first column. If it uses ``:pass`` too, the
            database verifies, and a row means yes.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        options: further arguments for the driver's ``connect``, as they are.

    Raises:
        ConfigError: an argument cannot be used.
    """
    connection = {
        "database": database,
        "host": host,
        "port": port,
        "user": user,
        "password": password,
        "tls": tls,
        "options": dict(options or {}),
    }
    return SqlSource(
        driver_for(driver, connection),
        list_query=list_query,
        auth_query=auth_query,
        default_scheme=default_scheme,
        password_charset=password_charset,
    )


class SqlSource(Source):
    """See `sql`."""

    def __init__(
        self,
        driver: Driver,
        *,
        list_query: str,
        auth_query: str,
        default_scheme: str | None,
        password_charset: str | None,
    ) -> None:
        self.description = f"sql, {driver.name}"
        self._driver = driver
        self._list = Query(list_query, "sql(): list_query", (), **driver.syntax)
        self._auth = Query(auth_query, "sql(): auth_query", ("user", "pass"), **driver.syntax)
        self._default_scheme = default_scheme
        self._password_charset = password_charset
        self._sample: str | None = None

    def users(self) -> Iterable[User]:
        """Run list_query."""
        with _Connection(self._driver) as connection:
            cursor, columns = self._listed(connection)
            return users_of(_fetched(cursor), columns, lambda number: f"row {number} of list_query")

    def authenticate(self, user: str, password: str) -> bool | None:
        """Run auth_query."""
        with _Connection(self._driver) as connection:
            found = self._stored(connection, user, password)
            if not found and "pass" not in self._auth.names:
                self._sample = self._any_stored(connection)
        if not found:
            return None
        if "pass" in self._auth.names:
            return True
        if len(found) > 1:
            raise SourceError("auth_query gives different passwords for one user: make it give one row")
        return verify(found.pop(), password, user, self._default_scheme, self._password_charset)

    def decoy(self, password: str) -> bool:
        """Check the password against that of some other user, found when this one was not."""
        if self._sample is None:
            return False
        try:
            verify(self._sample, password, "", self._default_scheme, self._password_charset)
        except AISError:
            return False
        return True

    def _listed(self, connection: Any) -> tuple[Any, dict[str, list[int]]]:
        cursor = self._driver.run(connection, self._list, {}, large=True)
        if cursor.description is None:
            raise SourceError("list_query gives no rows: write a SELECT")
        return cursor, columns_of([column[0] for column in cursor.description], "the result of list_query")

    def _stored(self, connection: Any, user: str, password: str) -> set[Any]:
        cursor = self._driver.run(connection, self._auth, {"user": user, "pass": password})
        if cursor.description is None:
            raise SourceError("auth_query gives no rows: write a SELECT")
        return {row[0] for row in cursor.fetchmany(2)}

    def _any_stored(self, connection: Any) -> str | None:
        """Return the stored password of a user that is listed; None when that is not easily had."""
        try:
            cursor, columns = self._listed(connection)
            row = cursor.fetchone()
            cursor.close()
            return next(iter(self._stored(connection, str(row[columns["userName"][0]]), "")), None) if row else None
        except Exception:
            return None  # no reason to refuse an answer that is known


class _Connection:
    """A connection for one question; whatever the driver raises inside becomes an error of ours."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def __enter__(self) -> Any:
        try:
            self._connection = self._driver.connect()
        except AISError:
            raise
        except Exception as error:
            raise self._driver.fault(error) from None
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._connection.close()
        except Exception:  # noqa: S110
            pass  # nothing was written; what there was to read has been read
        if isinstance(error, Exception) and not isinstance(error, AISError):
            raise self._driver.fault(error) from None


def _fetched(cursor: Any) -> Iterator[Sequence[object]]:
    while rows := cursor.fetchmany(500):
        yield from rows
