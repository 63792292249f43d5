"""Write the first configuration: asks for a source of users and how to reach it, tries it, and makes a secret for
MailStore. Never overwrites. Exit status: 0 written, 1 the source does not work, 2 it cannot be written from this."""

from __future__ import annotations

import os
import sys

from ...text import one_line
from ..next_steps import URL, print_handover
from ..options import IS_COPY, add_json, completes, default_config, print_json
from ..prompt import read_password
from ..try_source import Trial

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from .kinds import Kind

EXAMPLES = """examples:
  ais init                      asks for everything
  ais init --source mailinabox --database /home/user-data/mail/users.sqlite
  ais init --source postfixadmin --driver postgresql --host db.example.com --database postfix \\
      --db-user reader --password-stdin < file
  ais init --source csv --path users.csv --set 'columns=userName=Login, emailAddresses=Mail'
  ais init --source passwd-file --path /etc/dovecot/users --set default_scheme=SHA512-CRYPT

Without --source it asks, on a terminal. With it, it asks only for what must be known and was not given.
The secret for MailStore is shown once; the file holds its hash."""

FLAGS = {
    "database": "name of the database; for SQLite its file",
    "host": "its server (default: localhost)",
    "port": "its port",
    "tls": "yes, no, or a file of CA certificates",
    "list_query": "SQL that lists the users",
    "auth_query": "SQL that gives the stored password of :user",
    "prefix": "what the names of an application's tables begin with",
    "path": "file with the users",
    "shadow": "file with their passwords",
    "folder": "folder of an application's files",
    "domain": "makes an address of each user name",
    "url": "LDAP server, such as ldaps://directory.example.com",
    "base": "DN below which the users are",
    "bind_dn": "whom to search the directory as",
}
"""Options of sources that have a flag of their own name; --db-user and --password-stdin give the rest of a login."""


DEFAULT_ABOUT = "conf/config.py beside bin" if IS_COPY else "config.py in the current folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    source = parser.add_argument(
        "--source",
        metavar="NAME",
        help="sqlite, postgresql, mysql, mssql, oracle, csv, passwd, htpasswd, passwd-file, ldap, or an application "
        "such as postfixadmin or nextcloud",
    )
    completes(source, _sources)
    driver = parser.add_argument("--driver", help="kind of database of an application, where it has a choice")
    completes(driver, _drivers)
    for name, about in FLAGS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=about)
    parser.add_argument("--db-user", dest="user", metavar="NAME", help="user to connect to the database as")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password to connect with from standard input"
    )
    parser.add_argument(
        "--set", dest="others", metavar="NAME=VALUE", action="append", default=[], help="any other option of the source"
    )
    parser.add_argument("--caller", metavar="NAME", help="user name for MailStore (default: mailstore)")
    parser.add_argument(
        "--output",
        "--config",
        metavar="FILE",
        help=f"the file to write (default: AIS_CONFIG of the environment, else {DEFAULT_ABOUT})",
    )
    parser.add_argument("--force-untested", action="store_true", help="write it without trying the source")
    add_json(
        parser,
        "path, users (their number, null if untested), url, user and password (for MailStore); asks nothing; when the "
        "source does not work ok is false and error says why",
    )


def _sources() -> Iterable[str]:
    from .kinds import NAMES

    return [name.replace("_", "-") for name in NAMES]


def _drivers() -> Iterable[str]:
    from .kinds import DRIVERS

    return DRIVERS


def run(arguments: argparse.Namespace) -> int:
    """Ask, try, write."""
    # All commands are loaded for every call of bin/ais; the sources and presets only for this one.
    from . import writing
    from .error import InitError

    named = arguments.output or getattr(arguments, "config", None)  # the latter where it stood before the command
    path = os.path.abspath(named or default_config() or "config.py")
    writing.check_free(path)
    try:
        return _run(arguments, path)
    except EOFError:
        sys.stdout.write("\n")
        raise InitError("nothing more was typed, so nothing was written") from None


def _run(arguments: argparse.Namespace, path: str) -> int:
    from ...config.callers import caller
    from ...passwords import making
    from . import asking, writing

    may_ask = sys.stdin.isatty() and not arguments.password_stdin and not arguments.json
    asks_all = may_ask and arguments.source is None
    kind = _kind(arguments, asks_all)
    values = _given(arguments, kind)
    name = arguments.caller or (asking.ask("User name for MailStore", "mailstore") if asks_all else "mailstore")
    secret = making.secret()
    known = caller(name, making.sha256(secret))
    trial = Trial(path, known, kind)
    settled = _settled(arguments, trial, values, asks_all, may_ask)
    if settled is None:
        return 1
    writing.write(path, writing.text_of(kind, settled, known.user, known.secret))
    if arguments.json:
        print_json(True, path=path, users=trial.count, url=URL, user=name, password=secret)
    else:
        print_handover(path, name, secret)
    return 0


def _settled(
    arguments: argparse.Namespace, trial: Trial, values: dict[str, object], asks_all: bool, may_ask: bool
) -> dict[str, object] | None:
    """Return the options, complete and tried; None when they do not work, which then has been told."""
    from ...errors import AISError
    from . import asking

    while True:
        values = _completed(trial.kind, values, asks_all, may_ask)
        if arguments.force_untested:
            return values
        try:
            text = trial.run(values)
        except AISError as error:
            text = one_line(str(error))
        else:
            if not arguments.json:
                asking.say(text)
            return values
        if arguments.json:
            print_json(False, error=text)
            return None
        asking.say(f"This does not work: {text}")
        if not may_ask:
            sys.stderr.write("ais init: nothing was written; --force-untested writes it all the same\n")
            return None
        answer = asking.ask("Change it, write it all the same, or quit (c/w/q)", "c").lower()
        if answer.startswith("q"):
            return None
        if answer.startswith("w"):
            return values
        asks_all = True


def _kind(arguments: argparse.Namespace, asks: bool) -> Kind:
    from . import asking
    from .error import InitError
    from .kinds import Kind

    if arguments.source is not None:
        return Kind(arguments.source, arguments.driver)
    if not asks:
        raise InitError("name the source with --source, or run this on a terminal to be asked")
    return asking.ask_kind(arguments.driver)


def _given(arguments: argparse.Namespace, kind: Kind) -> dict[str, object]:
    """Return the options that were given as flags.

    Raises:
        InitError: one is not of this source, or its value cannot be used.
    """
    from .error import InitError

    texts = {name: getattr(arguments, name) for name in (*FLAGS, "user") if getattr(arguments, name) is not None}
    for other in arguments.others:
        name, equals, text = other.partition("=")
        if not equals:
            raise InitError("--set wants NAME=VALUE")
        texts[name.strip().replace("-", "_")] = text
    for name in texts:
        if name not in kind.options:
            raise InitError(f"{kind.function} has no option {one_line(name)}; it has {', '.join(kind.options)}")
        if kind.options[name].secret:
            raise InitError(f"{name} is read with --password-stdin: others could see it on the command line")
    values = {name: kind.options[name].value(text) for name, text in texts.items()}
    if arguments.password_stdin:
        (secret,) = [name for name, option in kind.options.items() if option.secret] or [""]
        if not secret:
            raise InitError(f"{kind.function} takes no password")
        values[secret] = read_password("", from_stdin=True)
    return values


def _completed(kind: Kind, values: dict[str, object], asks_all: bool, may_ask: bool) -> dict[str, object]:
    """Return the options with what is asked for.

    Raises:
        InitError: something is needed, and nobody can be asked.
    """
    from . import asking
    from .error import InitError
    from .kinds import RARE

    values = dict(values)
    for name, option in kind.options.items():
        belongs_to_user = option.secret and ("user" in values or "bind_dn" in values)
        if asks_all:
            wanted = belongs_to_user if option.secret else name not in RARE
        else:
            wanted = name not in values and (option.required or (belongs_to_user and may_ask))
        if not wanted:
            continue
        if not may_ask:
            raise InitError(f"{name} is needed: give --{name.replace('_', '-')}, or run this on a terminal to be asked")
        value = asking.ask_option(option, values.get(name))
        values.pop(name, None)
        if value is not None and value != option.default:
            values[name] = value
    return values
