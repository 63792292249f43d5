"""Show the users that MailStore would get."""

from __future__ import annotations

import sys

from .. import deadline, directory
from ..configuration import load
from . import add_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ..user import User

EXAMPLES = """examples:
  ais list                      a table
  ais list --format csv         for a spreadsheet
  ais list --format json        byte for byte what MailStore gets"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_config(parser)
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    config = load(arguments.config)
    deadline.start(config.timeout)
    if arguments.format == "json":
        from ..commands import list_users

        sys.stdout.write(list_users({}, config).decode("ascii") + "\n")
        return 0
    users = directory.list_users(config)
    if arguments.format == "csv":
        import csv

        writer = csv.writer(sys.stdout)
        writer.writerow(("userName", "distinguishedName", "fullName", "emailAddresses"))
        writer.writerows(_cells(user) for user in users)
    else:
        _print_table(users)
    return 0


def _cells(user: User) -> tuple[str, str, str, str]:
    return user.user_name, user.distinguished_name, user.full_name, " ".join(user.email_addresses)


def _print_table(users: list[User]) -> None:
    """Print name, full name and addresses; control characters of a value must not reach the terminal."""
    rows = [(user.user_name, user.full_name, " ".join(user.email_addresses)) for user in users]
    rows = [("userName", "fullName", "emailAddresses"), *rows]
    shown = [tuple("".join(c if c.isprintable() else "?" for c in cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(2)]
    for row in shown:
        sys.stdout.write(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() + "\n")
    sys.stdout.write(f"{len(users)} users\n")
