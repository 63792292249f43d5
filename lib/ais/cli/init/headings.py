"""What a file of users needs to be read: its charset, its delimiter, and which headings hold what."""

from __future__ import annotations

import os

from ...errors import AISError
from ...sources.rows import plain
from ...sources.text import lines
from ...sources.text.csvtable import Table, find_encoding
from .kinds import Kind

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

    def _columns_of(self, headings: list[str], wanted: object) -> dict[str, list[int]]:
        return {"userName": [0]}


def find_lack(kind: Kind, texts: dict[str, str], folder: str) -> tuple[str, str, list[str]]:
    """Return an option that is lacking to read the file, and a proposal for it, or two empty texts; and the headings.

    Args:
        kind: the source.
        texts: its options.
        folder: where a relative path starts.
    """
    path, is_csv = os.path.join(folder, texts.get("path", "")), kind.function == "csv"
    encoding, delimiter, headings = texts.get("encoding", "utf-8"), texts.get("delimiter"), list[str]()
    if "encoding" in kind.options and os.path.isfile(path):
        try:
            for _ in lines(path, encoding, newline="", find_encoding=find_encoding if is_csv else None):
                pass
            headings = Headings(path, encoding, delimiter, {}, {}).headings if is_csv else []
        except AISError as error:  # the trial says it
            return ("encoding", "cp1252", []) if isinstance(error.__context__, UnicodeError) else ("", "", [])
    if len(headings) == 1 and not delimiter:
        return "delimiter", "", headings
    proposed = propose_columns(headings) if "columns" not in texts else ""
    return ("columns" if proposed else ""), proposed, headings


def propose_columns(headings: list[str]) -> str:
    """Return the option ``columns`` as a text: what headings other than the known ones seem to hold."""
    known = {plain(heading) for heading in headings}
    pairs: list[str] = []
    for name, words in GUESSES.items():
        fitting = [] if plain(name) in known else [each for each in headings if plain(each) in words.split(", ")]
        pairs += [f"{name}={each}" for each in fitting[: None if name == "emailAddresses" else 1]]
    return ", ".join(pairs)
