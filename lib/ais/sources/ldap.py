"""Users in an LDAP directory: OpenLDAP, Active Directory, 389 Directory Server and others (RFC 4511)."""

from __future__ import annotations

from ..errors import AISError, ConfigError, SourceError
from ..network.ldap.entries import Fields, entries_of, escaped, folded
from ..network.ldap.results import check_search
from ..network.ldap.servers import Servers
from ..options import check_login
from . import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..logins import Login
    from ..network.ldap.connection import Connection
    from ..network.ldap.entries import Entry
    from ..user import User


PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696


def ldap(
    url: str | Sequence[str],
    *,
    base: str,
    filter: str = "(objectClass=inetOrgPerson)",
    bind_dn: str | None = None,
    bind_password: str | None = None,
    user_name: str = "uid",
    full_name: str | None = "cn",
    distinguished_name: str | None = "dn",
    email_addresses: str | Sequence[str] = "mail",
    starttls: bool = False,
    ca_file: str | None = None,
    page_size: int | None = 500,
    login: Login | None = None,
) -> LdapSource:
    """List users of an LDAP directory, and check passwords by binding as the user.

    Args:
        url: ``ldaps://host`` or ``ldap://host``, with a port if it is not the usual one; or several that are tried in
            order.
        base: DN below which the users are.
        filter: which entries are users that may log in (RFC 4515).
        bind_dn: whom to search as: a DN, or what else the server takes, such as ``name@domain``; anonymously if None.
        bind_password: the password.
        user_name: attribute with the name that users log in with. Of several values the one in the entry's DN counts.
        full_name: attribute with the name to show; its first value counts. None for no names.
        distinguished_name: attribute with the distinguished name; ``dn`` for the entry's own, None for none.
        email_addresses: attribute with the addresses, or several. Values as in ``proxyAddresses`` are understood.
        starttls: whether to begin TLS on ``ldap://`` connections.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        page_size: how many entries to ask for at a time; None for a server that cannot give pages (RFC 2696).
        login: checks passwords instead of the directory.

    Raises:
        ConfigError: an argument cannot be used.
    """
    check_login("ldap()", login)
    _check_search(base, filter, page_size)
    _check_login(bind_dn, bind_password)
    addresses = [email_addresses] if isinstance(email_addresses, str) else email_addresses
    if not isinstance(addresses, (list, tuple)):
        raise ConfigError("ldap(): email_addresses must be the name of an attribute, or a list of them")
    given = {"user_name": [user_name], "email_addresses": addresses}
    given |= {
        "full_name": ["cn" if full_name is None else full_name],
        "distinguished_name": ["dn" if distinguished_name is None else distinguished_name],
    }
    for option, names in given.items():
        if not all(_is_attribute(name) for name in names):
            raise ConfigError(f"ldap(): {option} must be the name of an attribute")
    servers = Servers("ldap()", url, starttls, ca_file)
    fields = Fields(user_name, full_name, distinguished_name, addresses)
    return LdapSource(servers, fields, base, filter.strip(), (bind_dn, bind_password or ""), page_size, login)


def _check_search(base: object, filter: object, page_size: object) -> None:
    if not isinstance(base, str):
        raise ConfigError("ldap(): base must be a DN, such as 'ou=people,dc=example,dc=com'")
    if not isinstance(filter, str) or not _is_enclosed(filter.strip()):
        raise ConfigError("ldap(): filter must be in balanced parentheses, such as '(objectClass=inetOrgPerson)'")
    if page_size is not None and (isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1):
        raise ConfigError("ldap(): page_size must be a number, 1 or more, or None")


def _check_login(bind_dn: object, bind_password: object) -> None:
    if bind_dn is None and bind_password is None:
        return
    if not (isinstance(bind_dn, str) and bind_dn and isinstance(bind_password, str) and bind_password):
        raise ConfigError("ldap(): bind_dn and bind_password must be two texts, or be left out for an anonymous search")


def _is_enclosed(filter: str) -> bool:
    """Say whether one pair of parentheses holds all the rest; elsewhere a filter has them as escapes."""
    depth = 0
    for position, letter in enumerate(filter):
        depth += (letter == "(") - (letter == ")")
        if depth < 1:
            return depth == 0 and position == len(filter) - 1 and position > 0
    return False


def _is_attribute(name: object) -> bool:
    """Say whether this can be the name of an attribute, with options (RFC 4512, 2.5)."""
    return (
        isinstance(name, str) and name.isascii() and name.replace("-", "").replace(";", "").replace(".", "").isalnum()
    )


class LdapSource(Source):
    """See `ldap`."""

    def __init__(
        self,
        servers: Servers,
        fields: Fields,
        base: str,
        filter: str,
        bind_as: tuple[str | None, str],
        page_size: int | None,
        login: Login | None,
    ) -> None:
        self.description = "ldap"
        self._servers = servers
        self._fields = fields
        self._base = base
        self._filter = filter
        self._bind_as = bind_as
        self._page_size = page_size
        self._login = login

    def users(self) -> Iterator[User]:
        """Search all users, page by page."""
        from ..identity import Fingerprints

        names = Fingerprints()
        for user, _ in self._found():
            names.add(folded(user.user_name))
            yield user
        if names.repeated():
            self._refuse_equal_names()

    def _found(self) -> Iterator[tuple[User, str]]:
        with self._servers.connect(*self._bind_as) as connection:
            for entry in self._entries(connection):
                yield self._fields.user(entry), entry.dn

    def _refuse_equal_names(self) -> None:
        """Search again, to name the two entries: for the directory, their names are one."""
        found: dict[str, str] = {}
        for user, dn in self._found():
            name = folded(user.user_name)
            if name in found:
                raise SourceError(f"two entries have the same {self._fields.user_name}: {found[name]}, {dn}")
            found[name] = dn

    def authenticate(self, user: str, password: str) -> bool | None:
        """Search the user, then bind as the entry that was found."""
        with self._servers.connect(*self._bind_as) as connection:
            dn = self._dn_of(connection, user)
            server = connection.server
        if dn is None:
            return None
        if self._login is not None:
            return self._login.verify(user, password)
        return self._servers.accepts(dn, password, server)

    def decoy(self, password: str) -> bool:
        """Bind as an entry that does not exist; with that of another user, this would count as a failed login."""
        import os

        if self._login is not None:
            return False
        try:
            self._servers.accepts(f"uid={os.urandom(16).hex()},{self._base}", password or "-")
        except AISError:
            return False
        return True

    def _entries(self, connection: Connection) -> Iterator[Entry]:
        cookie: bytes | None = None
        while True:
            paging: dict[str, Any] = {}
            if self._page_size is not None:
                paging = {"paged_size": self._page_size, "paged_criticality": True, "paged_cookie": cookie}
            result = connection.search(self._base, self._filter, self._fields.wanted, **paging)
            check_search(result, self._base)
            yield from entries_of(result)
            if self._page_size is None:
                return
            if PAGED_RESULTS not in result.get("controls", {}):
                raise SourceError("the server did not say whether this was the last page: set page_size=None")
            cookie = result["controls"][PAGED_RESULTS]["value"]["cookie"]
            if not cookie:
                return

    def _dn_of(self, connection: Connection, user: str) -> str | None:
        try:
            value = escaped(user)
        except UnicodeEncodeError:
            return None
        if not value:
            return None
        wanted = f"(&{self._filter}({self._fields.user_name}={value}))"
        result = connection.search(self._base, wanted, self._fields.wanted, size_limit=2)
        entries = list(entries_of(result))
        if len(entries) > 1:
            raise SourceError(f"two entries have the same {self._fields.user_name}: {entries[0].dn}, {entries[1].dn}")
        check_search(result, self._base)
        # Another value than the one that is listed leads to the entry, too.
        if not entries or folded(self._fields.name_of(entries[0])) != folded(user):
            return None
        return entries[0].dn
