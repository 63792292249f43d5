"""What an examination of a configuration says: see `ais.findings`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..passwords.counting import Count
    from ..user import User


class Finding:
    """Something to know.

    Args:
        text: what is so, and where.
        remedy: what to do.
        problem: whether it is wrong; else it is only worth knowing.
    """

    def __init__(self, text: str, remedy: str, problem: bool = True) -> None:
        self.text = text
        self.remedy = remedy
        self.problem = problem


class SourceReport:
    """What a source answered.

    Args:
        name: what the log calls it.
        users: its users; none when it did not answer.
        seconds: how long the list took.
        error: why it did not answer; empty when it did.
        schemes: the forms of its stored passwords.
        unread: why its stored passwords could not be looked at, although it gave its list; empty when they could.
    """

    def __init__(
        self, name: str, users: list[User], seconds: float, error: str, schemes: list[Count], unread: str = ""
    ) -> None:
        self.name = name
        self.users = users
        self.seconds = seconds
        self.error = error
        self.schemes = schemes
        self.unread = unread


class Report:
    """All of it.

    Args:
        sources: one report for each source, in order.
        findings: what was found.
    """

    def __init__(self, sources: list[SourceReport], findings: list[Finding]) -> None:
        self.sources = sources
        self.findings = findings

    @property
    def problems(self) -> int:
        """How many findings are wrong."""
        return sum(finding.problem for finding in self.findings)
