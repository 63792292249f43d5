"""Mailboxes of HestiaCP and VestaCP: hestiacp/hestiacp, bin/v-add-mail-account and its relatives."""

from __future__ import annotations

import os

from ..errors import SourceError, SourceUnavailable
from ..identity import BLANKS
from ..sources.text import lines
from ..sources.text.accounts import AccountSource
from ..sources.text.passwd_file import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..sources import Login
    from ..sources.text import Account


def hestia(
    folder: str,
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = "MD5-CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> AccountSource:
    """List the mailboxes of a user of HestiaCP or VestaCP, or of one domain, and check their passwords.

    The user name is the whole address, as at Dovecot's login. Suspended mailboxes are not listed. The folder is
    ``/home/USER/conf/mail``, or a domain's in it; the other options are those of `AccountSource`.
    """
    return HestiaSource(folder, encoding, default_scheme, password_charset, login)


class HestiaSource(AccountSource):
    description = "hestia"
    path_option = "folder"

    def _accounts(self, names: set[str] | None) -> Iterator[Account]:
        folders = self._domain_folders()
        wanted: Iterable[str] = folders
        if names is not None:
            # For an unknown domain another one's mailboxes are read, for the same time and for the decoy.
            wanted = {name.rpartition("@")[2] for name in names} & folders.keys() or [next(iter(folders))]
        for domain in wanted:
            yield from self._mailboxes(domain, folders[domain], names)

    def _domain_folders(self) -> dict[str, str]:
        """Return the folder of each domain, at least one."""
        if os.path.lexists(os.path.join(self._path, "passwd")):
            return {os.path.basename(self._path): self._path}
        try:
            found = {
                entry.name: entry.path
                for entry in os.scandir(self._path)
                if "." in entry.name.strip(".") and entry.name[0] != "." and entry.is_dir()
            }
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror}") from None
        if not found:
            raise SourceError(f"{self._path} has neither a file passwd nor folders of domains")
        return dict(sorted(found.items()))

    def _mailboxes(self, domain: str, folder: str, names: set[str] | None) -> Iterator[Account]:
        path = os.path.join(folder, "passwd")
        accounts = os.path.join(folder, "accounts")  # the panel's older versions have none
        known = lines(accounts, self._encoding, may_be_empty=True) if os.path.lexists(accounts) else ()
        missing = {line.partition(":")[0].strip(BLANKS) for line in known} - {""}
        if names is not None:
            names = {name.rpartition("@")[0] for name in names if name.endswith(f"@{domain}")}
            missing &= names
        shape = "have a name and 7 fields separated by colons"
        for _, name, rest in self._records(path, names, shape, least=6, ignored="", may_be_empty=True):
            missing.discard(name)
            account = parse(f"{name}@{domain}", rest)
            account.active = account.active and account.stored != "SUSPENDED"
            yield account
        if missing:
            # The panel takes a line out and appends it anew, at each change of a password.
            raise SourceUnavailable(f"{path} lacks accounts that the file accounts beside it has: it is being changed")

    def _alias_files(self) -> list[tuple[str, str]]:
        paths = [os.path.join(folder, "aliases") for folder in self._domain_folders().values()]
        return [(path, "colon") for path in paths if os.path.lexists(path)]
