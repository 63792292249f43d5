"""Load the configuration, ask every source, and say what is wrong. Exit status: 0 fine, 1 problems, 2 config broken."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from ..checking.examine import examine
from ..checking.report import Finding, Report
from .options import add_config, add_json, load_config, print_json
from .output import Counted, Progress, printable

EXAMPLES = """examples:
  ais check
  ais check --config /etc/mailstore-ais/tenant-a.py
  ais check --json              for a script"""

SHOWN = 20
"""Findings of one kind of line that are printed before the rest is only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    add_json(parser, "sources, findings and problems (their number)")
    parser.add_argument("--all", action="store_true", help=f"print every finding, not only the first {SHOWN}")


def run(arguments: argparse.Namespace) -> int:
    """Print the report."""
    config = load_config(arguments)
    with Progress() as progress:
        if progress.shown:
            config.sources = [Counted(source, progress) for source in config.sources]
        report = examine(config)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command = shlex.join([os.path.abspath(sys.argv[0]), "check", "--config", config.path])
        again = f"su -s /bin/sh www-data -c {shlex.quote(command)}"
        text = "checked as root, which may read and write everything. The web server's user may not"
        report.findings.append(Finding("as-root", text, f"once more as that user, on Debian: {again}", problem=False))
    if arguments.json:
        _print_json(report)
    else:
        _print(report, len(report.findings) if arguments.all else SHOWN)
    return 1 if report.problems else 0


def _print(report: Report, most: int) -> None:
    for source in report.sources:
        if not source.error:
            stored = f"; {source.stored}" if source.stored else ""
            _line(f"{source.name}: {len(source.users)} users in {source.seconds:.1f} s{stored}")
    # The worst first.
    findings = sorted(report.findings, key=lambda finding: not finding.problem)
    for finding in findings[:most]:
        _line(f"{'PROBLEM' if finding.problem else 'note   '} {finding.text}\n        → {finding.remedy}")
    if len(findings) > most:
        _line(f"… and {len(findings) - most} more; --all shows them")
    _line(f"{report.problems} problem(s)" if report.problems else "fine")


def _line(text: str) -> None:
    sys.stdout.write("\n".join(printable(line) for line in text.split("\n")) + "\n")


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
    findings = [{"problem": each.problem, "text": each.text, "remedy": each.remedy} for each in report.findings]
    print_json(not report.problems, sources=sources, findings=findings, problems=report.problems)
