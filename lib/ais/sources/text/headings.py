"""What the headings of other programs mean. Only a file without the usual headings needs it."""

from __future__ import annotations

from ..rows import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

GUESSES = {
    "userName": "login, user, benutzer, benutzername, anmeldename, account, userprincipalname, emailaddress[required]",
    "fullName": "name, displayname, anzeigename, vollername",
    "emailAddresses": "mail, email, e-mail, mailadresse, emailaddress, e-mailaddress, proxyaddresses, alias, aliases",
    "password": "passwort, kennwort, pass, hash, passwordhash, secret",
    "active": "aktiv, enabled, status",
    "inactive": "inaktiv, suspended, blockcredential, gesperrt, disabled",
}
"""Headings that other programs and people write, as `plain` makes them."""


def guess_columns(headings: Sequence[str]) -> dict[str, list[str]]:
    """Return the option ``columns``: what headings seem to hold that no heading with the usual name holds."""
    known = {plain(heading) for heading in headings}
    found: dict[str, list[str]] = {}
    for name, words in GUESSES.items():
        fitting = [each for each in headings if plain(each) in words.split(", ")]
        if fitting and plain(name) not in known:
            found[name] = fitting if name == "emailAddresses" else fitting[:1]
    return found
