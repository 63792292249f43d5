"""Mailboxes of HestiaCP and VestaCP: hestiacp/hestiacp, bin/v-add-mail-account and its relatives."""

from __future__ import annotations

import os

from ..errors import SourceUnavailable
from ..identity import BLANKS
from ..sources.text import is_there, lines
from ..sources.text.accounts import AccountSource
from ..sources.text.domains import find_domains
from ..sources.text.passwd_file import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
    may_be_empty = True

    def _find_domains(self, wanted: set[str] | None = None) -> tuple[list[str], dict[str, str]]:
        if is_there(os.path.join(self._path, "passwd")):
            return [os.path.basename(self._path)], {}
        return find_domains(os.path.join(self._path, "%d", "passwd"), wanted)

    def _folder(self, domain: str) -> str:
        return self._path if os.path.basename(self._path) == domain else os.path.join(self._path, domain)

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        path, accounts = (os.path.join(self._folder(domain), name) for name in ("passwd", "accounts"))
        # the panel's older versions have no file accounts
        known = lines(accounts, self._encoding, may_be_empty=True) if is_there(accounts) else ()
        missing = {line.partition(":")[0].strip(BLANKS) for line in known} - {""}
        if names is not None:
            missing &= names
        shape = "have a name and 7 fields separated by colons"
        for _, name, rest in self._records(path, names, shape, least=6, ignored=""):
            missing.discard(name)
            account = parse(name, rest)
            account.active = account.active and account.stored != "SUSPENDED"
            yield account
        if missing:
            # The panel takes a line out and appends it anew, at each change of a password.
            raise SourceUnavailable(f"{path} lacks accounts that the file accounts beside it has: it is being changed")

    def _alias_files(self) -> list[tuple[str, str]]:
        one = is_there(os.path.join(self._path, "passwd"))
        return [(os.path.join(os.path.dirname(self._path) if one else self._path, "%d", "aliases"), "colon")]
