"""Questions at a terminal."""

from __future__ import annotations

import sys

from ...text import one_line
from ..output import wrapper
from ..prompt import read_password
from .kinds import ASKED, DRIVERS, PRESETS, SECRET, SELDOM, SOURCES, InitError, Kind, read_value
from .places import find_place


def say(text: str) -> None:
    """Print a paragraph."""
    sys.stdout.write(wrapper(100, 2).fill(text) + "\n")


def ask(question: str, default: str = "") -> str:
    """Return what is typed on one line, trimmed; `default` for an empty line."""
    shown = f" [{one_line(default)}]" if default else ""
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
            return kind
        except InitError as error:
            say(str(error))


def complete(kind: Kind, texts: dict[str, str], asks_all: bool, may_ask: bool) -> dict[str, str]:
    """Return the options of a source, with those that are asked for.

    Args:
        kind: the source.
        texts: what is known.
        asks_all: whether to ask for what is known or not needed, too.
        may_ask: whether somebody can be asked.
    """
    texts = dict(texts)
    for name, default in kind.options.items():
        belongs_to_user = name in SECRET and ("user" in texts or "bind_dn" in texts)
        if asks_all:
            wanted = belongs_to_user if name in SECRET else default is None or (name in ASKED and name not in SELDOM)
        else:
            wanted = name not in texts and (default is None or (belongs_to_user and may_ask))
        if wanted and not may_ask:
            page = f"; see docs/presets/{kind.function.replace('_', '-')}.md" if kind.function in PRESETS else ""
            flag = f"--{'db-user' if name == 'user' else name.replace('_', '-')}"
            raise InitError(f"{name} is needed: give {flag}, or run this on a terminal to be asked{page}")
        if wanted:
            text = _ask_option(name, texts.pop(name, ""), default)
            if text and text != default:
                texts[name] = text
    return texts


def _ask_option(name: str, known: str, default: str | None) -> str:
    """Return what is typed for an option; what is known, or its default, for an empty line."""
    sys.stdout.write("\n")
    say(ASKED.get(name, f"an option of this source: {name}"))
    if name in SECRET:
        return read_password(f"{name}{' [as before]' if known else ''} (not shown): ", False) or known
    while True:
        try:
            text = ask(name, known or default or "")
            if text:
                read_value(name, text)
            if text or default is not None:
                return text
            say(f"{name} is needed")
        except InitError as error:
            say(str(error))
