"""The preset `vimbadmin`, over the tables of data/vagrant-base.sql."""

from __future__ import annotations

import pytest

from ais import vimbadmin
from presets.formats import BCRYPT, MD5_CRYPT, PASSWORD, SHA256_CRYPT, SHA512_CRYPT, hex_of, salted
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, DOMAINS, FORWARDS, MAILBOXES, NOT_LISTED, STORED, domain_of, inserts, users

ENGINES = ["sqlite", "mysql"]

SCHEMA = """
CREATE TABLE domain (id BIGINT NOT NULL PRIMARY KEY, domain VARCHAR(255) NOT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1);
CREATE TABLE mailbox (id BIGINT NOT NULL PRIMARY KEY, username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL,
  name VARCHAR(255) DEFAULT NULL, active TINYINT(1) NOT NULL DEFAULT 1, {pending} Domain_id BIGINT DEFAULT NULL);
CREATE TABLE alias (id BIGINT, address VARCHAR(255) NOT NULL, goto LONGTEXT NOT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1, Domain_id BIGINT DEFAULT NULL);
"""
IDS = {domain: number for number, (domain, _) in enumerate(DOMAINS, 1)}
ROWS = (
    inserts("domain", "id, domain, active", [(IDS[domain], domain, active) for domain, active in DOMAINS])
    + inserts(
        "mailbox",
        "id, username, password, name, active, Domain_id",
        [
            (number, address, STORED, name or None, active, IDS[domain_of(address)])
            for number, (address, name, active) in enumerate(MAILBOXES)
        ],
    )
    + inserts(
        "alias",
        "address, goto, active, Domain_id",
        [
            *((address, ",".join(targets), True, 1) for address, targets in FORWARDS),
            *((address, ",".join(targets), active, 1) for address, targets, active in ALIASES),
            ("@a.example", "bob@a.example", True, 1),
        ],
    )
)
PENDING = "delete_pending TINYINT(1) DEFAULT 0,"
EXPECTED = users(alias_domains=False)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pending", [PENDING, ""])
def test_list_and_logins(engine: str, pending: str, load: Load) -> None:
    """Active mailboxes with their aliases are listed and log in, in databases with and without delete_pending."""
    database = load(engine, SCHEMA.format(pending=pending) + ROWS)
    source = vimbadmin(database.driver, **database.connection)
    assert listed(source) == EXPECTED
    check_logins(source, [str(user["userName"]) for user in EXPECTED], NOT_LISTED)


@pytest.mark.parametrize("engine", ENGINES)
def test_mailbox_to_be_deleted(engine: str, load: Load) -> None:
    """A mailbox that waits for its deletion is not listed and gets a no; NULL means that it does not wait."""
    change = "UPDATE mailbox SET delete_pending = NULL;"
    change += "UPDATE mailbox SET delete_pending = 1 WHERE username = 'bob@a.example';"
    database = load(engine, SCHEMA.format(pending=PENDING) + ROWS + change)
    source = vimbadmin(database.driver, **database.connection)
    assert listed(source) == [user for user in EXPECTED if user["userName"] != "bob@a.example"]
    check_logins(source, ["anna@a.example"], ["bob@a.example"])


@pytest.mark.parametrize(
    ("scheme", "stored"),
    [
        (None, [BCRYPT, SHA512_CRYPT, SHA256_CRYPT, MD5_CRYPT, hex_of("md5"), hex_of("sha1")]),
        ("SSHA", [salted("sha1")]),
        ("SSHA512", [salted("sha512")]),
        ("PLAIN", [PASSWORD]),
    ],
)
def test_formats(scheme: str | None, stored: list[str], load: Load) -> None:
    """Hashes without their {SCHEME} are read; where they do not say theirs, default_scheme does."""
    values = [(number, f"h{number}@a.example", value, 1) for number, value in enumerate(stored)]
    script = inserts("domain", "id, domain", [(1, "a.example")])
    script += inserts("mailbox", "id, username, password, Domain_id", values)
    database = load("sqlite", SCHEMA.format(pending=PENDING) + script)
    check_formats(vimbadmin("sqlite", default_scheme=scheme, **database.connection), stored)
