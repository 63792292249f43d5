"""Users in an SQL database, by the administrator's own queries."""

from __future__ import annotations

from _contextvars import ContextVar  # contextvars itself is Python code that a request need not load

from ...errors import AISError, ConfigError, SourceError
from ...options import check_login
from ...passwords import census, verify
from .. import Source, check_stored, keeps_time
from ..rows import columns_of, give_addresses, make_users, name_in, plain, says_no
from .drivers import Connection, Driver, driver_for
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
        host: server, ``localhost`` unless given, or the path of a Unix socket. Several are tried in order.
        port: its port, where it is not the usual one.
        user: name to connect as.
        password: password to connect with.
        tls: True asks for TLS and a certificate that the system's CAs have signed for this host name; a path, relative
            to the configuration file, is a file of CA certificates instead; False is no TLS. Without it the driver
            decides, and nothing is verified.
        list_query: gives the columns userName and, if there are any, fullName, distinguishedName, emailAddresses;
            matched without regard to case and underscores. Several rows for one user add up.
        auth_query: gives the stored password of ``:user`` in its first column. If it uses ``:pass`` too, the database
            verifies: rows mean yes, unless the first column of one says no (NULL, nothing, 0, false, f, no, n, off,
            nein). A further column userName is the user's name in the list: rows of other users do not count.
            Needed unless there is a login.
        alias_query: gives the columns address and targets, whose text may be a list as in emailAddresses. Users get
            the addresses that lead to an address of theirs or to their userName. Rows for one address add up. Targets
            of NULL reserve the address, so that nobody gets it: for mailboxes that are not listed, as disabled ones.
        alias_domain_query: gives alias_domain and target_domain: what is sent to a name in one arrives in the other.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead, of users that auth_query has a row for; without auth_query, of listed ones.
        options: further arguments for the driver's ``connect``, as they are.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if auth_query is None and login is None:
        raise ConfigError("sql(): auth_query is missing: passwords are checked by it, or else by login")
    check_login("sql()", login)
    check_stored("sql()", default_scheme, password_charset)
    connection = {"database": database, "host": host, "port": port, "tls": tls, "options": options or {}}
    connection |= {"user": user, "password": password}
    queries = {"list_query": list_query, "auth_query": auth_query}
    queries |= {"alias_query": alias_query, "alias_domain_query": alias_domain_query}
    return SqlSource(driver_for(driver, connection), queries, login, default_scheme, password_charset)


_samples: ContextVar[dict[int, Any] | None] = ContextVar("samples", default=None)
"""The stored passwords that decoys use, by the id of the source. What no decoy took goes with the request's context."""


class SqlSource(Source):
    """The users of one database; `sql` says what the queries are."""

    any_spelling = False  # whether it is left to auth_query by which spellings of the name a user may log in
    _gives_names = True  # whether auth_query has a column userName; known once it has run
    _columns: tuple[Sequence[str], dict[str, list[int]]] = (), {}  # of the last list: its headings, what they mean

    def __init__(
        self, driver: Driver, queries: Mapping[str, Any], login: Login | None, scheme: str | None, charset: str | None
    ) -> None:
        self.description, self._driver, self.user_files = f"sql, {driver.name}", driver, driver.user_files
        known = {"auth_query": ("user", "pass")}
        self._queries = {
            option: Query(query, f"sql(): {option}", known.get(option, ()), **driver.syntax)
            for option, query in queries.items()
            if query is not None or option == "list_query"
        }
        self._default_scheme, self._password_charset, self._login = scheme, charset, login
        self.safe_to_try, self.in_time = login is None, driver.in_time and keeps_time(login)
        parameters = self._queries["auth_query"].names if "auth_query" in self._queries else ["user"]
        if "user" not in parameters:
            raise ConfigError("sql(): auth_query must use :user, or one user's password would let everybody in")
        self._verifies = "pass" in parameters
        if login is not None and self._verifies:
            raise ConfigError("sql(): auth_query uses :pass and there is a login: leave one of them out")

    @property
    def unprotected(self) -> str:
        """What somebody between here and the server could get, in words for `check`; empty for nothing."""
        return self._driver.unprotected

    def users(self) -> Iterator[User]:
        """Run list_query, and the queries for aliases before it."""
        with Connection(self._driver) as connection:
            if self._queries.keys() <= {"list_query", "auth_query"}:
                yield from self._users(connection)
                return
            from .aliasrows import PAIRS, pairs_of  # here, because most lists have no aliases

            if self._driver.name == "sqlite":
                connection.execute("BEGIN")  # the queries see one state; other databases begin by themselves
            pairs: dict[str, Any] = dict.fromkeys(PAIRS, ())
            for option in filter(self._queries.get, PAIRS):
                cursor, names = self._run(connection, option)
                pairs[option] = pairs_of(self._driver.rows(connection, cursor), names, option)
            yield from give_addresses(self, self._users(connection), *pairs.values())

    def authenticate(self, user: str, password: str) -> bool | None:
        """Run auth_query; ask the login where there is one. Beside other sources a yes is for a listed name only."""
        with Connection(self._driver) as connection:
            found = self._look_up(connection, user, password)
            if not found and not self._verifies and self._login is None:
                _samples.set({**(_samples.get() or {}), id(self): self._some_password(connection)})
        if not found:
            return None
        if self._login is not None:
            right = self._login.verify(user, password)
        elif len(found) > 1:
            raise SourceError("auth_query gives different passwords for one user: make it give one row")
        else:
            right = self._verifies or verify(found[0], password, user, self._default_scheme, self._password_charset)
        return right if self.alone or self._gives_names or not right or self._lists(user) else None

    def _look_up(self, connection: Any, user: str, password: str) -> list[Any]:
        """Return a user's stored password, the database's yes to this one, or the user; two if they contradict."""
        if "auth_query" not in self._queries:
            # To the last: an error in the list is one here, too, and time does not tell where a user stands.
            return [listed for listed in self._users(connection) if listed.user_name == user]
        if not self._verifies:
            found = self._stored(connection, user)
            if found and self.listed:
                self._stored(connection, self.listed)  # as for an unknown user
            return found
        # A query such as SELECT count(*) has a row for a no, too.
        answers = [says_no(value) for value in self._first_column(connection, user, password)]
        return [] if any(answers) else answers[:1]

    def _lists(self, user: str) -> bool:
        """Say whether the list has this name letter by letter. Asked after a yes only, so that time tells nothing."""
        with Connection(self._driver) as connection:
            cursor, columns = self._listed(connection)
            found = any(name_in(row[columns["userName"][0]]) == user for row in self._driver.rows(connection, cursor))
            cursor.close()
            return found

    def schemes(self, names: Iterable[str]) -> list[Count] | None:
        """Run auth_query for each name."""
        if self._verifies or self._login is not None:
            return None
        with Connection(self._driver) as connection:
            stored = [value for name in names for value in self._stored(connection, name)]
        return census(stored, self._default_scheme)

    def decoy(self, password: str) -> bool:
        """Check the password against another user's, which was found when this user was not."""
        sample = (_samples.get() or {}).pop(id(self), None)
        if sample is None:
            return False
        try:
            verify(sample, password, "", self._default_scheme, self._password_charset)
        except AISError:
            return False
        return True

    def _users(self, connection: Any) -> Iterator[User]:
        cursor, columns = self._listed(connection)
        return make_users(self._driver.rows(connection, cursor), columns, "row {} of list_query".format)

    def _listed(self, connection: Any) -> tuple[Any, dict[str, list[int]]]:
        cursor, names = self._run(connection, "list_query")
        known = self._columns
        if known[0] != names:
            known = self._columns = names, columns_of(names, "the result of list_query")
        return cursor, known[1]

    def _first_column(self, connection: Any, user: str, password: str = "") -> Iterator[Any]:
        """Run auth_query and give what is in the first column, of the rows of this user if they say whose they are."""
        cursor, names = self._run(connection, "auth_query", {"user": user, "pass": password})
        at = next((position for position, name in enumerate(names) if position and plain(name) == "username"), 0)
        self._gives_names = at > 0
        for row in self._driver.rows(connection, cursor):
            if self.any_spelling or not at or name_in(row[at]) == user:
                yield row[0]

    def _run(self, connection: Any, option: str, values: dict[str, str] | None = None) -> tuple[Any, list[str]]:
        """Run a query; return its cursor and the names of its columns."""
        cursor = self._driver.run(connection, self._queries[option], values or {}, large=values is None)
        if (described := cursor.description) is None:
            raise SourceError(f"{option} gives no rows: write a SELECT")
        return cursor, [column[0] for column in described]

    def _stored(self, connection: Any, user: str) -> list[Any]:
        """Return what auth_query gives, each value once; two where it gives several."""
        found: list[Any] = []
        for value in self._first_column(connection, user):
            if value not in found:
                found.append(value)
            if len(found) > 1:
                break
        return found

    def _some_password(self, connection: Any) -> Any:
        """Return some user's stored password; None if getting one would cost too much."""
        from ...passwords.identify import as_text, identify

        try:
            for name in self._some_names(connection):
                for stored in self._stored(connection, name):
                    if stored and identify(as_text(stored), self._default_scheme):
                        return stored
        except Exception:  # noqa: S110
            pass  # no reason to refuse an answer that is known
        return None

    def _some_names(self, connection: Any) -> Iterator[str]:
        if self.listed:
            yield self.listed
        cursor, columns = self._listed(connection)
        rows = cursor.fetchmany(10)
        cursor.close()
        yield from (name_in(row[columns["userName"][0]]) for row in rows)
