"""Mailboxes of Virtualmin: virtualmin/virtualmin-gpl, virtual-server-lib-funcs.pl and feature-mail.pl."""

from __future__ import annotations

from ..options import check_path
from ..sources.text import is_there
from ..sources.text.passwd import NOBODY, PasswdSource, check_uid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..sources import Login
    from ..sources.text import Account
    from ..sources.text.aliasfiles import Row

ALIASES = "/etc/aliases"


def virtualmin(
    path: str = "/etc/passwd",
    shadow: str | None = "/etc/shadow",
    virtual: str = "/etc/postfix/virtual",
    *,
    aliases: str | None = ALIASES,
    min_uid: int = 1000,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> PasswdSource:
    """List the mailboxes of Virtualmin, which are Unix users, and check their passwords.

    Args:
        path: the file of users.
        shadow: the file of their passwords; None where a login checks them. A disabled domain has ``!`` there.
        virtual: Postfix's virtual alias map, which has all addresses.
        aliases: the file of local aliases, through which addresses lead that have several targets; None does without.
        min_uid: smaller uids are system accounts.

    Names of the style ``anna@example.com`` come twice, as ``anna-example.com`` with the same uid, too: that one is left
    out. The other options are those of `TextSource`.
    """
    check_uid("virtualmin(): min_uid", min_uid)
    source = VirtualminSource(path, encoding, default_scheme, password_charset, login)
    source.shadow = None if shadow is None else check_path("virtualmin(): shadow", shadow)
    source.uids = range(min_uid, 1 << 32)
    source.give_addresses(None, None, check_path("virtualmin(): virtual", virtual), None)
    source.aliases = None if aliases is None else check_path("virtualmin(): aliases", aliases)
    return source


class VirtualminSource(PasswdSource):
    description = "virtualmin"
    skip_shells = frozenset()
    aliases: str | None

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        if names is not None:
            names = names | {
                f"{name[:at]}@{name[at + 1 :]}" for name in names for at, sign in enumerate(name) if sign == "-"
            }
        accounts = [each for each in super()._accounts(names, domain) if int(each.uid) != NOBODY]
        uids = {_twin(account.name): account.uid for account in accounts if "@" in account.name}
        return (account for account in accounts if "@" in account.name or uids.get(account.name) != account.uid)

    def _alias_rows(self, domains: Sequence[str], listed: Iterable[str]) -> Iterable[Row]:
        # the map leads to the twin, since Postfix takes what is behind an @ for a domain
        twins = {_twin(name): [name] for name in listed if "@" in name}
        local = {name: targets for name, targets in self._local_rows() if name not in twins}
        return [*super()._alias_rows(domains, listed), *twins.items(), *local.items()]

    def _local_rows(self) -> Iterator[Row]:
        """Give the rows of the local aliases. A mailbox (``\\name``) gets its mail alone: the rest are its forwards."""
        from ..sources.text.aliasfiles import read

        if self.aliases is None or (self.aliases == ALIASES and not is_there(ALIASES)):
            return
        for name, targets in read(self.aliases, self._encoding, "etc_aliases"):
            yield name, [target[1:] for target in targets if target[:1] == "\\"] or targets


def _twin(name: str) -> str:
    return name.replace("@", "-")
