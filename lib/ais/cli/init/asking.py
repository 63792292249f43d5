"""Questions at a terminal."""

from __future__ import annotations

import os
import sys

from ...errors import AISError
from ..output import flatten, printable, wrapper
from ..prompt import read_password
from .kinds import ASKED, DRIVERS, PRESETS, SECRET, SELDOM, SOURCES, InitError, Kind, missing_package, read_value
from .places import find_place
from .writing import make_state_folder, propose_state


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
            say(missing_package(kind))
            return kind
        except InitError as error:
            say(str(error))


def complete(kind: Kind, texts: dict[str, str], asks_all: bool, may_ask: bool, folder: str) -> dict[str, str]:
    """Return the options of a source, with those that are asked for.

    Args:
        kind: the source.
        texts: what is known.
        asks_all: whether to ask for what is known or not needed, too.
        may_ask: whether somebody can be asked.
        folder: where relative paths start.
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
            text = ask_option(name, texts.pop(name, ""), default)
            if text and text != default:
                texts[name] = text
        if name == "path" and may_ask:
            _look_at_file(kind, texts, os.path.join(folder, texts.get("path", default or "")), asks_all)
    return texts


def _look_at_file(kind: Kind, texts: dict[str, str], path: str, asks_all: bool) -> None:
    """Ask for what a file needs to be read, and propose which headings of a CSV file hold what."""
    from ...sources.text import lines  # all commands are loaded for every call of bin/ais
    from ...sources.text.csvtable import find_encoding
    from .headings import Headings, propose_columns

    while os.path.isfile(path):
        encoding, delimiter, is_csv = texts.get("encoding", "utf-8"), texts.get("delimiter"), kind.function == "csv"
        try:
            for _ in lines(path, encoding, newline="", find_encoding=find_encoding if is_csv else None):
                pass
            headings = Headings(path, encoding, delimiter, {}, {}).headings if is_csv else []
        except AISError as error:
            if not isinstance(error.__context__, UnicodeError) or "encoding" not in kind.options:
                return  # the trial says so
            say(str(error))
            texts["encoding"] = ask_option("encoding", "", "cp1252")
            continue
        if headings:
            say(f"Its headings: {', '.join(headings)}")
        if len(headings) == 1 and not delimiter and (given := ask_option("delimiter", "", "")):
            texts["delimiter"] = given
            continue
        if asks_all and (proposed := propose_columns(headings)):
            texts.setdefault("columns", proposed)
        return


def ask_state(tenant: str | None, folder: str) -> str:
    """Ask where guard and throttle may remember things, and make that place; empty for nowhere."""
    sys.stdout.write("\n")
    say("state: lets guard hold back a list that lacks most users, and throttle somebody who tries passwords")
    while True:
        state = ask("File for it, or none", propose_state(tenant))
        try:
            return "" if state == "none" else make_state_folder(state, folder)
        except InitError as error:
            say(str(error))


def ask_option(name: str, known: str, default: str | None) -> str:
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
