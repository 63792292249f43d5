"""The sources that `init` can write, and their options."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import ais

from ...errors import AISError, ConfigError, remedy
from ...text import is_loopback
from .places import NICKNAMES, find_place, squeeze

DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "oracle")
"""Drivers of `sql`. Others need ``options``, which is for an editor."""

SOURCES = ("csv", "passwd", "htpasswd", "passwd_file", "ldap")
PRESETS = tuple(name for name, module in ais.PUBLIC.items() if module.startswith("presets."))
NAMES = (*DRIVERS, *SOURCES, *PRESETS)

ASKED = {
    "path": "file with the users; a relative path begins at the folder of config.py",
    "columns": "headings that are not as in docs/csv.md: NAME=HEADING, several separated by commas;"
    " emailAddresses may come again",
    "shadow": "file with their passwords",
    "folder": "folder of an application's files",
    "home": "home of the account, such as /home/example",
    "url": "LDAP server, such as ldaps://directory.example.com",
    "base": "DN below which the users are",
    "bind_dn": "whom to search the directory as",
    "bind_password": "the password of bind_dn",
    "filter": "which entries are users that may log in (LDAP filter)",
    "user_name": "attribute with the name that users log in with",
    "domain": "makes an address of each user name",
    "prefix": "what the names of an application's tables begin with",
    "realm": "realm of Keycloak whose users these are",
    "database": "name of the database; for SQLite its file",
    "host": "its server (default: localhost)",
    "port": "its port",
    "user": "user to connect to the database as",
    "password": "password to connect with",
    "tls": "yes, no, or a file of CA certificates",
    "list_query": "SQL that lists the users, such as"
    " SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1",
    "auth_query": "SQL that gives the stored password of :user, such as"
    " SELECT password FROM users WHERE login = :user AND active = 1",
    "delimiter": "what separates the columns, when it is none of , ; | and the tab",
    "encoding": "charset of the file: cp1252 for most files of Windows that are not UTF-8",
    "default_scheme": "how passwords are stored that do not say it: PLAIN is clear text; docs/passwords.md has others",
    "login": "IMAP server that checks the passwords, such as mail.example.com",
}
"""What is asked for at a terminal, in this order; ``--set`` gives all other options."""

SELDOM = ("delimiter", "encoding", "default_scheme", "login")
"""Of these, what is asked for only where it is needed."""

CONNECTION = ("database", "host", "port", "user", "password", "tls", "login")
"""The options of `sql` that its presets take too."""

SECRET = ("password", "bind_password")

NOT_HERE = "docs/presets/README.md#not-here"

NUMBERS = ("port", "min_uid", "max_uid", "page_size")
LISTS = ("host", "url", "aliases", "virtual", "skip_shells", "email_addresses")
WORDS = dict.fromkeys(("yes", "y", "true", "on", "1"), True) | dict.fromkeys(("no", "n", "false", "off", "0"), False)
"""What says yes and no."""


class InitError(AISError):
    """The configuration cannot be made from what was given."""


class ImapServer:
    """The value of the option ``login``: as repr it is what stands in the configuration."""

    def __init__(self, host: str) -> None:
        self.host = host.strip()
        # No certificate names this computer so, and nobody can listen in between.
        self.options = {"tls": "none"} if self.host == "localhost" or is_loopback(self.host) else {}

    def __repr__(self) -> str:
        return f"imap({', '.join([repr(self.host), *(f'{name}={text!r}' for name, text in self.options.items())])})"

    def make(self) -> Any:
        """Return the login."""
        return ais.imap(self.host, **self.options)


def read_value(name: str, text: str) -> object:
    """Return the value of an option that a text means; no message repeats the text."""
    word = text.strip().lower()
    if name in NUMBERS:
        if not (word.isascii() and word.isdigit()):
            raise InitError(f"{name} must be a whole number")
        return int(word)
    if name == "starttls" and word not in WORDS:
        raise InitError(f"{name} must be yes or no")
    if name in ("tls", "starttls") and word in WORDS:
        return WORDS[word]
    if name in LISTS and "," in text and not text.startswith(("ldap:", "ldaps:")):
        return [part.strip() for part in text.split(",") if part.strip()]
    return READERS[name](text) if name in READERS else text


def _read_columns(text: str) -> dict[str, str | list[str]]:
    headings: dict[str, list[str]] = {}
    for part in text.split(","):
        column, _, heading = part.partition("=")
        if not heading.strip():
            raise InitError("columns must be NAME=HEADING, several separated by commas")
        headings.setdefault(column.strip(), []).append(heading.strip())
    return {column: found[0] if len(found) == 1 else found for column, found in headings.items()}


def _read_encoding(text: str) -> str:
    try:
        "".encode(text)
    except (LookupError, UnicodeError):
        raise InitError("encoding must be the name of a charset, such as cp1252") from None
    return text


def _read_login(text: str) -> ImapServer:
    server = ImapServer(text)
    try:
        server.make()
    except ConfigError as error:
        raise InitError(f"login: {error}") from None
    return server


READERS: dict[str, Callable[[str], object]] = {
    "columns": _read_columns,
    "encoding": _read_encoding,
    "login": _read_login,
}


class Kind:
    """A source that can be asked for.

    Args:
        name: one of `NAMES`; dashes count as underscores.
        driver: how a preset reaches its database; its first one unless given.

    Attributes:
        options: the default of each option, as a text; None for one that must be given.

    Raises:
        InitError: there is no such source, or it does not work with that driver.
    """

    def __init__(self, name: str, driver: str | None = None) -> None:
        name = _find_source(name)
        self.function = "sql" if name in DRIVERS else name
        made = getattr(ais, self.function)
        stated = getattr(sys.modules[made.__module__], "DRIVERS", ())
        self.drivers = (name,) if name in DRIVERS else tuple(each for each in stated if each in DRIVERS)
        if driver is not None and driver not in self.drivers:
            wanted = f"works with the driver {' or '.join(self.drivers)}" if self.drivers else "takes no driver"
            raise InitError(f"{name} {wanted}")
        self.driver = driver or (self.drivers[0] if self.drivers else None)
        found = _options_of(made)
        if self.driver is not None:
            found |= {name: default for name, default in _options_of(ais.sql).items() if name in CONNECTION}
            found["database"] = None  # without it no database is found; without auth_query nobody can log in
        if self.function == "sql":
            found["auth_query"] = None
        if self.driver == "sqlite":
            found = {name: default for name, default in found.items() if name not in CONNECTION[1:-1]}
        if name == "plesk":
            found["login"] = None  # its stored passwords are encrypted
        self.options = {name: found[name] for name in (*(name for name in ASKED if name in found), *found)}

    def values(self, texts: dict[str, str]) -> dict[str, object]:
        """Return the options that texts mean, in the order of `options`."""
        return {name: read_value(name, texts[name]) for name in self.options if name in texts}

    def make(self, texts: dict[str, str]) -> Any:
        """Return the source."""
        driver = () if self.driver is None else (self.driver,)
        values = self.values(texts).items()
        made = {name: value.make() if isinstance(value, ImapServer) else value for name, value in values}
        return getattr(ais, self.function)(*driver, **made)


PACKAGES = {
    "postgresql": ("psycopg", "psycopg[binary]"),
    "mysql": ("pymysql", "PyMySQL"),
    "mssql": ("pymssql", "pymssql"),
    "oracle": ("oracledb", "oracledb"),
    "ldap": ("ldap3", "ldap3"),
}
"""What a driver or a source imports, and what pip calls it."""


def missing_package(kind: Kind) -> str:
    """Say which package is missing, and what to do; empty where none is."""
    module, package = PACKAGES.get(kind.driver or kind.function, ("sys", ""))
    try:
        __import__(module)
    except ImportError:
        return f"This needs the package {package}, which is missing: {remedy(package)}"
    return ""


def _find_source(word: str) -> str:
    """Return the one of `NAMES` that a word means; InitError, which names a page, for an unknown word."""
    names = {squeeze(name): name for name in NAMES} | NICKNAMES
    if name := names.get(squeeze(word)):
        return name
    place = find_place(word)
    if place is None:
        raise InitError(f"there is no source of this name; there are {', '.join(NAMES)}; for others see {NOT_HERE}")
    if not place.source:
        raise InitError(place.answer)
    return place.source


def _options_of(function: Callable[..., object]) -> dict[str, str | None]:
    from inspect import signature  # here, since all commands are loaded for every call of bin/ais

    found: dict[str, str | None] = {}
    for name, parameter in signature(function).parameters.items():
        if name not in ("driver", "options") and parameter.kind is not parameter.VAR_KEYWORD:
            given = parameter.default
            found[name] = None if given is parameter.empty else str(given) if isinstance(given, (str, int)) else ""
    return found
