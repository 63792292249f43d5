"""Sources over the account files of mail and login systems, with the alias files that go with them."""

from __future__ import annotations

from ...addresses import resolve
from ...errors import ConfigError, SourceError
from ...identity import BLANKS, fold
from ...options import check_paths
from ...user import User
from . import Account, TextSource, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self, TypeAlias

    from .aliasfiles import Row

    Paths: TypeAlias = str | Sequence[str] | None


def _check_name(name: str, line: str, blanks: bool, exact: bool, separator: str) -> None:
    """Refuse what may hold a stored password, too, behind another separator; arguments as for `_records`."""
    found = separator in line
    if not found and line[-1] != "\n":
        raise SourceError("the file breaks off in this line: if this is a user without a password, end the line")
    joined = (len(name.split()) > 1 and not blanks) or (not found and any(one in name for one in ";|,"))
    if not exact and (joined or "{" in name or name.count("$") > 1):
        raise SourceError(f"{separator!r} must stand behind the user name, and no white space in it")


class AccountSource(TextSource):
    """A source of accounts, of which the first of equal names counts. Arguments as for `TextSource`."""

    _domains: Sequence[str] = ()
    _files: Sequence[tuple[str, str]] = ()

    def give_addresses(self, domain: str | None, aliases: Paths, virtual: Paths) -> Self:
        """Give users more addresses than their names, and return the source.

        Args:
            domain: makes the addresses of users whose names are no addresses.
            aliases: files of local aliases (``/etc/aliases``), as aliases(5) describes them; one path or several.
            virtual: Postfix virtual alias maps, as virtual(5) describes them, their text files; one path or several.

        Raises:
            ConfigError: an argument cannot be used.
        """
        if domain is not None:
            name = domain.strip().removeprefix("@") if isinstance(domain, str) else ""
            if not name or "@" in name or name.split() != [name]:
                raise ConfigError(f"{self.description}(): domain must be the name of a domain, such as 'example.com'")
            self._domains = [name]
        self._files = [(path, "virtual") for path in check_paths(f"{self.description}(): virtual", virtual)]
        self._files += [(path, "etc_aliases") for path in check_paths(f"{self.description}(): aliases", aliases)]
        return self

    def _accounts(self, names: set[str] | None) -> Iterator[Account]:
        """Read the file to its end and give the accounts of these names (None for all), in order; see `_records`."""
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
            names: the accounts that are wanted; others come only until there is a stored password for `decoy`.
                None for all; a name that no user can have is an error then.
            shape: what a line must be, for the error.
            separator: what is behind the name; `least` times in a line, and no more often if `exact`.
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
            try:
                count = line.count(separator) if least > 1 else len(found)
                if not name or count < least or (exact and count > least):
                    raise SourceError(f"it must {shape}")
                if " " in name or "{" in name or "$" in name or not found or not name.isprintable():
                    _check_name(name, line, blanks, exact, separator)
                if names is None:
                    User(name)  # a name that no user can have is an error
                elif name not in names and self._sample is not None:
                    continue
            except SourceError as error:
                raise SourceError(f"{path}, line {number}: {error}") from None
            yield number, name, rest.rstrip("\r\n")

    def _alias_rows(self) -> Iterable[Row]:
        """Return the rows of the alias files, of equal addresses the first."""
        found: dict[str, Row] = {}
        for path, reader in self._alias_files():
            from . import aliasfiles  # here, because most lists have no aliases

            try:
                for row in getattr(aliasfiles, reader)(lines(path, self._encoding, may_be_empty=True)):
                    found.setdefault(fold(row[0]), row)
            except ValueError as error:
                raise SourceError(f"{path}, {error}") from None
        return found.values()

    def _alias_files(self) -> Sequence[tuple[str, str]]:
        """Return the alias files, each with its reader in `aliasfiles`, in the order in which they are looked at."""
        return self._files
