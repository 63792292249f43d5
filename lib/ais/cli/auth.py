"""Check one user's password, as MailStore would. Exit status: 0 yes, 1 no, 2 nobody can tell."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing

from .. import deadline, directory
from ..checking.examine import count_schemes
from ..checking.people import name_alike
from ..config import Config
from ..directory import listing
from ..directory.naming import originals
from ..errors import AISError
from ..state import store_for
from ..state.throttling import Counted
from .options import add_config, add_json, add_password_stdin, load_config, print_json
from .output import Progress, printable
from .prompt import PromptError, read_password

EXAMPLES = """examples:
  ais auth john.doe                             asks for the password
  ais auth john.doe --explain                   says which source decided, and why
  ais auth john.doe --password-stdin < file     reads it from the first line"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("user", help="the name that the user logs in with")
    about = "say which source decided, why, by which scheme, and how long it took"
    parser.add_argument("--explain", action="store_true", help=about)
    add_password_stdin(parser)
    add_json(parser, "why, source and scheme (null if none decided), held (why MailStore gets a no) and milliseconds")


def run(arguments: argparse.Namespace) -> int:
    """Print yes or no."""
    config = load_config(arguments)
    try:
        arguments.user.encode("utf-8")
    except UnicodeEncodeError:
        raise PromptError("the user name is not valid UTF-8, as MailStore would send it") from None
    password = read_password("Password: ", arguments.password_stdin)
    deadline.start(config.timeout)
    begin = time.monotonic()
    with Progress():
        verdict = directory.authenticate(config, arguments.user, password)
    milliseconds = round((time.monotonic() - begin) * 1000)
    held = _held(config, arguments.user, password)
    scheme = _scheme(config, verdict.source, arguments.user) if arguments.json or arguments.explain else ""
    if arguments.json:
        known = {"source": verdict.source or None, "scheme": scheme or None, "held": held or None}
        print_json(verdict.succeeded, why=verdict.why, **known, milliseconds=milliseconds)
        return 0 if verdict.succeeded else 1
    sys.stdout.write("yes\n" if verdict.succeeded else "no\n")
    if arguments.explain:
        source = f"{printable(verdict.source)}{scheme and ', '}{scheme}" if verdict.source else "no source"
        alike = "" if verdict.succeeded or verdict.source else _alike(config, arguments.user)
        sys.stdout.write(f"{verdict.why}; decided by {source}, in {milliseconds} ms{printable(alike)}\n")
    if held:
        minutes = round(config.throttle.window / 60, 1)
        sys.stdout.write(f"MailStore is told no all the same, for up to {minutes:g} minutes: {held}\n")
    return 0 if verdict.succeeded else 1


def _alike(config: Config, user: str) -> str:
    """Return what to know of the user whose name is almost this one; empty without one, or without a list."""
    if config.users.folds:
        return ""
    deadline.start(config.timeout)
    try:
        sources = enumerate(config.sources, 1)
        return name_alike(user, [user for pair in sources for user in listing.add_up(config, *pair, set()).values()])
    except AISError:
        return ""  # check says what is wrong with the list


def _held(config: Config, user: str, password: str) -> str:
    try:
        store = store_for(config)
        if store is not None:
            with closing(store):
                return Counted(store, config.throttle, user, password).held
    except AISError:
        pass  # a state that cannot be used holds nobody back
    return ""


def _scheme(config: Config, decided: str, user: str) -> str:
    """Return the names of the schemes of the user's stored password; empty where passwords are elsewhere."""
    names = originals(user, config.users)
    for number, source in enumerate(config.sources, 1):
        if directory.named(number, source) == decided:
            try:
                return ", ".join(printable(count.scheme) for count in count_schemes(number, source, names) or ())
            except AISError:
                pass
    return ""
