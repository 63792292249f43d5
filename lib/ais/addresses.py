"""Who gets which e-mail address: aliases and alias domains.

Without I/O, but it keeps the deadline of the request. The rules are those of mail delivery as Postfix describes them in
virtual(5): the whole address is looked up first, then the name alone (local domains), then the domain (alias domains).
"""

from __future__ import annotations

from . import deadline
from .errors import SourceError
from .identity import fold, is_address, own_address, owners
from .text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Rows = Iterable[tuple[str | None, object]]

MOST_FOR_ONE = 50_000
"""Addresses that one user may get by aliases."""

MOST_FOR_ALL = 1_000_000
"""Addresses that all users together may get by aliases; ten for each user, if that is more."""

_MARKS = frozenset('"|:\\<>()')
"""Characters that targets have only where they are more than words."""

_ANY = ("", "*", "%")  # a local part or a domain that means any: a catch-all


def resolve(
    mailboxes: Mapping[str, str | Iterable[str]] | Iterable[str],
    aliases: Rows,
    alias_domains: Rows = (),
    *,
    reserved: Iterable[str] = (),
    local_domains: Iterable[str] = (),
    left_over: list[str] | None = None,
) -> dict[str, list[str]]:
    """Return the addresses of each mailbox: its own as given, then its aliases, sorted without regard to case.

    An address is an alias of every mailbox in which its mail ends up, also by way of other aliases and alias domains.
    A mailbox is the end of the way: rows at its own address are forwards and give nobody an address. A row at a whole
    address beats what an alias domain would make of it. Catch-alls give nobody an address and are not followed.
    An address that is a user's name leads to its owner (`identity.owners`) alone, if the owner has it. Logging in by
    the address of another mailbox gives nothing. The time needed grows with the rows and the result.

    Args:
        mailboxes: the mailboxes to list: a dict from user name to own address(es), or user names alone. A name that is
            an address is that mailbox' own address unless there are others. Aliases may lead to an own address or to
            the user name.
        aliases: rows of address and targets. Targets are text (see `cells.split_targets`) or a list with one
            target each. Rows for the same address add up. ``@a`` with the target ``@b`` makes `a` an alias domain of
            `b`. Rows whose address or targets are empty or None are left out.
        alias_domains: rows of alias domain and target domain, each with or without a leading ``@``.
        reserved: addresses and user names of mailboxes that exist but are not listed, such as disabled ones: nobody
            gets them, and their rows are not followed. Listed mailboxes may be among them.
        local_domains: the domains for which a name without a domain holds (Postfix' mydestination; the first one
            is its myorigin). A user name without an ``@`` has an own address in each.
        left_over: gets the targets and the addresses of aliases that have an ``@`` and are no addresses.

    Raises:
        ValueError: an address or a target is not text.
        SourceError: users get more addresses by aliases than `MOST_FOR_ONE` or `MOST_FOR_ALL`.
        SourceUnavailable: the deadline is over.
    """
    stripped = (name.strip().removeprefix("@") for name in local_domains)
    local = {fold(name): name for name in stripped if name}
    items = getattr(mailboxes, "items", None)
    own = {user: _own_addresses(given, user) for user, given in (items() if items else ((n, ()) for n in mailboxes))}
    users = {user: user for user in own}  # who has the mail for each name
    for user in own:
        for name in _at_home(user, local):
            users.setdefault(name, user)
    owner = owners({name: own[user].values() if "@" in user else [name] for name, user in users.items()})
    for user, addresses in own.items():
        for name in _at_home(user, local):
            if users.get(owner[fold(name)] or "") == user and is_address(name):
                addresses.setdefault(fold(name), f"{user}@{local[name[len(user) + 1 :]]}")
    given = {node for addresses in own.values() for node in addresses}
    taken = given | owner.keys()
    for name in map(str.strip, reserved):
        taken.update(map(fold, (name, *_at_home(name, local))))
    routes = _Routes(aliases, alias_domains, taken, local, max(MOST_FOR_ALL, 10 * len(own)), left_over)

    def is_end(user: str, node: str) -> bool:
        holder = users.get(owner.get(node, user) or "")
        return holder == user or (holder is not None and node not in own[holder])

    found = {}
    for user, addresses in own.items():
        ends = [node for node in addresses if is_end(user, node)]
        if fold(user) not in given and owner[fold(user)] == user:
            ends += (fold(user), f"\\{fold(user)}")  # with a backslash, aliases(5) names the mailbox alone
        found[user] = routes.addresses(user, addresses, ends)
    return found


class _Routes:
    """All ways of mail, to be walked against their direction: from a mailbox to the addresses that lead to it."""

    def __init__(
        self,
        aliases: Rows,
        alias_domains: Rows,
        taken: set[str],
        local: dict[str, str],
        most: int,
        left_over: list[str] | None,
    ) -> None:
        self.left = most  # addresses that may still be found
        self.left_over = [] if left_over is None else left_over
        self.steps = 0  # since somebody looked at the deadline
        self.local = local
        self.written: dict[str, str] = {}  # the spelling of each address that has a row
        self.also: dict[str, dict[str, str]] = {"": local} if local else {}  # domain: its alias domains
        self.domains = {node.rpartition("@")[2] for node in taken if "@" in node} | local.keys()
        rows: dict[str, list[str]] = {}
        for address, cell in aliases:
            written = _text(address)
            self._read(written, _targets(cell, written, self.left_over), rows)
        for alias_domain, target_domain in alias_domains:
            self._add_alias_domain(_text(alias_domain), fold(_text(target_domain)))
        if local:
            # "example.com anything" only declares a domain (virtual(5), old style); it is no name in the local domains
            for node in [node for node in rows if "." in node and node in self.domains]:
                del rows[node]
        self.blocked = taken | rows.keys()  # what an alias domain cannot give
        self.sources: dict[str, list[str]] = {}  # the addresses that lead to each
        origin = next(iter(local), None)
        for node, targets in rows.items():
            for target in targets if node not in taken else ():
                if origin and "@" not in target and target not in self.blocked:
                    target = f"{target}@{origin}"
                self.sources.setdefault(target, []).append(node)

    def _read(self, written: str, targets: list[str], rows: dict[str, list[str]]) -> None:
        self._count(len(targets))
        node = fold(written)
        name, at, domain = node.rpartition("@") if "@" in node else (node, "", "")
        if at:
            self.domains.add(domain)
        if name in _ANY or (at and domain in _ANY):
            if written[:1] == "@":
                for target in targets:
                    if target[0] == "@":
                        self._add_alias_domain(written, target)
        elif targets:
            if at and node not in rows and not is_address(node):
                from .cells import is_other  # here, because hardly any alias needs it

                if not is_other(written):
                    self.left_over.append(f"the alias {written}")
            self.written.setdefault(node, written)
            # the target "@b" means the same name in b
            rows.setdefault(node, []).extend(name + target if target[0] == "@" else target for target in targets)

    def _add_alias_domain(self, written: str, target: str) -> None:
        written, target = written.removeprefix("@"), target.removeprefix("@")
        if written not in _ANY and target not in _ANY and "@" not in written and "@" not in target:
            self.also.setdefault(target, {}).setdefault(fold(written), written)

    def addresses(self, user: str, own: dict[str, str], ends: list[str]) -> list[str]:
        """Return `own`, as written by node, and every alias of the mailbox `user`, in which the mail of `ends` is."""
        found = {node: own.get(node, user) for node in ends}
        name = fold(user)
        most = min(self.left, MOST_FOR_ONE) + len(ends)
        queue = list(found)
        for node in queue:  # which grows meanwhile
            sources = self.sources.get(node, ())
            self._count(len(sources))
            for alias in sources:
                if alias not in found:
                    found[alias] = self.written[alias]
                    queue.append(alias)
            domain = node.rpartition("@")[2] if "@" in node else ""
            if domain in self.also:
                self._add_implied(node, domain, found, queue)
            if len(found) > most:
                raise SourceError(
                    f"too many aliases lead to {one_line(user)}, such as {one_line(found[queue[-1]])}: users may get "
                    f"{MOST_FOR_ONE} addresses each by aliases, and {MOST_FOR_ALL} together"
                )
        self.left -= len(found) - len(ends)
        others = [node for node in found if node not in own and node != name and is_address(node)]
        return [*own.values(), *(found[node] for node in sorted(others))]

    def _count(self, steps: int) -> None:
        self.steps += 1 + steps
        if self.steps > 50_000:
            self.steps = 0
            deadline.remaining()

    def _add_implied(self, node: str, domain: str, found: dict[str, str], queue: list[str]) -> None:
        name = node[: -len(domain) - 1] if domain else node
        if name in _ANY:
            return
        self._count(len(self.also[domain]))
        written = found[node][: len(name)]
        for alias_domain, domain_written in self.also[domain].items():
            alias = f"{name}@{alias_domain}"
            # in a local domain a row or a mailbox of the name alone beats an alias domain
            beaten = domain and alias_domain in self.local and name in self.blocked
            if alias not in found and alias not in self.blocked and not beaten:
                found[alias] = f"{written}@{domain_written}"
                queue.append(alias)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"an address must be text, not {type(value).__name__}")
    return value.strip()


def _own_addresses(given: str | Iterable[str], user: str) -> dict[str, str]:
    own: dict[str, str] = {}
    for address in [given] if isinstance(given, str) else given:
        if is_address(written := _text(address)):
            own.setdefault(fold(written), written)
    return own or {fold(name): name for name in own_address(user)}


def _at_home(user: str, local: Iterable[str]) -> list[str]:
    """Return the addresses that a user name without a domain has in the local domains."""
    return [f"{user}@{domain}" for domain in local] if user and "@" not in user else []


def _targets(cell: object, alias: str, left_over: list[str]) -> list[str]:
    if cell is None:
        return []
    if isinstance(cell, str):
        if not (_MARKS & set(cell)):
            words = fold(cell).replace(",", " ").replace(";", " ").split()
            if all("@" not in word[1:] or is_address(word) for word in words):
                return words
        from .cells import split_targets  # here, because hardly any database holds such text

        cell = split_targets(fold(cell))
    if not isinstance(cell, (list, tuple)):
        raise ValueError(f"the targets of an alias must be text or a list, not {type(cell).__name__}")
    from .cells import LeftOver

    left_over += [f"{target} of the alias {alias}" for target in cell if isinstance(target, LeftOver)]
    return [fold(_text(target)) for target in cell if target and not isinstance(target, LeftOver)]
