"""Questions at a terminal."""

from __future__ import annotations

import sys
from getpass import getpass

from ...text import one_line
from . import kinds
from .error import InitError
from .kinds import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .kinds import Option


def say(text: str) -> None:
    """Print a paragraph, as wide as the terminal."""
    from shutil import get_terminal_size
    from textwrap import fill

    width = max(40, min(get_terminal_size().columns, 100))
    sys.stdout.write(fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) + "\n")


def ask(question: str, default: str = "") -> str:
    """Return what is typed on one line, trimmed; `default` for an empty line."""
    shown = f" [{one_line(default)}]" if default else ""
    return input(f"{question}{shown}: ").strip() or default


def ask_kind(driver: str | None) -> Kind:
    """Ask which source, and which driver where it has several."""
    say(f"Databases, with queries of your own: {', '.join(kinds.DRIVERS)} (mysql is for MariaDB too)")
    say(f"Applications, whose database is known: {', '.join(kinds.PRESETS)}")
    say(f"Others: {', '.join(kinds.SOURCES)}")
    while True:
        try:
            kind = Kind(ask("Where are the users"), driver)
            if driver is None and len(kind.drivers) > 1:
                say(f"Drivers: {', '.join(kind.drivers)}")
                kind = Kind(kind.function, ask("Driver", kind.drivers[0]))
            return kind
        except InitError as error:
            say(str(error))


def ask_option(option: Option, known: object) -> object:
    """Ask for an option.

    Args:
        option: the option.
        known: what was given before; None for nothing.

    Returns:
        The value; None to leave it out.
    """
    if option.about:
        # The docstrings speak of Python.
        about = option.about.replace("True", "yes").replace("False", "no")
        sys.stdout.write("\n")
        say(about[0].upper() + about[1:])
    while True:
        try:
            if option.secret:
                typed = getpass(f"{option.name}{' [as before]' if known else ''} (not shown): ")
                return typed or known
            before = option.default if known is None else known
            form = (
                " (NAME=HEADING, several separated by commas; emailAddresses may come again)"
                if option.type == "pairs"
                else ""
            )
            text = ask(option.name + form, _shown(before))
            if text:
                return option.value(text) if text != _shown(before) else before
            if not option.required:
                return None
            say(f"{option.name} is needed")
        except InitError as error:
            say(str(error))


def _shown(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        pairs = [(name, one) for name, found in value.items() for one in ([found] if isinstance(found, str) else found)]
        return ", ".join(f"{name}={heading}" for name, heading in pairs)
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
