"""The configuration that is written: its text, whether it works, the folder of its state, and what to do next."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

from ... import deadline, options
from ...checking import examine, people
from ...checking.report import Finding, SourceReport
from ...config import REDIS_URLS, Config
from ...config.callers import Caller
from ...directory import listing
from ...errors import AISError, ConfigError
from ...user import User
from ..account import as_web_user, find_web_user
from ..options import NAME, default_config, warn
from ..output import Progress
from .kinds import Kind

DEADLY = ("any-password", "nobody", "source-error")
"""Findings with which MailStore gets no list, or everybody gets in."""

LOGINS = {"unreadable-passwords": "default_scheme", "logins-unread": "login", "no-passwords": ""}
"""Findings about logins, and the option that may end each."""


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


def make(path: str, text: str) -> dict[str, Any]:
    """Return the names of a configuration that is about to be written to this path."""
    names: dict[str, Any] = {}
    options.folder = os.path.dirname(path)
    try:
        exec(compile(text, path, "exec"), names)  # noqa: S102  # our own text, whose values are written by repr
    finally:
        options.folder = None
    return names


def try_it(path: str, kind: Kind, texts: dict[str, str], known: Caller) -> tuple[list[User], list[Finding]]:
    """Ask the source for its users, and look at logins: those of listed users, and a random password.

    Return the users; and what is deadly, or else every problem and the headings that nothing uses.
    """
    report = SourceReport("")
    try:
        names = make(path, text_of(kind, texts, known))
        config = Config(path, names, {})
        with Progress():
            report = examine.ask_source(config, 1, config.sources[0], lambda _: deadline.start(config.timeout))
            if (login := kind.expressions(texts).get("login")) and not report.error:
                deadline.start(config.timeout)
                # A name that nobody has: failures of a user might lock the account.
                if eval(login, names).verify(f"check-{os.urandom(8).hex()}", os.urandom(16).hex()):  # noqa: S307
                    report.let_in.append("a user who does not exist")
        if report.users:
            listing.check_number(config, len(report.users))
    except AISError as error:
        report.error = str(error)
    findings = list(people.look_at_source(report))
    if report.users and hasattr(config.sources[0], "table"):
        table = config.sources[0].table()
        used = {at for positions in table.columns.values() for at in positions}
        if left := [heading for at, heading in enumerate(table.headings) if heading and at not in used]:
            remedy = "if one of them holds the passwords, or says who has left, name it in columns (docs/csv.md)"
            findings.append(Finding("unused", f"headings that nothing uses: {', '.join(left)}", remedy, problem=False))
    deadly = [finding for finding in findings if finding.code in DEADLY]
    return report.users, deadly or [finding for finding in findings if finding.problem or finding.code == "unused"]


def write(path: str, text: str) -> None:
    """Make the file, which must be new, for this user alone; a ConfigError leaves none behind."""
    file = None
    try:
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except OSError as error:
        if file:
            os.unlink(path)
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None


def make_state_folder(folder: str, state: str) -> None:
    """Make the folder of a state where it is missing: as root, for the web server's user alone. A URL needs none."""
    file = os.path.join(folder, state)
    place = os.path.dirname(file)
    if os.path.isdir(file):
        raise ConfigError(f"{file} is a folder: name a file in it")
    if state.startswith(REDIS_URLS) or os.path.isdir(place):
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
        import grp  # not at the top: Windows has no such module, and every command loads this file

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
