"""Users in an LDAP directory: OpenLDAP, Active Directory, 389 Directory Server and others (RFC 4511)."""

from __future__ import annotations

import os

from ..errors import AISError, ConfigError, SourceError
from ..identity import Fingerprints, as_directories
from ..network.ldap import Directory, check_filter, escape
from ..options import check_login
from ..user import User
from . import Source, keeps_time
from .rows import give_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..network.ldap.results import Entry
    from . import Login

    Names = tuple[str, str | None, str | None]  # user name, full name, distinguished name


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
    alias_filter: str | None = None,
    alias_address: str | Sequence[str] = ("mail",),
    alias_targets: str | Sequence[str] = ("mailForwardingAddress",),
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
        distinguished_name: attribute with the distinguished name; ``dn`` for the entry's own, None to give none.
        email_addresses: attribute with the addresses, or several. Values as in ``proxyAddresses`` are understood.
        starttls: whether to begin TLS on ``ldap://`` connections.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        page_size: how many entries to ask for at a time; None for a server that cannot give pages (RFC 2696).
        alias_filter: which entries below `base` are aliases: addresses of the users that they lead to.
        alias_address: attribute with the addresses of such an entry, or several. Their values, and those of the next
            one, are understood as those of `email_addresses` are.
        alias_targets: attribute with the addresses that it leads to, or several.
        login: checks passwords instead of the directory.

    Raises:
        ConfigError: an argument cannot be used.
    """
    check_login("ldap()", login)
    if page_size is not None and (isinstance(page_size, bool) or not isinstance(page_size, int) or page_size < 1):
        raise ConfigError("ldap(): page_size must be a number, 1 or more, or None")
    addresses = _attributes("email_addresses", email_addresses)
    _attributes("user_name", [user_name])
    for option, name in (("full_name", full_name), ("distinguished_name", distinguished_name)):
        _attributes(option, [] if name is None else [name])
    directory = Directory("ldap()", url, base, filter, bind_dn, bind_password, starttls, ca_file)
    dn = distinguished_name and distinguished_name.lower()  # case does not matter in names of attributes
    source = LdapSource(directory, (user_name, full_name, dn), addresses, page_size, login)
    if alias_filter is not None:
        source.alias_filter = check_filter("ldap(): alias_filter", alias_filter)
    source.alias_address = _attributes("alias_address", alias_address)
    source.alias_targets = _attributes("alias_targets", alias_targets)
    return source


def _attributes(option: str, given: object) -> list[str]:
    """Return the attributes that an option names, one or several; they may have options (RFC 4512, 2.5)."""
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, (list, tuple)):
        raise ConfigError(f"ldap(): {option} must be the name of an attribute, or a list of them")
    for name in names:
        plain = name.replace("-", "").replace(";", "").replace(".", "") if isinstance(name, str) else ""
        if not plain.isalnum() or not plain.isascii():
            raise ConfigError(f"ldap(): {option} must be the name of an attribute")
    return list(names)


class LdapSource(Source):
    """Users of a directory, as `ldap` describes them."""

    description = "ldap"
    alias_filter: str | None = None
    alias_address: list[str]
    alias_targets: list[str]

    def __init__(
        self, directory: Directory, names: Names, addresses: Sequence[str], page_size: int | None, login: Login | None
    ) -> None:
        self._directory = directory
        self._user_name, self._full_name, self._distinguished_name = names
        self._addresses = addresses
        self._wanted = [name for name in (*names, *addresses) if name is not None and name != "dn"]
        self._page_size = page_size
        self._login = login
        self.in_time = keeps_time(login)
        self._two = f"two entries have the same {self._user_name}"

    def users(self) -> Iterable[User]:
        """Search all users, page by page, and the entries that are aliases."""
        if self.alias_filter is None:
            return self._users()
        from ..cells import split_targets  # here, because most lists have no aliases

        wanted = [*self.alias_address, *self.alias_targets]

        def read(entry: Entry, attributes: list[str]) -> list[str]:
            return [word for name in attributes for value in entry.values(name) for word in split_targets(value)]

        aliases = [
            (address, read(entry, self.alias_targets))
            for entry in self._directory.search(wanted, self._page_size, self.alias_filter)
            for address in read(entry, self.alias_address)
        ]
        return give_addresses(self, self._users(), aliases, ())

    def _users(self) -> Iterator[User]:
        names = Fingerprints()
        for entry in self._directory.search(self._wanted, self._page_size):
            user = self._make_user(entry)
            names.add(as_directories(user.user_name))
            yield user
        if names.repeated():
            # Search again, to name the two entries: for the directory, their names are one.
            found: dict[str, str] = {}
            for entry in self._directory.search(self._wanted, self._page_size):
                other = found.setdefault(as_directories(self._name_of(entry)), entry.dn)
                if other != entry.dn:
                    raise SourceError(f"{self._two}: {other}, {entry.dn}")

    def _make_user(self, entry: Entry) -> User:
        """Return the user that an entry is; every SourceError names the entry."""
        name, full_name = self._name_of(entry), entry.first(self._full_name)
        dn = entry.dn if self._distinguished_name == "dn" else entry.first(self._distinguished_name)
        addresses = [value for attribute in self._addresses for value in entry.values(attribute)]
        try:
            return User(name, full_name=full_name, distinguished_name=dn, email_addresses=addresses)
        except SourceError as error:
            raise SourceError(f"{entry.dn}: {error}") from None

    def _name_of(self, entry: Entry) -> str:
        """Return the user name; of several the one that the DN begins with: values have no order (RFC 4512, 2.3)."""
        names = entry.values(self._user_name)
        if not names:
            raise SourceError(
                f"{entry.dn} has no {self._user_name}, or bind_dn may not read it: "
                "leave the entry out with filter, or name another attribute in user_name"
            )
        if len(names) > 1:
            first = set(map(as_directories, entry.named_by(self._user_name)))
            names = [name for name in names if as_directories(name) in first]
            if len(names) != 1:
                several = f"{entry.dn} has several values of {self._user_name}"
                raise SourceError(f"{several}: name another attribute in user_name")
        return names[0]

    def authenticate(self, user: str, password: str) -> bool | None:
        """Search the user, then bind as the entry that was found."""
        try:
            value = escape(user)
        except UnicodeEncodeError:
            value = ""
        if not value:
            return None
        wanted = f"(&{self._directory.filter}({self._user_name}={value}))"
        entry, server = self._directory.find(wanted, self._wanted, self._two)
        if entry is None:
            return None
        # Another value than the one that is listed leads to the entry, too.
        name = self._name_of(entry)
        if name != user and not (self.alone and as_directories(name) == as_directories(user)):
            return None
        if self._login is not None:
            return self._login.verify(user, password)
        return self._directory.accepts(entry.dn, password, server)

    def decoy(self, password: str) -> bool:
        """Bind as an entry that does not exist; a bind as another user would count as a failed login."""
        if self._login is not None:
            return False
        try:
            self._directory.accepts(f"uid={os.urandom(16).hex()},{self._directory.base}", password or "-")
        except AISError:
            return False
        return True
