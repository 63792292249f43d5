"""What the presets over `sql` share.

Each takes a driver, one of its ``DRIVERS``, and as keywords the arguments of `sql` about the connection, and
default_scheme, password_charset and login. It raises ConfigError where one cannot be used.

The queries are plain, and `ais.addresses` does the rest. In each alias_query, rows without targets reserve the address
of every mailbox, listed or not, so that no alias and no alias domain gives it to somebody else.
"""

from __future__ import annotations

from ..errors import ConfigError
from ..identity import fold
from ..options import explain_unknown
from ..sources import Source
from ..sources.sql import sql
from ..sources.sql.drivers import MissingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from ..passwords.counting import Count
    from ..user import User

TYPED = "COALESCE(:user, '')"
"""The name as typed at a login; a text, since PostgreSQL wants one type for all places of a parameter."""

ELSEWHERE = "'{CHECKED-ELSEWHERE}'"
"""For a user whom another server checks, in place of a stored password: no scheme, so that nobody can tell here."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_ENGINES = {"sqlite": "sqlite", "postgres": "postgresql", "psycopg": "postgresql", "pg8000": "postgresql"}
_ENGINES |= {"mssql": "mssql", "odbc": "mssql", "pyodbc": "mssql", "pymssql": "mssql", "pytds": "mssql"}
_LETTER_BY_LETTER = {
    "mysql": "CONVERT({} USING utf8mb4) COLLATE utf8mb4_bin",
    "postgresql": 'CAST({} AS text) COLLATE "C"',
    "sqlite": "{} COLLATE BINARY",
    "mssql": "{} COLLATE Latin1_General_BIN2",
}


def check_name(option: str, value: object) -> str:
    """Return a prefix or a name of a table, which becomes part of the text of queries; ConfigError for other texts."""
    if not isinstance(value, str) or not _LETTERS.issuperset(value):
        raise ConfigError(f"{option} may hold only the letters a to z, digits and _")
    return value


def check_text(option: str, value: object) -> str:
    """Return a text that stands between single quotes in the text of a query; ConfigError for one that cannot."""
    if not isinstance(value, str) or not value or not value.isprintable() or "'" in value or "\\" in value:
        raise ConfigError(f"{option} must be a text without quotes, backslashes and control characters")
    return value


def engine_of(driver: str) -> str:
    """Return whose SQL the driver's database speaks: sqlite, postgresql, mysql or mssql."""
    name = str(driver).lower()
    return next((engine for begin, engine in _ENGINES.items() if name.startswith(begin)), "mysql")


def quote_name(driver: str, name: str) -> str:
    """Return a name of a table or column in quotes: one that is a word of SQL, or has capitals."""
    return f"`{name}`" if engine_of(driver) == "mysql" else f'"{name}"'


def now(driver: str, days: int = 0) -> str:
    """Return the SQL for the time now, or in some days, in UTC."""
    return {
        "mysql": f"(UTC_TIMESTAMP() + INTERVAL {days} DAY)",
        "postgresql": f"(CURRENT_TIMESTAMP + INTERVAL '{days} days')",
        "sqlite": f"datetime('now', '{days} days')",
        "mssql": f"DATEADD(day, {days}, SYSDATETIMEOFFSET())",
    }[engine_of(driver)]


def join(driver: str, *parts: str) -> str:
    """Return the SQL that joins texts."""
    return " || ".join(parts) if engine_of(driver) in ("sqlite", "postgresql") else f"CONCAT({', '.join(parts)})"


def mixed(driver: str, column: str) -> str:
    """Return the SQL for a text that meets texts of other tables, in a UNION for example.

    MySQL refuses texts of different collations, which the tables of a database have that was moved between servers.
    """
    return _LETTER_BY_LETTER["mysql"].format(column) if engine_of(driver) == "mysql" else column


def match(driver: str, column: str, name: str = TYPED) -> str:
    """Return the SQL that compares a column with a name letter by letter, whatever collation the column has.

    The plain comparison comes first: it finds the rows by an index.
    """
    return f"({column} = {name} AND {_LETTER_BY_LETTER[engine_of(driver)].format(column)} = {name})"


def match_name(driver: str, table: str, column: str, row: str) -> str:
    """Return the SQL for the user of a mail server who logs in: mail servers store names in lower case.

    It is the one with the name as typed, or, if nobody has that, listed or not, with its ASCII letters in lower case.
    The names are in a column of a table, which the query around it calls `row`.
    """
    lower = f"LOWER({TYPED})"
    if engine_of(driver) in ("mysql", "postgresql"):  # which also lower other letters, the Kelvin sign to a k
        lower = f"CASE WHEN OCTET_LENGTH({TYPED}) = CHAR_LENGTH({TYPED}) THEN {lower} END"
    return f"""({match(driver, f"{row}.{column}")} OR {match(driver, f"{row}.{column}", lower)}
        AND NOT EXISTS (SELECT 1 FROM {table} typed WHERE {match(driver, f"typed.{column}")}))"""


def try_column(table: str, key: str, row: str, condition: str) -> str:
    """Return the SQL for a condition on a column that old versions of a table lack.

    A name without a table means a column of the innermost SELECT that has one. So it is the table's own column, or else
    that of a one-row table which the query around it joins with the value that the column would have. `key` is the
    table's primary key, and `row` what the query around it calls the table.
    """
    return f"EXISTS (SELECT 1 FROM {table} own WHERE own.{key} = {row}.{key} AND {condition})"


_CONNECTION = [option for option in sql.__kwdefaults__ or () if not option.endswith("_query")]
"""The options of `sql` that every preset has, too."""


def _check_options(name: str, connection: Mapping[str, Any]) -> None:
    """Refuse options that a preset does not have: `sql` would name itself in the error, and take further queries."""
    for option in connection:
        if option.endswith("_query"):
            raise ConfigError(f"{name}() has queries of its own, and no option {option!r}: for others take sql()")
        if option not in _CONNECTION:
            preset = getattr(__import__(f"{__package__}.{name}", fromlist=[name]), name)
            raise ConfigError(explain_unknown(name, option, [*(preset.__kwdefaults__ or ()), *_CONNECTION]))


class Preset(Source):
    """The users of an application's database; logins are the same in all its versions.

    Args:
        name: the preset's name, for the log.
        driver: the first argument of `sql`; its others are what the administrator gave (`connection`) and `queries`.
        older: queries that take the place of these where the database is of an old version and lacks a table.
        entered: for applications whose users enter their addresses by themselves: queries like list_query that give
            everybody, listed or not. The address of an earlier query counts more. Old versions have the first alone.
        given: a query like these for the addresses that an administrator gives. They count more, and several users may
            share one.
    """

    def __init__(
        self,
        name: str,
        driver: str,
        connection: Mapping[str, Any],
        queries: Mapping[str, Any],
        older: Mapping[str, Any] | None = None,
        entered: Sequence[str] = (),
        given: str | None = None,
    ) -> None:
        _check_options(name, connection)
        self.description = f"{name}, {driver}"
        self._now = sql(driver, **connection, **queries)
        self.safe_to_try, self.in_time = self._now.safe_to_try, self._now.in_time
        self.user_files = self._now.user_files
        claims = [sql(driver, **connection, **{**queries, "list_query": query}) for query in entered]
        self._given = None if given is None else sql(driver, **connection, **{**queries, "list_query": given})
        self._versions = [(self._now, claims)]
        if older is not None:
            self._versions.append((sql(driver, **connection, **{**queries, **older}), claims[:1]))

    def users(self) -> Iterator[User]:
        for source, claims in self._versions:
            given = False
            try:
                for user in _with_own_addresses(source, claims, self._given) if claims else source.users():
                    given = True
                    yield user
                self.left_over = source.left_over
                return
            except MissingTable:  # and nothing else: a table that may not be read must not shorten the list
                if given or source is self._versions[-1][0]:
                    raise

    def authenticate(self, user: str, password: str) -> bool | None:
        self._now.listed, self._now.alone, self._now.any_spelling = self.listed, self.alone, self.alone
        return self._now.authenticate(user, password)

    def schemes(self, names: Iterable[str]) -> list[Count] | None:
        return self._now.schemes(names)

    def decoy(self, password: str) -> bool:
        return self._now.decoy(password)


def _with_own_addresses(source: Source, claims: Sequence[Source], given: Source | None) -> Iterator[User]:
    """Give the users, each with those addresses to which nobody else has an equal or better claim.

    An address that is somebody's name belongs to that user; of names that differ in case, to the one in lower case. An
    address that the application itself gives belongs to all to whom it is given. Any other belongs to the user to whom
    the first of the claims that has it gives it; if it gives it to several, to nobody.
    """
    shared = {
        (fold(each), user.user_name) for user in (given.users() if given else ()) for each in user.email_addresses
    }
    names: dict[str, str] = {}
    entered: dict[str, str] = {}
    for claim in claims:
        found: dict[str, str] = {}
        for user in claim.users():
            name = fold(user.user_name)
            if names.setdefault(name, user.user_name) != user.user_name:
                names[name] = name
            for address in map(fold, user.email_addresses):
                if found.setdefault(address, user.user_name) != user.user_name:
                    found[address] = ""
        entered = {**found, **entered}
    owners = {**entered, **{address: "" for address, _ in shared}, **names}
    for user in source.users():
        written, user.entered, user.email_addresses = user.email_addresses, True, []
        for each in written:
            whose = owners.get(fold(each)) or (user.user_name if (fold(each), user.user_name) in shared else "")
            if whose == user.user_name:
                user.email_addresses.append(each)
        user.withheld = [each for each in written if each not in user.email_addresses]
        yield user
