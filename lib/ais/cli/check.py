"""Load the configuration, ask every source, and say what is wrong.

With --tenants, check all configurations of a folder, and print a line for each.
Exit status: 0 fine, 1 problems, 2 a configuration is broken; with --tenants the highest one counts."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from ..checking.entries import look_at_entries
from ..checking.examine import examine
from ..checking.report import Finding, Report, count, every_kind_first, worst_first
from ..checking.versions import needed
from ..errors import ConfigError
from . import tenants
from .account import as_web_user
from .options import IS_COPY, ROOT, add_config, add_json, load_config, print_json
from .output import Counted, Progress, add_color, is_coloured, paint, print_finding, print_line

EXAMPLES = """examples:
  ais check
  ais check --config /etc/mailstore-ais/config.py
  ais check --tenants /opt/mailstore-ais/conf/tenants
  ais check --json              for a script
  ais check --monitoring        for Nagios, Icinga and others: see docs/monitoring.md"""

SHOWN = 20
"""Findings of one kind of line that are printed before the rest is only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    about = f"check every tenant whose configuration is in this folder (default: {tenants.ABOUT})"
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--tenants", metavar="FOLDER", nargs="?", const="", help=about)
    add_json(parser, "sources (with --tenants: tenants), findings and problems (their number)")
    about = "print one line for Nagios, Icinga and the like; exit status 0 fine, 1 warning, 2 critical, 3 unknown"
    either.add_argument("--monitoring", action="store_true", help=about)
    add_color(parser)
    parser.add_argument("--all", action="store_true", help=f"print every finding, not only the first {SHOWN}")


def run(arguments: argparse.Namespace) -> int:
    """Print the report."""
    if arguments.tenants is not None:
        if hasattr(arguments, "config"):
            raise ConfigError("--config names one configuration and --tenants a folder of them: give one of the two")
        folder = tenants.folder_of(arguments)
        notes = [*_look_at_entries(), *_root_note("--tenants", folder)]
        return tenants.check_tenants(folder, arguments.json, arguments.all, notes)
    if arguments.monitoring:
        from .monitoring import monitor

        return monitor(arguments)
    config = load_config(arguments)
    with Progress() as progress:
        if progress.shown:
            config.sources = [Counted(source, progress) for source in config.sources]
        report = examine(config)
    report.findings += [*_look_at_entries(), *_root_note("--config", config.path)]
    if arguments.json:
        _print_json(report)
    else:
        if config.state is not None:
            print_line(report.asked)
        _print(report, len(report.findings) if arguments.all else SHOWN, is_coloured(arguments.color))
    return 1 if report.problems else 0


def _look_at_entries() -> list[Finding]:
    # By what the examination has loaded it is known which packages the configuration needs.
    return list(look_at_entries(ROOT, needed())) if IS_COPY else []


def _root_note(*arguments: str) -> list[Finding]:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    command = shlex.join([os.path.abspath(sys.argv[0]), "check", *arguments])
    text = "this check ran as root, who may read and write everything; the web server's user may not"
    return [Finding("as-root", text, f"run it again as that user: {as_web_user(command)}", problem=False)]


def _print(report: Report, most: int, coloured: bool) -> None:
    for source in report.sources:
        if not source.error:
            stored = f"; {source.stored}" if source.stored else ""
            print_line(f"{source.name}: {count(len(source.users), 'user')} in {source.seconds:.1f} s{stored}")
    notes = [finding for finding in report.findings if not finding.problem]
    findings = every_kind_first(worst_first(report.findings)) + every_kind_first(notes)
    for finding in findings[:most]:
        print_finding(finding, coloured)
    if len(findings) > most:
        print_line(f"… and {len(findings) - most} more; --all shows them")
    end, colour = (count(report.problems, "problem"), "red") if report.problems else ("fine", "green")
    sys.stdout.write(f"{paint(end, colour, coloured)}\n")


def _print_json(report: Report) -> None:
    sources = [
        {
            "name": source.name,
            "users": len(source.users),
            "seconds": round(source.seconds, 3),
            "error": source.error,
            "schemes": {kind.scheme: kind.count for kind in source.schemes or ()},
        }
        for source in report.sources
    ]
    findings = [finding.as_json() for finding in report.findings]
    print_json(not report.problems, sources=sources, findings=findings, problems=report.problems)
