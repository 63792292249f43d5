"""What a file of users holds, and whether a configuration works: it is tried as it would be written."""

from __future__ import annotations

import os
from typing import Any

from ... import deadline, options
from ...checking import examine, people
from ...checking.report import Finding, SourceReport
from ...config import Config
from ...directory import listing
from ...errors import AISError
from ...sources.rows import plain
from ...sources.text import lines
from ...sources.text.csvtable import Table, find_encoding
from ...user import User
from ..output import Progress
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

DEADLY = ("any-password", "nobody", "source-error")
"""Findings with which MailStore gets no list, or everybody gets in."""

LOGINS = {"unreadable-passwords": "default_scheme", "logins-unread": "login", "no-passwords": ""}
"""Findings about logins, and the option that may end each."""


class _Headings(Table):
    """The heading line of a file, whatever its headings are."""

    def _columns_of(self, headings: list[str], wanted: object) -> dict[str, list[int]]:
        return {"userName": [0]}


def read_headings(kind: Kind, texts: dict[str, str], path: str) -> list[str]:
    """Read a file to its end, and return its headings; none for a file that has no heading line.

    Raises:
        AISError: it cannot be read; in the context of a UnicodeError, it is in another charset.
    """
    encoding, is_csv = texts.get("encoding", "utf-8"), kind.function == "csv"
    for _ in lines(path, encoding, newline="", find_encoding=find_encoding if is_csv else None):
        pass
    return _Headings(path, encoding, texts.get("delimiter"), {}, {}).headings if is_csv else []


def propose_columns(headings: list[str]) -> str:
    """Return the option ``columns`` as a text: what headings other than the known ones seem to hold."""
    known = {plain(heading) for heading in headings}
    pairs: list[str] = []
    for name, words in GUESSES.items():
        fitting = [] if plain(name) in known else [each for each in headings if plain(each) in words.split(", ")]
        pairs += [f"{name}={each}" for each in fitting[: None if name == "emailAddresses" else 1]]
    return ", ".join(pairs)


def make(path: str, text: str) -> dict[str, Any]:
    """Return the names of a configuration that is about to be written to this path."""
    names: dict[str, Any] = {}
    options.folder = os.path.dirname(path)
    try:
        exec(compile(text, path, "exec"), names)  # noqa: S102  # our own text, whose values are written by repr
    finally:
        options.folder = None
    return names


def try_it(path: str, text: str, login: str) -> tuple[list[User], list[Finding]]:
    """Ask the source for its users, and look at logins: those of listed users, and a random password.

    Args:
        path: where the configuration will be.
        text: what will be in it.
        login: the expression of its login; empty without one.

    Returns:
        The users; and what is deadly, or else every problem and the headings that nothing uses.
    """
    report = SourceReport("")
    try:
        names = make(path, text)
        config = Config(path, names, {})
        with Progress():
            report = examine.ask_source(config, 1, config.sources[0], lambda _: deadline.start(config.timeout))
            if login and not report.error:
                deadline.start(config.timeout)
                # A name that nobody has: failures of a user might lock the account.
                if eval(login, names).verify(f"check-{os.urandom(8).hex()}", os.urandom(16).hex()):  # noqa: S307
                    report.let_in.append("a user who does not exist")
        if report.users:
            listing.check_number(config, len(report.users))
    except AISError as error:
        report.error = str(error)
    findings = list(people.look_at_source(report))
    if report.users and hasattr(config.sources[0], "table"):
        table = config.sources[0].table()
        used = {at for positions in table.columns.values() for at in positions}
        if left := [heading for at, heading in enumerate(table.headings) if heading and at not in used]:
            remedy = "if one of them holds the passwords, or says who has left, name it in columns (docs/csv.md)"
            findings.append(Finding("unused", f"headings that nothing uses: {', '.join(left)}", remedy, problem=False))
    deadly = [finding for finding in findings if finding.code in DEADLY]
    return report.users, deadly or [finding for finding in findings if finding.problem or finding.code == "unused"]
