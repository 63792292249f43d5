"""Whether a text comes twice, told without keeping the texts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ais.identity import Fingerprints

TEXTS = st.lists(st.text(max_size=3))


def filled(texts: list[str], order: random.Random) -> Fingerprints:
    """The fingerprints of texts in a random order, of which some are packed."""
    prints = Fingerprints()
    order.shuffle(texts)
    for text in texts:
        prints.add(text)
        if order.random() < 0.2:
            prints.pack()
    return prints


@given(TEXTS, st.randoms())
def test_repeated(texts: list[str], order: random.Random) -> None:
    """A text that comes twice is told, in whatever order; texts that differ are told apart."""
    prints = filled(texts, order)
    assert prints.repeated() == (len(set(texts)) < len(texts))
    assert sorted(number for part, *_ in prints.parts() for number in part) == sorted(map(hash, texts))


@given(TEXTS, TEXTS, TEXTS, st.randoms())
def test_kinds(one: list[str], two: list[str], three: list[str], order: random.Random) -> None:
    """Equal hashes of two kinds are in the same part, and merged kinds are the last one."""
    prints = Fingerprints(3)
    for kind, texts in enumerate((one, two, three)):
        for text in texts:
            prints.new[kind].append(hash(text))
            if order.random() < 0.2:
                prints.pack()
    common = {number for a, b, _ in prints.parts() for number in set(a) & set(b)}
    assert common == {hash(text) for text in {*one} & {*two}}
    prints.merge()
    assert sorted(number for *_, last in prints.parts() for number in last) == sorted(map(hash, one + two + three))
    assert not any(part for *others, _ in prints.parts() for part in others)
