"""Users in a CSV file with a heading line."""

from __future__ import annotations

from ...errors import ConfigError, SourceError
from ...options import check_texts
from ..rows import give_addresses, make_users
from . import Account, TextSource, check_alias_domains
from .csvtable import NAMES, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...user import User
    from .. import Login

SEVERAL = ("fullName", "emailAddresses")
"""What may be in several columns."""


def csv(
    path: str,
    *,
    delimiter: str | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    active_words: Sequence[str] = (),
    inactive_words: Sequence[str] = (),
    alias_domains: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> CsvSource:
    """List users and check passwords in a CSV file.

    Args:
        delimiter: one character; if it is not given, the heading line shows it.
        columns: the headings of userName, fullName (several are joined by a blank), distinguishedName, emailAddresses
            (may be several), password, active and inactive, where they differ from these names; case, underscores and
            blanks do not matter.
        active_words: further words that mean that a user is active, such as ``Current``.
        inactive_words: further words that mean the opposite, such as ``Suspended``.
        alias_domains: domains whose mail arrives in others: ``{"alias.example": "example.com"}``, or a file of
            ``alias: domain``.

    The other options are those of `TextSource`.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '" \r\n\0'):
        raise ConfigError("csv(): delimiter must be one character, such as ';'")
    wanted: dict[str, list[str]] = {}
    if not isinstance(columns, (dict, type(None))):
        raise ConfigError("csv(): columns must be like {'userName': 'Login'}")
    for name, headings in (columns or {}).items():
        if name not in NAMES:
            raise ConfigError(f"csv(): columns knows {', '.join(NAMES)}, and not {name!r}")
        found = list(headings) if isinstance(headings, (list, tuple)) else [headings]
        several = name in SEVERAL
        if not found or not all(isinstance(one, str) for one in found) or (len(found) > 1 and not several):
            raise ConfigError(f"csv(): columns must name {'headings' if several else 'one heading'} for {name}")
        wanted[name] = found
    words: dict[str, bool] = {}
    for option, given, meaning in (("active_words", active_words, True), ("inactive_words", inactive_words, False)):
        for word in check_texts(f"csv(): {option}", given, "words, such as ['Suspended']", or_one=False):
            if words.setdefault(word.strip().lower(), meaning) is not meaning:
                raise ConfigError("csv(): a word is in active_words and in inactive_words")
    source = CsvSource(path, encoding, default_scheme, password_charset, login)
    source.delimiter, source.columns, source.words = delimiter, wanted, words
    source.alias_domains = check_alias_domains("csv(): alias_domains", alias_domains)
    return source


class CsvSource(TextSource):
    """A CSV file, with the options of `csv`."""

    description = "csv"
    elsewhere = "there is no column password: name it in columns, or set login"
    delimiter: str | None = None
    columns: dict[str, list[str]]
    words: dict[str, bool]
    alias_domains: Mapping[str, str] | str | None = None

    def table(self) -> Table:
        """Open the file and read its headings."""
        return Table(self._path, self._encoding, self.delimiter, self.columns, self.words)

    def users(self) -> Iterable[User]:
        """Read the file; inactive users are left out."""
        table = self.table()
        users = make_users(table.active_rows(), table.columns, lambda _: table.place())
        if self.alias_domains is None:
            return users
        from .aliasfiles import alias_domain_rows  # here, because most lists have none

        table.reserved = []  # filled while users are read, which give_addresses does first
        return give_addresses(self, users, table.reserved, alias_domain_rows(self.alias_domains, self._encoding))

    def _find(self, names: set[str]) -> dict[str, Account]:
        table = self.table()
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
