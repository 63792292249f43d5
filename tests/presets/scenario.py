"""A mail server with everything that aliases can do wrong, to be written into the tables of each application."""

from __future__ import annotations

from collections.abc import Iterable

from presets.formats import SHA512_CRYPT

STORED = SHA512_CRYPT

DOMAINS = [("a.example", True), ("b.example", True), ("off.example", False)]

MAILBOXES = [
    ("ann@a.example", "Ann O'Hara", True),
    ("anna@a.example", "Anna Müller-Œuvre 猫", True),
    ("bob@a.example", "", True),
    ("carol@a.example", "Carol, off", False),
    ("dave@off.example", "Dave", True),
    ("joann@a.example", "Jo Ann", True),
    ("under_score@a.example", "Under Score", True),
    ("100%@a.example", "Per Cent", True),
    # in a domain that is an alias of the other: these addresses are not those of bob@a and ann@a
    ("bob@b.example", "Bob of B", True),
    ("ann@b.example", "Ann of B, off", False),
]
"""Address, name, active."""

FORWARDS = [
    ("ann@a.example", ["ann@a.example", "ann#a.example@autoreply.a.example"]),
    ("anna@a.example", ["anna@a.example"]),
    ("bob@a.example", ["bob@a.example", "anna@a.example"]),
    ("carol@a.example", ["anna@a.example"]),
    ("joann@a.example", ["elsewhere@else.example"]),
]
"""Rows at the address of a mailbox: what many applications write for each, and where mail goes on to."""

ALIASES = [
    ("info@a.example", ["anna@a.example", "bob@a.example", "x@else.example"], True),
    ("sales@a.example", ["info@a.example"], True),
    ("to.carol@a.example", ["carol@a.example"], True),
    ("off@a.example", ["anna@a.example"], False),
    ("loop1@a.example", ["loop2@a.example"], True),
    ("loop2@a.example", ["loop1@a.example", "ann@a.example"], True),
    ("self@a.example", ["self@a.example"], True),
    ("jo@a.example", ["joann@a.example"], True),
    ("wild@a.example", ["underXscore@a.example", "1000@a.example"], True),
    ("ext@a.example", ["x@else.example", "y@else.example"], True),
    ("Team@a.example", ["Anna@A.example"], True),
    ("li_st%@a.example", ["anna@a.example"], True),
]
"""Address, targets, active."""

ALIAS_DOMAINS = [("b.example", "a.example", True), ("c.example", "a.example", False)]

EXPECTED = {
    "100%@a.example": ["100%@a.example", "100%@b.example"],
    "ann@a.example": ["ann@a.example", "loop1@a.example", "loop1@b.example", "loop2@a.example", "loop2@b.example"],
    "anna@a.example": [
        "anna@a.example",
        "anna@b.example",
        "info@a.example",
        "info@b.example",
        "li_st%@a.example",
        "li_st%@b.example",
        "sales@a.example",
        "sales@b.example",
        "Team@a.example",
        "Team@b.example",
    ],
    "bob@a.example": ["bob@a.example", "info@a.example", "info@b.example", "sales@a.example", "sales@b.example"],
    "bob@b.example": ["bob@b.example"],
    "joann@a.example": ["joann@a.example", "jo@a.example", "jo@b.example", "joann@b.example"],
    "under_score@a.example": ["under_score@a.example", "under_score@b.example"],
}
"""The addresses of each user that is to be listed."""

NOT_LISTED = ["carol@a.example", "dave@off.example", "ann@b.example"]


def users(*, alias_domains: bool = True, names: bool = True) -> list[dict[str, object]]:
    """The users to be listed, as MailStore sees them, for an application with or without alias domains and names."""
    full_names = {address: name for address, name, _ in MAILBOXES if names}
    found = []
    for user, addresses in EXPECTED.items():
        entry: dict[str, object] = {"userName": user}
        if full_names.get(user):
            entry["fullName"] = full_names[user]
        kept = [address for address in addresses if alias_domains or address == user or "@b.example" not in address]
        found.append({**entry, "emailAddresses": kept})
    return found


def domain_of(address: str) -> str:
    """The domain of an address."""
    return address.partition("@")[2]


def inserts(table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> str:
    """SQL that puts rows into a table."""
    lines = (f"({', '.join(map(_literal, row))})" for row in rows)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join(lines)};\n"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    assert "\\" not in str(value), "engines differ in what a backslash means"
    return "'" + str(value).replace("'", "''") + "'"
