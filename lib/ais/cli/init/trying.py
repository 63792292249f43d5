"""Does a source work, and what does it lack?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, cast

from ...errors import AISError, SourceError
from ..output import Progress, flatten, printable
from .headings import Headings, unused
from .kinds import ImapServer, Kind, read_value

if TYPE_CHECKING:
    from ...checking.report import SourceReport
    from ...config.callers import Caller


class Trial(NamedTuple):
    """What a trial has shown.

    Attributes:
        works: whether the source gave a list, and lets nobody in who must not get in.
        text: what it gave.
        users: how many.
        trouble: why it does not work, or why logins do not.
        lacks: an option that may end the trouble; empty for none.
        unused: names headings of the file that nothing uses; empty without any.
    """

    works: bool
    text: str = ""
    users: int | None = None
    trouble: str = ""
    lacks: str = ""
    unused: str = ""


def try_source(path: str, known: Caller, kind: Kind, texts: dict[str, str]) -> Trial:
    """Ask a source for its users, and look at logins.

    Args:
        path: of the configuration that is about to be written; relative paths of the source start there.
        known: who may ask.
        kind: the source.
        texts: its options.
    """
    from ... import options

    options.folder = os.path.dirname(path)
    try:
        report = _ask(path, known, kind, texts)
        trouble, lacks = _find_trouble(report, kind, texts)
        number = len(report.users)
        return Trial(True, _describe(report), number, printable(trouble), lacks, _name_unused(path, kind, texts))
    except AISError as error:
        return Trial(False, trouble=flatten(str(error)))
    finally:
        options.folder = None


def _ask(path: str, known: Caller, kind: Kind, texts: dict[str, str]) -> SourceReport:
    from ... import deadline
    from ...checking.examine import ask_source
    from ...config import Config
    from ...directory import listing

    source = kind.make(texts)
    config = Config(path, {"callers": [known], "sources": [source]}, {})
    with Progress():
        report = ask_source(config, 1, source, lambda _: deadline.start(config.timeout))
    if report.error:
        raise SourceError(report.error)
    listing.check_number(config, len(report.users))
    if "login" in texts:
        deadline.start(config.timeout)
        # A name that nobody has: failures of a user might lock the account.
        if ImapServer(texts["login"]).make().verify(f"check-{os.urandom(8).hex()}", os.urandom(16).hex()):
            raise SourceError("login lets in a user who does not exist, so everybody could read all mail")
    if report.let_in:
        raise SourceError(f"it lets in {report.let_in[0]} with a random password, so everybody could read all mail")
    return report


def _describe(report: SourceReport) -> str:
    sample = report.users[0]
    about = ", ".join(filter(None, (sample.full_name, *sample.email_addresses[:1])))
    number = len(report.users)
    text = f"{number} user{'' if number == 1 else 's'}, such as {sample.user_name}{about and f' ({about})'}"
    if without := sum(not user.email_addresses for user in report.users):
        has = "has" if without == 1 else "have"
        text += f"; {without} of them {has} no address, so that MailStore cannot file their mail"
    return printable(text)


def _find_trouble(report: SourceReport, kind: Kind, texts: dict[str, str]) -> tuple[str, str]:
    """Return why logins do not work, and the option that may help."""
    if report.unread:
        return f"logins do not work: {report.unread}", "" if "login" in texts else "login"
    if unreadable := [count for count in report.schemes or () if not count.readable]:
        number = sum(count.count for count in unreadable)
        who = "nobody" if number == report.looked_at else f"{number} of {report.looked_at} users"
        lacks = "default_scheme" if "default_scheme" in kind.options and "default_scheme" not in texts else ""
        return f"{who} {'can' if who == 'nobody' else 'cannot'} log in: {unreadable[0].problem}", lacks
    if report.nobody_can_log_in:
        return f"nobody can log in: none of {report.looked_at} users has a readable stored password", ""
    return "", ""


def _name_unused(path: str, kind: Kind, texts: dict[str, str]) -> str:
    """Name the headings of a CSV file that nothing uses."""
    if kind.function != "csv":
        return ""
    file = os.path.join(os.path.dirname(path), texts["path"])
    table = Headings(file, texts.get("encoding", "utf-8"), texts.get("delimiter"), {}, {})
    columns = read_value("columns", texts["columns"]) if "columns" in texts else {}
    left = ", ".join(unused(table.headings, cast("dict[str, str | list[str]]", columns)))
    what = "If one of them holds the passwords, or says who has left, name it in columns (docs/csv.md)"
    return printable(f"Headings that nothing uses: {left}. {what}") if left else ""
