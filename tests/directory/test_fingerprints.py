"""Whether a text comes twice, told without keeping the texts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ais.identity import Fingerprints


@given(st.lists(st.text(max_size=3)), st.randoms())
def test_repeated(texts: list[str], order: random.Random) -> None:
    """A text that comes twice is told, in whatever order; texts that differ are told apart."""
    prints = Fingerprints()
    order.shuffle(texts)
    for text in texts:
        prints.add(text)
    assert prints.repeated() == (len(set(texts)) < len(texts))
    assert list(prints.all()) == [hash(text) for text in texts]
