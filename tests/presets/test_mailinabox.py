"""The preset `mailinabox`, over the tables of setup/mail-users.sh."""

from __future__ import annotations

import pytest

from ais import mailinabox
from presets.formats import SHA512_CRYPT
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import inserts

STORED = "{SHA512-CRYPT}" + SHA512_CRYPT
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL, extra,
  privileges TEXT NOT NULL DEFAULT '');
CREATE TABLE aliases (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, destination TEXT NOT NULL,
  permitted_senders TEXT);
"""
AUTO = """
CREATE TABLE auto_aliases (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE,
  destination TEXT NOT NULL, permitted_senders TEXT);
"""
ROWS = inserts(
    "users",
    "email, password, privileges",
    [
        ("anna@a.example", STORED, "admin"),
        ("bob@a.example", STORED, ""),
        ("bob@b.example", STORED, ""),
        ("jo_ann@xn--bcher-kva.example", STORED, ""),
        ("ann@a.example", STORED, ""),
    ],
) + inserts(
    "aliases",
    "source, destination, permitted_senders",
    [
        ("info@a.example", "anna@a.example,bob@a.example,x@else.example", None),
        ("old@a.example", "anna@a.example\nbob@a.example", None),
        ("sales@a.example", "info@a.example", None),
        ("bob@a.example", "anna@a.example,bob@a.example", None),
        ("send@a.example", "", "anna@a.example"),
        ("@a.example", "anna@a.example", None),
        ("@b.example", "@a.example", None),
        ("loop@a.example", "loop2@a.example", None),
        ("loop2@a.example", "loop@a.example", None),
        ("administrator@box.example", "anna@a.example", None),
        ("abuse@a.example", "bob@a.example", None),
        ("admin@a.example", "", "anna@a.example"),
    ],
)
AUTO_ROWS = inserts(
    "auto_aliases",
    "source, destination",
    [
        ("postmaster@a.example", "administrator@box.example"),
        ("abuse@a.example", "administrator@box.example"),
        ("admin@a.example", "administrator@box.example"),
        ("@bücher.example", "@xn--bcher-kva.example"),
    ],
)
SHARED = ["info@a.example", "info@b.example", "old@a.example", "old@b.example", "sales@a.example", "sales@b.example"]


def expected(auto: bool) -> list[dict[str, object]]:
    """The users, with or without automatic aliases."""
    anna = ["administrator@box.example", *(["admin@a.example", "admin@b.example"] if auto else []), "anna@b.example"]
    more = ["postmaster@a.example", "postmaster@b.example"] if auto else []
    anna = ["anna@a.example", *sorted([*anna, *SHARED, *more])]
    jo_ann = ["jo_ann@xn--bcher-kva.example", *(["jo_ann@bücher.example"] if auto else [])]
    return [
        {"userName": "ann@a.example", "emailAddresses": ["ann@a.example", "ann@b.example"]},
        {"userName": "anna@a.example", "emailAddresses": anna},
        {
            "userName": "bob@a.example",
            "emailAddresses": ["bob@a.example", "abuse@a.example", "abuse@b.example", *SHARED],
        },
        {"userName": "bob@b.example", "emailAddresses": ["bob@b.example"]},
        {"userName": "jo_ann@xn--bcher-kva.example", "emailAddresses": jo_ann},
    ]


@pytest.mark.parametrize("auto", [True, False])
def test_list_and_logins(auto: bool, load: Load) -> None:
    """Users are listed with aliases, automatic ones and alias domains; files without automatic aliases work too."""
    database = load("sqlite", SCHEMA + ROWS + (AUTO + AUTO_ROWS if auto else ""))
    source = mailinabox("sqlite", **database.connection)
    assert listed(source) == expected(auto)
    check_logins(source, [str(user["userName"]) for user in expected(auto)], [])


def test_formats(load: Load) -> None:
    """Hashes are read with and without their scheme."""
    stored = [STORED, SHA512_CRYPT]
    values = [(f"h{number}@a.example", value) for number, value in enumerate(stored)]
    database = load("sqlite", SCHEMA + inserts("users", "email, password", values))
    check_formats(mailinabox("sqlite", **database.connection), stored)
