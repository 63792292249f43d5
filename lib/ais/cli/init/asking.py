"""Questions at a terminal."""

from __future__ import annotations

import os
import sys

from ... import PRESETS
from ...errors import AISError, ConfigError
from ...sources.rows import plain
from ...sources.text import lines
from ...sources.text.csvtable import YES_NO, Table, find_encoding
from ...sources.text.headings import guess_columns
from ..account import find_web_user
from ..output import print_text
from ..prompt import ask, read_password
from .kinds import DRIVERS, NOTHING, SECRETS, SOURCES, Kind
from .writing import make_state_folder

ABOUT = {
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
    "port": "port of the server, if it is not the usual one",
    "user": "user to connect to the database as",
    "password": "password to connect with",
    "tls": "yes, no, or a file of CA certificates",
    "list_query": "SQL that lists the users, such as"
    " SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1",
    "auth_query": "SQL that gives the stored password of :user, such as"
    " SELECT password FROM users WHERE login = :user AND active = 1",
    "realm": "realm of Keycloak that has these users",
    "prefix": "beginning of the names of an application's tables",
    "delimiter": "character that separates the columns, if it is not , ; | or a tab",
    "encoding": "charset of the file: most files from Windows that are not UTF-8 are cp1252",
    "default_scheme": "scheme of stored passwords that name none: PLAIN is clear text; docs/passwords.md has others",
    "login": "IMAP server that checks the passwords, such as mail.example.com",
}
"""What each option is for that is asked for, or that has a flag of its own."""

ALWAYS = ("path", "shadow", "domain", "host", "user", "bind_dn")
"""What is asked for although it need not be given. The other options are comments in the file that is written."""


def ask_kind(driver: str | None) -> Kind:
    """Ask which source, and which driver where it has several."""
    print_text(f"Databases, with queries of your own: {', '.join(DRIVERS)} (mysql is for MariaDB too)")
    print_text(f"Applications, whose database is known: {', '.join(PRESETS)}")
    print_text(f"Others: {', '.join(SOURCES)}. Other names are understood, too, such as Excel, Dovecot or OpenLDAP.")
    kind = Kind(ask("Where are the users", check=lambda word: Kind(word, driver)), driver)
    print_text(kind.answer)
    if driver is None and len(kind.drivers) > 1:
        print_text(f"Drivers: {', '.join(kind.drivers)}")
        name = kind.function
        kind = Kind(name, ask("Driver", kind.drivers[0], lambda driver: Kind(name, driver)))
    print_text(kind.missing_package())
    return kind


def complete(kind: Kind, texts: dict[str, str], wanted: tuple[str, ...] | list[str]) -> None:
    """Ask for the options that are wanted, and for the password of an account."""
    for name in kind.options:
        account = SECRETS.get(name)
        if account and account not in texts:
            texts.pop(name, None)
        elif name in wanted or (account and name not in texts):
            ask_option(kind, texts, name)


def ask_option(kind: Kind, texts: dict[str, str], name: str, proposal: str = "") -> bool:
    """Ask for an option, and put it into `texts`; say whether it is there now, and not at its default."""
    sys.stdout.write("\n")
    print_text(ABOUT.get(name, f"an option of this source: {name}"))
    known, usual = texts.pop(name, None), kind.options[name].default
    default = usual if isinstance(usual, str) else ""
    if name in SECRETS:
        text = read_password(f"{name}{' [as before]' if known else ''} (not shown): ", False) or known or ""
    else:
        known = NOTHING if known == "" else known
        text = ask(name, proposal or known or default, lambda answer: kind.check(name, answer))
    is_empty = text == NOTHING and name not in SECRETS
    if text not in ("", default) and (not is_empty or name in kind.needed):
        texts[name] = "" if is_empty else text
    return name in texts


def look_at_file(kind: Kind, texts: dict[str, str], folder: str) -> None:
    """Show the headings of a CSV file; ask for charset, delimiter and columns where the file needs them."""
    path = os.path.join(folder, texts.get("path", ""))
    if "encoding" not in kind.options or not os.path.isfile(path):
        return
    encoding, is_csv, headings = texts.get("encoding", "utf-8"), kind.function == "csv", list[str]()
    try:
        for _ in lines(path, encoding, newline="", find_encoding=find_encoding if is_csv else None):
            pass
        if is_csv:
            headings = Table(path, encoding, texts.get("delimiter"), None, {}).headings
            print_text(f"Its headings: {', '.join(headings)}")
    except AISError as error:  # the trial says it
        if isinstance(error.__context__, UnicodeError):
            print_text(str(error))
            if ask_option(kind, texts, "encoding", "cp1252"):
                look_at_file(kind, texts, folder)
        return
    if len(headings) == 1 and "delimiter" not in texts and ask_option(kind, texts, "delimiter"):
        look_at_file(kind, texts, folder)
    elif is_csv and "columns" not in texts:
        guessed = guess_columns(headings)
        if guessed or "username" not in map(plain, headings):
            columns = ", ".join(f"{name}={each}" for name, found in guessed.items() for each in found)
            ask_option(kind, texts, "columns", columns)


def ask_state(usual: str, folder: str) -> str:
    """Ask where guard and throttle may remember things, and make that place, the usual one if it can be; or empty."""
    sys.stdout.write("\n")
    print_text("state: with it, a list that lacks most users is held back, and so is a stranger who tries passwords")
    ready = os.geteuid() == 0 and (find_web_user() or os.path.isdir(os.path.dirname(usual)))

    def check(answer: str) -> None:
        if YES_NO.get(answer.lower()):
            raise ConfigError(f"name a file, such as {usual}")
        make_state_folder(folder, answer)

    state = ask("File for it, or none", usual if ready else "none", check)
    return "" if state.lower() in ("none", *YES_NO) else state
