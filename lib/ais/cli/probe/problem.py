"""Trying a deployed address as MailStore does, and explaining what is wrong."""

from __future__ import annotations

import re

from ...errors import AISError
from ...text import one_line


class ProbeError(AISError):
    """The address could not be tried; the text says why."""


class Problem:
    """Something that keeps MailStore from working, or secrets from being kept.

    Args:
        code: a short name, the same in ``--json`` and in docs/troubleshooting.md.
        text: what is wrong, and what it was seen by.
        remedy: what to do.
    """

    __slots__ = ("code", "remedy", "text")

    def __init__(self, code: str, text: str, remedy: str) -> None:
        self.code = code
        self.text = text
        self.remedy = remedy


class StoppedError(Exception):
    """A problem after which the remaining steps would say nothing new."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def shown(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return what a server said, fit for a terminal: one line, not long, without secrets that it echoes."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = re.sub(r"\s+", " ", text).strip()
    text = "…".join(one_line(part) for part in text.split("…"))
    return text if len(text) <= 300 else f"{text[:299]}…"
