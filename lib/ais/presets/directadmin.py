"""Mailboxes of DirectAdmin: its build scripts, and docs.directadmin.com, "Directories and locations"."""

from __future__ import annotations

import os

from ..options import check_path
from ..sources.text import is_there, lines
from ..sources.text.accounts import AccountSource
from ..sources.text.passwd_file import PasswdFileSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sources import Login
    from ..sources.text import Account


def directadmin(
    folder: str = "/etc/virtual",
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = "CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> AccountSource:
    """List the mailboxes of all domains of DirectAdmin, and check their passwords.

    Each domain's folder has a passwd-file of Dovecot, and aliases whose names have no domain, as Exim reads them. A
    domain pointer is a link to the folder of its domain. A mailbox whose password begins with ``!`` is not listed, nor
    are those of a domain whose folder is called ``DOMAIN_off``: it is suspended.
    """
    path = os.path.join(check_path("directadmin(): folder", folder, "the path of a folder"), "%d", "passwd")
    return DirectAdminSource(path, encoding, default_scheme, password_charset, login)


class DirectAdminSource(PasswdFileSource):
    description = "directadmin"
    path_option = "folder"
    may_be_empty = True

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        for account in super()._accounts(names, domain):
            account.active = account.active and not (account.stored or "").startswith("!")
            yield account

    def _find_domains(self, wanted: set[str] | None = None) -> tuple[list[str], dict[str, str]]:
        domains, links = super()._find_domains(wanted)
        active = (domain for domain in domains if not domain.endswith("_off"))
        return [domain for domain in active if self._has_mailboxes(domain, wanted)], links

    def _has_mailboxes(self, domain: str, wanted: set[str] | None) -> bool:
        path = self._path.replace("%d", domain)
        if wanted is not None and domain not in wanted:
            return os.path.lexists(path)
        if is_there(path):
            return True
        # The server's own name has a folder without passwd, and is not among the customers' domains.
        owners = os.path.join(os.path.dirname(os.path.dirname(self._path)), "domainowners")
        if not is_there(owners):
            return True
        return any(
            line.partition(":")[0].strip() == domain for line in lines(owners, self._encoding, may_be_empty=True)
        )

    def _alias_files(self) -> list[tuple[str, str]]:
        return [(os.path.join(os.path.dirname(self._path), "aliases"), "colon")]
