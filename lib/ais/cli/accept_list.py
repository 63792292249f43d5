"""Let the present list through once, although users are missing from it: it becomes the last list served.

Exit status: 0 accepted, 2 there is no list or no state."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from .. import deadline
from ..checking.report import count as counted
from ..errors import ConfigError
from ..state import store_for
from ..state.guarding import accept
from .list import whole
from .options import add_config, add_json, load_config, print_json, warn

EXAMPLES = """examples:
  ais list --diff               first see how many would vanish
  ais accept-list"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser, "users (their number) and gone (how many of the last list)")


def run(arguments: argparse.Namespace) -> int:
    """Remember the present list."""
    config = load_config(arguments)
    store = store_for(config, warn)
    if store is None:
        raise ConfigError("there is no state, so the guard holds nothing back: set state to use max_shrink")
    deadline.start(config.timeout)
    with closing(store):
        # It goes through the users once, and saves when they were all.
        gone, count = whole(config, lambda users: accept(store, users))
    if arguments.json:
        print_json(True, users=count, gone=gone)
    else:
        sys.stdout.write(f"accepted: {counted(count, 'user')}; {gone} of the last list are gone\n")
    return 0
