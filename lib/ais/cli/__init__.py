"""The command line: ``bin/ais`` and, when installed, ``ais``."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from .. import __version__, packages
from ..errors import AISError
from ..texts import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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

DEFAULT_CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "conf", "config.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: those of the process, unless given.

    Returns:
        Exit status: 0 for fine or yes, 1 for problems or no, 2 when nobody can tell.
    """
    packages.install_finder()
    parser = argparse.ArgumentParser(prog="ais", description="Application Integration Server for MailStore.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        module = import_module(f".{name.replace('-', '_')}", __name__)
        command = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            epilog=getattr(module, "EXAMPLES", None),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=module.run)
        module.add_arguments(command)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except AISError as error:
        print(f"ais {parsed.command}: {one_line(str(error))}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, such as head, has seen enough; nothing is left to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the option --config."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=os.environ.get("AIS_CONFIG") or os.path.normpath(DEFAULT_CONFIG),
        help="configuration file (default: AIS_CONFIG of the environment, else %(default)s)",
    )
