"""The sources that can be asked for, and their options, from the signatures and docstrings of their functions."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import ais

from .error import InitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DRIVERS = ("sqlite", "postgresql", "mysql", "mssql", "oracle")
"""Drivers of `sql`. Others need ``options``, which is for an editor."""

SOURCES = ("csv", "passwd", "htpasswd", "passwd_file", "ldap")
PRESETS = tuple(name for name, module in ais.PUBLIC.items() if module.startswith("presets."))
NAMES = (*DRIVERS, *SOURCES, *PRESETS)

CONNECTION = ("database", "host", "port", "user", "password", "tls")
"""The options of `sql` that its presets take too."""

SECRET = ("password", "bind_password")

RARE = (
    *("alias_query", "alias_domain_query", "default_scheme", "password_charset", "encoding", "delimiter", "aliases"),
    *("virtual", "min_uid", "max_uid", "skip_shells", "page_size", "full_name", "distinguished_name"),
    *("email_addresses", "starttls", "ca_file"),
)
"""Options that are not asked for; ``--set`` gives them."""

_TYPES = {
    "str": "text",
    "int": "number",
    "bool": "flag",
    "bool | str": "flag or text",
    "str | Sequence[str]": "list",
    "Sequence[str]": "list",
    "Paths": "list",
    "Mapping[str, str | Sequence[str]]": "pairs",
}


class Option:
    """An option of a source.

    Args:
        name: the argument.
        about: what its docstring says of it, on one line.
        type: a value of `_TYPES`.
        required: whether it must be given.
        positional: whether it is written without its name.
        default: what it is when it is not given.
    """

    def __init__(self, name: str, about: str, type: str, required: bool, positional: bool, default: object) -> None:
        self.name = name
        self.about = about
        self.type = type
        self.required = required
        self.positional = positional
        self.default = default
        self.secret = name in SECRET

    def value(self, text: str) -> object:
        """Return the value that a text stands for.

        Raises:
            InitError: it stands for none. The text is not in the message.
        """
        word = text.strip().lower()
        if self.type == "number":
            if not (word.isascii() and word.isdigit()):
                raise InitError(f"{self.name} must be a whole number")
            return int(word)
        if self.type.startswith("flag"):
            if word in ("yes", "y", "true", "on", "1"):
                return True
            if word in ("no", "n", "false", "off", "0"):
                return False
            if self.type == "flag":
                raise InitError(f"{self.name} must be yes or no")
        if self.type == "pairs":
            return self._pairs(text)
        if self.type == "list" and "," in text and not text.startswith(("ldap:", "ldaps:")):
            return [part.strip() for part in text.split(",") if part.strip()]
        return text

    def _pairs(self, text: str) -> dict[str, str | list[str]]:
        headings: dict[str, list[str]] = {}
        for part in text.split(","):
            name, equals, heading = part.partition("=")
            if not equals or not heading.strip():
                raise InitError(f"{self.name} must be NAME=HEADING, several separated by commas")
            headings.setdefault(name.strip(), []).append(heading.strip())
        return {name: found[0] if len(found) == 1 else found for name, found in headings.items()}


class Kind:
    """A source that can be asked for.

    Args:
        name: one of `NAMES`; dashes count as underscores.
        driver: how a preset reaches its database; its first one unless given.

    Raises:
        InitError: there is no such source, or it does not work with that driver.
    """

    def __init__(self, name: str, driver: str | None = None) -> None:
        name = name.strip().lower().replace("-", "_")
        if name not in NAMES:
            raise InitError(f"there is no source of this name; there are {', '.join(NAMES)}")
        self.drivers = (name,) if name in DRIVERS else _drivers(name)
        if driver is not None and driver not in self.drivers:
            wanted = f"works with the driver {' or '.join(self.drivers)}" if self.drivers else "takes no driver"
            raise InitError(f"{name} {wanted}")
        self.function = "sql" if name in DRIVERS else name
        self.driver = driver or (self.drivers[0] if self.drivers else None)
        self.options = {option.name: option for option in self._options()}

    def make(self, values: dict[str, object]) -> Any:
        """Return the source.

        Raises:
            ConfigError: an option cannot be used.
        """
        positional, named = self.arguments(values)
        return getattr(ais, self.function)(*positional, **named)

    def arguments(self, values: dict[str, object]) -> tuple[list[object], dict[str, object]]:
        """Return the arguments of the source's function: those without and those with a name."""
        positional: list[object] = [] if self.driver is None else [self.driver]
        positional += [values[name] for name, option in self.options.items() if option.positional and name in values]
        named = {
            name: values[name] for name, option in self.options.items() if name in values and not option.positional
        }
        return positional, named

    def _options(self) -> list[Option]:
        function = getattr(ais, self.function)
        found = _of_function(function)
        if self.driver is not None and self.function != "sql":
            known = {option.name for option in found}
            found += [
                option for option in _of_function(ais.sql) if option.name in CONNECTION and option.name not in known
            ]
        for option in found:
            # Without them the function is content, and no login could be checked, no database found.
            option.required = option.required or option.name == "auth_query" or option.name == "database"
        if self.driver == "sqlite":
            found = [option for option in found if option.name == "database" or option.name not in CONNECTION]
        return found


def _of_function(function: Callable[..., Any]) -> list[Option]:
    about = _about(function)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        kind = _TYPES.get(str(parameter.annotation).removesuffix(" | None"))
        if kind is None or name == "driver" or parameter.kind is parameter.VAR_KEYWORD:
            continue
        required = parameter.default is parameter.empty
        positional = required and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        default = None if required else parameter.default
        found.append(Option(name, about.get(name, ""), kind, required, positional, default))
    return found


def _about(function: Callable[..., Any]) -> dict[str, str]:
    """Return what the section ``Args:`` of a docstring says of each argument."""
    text = inspect.getdoc(function) or ""
    section = re.search(r"^Args:\n((?:    .*\n?|\n)*)", text, re.MULTILINE)
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", section[1] if section else "", re.MULTILINE)
    return {name: " ".join(words.replace("``", "").replace("`", "").split()) for name, words in found}


def _drivers(name: str) -> tuple[str, ...]:
    """Return the drivers that a preset states, in its order; none where its users are in files."""
    stated = getattr(import_module(f"ais.{ais.PUBLIC[name]}"), "DRIVERS", ())
    return tuple(driver for driver in stated if driver in DRIVERS)
