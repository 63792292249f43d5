"""Trying a deployed address as MailStore does, and explaining what is wrong."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...errors import AISError
from ...text import one_line


class ProbeError(AISError):
    """The address could not be tried; the text says why."""


class Problem(NamedTuple):
    """Something that keeps MailStore from working, or secrets from being kept.

    Attributes:
        code: a short name, the same in ``--json`` and in docs/troubleshooting.md.
        text: what is wrong, and what it was seen by.
        remedy: what to do.
    """

    code: str
    text: str
    remedy: str


class StoppedError(Exception):
    """A problem after which the remaining steps would say nothing new."""

    def __init__(self, code: str, text: str, remedy: str) -> None:
        super().__init__(code)
        self.problem = Problem(code, text, remedy)


def clean(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return what a server said, fit for a terminal: one line, not long, without secrets that it echoes."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = re.sub(r"\s+", " ", text).strip()
    text = "…".join(one_line(part) for part in text.split("…"))
    return text if len(text) <= 300 else f"{text[:299]}…"
