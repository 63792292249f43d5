"""Entries of an LDAP directory, and the users that they are."""

from __future__ import annotations

from ...errors import SourceError
from ...identity import BLANKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
NO_USERS_BEHIND = ("dc=forestdnszones,", "dc=domaindnszones,", "cn=configuration,")
"""Parts of Active Directory that a search from a domain's root refers to, and that hold no users."""


def escape(value: str) -> str:
    """Return a value as it stands in a filter (RFC 4515, section 3): all but letters and digits as hexadecimal.

    Raises:
        UnicodeEncodeError: it is not valid Unicode.
    """
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:02x}" for byte in value.encode("utf-8"))


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
            texts = [value.decode("utf-8").strip(BLANKS) for value in self._values.get(attribute.lower(), ())]
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
                    found.append(_unescape(value))
                if separator != "+":
                    break
        except LDAPInvalidDnError:
            return []
        return found


def read_entries(result: dict[str, Any]) -> Iterator[Entry]:
    """Give the entries in the result of a search.

    Args:
        result: as ldap3 gives it, and what was found as ``found``.

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


def _unescape(value: str) -> str:
    r"""Return a value of a DN as it is: ``\,`` and ``\2c`` are a comma (RFC 4514, section 3)."""
    import re  # ldap3 has loaded it

    def decode(escape: re.Match[bytes]) -> bytes:
        return bytes.fromhex(escape[1].decode()) if len(escape[1]) == 2 else escape[1]

    escapes = re.compile(rb"\\([0-9a-fA-F]{2}|.)", re.DOTALL)
    return escapes.sub(decode, value.encode("utf-8")).decode("utf-8", "replace")
