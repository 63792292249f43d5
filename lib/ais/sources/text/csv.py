"""Users in a CSV file with a heading line (RFC 4180 and what spreadsheets make of it)."""

from __future__ import annotations

from ...errors import ConfigError, SourceError
from ...options import check_path
from ..rows import users_of
from .base import TextSource
from .csvtable import NAMES, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from ...user import User
    from .. import Login


def csv(
    path: str,
    *,
    delimiter: str | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> CsvSource:
    """List users and check passwords in a CSV file.

    Args:
        path: the file, relative to the configuration file.
        delimiter: one character; found out from the heading line when not given.
        columns: the headings of userName, fullName, distinguishedName, emailAddresses (may be several), password and
            active, where they differ from these names; case, underscores and blanks do not matter.
        encoding: charset of the file.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the file.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '" \r\n\0'):
        raise ConfigError("csv(): delimiter must be one character, such as ';'")
    wanted: dict[str, list[str]] = {}
    for name, headings in (columns or {}).items():
        if name not in NAMES:
            raise ConfigError(f"csv(): columns knows {', '.join(NAMES)}, and not {name!r}")
        found = [headings] if isinstance(headings, str) else list(headings)
        if not all(isinstance(heading, str) for heading in found):
            raise ConfigError(f"csv(): columns must name headings for {name}")
        if len(found) != 1 and (name != "emailAddresses" or not found):
            raise ConfigError(f"csv(): columns must name one heading for {name}")
        wanted[name] = found
    return CsvSource(
        check_path("csv(): path", path),
        delimiter,
        wanted,
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class CsvSource(TextSource):
    """See `csv`. Arguments as for `TextSource`, and before them what only this source has."""

    def __init__(self, path: str, delimiter: str | None, columns: dict[str, list[str]], **options: Any) -> None:
        super().__init__("csv", **options)
        self._path = path
        self._delimiter = delimiter
        self._columns = columns

    def _table(self) -> Table:
        return Table(self._path, self._encoding, self._delimiter, self._columns)

    def users(self) -> Iterator[User]:
        """Read the file; inactive users are left out."""
        table = self._table()
        return users_of(table.active_rows(), table.columns, lambda _: table.place())

    def _all_stored(self, names: set[str]) -> Iterator[str | None]:
        table = self._table()
        if "password" not in table.columns:
            return
        name_at, password_at = table.columns["userName"][0], table.columns["password"][0]
        seen: dict[str, int] = {}
        for row in table.rows():
            name, stored = row[name_at].strip(), row[password_at].strip()
            if stored and seen.setdefault(name, hash(stored)) != hash(stored):
                raise SourceError(f"{table.place()}: this user's rows contradict each other")
            if name in names:
                yield stored

    def authenticate(self, user: str, password: str) -> bool | None:
        """Read the file to its end, for the user may have several rows."""
        table = self._table()
        name_at = table.columns["userName"][0]
        password_at = table.columns["password"][0] if "password" in table.columns else None
        stored: set[str] = set()
        active: set[bool] = set()
        for row in table.rows():
            if row[name_at] != user and row[name_at].strip() != user:
                if self._sample is None and password_at is not None:
                    self._remember(row[password_at].strip())
                continue
            active.add(table.is_active(row))
            if password_at is not None and row[password_at].strip():
                stored.add(row[password_at].strip())
            if len(active) > 1 or (len(stored) > 1 and self._login is None):
                raise SourceError(f"{table.place()}: this user's rows contradict each other")
        if not active:
            return None
        if password_at is None and self._login is None:
            raise SourceError(f"{self._path} has no column password: name it in columns, or set login")
        return self._verified(user, password, "".join(stored), active == {True})
