"""The configuration that is written, and what to do next."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from ..options import NAME, default_config, warn
from .kinds import InitError, Kind

if TYPE_CHECKING:
    import pwd

    from ...config.callers import Caller

_TEXT = '''\
"""Configuration of the Application Integration Server, written by ais init.

conf/config.example.py shows every option. Check changes with {command} check.
"""

from ais import {names}

# Who may ask: the user name that is entered in MailStore, and the stored form of the password.
callers = [
    caller({caller!r}, {secret!r}),
]

# Where the users are. A line with # is an option that has its default.
sources = [
    {function}(
{arguments}    ),
]
{state}'''

_NEXT = """
written: {path}, which only this user can read

Enter in MailStore, where directory services are set up, as the type "Application Integration":
  URL        {url}
  user name  {user}
  password   {password}

The password is shown only now; the file holds its hash.
"""


def text_of(kind: Kind, texts: dict[str, str], known: Caller, state: str = "") -> str:
    """Return the configuration: a source with its options, who may ask, and the state if there is one."""
    given = kind.expressions(texts)
    lines = [repr(kind.driver)] * bool(kind.driver) + [f"{name}={value}" for name, value in given.items()]
    lines += [f"# {name}={option.default!r}" for name, option in kind.options.items() if name not in given]
    return _TEXT.format(
        names=", ".join(sorted({"caller", kind.function, *(["imap"] if "login" in given else [])})),
        command=NAME,
        caller=known.user,
        secret=known.secret,
        function=kind.function,
        arguments="".join(f"        {line},\n" for line in lines),
        state=f"\n# What guard and throttle remember (docs/guard.md).\nstate = {state!r}\n" if state else "",
    )


def check_free(path: str) -> None:
    """Raise an error unless a file can be made at this place."""
    folder = os.path.dirname(path)
    if os.path.lexists(path):
        raise InitError(f"{path} exists, and is never overwritten: move it away, or name another file with --output")
    if not os.path.isdir(folder):
        raise InitError(f"the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InitError(f"the folder {folder} cannot be written by this user")


def write(path: str, text: str) -> None:
    """Make the file, which must be new, for this user alone."""
    check_free(path)
    try:
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            try:
                file.write(text)
                file.flush()
            except OSError:
                os.unlink(path)
                raise
    except OSError as error:
        raise InitError(f"{path} cannot be written: {error.strerror}") from None


def url_of(tenant: str | None) -> str:
    """Return the URL to enter in MailStore, but for the server's name."""
    return f"https://YOUR.SERVER{f'/{tenant}' if tenant else ''}/mailstore-integration/index.php"


def find_web_user() -> pwd.struct_passwd | None:
    """Return the user that the web server runs scripts as, by the names that distributions give it."""
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    names = ("www-data", "apache", "lighttpd", "http", "wwwrun", "nginx")
    return next((known[name] for name in names if name in known), None)


def state_file(tenant: str | None) -> str:
    """Return the usual place of the state."""
    return f"/var/lib/mailstore-ais/{tenant or 'state'}.sqlite"


def propose_state(tenant: str | None) -> str:
    """Return the usual place where its folder is there or can be made for the web server's user; else ``none``."""
    file = state_file(tenant)
    ready = os.geteuid() == 0 and (find_web_user() is not None or os.path.isdir(os.path.dirname(file)))
    return file if ready else "none"


def make_state_folder(state: str, folder: str) -> str:
    """Make the folder of a state where it is missing: as root, for the web server's user alone. Return the state.

    Args:
        state: a file, or a ``redis://`` URL, which needs none.
        folder: where a relative path starts.
    """
    place = os.path.dirname(os.path.join(folder, state))
    if "://" in state or os.path.isdir(place):
        return state
    user = find_web_user() if os.geteuid() == 0 else None
    if user is None:
        raise InitError(f"the folder of the state, {place}, does not exist: make it as docs/guard.md says")
    try:
        os.mkdir(place, 0o700)
        os.chown(place, user.pw_uid, user.pw_gid, follow_symlinks=False)
    except OSError as error:
        raise InitError(f"the folder of the state, {place}, cannot be made: {error.strerror}") from None
    warn(f"{place} was made for the user {user.pw_name} alone")
    return state


def print_next_steps(path: str, user: str, password: str, tenant: str | None, state: str) -> None:
    """Print what to enter in MailStore, and what to do next; the caller's password is kept nowhere."""
    text, quoted = _NEXT.format(path=path, url=url_of(tenant), user=user, password=password), shlex.quote(path)
    default = default_config()
    check = f"{NAME} check" + ("" if default and os.path.abspath(default) == path else f" --config {quoted}")
    if os.geteuid() == 0:
        import grp

        found = find_web_user()
        group = grp.getgrgid(found.pw_gid).gr_name if found else "GROUP-OF-THE-WEB-SERVER"
        text += "The web server cannot read the file yet. Let its user, and nobody else, read it:\n"
        text += f"  chgrp {group} {quoted}\n  chmod 640 {quoted}\n"
        check = f"su -s /bin/sh {found.pw_name} -c {shlex.quote(check)}" if found else check
    text += f"Next:\n  {check}\n  {NAME} probe URL --user {shlex.quote(user)}\n"
    if not state:
        text += "Without a state, nothing holds back a list that lacks most users, or a stranger who tries passwords.\n"
        text += f"When there is a folder for it (docs/guard.md), add to the file:\n  state = {state_file(tenant)!r}\n"
    sys.stdout.write(text)
