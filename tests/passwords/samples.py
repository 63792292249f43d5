"""The published vectors in ``vectors/``: one JSON object a line, with its source, and how to ask about it safely."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ais.errors import AISError
from ais.passwords import verify


@dataclass(frozen=True)
class Sample:
    """A stored value and the password it was made from. ``slow``: a check takes over 0.1 s."""

    source: str
    password: str
    stored: str
    user: str | None = None
    default_scheme: str | None = None
    charset: str | None = None
    slow: bool = False

    def ask(self, stored: str | None = None, password: str | None = None) -> bool:
        """Verify, with another stored value or password if given."""
        return verify(
            self.stored if stored is None else stored,
            self.password if password is None else password,
            self.user,
            self.default_scheme,
            self.charset,
        )

    def matches(self, stored: str | None = None, password: str | None = None) -> bool:
        """The same; "cannot be read" counts as no."""
        try:
            return self.ask(stored, password)
        except AISError:
            return False


def _load() -> list[Sample]:
    folder = Path(__file__).parent / "vectors"
    return [
        Sample(**json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


SAMPLES = _load()
QUICK = [sample for sample in SAMPLES if not sample.slow]


def name(sample: Sample) -> str:
    """How pytest calls a sample."""
    return f"{sample.source.split(' ')[0]}:{sample.stored[:24]}"
