"""Show the users that MailStore would get: all of them, or an error. Exit status: 0 shown, 2 there is no whole list."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TypeVar

from .. import deadline
from ..checking.report import count as counted
from ..commands import Spool, to_json
from ..config import Config
from ..directory import listing
from ..errors import ConfigError
from ..user import User
from .options import add_config, load_config, print_json, warn
from .output import Progress, printable, table_lines

T = TypeVar("T")

EXAMPLES = """examples:
  ais list                      a table, cut to the width of the terminal
  ais list | less -S            not cut
  ais list --format csv         for a spreadsheet
  ais list --json               byte for byte what MailStore gets
  ais list --diff               what the next sync would change

--diff --json prints one JSON object: ok (true), users (their number), new (names), gone (how many users of the last
list are missing now) and last (how many there were; null if no list has been served yet: all users are new then)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--diff", action="store_true", help="say what the next sync would change, instead of the list")
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: %(default)s")
    formats.add_argument("--json", dest="format", action="store_const", const="json", help="as --format json")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    if arguments.diff and arguments.format == "csv":
        raise ConfigError("--diff has no CSV: leave --format out, or take --json")
    config = load_config(arguments)
    deadline.start(config.timeout)
    if arguments.diff:
        _print_difference(config, arguments.format == "json")
        return 0
    spool, count = whole(config, FORMATS[arguments.format])
    sys.stdout.flush()
    sys.stdout.buffer.writelines(spool.chunks())
    sys.stdout.buffer.flush()
    if arguments.format != "csv":
        sys.stdout.write("\n" if arguments.format == "json" else f"{counted(count, 'user')}\n")
    return 0


def whole(config: Config, make: Callable[[Iterable[User]], T]) -> tuple[T, int]:
    """Return what a function makes of all users, and the number of users; see `listing.make_whole`."""
    with Progress() as progress:
        return listing.make_whole(config, lambda users: make(progress.counted(users))), progress.count


def _open_text(spool: Spool) -> codecs.StreamWriter:
    """Return what writes text into a spool, in the encoding of standard output."""
    return codecs.getwriter(sys.stdout.encoding)(spool, "backslashreplace")  # type: ignore[arg-type]


def _table(users: Iterable[User]) -> Spool:
    spool = Spool()
    writer = _open_text(spool)
    for line in table_lines(users):
        writer.write(line)
    return spool


def _csv(users: Iterable[User]) -> Spool:
    import csv

    spool = Spool()
    writer = csv.writer(_open_text(spool))
    writer.writerow(("userName", "distinguishedName", "fullName", "emailAddresses"))
    # A terminal obeys control characters; a file keeps them.
    shown = printable if sys.stdout.isatty() else str
    for user in users:
        cells = (user.user_name, user.distinguished_name, user.full_name, " ".join(user.email_addresses))
        writer.writerow([shown(cell) for cell in cells])
    return spool


FORMATS = {"table": _table, "csv": _csv, "json": to_json}


def _print_difference(config: Config, as_json: bool) -> None:
    """Name the new users and count those who are gone: the state has digests of their names only."""
    from array import array
    from bisect import bisect_left

    from ..state import digest, store_for

    store = store_for(config, warn)
    if store is None:
        raise ConfigError("there is no state, so nobody knows the last list: set state to use --diff")
    with closing(store):
        served, key = store.last_list(), store.key()
    known = array("Q", served or b"")  # sorted
    found = bytearray(len(known))

    def find_new(users: Iterable[User]) -> list[str]:
        found[:] = bytes(len(known))
        new = []
        for user in users:
            number = int.from_bytes(digest(key, user.user_name, size=8), sys.byteorder)
            at = bisect_left(known, number)
            if at < len(known) and known[at] == number:
                found[at] = 1
            elif as_json or served is not None:  # else they are all new, and are only counted
                new.append(user.user_name)
        return new

    new, count = whole(config, find_new)
    gone, last = found.count(0), None if served is None else len(known)
    if as_json:
        print_json(True, users=count, new=new, gone=gone, last=last)
    elif last is None:
        sys.stdout.write(f"no list has been served yet: {counted(count, 'new user')}\n")
    else:
        sys.stdout.writelines(f"new: {printable(name)}\n" for name in new)
        sys.stdout.write(f"gone: {gone} of {last}\n")
