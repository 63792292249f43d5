"""Users in an SQL database, by the administrator's own queries."""

from __future__ import annotations

from ...errors import AISError, ConfigError, SourceError
from ...options import check_login
from ...passwords import census, verify
from .. import Source
from ..rows import columns_of, users_of
from .drivers import Connection, Driver, fetched, headings
from .query import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ...passwords.counting import Count
    from ...user import User
    from .. import Login


def sql(
    driver: str,
    *,
    database: str | None = None,
    host: str | Sequence[str] | None = None,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    tls: bool | str | None = None,
    list_query: str,
    auth_query: str | None = None,
    alias_query: str | None = None,
    alias_domain_query: str | None = None,
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
    options: Mapping[str, Any] | None = None,
) -> SqlSource:
    """List users and check passwords in an SQL database.

    Args:
        driver: ``sqlite``, ``postgresql``, ``mysql`` (MariaDB too), ``mssql``, ``odbc``, ``oracle``, or the dotted name
            of any PEP 249 module.
        database: name of the database; for SQLite its file, relative to the configuration file; for Oracle the
            service name.
        host: server, ``localhost`` unless given; a path is that of a Unix socket. Several are tried in order, and
            share the time that the request has.
        port: its port, where it is not the usual one.
        user: name to connect as.
        password: password to connect with.
        tls: True asks for TLS and a certificate that the system's CAs have signed for this host name; a path, relative
            to the configuration file, is a file of CA certificates instead; False is no TLS. Without it the driver
            decides, and nothing is verified.
        list_query: gives the columns userName and, if there are any, fullName, distinguishedName, emailAddresses;
            matched without regard to case and underscores. Several rows for one user add up.
        auth_query: gives the stored password of ``:user`` in its first column. If it uses ``:pass`` too, the
            database verifies, and a row means yes, unless it says NULL, 0 or false. Needed unless there is a login.
        alias_query: gives the columns address and targets, whose text may be a list as in emailAddresses. Users get
            the addresses that lead to them: to an address that list_query gives, or to their userName. Rows for one
            address add up. A row whose targets are NULL reserves its address, so that nobody else gets it: give the
            mailboxes so that exist and are not listed, such as disabled ones.
        alias_domain_query: gives the columns alias_domain and target_domain: what is sent to a name in the first
            arrives in the second.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead, of the users that auth_query has a row for; without auth_query, of those
            that are listed.
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
    if auth_query is None and login is None:
        raise ConfigError("sql(): auth_query is missing: passwords are checked by it, or else by login")
    check_login("sql()", login)
    if default_scheme is not None or password_charset is not None:
        from ..stored import check_options  # here, because most databases need neither

        check_options("sql()", default_scheme, password_charset)
    return SqlSource(
        driver_for(driver, connection),
        list_query=list_query,
        auth_query=auth_query,
        alias_query=alias_query,
        alias_domain_query=alias_domain_query,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


_SERVERS = {
    "postgresql": "Postgresql",
    "mysql": "Mysql",
    "mssql": "Mssql",
    "odbc": "Odbc",
    "oracle": "Oracle",
}
"""The drivers for servers; each is a class in the module of its name, loaded only when it is named."""


def driver_for(name: str, connection: dict[str, Any]) -> Driver:
    """Return the driver.

    Args:
        name: first argument of `sql`.
        connection: its arguments about the connection.

    Raises:
        ConfigError: the name is none, or an argument cannot be used.
    """
    if name in ("sqlite", "sqlite3"):
        from .drivers.sqlite import Sqlite

        return Sqlite(name, connection)
    if name in _SERVERS:
        module = __import__(f"{__name__}.drivers.{name}", fromlist=[_SERVERS[name]])
        found: Driver = getattr(module, _SERVERS[name])(name, connection)
        return found
    if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
        return Driver(name, connection)
    raise ConfigError(f"sql(): driver must be sqlite, {', '.join(_SERVERS)} or the dotted name of a PEP 249 module")


NO = (None, 0, False, "", b"", "0", "f", "F", "false", b"\0", b"0")
"""What databases give for "no"; 0.0 and Decimal(0) equal 0."""


class SqlSource(Source):
    """See `sql`."""

    def __init__(
        self,
        driver: Driver,
        *,
        list_query: str,
        auth_query: str | None,
        alias_query: str | None,
        alias_domain_query: str | None,
        default_scheme: str | None,
        password_charset: str | None,
        login: Login | None,
    ) -> None:
        self.description = f"sql, {driver.name}"
        self._driver = driver
        self._list = self._query("list_query", list_query)
        self._auth = None if auth_query is None else self._query("auth_query", auth_query, ("user", "pass"))
        self._aliases = None if alias_query is None else self._query("alias_query", alias_query)
        self._domains = None if alias_domain_query is None else self._query("alias_domain_query", alias_domain_query)
        self._default_scheme = default_scheme
        self._password_charset = password_charset
        self._login = login
        self._sample: str | None = None
        if self._auth is not None and "user" not in self._auth.names:
            raise ConfigError("sql(): auth_query must use :user, or one user's password would let everybody in")
        self._verifies = self._auth is not None and "pass" in self._auth.names
        if login is not None and self._verifies:
            raise ConfigError("sql(): auth_query uses :pass and there is a login: leave one of them out")

    def _query(self, option: str, text: str, known: tuple[str, ...] = ()) -> Query:
        return Query(text, f"sql(): {option}", known, **self._driver.syntax)

    def users(self) -> Iterator[User]:
        """Run list_query, and the queries for aliases before it."""
        with Connection(self._driver) as connection:
            if self._aliases is None and self._domains is None:
                yield from self._users(connection)
                return
            if self._driver.name == "sqlite":
                connection.execute("BEGIN")  # the queries see one state; other databases begin by themselves
            aliases = self._pairs(connection, self._aliases, "alias_query", "address", "targets")
            domains = self._pairs(connection, self._domains, "alias_domain_query", "alias_domain", "target_domain")
            from .aliases import give_addresses  # here, because most lists have no aliases

            yield from give_addresses(self._users(connection), aliases, domains)

    def authenticate(self, user: str, password: str) -> bool | None:
        """Run auth_query; ask the login where there is one."""
        if self._login is not None:
            return self._login.verify(user, password) if self._knows(user) else None
        with Connection(self._driver) as connection:
            found = self._stored(connection, user, password)
            if not found and not self._verifies:
                self._sample = self._any_stored(connection)
        if not found:
            return None
        if self._verifies:
            # A query such as SELECT count(*) has a row for a no, too.
            return True if any(value not in NO for value in found) else None
        if len(found) > 1:
            raise SourceError("auth_query gives different passwords for one user: make it give one row")
        return verify(found.pop(), password, user, self._default_scheme, self._password_charset)

    def schemes(self, names: Iterable[str]) -> list[Count]:
        """Run auth_query for each name."""
        if self._auth is None or self._verifies or self._login is not None:
            return []
        with Connection(self._driver) as connection:
            stored = [value for name in names for value in self._stored(connection, name, "")]
        return census(stored, self._default_scheme)

    def decoy(self, password: str) -> bool:
        """Check the password against that of some other user, found when this one was not."""
        if self._sample is None:
            return False
        try:
            verify(self._sample, password, "", self._default_scheme, self._password_charset)
        except AISError:
            return False
        return True

    def _knows(self, user: str) -> bool:
        if self._auth is None:
            return any(listed.user_name == user for listed in self.users())
        with Connection(self._driver) as connection:
            return bool(self._stored(connection, user, ""))

    def _users(self, connection: Any) -> Iterator[User]:
        cursor, columns = self._listed(connection)
        return users_of(fetched(cursor), columns, _row_of_list)

    def _listed(self, connection: Any) -> tuple[Any, dict[str, list[int]]]:
        cursor = self._driver.run(connection, self._list, {}, large=True)
        return cursor, columns_of(headings(cursor, "list_query"), "the result of list_query")

    def _pairs(self, connection: Any, query: Query | None, option: str, *names: str) -> list[tuple[str | None, object]]:
        if query is None:
            return []
        from .aliases import pairs_of

        cursor = self._driver.run(connection, query, {}, large=True)
        return pairs_of(fetched(cursor), headings(cursor, option), names, option)

    def _stored(self, connection: Any, user: str, password: str) -> set[Any]:
        assert self._auth is not None  # noqa: S101  # who calls this has looked
        cursor = self._driver.run(connection, self._auth, {"user": user, "pass": password})
        headings(cursor, "auth_query")
        return {row[0] for row in cursor.fetchmany(2)}

    def _any_stored(self, connection: Any) -> str | None:
        """Return the stored password of a user that is listed; None when that is not easily had."""
        try:
            if self.listed and (found := self._stored(connection, self.listed, "")):
                return found.pop()  # type: ignore[no-any-return]
            cursor, columns = self._listed(connection)
            row = cursor.fetchone()
            cursor.close()
            return next(iter(self._stored(connection, str(row[columns["userName"][0]]), "")), None) if row else None
        except Exception:
            return None  # no reason to refuse an answer that is known


def _row_of_list(number: int) -> str:
    return f"row {number} of list_query"
