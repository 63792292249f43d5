"""The configuration that is written, the state that it names, and what to do next."""

from __future__ import annotations

import grp
import os
import shlex
import sys

from ...config.callers import Caller
from ...errors import ConfigError
from ..account import as_web_user, find_web_user
from ..options import NAME, default_config, warn
from .kinds import Kind


def text_of(kind: Kind, texts: dict[str, str], known: Caller, state: str = "") -> str:
    """Return the configuration: a source with its options, who may ask, and the state if there is one."""
    given = kind.expressions(texts)
    lines = [repr(kind.driver)] * bool(kind.driver) + [f"{name}={value}" for name, value in given.items()]
    lines += [f"# {name}={option.default!r}" for name, option in kind.options.items() if name not in given]
    arguments = "".join(f"        {line},\n" for line in lines)
    names = sorted({"caller", kind.function, *(["imap"] if "login" in given else [])})
    remembered = f"\n# What guard and throttle remember (docs/guard.md).\nstate = {state!r}\n" if state else ""
    return f'''"""Configuration of the Application Integration Server, written by ais init.

conf/config.example.py shows every option. Check changes with {NAME} check.
"""

from ais import {", ".join(names)}

# Who may ask: the user name that is entered in MailStore, and the stored form of the password.
callers = [
    caller({known.user!r}, {known.secret!r}),
]

# Where the users are. A line with # is an option that has its default.
sources = [
    {kind.function}(
{arguments}    ),
]
{remembered}'''


def check_free(path: str) -> None:
    """Raise an error unless a file can be made at this place."""
    folder = os.path.dirname(path)
    if os.path.lexists(path):
        raise ConfigError(f"{path} exists, and is never overwritten: move it away, or name another file with --output")
    if not os.access(folder, os.W_OK | os.X_OK):
        why = "cannot be written by this user" if os.path.isdir(folder) else "does not exist"
        raise ConfigError(f"the folder {folder} {why}")


def write(path: str, text: str) -> None:
    """Make the file, which must be new, for this user alone; an OSError leaves none behind."""
    with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            os.unlink(path)
            raise


def make_state_folder(state: str, folder: str) -> None:
    """Make the folder of a state where it is missing: as root, for the web server's user alone.

    Args:
        state: a file, or a ``redis://`` URL, which needs none.
        folder: where a relative path starts.
    """
    place = os.path.dirname(os.path.join(folder, state))
    if "://" in state or os.path.isdir(place):
        return
    user = find_web_user() if os.geteuid() == 0 else None
    if user is None:
        raise ConfigError(f"the folder of the state, {place}, does not exist: make it as docs/guard.md says")
    try:
        os.mkdir(place, 0o700)
        os.chown(place, user.pw_uid, user.pw_gid, follow_symlinks=False)
    except OSError as error:
        raise ConfigError(f"the folder of the state, {place}, cannot be made: {error.strerror}") from None
    warn(f"{place} was made for the user {user.pw_name} alone")


def print_next_steps(path: str, url: str, user: str, password: str, proposed_state: str) -> None:
    """Print what to enter in MailStore, and what to do next; `proposed_state` is empty where there is a state."""
    quoted, default = shlex.quote(path), default_config()
    check = f"{NAME} check" + ("" if default and os.path.abspath(default) == path else f" --config {quoted}")
    rights = hint = ""
    if os.geteuid() == 0:
        found = find_web_user()
        group = grp.getgrgid(found.pw_gid).gr_name if found else "GROUP-OF-THE-WEB-SERVER"
        rights = "The web server cannot read the file yet. Let its user, and nobody else, read it:\n"
        rights += f"  chgrp {group} {quoted}\n  chmod 640 {quoted}\n"
        check = as_web_user(check)
    if proposed_state:
        hint = "Without a state, nothing holds back a list that lacks most users, or a stranger who tries passwords.\n"
        hint += f"When there is a folder for it (docs/guard.md), add to the file:\n  state = {proposed_state!r}\n"
    sys.stdout.write(f"""
written: {path}, which only this user can read

Enter in MailStore, where directory services are set up, as the type "Application Integration":
  URL        {url}
  user name  {user}
  password   {password}

The password is shown only now; the file holds its hash.
{rights}Next:
  {check}
  {NAME} probe URL --user {shlex.quote(user)}
{hint}""")
