"""What is wrong with a configuration, its sources and their users: for `bin/ais check` and the status page."""

from __future__ import annotations

import os
import stat
import time

from .. import deadline, directory
from ..config.callers import Caller
from ..directory import listing
from ..errors import AISError, remedy
from ..logbook import append
from .report import Finding, Report, SourceReport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..config import Config
    from ..config.settings import Log
    from ..passwords.counting import Count
    from ..sources import Source
    from ..user import User

SAMPLED = 500
"""Users of a source whose stored passwords are looked at; one query each."""

GUARD = "the guard holds the list back: too many users are missing"
"""Text of a finding."""

SPARED = 1.0
"""Seconds, at most, that every source leaves to each one after it, where all share one deadline."""


def examine(config: Config, within: float | None = None, sampled: int = SAMPLED) -> Report:
    """Ask every source and look at what they give.

    Args:
        config: the configuration.
        within: seconds that all of it may take; None gives each source the configuration's timeout. One that hangs
            takes most of them, and leaves enough for the others to be asked too.
        sampled: users of a source whose stored passwords are looked at.
    """
    ends = None if within is None else time.monotonic() + within
    spared = 0.0 if within is None else min(SPARED, within / (2 * len(config.sources) + 2))

    def begin(number: int) -> None:
        # Spared for the sources after this one, and for what is done with the answers.
        after = (len(config.sources) - number + 1) * spared
        deadline.start(config.timeout if ends is None else ends - time.monotonic() - after)
        deadline.remaining()

    sources = [_ask(config, number, source, begin, sampled) for number, source in enumerate(config.sources, 1)]
    if ends is not None:
        deadline.start(ends - time.monotonic())
    findings = [
        *_of_callers(config),
        *_of_files(config),
        *_of_log(config.log),
        *_of_state(config),
        *_of_packages(),
        *(finding for report in sources for finding in _of_source(report)),
        *_of_names(sources),
        *_of_addresses(sources),
    ]
    return Report(sources, findings)


def _ask(config: Config, number: int, source: Source, begin: Callable[[int], None], sampled: int) -> SourceReport:
    name, began = directory.named(number, source), time.monotonic()
    try:
        begin(number)
        users = listing.users_of(config, number, source)
    except AISError as error:
        return SourceReport(name, [], time.monotonic() - began, str(error), [])
    seconds = time.monotonic() - began
    try:
        begin(number)
        return SourceReport(name, users, seconds, "", _census(number, source, users, sampled))
    except AISError as error:
        return SourceReport(name, users, seconds, "", [], str(error))


def _census(number: int, source: Source, users: list[User], sampled: int) -> list[Count]:
    # Evenly spread: the oldest rows of a table often have the oldest hashes.
    step = max(1, len(users) // sampled)
    names = [user.user_name for user in users[::step]]
    return directory.asked(number, source, lambda: getattr(source, "schemes", _none)(names))


def _none(names: list[str]) -> list[Count]:
    return []


def _of_callers(config: Config) -> Iterator[Finding]:
    from ..passwords import census

    if not config.callers:
        yield Finding("callers is empty, so nobody can ask", "add a caller(…); bin/ais hash-password makes its secret")
    for known in config.callers:
        if isinstance(known, Caller):
            (kind,) = census([known.secret])
            if not kind.readable or kind.scheme == "no password":
                yield Finding(
                    f"the secret of the caller {known.user} cannot be used: {kind.problem or 'it is empty'}",
                    "make a new one with bin/ais hash-password",
                )


def _of_files(config: Config) -> Iterator[Finding]:
    mode = stat.S_IMODE(os.stat(config.path).st_mode)
    if mode & 0o022:
        yield Finding(f"{config.path} can be changed by others", f"chmod go-w {config.path}")
    if mode & 0o004 and _is_open(os.path.dirname(config.path)):
        yield Finding(
            f"{config.path} holds secrets and can be read by every user of this computer",
            f"chmod o-r {config.path}, when the web server's user still can read it",
            problem=False,
        )


def _is_open(folder: str) -> bool:
    """Say whether every user of this computer gets through a folder and all above it."""
    while os.stat(folder).st_mode & 0o001:
        if folder == (folder := os.path.dirname(folder)):
            return True
    return False


def _of_log(log: Log) -> Iterator[Finding]:
    if log.to in ("stderr", "syslog"):
        return
    if os.geteuid() == 0 and os.path.isdir(os.path.dirname(log.to)):
        return  # root would make a file that the web server's user cannot write to
    try:
        append(log.to, b"")
    except OSError as error:
        yield Finding(
            f"the log {log.to} cannot be written: {error.strerror}",
            "correct log(to=…), or let the web server's user write to that folder",
        )


def _of_state(config: Config) -> Iterator[Finding]:
    if config.state is None:
        yield Finding(
            "there is no state, so guard(max_shrink=…) and throttle(…) are off",
            "set state to a file in a folder that only the web server's user can write to",
            problem=False,
        )
        return
    from ..state import store_for

    folder = os.path.dirname(config.state) if "://" not in config.state else ""
    if folder and os.path.isdir(folder) and os.stat(folder).st_mode & 0o002:
        yield Finding(
            f"every user of this computer can write to {folder}, where the state is",
            "give the state a folder that only the web server's user can write to",
        )
    try:
        store = store_for(config)
        if store is not None:
            store.key()
            if store.tripped():
                yield Finding(
                    GUARD,
                    "bring them back, or let the list through once with bin/ais accept-list",
                )
            store.close()
    except AISError as error:
        yield Finding(f"the state cannot be used: {error}", "correct state, or the rights of its folder")


def _of_packages() -> Iterator[Finding]:
    try:
        __import__("python_multipart")
    except ImportError:
        yield Finding(
            "the package python-multipart is missing or too old, so requests as multipart/form-data fail",
            remedy("python-multipart"),
        )


def _of_source(report: SourceReport) -> Iterator[Finding]:
    if report.error:
        yield Finding(report.error, "until this works, every list and every login that gets here is an error")
        return
    if report.unread:
        yield Finding(
            f"stored passwords cannot be looked at: {report.unread}",
            "the list works; until this does too, every login that gets here is an error",
        )
    if not report.users:
        yield Finding(f"{report.name} lists nobody", "correct its query or its file")
    without = [user.user_name for user in report.users if not user.email_addresses]
    if without:
        yield Finding(
            f"{report.name}: {len(without)} user(s) without an address, such as {without[0]}",
            "MailStore cannot file mail for them: give them addresses, or leave them out",
        )
    for kind in report.schemes:
        if not kind.readable:
            yield Finding(
                f"{report.name}: {kind.count} stored password(s) as {kind.scheme} are unreadable: {kind.problem}",
                "see docs/passwords.md; these users get an error at login",
            )
        elif kind.weak:
            yield Finding(
                f"{report.name}: {kind.count} stored password(s) of the weak scheme {kind.scheme}",
                "let the application store a stronger one when users change their passwords",
                problem=False,
            )


def _of_names(sources: list[SourceReport]) -> Iterator[Finding]:
    """Find names that come twice, exactly or but for case."""
    owners: dict[str, tuple[str, str]] = {}
    for report in sources:
        for user in report.users:
            name, first = owners.setdefault(user.user_name.casefold(), (user.user_name, report.name))
            if first != report.name and name == user.user_name:
                yield Finding(f"{report.name}: {name} is in {first} too, which wins", "leave it out of one of them")
            elif name != user.user_name:
                yield Finding(
                    f"{report.name}: {user.user_name} and {name} of {first} differ in case only",
                    "MailStore may take them for one user: rename one, or set users(lowercase=True)",
                )


def _of_addresses(sources: list[SourceReport]) -> Iterator[Finding]:
    """Find addresses that two users claim, and such as no mail server would send to."""
    owners: dict[str, tuple[str, bool]] = {}
    for report in sources:
        for user in report.users:
            for address in user.email_addresses:
                own = address.lower() in (user.user_name.lower(), user.email_addresses[0].lower())
                owner, owned = owners.setdefault(address.lower(), (user.user_name, own))
                if owner != user.user_name:
                    yield Finding(
                        f"{report.name}: {owner} and {user.user_name} both have the address {address}",
                        "mail to it is filed for both: right for a distribution list, else give it to one",
                        problem=own or owned,
                    )
                local, _, domain = address.rpartition("@")
                if not local or "." not in domain or not address.isprintable() or " " in address or len(address) > 254:
                    yield Finding(
                        f"{report.name}: {user.user_name} has an unusual address: {address}",
                        "correct it if it is a mistake",
                        problem=False,
                    )
