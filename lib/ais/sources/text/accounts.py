"""Sources over the account files of mail and login systems, with the alias files that go with them."""

from __future__ import annotations

from ...addresses import resolve
from ...errors import ConfigError, SourceError
from ...identity import BLANKS, fold
from ...options import check_paths
from ...user import User
from . import Account, TextSource, check_alias_domains, is_there, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self, TypeAlias

    from .aliasfiles import Row

    Paths: TypeAlias = str | Sequence[str] | None


def _check_name(name: str, line: str, blanks: bool, exact: bool, separator: str) -> None:
    """Refuse a name that may hold a stored password behind another separator; arguments as for `_records`."""
    found = separator in line
    if not found and line[-1] != "\n":
        raise SourceError("the file breaks off in this line: if this is a user without a password, end the line")
    joined = (len(name.split()) > 1 and not blanks) or (not found and any(one in name for one in ";|,"))
    if not exact and (joined or "{" in name or name.count("$") > 1):
        raise SourceError(f"{separator!r} must stand behind the user name, and no white space in it")


def _add_alias_domains(domains: Sequence[str], rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return the domains, and the alias domains that lead to them: those may have files of aliases, too."""
    aliases: dict[str, list[str]] = {}
    for name, target in rows:
        if "/" not in name and name.strip("@. "):  # it becomes a part of a path
            aliases.setdefault(fold(target), []).append(name.strip().removeprefix("@"))
    found = list(domains)
    for domain in found:  # which grows meanwhile
        found += aliases.pop(fold(domain), ())
    return list(dict.fromkeys(found))


class AccountSource(TextSource):
    """A source of accounts, of which the first of equal names counts. Arguments as for `TextSource`."""

    may_be_empty = False
    """Whether a file of no bytes is a good one, as that of a domain whose last mailbox is gone."""

    _local_domains: Sequence[str] = ()
    _files: Sequence[tuple[str, str]] = ()
    _alias_domains: Mapping[str, str] | str | None = None

    def give_addresses(
        self, domain: str | None, aliases: Paths, virtual: Paths, alias_domains: Mapping[str, str] | str | None
    ) -> Self:
        """Give users more addresses than their names, and return the source.

        Args:
            domain: makes the addresses of users whose names are no addresses.
            aliases: files of local aliases (``/etc/aliases``), as aliases(5) describes them; one path or several.
            virtual: Postfix virtual alias maps, as virtual(5) describes them, their text files; one path or several.
            alias_domains: domains whose mail arrives in others: ``{"alias.example": "example.com"}``, or a file of
                ``alias: domain``.

        Those two may hold ``%d`` where the path of the source does: see `domains`.

        Raises:
            ConfigError: an argument cannot be used.
        """
        if domain is not None:
            name = domain.strip().removeprefix("@") if isinstance(domain, str) else ""
            if not name or "@" in name or name.split() != [name]:
                raise ConfigError(f"{self.description}(): domain must be the name of a domain, such as 'example.com'")
            self._local_domains = [name]
        self._files = [(path, "virtual") for path in check_paths(f"{self.description}(): virtual", virtual)]
        self._files += [(path, "etc_aliases") for path in check_paths(f"{self.description}(): aliases", aliases)]
        if "%d" not in self._path and any("%d" in path for path, _ in self._files):
            raise ConfigError(f"{self.description}(): %d in aliases or virtual needs %d in path, too")
        self._alias_domains = check_alias_domains(f"{self.description}(): alias_domains", alias_domains)
        return self

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        """Read the file to its end and give the accounts of these names (None for all), in order; see `_records`.

        `domain` takes the place of ``%d`` in paths; empty for one file of all users.
        """
        raise NotImplementedError

    def _find_domains(self, wanted: set[str] | None = None) -> tuple[list[str], dict[str, str]]:
        """Return the domains that have a file each, none if one file has all users; and their alias domains.

        For a login, which wants a few, others with which something is wrong are left out.
        """
        if "%d" not in self._path:
            return [], {}
        from .domains import find_domains  # here, because most files have all users

        return find_domains(self._path, wanted)

    def _read(self, names: set[str] | None, domains: list[str]) -> Iterator[Account]:
        if not domains:
            return self._accounts(names, "")
        from .domains import read_domains

        return read_domains(self._accounts, domains, names)

    def users(self) -> Iterable[User]:
        """Read the files; users who may not log in are left out, and their addresses given to nobody."""
        listed: dict[str, Account] = {}
        hidden: dict[str, Account] = {}
        domains, links = self._find_domains()
        for account in self._read(None, domains):
            if account.name not in listed and account.name not in hidden:
                (listed if account.active else hidden)[account.name] = account
        also = self._alias_domain_rows()
        rows = self._alias_rows(_add_alias_domains(domains, also), listed)
        also += links.items()
        left_over: list[str] = []
        addresses = resolve(
            list(listed), rows, also, reserved=hidden, local_domains=self._local_domains, left_over=left_over
        )
        self.left_over = left_over
        return [
            User(name, full_name=account.full_name, email_addresses=addresses[name]) for name, account in listed.items()
        ]

    def _find(self, names: set[str]) -> dict[str, Account]:
        found: dict[str, Account] = {}
        domains, _ = self._find_domains({name.rpartition("@")[2] for name in names})
        for account in self._read(names, domains):
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
    ) -> Iterator[tuple[int, str, str]]:
        """Give the number of each line of a file of accounts, the name in it, and what follows its separator.

        Args:
            names: the accounts that are wanted; others come only until there is a stored password for `decoy`.
                None for all; a name that no user can have is an error then.
            shape: what a line must be, for the error.
            separator: what is behind the name; `least` times in a line, and no more often if `exact`.
            ignored: the first characters of lines that are no accounts.
            blanks: whether there may be white space inside a name.

        Raises:
            SourceError: the file cannot be read, or a line of it; the text names file and line.
        """
        padded: set[str] = set()
        for number, line in enumerate(lines(path, self._encoding, may_be_empty=self.may_be_empty), 1):
            written, found, rest = line.partition(separator)
            name = written.strip(BLANKS)
            if name[0] in ignored if name else separator in ignored or not line.strip(BLANKS):
                continue
            try:
                count = line.count(separator) if least > 1 else len(found)
                if not name or count < least or (exact and count > least):
                    raise SourceError(f"it must {shape}")
                if " " in name or "{" in name or "$" in name or not found or not name.isprintable():
                    _check_name(name, line, blanks, exact, separator)
                if name in padded:
                    # For Apache and Dovecot these are two users: the first would get in as the second.
                    raise SourceError("a line above has this name with blanks around it: delete one of the two lines")
                if written != name:
                    padded.add(name)
                if names is None:
                    User(name)  # a name that no user can have is an error
                elif name not in names and self._sample is not None:
                    continue
            except SourceError as error:
                raise SourceError(f"{path}, line {number}: {error}") from None
            yield number, name, rest.rstrip("\r\n")

    def _alias_domain_rows(self) -> list[tuple[str, str]]:
        """Return the alias domains beside those that are links, each with its domain."""
        if self._alias_domains is None:
            return []
        from .aliasfiles import alias_domain_rows  # here, because most lists have none

        rows = alias_domain_rows(self._alias_domains, self._encoding)
        return [(name, target) for name, targets in rows for target in targets]

    def _alias_rows(self, domains: Sequence[str], listed: Iterable[str]) -> Iterable[Row]:
        """Return the rows of the alias files, of equal addresses the first. `listed`: the users' names."""
        found: dict[str, Row] = {}
        for path, reader in self._alias_files():
            from . import aliasfiles  # here, because most lists have no aliases

            for domain in domains if "%d" in path else ("",):
                file = path.replace("%d", domain)
                if domain and not is_there(file):  # a domain need not have aliases
                    continue
                for row in aliasfiles.read(file, self._encoding, reader, domain):
                    found.setdefault(fold(row[0]), row)
        return found.values()

    def _alias_files(self) -> Sequence[tuple[str, str]]:
        """Return the alias files, each with its reader in `aliasfiles`, in the order in which they are looked at."""
        return self._files
