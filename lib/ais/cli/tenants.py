"""The folder of tenants, and what `check` prints of it: a line for each."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import NamedTuple

from ..checking.examine import examine
from ..checking.report import Finding, count, worst_first
from ..checking.tenants import KnownCallers, look_at_folder, tenants_in
from ..config import load
from ..errors import AISError, ConfigError
from .options import ABSENT, CONF, CONF_ABOUT, IS_COPY, NAME, print_json, reach
from .output import Progress, print_finding, print_line

ABOUT = "AIS_TENANTS of the environment" + (f", else {CONF_ABOUT.format('tenants')}" if IS_COPY else "")


def folder_of(arguments: argparse.Namespace) -> str:
    """Return the folder of tenants: that of --tenants, else the default.

    Raises:
        ConfigError: there is no such folder.
    """
    folder = arguments.tenants or os.environ.get("AIS_TENANTS") or (IS_COPY and os.path.join(CONF, "tenants"))
    if not folder:
        raise ConfigError("which folder of tenants? Name it: --tenants FOLDER, or set AIS_TENANTS")
    why = reach(folder)
    if why == ABSENT:
        raise ConfigError(f"{folder}: there is no such folder of tenants: make it, or name another with --tenants")
    if why or not os.path.isdir(folder):
        raise ConfigError(f"{folder}: {why or 'this is not a folder'}")
    return os.path.abspath(folder)


class Tenant(NamedTuple):
    """What is wrong with a tenant; its users are only counted."""

    name: str
    users: int
    error: str
    findings: list[Finding]

    @property
    def problems(self) -> int:
        """How many things are wrong."""
        return bool(self.error) + sum(finding.problem for finding in self.findings)

    @property
    def line(self) -> str:
        """What is wrong in one line: why the configuration is broken, or the worst of its problems."""
        if self.error:
            return f"{self.name}: BROKEN: {self.error}"
        if self.problems:
            return f"{self.name}: {count(self.problems, 'problem')}: {worst_first(self.findings)[0].text}"
        return f"{self.name}: fine, {count(self.users, 'user')}"


def check_tenants(folder: str, as_json: bool, show_all: bool, note: list[Finding]) -> int:
    """Check all tenants and print what is wrong.

    Args:
        folder: where their configurations are.
        as_json: print one object in the end.
        show_all: print every finding of a tenant below its line.
        note: findings that are not of the tenants.

    Returns:
        Exit status: 0 fine, 1 for problems, 2 when a configuration is broken.
    """
    callers, tenants = KnownCallers(), []
    for name in tenants_in(folder):
        with Progress(name):
            tenants.append(_check(name, os.path.join(folder, f"{name}.py"), callers))
        if not as_json:
            print_line(tenants[-1].line)
            for finding in tenants[-1].findings if show_all else ():
                print_finding(finding)
    findings = [*look_at_folder(folder), *note]
    wrong, broken = (sum(map(bool, each)) for each in ([t.problems for t in tenants], [t.error for t in tenants]))
    problems = sum(tenant.problems for tenant in tenants) + sum(finding.problem for finding in findings)
    if as_json:
        said = [
            {"name": each.name, "users": each.users, "error": each.error or None}
            | {"findings": [finding.as_json() for finding in each.findings]}
            for each in tenants
        ]
        shown = [finding.as_json() for finding in findings]
        print_json(not problems, tenants=said, findings=shown, problems=problems)
    else:
        for finding in findings:
            print_finding(finding)
        end = count(problems, "problem") if problems else "all fine"
        if wrong:
            end = f"{wrong} of them with problems: {NAME} check --config {shlex.quote(folder)}/NAME.py"
        print_line(f"{count(len(tenants), 'tenant')}, {end}")
    return 2 if broken else 1 if problems else 0


def _check(name: str, path: str, callers: KnownCallers) -> Tenant:
    try:
        config = load(path)
        report = examine(config)
    except AISError as error:
        return Tenant(name, 0, str(error), [])
    return Tenant(name, len(report.users or ()), "", [*callers.look_at(name, config), *report.findings])
