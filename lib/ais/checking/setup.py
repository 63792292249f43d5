"""What is wrong around the sources: with the callers, the files, the log, the state and the packages."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from ..config import Config
from ..config.callers import Caller
from ..config.settings import Log
from ..errors import AISError, command, remedy
from ..logbook import append
from ..state import Store, store_for
from ..state.guarding import are_too_many, digests_of, missing
from ..user import User
from . import versions
from .report import Finding, SourceReport


def look_at_setup(config: Config, sources: Sequence[SourceReport], users: list[User] | None) -> Iterator[Finding]:
    """Look at all but what the sources answered; `users` is the list, None if there is none."""
    yield from _look_at_callers(config)
    if not config.require_https:
        text = "require_https is False, so a caller may send passwords in the clear"
        advice = "let only a proxy that takes nothing but https reach the web server, or take that line out"
        yield Finding("no-https", text, advice, problem=False)
    yield from _look_at_files(config, sources)
    yield from _look_at_log(config.log)
    yield from _look_at_state(config, users)
    for package, fault in versions.faults(versions.needed()):
        so = ", so requests as multipart/form-data fail" if package == "python-multipart" else ""
        yield Finding("package", f"the package {package} {fault}{so}", remedy(versions.wish(package)))


def _look_at_callers(config: Config) -> Iterator[Finding]:
    from ..passwords import census

    if not config.callers:
        advice = f"add a caller(…); {command()} hash-password makes its secret"
        yield Finding("no-callers", "callers is empty, so nobody can ask", advice)
    for known in config.callers:
        if isinstance(known, Caller):
            (kind,) = census([known.secret])
            if not kind.readable or kind.scheme == "no password":
                bare = "it is the password itself, not its hash" if kind.scheme == "bare text" else ""
                why = bare or kind.problem or "it is empty"
                text = f"the secret of the caller {known.user} cannot be used: {why}"
                yield Finding("caller-secret", text, f"make a new one with {command()} hash-password")


def _look_at_files(config: Config, sources: Sequence[SourceReport]) -> Iterator[Finding]:
    secret = {config.path, *(source.files[-1] for source in sources if source.files and source.has_passwords)}
    paths = [config.path]
    for path in dict.fromkeys(path for source in sources for path in source.files):
        # Of %d, the folder of the domains. A missing file is the source's own fault to say.
        one = os.path.dirname(path.partition("%d")[0]) if "%d" in path and not os.path.exists(path) else path
        paths += [one] if os.path.exists(one) and one not in paths else []
    for path in paths:
        yield from _look_at_file(path, "go" if path == config.path else "o", path in secret)
    for folder in dict.fromkeys(map(os.path.dirname, paths)):
        mode = os.stat(folder).st_mode
        if mode & 0o002 and not mode & stat.S_ISVTX:
            text = f"every user of this computer can write to {folder}, and so replace the files in it"
            yield Finding("writable", text, f"chmod o-w {quote(folder)}")


def _look_at_file(path: str, others: str, secret: bool) -> Iterator[Finding]:
    mode = os.stat(path).st_mode
    if mode & (0o022 if others == "go" else 0o002):
        yield Finding("writable", f"{path} can be changed by others", f"chmod {others}-w {quote(path)}")
    # Every user of this computer gets to a file if all folders above it are open.
    is_open = stat.S_ISREG(mode) and mode & 0o004
    if secret and is_open and all(folder.stat().st_mode & 0o001 for folder in Path(path).parents):
        text = f"{path} holds secrets and can be read by every user of this computer"
        advice = f"chmod o-r {quote(path)}, if the web server's user can still read it then"
        yield Finding("readable", text, advice, problem=False)


def _look_at_log(log: Log) -> Iterator[Finding]:
    if log.to in ("stderr", "syslog"):
        return
    if os.geteuid() == 0 and os.path.isdir(os.path.dirname(log.to)):
        return  # root would make a file that the web server's user cannot write to
    try:
        append(log.to, b"")
    except OSError as error:
        text = f"the log {log.to} cannot be written: {error.strerror}"
        yield Finding("log", text, "correct log(to=…), or let the web server's user write to that folder")


def _look_at_state(config: Config, users: list[User] | None) -> Iterator[Finding]:
    if config.state is None:
        text = (
            "there is no state, so guard(max_shrink=…) and throttle(…) are off: MailStore would get a list that"
            " suddenly lacks most users, and a stranger who tries out passwords is not stopped"
        )
        advice = (
            "make a folder for the web server's user alone, as docs/guard.md says, and set"
            ' state = "/var/lib/mailstore-ais/state.sqlite"'
        )
        yield Finding("no-state", text, advice, problem=False)
        return
    folder = os.path.dirname(config.state) if "://" not in config.state else ""
    if folder and os.path.isdir(folder) and os.stat(folder).st_mode & 0o002:
        text = f"every user of this computer can write to {folder}, where the state is"
        yield Finding("state-open", text, "give the state a folder that only the web server's user can write to")
    try:
        lost: list[str] = []
        store = store_for(config, lost.append)
        if store is not None:
            store.key()
            if _is_held_back(store, users, config.guard.max_shrink):
                text = "the guard holds the list back: too many users are missing"
                advice = f"bring them back, or let the list through once with {command()} accept-list"
                yield Finding("guard", text, advice)
            store.close()
        for text in lost:
            yield Finding("state-lost", text, "compare the list with what it should be, before MailStore gets it")
    except AISError as error:
        yield Finding("state", f"the state cannot be used: {error}", "correct state, or the rights of its folder")


def _is_held_back(store: Store, users: list[User] | None, max_shrink: float) -> bool:
    """Say whether the guard would hold this list back."""
    last = store.last_list()
    if users is None or last is None:
        return store.tripped()
    return are_too_many(missing(last, digests_of(store, users)), len(last) // 8, max_shrink)
