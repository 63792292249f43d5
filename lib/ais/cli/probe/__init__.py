"""Try a deployed address as MailStore does, and explain what is wrong with it. Changes nothing there.

Asks for the password. Exit status: 0 all is well, 1 a problem was found, 2 it could not be tried."""

from __future__ import annotations

import sys

from ...checking.report import count
from ..options import add_json, add_password_stdin, print_json
from ..output import Progress, wrapper
from ..prompt import read_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from .steps import Probe

EXAMPLES = """examples:
  ais probe https://mail.example.test/mailstore-integration/index.php --user mailstore@example.test
  ais probe URL --user NAME --login john.doe     tries a user's password too, and asks for it
  ais probe URL --user NAME --password-stdin --json < file
                                                 the password is the first line, the one for --login the second"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the address as it is entered in MailStore")
    about = "the caller's name, as it is entered in MailStore"
    parser.add_argument("--user", required=True, metavar="NAME", help=about)
    add_password_stdin(parser)
    parser.add_argument("--login", metavar="USER", help="also try to log this user in")
    parser.add_argument("--ca-file", metavar="FILE", help="trust the certificates in this PEM file, not the system's")
    about = "for one request (default: %(default)g)"
    parser.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help=about)
    add_json(parser, "url, passed (sentences) and problems (code, text, remedy)")


def run(arguments: argparse.Namespace) -> int:
    """Print what is well and what is not."""
    # All commands are loaded for every call of bin/ais; ssl and http.client only for this one.
    from .problems import ProbeError
    from .steps import Probe
    from .transport import Target

    if not 0 < arguments.timeout <= 3600:
        raise ProbeError("--timeout must be a number of seconds, more than 0 and at most 3600")
    if not arguments.user or ":" in arguments.user:
        raise ProbeError("--user must be a name without a colon")
    target = Target(arguments.url, arguments.timeout, arguments.ca_file)
    users = [arguments.user] if arguments.login is None else [arguments.user, arguments.login]
    passwords = [read_password(f"Password of {user}: ", arguments.password_stdin) for user in users]
    if not all(passwords):
        raise ProbeError("a password is missing: type it when asked, or give one per line with --password-stdin")
    login = None if arguments.login is None else (arguments.login, passwords[1])
    probe = Probe(target, arguments.user, passwords[0], login)
    with Progress(f"trying {target.url}"):
        probe.run()
    if arguments.json:
        problems = [{"code": each.code, "text": each.text, "remedy": each.remedy} for each in probe.problems]
        print_json(not problems, url=target.url, passed=probe.passed, problems=problems)
    else:
        _print(probe)
    return 1 if probe.problems else 0


def _print(probe: Probe) -> None:
    paragraph = wrapper(120, 9)
    lines = [("ok       ", sentence) for sentence in probe.passed]
    for problem in probe.problems:
        lines += [("PROBLEM  ", f"{problem.code}: {problem.text}"), (" " * 9, problem.remedy)]
    for paragraph.initial_indent, text in lines:
        sys.stdout.write(paragraph.fill(text) + "\n")
    sys.stdout.write(f"{count(len(probe.problems), 'problem')}\n" if probe.problems else "fine\n")
