"""What `check --monitoring` prints: a plug-in for Nagios, Icinga and their kin.

https://www.monitoring-plugins.org/doc/guidelines.html: one line, performance data behind a bar, exit status 0 to 3.
"""

from __future__ import annotations

import argparse
import sys
import time

from ..checking.examine import examine
from ..checking.report import CRITICAL, Report, count, worst_first
from ..errors import AISError
from .options import load_config
from .output import printable

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def monitor(arguments: argparse.Namespace) -> int:
    """Examine the configuration, and print one line.

    Returns:
        Exit status: 0 fine; 1 there are problems; 2 MailStore gets no list or no logins, or anybody gets in; 3 the
        configuration cannot be read.
    """
    began = time.monotonic()
    try:
        report = examine(load_config(arguments))
    except AISError as error:
        return _print(3, str(error), "")
    users = 0 if report.users is None else len(report.users)
    seconds = time.monotonic() - began
    data = f" | users={users};;;0 problems={report.problems};;;0 time={seconds:.3f}s;;;0"
    return _print(*_judge(report), data)


def _judge(report: Report) -> tuple[int, str]:
    problems = worst_first(report.findings)
    if problems and problems[0].code in CRITICAL:
        return 2, problems[0].text
    if problems:
        more = f" (and {count(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
        return 1, problems[0].text + more
    return 0, f"{count(len(report.users or ()), 'user')} of {count(len(report.sources), 'source')}"


def _print(state: int, text: str, data: str) -> int:
    # a bar begins the performance data
    sys.stdout.write(f"MAILSTORE-AIS {STATES[state]} - {printable(text).replace('|', '/')}{data}\n")
    return state
