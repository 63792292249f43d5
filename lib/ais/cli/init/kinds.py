"""The sources that `init` can write. Their options are the parameters of their functions."""

from __future__ import annotations

import sys
from inspect import Parameter, signature

import ais

from ...errors import ConfigError, MissingPackage
from ...sources.text.csvtable import YES_NO
from ...text import is_loopback
from .places import DRIVERS, find_source

SECRETS = {"password": "user", "bind_password": "bind_dn"}
"""Options that no one may see, and the account that each belongs to."""


class Kind:
    """A source that can be asked for.

    Args:
        word: a word for it, see `find_source`.
        driver: how a preset reaches its database; its first one unless given.

    Attributes:
        answer: what is to be said of the word.
        options: the parameters of its function that a text can give, by name.
        needed: those that must be given.

    Raises:
        ConfigError: there is no such source, or it does not work with that driver.
    """

    def __init__(self, word: str, driver: str | None = None) -> None:
        name, self.answer = find_source(word)
        self.function = "sql" if name in DRIVERS else name
        made = getattr(ais, self.function)
        stated = (name,) if name in DRIVERS else getattr(sys.modules[made.__module__], "DRIVERS", ())
        self.drivers = [each for each in stated if each in DRIVERS]
        if driver is not None and driver not in self.drivers:
            wanted = f"works with the driver {' or '.join(self.drivers)}" if self.drivers else "takes no driver"
            raise ConfigError(f"{name} {wanted}")
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

    def expressions(self, texts: dict[str, str]) -> dict[str, str]:
        """Return the options that texts mean, as Python expressions, in the order of the parameters."""
        return {name: _read(self.options[name], texts[name]) for name in self.options if name in texts}

    def missing_package(self) -> str:
        """Say which package is missing, and what to do; empty where none is."""
        from ...network.ldap.connection import make_client
        from ...sources.sql.drivers import driver_for

        nothing = dict.fromkeys(("host", "port", "user", "password", "tls"))
        try:
            if self.function == "ldap":
                make_client()
            elif self.driver not in (None, "sqlite"):
                _ = driver_for(self.driver, {"database": "x", "options": {}, **nothing}).module
        except MissingPackage as error:
            return str(error)
        return ""


def _read(option: Parameter, text: str) -> str:
    """Return the expression that a text means for an option, by its type; no message repeats the text."""
    name, kind, word = option.name, str(option.annotation), text.strip().lower()
    if "bool" in kind and word in YES_NO:
        return repr(YES_NO[word])
    if kind == "bool":
        raise ConfigError(f"{name} must be yes or no")
    if kind.startswith("int"):
        if not (word.isascii() and word.isdigit()):
            raise ConfigError(f"{name} must be a whole number")
        return str(int(word))
    if name == "encoding":
        try:
            "".encode(text)
        except (LookupError, UnicodeError):
            raise ConfigError("encoding must be the name of a charset, such as cp1252") from None
    if kind.startswith("Login"):
        return _read_login(text.strip())
    if kind.startswith("Mapping") and ("=" in text or "| str |" not in kind):  # else it is the path of a file
        return repr(_read_pairs(name, text))
    if kind.startswith("Sequence") or (("Sequence" in kind or kind == "Paths") and "," in text):
        return repr([part.strip() for part in text.split(",") if part.strip()])
    return repr(text)


def _read_pairs(name: str, text: str) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split(","):
        key, _, value = part.partition("=")
        if not value.strip():
            raise ConfigError(f"{name} must be NAME=HEADING, several separated by commas")
        found.setdefault(key.strip(), []).append(value.strip())
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _read_login(host: str) -> str:
    # No certificate names this computer so, and nobody can listen in between.
    tls = "none" if host == "localhost" or is_loopback(host) else "ssl"
    ais.imap(host, tls=tls)  # raises ConfigError
    return f"imap({host!r}, tls={tls!r})"
