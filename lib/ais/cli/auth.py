"""Check one user's password, as MailStore would. Exit status: 0 yes, 1 no, 2 nobody can tell."""

from __future__ import annotations

import sys
import time

from .. import deadline, directory
from .options import add_config, add_json, load_config, print_json
from .progress import Progress
from .prompt import PromptError, read_password
from .terminal import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

EXAMPLES = """examples:
  ais auth john.doe                             asks for the password
  ais auth john.doe --explain                   says which source decided, and why
  ais auth john.doe --password-stdin < file     reads it from the first line"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_config(parser)
    parser.add_argument("user", help="the name that the user logs in with")
    parser.add_argument("--explain", action="store_true", help="say which source decided, why, and how long it took")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add_json(parser, "why, source (null when none decided) and milliseconds")


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
    if arguments.json:
        print_json(verdict.succeeded, why=verdict.why, source=verdict.source or None, milliseconds=milliseconds)
    else:
        sys.stdout.write("yes\n" if verdict.succeeded else "no\n")
        if arguments.explain:
            source = printable(verdict.source) or "no source"
            sys.stdout.write(f"{verdict.why}; decided by {source}, in {milliseconds} ms\n")
    return 0 if verdict.succeeded else 1
