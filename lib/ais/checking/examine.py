"""What is wrong with a configuration, its sources and their users: for `bin/ais check` and the status page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from .. import deadline, directory
from ..config import Config
from ..directory import listing, ownership
from ..errors import AISError, UnreadableHash
from ..passwords.counting import Count
from . import people, setup
from .asked import when_asked
from .report import Finding, Report, SourceReport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Source

SAMPLED = 500
"""Users of a source whose stored passwords are looked at; one query each."""

SPARED_SECONDS = 1.0
"""What every source leaves, at most, to each one after it, where all share one deadline."""


def examine(config: Config, within: float | None = None, sampled: int = SAMPLED) -> Report:
    """Ask every source and look at what they give.

    Args:
        config: the configuration.
        within: seconds that all of it may take; None gives each source the configuration's timeout. One that hangs
            takes most of them, and leaves enough for the others to be asked too.
        sampled: users of a source whose stored passwords are looked at.
    """
    ends = None if within is None else time.monotonic() + within
    spared = 0.0 if within is None else min(SPARED_SECONDS, within / (2 * len(config.sources) + 2))

    def begin(number: int) -> None:
        # Spared for the sources after this one, and for what is done with the answers.
        after = (len(config.sources) - number + 1) * spared
        deadline.start(config.timeout if ends is None else ends - time.monotonic() - after)
        deadline.remaining()

    config.users.used.clear()
    sources = [ask_source(config, number, source, begin, sampled) for number, source in enumerate(config.sources, 1)]
    if ends is not None:
        deadline.start(ends - time.monotonic())
    findings = [found for source in sources for found in people.look_at_source(source)]
    findings += people.look_at_names(sources)
    given = [[user.email_addresses for user in source.users] for source in sources]
    contested: dict[str, list[str]] = {}
    users = None
    if not any(source.error for source in sources):
        findings += people.look_at_skipped(config.users.skip, config.users.used)
        try:
            listed = [(source.name, source.users) for source in sources]
            users = ownership.combine(config, listed, set().union(*(source.reserved for source in sources)), contested)
            if users:  # a source that lists nobody has its own finding
                listing.check_number(config, len(users))
        except AISError as error:
            code = "look-alike" if users is None else "guard"
            findings.append(Finding(code, str(error), "until you correct this, every list is an error"))
    findings += people.look_at_addresses(sources, given, contested)
    return Report(sources, users, [*setup.look_at_setup(config, sources, users), *findings], when_asked(config))


def ask_source(
    config: Config, number: int, source: Source, begin: Callable[[int], None], sampled: int = SAMPLED
) -> SourceReport:
    """Let a source list its users, and look at logins as they would happen.

    Args:
        config: the configuration.
        number: which of its sources this is, counted from 1.
        source: the source.
        begin: starts the deadline of the source with this number.
        sampled: users whose stored passwords are looked at.
    """
    report = SourceReport(directory.named(number, source), files=getattr(source, "user_files", ()))
    began = time.monotonic()
    try:
        begin(number)
        users = listing.add_up(config, number, source, report.reserved)
    except AISError as error:
        report.error = str(error)
        return report
    finally:
        report.seconds = time.monotonic() - began
    report.users = list(users.values())
    report.left_over = getattr(source, "left_over", ())
    report.skipped_uids = getattr(source, "skipped_uids", 0)
    report.unprotected = getattr(source, "unprotected", "")
    try:
        begin(number)
        # Evenly spread: the oldest rows of a table often have the oldest hashes.
        sample = list(users)[:: max(1, -(-len(users) // sampled))]
        report.looked_at = len(sample)
        report.schemes = count_schemes(number, source, sample)
        kept = report.schemes is None or any(kind.scheme != "no password" for kind in report.schemes)
        report.has_passwords = kept and getattr(source, "safe_to_try", False)
        _try_password(report, number, source, next(iter(users), None))
    except AISError as error:
        report.unread = str(error)
    return report


def count_schemes(number: int, source: Source, names: list[str]) -> list[Count] | None:
    """Count the forms of the stored passwords of users, by the source's own names; None if the passwords are elsewhere.

    Raises:
        AISError: they cannot be read.
    """
    with directory.asking(number, source):
        return source.schemes(names) if hasattr(source, "schemes") else None


def _try_password(report: SourceReport, number: int, source: Source, listed: str | None) -> None:
    """Send a random password for a name that nobody has, and for a listed one if nobody counts failures there.

    A directory or a mail server could lock the account of a user if each look at the status page is a failed login.
    """
    password, stranger = os.urandom(16).hex(), f"check-{os.urandom(8).hex()}"
    safe = getattr(source, "safe_to_try", False)
    # A source that compares with stored passwords has none for a user who does not exist.
    tried = [] if safe and report.schemes is not None else [stranger]
    if safe and listed is not None:
        tried.append(listed)
    for name in tried:
        try:
            if directory.ask_login(number, source, name, password):
                report.let_in.append("a user who does not exist" if name == stranger else name)
        except UnreadableHash:
            pass  # the count of the schemes says so
