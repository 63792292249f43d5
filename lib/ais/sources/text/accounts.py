"""Sources over the account files of mail and login systems, with the alias files that go with them."""

from __future__ import annotations

from ...addresses import resolve
from ...errors import ConfigError, SourceError
from ...identity import BLANKS, fold, trim_name
from ...options import check_paths
from ...user import User
from . import Account, TextSource, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from .. import Login

    Paths: TypeAlias = str | Sequence[str] | None
    Row: TypeAlias = tuple[str, list[str]]


_OTHERS = frozenset(";|,")
"""What somebody may take for the separator."""


class AccountSource(TextSource):
    """A source of accounts, of which the first of equal names counts. Arguments as for `TextSource`, and:

    Args:
        domain: makes the addresses of users whose names are no addresses.
        aliases: files of local aliases (``/etc/aliases``), as aliases(5) describes them; one path or several.
        virtual: Postfix virtual alias maps, as virtual(5) describes them, their text files; one path or several.
    """

    def __init__(
        self,
        path: str,
        encoding: str,
        default_scheme: str | None,
        password_charset: str | None,
        login: Login | None,
        domain: str | None = None,
        aliases: Paths = None,
        virtual: Paths = None,
    ) -> None:
        super().__init__(path, encoding, default_scheme, password_charset, login)
        self._domains = [_domain(self.description, domain)] if domain is not None else []
        self._aliases = check_paths(f"{self.description}(): aliases", aliases)
        self._virtual = check_paths(f"{self.description}(): virtual", virtual)

    def _accounts(self, names: set[str] | None) -> Iterator[Account]:
        """Read the file to its end and give its accounts, in order; as `_records` does.

        Args:
            names: the accounts that are wanted; None for all.
        """
        raise NotImplementedError

    def users(self) -> Iterable[User]:
        """Read the files; users who may not log in are left out, and their addresses given to nobody."""
        listed: dict[str, Account] = {}
        hidden: dict[str, Account] = {}
        for account in self._accounts(None):
            if account.name not in listed and account.name not in hidden:
                (listed if account.active else hidden)[account.name] = account
        addresses = resolve(list(listed), self._alias_rows(), reserved=hidden, local_domains=self._domains)
        return [
            User(name, full_name=account.full_name, email_addresses=addresses[name]) for name, account in listed.items()
        ]

    def _find(self, names: set[str]) -> dict[str, Account]:
        found: dict[str, Account] = {}
        for account in self._accounts(names):
            if account.name in names:
                found.setdefault(account.name, account)
            else:
                self._remember(account.stored)
        return found

    def _records(
        self,
        path: str,
        names: set[str] | None,
        shape: str,
        *,
        separator: str = ":",
        least: int = 1,
        exact: bool = False,
        ignored: str = "#",
        blanks: bool = False,
        may_be_empty: bool = False,
    ) -> Iterator[tuple[int, str, str]]:
        """Give the number of each line of a file of accounts, the name in it, and what follows its separator.

        Args:
            path: the file.
            names: the accounts that are wanted; others come only until there is a stored password for `decoy`.
                None for all; a name that no user can have is an error then.
            shape: what a line must be, for the error.
            separator: stands behind the name.
            least: how many separators there must be.
            exact: whether there may be no more.
            ignored: the first characters of lines that are no accounts.
            blanks: whether there may be white space inside a name.
            may_be_empty: as for `lines`.

        Raises:
            SourceError: the file cannot be read, or a line of it; the text names file and line.
        """
        for number, line in enumerate(lines(path, self._encoding, may_be_empty=may_be_empty), 1):
            name, found, rest = line.partition(separator)
            name = name.strip(BLANKS)
            if name[0] in ignored if name else separator in ignored or not line.strip(BLANKS):
                continue
            count = line.count(separator) if least > 1 else len(found)
            if not name or count < least or (exact and count > least):
                raise SourceError(f"{path}, line {number}: it must {shape}")
            if " " in name or "{" in name or "$" in name or not found or not name.isprintable():
                # Hardly any name; only such a one may hold more than a name.
                if not found and line[-1] != "\n":
                    why = "the file breaks off in this line: if this is a user without a password, end the line"
                    raise SourceError(f"{path}, line {number}: {why}")
                if not exact and _holds_more(name, blanks, found):
                    why = f"{separator!r} must stand behind the user name, and no white space in it"
                    raise SourceError(f"{path}, line {number}: {why}")
            if names is None:
                try:
                    trim_name(name)
                except ValueError as error:
                    raise SourceError(f"{path}, line {number}: userName cannot be used: {error}") from None
            elif name not in names and self._sample is not None:
                continue
            yield number, name, rest.rstrip("\r\n")

    def _alias_rows(self) -> Iterator[Row]:
        """Give the rows of the alias files. Postfix looks at virtual maps first, and at the first map with the key."""
        if self._virtual or self._aliases:
            from . import aliasfiles

            seen: set[str] = set()
            files = [(path, aliasfiles.virtual) for path in self._virtual]
            files += [(path, aliasfiles.etc_aliases) for path in self._aliases]
            for path, read in files:
                rows = [row for row in self._rows_of(path, read) if fold(row[0]) not in seen]
                seen.update(fold(row[0]) for row in rows)
                yield from rows

    def _rows_of(self, path: str, read: Callable[[Iterable[str]], Iterator[Row]]) -> Iterator[Row]:
        """Give the rows of an alias file.

        Args:
            path: the file.
            read: the function of `aliasfiles` for its format.

        Raises:
            SourceError: it cannot be read; the text names file and line.
        """
        try:
            yield from read(lines(path, self._encoding, may_be_empty=True))
        except ValueError as error:
            raise SourceError(f"{path}, {error}") from None


def _holds_more(name: str, blanks: bool, separator: str) -> bool:
    """Say whether a stored password may be a part of a name, for want of a separator; it would go out as userName."""
    words = 1 if blanks else len(name.split())
    return words > 1 or "{" in name or name.count("$") > 1 or (not separator and not _OTHERS.isdisjoint(name))


def _domain(kind: str, value: object) -> str:
    domain = value.strip().removeprefix("@") if isinstance(value, str) else ""
    if not domain or "@" in domain or domain.split() != [domain]:
        raise ConfigError(f"{kind}(): domain must be the name of a domain, such as 'example.com'")
    return domain
