"""What the presets over `sql` share.

Their queries are plain, and `ais.addresses` does the rest. In each alias_query, rows without targets reserve the
address of every mailbox, listed or not, so that no alias and no alias domain gives it to somebody else.
"""

from __future__ import annotations

from ..errors import ConfigError
from ..sources import Source
from ..sources.sql import sql
from ..sources.sql.drivers import MissingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from ..passwords.counting import Count
    from ..user import User

EXACT = "COALESCE(:user, '')"
NAME = f"({EXACT}, LOWER(:user))"
"""The names that a user may have who logs in at a mail server: as typed, and in lower case, as they are stored there.

PostgreSQL wants one type for all places of a parameter: LOWER makes it a text, and so does COALESCE.
"""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_PIPES = ("sqlite", "postgres", "psycopg", "pg8000")  # beginnings of the drivers whose SQL joins text by ||


def preset(
    name: str,
    driver: str,
    connection: Mapping[str, Any],
    queries: Mapping[str, Any],
    older: Mapping[str, Any] | None = None,
) -> Source:
    """Return the source of a preset.

    Args:
        name: the preset's name, for the log.
        driver: first argument of `sql`.
        connection: what the administrator gave for `sql`.
        queries: the queries for `sql`.
        older: queries that take the place of these where the database is of an old version and lacks a table.
    """
    source = sql(driver, **connection, **queries)
    source.description = f"{name}, {driver}"
    if older is None:
        return source
    return _Either(source, sql(driver, **connection, **{**queries, **older}))


def name_part(option: str, value: object) -> str:
    """Return a prefix or a name of a table, which becomes part of the text of queries.

    Raises:
        ConfigError: it holds something else than ASCII letters, digits and underscores.
    """
    if not isinstance(value, str) or not _LETTERS.issuperset(value):
        raise ConfigError(f"{option} may hold only the letters a to z, digits and _")
    return value


def joined(driver: str, *parts: str) -> str:
    """Return the SQL that joins texts."""
    return " || ".join(parts) if str(driver).lower().startswith(_PIPES) else f"CONCAT({', '.join(parts)})"


def new_column(table: str, key: str, row: str, condition: str) -> str:
    """Return the SQL for a condition on a column that old versions of a table lack.

    A name without a table means a column of the innermost SELECT that has one. So it is the table's own column, or else
    that of a one-row table which the query around it joins with the value that the column would have.

    Args:
        table: the table.
        key: its primary key.
        row: what the query around it calls the table.
        condition: the condition, with the column's bare name.
    """
    return f"EXISTS (SELECT 1 FROM {table} own WHERE own.{key} = {row}.{key} AND {condition})"


class _Either(Source):
    """A source for the version of now, and one for old databases that lack one of its tables."""

    def __init__(self, newer: Source, older: Source) -> None:
        self.description = newer.description
        self._newer = newer
        self._older = older

    def users(self) -> Iterator[User]:
        """List by the queries that the database has the tables for."""
        given = False
        try:
            for user in self._newer.users():
                given = True
                yield user
        except MissingTable:  # and nothing else: a table that may not be read must not shorten the list
            if given:
                raise
            yield from self._older.users()

    def authenticate(self, user: str, password: str) -> bool | None:
        """Logins need none of the tables in question."""
        self._newer.listed = self.listed
        return self._newer.authenticate(user, password)

    def schemes(self, names: Iterable[str]) -> list[Count]:
        """Logins need none of the tables in question."""
        return self._newer.schemes(names)

    def decoy(self, password: str) -> bool:
        """Do what a wrong password costs."""
        return self._newer.decoy(password)
