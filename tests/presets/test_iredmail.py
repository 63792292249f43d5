"""The preset `iredmail`, over the tables of samples/iredmail."""

from __future__ import annotations

import pytest

from ais import iredmail
from presets.formats import BCRYPT, MD5_CRYPT, PASSWORD, SSHA, hex_of, salted
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIAS_DOMAINS, ALIASES, DOMAINS, FORWARDS, MAILBOXES, domain_of, inserts, users

ENGINES = ["mysql", "postgresql"]
STORED = "{SSHA512}" + salted("sha512")

SCHEMA = """
CREATE TABLE domain (domain VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY, backupmx SMALLINT NOT NULL DEFAULT 0,
  active SMALLINT NOT NULL DEFAULT 1);
CREATE TABLE mailbox (username VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL DEFAULT '',
  name VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL DEFAULT '', isadmin SMALLINT NOT NULL DEFAULT 0,
  active SMALLINT NOT NULL DEFAULT 1);
CREATE TABLE alias_domain (alias_domain VARCHAR(255) NOT NULL PRIMARY KEY, target_domain VARCHAR(255) NOT NULL,
  active SMALLINT NOT NULL DEFAULT 1);
CREATE TABLE admin (username VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL,
  active SMALLINT NOT NULL DEFAULT 1);
"""
NOW = """
CREATE TABLE alias (address VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY, name VARCHAR(255) NOT NULL DEFAULT '',
  accesspolicy VARCHAR(30) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL DEFAULT '',
  active SMALLINT NOT NULL DEFAULT 1);
CREATE TABLE forwardings (id SERIAL PRIMARY KEY, address VARCHAR(255) NOT NULL DEFAULT '',
  forwarding VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL DEFAULT '',
  dest_domain VARCHAR(255) NOT NULL DEFAULT '', {maillist} is_list SMALLINT NOT NULL DEFAULT 0,
  is_forwarding SMALLINT NOT NULL DEFAULT 0, is_alias SMALLINT NOT NULL DEFAULT 0, active SMALLINT NOT NULL DEFAULT 1);
"""
OLD = """
CREATE TABLE alias (address VARCHAR(255) NOT NULL DEFAULT '' PRIMARY KEY, goto TEXT NOT NULL,
  domain VARCHAR(255) NOT NULL DEFAULT '', active SMALLINT NOT NULL DEFAULT 1);
"""
MAILLIST = "is_maillist SMALLINT NOT NULL DEFAULT 0,"


def number(value: object) -> object:
    """A flag as iRedMail stores it."""
    return int(value) if isinstance(value, bool) else value


def rows(table: str, columns: str, values: list[tuple[object, ...]]) -> str:
    """INSERT with numbers for flags."""
    return inserts(table, columns, [tuple(map(number, row)) for row in values])


COMMON = (
    rows("domain", "domain, active", [*DOMAINS])
    + rows("domain", "domain, backupmx, active", [("mx.example", True, True)])
    + rows(
        "mailbox",
        "username, password, name, domain, isadmin, active",
        [
            *((address, STORED, name, domain_of(address), 0, active) for address, name, active in MAILBOXES),
            ("kept@mx.example", STORED, "Elsewhere", "mx.example", 0, 1),
        ],
    )
    + rows("alias_domain", "alias_domain, target_domain, active", [*ALIAS_DOMAINS])
    + rows("admin", "username, password", [("admin@a.example", STORED)])
)
OLD_ROWS = rows(
    "alias",
    "address, goto, domain, active",
    [
        *((address, ",".join(targets), domain_of(address), True) for address, targets in FORWARDS),
        *((address, ",".join(targets), domain_of(address), active) for address, targets, active in ALIASES),
        ("@a.example", "bob@a.example", "a.example", True),
    ],
)
NOW_ROWS = (
    rows(
        "forwardings",
        "address, forwarding, domain, is_forwarding",
        [(address, target, domain_of(address), 1) for address, targets in FORWARDS for target in targets],
    )
    + rows(
        "forwardings",
        "address, forwarding, domain, is_list, active",
        [
            (address, target, domain_of(address), 1, active)
            for address, targets, active in ALIASES
            for target in targets
        ],
    )
    + rows("forwardings", "address, forwarding, domain, is_alias", [("a.example", "bob@a.example", "a.example", 1)])
)
LISTED = [str(user["userName"]) for user in users()]
REFUSED = ["carol@a.example", "dave@off.example", "ann@b.example", "kept@mx.example", "admin@a.example"]


@pytest.mark.parametrize("engine", ENGINES)
def test_list_and_logins(engine: str, load: Load) -> None:
    """Active mailboxes with their aliases are listed; mailing lists, backup domains and administrators are not."""
    mailing_list = rows(
        "forwardings",
        "address, forwarding, domain, is_maillist",
        [("mlmmj@a.example", "anna@a.example", "a.example", 1)],
    )
    database = load(engine, SCHEMA + NOW.format(maillist=MAILLIST) + COMMON + NOW_ROWS + mailing_list)
    source = iredmail(database.driver, **database.connection)
    assert listed(source) == users()
    check_logins(source, LISTED, REFUSED)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("script", [NOW.format(maillist="") + NOW_ROWS, OLD + OLD_ROWS])
def test_old_database(engine: str, script: str, load: Load) -> None:
    """Databases without mailing lists, and those from before the table forwardings, give the same users."""
    database = load(engine, SCHEMA + script.split("INSERT", 1)[0] + COMMON + "INSERT" + script.split("INSERT", 1)[1])
    source = iredmail(database.driver, **database.connection)
    assert listed(source) == users()
    check_logins(source, LISTED, REFUSED)


FORMATS = [STORED, "{BLF-CRYPT}" + BCRYPT, SSHA, MD5_CRYPT, "{CRYPT}" + BCRYPT]
FORMATS += ["{PLAIN-MD5}" + hex_of("md5"), "{PLAIN}" + PASSWORD]


@pytest.mark.parametrize("engine", ENGINES)
def test_formats(engine: str, load: Load) -> None:
    """Every format that iRedMail has written is read."""
    values: list[tuple[object, ...]] = [
        (f"h{place}@a.example", stored, "a.example") for place, stored in enumerate(FORMATS)
    ]
    script = rows("domain", "domain, active", [*DOMAINS]) + rows("mailbox", "username, password, domain", values)
    database = load(engine, SCHEMA + script)
    check_formats(iredmail(database.driver, **database.connection), FORMATS)
