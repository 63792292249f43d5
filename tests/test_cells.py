"""Cells of addresses and alias targets, as people, exports and alias files write them."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais.addresses import resolve
from ais.cells import LeftOver, split_targets
from ais.identity import fold, is_address
from ais.user import split_addresses


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, []),
        ("", []),
        (" \n", []),
        ("anna@a.example", ["anna@a.example"]),
        ("  anna@a.example\n", ["anna@a.example"]),
        ("b@x,a@x", ["b@x", "a@x"]),
        ("b@x ; a@x;", ["b@x", "a@x"]),
        (";,", []),
        ("b@x a@x\tc@x\r\nd@x", ["b@x", "a@x", "c@x", "d@x"]),
        ("A@x, a@X, b@x", ["A@x", "b@x"]),
        ('"a@x", b@x', ["a@x", "b@x"]),
        ('"a@x"', ["a@x"]),
        ('"a b,c"@x', ['"a b,c"@x']),
        ('o"brien@x, b@x', ["b@x"]),
        ('["b@x", " a@x ", null, "B@x", ""]', ["b@x", "a@x"]),
        ('\n ["b@\\u0078"]', ["b@x"]),
        ("[]", []),
        (["b@x", None, " a@x", "a@x", ""], ["b@x", "a@x"]),
        (("a@x",), ["a@x"]),
        ("smtp:b@x SMTP:a@x smtp:A@x", ["a@x", "b@x"]),
        ("smtp:b@x;X500:/o=First Org/ou=Exchange Group (FY)/cn=anna;SMTP:a@x;SIP:a@x", ["a@x", "b@x"]),
        ("X400:C=DE;A= ;P=Org;S=Anna; smtp:b@x", ["b@x"]),
        ("sip:anna@x b@x", ["b@x"]),
        (["smtp:b@x", "SMTP:a@x", "X500:/o=A B/cn=c", "SIP:a@x", "c=d@x", "SMTP:"], ["a@x", "b@x", "c=d@x"]),
        ('["SMTP:a@x", "smtp:b@x"]', ["a@x", "b@x"]),
        ("a@[IPv6:2001:db8::1]", []),
    ],
)
def test_cells(cell: object, expected: list[str]) -> None:
    """A cell gives its addresses in order and once, whatever the list looks like."""
    assert split_addresses(cell) == expected


@pytest.mark.parametrize(
    "cell", ["[a@x", '["a@x", 5]', '["a@x", ["b@x"]]', '["a@x"] b', "[" * 100_000, 5, b"a@x", ["a@x", 5], {"a": 1}]
)
def test_cells_that_are_an_error(cell: object) -> None:
    """A cell that is neither text nor a list of texts is an error that does not repeat the cell."""
    with pytest.raises(ValueError, match="addresses") as caught:
        split_addresses(cell)
    assert "a@x" not in str(caught.value)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters='@,;:"<>()[]|\\'), min_size=1).map(
            lambda text: f"{text}@x.test"
        )
    ),
    st.sampled_from([", ", ";", " ", "\n"]),
)
def test_cells_of_any_text(values: list[str], separator: str) -> None:
    """Joined values come back in order, without those that differ from an earlier one in ASCII case only."""
    expected = {fold(value): value for value in reversed(values)}
    assert split_addresses(separator.join(values)) == [
        v for i, v in enumerate(values) if fold(v) not in map(fold, values[:i])
    ]
    assert len(split_addresses(values)) == len(expected)


@pytest.mark.parametrize(
    ("cell", "expected", "left_over"),
    [
        # exports
        ("SMTP:a@x.test+smtp:b@x.test", ["a@x.test", "b@x.test"], 0),
        ("smtp:b@x.test+SMTP:a@x.test", ["a@x.test", "b@x.test"], 0),
        ("SMTP:a@x smtp:b@x X500:/o=Ex/ou=Administrative Group (FYD23)/cn=a smtp:c@x", ["a@x", "b@x", "c@x"], 0),
        ("Anna Müller <anna@x.test>", ["anna@x.test"], 0),
        ('"Müller, Anna" <anna@x.test>; Bob <bob@x.test>', ["anna@x.test", "bob@x.test"], 0),
        ('"Müller, Anna (Sales)" <anna@x.test>', ["anna@x.test"], 0),
        ("Anna <mailto:anna@x.test>, smtp:b@x.test", ["anna@x.test", "b@x.test"], 0),
        ("mailto:anna@x.test", ["anna@x.test"], 0),
        ("MAILTO:anna@x.test?subject=boss@x.test", ["anna@x.test"], 0),
        ("a@x.test ::: b@x.test", ["a@x.test", "b@x.test"], 0),
        (" ::: ", [], 0),
        ("NULL", [], 1),
        ("\\N", [], 1),
        ("n/a", [], 1),
        ("System.Object[]", [], 1),
        ("Microsoft.ActiveDirectory.Management.ADPropertyValueCollection", [], 1),
        ("anna@x.test NULL", ["anna@x.test"], 1),
        ("anna@x@y.test, b@x.test", ["b@x.test"], 1),
        ("@x.test, anna@, @", [], 3),
        # display names
        ("boss@x.test <m@y.test>", ["m@y.test"], 0),
        ('"boss@x.test" <m@y.test>', ["m@y.test"], 0),
        ('"a <boss@x.test>" <m@y.test>', ["m@y.test"], 0),
        ('"a\\" <boss@x.test>, \\"" <m@y.test>', ["m@y.test"], 0),
        ("Bob <boss@x.test> <m@y.test>", [], 1),
        ("<m@y.test> boss@x.test", [], 1),
        ("Boss <boss x@x.test>", [], 1),
        ("Boss <boss@x.test", [], 1),
        ("Boss boss@x.test>", [], 2),
        ("<>", [], 0),
        ("<@y.test:boss@x.test>", [], 1),
        # comments
        ("m@y.test( boss@x.test )", [], 1),
        ("m@y.test (boss@x.test, a@x.test)", [], 1),
        ("(boss@x.test) m@y.test", [], 1),
        ("m@y.test, (boss@x.test)", ["m@y.test"], 1),
        ("m@y.test( , boss@x.test", [], 1),
        ("m@y.test (a (b) boss@x.test )", [], 1),
        ("m@y.test (smtp:boss@x.test)", [], 1),
        ("m@y.test (sip:boss@x.test)", [], 1),
        ("sip:m@y.test( smtp:boss@x.test )", [], 0),
        ("Boss (boss@x.test) <m@y.test>", [], 1),
        ("Boss (x) <m@y.test>", [], 1),
        # look-alikes are other characters
        ("boss\uff20x.test", [], 1),
        ("m@y.test\uff08boss@x.test\uff09", [], 1),
        ("\u212aate@x.test, kate@x.test", ["\u212aate@x.test", "kate@x.test"], 0),
    ],
)  # fmt: skip
def test_cells_as_they_are_written(cell: str, expected: list[str], left_over: int) -> None:
    """The address is read from each form; a display name and a comment give nobody an address, and are counted."""
    rest: list[str] = []
    assert split_addresses(cell, rest) == expected
    assert len(rest) == left_over
    assert split_addresses([cell]) == expected


@pytest.mark.parametrize(
    ("targets", "expected", "left_over"),
    [
        ("Bob Mueller <anna@example.com>", ["anna@example.com"], 0),
        ("<anna@example.com>", ["anna@example.com"], 0),
        ('"Bob Mueller" <anna@example.com>', ["anna@example.com"], 0),
        ("bob@example.com <anna@example.com>", ["anna@example.com"], 0),
        ("bob <anna>", ["anna"], 0),
        ("anna (bob is on holiday)", ["anna"], 0),
        ("anna (bob, bob@example.com), carl", ["anna", "carl"], 1),
        ("(bob) anna", ["anna"], 0),
        ("anna (bob", ["anna"], 0),
        ("anna@example.com (bob)", [], 1),
        ("mailto:anna@example.com", ["anna@example.com"], 0),
        ("SMTP:anna@example.com", ["anna@example.com"], 0),
        ("anna@example.com, bob@example.com@x", ["anna@example.com"], 1),
        ("@example.com", ["@example.com"], 0),
        ("anna@example.com bob@@example.com", ["anna@example.com"], 1),
        (":include:/home/bob@example.com/list", [":include:/home/bob@example.com/list"], 0),
        ("X500:/o=Firm/cn=bob, sip:bob@example.com", ["X500:/o=Firm/cn=bob", "sip:bob@example.com"], 0),
    ],
)
def test_targets_as_they_are_written(targets: str, expected: list[str], left_over: int) -> None:
    """A target is read as Postfix reads it: a display name or a comment is not a target. What is left over is told."""
    rest: list[str] = []
    assert [target for target in split_targets(targets) if not isinstance(target, LeftOver)] == expected
    found = resolve(["anna@example.com", "bob@example.com"], [("info@example.com", targets)], left_over=rest)
    assert len(rest) == left_over
    assert found["bob@example.com"] == ["bob@example.com"]


@given(st.text(st.sampled_from('ab@x. ,;<>()":\\|\n\u00a0')))
def test_any_cell_gives_addresses_only(cell: str) -> None:
    """Whatever is in a cell, what comes out are addresses that are there outside of comments and quoted strings."""
    assert all(is_address(address) and address in cell for address in split_addresses(f"{cell} sip:", []))
    assert all(map(is_address, split_addresses(cell)))


HOSTILE = ['"', '\\"', '"' + "\\" * 99 + '"', "(", ")", "(,", "<", "<,", "<a@x> ", '"a" ', "a:", "+smtp:", "|,", "a(b)"]


@pytest.mark.parametrize("part", HOSTILE)
def test_work_grows_with_the_cell(part: str) -> None:
    """Eight times the text is eight times the work, whatever is in it."""
    small, large = (steps(f"smtp:a@x; {part * size}") for size in (500, 4000))
    assert large < 9 * small + 1000


def steps(cell: str) -> int:
    """Count the lines of Python that are executed."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        split_addresses(cell)
    finally:
        sys.settrace(before)
    return count
