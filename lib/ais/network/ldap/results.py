"""What an LDAP server's answers mean: entries, a yes, a no, or nothing that can be used (RFC 4511, appendix A)."""

from __future__ import annotations

from ...errors import SourceError, SourceUnavailable
from ...identity import BLANKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

NO_LOGIN = {
    "constraintViolation",  # 389 Directory Server: too many wrong passwords
    "inappropriateAuthentication",  # the entry has no password
    "noSuchObject",  # the entry was deleted a moment ago
}
"""Results of a bind that say no, besides invalidCredentials."""

ACTIVE_DIRECTORY_NO = {"525", "52e", "52f", "530", "531", "532", "533", "534", "701", "773", "775"}
"""What Active Directory says no with: unknown, wrong, restricted, outside of hours, at this workstation, password
expired, disabled, no right to log in, account expired, password must be changed, locked out (Windows system error
codes 1317 to 1909, in hexadecimal)."""

UNWILLING_NO = ("account inactivated", "permanently locked", "too many failed logins", "is expired")
"""What 389 Directory Server and FreeIPA say with unwillingToPerform to users who may not log in."""

NO_USERS_BEHIND = ("dc=forestdnszones,", "dc=domaindnszones,", "cn=configuration,")
"""Parts of Active Directory that a search from a domain's root refers to, and that hold no users:
``ldap://DomainDnsZones.example.com/DC=DomainDnsZones,DC=example,DC=com``."""

FULL = "the server gives no more entries: raise the limit for bind_dn on the server"
REMEDIES = {
    "noSuchObject": "there is no {base}, or bind_dn may not read it: check base",
    "sizeLimitExceeded": FULL,
    "adminLimitExceeded": FULL,
    "unavailableCriticalExtension": "the server cannot give pages: set page_size=None",
    "insufficientAccessRights": "bind_dn may not search there",
    "operationsError": "the server wants a login first: set bind_dn and bind_password",
    "invalidDNSyntax": "base is not a DN",
    "referral": "the server refers to another one: name that one in url",
}
"""What to do about the result of a search."""


def is_refusal(result: dict[str, Any]) -> bool:
    """Say whether the result of a bind means that this user may not log in with this password.

    Anything else is no answer: a server that is busy, wants TLS, or refers to another one.
    """
    message = result["message"].lower()
    if result["description"] == "invalidCredentials":
        # "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v3839"
        _, told, rest = message.partition("acceptsecuritycontext error, data ")
        return not told or rest.partition(",")[0].strip() in ACTIVE_DIRECTORY_NO
    if result["description"] == "unwillingToPerform":
        return any(text in message for text in UNWILLING_NO)
    return result["description"] in NO_LOGIN


def describe(result: dict[str, Any]) -> str:
    """Return a result for messages: its name and number in RFC 4511."""
    return f"{result['description']} ({result['result']})"


def check_search(result: dict[str, Any], base: str) -> None:
    """Raise for any result of a search below `base` but success: what was found would be a part."""
    kind = result["description"]
    if kind in ("busy", "unavailable", "timeLimitExceeded"):
        raise SourceUnavailable(f"the server broke off the search: {describe(result)}")
    if kind != "success":
        remedy = REMEDIES.get(kind, "it is not known why").replace("{base}", base)
        raise SourceError(f"the search failed: {describe(result)}: {remedy}")


def read_entries(result: dict[str, Any]) -> Iterator[Entry]:
    """Give the entries in the ``found`` of a search; where more may be at another server, raise SourceError."""
    for found in result["found"]:
        if found["type"] == "searchResEntry":
            yield Entry(found)
        elif found["type"] == "searchResRef" and not all(
            uri.partition("://")[2].partition("/")[2].lower().startswith(NO_USERS_BEHIND) for uri in found["uri"]
        ):
            raise SourceError(
                f"the server refers to {found['uri'][0]} for a part of the entries: narrow base to what it holds "
                "itself, or ask a server that holds all (in Active Directory a global catalog, port 3268 or 3269)"
            )


class Entry:
    """An entry that ldap3 has found. SourceError says that a text in it is not UTF-8, or that not all values came."""

    def __init__(self, found: dict[str, Any]) -> None:
        try:
            self.dn = bytes(found["raw_dn"]).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceError("the DN of an entry is not UTF-8") from None
        attributes: dict[str, list[bytes] | None] = found["raw_attributes"]
        self._values = {name.lower(): values or [] for name, values in attributes.items()}
        # Active Directory's way to give the first 1,500 values only.
        if any(";range=" in name for name in self._values):
            raise SourceError(f"{self.dn} has more values in an attribute than the server gives at a time")

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute that are not blank, in the server's order."""
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
        import re  # ldap3 has loaded it

        from ldap3.utils.dn import LDAPInvalidDnError, parse_dn  # type: ignore[import-untyped]

        def unescape(found: re.Match[bytes]) -> bytes:
            return bytes.fromhex(found[1].decode()) if len(found[1]) == 2 else found[1]

        values = []
        try:
            for name, value, separator in parse_dn(self.dn):
                if name.lower() == attribute.lower():
                    # "\," and "\2c" are a comma (section 3).
                    plain = re.sub(rb"(?s)\\([0-9a-fA-F]{2}|.)", unescape, value.encode("utf-8"))
                    values.append(plain.decode("utf-8", "replace"))
                if separator != "+":
                    break
        except LDAPInvalidDnError:
            return []
        return values
