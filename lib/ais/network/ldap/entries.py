"""Entries of an LDAP directory, and the users that they are."""

from __future__ import annotations

from ...errors import SourceError
from ...user import User, split_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
NO_USERS_BEHIND = ("dc=forestdnszones,", "dc=domaindnszones,", "cn=configuration,")
"""Parts of Active Directory that a search from a domain's root refers to, and that hold no users."""


def escaped(value: str) -> str:
    """Return a value as it stands in a filter (RFC 4515, section 3): all but letters and digits as hexadecimal.

    Raises:
        UnicodeEncodeError: it is not valid Unicode.
    """
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:02x}" for byte in value.encode("utf-8"))


def folded(name: str) -> str:
    """Return a name as directories compare it: without regard to case, width and runs of blanks (RFC 4518)."""
    from unicodedata import normalize

    return " ".join(normalize("NFKC", name).casefold().split())


class Entry:
    """An entry that was found.

    Args:
        found: as ldap3 gives it.

    Attributes:
        dn: its distinguished name.

    Raises:
        SourceError: the DN is not UTF-8, or values were left out.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        try:
            self.dn = bytes(found["raw_dn"]).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceError("the DN of an entry is not UTF-8") from None
        self._values: dict[str, list[bytes]] = {
            name.lower(): values or [] for name, values in found["raw_attributes"].items()
        }
        # Active Directory's way to give the first 1,500 values only.
        if any(";range=" in name for name in self._values):
            raise SourceError(f"{self.dn} has more values in an attribute than the server gives at a time")

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute that are not blank, in the server's order.

        Raises:
            SourceError: one is not UTF-8.
        """
        try:
            texts = [value.decode("utf-8").strip() for value in self._values.get(attribute.lower(), ())]
        except UnicodeDecodeError:
            raise SourceError(f"{self.dn}: a value of {attribute} is not UTF-8") from None
        return [text for text in texts if text]

    def first(self, attribute: str | None) -> str | None:
        """Return the first value of an attribute, if there is any."""
        return next(iter(self.values(attribute)), None) if attribute is not None else None

    def named_by(self, attribute: str) -> list[str]:
        """Return the values of an attribute in the first part of the DN (RFC 4514)."""
        from ldap3.core.exceptions import LDAPInvalidDnError  # type: ignore[import-untyped]
        from ldap3.utils.dn import parse_dn  # type: ignore[import-untyped]

        found = []
        try:
            for name, value, separator in parse_dn(self.dn):
                if name.lower() == attribute.lower():
                    found.append(_unescaped(value))
                if separator != "+":
                    break
        except LDAPInvalidDnError:
            return []
        return found


class Fields:
    """Which attributes make a user.

    Args:
        user_name: the one with the user name.
        full_name: the one with the name to show, or None.
        distinguished_name: the one with the distinguished name, or ``dn`` for the entry's own, or None.
        email_addresses: those with addresses.

    Attributes:
        wanted: the attributes to ask the server for.
    """

    def __init__(
        self, user_name: str, full_name: str | None, distinguished_name: str | None, email_addresses: Sequence[str]
    ) -> None:
        self.user_name = user_name
        self._full_name = full_name
        self._distinguished_name = distinguished_name
        self._email_addresses = email_addresses
        others = (full_name, None if distinguished_name == "dn" else distinguished_name, *email_addresses)
        self.wanted = [user_name, *(name for name in others if name is not None)]

    def user(self, entry: Entry) -> User:
        """Return the user that an entry is.

        Raises:
            SourceError: it has no user name, or a value is not UTF-8.
        """
        own = self._distinguished_name == "dn"
        return User(
            self.name_of(entry),
            full_name=entry.first(self._full_name),
            distinguished_name=entry.dn if own else entry.first(self._distinguished_name),
            email_addresses=split_addresses(
                [value for attribute in self._email_addresses for value in entry.values(attribute)]
            ),
        )

    def name_of(self, entry: Entry) -> str:
        """Return the user name; of several the one that the DN begins with, since values have no order (RFC 4512, 2.3).

        Raises:
            SourceError: there is none, or it cannot be chosen.
        """
        names = entry.values(self.user_name)
        if len(names) > 1:
            first = {folded(value) for value in entry.named_by(self.user_name)}
            chosen = [name for name in names if folded(name) in first]
            if len(chosen) != 1:
                raise SourceError(
                    f"{entry.dn} has several values of {self.user_name}: name another attribute in user_name"
                )
            return chosen[0]
        if not names:
            raise SourceError(
                f"{entry.dn} has no {self.user_name}, or bind_dn may not read it: "
                "leave the entry out with filter, or name another attribute in user_name"
            )
        return names[0]


def entries_of(result: dict[str, Any]) -> Iterator[Entry]:
    """Give the entries in the result of a search.

    Args:
        result: as `Connection.search` returns it.

    Raises:
        SourceError: the server refers to another one, where more entries may be.
    """
    for found in result["found"]:
        if found["type"] == "searchResEntry":
            yield Entry(found)
        elif found["type"] == "searchResRef" and not all(_holds_no_users(uri) for uri in found["uri"]):
            raise SourceError(
                f"the server refers to {found['uri'][0]} for a part of the entries: narrow base to what it holds "
                "itself, or ask a server that holds all (in Active Directory a global catalog, port 3268 or 3269)"
            )


def _holds_no_users(uri: str) -> bool:
    # "ldap://DomainDnsZones.example.com/DC=DomainDnsZones,DC=example,DC=com"
    return uri.partition("://")[2].partition("/")[2].lower().startswith(NO_USERS_BEHIND)


def _unescaped(value: str) -> str:
    r"""Return a value of a DN as it is: ``\,`` and ``\2c`` are a comma (RFC 4514, section 3)."""
    found = bytearray()
    rest = value.encode("utf-8")
    while rest:
        code = rest[1:3]
        if rest[:1] != b"\\":
            found += rest[:1]
            rest = rest[1:]
        elif len(code) == 2 and not code.strip(b"0123456789abcdefABCDEF"):
            found.append(int(code, 16))
            rest = rest[3:]
        else:
            found += rest[1:2]
            rest = rest[2:]
    return found.decode("utf-8", "replace")
