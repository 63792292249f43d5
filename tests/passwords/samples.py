"""The published vectors in ``vectors/``: one JSON object a line, with its source, and how to ask about it safely."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from ais.errors import AISError
from ais.passwords import basics, verify
from ais.passwords.identify import identify


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

    def price(self) -> float:
        """What one run with the published password costs, in units of work. Nothing is hashed."""
        prices = [0.0]

        def refuse(units: float) -> None:
            prices.append(units)
            raise basics.OverBudgetError

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(basics, "spend", refuse)
            self.matches()
        return max(prices)


def _load() -> list[Sample]:
    folder = Path(__file__).parent / "vectors"
    return [
        Sample(**json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


SAMPLES = _load()
QUICK = [sample for sample in SAMPLES if not sample.slow]


def _choose_cheap() -> list[Sample]:
    """The quick samples to try in many ways: all that are cheap, and of each scheme the cheapest."""
    chosen = set()
    schemes = set()
    for sample in sorted(QUICK, key=Sample.price):
        scheme = identify(sample.stored, sample.default_scheme)[0][0]
        if scheme not in schemes or sample.price() < 100_000:
            chosen.add(sample)
        schemes.add(scheme)
    return [sample for sample in QUICK if sample in chosen]


CHEAP = _choose_cheap()


def name(sample: Sample) -> str:
    """How pytest calls a sample."""
    return f"{sample.source.split(' ')[0]}:{sample.stored[:24]}"
