"""Load the configuration, ask every source, and say what is wrong. Exit status: 0 fine, 1 problems, 2 config broken."""

from __future__ import annotations

import os
import stat
import sys

from .. import deadline, directory
from ..configuration import load
from ..errors import AISError
from ..texts import one_line
from . import add_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ..configuration import Config

EXAMPLES = """examples:
  ais check
  ais check --config /etc/mailstore-ais/tenant-a.py"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings."""
    config = load(arguments.config)
    problems = 0
    for problem in _problems(config):
        sys.stdout.write(f"PROBLEM {one_line(problem)}\n")
        problems += 1
    sys.stdout.write(f"{problems} problem(s)\n" if problems else "fine\n")
    return 1 if problems else 0


def _problems(config: Config) -> Iterator[str]:
    if not config.callers:
        yield "callers is empty, so nobody can ask: add a caller(…)"
    mode = stat.S_IMODE(os.stat(config.path).st_mode)
    if mode & 0o022:
        yield f"{config.path} can be changed by others: chmod go-w"
    yield from _source_problems(config)


def _source_problems(config: Config) -> Iterator[str]:
    first: dict[str, str] = {}
    for number, source in enumerate(config.sources, 1):
        name = directory.named(number, source)
        deadline.start(config.timeout)
        try:
            users = directory.users_of(config, number, source)
        except AISError as error:
            yield str(error)
            continue
        sys.stdout.write(f"{name}: {len(users)} users\n")
        if not users:
            yield f"{name} lists nobody: correct its query or file"
        without = [user.user_name for user in users if not user.email_addresses]
        if without:
            yield f"{name}: {len(without)} user(s) without an address, such as {without[0]}: they get no mail archived"
        for user in users:
            if user.user_name in first:
                yield f"{name}: {user.user_name} is in {first[user.user_name]} too, which wins"
            first.setdefault(user.user_name, name)
