"""Sources over the account files of mail and login systems, with the alias files that go with them."""

from __future__ import annotations

from ...addresses import resolve
from ...errors import ConfigError, SourceError
from ...identity import fold
from ...options import check_paths
from ...user import User
from .base import TextSource
from .lines import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from .. import Login

    Paths: TypeAlias = str | Sequence[str] | None
    Row: TypeAlias = tuple[str, list[str]]


class Account:
    """One account of a file.

    Args:
        name: the user name.
        stored: the stored password; None if it is not in the files that the configuration names.
        full_name: the name to show, or nothing.
        active: whether the user may log in and is to be listed.
    """

    __slots__ = ("active", "full_name", "name", "stored")

    def __init__(self, name: str, stored: str | None, full_name: str = "", active: bool = True) -> None:
        self.name = name
        self.stored = stored
        self.full_name = full_name
        self.active = active


class AccountSource(TextSource):
    """A source of accounts, of which the first of equal names counts. Arguments as for `TextSource`, and:

    Args:
        domain: makes the addresses of users whose names have none.
        aliases: files of local aliases, as aliases(5) describes them; one path or several.
        virtual: Postfix virtual alias maps, as virtual(5) describes them; one path or several.
    """

    elsewhere = "the stored password of this user is not in the files that the configuration names"
    """Said when somebody who has no stored password wants to log in."""

    def __init__(
        self,
        kind: str,
        *,
        domain: str | None = None,
        aliases: Paths = None,
        virtual: Paths = None,
        encoding: str,
        default_scheme: str | None,
        password_charset: str | None,
        login: Login | None,
    ) -> None:
        super().__init__(
            kind,
            encoding=encoding,
            default_scheme=default_scheme,
            password_charset=password_charset,
            login=login,
        )
        self._domains = [_domain(kind, domain)] if domain is not None else []
        self._aliases = check_paths(f"{kind}(): aliases", aliases)
        self._virtual = check_paths(f"{kind}(): virtual", virtual)

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        """Read the file to its end and give its accounts, in order.

        Args:
            wanted: if not None, accounts of other names are needed only until there is a stored password for `decoy`.
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

    def _all_stored(self, names: set[str]) -> Iterator[str | None]:
        return (account.stored for account in self._accounts(None) if account.name in names)

    def authenticate(self, user: str, password: str) -> bool | None:
        """Read the file to its end, so that the time does not tell where in it a user is."""
        found = None
        for account in self._accounts(user):
            if account.name != user:
                self._remember(account.stored)
            elif found is None:
                found = account
        if found is None:
            return None
        if found.stored is None and found.active and self._login is None:
            raise SourceError(self.elsewhere)
        return self._verified(user, password, found.stored or "", found.active)

    def _alias_rows(self) -> Iterator[Row]:
        """Give the rows of the alias files. Postfix looks at virtual maps first, and at the first map with the key."""
        if self._virtual or self._aliases:
            from . import aliasfiles

            seen: set[str] = set()
            files = [(path, aliasfiles.virtual) for path in self._virtual]
            files += [(path, aliasfiles.etc_aliases) for path in self._aliases]
            for path, read in files:
                rows = [row for row in alias_rows(path, read, self._encoding) if fold(row[0]) not in seen]
                seen.update(fold(row[0]) for row in rows)
                yield from rows


def alias_rows(path: str, read: Callable[[Iterable[str]], Iterator[Row]], encoding: str) -> Iterator[Row]:
    """Give the rows of an alias file.

    Args:
        path: the file.
        read: the function of `aliasfiles` for its format.
        encoding: its charset.

    Raises:
        SourceError: it cannot be read; the text names file and line.
    """
    try:
        yield from read(lines(path, encoding, may_be_empty=True))
    except ValueError as error:
        raise SourceError(f"{path}, {error}") from None


def _domain(kind: str, value: object) -> str:
    domain = value.strip().removeprefix("@") if isinstance(value, str) else ""
    if not domain or "@" in domain or domain.split() != [domain]:
        raise ConfigError(f"{kind}(): domain must be the name of a domain, such as 'example.com'")
    return domain
