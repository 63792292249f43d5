"""Mailboxes of docker-mailserver: its target/scripts/helpers/accounts.sh and aliases.sh say how it reads its files."""

from __future__ import annotations

import os

from ..errors import SourceError
from ..options import check_path
from ..sources.text.accounts import Account, AccountSource, alias_rows
from ..sources.text.lines import lines
from ..sources.text.passwd_file import extra_says_no

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

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
        encoding: charset of the files.
        default_scheme: scheme of stored passwords that do not say theirs.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the file.

    Raises:
        ConfigError: an argument cannot be used.
    """
    return DockerMailserverSource(
        check_path("docker_mailserver(): folder", folder),
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class DockerMailserverSource(AccountSource):
    """See `docker_mailserver`. Arguments as for `AccountSource`, and the folder before them."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__("docker_mailserver", **options)
        self._path = os.path.join(folder, "postfix-accounts.cf")
        self._map = os.path.join(folder, "postfix-virtual.cf")

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        for number, line in enumerate(lines(self._path, self._encoding), 1):
            line = line.strip()
            if not line or line[0] == "#":
                continue
            name, bar, rest = line.partition("|")
            name = name.rstrip()
            if not bar or not name:
                raise SourceError(f"{self._path}, line {number}: it must be address|password")
            if name == wanted or wanted is None or self._sample is None:
                stored, _, extra = rest.partition("|")
                yield Account(name, stored, active=not extra_says_no(extra))

    def _alias_rows(self) -> Iterator[Row]:
        if os.path.lexists(self._map):  # there is none before the first alias
            from ..sources.text.aliasfiles import virtual

            yield from alias_rows(self._map, virtual, self._encoding)
