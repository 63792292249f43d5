"""Show the users that MailStore would get."""

from __future__ import annotations

import sys

from .. import deadline, directory
from ..commands import to_json
from ..configuration import load
from ..errors import ConfigError
from ..state import store_for
from ..state.guarding import digests_of, missing
from . import add_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from ..configuration import Config
    from ..user import User

EXAMPLES = """examples:
  ais list                      a table
  ais list --format csv         for a spreadsheet
  ais list --diff               what the next sync would change
  ais list --format json        byte for byte what MailStore gets"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_config(parser)
    parser.add_argument("--diff", action="store_true", help="say what the next sync would change, instead of the list")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    config = load(arguments.config)
    deadline.start(config.timeout)
    users = directory.list_users(config)
    if arguments.diff:
        _print_difference(config, users)
    elif arguments.format == "json":
        sys.stdout.write("".join(part.decode("ascii") for part in to_json(users).chunks()) + "\n")
    elif arguments.format == "csv":
        import csv

        writer = csv.writer(sys.stdout)
        writer.writerow(("userName", "distinguishedName", "fullName", "emailAddresses"))
        # A terminal obeys control characters; a file keeps them.
        shown = printable if sys.stdout.isatty() else str
        writer.writerows([shown(cell) for cell in _cells(user)] for user in users)
    else:
        _print_table(users)
    return 0


def _print_difference(config: Config, users: list[User]) -> None:
    """Name who is new and count who is gone: the state holds digests and no names."""
    store = store_for(config)
    if store is None:
        raise ConfigError("there is no state, so nobody knows the last list: set state to use --diff")
    last = store.last_list()
    if last is None:
        sys.stdout.write(f"no list has been served yet: all {len(users)} users are new\n")
        return
    known = {last[at : at + 8] for at in range(0, len(last), 8)}
    for user in users:
        if digests_of(store, [user]) not in known:
            sys.stdout.write(f"new: {printable(user.user_name)}\n")
    gone = missing(last, digests_of(store, users))
    store.close()
    sys.stdout.write(f"gone: {gone} of {len(known)}\n")


def printable(text: str) -> str:
    """Return a value as a terminal may get it: without control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _cells(user: User) -> tuple[str, str, str, str]:
    return user.user_name, user.distinguished_name, user.full_name, " ".join(user.email_addresses)


def _print_table(users: list[User]) -> None:
    """Print name, full name and addresses."""
    rows = [(user.user_name, user.full_name, " ".join(user.email_addresses)) for user in users]
    rows = [("userName", "fullName", "emailAddresses"), *rows]
    shown = [tuple(printable(cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(2)]
    for row in shown:
        sys.stdout.write(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() + "\n")
    sys.stdout.write(f"{len(users)} users\n")
