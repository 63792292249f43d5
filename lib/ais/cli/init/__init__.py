"""Write the first configuration: ask for a source of users and how to reach it, try it, and make a secret for
MailStore. No file is overwritten. Exit status: 0 written, 1 the source does not work, 2 it cannot be written."""

from __future__ import annotations

import argparse
import os
import sys

from ... import PRESETS
from ...checking.report import Finding, count
from ...config import TENANT_RULE, is_tenant
from ...config.callers import Caller, caller
from ...errors import ConfigError
from ...passwords import making
from ...user import User
from .. import tenants
from ..options import CONF_ABOUT, IS_COPY, add_json, add_password_stdin, completes, default_config, print_json, warn
from ..output import flatten, print_finding, print_text
from ..prompt import ask, read_password
from .asking import ABOUT, ALWAYS, ask_kind, ask_option, ask_state, complete, look_at_file
from .kinds import DRIVERS, NAMES, SECRETS, Kind
from .writing import DEADLY, LOGINS, make, make_state_folder, print_next_steps, text_of, try_it, write

EXAMPLES = """examples:
  ais init                      asks for everything
  ais init --source mailinabox --database /home/user-data/mail/users.sqlite
  ais init --source postfixadmin --driver postgresql --host db.example.com --database postfix \\
      --db-user reader --password-stdin < file
  ais init --source csv --path users.csv --set 'columns=userName=Login, emailAddresses=Mail'
  ais init --source passwd-file --path /etc/dovecot/users --set default_scheme=SHA512-CRYPT
  ais init --tenant acme        for one of many, at the address /acme/mailstore-integration/index.php

Without --source, init asks for everything, on a terminal. With it, init asks only for what is missing.
The secret for MailStore is shown once; the file holds its hash."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "sqlite, postgresql, mysql, mssql, oracle, csv, passwd, htpasswd, passwd-file, ldap, or an application "
    source = parser.add_argument("--source", metavar="NAME", help=f"{about}such as postfixadmin or nextcloud")
    completes(source, [name.replace("_", "-") for name in NAMES])
    driver = parser.add_argument("--driver", help="kind of database, for an application that works with several")
    completes(driver, DRIVERS)
    for name, about in ABOUT.items():
        if name not in ("columns", *SECRETS):
            flag = "--db-user" if name == "user" else f"--{name.replace('_', '-')}"
            parser.add_argument(flag, dest=name, metavar="VALUE", help=about)
    add_password_stdin(parser)
    about = "any other option of the source"
    parser.add_argument("--set", dest="others", metavar="NAME=VALUE", action="append", default=[], help=about)
    parser.add_argument("--caller", metavar="NAME", default="mailstore", help="user name for MailStore (%(default)s)")
    usual = CONF_ABOUT.format("config.py") if IS_COPY else "config.py in the current folder"
    about = f"the file to write (default: AIS_CONFIG of the environment, else {usual})"
    parser.add_argument("--output", "--config", metavar="FILE", help=about)
    about = "write the configuration of this tenant: NAME.py in the folder of tenants. NAME is part of its address"
    parser.add_argument("--tenant", metavar="NAME", help=about)
    parser.add_argument("--tenants", metavar="FOLDER", help=f"the folder of tenants (default: {tenants.ABOUT})")
    about = "file for guard and throttle (docs/guard.md), or a redis:// URL; root also makes its folder if need be"
    parser.add_argument("--state", metavar="FILE", help=about)
    parser.add_argument("--force-untested", action="store_true", help="write the file without trying the source")
    names = "path, users (their number, null if untested), url, user and password (for MailStore)"
    add_json(parser, f"{names}; nothing is asked; if the source does not work, ok is false and error says why")


def run(arguments: argparse.Namespace) -> int:
    """Ask, try, write."""
    path, secret, users = _free_path(arguments), making.secret(), None
    folder, tenant = os.path.dirname(path), arguments.tenant
    url = f"https://YOUR.SERVER{f'/{tenant}' if tenant else ''}/mailstore-integration/index.php"
    usual_state = f"/var/lib/mailstore-ais/{tenant or 'state'}.sqlite"
    may_ask = sys.stdin.isatty() and not arguments.password_stdin and not arguments.json
    asks_all = may_ask and arguments.source is None
    if arguments.source is None and not may_ask:
        raise ConfigError("name the source with --source, or run this on a terminal to be asked")
    kind = ask_kind(arguments.driver) if asks_all else Kind(arguments.source, arguments.driver)
    texts, known = _read_flags(arguments, kind), caller(arguments.caller, making.sha256(secret))
    wanted = [name for name in (*kind.needed, *(ALWAYS if asks_all else ())) if name not in texts]
    if may_ask:
        complete(kind, texts, wanted)
    elif wanted:
        page = f"; see docs/presets/{kind.function.replace('_', '-')}.md" if kind.function in PRESETS else ""
        flag = f"--{wanted[0].replace('_', '-')}"
        raise ConfigError(f"{wanted[0]} is needed: give {flag}, or run this on a terminal to be asked{page}")
    if arguments.force_untested:
        make(path, text_of(kind, texts, known))
    elif (users := _settle(path, kind, texts, known, arguments.json, may_ask)) is None:
        return 1
    state = ask_state(usual_state, folder) if asks_all and arguments.state is None else arguments.state or ""
    if state:
        make_state_folder(folder, state)
    write(path, text_of(kind, texts, known, state))
    try:
        if arguments.json:
            print_json(True, path=path, users=users, url=url, user=known.user, password=secret)
        else:
            print_next_steps(path, url, known.user, secret, "" if state else usual_state)
        sys.stdout.flush()
    except OSError:
        os.unlink(path)  # nobody has seen the password
        raise
    return 0


def _free_path(arguments: argparse.Namespace) -> str:
    """Return the path of the file to write, at which nothing is yet."""
    named = arguments.output or getattr(arguments, "config", None)  # the latter where it stood before the command
    if arguments.tenant is None:
        if arguments.tenants:
            raise ConfigError("--tenants is the folder of tenants: give --tenant NAME as well")
        path = os.path.abspath(named or default_config() or "config.py")
    elif not is_tenant(arguments.tenant):
        raise ConfigError(f"--tenant: the name of a tenant has {TENANT_RULE}")
    elif named:
        raise ConfigError("--output names a file, --tenant a file in the folder of tenants: give one of the two")
    else:
        path = os.path.join(tenants.folder_of(arguments), f"{arguments.tenant}.py")
    folder = os.path.dirname(path)
    if os.path.lexists(path):
        raise ConfigError(f"{path} exists, and is never overwritten: move it away, or name another file with --output")
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        why = "cannot be written by this user" if os.path.isdir(folder) else "does not exist"
        raise ConfigError(f"the folder {folder} {why}")
    return path


def _read_flags(arguments: argparse.Namespace, kind: Kind) -> dict[str, str]:
    """Return the options that were given as flags; each must be one of this source."""
    texts = {name: text for name in ABOUT if (text := getattr(arguments, name, None)) is not None}
    for other in arguments.others:
        name, equals, text = other.partition("=")
        if not equals:
            raise ConfigError("--set wants NAME=VALUE")
        texts[name.strip().replace("-", "_")] = text
    for name in texts:
        if name not in kind.options:
            raise ConfigError(f"{kind.function} has no option {flatten(name)}; it has {', '.join(kind.options)}")
        if name in SECRETS:
            raise ConfigError(f"{name} is read with --password-stdin: others could see it on the command line")
    kind.expressions(texts)  # raises an error for one that cannot be read
    if arguments.password_stdin:
        secret = next((name for name in SECRETS if name in kind.options), None)
        if secret is None:
            raise ConfigError(f"{kind.function} takes no password")
        texts[secret] = read_password("", from_stdin=True)
    return texts


def _settle(path: str, kind: Kind, texts: dict[str, str], known: Caller, as_json: bool, may_ask: bool) -> int | None:
    """Try until it works or is to be written all the same; return the number of users, None to write nothing."""
    folder = os.path.dirname(path)
    if may_ask:
        look_at_file(kind, texts, folder)
    while True:
        users, findings = try_it(path, kind, texts, known)
        codes = {finding.code for finding in findings}
        works, troubled = codes.isdisjoint(DEADLY), not codes.isdisjoint(LOGINS)
        _tell(users, findings, works, as_json)
        if works and not (troubled and may_ask):
            return len(users)
        if not (may_ask or as_json):
            sys.stderr.write("ais init: nothing was written; --force-untested writes it all the same\n")
        answer = ask("Change it, write it all the same, or quit (c/w/q)", "c")[:1].lower() if may_ask else "q"
        if answer in ("w", "q"):
            return len(users) if answer == "w" else None
        lacks = (LOGINS.get(finding.code, "") for finding in findings)
        lack = next((name for name in lacks if name in kind.options and name not in texts), "")
        if not lack or not ask_option(kind, texts, lack):
            complete(kind, texts, (*kind.needed, *ALWAYS, *texts))
            look_at_file(kind, texts, folder)


def _tell(users: list[User], findings: list[Finding], works: bool, as_json: bool) -> None:
    """Print what a trial has shown; for a script only what keeps it from working, or keeps people from logging in."""
    if not as_json:
        verdict = "This does not work"
        if works:
            about = ", ".join(filter(None, (users[0].full_name, *users[0].email_addresses[:1])))
            verdict = "It works" if LOGINS.keys().isdisjoint(finding.code for finding in findings) else "The list works"
            verdict += f": {count(len(users), 'user')}, such as {users[0].user_name}{about and f' ({about})'}"
        print_text(verdict)
        for finding in findings:
            print_finding(finding)
    elif not works:
        print_json(False, error=flatten(findings[0].text))
    else:
        for finding in findings:
            if finding.code in (*LOGINS, "unused"):
                warn(f"{finding.text}: {finding.remedy}")
