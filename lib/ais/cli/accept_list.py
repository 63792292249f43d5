"""Let the present list through once, although users are missing from it: it becomes the last list served."""

from __future__ import annotations

import sys

from .. import deadline, directory
from ..configuration import load
from ..errors import ConfigError
from ..state import store_for
from ..state.guarding import accept
from . import add_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

EXAMPLES = """examples:
  ais list --diff               first see who would vanish
  ais accept-list"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remember the present list."""
    config = load(arguments.config)
    store = store_for(config)
    if store is None:
        raise ConfigError("there is no state, so the guard holds nothing back: set state to use max_shrink")
    deadline.start(config.timeout)
    users = directory.list_users(config)
    gone = accept(store, users)
    store.close()
    sys.stdout.write(f"accepted: {len(users)} users; {gone} of the last list are gone\n")
    return 0
