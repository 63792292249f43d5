"""The configuration that is written, and what to do next."""

from __future__ import annotations

import os
import shlex
import sys

from ..options import NAME, default_config
from .kinds import InitError, Kind

_TEXT = '''\
"""Configuration of the Application Integration Server, written by ais init.

conf/config.example.py shows every option. Check changes with bin/ais check.
"""

from ais import {names}

# Who may ask: the user name that is entered in MailStore, and the stored form of the password.
callers = [
    caller({caller!r}, {secret!r}),
]

# Where the users are.
sources = [
    {function}(
{arguments}    ),
]
'''


def url_of(tenant: str | None) -> str:
    """Return the URL to enter in MailStore, but for the server's name."""
    return f"https://YOUR.SERVER{f'/{tenant}' if tenant else ''}/mailstore-integration/index.php"


def text_of(kind: Kind, texts: dict[str, str], caller: str, secret: str) -> str:
    """Return the configuration: a source with its options, and a caller with the stored form of its password."""
    lines = [] if kind.driver is None else [f"{kind.driver!r},"]
    lines += [f"{name}={value!r}," for name, value in kind.values(texts).items()]
    if others := [name for name in kind.options if name not in texts]:
        lines.append(f"# {kind.function} also takes {', '.join(others)}.")
    arguments = "".join(f"        {line}\n" for line in lines)
    names = ", ".join(sorted({"caller", kind.function, *(["imap"] if "login" in texts else [])}))
    return _TEXT.format(names=names, function=kind.function, caller=caller, secret=secret, arguments=arguments)


def check_free(path: str) -> None:
    """Raise an error unless a file can be made at this place."""
    if os.path.lexists(path):
        raise InitError(f"{path} exists, and is never overwritten: move it away, or name another file with --output")
    folder = os.path.dirname(path)
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


def print_next_steps(path: str, name: str, secret: str, tenant: str | None) -> None:
    """Print what to enter in MailStore, and what to do next; the caller's password `secret` is kept nowhere."""
    sys.stdout.write(f"""
written: {path}, which only this user can read

Enter in MailStore, where directory services are set up, as the type "Application Integration":
  URL        {url_of(tenant)}
  user name  {name}
  password   {secret}

The password is shown only now; the file holds its hash.
""")
    quoted = shlex.quote(path)
    if os.geteuid() == 0:
        import grp

        # The group of the web server's user, as distributions call it.
        known = {entry.gr_name for entry in grp.getgrall()}
        names = ("www-data", "apache", "lighttpd", "http", "www", "nginx")
        group = next((name for name in names if name in known), "GROUP-OF-THE-WEB-SERVER")
        sys.stdout.write(
            f"The web server cannot read the file yet. Let its user, and nobody else:\n"
            f"  chgrp {group} {quoted}\n  chmod 640 {quoted}\n"
        )
    default = default_config()
    config = "" if default and os.path.abspath(default) == path else f" --config {quoted}"
    sys.stdout.write(f"Next: {NAME} check{config}, then {NAME} probe with the URL.\n")
    if tenant:
        sys.stdout.write(
            f"For guard and throttle (docs/guard.md) give the tenant a state of its own, by this line in the file:\n"
            f'  state = "/var/lib/mailstore-ais/{tenant}.sqlite"\n'
        )
