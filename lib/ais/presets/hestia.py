"""Mailboxes of HestiaCP and VestaCP: hestiacp/hestiacp, bin/v-add-mail-account and its relatives."""

from __future__ import annotations

import os

from ..errors import SourceError, SourceUnavailable
from ..options import check_path
from ..sources.text.accounts import Account, AccountSource, alias_rows
from ..sources.text.lines import lines
from ..sources.text.passwd_file import parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..sources import Login
    from ..sources.text.accounts import Row


def hestia(
    folder: str,
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = "MD5-CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> HestiaSource:
    """List the mailboxes of a user of HestiaCP or VestaCP, or of one domain, and check their passwords.

    The user name is the whole address, as at Dovecot's login. Suspended mailboxes are not listed.

    Args:
        folder: ``/home/USER/conf/mail``, or a domain's folder in it; relative to the configuration file.
        encoding: charset of the files.
        default_scheme: scheme of stored passwords that do not say theirs.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the files.

    Raises:
        ConfigError: an argument cannot be used.
    """
    return HestiaSource(
        check_path("hestia(): folder", folder),
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class HestiaSource(AccountSource):
    """See `hestia`. Arguments as for `AccountSource`, and the folder before them."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__("hestia", **options)
        self._folder = folder

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        folders = self._domain_folders()
        if wanted is None:
            for domain, folder in folders.items():
                yield from self._mailboxes(domain, folder)
            return
        domain = wanted.rpartition("@")[2]
        if domain not in folders:
            # Another domain's mailboxes are read instead, for the same time and for the decoy.
            domain = next(iter(folders))
        for account in self._mailboxes(domain, folders[domain]):
            if account.name == wanted or self._sample is None:
                yield account

    def _domain_folders(self) -> dict[str, str]:
        """Return the folder of each domain.

        Raises:
            SourceError: this is no folder of mail domains.
        """
        if os.path.lexists(os.path.join(self._folder, "passwd")):
            return {os.path.basename(self._folder): self._folder}
        try:
            found = {entry.name: entry.path for entry in os.scandir(self._folder) if _is_domain(entry)}
        except OSError as error:
            raise SourceError(f"{self._folder} cannot be read: {error.strerror}") from None
        if not found:
            raise SourceError(f"{self._folder} has neither a file passwd nor folders of domains")
        return dict(sorted(found.items()))

    def _mailboxes(self, domain: str, folder: str) -> Iterator[Account]:
        path = os.path.join(folder, "passwd")
        missing = self._names(os.path.join(folder, "accounts"))
        for number, line in enumerate(lines(path, self._encoding, may_be_empty=True), 1):
            line = line.strip()
            if not line:
                continue
            name, _, rest = line.partition(":")
            if line.count(":") < 6 or not name:
                raise SourceError(f"{path}, line {number}: it must have a name and 7 fields separated by colons")
            missing.discard(name)
            account = parsed(f"{name}@{domain}", rest)
            account.active = account.active and account.stored != "SUSPENDED"
            yield account
        if missing:
            # The panel takes a line out and appends it anew, at each change of a password.
            raise SourceUnavailable(f"{path} lacks accounts that the file accounts beside it has: it is being changed")

    def _names(self, path: str) -> set[str]:
        """Return the names in the file of all accounts; the panel's older versions have none."""
        if not os.path.lexists(path):
            return set()
        found = (line.partition(":")[0].strip() for line in lines(path, self._encoding, may_be_empty=True))
        return {name for name in found if name}

    def _alias_rows(self) -> Iterator[Row]:
        from ..sources.text.aliasfiles import colon

        for folder in self._domain_folders().values():
            path = os.path.join(folder, "aliases")
            if os.path.lexists(path):
                yield from alias_rows(path, colon, self._encoding)


def _is_domain(entry: os.DirEntry[str]) -> bool:
    return "." in entry.name.strip(".") and entry.name[0] != "." and entry.is_dir()
