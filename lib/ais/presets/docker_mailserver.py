"""Mailboxes of docker-mailserver: its target/scripts/helpers/accounts.sh and aliases.sh say how it reads its files."""

from __future__ import annotations

import os

from ..identity import BLANKS
from ..sources.text import Account
from ..sources.text.accounts import AccountSource
from ..sources.text.passwd_file import extra_says_no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sources import Login
    from ..sources.text.accounts import Row


def docker_mailserver(
    folder: str,
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = "SHA512-CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> DockerMailserverSource:
    """List the mailboxes of docker-mailserver, with the aliases of ``postfix-virtual.cf``, and check their passwords.

    ``postfix-regexp.cf`` is not read: patterns give nobody an address.

    Args:
        folder: the folder with ``postfix-accounts.cf`` (docker-data/dms/config), relative to the configuration file.

    The other options are those of `TextSource`.
    """
    return DockerMailserverSource(folder, encoding, default_scheme, password_charset, login)


class DockerMailserverSource(AccountSource):
    """The folder of docker-mailserver's configuration."""

    description = "docker_mailserver"
    path_option = "folder"

    def _accounts(self, names: set[str] | None) -> Iterator[Account]:
        path = os.path.join(self._path, "postfix-accounts.cf")
        for _, name, rest in self._records(path, names, "be address|password", separator="|"):
            stored, _, extra = rest.rstrip(BLANKS).partition("|")
            yield Account(name, stored, active=not extra_says_no(extra))

    def _alias_rows(self) -> Iterator[Row]:
        path = os.path.join(self._path, "postfix-virtual.cf")
        if os.path.lexists(path):  # there is none before the first alias
            from ..sources.text.aliasfiles import virtual

            yield from self._rows_of(path, virtual)
