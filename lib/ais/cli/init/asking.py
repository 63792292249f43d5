"""Questions at a terminal."""

from __future__ import annotations

import sys

from ..output import flatten, printable, wrapper
from ..prompt import read_password
from .kinds import DRIVERS, PRESETS, SECRET, SOURCES, InitError, Kind
from .places import find_place
from .writing import make_state_folder, propose_state

ASKED = {
    "path": "file with the users; a relative path begins at the folder of config.py",
    "columns": "headings that are not as in docs/csv.md: NAME=HEADING, several separated by commas;"
    " emailAddresses may come again",
    "shadow": "file with their passwords",
    "folder": "folder of an application's files",
    "home": "home of the account, such as /home/example",
    "url": "LDAP server, such as ldaps://directory.example.com",
    "base": "DN below which the users are",
    "bind_dn": "account to search the directory with",
    "bind_password": "the password of bind_dn",
    "domain": "domain that makes an address of each user name",
    "database": "name of the database; for SQLite its file",
    "host": "server of the database (default: localhost)",
    "user": "user to connect to the database as",
    "password": "password to connect with",
    "list_query": "SQL that lists the users, such as"
    " SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1",
    "auth_query": "SQL that gives the stored password of :user, such as"
    " SELECT password FROM users WHERE login = :user AND active = 1",
    "realm": "realm of Keycloak that has these users",
    "delimiter": "character that separates the columns, if it is not , ; | or a tab",
    "encoding": "charset of the file: most files from Windows that are not UTF-8 are cp1252",
    "default_scheme": "scheme of stored passwords that name none: PLAIN is clear text; docs/passwords.md has others",
    "login": "IMAP server that checks the passwords, such as mail.example.com",
}
"""What each answer is for."""

ALWAYS = ("path", "shadow", "domain", "host", "user", "bind_dn")
"""What is asked for although it need not be given. The other options are comments in the file that is written."""


def say(text: str) -> None:
    """Print a paragraph, unless it is empty."""
    if text:
        sys.stdout.write(wrapper(100, 2).fill(printable(text)) + "\n")


def ask(question: str, default: str = "") -> str:
    """Return what is typed on one line, trimmed; `default` for an empty line."""
    shown = f" [{flatten(default)}]" if default else ""
    return input(f"{question}{shown}: ").strip() or default


def ask_kind(driver: str | None) -> Kind:
    """Ask which source, and which driver where it has several."""
    say(f"Databases, with queries of your own: {', '.join(DRIVERS)} (mysql is for MariaDB too)")
    say(f"Applications, whose database is known: {', '.join(PRESETS)}")
    say(f"Others: {', '.join(SOURCES)}. Other names are understood, too, such as Excel, Dovecot or OpenLDAP.")
    while True:
        try:
            word = ask("Where are the users")
            kind = Kind(word, driver)
            if place := find_place(word):
                say(place.answer)
            if driver is None and len(kind.drivers) > 1:
                say(f"Drivers: {', '.join(kind.drivers)}")
                kind = Kind(kind.function, ask("Driver", kind.drivers[0]))
            say(kind.missing_package())
            return kind
        except InitError as error:
            say(str(error))


def complete(kind: Kind, texts: dict[str, str], wanted: set[str]) -> None:
    """Ask for some options of a source, and for a password where there is somebody to log in as.

    Args:
        kind: the source.
        texts: what is known, and becomes known.
        wanted: the names of the options.
    """
    for name in kind.options:
        if name in wanted or (name in SECRET and name not in texts and ("user" in texts or "bind_dn" in texts)):
            text = ask_option(kind, name, texts.pop(name, ""))
            if text and text != kind.default(name):
                texts[name] = text


def ask_state(tenant: str | None, folder: str) -> str:
    """Ask where guard and throttle may remember things, and make that place; empty for nowhere."""
    sys.stdout.write("\n")
    say("state: with it, a list that lacks most users is held back, and a stranger who tries passwords is stopped")
    while True:
        state = ask("File for it, or none", propose_state(tenant))
        try:
            return "" if state == "none" else make_state_folder(state, folder)
        except InitError as error:
            say(str(error))


def ask_option(kind: Kind, name: str, known: str) -> str:
    """Return what is typed for an option; what is known, or its default, for an empty line."""
    sys.stdout.write("\n")
    say(ASKED.get(name, f"an option of this source: {name}"))
    if name in SECRET:
        return read_password(f"{name}{' [as before]' if known else ''} (not shown): ", False) or known
    while True:
        try:
            text = ask(name, known or kind.default(name))
            if text:
                kind.expressions({name: text})
            if text or name not in kind.needed:
                return text
            say(f"{name} is needed")
        except InitError as error:
            say(str(error))
