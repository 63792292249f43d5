"""Write the first configuration: ask for a source of users and how to reach it, try it, and make a secret for
MailStore. No file is overwritten. Exit status: 0 written, 1 the source does not work, 2 it cannot be written."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from ...checking.report import Finding, SourceReport, count
from ...config import TENANT_RULE, is_tenant
from .. import tenants
from ..options import CONF_ABOUT, IS_COPY, add_json, completes, default_config, print_json, warn
from ..output import flatten, print_finding
from ..prompt import read_password
from . import asking, writing
from .asking import ASKED
from .kinds import DRIVERS, NAMES, PRESETS, SECRET, InitError, Kind

if TYPE_CHECKING:
    from ...config.callers import Caller

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

OTHERS = {
    "port": "port of the server, if it is not the usual one",
    "tls": "yes, no, or a file of CA certificates",
    "prefix": "beginning of the names of an application's tables",
}
"""What the flags that are never asked for are for."""

FLAGS = (*(name for name in ASKED if name not in ("columns", "user", *SECRET)), *OTHERS)
"""Options of sources that have a flag of their own name; --db-user and --password-stdin give the rest of a login."""

LOGINS = {"unreadable-passwords": "default_scheme", "logins-unread": "login", "no-passwords": ""}
"""Findings about logins, and the option that may end each."""

DEFAULT_ABOUT = CONF_ABOUT.format("config.py") if IS_COPY else "config.py in the current folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "sqlite, postgresql, mysql, mssql, oracle, csv, passwd, htpasswd, passwd-file, ldap, or an application "
    source = parser.add_argument("--source", metavar="NAME", help=f"{about}such as postfixadmin or nextcloud")
    completes(source, [name.replace("_", "-") for name in NAMES])
    driver = parser.add_argument("--driver", help="kind of database, for an application that works with several")
    completes(driver, DRIVERS)
    for name in FLAGS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=ASKED.get(name) or OTHERS[name])
    parser.add_argument("--db-user", dest="user", metavar="NAME", help=ASKED["user"])
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password to connect with from standard input"
    )
    parser.add_argument(
        "--set", dest="others", metavar="NAME=VALUE", action="append", default=[], help="any other option of the source"
    )
    parser.add_argument("--caller", metavar="NAME", help="user name for MailStore (default: mailstore)")
    about = f"the file to write (default: AIS_CONFIG of the environment, else {DEFAULT_ABOUT})"
    parser.add_argument("--output", "--config", metavar="FILE", help=about)
    about = "write the configuration of this tenant: NAME.py in the folder of tenants. NAME is part of its address"
    parser.add_argument("--tenant", metavar="NAME", help=about)
    parser.add_argument("--tenants", metavar="FOLDER", help=f"the folder of tenants (default: {tenants.ABOUT})")
    about = (
        "file for guard and throttle (docs/guard.md), or a redis:// URL; root also makes its folder if it is missing"
    )
    parser.add_argument("--state", metavar="FILE", help=about)
    parser.add_argument("--force-untested", action="store_true", help="write the file without trying the source")
    names = "path, users (their number, null if untested), url, user and password (for MailStore)"
    add_json(parser, f"{names}; nothing is asked; if the source does not work, ok is false and error says why")


def run(arguments: argparse.Namespace) -> int:
    """Ask, try, write."""
    path = _path_of(arguments)
    writing.check_free(path)
    try:
        return _run(arguments, path)
    except EOFError:
        sys.stdout.write("\n")
        raise InitError("nothing more was typed, so nothing was written") from None


def _path_of(arguments: argparse.Namespace) -> str:
    """Return the path of the file to write."""
    named = arguments.output or getattr(arguments, "config", None)  # the latter where it stood before the command
    if arguments.tenant is None:
        if arguments.tenants:
            raise InitError("--tenants is the folder of tenants: give --tenant NAME as well")
        return os.path.abspath(named or default_config() or "config.py")
    if not is_tenant(arguments.tenant):
        raise InitError(f"--tenant: the name of a tenant has {TENANT_RULE}")
    if named:
        raise InitError("--output names a file, --tenant a file in the folder of tenants: give one of the two")
    return os.path.join(tenants.folder_of(arguments), f"{arguments.tenant}.py")


def _run(arguments: argparse.Namespace, path: str) -> int:
    # All commands are loaded for every call of the command line; what makes passwords only for this one.
    from ...config.callers import caller
    from ...passwords import making
    from .trying import make

    may_ask = sys.stdin.isatty() and not arguments.password_stdin and not arguments.json
    asks_all = may_ask and arguments.source is None
    if arguments.source is None and not asks_all:
        raise InitError("name the source with --source, or run this on a terminal to be asked")
    kind = asking.ask_kind(arguments.driver) if asks_all else Kind(arguments.source, arguments.driver)
    texts, folder, secret = _read_flags(arguments, kind), os.path.dirname(path), making.secret()
    known, users = caller(arguments.caller or "mailstore", making.sha256(secret)), None
    wanted = {name for name in (*kind.needed, *(asking.ALWAYS if asks_all else ())) if name not in texts}
    if may_ask:
        asking.complete(kind, texts, wanted)
    elif wanted:
        page = f"; see docs/presets/{kind.function.replace('_', '-')}.md" if kind.function in PRESETS else ""
        name = min(wanted, key=kind.needed.index)
        flag = f"--{name.replace('_', '-')}"
        raise InitError(f"{name} is needed: give {flag}, or run this on a terminal to be asked{page}")
    if arguments.force_untested:
        make(path, writing.text_of(kind, texts, known))
    elif (users := _settle(path, kind, texts, known, arguments.json, may_ask)) is None:
        return 1
    state = writing.make_state_folder(arguments.state, folder) if arguments.state else ""
    if arguments.state is None and asks_all:
        state = asking.ask_state(arguments.tenant, folder)
    writing.write(path, writing.text_of(kind, texts, known, state))
    if arguments.json:
        url = writing.url_of(arguments.tenant)
        print_json(True, path=path, users=users, url=url, user=known.user, password=secret)
    else:
        writing.print_next_steps(path, known.user, secret, arguments.tenant, state)
    return 0


def _settle(path: str, kind: Kind, texts: dict[str, str], known: Caller, as_json: bool, may_ask: bool) -> int | None:
    """Try until it works or is to be written all the same; return the number of users, None to write nothing."""
    from .headings import find_lack
    from .trying import try_it

    shown: list[str] = []
    while True:
        lack, proposal, headings = find_lack(kind, texts, os.path.dirname(path)) if may_ask else ("", "", [])
        if headings != shown:
            asking.say(f"Its headings: {', '.join(headings)}")
            shown = headings
        if lack and (given := asking.ask_option(kind, lack, proposal)):
            texts[lack] = given
            continue
        text = writing.text_of(kind, texts, known)
        report, findings = try_it(path, text, kind.expressions(texts).get("login", ""))
        answer = _tell(report, findings, as_json, may_ask)
        if answer in ("w", "q"):
            return len(report.users) if answer == "w" else None
        lacks = [LOGINS.get(each.code, "") for each in findings]
        lacks = [name for name in lacks if name in kind.options and name not in texts]
        if lacks and (given := asking.ask_option(kind, lacks[0], "")):
            texts[lacks[0]] = given
        else:
            asking.complete(kind, texts, {*kind.needed, *asking.ALWAYS, *texts})


def _tell(report: SourceReport, findings: list[Finding], as_json: bool, may_ask: bool) -> str:
    """Tell what a trial has shown; return what to do: c to change it, w to write it, q to quit."""
    from .trying import DEADLY

    deadly = [finding for finding in findings if finding.code in DEADLY]
    told = deadly or [finding for finding in findings if finding.problem or finding.code == "unused"]
    troubled = any(finding.code in LOGINS for finding in findings)
    if as_json and deadly:
        print_json(False, error=flatten(deadly[0].text))
    elif as_json:
        for finding in told:
            if finding.code in (*LOGINS, "unused"):
                warn(f"{finding.text}: {finding.remedy}")
    else:
        about = "" if deadly else f": {_describe(report)}"
        asking.say(f"{'This does not work' if deadly else 'The list works' if troubled else 'It works'}{about}")
        for finding in told:
            print_finding(finding)
    if not deadly and not (troubled and may_ask):
        return "w"
    if may_ask:
        return asking.ask("Change it, write it all the same, or quit (c/w/q)", "c")[:1].lower()
    if not as_json:
        sys.stderr.write("ais init: nothing was written; --force-untested writes it all the same\n")
    return "q"


def _describe(report: SourceReport) -> str:
    sample = report.users[0]
    about = ", ".join(filter(None, (sample.full_name, *sample.email_addresses[:1])))
    return f"{count(len(report.users), 'user')}, such as {sample.user_name}{about and f' ({about})'}"


def _read_flags(arguments: argparse.Namespace, kind: Kind) -> dict[str, str]:
    """Return the options that were given as flags; each must be one of this source."""
    texts = {name: getattr(arguments, name) for name in (*FLAGS, "user") if getattr(arguments, name) is not None}
    for other in arguments.others:
        name, equals, text = other.partition("=")
        if not equals:
            raise InitError("--set wants NAME=VALUE")
        texts[name.strip().replace("-", "_")] = text
    for name in texts:
        if name not in kind.options:
            raise InitError(f"{kind.function} has no option {flatten(name)}; it has {', '.join(kind.options)}")
        if name in SECRET:
            raise InitError(f"{name} is read with --password-stdin: others could see it on the command line")
    kind.expressions(texts)
    if arguments.password_stdin:
        secret = next((name for name in SECRET if name in kind.options), None)
        if secret is None:
            raise InitError(f"{kind.function} takes no password")
        texts[secret] = read_password("", from_stdin=True)
    return texts
