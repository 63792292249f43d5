"""Mailboxes of docker-mailserver: its target/scripts/helpers/accounts.sh and aliases.sh say how it reads its files."""

from __future__ import annotations

import os

from ..identity import BLANKS
from ..sources.text import Account, is_there
from ..sources.text.accounts import AccountSource
from ..sources.text.passwd_file import extra_says_no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sources import Login


def docker_mailserver(
    folder: str,
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = "SHA512-CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> AccountSource:
    """List the mailboxes of docker-mailserver, with the aliases of ``postfix-virtual.cf``, and check their passwords.

    ``postfix-regexp.cf`` is not read: patterns give nobody an address. The folder is that with ``postfix-accounts.cf``
    (docker-data/dms/config); the other options are those of `AccountSource`.
    """
    return DockerMailserverSource(folder, encoding, default_scheme, password_charset, login)


class DockerMailserverSource(AccountSource):
    description = "docker_mailserver"
    path_option = "folder"

    @property
    def user_files(self) -> list[str]:
        return [os.path.join(self._path, "postfix-accounts.cf")]

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        for _, name, rest in self._records(self.user_files[0], names, "be address|password", separator="|"):
            stored, _, extra = rest.rstrip(BLANKS).partition("|")
            yield Account(name, stored, active=not extra_says_no(extra))

    def _alias_files(self) -> list[tuple[str, str]]:
        path = os.path.join(self._path, "postfix-virtual.cf")
        return [(path, "virtual")] if is_there(path) else []  # the file is missing before the first alias
