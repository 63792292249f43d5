"""A user as it is made of a row: what is quick for usual values is the same as for all others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais import user
from ais.errors import SourceError
from ais.identity import trim_name
from ais.user import User

WORDS = st.sampled_from(
    [
        *("a@b.c", "A@b.c", "anna-b_c.d@x1.test", "a", "@b", "a@", "a@b@c", ""),
        *("\u00e9@b.c", "a@b.c}", '"a b"@c.d', "a\n@b", "a+b@c"),
    ]
)
SEPARATORS = st.sampled_from([",", ";", " ", ", ", "; ", "  ", ",,", " ,", "\t", "\n", "x", "@", "|"])
CELLS = st.one_of(
    st.tuples(WORDS, SEPARATORS, WORDS).map("".join),
    st.tuples(WORDS, SEPARATORS, WORDS, SEPARATORS, WORDS).map("".join),
    st.text(st.sampled_from("aB1@.,; -_\t<>\u00e9")),
    WORDS,
)
VALUES = st.text(st.sampled_from('aA1@. \t\u00e4\u00a0\u200b\ud800"\\\x00\x7f'), max_size=6)


@given(CELLS)
def test_plain_cells_are_as_all_others(cell: str) -> None:
    """The quick way through a cell of one or two plain addresses gives what the way of every other cell gives."""
    quick = User("u", email_addresses=cell)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user, "_plain_addresses", lambda cell: [])
        careful = User("u", email_addresses=cell)
    assert (quick.email_addresses, list(quick.left_over)) == (careful.email_addresses, list(careful.left_over))


@given(WORDS, CELLS)
def test_a_name_that_is_the_first_address(name: str, cell: str) -> None:
    """A name that is its user's first plain address needs no further look, and is what the rule makes of it."""
    try:
        expected = trim_name(name)
    except ValueError:
        return
    if expected:
        assert User(name, email_addresses=f"{name}, {cell}").user_name == expected


def test_few_shapes_are_kept() -> None:
    """However many shapes the cells of a source have, memory does not grow with them, nor with a long cell."""
    for one in range(1, 60):
        for two in range(1, 60):
            User("u", email_addresses=f"{'a' * one}@b, {'a' * two}@{'b' * (one % 3 + 1)}")
            User("u", email_addresses=f"{'a' * one}@b;{'a' * two}@c")
    assert len(user._separators) <= user._MOST_SHAPES
    User("u", email_addresses=f"{'a' * 200}@b")
    assert max(map(len, user._separators)) <= user._LONGEST_SHAPE


@pytest.mark.parametrize("cell", ["a@b.c", "a@b.c,d@e", "a@b.c, d@e", "a@b.c; d@e", "a@b.c;d@e", "a@b.c d-e_f@g.h"])
def test_usual_cells_are_quick(cell: str) -> None:
    """The cells that nearly every source has go the quick way."""
    assert user._plain_addresses(cell) == cell.replace(",", " ").replace(";", " ").split()


@given(VALUES)
def test_names_are_trimmed(name: str) -> None:
    """A user name is what the one rule makes of it, or an error."""
    try:
        name.encode()
        expected = trim_name(name)
    except ValueError:
        expected = ""
    if not expected:
        with pytest.raises(SourceError):
            User(name)
    else:
        assert User(name).user_name == expected


@given(VALUES, VALUES)
def test_values_are_trimmed_unicode(full_name: str, distinguished_name: str) -> None:
    """Names to show are trimmed; half of a surrogate pair is an error."""
    try:
        (full_name + distinguished_name).encode()
    except UnicodeEncodeError:
        with pytest.raises(SourceError, match="Unicode"):
            User("a", full_name=full_name, distinguished_name=distinguished_name)
        return
    made = User("a", full_name=full_name, distinguished_name=distinguished_name)
    assert (made.full_name, made.distinguished_name) == (full_name.strip(), distinguished_name.strip())


@given(VALUES.map(lambda text: text.replace("\ud800", "")), CELLS)
def test_json(text: str, cell: str) -> None:
    """The JSON is that of Python's own module: the keys in their order, empty ones left out."""
    made = User("a", full_name=text, distinguished_name=text, email_addresses=cell)
    expected = {
        "userName": "a",
        "distinguishedName": text.strip(),
        "fullName": text.strip(),
        "emailAddresses": made.email_addresses,
    }
    assert made.to_json() == json.dumps({key: value for key, value in expected.items() if value})
