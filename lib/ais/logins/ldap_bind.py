"""Passwords that an LDAP directory checks, by a bind as the user (RFC 4513, 5.1.3)."""

from __future__ import annotations

from ..errors import ConfigError, SourceUnavailable
from ..network.ldap import Directory, escape
from . import Login, NamedLogin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def ldap_bind(
    url: str | Sequence[str],
    *,
    dn: str | None = None,
    base: str | None = None,
    filter: str = "(uid={user})",
    bind_dn: str | None = None,
    bind_password: str | None = None,
    starttls: bool = False,
    ca_file: str | None = None,
) -> Login:
    """Check passwords by binding to an LDAP directory as the user.

    In `dn` and `filter`, ``{user}`` is the user's name, ``{local}`` and ``{domain}`` what is before and behind its
    ``@``; values are escaped.

    Args:
        url, bind_dn, bind_password, starttls, ca_file: as those of `ldap`.
        dn: the users' DN, such as ``uid={user},ou=people,dc=example,dc=com``; or what else the server takes, such as
            ``{user}@example.com`` in Active Directory.
        base: instead of `dn`: where the user's entry is searched first.
        filter: which entry is the user's (RFC 4515).

    Raises:
        ConfigError: an argument cannot be used.
    """
    directory = Directory("ldap_bind()", url, base or "", filter, bind_dn, bind_password, starttls, ca_file)
    if (dn is None) == (base is None):
        raise ConfigError("ldap_bind(): give either dn, or base and filter to search the user's entry")
    if dn is None:
        return _search_and_bind(directory)
    if bind_dn is not None:
        raise ConfigError("ldap_bind(): bind_dn and bind_password are for a search: leave them out with dn")
    return _bind(directory, dn)


def _bind(directory: Directory, dn: str) -> Login:
    def bind(name: bytes, password: bytes) -> bool:
        return directory.accepts(name.decode(), password.decode())

    # The escapes of a filter are those of a DN, too (RFC 4514, 2.4).
    is_dn = isinstance(dn, str) and "=" in dn.partition(",")[0]
    return NamedLogin("ldap_bind(): dn", dn, bind, escape if is_dn else str)


def _search_and_bind(directory: Directory) -> Login:
    def search_and_bind(wanted: bytes, password: bytes) -> bool:
        # No attributes (RFC 4511, 4.5.1.8).
        entry, server = directory.find(wanted.decode(), ["1.1"], "ldap_bind(): two entries are found for one user")
        if entry is not None and not entry.dn:
            raise SourceUnavailable(f"{server.name} found an entry without a DN")
        return entry is not None and directory.accepts(entry.dn, password.decode(), server)

    return NamedLogin("ldap_bind(): filter", directory.filter, search_and_bind, escape)
