"""What an LDAP server's results mean (RFC 4511, appendix A): a yes, a no, or no answer."""

from __future__ import annotations

from ...errors import SourceError, SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    """Raise for any result of a search but success: what was found would be a part.

    Args:
        result: as ldap3 gives it.
        base: where was searched, for messages.

    Raises:
        SourceUnavailable: the server may answer later.
        SourceError: it will not.
    """
    kind = result["description"]
    if kind == "success":
        return
    if kind in ("busy", "unavailable", "timeLimitExceeded"):
        raise SourceUnavailable(f"the server broke off the search: {describe(result)}")
    remedy = {
        "noSuchObject": f"there is no {base}, or bind_dn may not read it: check base",
        "sizeLimitExceeded": "the server gives no more entries: raise the limit for bind_dn on the server",
        "adminLimitExceeded": "the server gives no more entries: raise the limit for bind_dn on the server",
        "unavailableCriticalExtension": "the server cannot give pages: set page_size=None",
        "insufficientAccessRights": "bind_dn may not search there",
        "operationsError": "the server wants a login first: set bind_dn and bind_password",
        "invalidDNSyntax": "base is not a DN",
        "referral": "the server refers to another one: name that one in url",
    }.get(kind, "it is not known why")
    raise SourceError(f"the search failed: {describe(result)}: {remedy}")
