"""Check one user's password, as MailStore would. Exit status: 0 yes, 1 no, 2 nobody can tell."""

from __future__ import annotations

import sys
import time

from .. import deadline, directory
from ..configuration import load
from . import add_config

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


def run(arguments: argparse.Namespace) -> int:
    """Print yes or no."""
    config = load(arguments.config)
    password = read_password(arguments.password_stdin)
    deadline.start(config.timeout)
    begin = time.monotonic()
    verdict = directory.authenticate(config, arguments.user, password)
    milliseconds = round((time.monotonic() - begin) * 1000)
    sys.stdout.write("yes\n" if verdict.succeeded else "no\n")
    if arguments.explain:
        sys.stdout.write(f"{verdict.why}; decided by {verdict.source or 'no source'}, in {milliseconds} ms\n")
    return 0 if verdict.succeeded else 1


def read_password(from_stdin: bool) -> str:
    """Return the password: the first line of standard input, or what is typed at a prompt."""
    if from_stdin:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
    from getpass import getpass

    return getpass("Password: ")
