"""One file for each domain: ``%d`` in a path is each folder there, as in Dovecot's ``/etc/auth/%d/passwd``."""

from __future__ import annotations

import os

from ...errors import SourceError
from ...identity import is_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from . import Account

    Read = Callable[[set[str] | None, str], Iterable[Account]]


def find_domains(path: str, wanted: set[str] | None = None) -> tuple[list[str], dict[str, str]]:
    """Return the domains for which ``%d`` is in a path, and the alias domains, each with its domain.

    A domain is a folder; without a dot in its name only one that has the file. A link to another of these folders is an
    alias domain. For a login, which wants a few, others with which something is wrong are left out.

    Raises:
        SourceError: the folder above cannot be read, is without domains, or a link leads out of it.
    """
    before, _, rest = path.partition("%d")
    base, start = os.path.split(before)
    end, slash, _ = rest.partition("/")
    found: list[str] = []
    links: dict[str, str] = {}
    try:
        entries = sorted(os.scandir(base), key=lambda entry: entry.name)
        for entry in entries:
            domain = entry.name[len(start) : len(entry.name) - len(end)]
            named = entry.name.startswith(start) and entry.name.endswith(end) and domain and domain[0] != "."
            try:
                if not named or not (entry.is_dir() if slash else entry.is_file()):
                    continue
                if "." not in domain.strip(".") and not os.path.lexists(path.replace("%d", domain)):
                    continue
                if not is_address(f"x@{domain}") or not domain.isprintable():
                    raise SourceError(f"{entry.path}: its name cannot be that of a domain")
                if not entry.is_symlink():
                    found.append(domain)
                    continue
                name = _read_link(entry.path, base)
                links[domain] = name[len(start) : len(name) - len(end)]
            except (OSError, SourceError):
                if wanted is None or domain in wanted:
                    raise
    except OSError as error:
        raise SourceError(f"{base} cannot be read: {error.strerror}") from None
    if not found:
        raise SourceError(f"{base} has no folders of domains" if slash else f"{base} has no files of domains")
    return found, links


def _read_link(path: str, base: str) -> str:
    """Return the name in the folder `base` to which a link leads."""
    folder, name = os.path.split(os.path.realpath(path))
    if folder != os.path.realpath(base):
        raise SourceError(f"{path} leads out of its folder: an alias domain is a link to one beside it")
    return name


def read_domains(read: Read, domains: list[str], names: set[str] | None) -> Iterator[Account]:
    """Give the accounts of these names (None for all), with their domain in their names.

    A login reads only the file of its domain. For an unknown domain it reads another's, for time and decoy.
    `read` is ``AccountSource._accounts``.
    """
    wanted: Iterable[str] = domains
    if names is not None:
        wanted = {name.rpartition("@")[2] for name in names} & set(domains) or domains[:1]
    for domain in wanted:
        local = names
        if names is not None:
            local = names | {name[: -len(domain) - 1] for name in names if name.endswith(f"@{domain}")}
        for account in read(local, domain):
            account.name = _at(account.name, domain)
            yield account


def _at(name: str, domain: str) -> str:
    if "@" not in name:
        return f"{name}@{domain}"
    if not name.endswith(f"@{domain}"):
        raise SourceError(f"a user in the file of {domain} has another domain in its name: move the line to that file")
    return name
