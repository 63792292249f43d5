"""What an examination of a configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..passwords.counting import Count
from ..user import User

CRITICAL = frozenset(
    (
        *("any-password", "caller-secret", "guard", "logins-unread", "look-alike", "no-callers", "no-passwords"),
        *("nobody", "source-error"),
    )
)
"""Findings after which MailStore gets no list, nobody can log in, or everybody can."""

OF_ONE_KIND = 5
"""Findings of one kind that are shown before those of all other kinds."""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 user", "1,200 users"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass
class Finding:
    """Something to know.

    Attributes:
        code: what kind of finding this is.
        text: what was found, and where.
        remedy: what to do.
        problem: whether something is wrong; otherwise the finding is only worth knowing.
    """

    code: str
    text: str
    remedy: str
    problem: bool = True

    def as_json(self) -> dict[str, object]:
        """Return what ``--json`` says of it."""
        return {"problem": self.problem, "text": self.text, "remedy": self.remedy}


@dataclass
class SourceReport:
    """What a source answered.

    Attributes:
        name: what the log calls it.
        users: its users; none when it did not answer.
        reserved: the own addresses, folded, of the users that are skipped.
        seconds: how long the list took.
        error: why it did not answer; empty when it did.
        schemes: the forms of its stored passwords; None where they are elsewhere.
        looked_at: how many users these passwords are of.
        let_in: whom it lets in with a random password.
        unread: why logins could not be looked at, although it gave its list; empty when they could.
        left_over: what it has left out of its aliases, since it cannot be read as an address.
        skipped_uids: how many accounts of a Unix system it left out for their numbers.
        unprotected: what somebody between here and its server could get; empty for nothing.
        files: the files with its users, the last with their passwords.
        has_passwords: whether these passwords are there, and not elsewhere.
    """

    name: str
    users: list[User] = field(default_factory=list)
    reserved: set[str] = field(default_factory=set)
    seconds: float = 0.0
    error: str = ""
    schemes: list[Count] | None = None
    looked_at: int = 0
    let_in: list[str] = field(default_factory=list)
    unread: str = ""
    left_over: Sequence[str] = ()
    skipped_uids: int = 0
    unprotected: str = ""
    files: Sequence[str] = ()
    has_passwords: bool = False

    @property
    def stored(self) -> str:
        """One sentence about the forms of the stored passwords, with the number of users; empty if there are none."""
        kinds = ", ".join(f"{kind.count} {kind.scheme}" for kind in self.schemes or ())
        return f"stored passwords{self.sample}: {kinds}" if kinds else ""

    @property
    def nobody_can_log_in(self) -> bool:
        """Whether none of the users looked at has a password that can be read, and none is checked elsewhere."""
        found = self.schemes is None or any(kind.readable and kind.scheme != "no password" for kind in self.schemes)
        return self.looked_at > 0 and not found

    @property
    def sample(self) -> str:
        """The number of users whose passwords were looked at, in words; empty if it was all of them."""
        total = len(self.users)
        return f" of {self.looked_at:,} of {count(total, 'user')}" if self.looked_at < total else ""


@dataclass
class Report:
    """All of it.

    Attributes:
        sources: one report for each source, in order.
        users: the list that MailStore would get if there were no guard; None if it would get an error.
        findings: what was found.
        asked: when MailStore last asked for the list, and what it got; a sentence.
    """

    sources: list[SourceReport]
    users: list[User] | None
    findings: list[Finding]
    asked: str = ""

    @property
    def problems(self) -> int:
        """How many findings are wrong."""
        return sum(finding.problem for finding in self.findings)


def every_kind_first(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a few of each kind first, so that many of one kind hide no other."""
    seen: dict[str, int] = {}
    few: list[Finding] = []
    more: list[Finding] = []
    for finding in findings:
        seen[finding.code] = number = seen.get(finding.code, 0) + 1
        (few if number <= OF_ONE_KIND else more).append(finding)
    return few + more


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Return the problems among the findings, those of `CRITICAL` first."""
    return sorted((each for each in findings if each.problem), key=lambda each: each.code not in CRITICAL)
