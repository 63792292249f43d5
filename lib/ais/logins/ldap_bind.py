"""Passwords that an LDAP directory checks, by a bind as the user (RFC 4513, 5.1.3)."""

from __future__ import annotations

from ..errors import ConfigError, SourceError, SourceUnavailable
from ..network.ldap.entries import entries_of, escaped
from ..network.ldap.results import check_search
from ..network.ldap.servers import Servers
from . import Login
from .names import Name, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..network.ldap.wire import Server


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
) -> LdapBindLogin:
    """Check passwords by binding to an LDAP directory as the user.

    In `dn` and `filter`, ``{user}`` is the user's name, ``{local}`` and ``{domain}`` what is before and behind its
    ``@``; values are escaped.

    Args:
        url: ``ldaps://host`` or ``ldap://host``, with a port if it is not the usual one; or several that are tried in
            order.
        dn: the users' DN, such as ``uid={user},ou=people,dc=example,dc=com``; or what else the server takes, such as
            ``{user}@example.com`` in Active Directory.
        base: instead of `dn`: where the user's entry is searched first.
        filter: which entry is the user's (RFC 4515).
        bind_dn: whom to search as; anonymously if None.
        bind_password: the password.
        starttls: whether to begin TLS on ``ldap://`` connections.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.

    Raises:
        ConfigError: an argument cannot be used.
    """
    servers = Servers("ldap_bind()", url, starttls, ca_file)
    if (dn is None) == (base is None):
        raise ConfigError("ldap_bind(): give either dn, or base and filter to search the user's entry")
    if dn is not None:
        if bind_dn is not None or bind_password is not None:
            raise ConfigError("ldap_bind(): bind_dn and bind_password are for a search: leave them out with dn")
        return LdapBindLogin(servers, Name("ldap_bind(): dn", dn), None, _is_dn(dn), (None, ""))
    if not isinstance(base, str):
        raise ConfigError("ldap_bind(): base must be a DN, such as 'ou=people,dc=example,dc=com'")
    if not isinstance(filter, str) or not (filter.startswith("(") and filter.endswith(")")):
        raise ConfigError("ldap_bind(): filter must be in parentheses, such as '(uid={user})'")
    texts = [isinstance(each, str) and bool(each) for each in (bind_dn, bind_password)]
    if not (all(texts) or (bind_dn is None and bind_password is None)):
        raise ConfigError("ldap_bind(): bind_dn and bind_password must be two texts, or be left out")
    return LdapBindLogin(servers, Name("ldap_bind(): filter", filter), base, True, (bind_dn, bind_password or ""))


def _is_dn(pattern: str) -> bool:
    return "=" in pattern.partition(",")[0]


class LdapBindLogin(Login):
    """See `ldap_bind`.

    Args:
        servers: where to ask.
        name: makes the DN, or the filter.
        base: where to search; None for no search.
        escape: whether parts of a user's name are escaped in it.
        bind_as: whom to search as, and the password.
    """

    def __init__(
        self, servers: Servers, name: Name, base: str | None, escape: bool, bind_as: tuple[str | None, str]
    ) -> None:
        self._servers = servers
        self._name = name
        self._base = base
        self._escape = escaped if escape else str  # a DN (RFC 4514, 2.4) has the same escapes as a filter
        self._bind_as = bind_as

    def verify(self, user: str, password: str) -> bool:
        """Bind as the user, whose entry is searched if need be."""
        if encoded(user, password) is None:
            return False
        name = self._name.of(user, self._escape)
        if self._base is None:
            return self._servers.accepts(name, password)
        dn, server = self._searched(self._base, name)
        return dn is not None and self._servers.accepts(dn, password, server)

    def _searched(self, base: str, filter: str) -> tuple[str | None, Server]:
        with self._servers.connect(*self._bind_as) as connection:
            result = connection.search(base, filter, ["1.1"], size_limit=2)  # no attributes (RFC 4511, 4.5.1.8)
            found = [entry.dn for entry in entries_of(result)]
            if len(found) > 1:
                raise SourceError(f"ldap_bind(): two entries are found for one user: {found[0]}, {found[1]}")
            check_search(result, base)
            if found and not found[0]:
                raise SourceUnavailable(f"{connection.server.name} found an entry without a DN")
            return (found[0] if found else None), connection.server
