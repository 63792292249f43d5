# PYTHON_ARGCOMPLETE_OK
"""The command line: ``bin/ais`` and, when installed, ``ais``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .. import __version__, packages
from ..errors import AISError
from .options import add_config
from .output import flatten, write_every_letter

COMMANDS = {
    "init": "write the first configuration: ask for a source, try it, make MailStore's secret",
    "check": "load the configuration, ask every source, and say what is wrong",
    "list": "show the users that MailStore would get",
    "auth": "check one user's password, as MailStore would",
    "hash-password": "make the stored form of a password, such as the secret of a caller",
    "accept-list": "let a list with fewer users through once",
    "serve": "answer on a port of this computer, for trying out",
    "probe": "try a deployed address as MailStore does, and explain what is wrong",
    "bundle": "make a zip file to upload to shared hosting by FTP",
}

EPILOG = """examples:
  ais init                      begin here
  ais check                     then see what is wrong
  ais COMMAND --help            what a command does, with examples

Exit status of all commands: 0 fine or yes, 1 a problem or no, 2 it cannot be done or nobody can tell, 130 Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: those of the process, unless given.

    Returns:
        Exit status: 0 for fine or yes, 1 for problems or no, 2 when nobody can tell.
    """
    packages.install_finder()
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        # A closed one: a file opened later would get its number. To write to standard output then is an error.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:  # a shell wants to complete a line, and reads the answer from another handle
        try:
            import argcomplete  # an optional package
        except ImportError:
            return 1
        argcomplete.autocomplete(parser)
    write_every_letter()
    try:
        try:
            return _run(parser, arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return 141  # as of a program that SIGPIPE ended: the reader, such as head, has seen enough
    except OSError as error:
        _discard_output()
        what = error.filename or "the output cannot be written"
        print(f"ais: {flatten(f'{what}: {error.strerror or error}')}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    # No abbreviations: --password must not be taken for --password-stdin.
    common: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    description = "Application Integration Server for MailStore."
    parser = argparse.ArgumentParser(prog="ais", description=description, epilog=EPILOG, **common)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    add_config(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        module = import_module(f".{name.replace('-', '_')}", __name__)
        about = {"help": summary, "description": module.__doc__, "epilog": module.EXAMPLES}
        command = commands.add_parser(name, **about, **common)
        command.set_defaults(run=module.run, parser=command)
        module.add_arguments(command)
    return parser


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    parsed, others = parser.parse_known_args(arguments)
    if parsed.command is None:
        parser.print_help(sys.stderr)
        return 2
    if others:
        # Values are not repeated: one may be a password, and standard error a log.
        words = (re.match("--[A-Za-z-]+|-.", word) for word in others)
        names = [flatten(word[0]) for word in words if word]
        unknown = f"unknown option {', '.join(names)}" if names else "too many arguments"
        more = "; passwords are asked for, or read with --password-stdin" if "password" in "".join(names) else ""
        parsed.parser.error(f"{unknown}: see ais {parsed.command} --help{more}")
    try:
        return int(parsed.run(parsed))
    except AISError as error:
        print(f"ais {parsed.command}: {flatten(str(error))}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print(file=sys.stderr)  # noqa: T201  # the terminal has shown ^C
        return 130


def _discard_output() -> None:
    """Throw away what the interpreter would try to write when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
