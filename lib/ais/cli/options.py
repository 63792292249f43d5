"""What commands have in common: their configuration file, and output for scripts."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from argparse import SUPPRESS
from collections.abc import Iterable

from ..config import Config, load
from ..errors import LIBRARY, ConfigError, command
from .output import flatten

ROOT = os.path.dirname(LIBRARY)

IS_COPY = os.path.isfile(os.path.join(ROOT, "bin", "ais"))
"""Whether this is a copy of the whole program, not a package that pip has installed."""

CONF = os.path.realpath(os.path.join(ROOT, "conf"))
"""Where the configuration of a copy is. The real folder: that of the Debian package is a link into /etc."""

NAME = command()
"""How messages call the command: as it was called, where a path leads to it."""
if NAME == "bin/ais" and sys.argv[0].endswith("/bin/ais"):
    NAME = shlex.quote(sys.argv[0])

CONF_ABOUT = "conf/{} beside bin" if NAME.endswith("bin/ais") else f"{CONF}/{{}}"
"""The same in the help, for a file or a folder in it."""


def default_config() -> str | None:
    """Return the configuration file to use when none is named; None when one must be named.

    A package has no place for it, and whatever config.py lies in the current folder may be somebody else's.
    """
    named = os.environ.get("AIS_CONFIG")
    return named or (os.path.join(CONF, "config.py") if IS_COPY else None)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the option --config, which may stand before the command and after it."""
    about = "AIS_CONFIG of the environment" + (f", else {CONF_ABOUT.format('config.py')}" if IS_COPY else "")
    # Where it is not given nothing is set, so that a command leaves alone what stood before it.
    parser.add_argument("--config", metavar="FILE", default=SUPPRESS, help=f"configuration file (default: {about})")


def config_path(arguments: argparse.Namespace) -> str:
    """Return the path of the configuration.

    Raises:
        ConfigError: no file is named, or it does not exist.
    """
    path: str | None = getattr(arguments, "config", default_config())
    if path is None:
        raise ConfigError(f"which configuration? Name it: {NAME} {arguments.command} --config FILE, or set AIS_CONFIG")
    path = os.path.abspath(path)
    why = reach(path)
    if why == ABSENT:
        new = "" if path == default_config() else f" --output {shlex.quote(path)}"
        raise ConfigError(f"{path}: {why}: {NAME} init{new} writes one, --config names another")
    if why:
        raise ConfigError(f"{path}: {why}")
    return path


ABSENT = "there is no such file"


def reach(path: str) -> str:
    """Return why nothing can be read at a path; empty if something is there."""
    try:
        os.lstat(path)
    except PermissionError:
        return "this user may not enter a folder above it: run this as another user, such as the web server's"
    except OSError:
        return ABSENT
    return ""


def load_config(arguments: argparse.Namespace) -> Config:
    """Return the configuration, or raise a ConfigError."""
    return load(config_path(arguments))


def warn(text: str) -> None:
    """Write a warning to standard error; the command goes on."""
    sys.stderr.write(f"ais: {flatten(text)}\n")


def add_json(parser: argparse.ArgumentParser, names: str) -> None:
    """Add the option --json, whose object has these names beyond ``ok``."""
    about = f"for scripts: print one JSON object with ok (true when the exit status is 0), {names}"
    parser.add_argument("--json", action="store_true", help=about)


def add_password_stdin(parser: argparse.ArgumentParser) -> None:
    """Add the option --password-stdin."""
    about = "do not ask for the password, but read it from a line of standard input"
    parser.add_argument("--password-stdin", action="store_true", help=about)


def print_json(ok: bool, **values: object) -> None:
    """Print the object of --json; an error is no object, but a sentence on standard error and the exit status 2."""
    import json

    json.dump({"ok": ok, **values}, sys.stdout, indent=2)
    sys.stdout.write("\n")


def completes(action: argparse.Action, words: Iterable[str]) -> None:
    """Say what a shell may complete an argument with (the package argcomplete); files otherwise."""
    action.completer = lambda **_: words  # type: ignore[attr-defined]
