"""Aliases and alias domains."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais import addresses, deadline
from ais.addresses import resolve
from ais.errors import SourceError, SourceUnavailable

LIBRARY = Path(addresses.__file__).parent.parent
DOMAINS = ("a.example", "b.example", "c.example")
NAMES = ("anna", "bob", "info")
WHOLE = [f"{name}@{domain}" for name in NAMES for domain in DOMAINS]


# The seven rules of delivery


def test_own_address_comes_first_then_every_alias() -> None:
    """A mailbox has its own address and each alias that leads to it: directly, by an alias, under an alias domain."""
    aliases = [("sales@a.example", "info@a.example"), ("info@a.example", "zoe@a.example")]
    assert resolve(["zoe@a.example"], aliases, [("b.example", "a.example"), ("c.example", "b.example")]) == {
        "zoe@a.example": [
            "zoe@a.example",
            "info@a.example",
            "info@b.example",
            "info@c.example",
            "sales@a.example",
            "sales@b.example",
            "sales@c.example",
            "zoe@b.example",
            "zoe@c.example",
        ]
    }


@pytest.mark.parametrize(
    "targets",
    [
        "anna@a.example,bob@a.example",
        "anna@a.example, bob@a.example, ext@else.example",
        "anna@a.example bob@a.example",
        "anna@a.example\r\nbob@a.example\r\n",
        " anna@a.example ; bob@a.example ;",
        ["anna@a.example", " bob@a.example "],
        ("ANNA@A.example", "Bob@a.EXAMPLE"),
        '"anna@a.example", bob@a.example',
    ],
)
def test_every_local_target_gets_the_alias(targets: object) -> None:
    """An alias with several targets belongs to each local one, however the application separates them."""
    found = resolve(["anna@a.example", "bob@a.example"], [("team@a.example", targets)])
    assert found == {box: [box, "team@a.example"] for box in ("anna@a.example", "bob@a.example")}


def test_external_targets_get_nothing() -> None:
    """An alias whose targets are all external belongs to nobody."""
    assert resolve(["anna@a.example"], [("x@a.example", "y@else.example")]) == {"anna@a.example": ["anna@a.example"]}


def test_rows_of_one_address_add_up() -> None:
    """Several rows for one address are one alias with all their targets, spelled as in the first row."""
    rows = [("Team@a.example", "anna@a.example"), ("team@a.example", "bob@a.example")]
    assert resolve(["anna@a.example", "bob@a.example"], rows) == {
        "anna@a.example": ["anna@a.example", "Team@a.example"],
        "bob@a.example": ["bob@a.example", "Team@a.example"],
    }


def test_forward_does_not_give_the_mailbox_away() -> None:
    """A row at a mailbox's own address is a forward: the other user gets neither that address nor aliases of it."""
    rows = [("bob@a.example", "bob@a.example, anna@a.example"), ("b@a.example", "bob@a.example")]
    assert resolve(["anna@a.example", "bob@a.example"], rows) == {
        "anna@a.example": ["anna@a.example"],
        "bob@a.example": ["bob@a.example", "b@a.example"],
    }


def test_forward_without_a_copy_keeps_the_own_address() -> None:
    """A mailbox whose row lacks itself still has its own address, and nobody else has."""
    rows = [("bob@a.example", "anna@a.example")]
    assert resolve(["anna@a.example", "bob@a.example"], rows) == {
        "anna@a.example": ["anna@a.example"],
        "bob@a.example": ["bob@a.example"],
    }


@pytest.mark.parametrize("reserved", ["bob@a.example", "BOB@A.example "])
def test_disabled_mailbox_is_not_given_away(reserved: str) -> None:
    """The address of a mailbox that is not listed goes to nobody, and no mail is followed through it."""
    rows = [("bob@a.example", "anna@a.example"), ("b@a.example", "bob@a.example")]
    assert resolve(["anna@a.example"], rows, reserved=[reserved]) == {"anna@a.example": ["anna@a.example"]}


def test_alias_domain_does_not_give_a_mailbox_away() -> None:
    """A mailbox that exists in the alias domain is not given to its namesake in the target domain, listed or not."""
    domains = [("b.example", "a.example"), ("c.example", "a.example")]
    assert resolve(["anna@a.example", "anna@b.example"], [], domains, reserved=["anna@c.example"]) == {
        "anna@a.example": ["anna@a.example"],
        "anna@b.example": ["anna@b.example"],
    }


@pytest.mark.parametrize("address", ["@a.example", "*@a.example", "%@a.example", "a.example", "*", "%", "@", "x@*"])
def test_catch_alls_give_nobody_an_address(address: str) -> None:
    """A catch-all gives nobody an address and is not followed, in each spelling that applications use."""
    rows = [(address, "anna@a.example"), ("x@a.example", "unknown@a.example")]
    assert resolve(["anna@a.example"], rows) == {"anna@a.example": ["anna@a.example"]}


def test_loops_end() -> None:
    """Aliases, alias domains and mailbox rows that lead to themselves end, and what leads in is found."""
    rows = [
        ("x@a.example", "y@a.example"),
        ("y@a.example", "x@a.example, anna@a.example"),
        ("z@a.example", "z@a.example"),
    ]
    domains = [("b.example", "a.example"), ("a.example", "b.example"), ("c.example", "c.example")]
    expected = ["anna@a.example", "anna@b.example", "x@a.example", "x@b.example", "y@a.example", "y@b.example"]
    assert resolve(["anna@a.example"], rows, domains) == {"anna@a.example": expected}


def test_addresses_are_compared_whole() -> None:
    """A part of an address is not the address, and characters that are wildcards in SQL are characters here."""
    rows = [("x@a.example", "joann@a.example"), ("y@a.example", "a_n@a.example"), ("z@a.example", "ann@a.example.org")]
    assert resolve(["ann@a.example"], rows) == {"ann@a.example": ["ann@a.example"]}


def test_comparison_ignores_ascii_case_only() -> None:
    """Addresses are compared without regard to ASCII case and given as written; other letters are as they are."""
    rows = [
        ("Info@A.Example", "ANNA@a.example"),
        ("MÜLLER@a.example", "anna@A.example"),
        ("x@a.example", "müller@a.example"),
    ]
    assert resolve(["Anna@a.example"], rows, [("B.Example", "A.EXAMPLE")]) == {
        "Anna@a.example": [
            "Anna@a.example",
            "Anna@B.Example",
            "Info@A.Example",
            "Info@B.Example",
            "MÜLLER@a.example",
            "MÜLLER@B.Example",
        ]
    }


def test_whole_address_beats_alias_domain() -> None:
    """An alias written out in the alias domain is followed instead of what the alias domain implies."""
    rows = [
        ("info@b.example", "bob@a.example"),
        ("info@a.example", "anna@a.example"),
        ("out@b.example", "x@else.example"),
    ]
    rows += [("out@a.example", "anna@a.example")]
    found = resolve(["anna@a.example", "bob@a.example"], rows, [("b.example", "a.example")])
    assert found["anna@a.example"] == ["anna@a.example", "anna@b.example", "info@a.example", "out@a.example"]
    assert found["bob@a.example"] == ["bob@a.example", "bob@b.example", "info@b.example"]


@pytest.mark.parametrize(
    "target",
    [
        "|/usr/bin/prog anna@a.example",
        '"|/usr/bin/prog anna@a.example, anna@a.example"',
        "/var/mail/anna@a.example",
        ":include:/etc/mail/anna@a.example",
        ":fail: ask anna@a.example, please",
        '":fail: ask anna@a.example"',
        ":blackhole:",
        "null@localhost",
        "\\anna@a.example",
        "user#a.example@autoreply.a.example",
        "@",
        "",
        None,
        [],
        [""],
    ],
)
def test_other_targets_are_no_mailbox(target: object) -> None:
    """Programs, files, failures and empty cells lead to nobody, also if an address stands in their text."""
    assert resolve(["anna@a.example"], [("x@a.example", target)]) == {"anna@a.example": ["anna@a.example"]}


def test_target_after_a_program_counts() -> None:
    """A mailbox beside a program or a file is still a target."""
    rows = [("x@a.example", '"|/bin/a, b" , anna@a.example'), ("y@a.example", "|/bin/a b, /dev/null anna@a.example")]
    assert resolve(["anna@a.example"], rows)["anna@a.example"] == ["anna@a.example", "x@a.example", "y@a.example"]


def test_same_name_in_another_domain() -> None:
    """The target `@b` means the same name in b, for one address and for a whole domain (virtual(5))."""
    rows = [("anna@b.example", "@a.example"), ("@c.example", "@a.example, x@else.example")]
    assert resolve(["anna@a.example", "bob@a.example"], rows) == {
        "anna@a.example": ["anna@a.example", "anna@b.example", "anna@c.example"],
        "bob@a.example": ["bob@a.example", "bob@c.example"],
    }


@pytest.mark.parametrize(
    "row", [(None, "a.example"), ("b.example", None), ("", ""), ("b.example", "anna@a.example"), ("*", "a.example")]
)
def test_rows_that_are_no_alias_domain(row: tuple[str | None, str | None]) -> None:
    """Empty rows of alias domains, and a domain that goes to one address, imply nothing."""
    assert resolve(["anna@a.example"], [], [row]) == {"anna@a.example": ["anna@a.example"]}


# Mailboxes whose name is not an address, and names without a domain


def test_user_name_is_a_target() -> None:
    """Aliases may lead to the user name (Unix login, ISPConfig's custom login) or to the own address."""
    rows = [("info@a.example", "anna"), ("x@a.example", "Anna@a.example"), ("y@a.example", "other")]
    assert resolve({"anna": ["anna@a.example"], "bob": []}, rows) == {
        "anna": ["anna@a.example", "info@a.example", "x@a.example"],
        "bob": [],
    }


def test_own_addresses_are_kept_in_order_and_given_once() -> None:
    """A mailbox may have several own addresses; a repeated one is given once; none is given to another."""
    mailboxes = {"anna": ["b@a.example", " A@a.example", "B@A.example", ""], "bob": "bob@a.example"}
    assert resolve(mailboxes, [("a@a.example", "bob")]) == {
        "anna": ["b@a.example", "A@a.example"],
        "bob": ["bob@a.example"],
    }


def test_names_without_domain_hold_for_the_local_domains() -> None:
    """With local domains a bare name is an address in each; without them it gives none but is followed."""
    rows = [("postmaster", "anna"), ("x@else.example", "postmaster"), ("anna@b.example", "bob"), ("bob", "anna")]
    assert resolve(["anna", "bob"], rows) == {"anna": ["x@else.example"], "bob": ["anna@b.example"]}
    assert resolve(["anna", "bob"], rows, local_domains=["a.example", "B.example"]) == {
        "anna": [
            "anna@a.example",
            "anna@B.example",
            "postmaster@a.example",
            "postmaster@B.example",
            "x@else.example",
        ],
        "bob": ["bob@a.example", "bob@B.example"],
    }


def test_bare_target_gets_the_first_local_domain() -> None:
    """A target without a domain that is no name of its own means the address in the first local domain (myorigin)."""
    rows = [("x@c.example", "info"), ("info@a.example", "anna"), ("info@b.example", "bob")]
    found = resolve(["anna", "bob"], rows, local_domains=["a.example", "b.example"])
    assert "x@c.example" in found["anna"]
    assert "x@c.example" not in found["bob"]


@pytest.mark.parametrize("local", [[], ["a.example"]])
def test_backslash_names_the_mailbox_alone(local: list[str]) -> None:
    r"""A target ``\name`` (aliases(5)) is the mailbox of that user, and no alias of that name."""
    rows = [("office@a.example", "\\Anna, x@else.example"), ("x@a.example", "\\info"), ("info", "anna")]
    assert resolve({"anna": ["anna@a.example"]}, rows, local_domains=local)["anna"] == [
        "anna@a.example",
        *(f"info@{domain}" for domain in local),
        "office@a.example",
    ]


def test_name_alone_beats_alias_domain() -> None:
    """In a local domain that is an alias domain too, a row of the name alone comes first (virtual(5))."""
    rows = [("info", "bob@c.example"), ("info@b.example", "anna@c.example"), ("x@b.example", "anna@c.example")]
    found = resolve(
        ["anna@c.example", "bob@c.example"], rows, [("a.example", "b.example")], local_domains=["a.example"]
    )
    assert found["anna@c.example"] == ["anna@c.example", "info@b.example", "x@a.example", "x@b.example"]
    assert found["bob@c.example"] == ["bob@c.example", "info@a.example"]


def test_bare_target_with_a_row_means_that_row() -> None:
    """A target without a domain that has a row of its own leads there, not to the address in the local domain."""
    rows = [("x@c.example", "info"), ("info", "anna"), ("info@a.example", "bob")]
    found = resolve(["anna", "bob"], rows, local_domains=["a.example"])
    assert found == {"anna": ["anna@a.example", "x@c.example"], "bob": ["bob@a.example", "info@a.example"]}


def test_declared_domain_is_no_name() -> None:
    """`example.com anything` in a virtual map declares a domain; a name with a dot is a name."""
    rows = [("c.example", "anna"), ("x@c.example", "anna"), ("first.last", "anna")]
    found = resolve(["anna"], rows, local_domains=["a.example"])
    assert found == {"anna": ["anna@a.example", "first.last@a.example", "x@c.example"]}


def test_disabled_login_is_reserved_in_the_local_domains() -> None:
    """A login that is not listed keeps its address in every local domain to itself."""
    rows = [("bob@a.example", "anna"), ("bob", "anna"), ("x", "bob")]
    found = resolve(["anna"], rows, local_domains=["a.example"], reserved=["bob"])
    assert found == {"anna": ["anna@a.example"]}


@pytest.mark.parametrize(
    "rows", [[(b"x@a.example", "anna")], [("x@a.example", b"anna")], [("x@a.example", 5)], [("x@a.example", ["a", 5])]]
)
def test_rows_without_text_are_an_error(rows: list[tuple[str, object]]) -> None:
    """An address or a target that is not text is an error, not an alias less."""
    with pytest.raises(ValueError, match="must be text"):
        resolve(["anna"], rows)


# Against a model that delivers mail instead of walking back from the mailboxes


class Model:
    """Delivers mail to every possible address until nothing changes."""

    def __init__(
        self,
        mailboxes: dict[str, list[str]],
        rows: list[tuple[str, list[str]]],
        domains: list[tuple[str, str]],
        reserved: list[str],
        local: list[str],
    ) -> None:
        self.local = local
        given = {user: set(listed) or {user} & set(WHOLE) for user, listed in mailboxes.items()}
        homes = {user: set(self.at_home(user)) - set(mailboxes) for user in mailboxes}
        self.own = {user: given[user] | homes[user] for user in mailboxes}
        self.ends: dict[str, set[str]] = {name: set() for one in reserved for name in (one, *self.at_home(one))}
        for name in {name for user in mailboxes for name in (user, *self.own[user])}:
            having = {user for user in mailboxes if name in given[user]}
            named = {user for user in mailboxes if name == user or name in homes[user]}
            if name in mailboxes:  # its owner's alone
                self.ends[name] = {name} if not having or name in having else having
            else:
                self.ends[name] = named or having
        self.rows: dict[str, list[str]] = {}
        self.same_name = list(domains)
        for address, targets in rows:
            if address.startswith("@"):
                self.same_name += [(address[1:], target[1:]) for target in targets if target.startswith("@")]
            elif targets:
                self.rows.setdefault(address, []).extend(targets)

    def at_home(self, user: str) -> list[str]:
        return [f"{user}@{domain}" for domain in self.local if "@" not in user]

    def next_of(self, address: str) -> list[str]:
        name, at, domain = address.partition("@")
        if address in self.rows:
            return [name + target if target.startswith("@") else target for target in self.rows[address]]
        if not at:
            return self.at_home(name)[:1]
        if domain in self.local and (name in self.rows or name in self.ends):
            return [name]
        return [f"{name}@{target}" for source, target in self.same_name if source == domain]

    def addresses(self) -> dict[str, set[str]]:
        reached: dict[str, set[str]] = {}
        before = None
        while before != reached:
            before = dict(reached)
            for address in (*WHOLE, *NAMES):
                if address not in self.ends:
                    ends = ({**reached, **self.ends}.get(target, set()) for target in self.next_of(address))
                    reached[address] = set().union(*ends)
        return {user: own | {a for a in WHOLE if user in reached.get(a, ())} for user, own in self.own.items()}


addresses_or_names = st.sampled_from([*WHOLE, *NAMES])
targets_of_a_row = st.lists(
    st.sampled_from([*WHOLE, *NAMES, "x@else.example", *("@" + d for d in DOMAINS)]), max_size=3
)


@settings(max_examples=400, deadline=None)
@given(
    mailboxes=st.dictionaries(addresses_or_names, st.lists(st.sampled_from(WHOLE), max_size=2), max_size=4),
    rows=st.lists(
        st.tuples(st.sampled_from([*WHOLE, *NAMES, *("@" + d for d in DOMAINS)]), targets_of_a_row), max_size=8
    ),
    domains=st.lists(st.tuples(st.sampled_from(DOMAINS), st.sampled_from(DOMAINS)), max_size=3),
    reserved=st.lists(addresses_or_names, max_size=2),
    local=st.lists(st.sampled_from(DOMAINS), max_size=2, unique=True),
    data=st.data(),
)
def test_same_as_delivering(
    mailboxes: dict[str, list[str]],
    rows: list[tuple[str, list[str]]],
    domains: list[tuple[str, str]],
    reserved: list[str],
    local: list[str],
    data: st.DataObject,
) -> None:
    """A mailbox has exactly the addresses whose mail ends in it, whatever the order, case and form of the rows."""
    found = resolve(mailboxes, rows, domains, reserved=reserved, local_domains=local)
    expected = Model(mailboxes, rows, domains, reserved, local).addresses()
    assert {user: set(given) for user, given in found.items()} == expected
    assert all(len(given) == len(set(given)) for given in found.values())
    shuffled = [
        (
            address.upper() if data.draw(st.booleans()) else address,
            data.draw(st.sampled_from([", ", ";", "\n"])).join(targets),
        )
        for address, targets in data.draw(st.permutations(rows))
    ]
    again = resolve(mailboxes, shuffled, domains, reserved=reserved, local_domains=local)
    assert {user: [a.lower() for a in given] for user, given in again.items()} == found


# The rows of the applications

POSTFIXADMIN_LIST = """
WITH RECURSIVE addr (user_name, email) AS (
  SELECT m.username, m.username
    FROM mailbox m JOIN domain d ON d.domain = m.domain
   WHERE m.active = 1 AND d.active = 1
  UNION
  SELECT r.user_name, COALESCE(e.address, substr(r.email, 1, instr(r.email, '@')) || e.alias_domain)
    FROM addr r JOIN (
      SELECT ',' || replace(goto, ' ', '') || ',' AS targets, address, NULL AS target_domain, NULL AS alias_domain
        FROM alias
       WHERE active = 1 AND address NOT LIKE '@%'
         AND address NOT IN (SELECT username FROM mailbox)
      UNION ALL
      SELECT NULL, NULL, target_domain, alias_domain FROM alias_domain WHERE active = 1
    ) e ON instr(e.targets, ',' || r.email || ',') > 0 OR e.target_domain = substr(r.email, instr(r.email, '@') + 1)
)
SELECT user_name, email FROM addr ORDER BY user_name, user_name <> email, email
"""


def test_postfixadmin_rows_as_its_query_gives_them() -> None:
    """Rows as PostfixAdmin writes them give what the query over its tables gives, run on SQLite."""
    database = sqlite3.connect(":memory:")
    database.executescript(
        """
        CREATE TABLE domain (domain, active); CREATE TABLE mailbox (username, domain, active);
        CREATE TABLE alias (address, goto, active); CREATE TABLE alias_domain (alias_domain, target_domain, active);
        INSERT INTO domain VALUES ('ALL', 1), ('a.example', 1), ('off.example', 0);
        INSERT INTO mailbox VALUES
          ('anna@a.example', 'a.example', 1),
          ('bob@a.example', 'a.example', 1),
          ('carol@a.example', 'a.example', 0),
          ('dave@off.example', 'off.example', 1),
          ('ann@a.example', 'a.example', 1);
        INSERT INTO alias VALUES
          ('anna@a.example', 'anna@a.example', 1),
          ('bob@a.example', 'bob@a.example,anna@a.example', 1),
          ('ann@a.example', 'ann@a.example,ann#a.example@autoreply.a.example', 1),
          ('carol@a.example', 'anna@a.example', 0),
          ('info@a.example', 'anna@a.example,bob@a.example,x@else.example', 1),
          ('sales@a.example', 'info@a.example', 1),
          ('c@a.example', 'carol@a.example', 1),
          ('old@a.example', 'anna@a.example', 0),
          ('@a.example', 'bob@a.example', 1),
          ('loop1@a.example', 'loop2@a.example', 1),
          ('loop2@a.example', 'loop1@a.example, ann@a.example', 1);
        INSERT INTO alias_domain VALUES ('b.example', 'a.example', 1), ('off.example', 'a.example', 0);
        """
    )
    expected: dict[str, list[str]] = {}
    for user, email in database.execute(POSTFIXADMIN_LIST):
        expected.setdefault(user, []).append(email)
    listed = "SELECT username FROM mailbox m JOIN domain d USING (domain) WHERE m.active = 1 AND d.active = 1"
    found = resolve(
        [user for (user,) in database.execute(listed)],
        database.execute("SELECT address, goto FROM alias WHERE active = 1"),
        database.execute("SELECT alias_domain, target_domain FROM alias_domain WHERE active = 1"),
        reserved=[user for (user,) in database.execute("SELECT username FROM mailbox")],
    )
    assert found == expected
    assert len(found["anna@a.example"]) == 6
    database.close()


@pytest.mark.parametrize(
    ("mailboxes", "rows", "domains", "expected"),
    [
        pytest.param(
            ["anna@a.example"],
            [
                ("info@a.example", "anna@a.example,null@localhost"),
                ("spam@a.example", "spam@localhost"),
                ("@b.example", "anna@a.example"),
            ],
            [("b.example", "a.example")],
            {"anna@a.example": ["anna@a.example", "anna@b.example", "info@a.example", "info@b.example"]},
            id="mailcow",
        ),
        pytest.param(
            ["anna@a.example", "bob@a.example"],
            [
                ("anna@a.example", "anna@a.example"),
                ("bob@a.example", "bob@a.example"),
                ("bob@a.example", "anna@a.example"),
                ("list@a.example", "anna@a.example"),
                ("list@a.example", "bob@a.example"),
                ("a.example", "anna@a.example"),
            ],
            [],
            {
                "anna@a.example": ["anna@a.example", "list@a.example"],
                "bob@a.example": ["bob@a.example", "list@a.example"],
            },
            id="iredmail: one row per target, bare domain as catch-all",
        ),
        pytest.param(
            {"anna_login": ["anna@a.example"], "bob@a.example": ["bob@a.example"]},
            [
                ("info@a.example", "anna@a.example, bob@a.example"),
                ("@b.example", "@a.example"),
                ("@c.example", "bob@a.example"),
            ],
            [],
            {
                "anna_login": ["anna@a.example", "anna@b.example", "info@a.example", "info@b.example"],
                "bob@a.example": ["bob@a.example", "bob@b.example", "info@a.example", "info@b.example"],
            },
            id="ispconfig: logins, comma and blank, alias domain among the aliases",
        ),
        pytest.param(
            ["anna@a.example"],
            [
                ("anna@a.example", "anna@a.example"),
                ("i@a.example", "anna@a.example x@else.example "),
                ("@a.example", "anna@a.example"),
            ],
            [],
            {"anna@a.example": ["anna@a.example", "i@a.example"]},
            id="froxlor: blanks",
        ),
        pytest.param(
            {"anna": ["anna@a.example"]},
            [("anna@a.example", "anna@a.example"), ("@b.example", None), ("i@a.example", "anna@a.example")],
            [("b.example", "a.example")],
            {"anna": ["anna@a.example", "anna@b.example", "i@a.example", "i@b.example"]},
            id="modoboa: internal rows",
        ),
        pytest.param(
            ["anna@a.example"],
            [("%@a.example", "anna@a.example"), ("i@a.example", "anna@a.example,x@else.example")],
            [("b.example", "a.example")],
            {"anna@a.example": ["anna@a.example", "anna@b.example", "i@a.example", "i@b.example"]},
            id="mailu: wildcard, alternative",
        ),
        pytest.param(
            ["anna@a.example"],
            [
                ("@b.example", "@a.example"),
                ("@c.example", "anna@a.example"),
                ("i@a.example", "x@else.example\nanna@a.example"),
                ("e@a.example", ""),
                ("postmaster@b.example", "i@a.example"),
            ],
            [],
            {
                "anna@a.example": [
                    "anna@a.example",
                    "anna@b.example",
                    "i@a.example",
                    "i@b.example",
                    "postmaster@b.example",
                ]
            },
            id="mail-in-a-box: newlines, @a to @b, empty destination",
        ),
        pytest.param(
            ["anna@a.example"],
            [("*@a.example", "anna@a.example"), ("i@a.example", "anna@a.example,j@a.example")],
            [("b.example", "a.example")],
            {"anna@a.example": ["anna@a.example", "anna@b.example", "i@a.example", "i@b.example"]},
            id="vexim: local part * as catch-all",
        ),
        pytest.param(
            {"anna-a.example": ["anna@a.example"], "bob@a.example": ["bob@a.example"]},
            [
                ("anna@a.example", "anna-a.example"),
                ("info@a.example", "anna-a.example"),
                ("i@a.example", "bob\\@a.example"),
            ],
            [],
            {"anna-a.example": ["anna@a.example", "info@a.example"], "bob@a.example": ["bob@a.example", "i@a.example"]},
            id="virtualmin: logins made from the domain, \\@",
        ),
    ],
)
def test_rows_of_applications(
    mailboxes: dict[str, list[str]] | list[str],
    rows: list[tuple[str, object]],
    domains: list[tuple[str, str]],
    expected: dict[str, list[str]],
) -> None:
    """Rows as the application writes them give the addresses that its own delivery would."""
    assert resolve(mailboxes, rows, domains) == expected


# Cost


def lines_executed(rows: list[tuple[str, object]], domains: list[tuple[str, str]]) -> int:
    count = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        resolve(["anna@a.example", "bob@a.example"], rows, domains)
    finally:
        sys.settrace(before)
    return count


def chain(size: int) -> tuple[list[tuple[str, object]], list[tuple[str, str]]]:
    rows: list[tuple[str, object]] = [(f"{i}@a.example", f"{i + 1}@a.example") for i in range(size)]
    return [*rows, (f"{size}@a.example", "anna@a.example")], []


def fan_in(size: int) -> tuple[list[tuple[str, object]], list[tuple[str, str]]]:
    rows: list[tuple[str, object]] = [(f"{i}@a.example", "team@a.example") for i in range(size)]
    return [*rows, ("team@a.example", "anna@a.example, bob@a.example")], []


def fan_out(size: int) -> tuple[list[tuple[str, object]], list[tuple[str, str]]]:
    return [("all@a.example", ",".join(f"{i}@a.example" for i in range(size))), ("0@a.example", "anna@a.example")], []


def alias_domain_chain(size: int) -> tuple[list[tuple[str, object]], list[tuple[str, str]]]:
    return [], [("0.example", "a.example"), *((f"{i + 1}.example", f"{i}.example") for i in range(size))]


@pytest.mark.parametrize("shape", [chain, fan_in, fan_out, alias_domain_chain])
def test_work_grows_with_the_rows(shape: object) -> None:
    """Eight times the rows is eight times the lines of code executed, in long chains and in wide lists."""
    assert callable(shape)
    assert lines_executed(*shape(4000)) < 9 * lines_executed(*shape(500))


def test_long_chain_is_followed_to_its_end() -> None:
    """A chain longer than Python's recursion limit is followed whole."""
    assert len(resolve(["anna@a.example"], chain(20_000)[0])["anna@a.example"]) == 20_002


def test_usual_text_imports_nothing() -> None:
    """Resolving usual text imports nothing that a request has not loaded: start-up is what a CGI request costs."""
    code = (
        f"import sys; sys.path.insert(0, {str(LIBRARY)!r})\n"
        "import ais.deadline, ais.user; before = set(sys.modules)\n"
        "from ais.addresses import resolve\nfrom ais.user import split_addresses\n"
        "resolve(['anna@a.example'], [('x@a.example', 'anna@a.example, b@a.example')], [('b.example', 'a.example')])\n"
        "split_addresses('a@a.example; b@a.example')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ais.addresses"]


# Whose address


@pytest.mark.parametrize("boxes", [["boss@a.example", "m@b.test"], ["m@b.test", "boss@a.example"]])
def test_aliases_of_a_name_are_its_owners(boxes: list[str]) -> None:
    """Whoever gives himself the name of another user as an address gets nothing that leads to it, in any order."""
    given = {"boss@a.example": ["boss@a.example"], "m@b.test": ["m@b.test", "BOSS@a.example"]}
    rows = [("info@a.example", "boss@a.example")]
    found = resolve({name: given[name] for name in boxes}, rows, [("c.example", "a.example")])
    others = ["boss@c.example", "info@a.example", "info@c.example"]
    assert found == {"boss@a.example": ["boss@a.example", *others], "m@b.test": ["m@b.test", "BOSS@a.example"]}


def test_mail_is_not_where_somebody_only_logs_in() -> None:
    """Whoever only logs in by the address of somebody else gets no mail of it: it arrives where the address is."""
    found = resolve({"boss@a.example": ["m@b.test"], "boss": ["boss@a.example"]}, [("i@a.example", "boss@a.example")])
    assert found == {"boss@a.example": ["m@b.test"], "boss": ["boss@a.example", "i@a.example"]}


@pytest.mark.parametrize(
    ("boxes", "owner"),
    [
        (["KATE@a.example", "kate@a.example"], "kate@a.example"),
        (["kate@a.example", "KATE@a.example"], "kate@a.example"),
        (["KATE@a.example", "Kate@a.example"], ""),
        (["\u212aATE@a.example", "KATE@a.example"], "KATE@a.example"),
    ],
)
def test_aliases_of_names_in_other_case(boxes: list[str], owner: str) -> None:
    """Of names that differ in case only one gets the aliases; without an owner nobody does."""
    found = resolve(boxes, [("i@a.example", "kate@a.example")])
    assert [name for name in boxes if "i@a.example" in found[name]] == ([owner] if owner else [])


def test_bare_names_in_other_case() -> None:
    """A name that differs in case only makes no second owner of the address in the local domain."""
    found = resolve(["Boss", "boss"], [("info", "boss")], local_domains=["A.example"])
    assert found == {"Boss": [], "boss": ["boss@A.example", "info@A.example"]}
    assert resolve(["Boss", "BOSS"], [("info", "boss")], local_domains=["a.example"]) == {"Boss": [], "BOSS": []}


@pytest.mark.parametrize("address", ["info@a.example:", "a b@a.example", "x@y@a.example", "<i@a.example>", "i@", '"i'])
def test_what_is_no_address_is_given_to_nobody(address: str) -> None:
    """What is not an address is given to nobody; nor is a name that only has an @."""
    assert resolve(["anna@a.example"], [(address, "anna@a.example")])["anna@a.example"] == ["anna@a.example"]
    assert resolve([address], [], local_domains=["a.example"]) == {address: []}
    assert resolve({"anna": [address]}, []) == {"anna": []}


# Bounds


def test_too_many_addresses_are_an_error() -> None:
    """One user may get a bounded number of addresses; the error names the user and an alias."""
    rows = [(f"i{n}@a.example", "anna@a.example") for n in range(addresses.MOST_FOR_ONE)]
    assert len(resolve(["anna@a.example"], rows)["anna@a.example"]) == addresses.MOST_FOR_ONE + 1
    with pytest.raises(SourceError, match=r"anna@a.example, such as last@a.example: .* 50000 addresses"):
        resolve(["anna@a.example"], [*rows, ("last@a.example", "anna@a.example")])


def test_what_cannot_be_read_is_told() -> None:
    """Targets and addresses of aliases that have an @ and are no addresses give nobody anything, and are told.

    Names, catch-alls, commands, files and addresses of other kinds give nobody an address either, and are no mistakes.
    """
    left_over: list[str] = []
    rows: list[tuple[str | None, object]] = [
        ("l@a.example", "anna@a.example (old)"),
        ("k@a.example (old)", "anna@a.example"),
        ("k@a.example (old)", "bob"),
        ("m@@a.example", "anna@a.example"),
        ("n@a.example", "anna@@a.example, anna@a.example"),
        ("@a.example", "anna@a.example"),
        ("*@a.example", "anna@a.example"),
        ("a.example", "anything"),
        ("o@*", "anna@a.example"),
        ("postmaster", "anna@a.example"),
        ("sip:anna@b.example", "anna@a.example"),
        (
            "p@a.example",
            "bob, @b.example, \\\\bob@b.example, |/bin/to a@@b, /var/mail/p, :include:/home/a@@b, :fail: a@@b",
        ),
        ("q@a.example", None),
        ("r@@a.example", ""),
    ]
    found = resolve(["anna@a.example"], rows, left_over=left_over)
    assert found == {"anna@a.example": ["anna@a.example", "n@a.example"]}
    assert left_over == [
        "anna@a.example (old) of the alias l@a.example",
        "the alias k@a.example (old)",
        "the alias m@@a.example",
        "anna@@a.example of the alias n@a.example",
    ]


def hostile(size: int) -> tuple[list[str], list[tuple[str, str]]]:
    boxes = [f"u{n}@a.example" for n in range(size)]
    rows = [(f"{n}@a.example", f"{n + 1}@a.example") for n in range(size)]
    return boxes, [*rows, (f"{size}@a.example", ",".join(boxes))]


def test_all_addresses_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long chain that ends in a large list is an error before all of it is made."""
    monkeypatch.setattr(addresses, "MOST_FOR_ALL", 10_000)
    assert len(resolve(*hostile(90))) == 90
    with pytest.raises(SourceError, match=r"too many aliases lead to u[0-9]+@a.example, such as [0-9]+@a.example"):
        resolve(*hostile(200))


@pytest.mark.parametrize("rows", [hostile(400)[1], [(f"i{n}@a.example", ["u1@a.example"] * 1000) for n in range(100)]])
def test_the_deadline_ends_the_work(rows: list[tuple[str, object]]) -> None:
    """Rows that take long, to read or to follow, end at the deadline."""
    deadline.start(0)
    try:
        with pytest.raises(SourceUnavailable):
            resolve(hostile(400)[0], rows)
    finally:
        deadline.start(3600)
