"""One mailbox's own address is never given to another user.

`AIS_OWNERSHIP_LISTS` is the number of random lists.
"""

from __future__ import annotations

import os
import random
from itertools import combinations, permutations
from types import SimpleNamespace
from typing import Any

import pytest

from ais.config.settings import Guard, Users
from ais.directory.listing import Claims, Repeated, list_users, stream
from ais.directory.ownership import enforce
from ais.errors import SourceError
from ais.user import User

LISTS = int(os.environ.get("AIS_OWNERSHIP_LISTS", "3000"))

Rows = list[tuple[str, list[str]]]


def given(*sources: Rows) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The addresses of each user as they are given out, and those that are contested."""
    users = [[User(name, email_addresses=addresses) for name, addresses in rows] for rows in sources]
    contested = enforce(users)
    return {user.user_name: user.email_addresses for rows in users for user in rows}, contested


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # The user whose name is exactly the address,
        ([("KATE@x.test", ["kate@x.test"]), ("kate@x.test", ["kate@x.test"])], {"kate@x.test": ["kate@x.test"]}),
        ([("KATE@x.test", ["KATE@x.test"]), ("kate@x.test", ["KATE@x.test"])], {"KATE@x.test": ["KATE@x.test"]}),
        ([("\u212aATE@x.test", ["kate@x.test"]), ("kate@x.test", ["kate@x.test"])], {"kate@x.test": ["kate@x.test"]}),
        ([("ada@x.test", ["k@x.test"]), ("m", ["ADA@x.test"])], {"ada@x.test": ["k@x.test"]}),
        # else the only one whose name differs in case.
        ([("m", ["kate@x.test"]), ("Kate@x.test", ["KATE@x.test"])], {"Kate@x.test": ["KATE@x.test"]}),
        ([("\u212aATE@x.test", ["kate@x.test"]), ("Kate@x.test", ["KATE@x.test"])], {"Kate@x.test": ["KATE@x.test"]}),
        # It is one address, of who is given it, with small letters.
        ([("ADA@x.test", ["ADA@x.test", "ada@x.test"]), ("ada@x.test", [])], {"ADA@x.test": ["ADA@x.test"]}),
        ([("ADA@x", ["ADA@x"]), ("Ada@x", ["ada@x"]), ("ada@x", [])], {"ADA@x": ["ADA@x"]}),
        ([("KATE@x.test", ["KATE@x.test"]), ("kate@x.test", ["kate@x.test"])], {"kate@x.test": ["kate@x.test"]}),
        # Other letters, accents and invisible characters make another address.
        ([("k@x.test", ["k@x.test"]), ("m", ["\u212a@x.test"])], {"k@x.test": ["k@x.test"], "m": ["\u212a@x.test"]}),
        ([("a\u0131@x.test", ["ai@x.test"]), ("AI@x.test", ["ai@x.test"])], {"AI@x.test": ["ai@x.test"]}),
        ([("a\u200ba@x", ["aa@x"]), ("a\u00e0@x", ["aa@x"]), ("aA@x", ["aa@x"])], {"aA@x": ["aa@x"]}),
        # What is nobody's name may be shared.
        ([("a", ["i@x.test"]), ("b", ["I@x.test"])], {"a": ["i@x.test"], "b": ["I@x.test"]}),
    ],
)  # fmt: skip
def test_the_owner_has_it(rows: Rows, expected: dict[str, list[str]]) -> None:
    """An address that is a name belongs to one user, in whatever order the users come, in one source or in several."""
    for ordered in permutations(rows):
        found, contested = given(ordered)  # type: ignore[arg-type]
        assert {name: addresses for name, addresses in found.items() if addresses} == expected
        assert not contested
    if not any("i@x.test" in addresses for _, addresses in rows):
        for ordered in permutations(rows):
            found, contested = given(*([row] for row in ordered))
            assert {name: addresses for name, addresses in found.items() if addresses} == expected


@pytest.mark.parametrize(
    ("one", "other"), [("kate@x.test", "kate@x.test"), ("Kate@x.test", "KATE@x.test"), ("", "kate@x.test")]
)
def test_two_and_none_exact(one: str, other: str) -> None:
    """Of two users whose names differ from an address in case nobody gets it, and the list of these says so."""
    rows: Rows = [("Kate@x.test", [one]), ("KATE@x.test", [other])]
    for ordered in permutations([*rows, ("m", ["kate@x.test", "m@x.test"])]):
        found, contested = given(ordered)  # type: ignore[arg-type]
        assert found == {"Kate@x.test": [], "KATE@x.test": [], "m": ["m@x.test"]}
        assert {address: sorted(names) for address, names in contested.items()} == {
            "kate@x.test": ["KATE@x.test", "Kate@x.test"]
        }


def test_the_earlier_source_has_what_is_nobodys_name() -> None:
    """Between sources, an address that is nobody's name belongs to the users of the first that gives it."""
    assert given([("a", ["i@x.test"]), ("b", ["I@x.test"])], [("c", ["i@x.test", "c@x.test"])])[0] == {
        "a": ["i@x.test"],
        "b": ["I@x.test"],
        "c": ["c@x.test"],
    }
    assert given([("a", ["c@x.test"])], [("c@x.test", ["c@x.test"])])[0] == {"a": [], "c@x.test": ["c@x.test"]}


# Against a model that reads the rule word by word


def same(one: str, other: str) -> bool:
    """Whether two addresses are one: ASCII letters of either case are the same, all else is as it is."""
    return len(one) == len(other) and all(
        a == b or (a.isascii() and b.isascii() and a.isalpha() and ord(a) ^ ord(b) == 32)
        for a, b in zip(one, other, strict=True)
    )


def expected_of(sources: list[Rows]) -> dict[str, list[str]]:
    """Who gets what."""
    rows = [row for source in sources for row in source]
    return {
        name: [address for address in addresses if gets(name, address, number, rows, sources)]
        for number, source in enumerate(sources)
        for name, addresses in source
    }


def gets(name: str, address: str, number: int, rows: Rows, sources: list[Rows]) -> bool:
    """Whether a user of a source gets an address that it is given."""
    alike = [row for row in rows if same(row[0], address)]
    if not alike:
        return not any(same(address, other) for rows in sources[:number] for _, others in rows for other in others)
    if len(alike) == 1:
        return alike[0][0] == name
    exact = {one for one, _ in alike for _, others in alike if one in others}
    if len(exact) > 1:
        exact = {one for one, others in alike if one in exact and any(same(one, other) for other in others)}
    if len(exact) > 1:
        exact = {one for one in exact if not any("A" <= letter <= "Z" for letter in one)}
    return exact == {name}


def random_sources(chance: random.Random) -> list[Rows]:
    """A few users whose names and addresses hardly differ."""

    def text() -> str:
        word = chance.choice(("kate", "kate", "kit", "\u212aate", "k\u0131t", "k\u00e4te", "ka\u0308te", "ka\u200bte"))
        word = "".join(letter.upper() if letter.isascii() and chance.random() < 0.3 else letter for letter in word)
        return f"{word}@x.test" if chance.random() < 0.8 else f"{word}@X.test"

    names: set[str] = set()
    sources: list[Rows] = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        source: Rows = []
        for _ in range(chance.randint(1, 4)):
            name = text() if chance.random() < 0.8 else text().partition("@")[0]
            if name not in names:
                names.add(name)
                own = [name] if "@" in name and chance.random() < 0.4 else []
                source.append((name, own + [text() for _ in range(chance.randint(0, 2))]))
        sources.append(source)
    return sources


def test_random_lists() -> None:
    """Nobody gets what is another's, nobody loses what is his own, and no order of the users changes that."""
    chance = random.Random(12)
    for number in range(LISTS):
        sources = random_sources(chance)
        users = [[User(name, email_addresses=addresses) for name, addresses in rows] for rows in sources]
        before: list[Rows] = [[(user.user_name, list(user.email_addresses)) for user in rows] for rows in users]
        contested = enforce(users)
        after = {user.user_name: user.email_addresses for rows in users for user in rows}
        assert after == expected_of(before), number
        for name, addresses in ((name, addresses) for rows in before for name, addresses in rows):
            for address in addresses:
                holders = [other for other in after if any(same(address, kept) for kept in after[other])]
                alike = [other for other in after if same(other, address)]
                assert len(holders) <= 1 or not alike, number
                assert holders or alike, number
                if address == name and not rivals(name, alike, before):
                    assert name in after[name], number
        for address, names in contested.items():
            assert len(names) > 1, number
            assert all(same(name, address) for name in names)
            assert not any(same(address, kept) for addresses in after.values() for kept in addresses), number
        assert missed(before, after) is False, number
        for source in sources:
            chance.shuffle(source)
        assert given(*sources)[0] == after, number


def rivals(name: str, alike: list[str], sources: list[Rows]) -> list[str]:
    """The users with another spelling of the name that is written somewhere, and with this address."""
    addresses = {other: given for rows in sources for other, given in rows if other in alike}
    written = {address for given in addresses.values() for address in given}
    return [
        other
        for other in alike
        if other != name and other in written and any(same(name, address) for address in addresses[other])
    ]


def clash(sources: list[Rows]) -> bool:
    """Whether two users have one name, one has another's name as an address, or two sources give one address."""
    before: list[str] = []
    for rows in sources:
        names = [name for name, _ in rows]
        foreign = [(name, address) for name, addresses in rows for address in addresses if not same(name, address)]
        if any(same(one, other) for one, other in combinations(names, 2)):
            return True
        if any(same(name, address) for name in names for _, address in foreign):
            return True
        new = names + [address for _, address in foreign]
        if any(same(one, other) for one in before for other in new):
            return True
        before += new
    return False


def test_conflicts_of_users_one_by_one() -> None:
    """Users who pass by one by one show a conflict where there is one, and else none, packed or not."""
    chance = random.Random(56)
    found = []
    for number in range(LISTS // 3):
        sources = [[row for row in rows if "@" in row[0]] for rows in random_sources(chance)]
        claims = Claims()
        conflict = False
        for rows in sources:
            for name, addresses in rows:
                claims.note(User(name, email_addresses=addresses))
                if chance.random() < 0.2:
                    claims.pack()
            conflict = conflict or claims.conflict()
        assert conflict == clash(sources), number
        found.append(conflict)
    assert len(found) // 10 < sum(found) < len(found) * 9 // 10


def test_names_of_two_sources_that_are_loosely_one() -> None:
    """With several sources a name that is loosely one of another source is a conflict; within a source it is not."""
    for one, other in (("anna", "Anna"), ("ren\u00e9", "rene"), ("a b", "ab")):
        claims = Claims(several=True)
        claims.note(User(one))
        claims.note(User(other))
        assert not claims.conflict()
        claims.note(User("someone else"))
        assert not claims.conflict()
        claims.note(User(other.upper()))
        assert claims.conflict()


def missed(before: list[Rows], after: dict[str, list[str]]) -> bool:
    """Whether users who pass by one by one show no conflict although one has to lose an address."""
    claims, found = Claims(), False
    for rows in before:
        for name, addresses in rows:
            claims.note(User(name, email_addresses=addresses))
        found = claims.conflict() or found
    return not found and any(after[name] != addresses for rows in before for name, addresses in rows)


class Listed:
    """A source of rows."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def users(self) -> Any:
        """Give them."""
        return [User(name, email_addresses=addresses) for name, addresses in self.rows]


def test_one_by_one_is_as_whole() -> None:
    """Where users are given one by one to the end, they are those of the whole list; also of rows that come apart."""
    chance = random.Random(34)
    whole = 0
    for number in range(LISTS // 3):
        sources = random_sources(chance)
        for rows in sources:
            if rows and chance.random() < 0.3:
                rows.append((chance.choice(rows)[0], ["more@x.test"]))
        config: Any = SimpleNamespace(sources=[Listed(rows) for rows in sources], users=Users(), guard=Guard(0))
        try:
            passed = [(user.user_name, user.email_addresses) for user in stream(config)]
        except Repeated:
            continue
        whole += 1
        try:
            assert passed == [(user.user_name, user.email_addresses) for user in list_users(config)], number
        except SourceError as error:
            pytest.fail(f"{number}: {error}")
    assert whole > LISTS // 60
