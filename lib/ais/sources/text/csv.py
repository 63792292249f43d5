"""Users in a CSV file with a heading line (RFC 4180 and what spreadsheets make of it)."""

from __future__ import annotations

from ...errors import ConfigError, SourceError
from ..rows import users_of
from . import Account, TextSource
from .csvtable import NAMES, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
        path: the file.
        delimiter: one character; found out from the heading line when not given.
        columns: the headings of userName, fullName, distinguishedName, emailAddresses (may be several), password and
            active, where they differ from these names; case, underscores and blanks do not matter.

    The other options are those of `TextSource`.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '" \r\n\0'):
        raise ConfigError("csv(): delimiter must be one character, such as ';'")
    wanted: dict[str, list[str]] = {}
    for name, headings in (columns or {}).items():
        if name not in NAMES:
            raise ConfigError(f"csv(): columns knows {', '.join(NAMES)}, and not {name!r}")
        found = [headings] if isinstance(headings, str) else list(headings)
        several = name == "emailAddresses"
        if not found or not all(isinstance(one, str) for one in found) or (len(found) > 1 and not several):
            raise ConfigError(f"csv(): columns must name {'headings' if several else 'one heading'} for {name}")
        wanted[name] = found
    source = CsvSource(path, encoding, default_scheme, password_charset, login)
    source.delimiter, source.columns = delimiter, wanted
    return source


class CsvSource(TextSource):
    """A CSV file, with the options of `csv`."""

    description = "csv"
    elsewhere = "there is no column password: name it in columns, or set login"
    delimiter: str | None = None
    columns: dict[str, list[str]]

    def users(self) -> Iterator[User]:
        """Read the file; inactive users are left out."""
        table = Table(self._path, self._encoding, self.delimiter, self.columns)
        return users_of(table.active_rows(), table.columns, lambda _: table.place())

    def _find(self, names: set[str]) -> dict[str, Account]:
        table = Table(self._path, self._encoding, self.delimiter, self.columns)
        password_at = table.columns.get("password", [None])[0]
        found: dict[str, Account] = {}
        for row in table.rows():
            if row[table.name_at] not in names:
                if self._sample is None and password_at is not None:
                    self._remember(row[password_at].strip())
                continue
            stored = None if password_at is None else row[password_at].strip()
            account = Account(row[table.name_at], stored, active=table.is_active(row))
            known = found.setdefault(account.name, account)
            differ = known.stored and stored and known.stored != stored and self._login is None
            if differ or known.active != account.active:
                raise SourceError(f"{table.place()}: this user's rows contradict each other")
            known.stored = known.stored or stored
        return found
