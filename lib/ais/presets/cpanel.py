"""Mailboxes of an account of cPanel: docs.cpanel.net, and programs that read its files."""

from __future__ import annotations

import os

from ..errors import SourceError
from ..identity import fold
from ..options import check_path
from ..sources.text import is_there
from ..sources.text.passwd import PasswdSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sources import Login
    from ..sources.text import Account

VALIASES, VDOMAINALIASES = "/etc/valiases", "/etc/vdomainaliases"


def cpanel(
    home: str,
    valiases: str | None = VALIASES,
    vdomainaliases: str | None = VDOMAINALIASES,
    *,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> PasswdSource:
    """List the mailboxes of all domains of an account of cPanel, and check their passwords.

    Args:
        home: the account's home, ``/home/USER``, whose folder ``etc`` has a folder with ``passwd`` and ``shadow`` for
            each domain.
        valiases: folder with a file of aliases for each domain; None does without.
        vdomainaliases: folder with a file for each alias domain; None does without.

    Mailboxes whose login is suspended (``!`` in shadow) are not listed. The other options are those of `TextSource`.
    """
    home = check_path("cpanel(): home", home, "the path of a folder")
    path, shadow = (os.path.join(home, "etc", "%d", name) for name in ("passwd", "shadow"))
    source = CpanelSource(path, encoding, default_scheme, password_charset, login)
    source.home, source.shadow = home, shadow
    source.valiases, source.vdomainaliases = (
        None if given is None else check_path(f"cpanel(): {option}", given, "the path of a folder")
        for option, given in (("valiases", valiases), ("vdomainaliases", vdomainaliases))
    )
    return source


class CpanelSource(PasswdSource):
    description = "cpanel"
    path_option = "home"
    elsewhere = "the password of this user is not in the file shadow beside passwd"
    may_be_empty = True
    uids = range(1 << 32)  # all mailboxes have the account's
    skip_shells = frozenset()
    home: str
    valiases: str | None
    vdomainaliases: str | None

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        # The home is the customer's, who must not get at the files of others by links.
        folder = os.path.join(os.path.realpath(self.home), "etc", domain)
        for name in ("passwd", "shadow"):
            if os.path.realpath(os.path.join(self.home, "etc", domain, name)) != os.path.join(folder, name):
                raise SourceError(f"{self.home}/etc/{domain}/{name} is a link, or in a linked folder: remove the link")
        return super()._accounts(names, domain)

    def _alias_files(self) -> list[tuple[str, str]]:
        if self.valiases is None or not _is_there("valiases", self.valiases, VALIASES):
            return []
        return [(os.path.join(self.valiases, "%d"), "valiases")]

    def _alias_domain_rows(self) -> list[tuple[str, str]]:
        from ..sources.text.aliasfiles import read

        if self.vdomainaliases is None or not _is_there("vdomainaliases", self.vdomainaliases, VDOMAINALIASES):
            return []
        try:
            names = sorted(name for name in os.listdir(self.vdomainaliases) if not name.startswith("."))
        except OSError as error:
            why = f"{error.strerror}: give the right to read it, or set vdomainaliases=None"
            raise SourceError(f"{self.vdomainaliases} cannot be read: {why}") from None
        # the mail server looks up a domain in its own file alone
        return [
            (name, target)
            for name in names
            for alias, targets in read(os.path.join(self.vdomainaliases, name), self._encoding, "colon")
            if fold(alias) == fold(name)
            for target in targets
        ]


def _is_there(option: str, folder: str, usual: str) -> bool:
    """Whether a folder is there. One that the configuration names must be; the usual one need not."""
    if not is_there(folder) and folder == usual:
        return False
    if not os.path.isdir(folder):
        raise SourceError(f"{folder} cannot be read: there is no such folder: correct {option}, or set {option}=None")
    return True
