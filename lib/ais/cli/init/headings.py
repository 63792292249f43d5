"""The headings of a CSV file: which of them say what, and which nothing uses."""

from __future__ import annotations

from ...sources.rows import plain
from ...sources.text.csvtable import NAMES, Table

GUESSES = {
    "userName": "login, user, benutzer, benutzername, anmeldename, account, userprincipalname, emailaddress[required]",
    "fullName": "name, displayname, anzeigename, vollername",
    "emailAddresses": "mail, email, e-mail, mailadresse, emailaddress, e-mailaddress, proxyaddresses, alias, aliases",
    "password": "passwort, kennwort, pass, hash, passwordhash, secret",
    "active": "aktiv, enabled, status",
    "inactive": "inaktiv, suspended, blockcredential, gesperrt, disabled",
}
"""Headings that other programs and people write, as `plain` makes them."""


class Headings(Table):
    """The heading line of a file, whatever its headings are."""

    headings: list[str]

    def _columns_of(self, headings: list[str], wanted: object) -> dict[str, list[int]]:
        self.headings = [heading.strip() for heading in headings]
        return {"userName": [0]}


def propose_columns(headings: list[str]) -> str:
    """Return the option ``columns`` as a text: what headings other than the known ones seem to hold."""
    known = {plain(heading) for heading in headings}
    pairs: list[str] = []
    for name, words in GUESSES.items():
        fitting = [] if plain(name) in known else [each for each in headings if plain(each) in words.split(", ")]
        pairs += [f"{name}={each}" for each in fitting[: None if name == "emailAddresses" else 1]]
    return ", ".join(pairs)


def unused(headings: list[str], columns: dict[str, str | list[str]]) -> list[str]:
    """Return the headings that neither are known nor named in `columns`."""
    named = [each for value in columns.values() for each in ([value] if isinstance(value, str) else value)]
    known = {plain(name) for name in (*NAMES, *named)}
    return [heading for heading in headings if heading and plain(heading) not in known]
