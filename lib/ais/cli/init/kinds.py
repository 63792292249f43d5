"""The sources that `init` can write. Their options are the parameters of their functions."""

from __future__ import annotations

import sys
from inspect import Parameter, signature

import ais

from ...errors import AISError, ConfigError, MissingPackage
from ...sources.text.csvtable import YES_NO
from ...text import is_loopback
from .places import NICKNAMES, find_place, squeeze

DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "oracle")
"""Drivers of `sql`. Others need ``options``, which is for an editor."""

SOURCES = ("csv", "passwd", "htpasswd", "passwd_file", "ldap")
PRESETS = tuple(name for name, module in ais.PUBLIC.items() if module.startswith("presets."))
NAMES = (*DRIVERS, *SOURCES, *PRESETS)

SECRET = ("password", "bind_password")


class InitError(AISError):
    """The configuration cannot be made from what was given."""


class Kind:
    """A source that can be asked for.

    Args:
        word: one of `NAMES` or of the words of `places`; dashes count as underscores.
        driver: how a preset reaches its database; its first one unless given.

    Attributes:
        options: the parameters of its function that a text can give, by name.
        needed: those that must be given.

    Raises:
        InitError: there is no such source, or it does not work with that driver.
    """

    def __init__(self, word: str, driver: str | None = None) -> None:
        name = _find_source(word)
        self.function = "sql" if name in DRIVERS else name
        made = getattr(ais, self.function)
        stated = (name,) if name in DRIVERS else getattr(sys.modules[made.__module__], "DRIVERS", ())
        self.drivers = [each for each in stated if each in DRIVERS]
        if driver is not None and driver not in self.drivers:
            wanted = f"works with the driver {' or '.join(self.drivers)}" if self.drivers else "takes no driver"
            raise InitError(f"{name} {wanted}")
        self.driver = driver or (self.drivers[0] if self.drivers else None)
        self.options = dict(signature(made).parameters)
        if self.drivers:  # a preset takes what `sql` takes, but for the queries
            shared = signature(ais.sql).parameters.items()
            self.options = {key: each for key, each in shared if not key.endswith("_query")} | self.options
        server = ("host", "port", "user", "password", "tls") if self.driver == "sqlite" else ()
        for key in ("driver", "options", "connection", *server):
            self.options.pop(key, None)
        # Without these no database is found, and nobody can log in; Plesk's passwords are encrypted.
        more = ("database", "auth_query", *(["login"] if name == "plesk" else []))
        self.needed = [key for key, each in self.options.items() if each.default is each.empty or key in more]

    def default(self, name: str) -> str:
        """Return the default of an option as a person would type it; empty where there is none."""
        given = self.options[name].default
        return given if isinstance(given, str) else ""

    def expressions(self, texts: dict[str, str]) -> dict[str, str]:
        """Return the options that texts mean, as Python expressions, in the order of the parameters."""
        return {name: _read(self.options[name], texts[name]) for name in self.options if name in texts}

    def missing_package(self) -> str:
        """Say which package is missing, and what to do; empty where none is."""
        try:
            if self.driver not in (None, "sqlite"):
                from ...sources.sql.drivers import driver_for

                nothing = dict.fromkeys(("host", "port", "user", "password", "tls"))
                _ = driver_for(str(self.driver), {"database": "x", "options": {}, **nothing}).module
            elif self.function == "ldap":
                from ...network.ldap.connection import make_client

                make_client()
        except MissingPackage as error:
            return str(error)
        return ""


def _find_source(word: str) -> str:
    """Return the one of `NAMES` that a word means; InitError, which names a page, for an unknown word."""
    names = {squeeze(name): name for name in NAMES} | NICKNAMES
    if name := names.get(squeeze(word)):
        return name
    if place := find_place(word):
        if place.source:
            return place.source
        raise InitError(place.answer)
    more = "for others see docs/presets/README.md#not-here"
    raise InitError(f"there is no source of this name; there are {', '.join(NAMES)}; {more}")


def _read(option: Parameter, text: str) -> str:
    """Return the expression that a text means for an option, by its type; no message repeats the text."""
    name, kind, word = option.name, str(option.annotation), text.strip().lower()
    if "bool" in kind and word in YES_NO:
        return repr(YES_NO[word])
    if kind == "bool":
        raise InitError(f"{name} must be yes or no")
    if kind.startswith("int"):
        if not (word.isascii() and word.isdigit()):
            raise InitError(f"{name} must be a whole number")
        return str(int(word))
    if name == "encoding":
        try:
            "".encode(text)
        except (LookupError, UnicodeError):
            raise InitError("encoding must be the name of a charset, such as cp1252") from None
    if kind.startswith("Login"):
        return _read_login(text.strip())
    if kind.startswith("Mapping") and ("=" in text or "| str |" not in kind):  # else it is the path of a file
        return repr(_read_pairs(name, text))
    if (kind == "Paths" or "Sequence" in kind) and "," in text:
        return repr([part.strip() for part in text.split(",") if part.strip()])
    return repr(text)


def _read_pairs(name: str, text: str) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split(","):
        key, _, value = part.partition("=")
        if not value.strip():
            raise InitError(f"{name} must be NAME=HEADING, several separated by commas")
        found.setdefault(key.strip(), []).append(value.strip())
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _read_login(host: str) -> str:
    # No certificate names this computer so, and nobody can listen in between.
    more = {"tls": "none"} if host == "localhost" or is_loopback(host) else {}
    try:
        ais.imap(host, **more)
    except ConfigError as error:
        raise InitError(f"login: {error}") from None
    return f"imap({', '.join([repr(host), *(f'{name}={value!r}' for name, value in more.items())])})"
