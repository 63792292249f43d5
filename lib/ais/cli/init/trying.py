"""Does a configuration work? It is tried as it would be written, before it is, and looked at as `check` does."""

from __future__ import annotations

import os
from typing import Any

from ...checking.report import Finding, SourceReport
from ...errors import AISError
from ..output import Progress

DEADLY = ("any-password", "nobody", "source-error")
"""Findings with which MailStore gets no list, or everybody gets in."""


def make(path: str, text: str) -> dict[str, Any]:
    """Return the names of a configuration that is about to be written to this path."""
    from ... import options

    names: dict[str, Any] = {}
    options.folder = os.path.dirname(path)
    try:
        exec(compile(text, path, "exec"), names)  # noqa: S102  # our own text, whose values are written by repr
    finally:
        options.folder = None
    return names


def try_it(path: str, text: str, login: str) -> tuple[SourceReport, list[Finding]]:
    """Ask the source for its users, and look at logins: those of listed users, and a random password.

    Args:
        path: where the configuration will be.
        text: what will be in it.
        login: the expression of its login; empty without one.
    """
    from ... import deadline
    from ...checking import examine, people
    from ...config import Config
    from ...directory import listing

    report = SourceReport("")
    try:
        names = make(path, text)
        config = Config(path, {name: names[name] for name in ("callers", "sources")}, {})
        with Progress():
            report = examine.ask_source(config, 1, config.sources[0], lambda _: deadline.start(config.timeout))
            if login and not report.error:
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
    return report, findings
