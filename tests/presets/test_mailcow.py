"""The preset `mailcow`, over the tables of data/web/inc/init_db.inc.php."""

from __future__ import annotations

from typing import Any

import pytest

from ais import mailcow
from ais.sources import Source
from presets.formats import (
    ARGON2I,
    ARGON2ID,
    BCRYPT,
    DES_CRYPT,
    MD5_CRYPT,
    PASSWORD,
    SHA256_CRYPT,
    SHA512_CRYPT,
    SSHA,
    base64_of,
    hex_of,
    salted,
)
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIAS_DOMAINS, ALIASES, DOMAINS, FORWARDS, MAILBOXES, domain_of, inserts, users

ENGINES = ["sqlite", "mysql"]

AUTHSOURCE = "authsource VARCHAR(255) NOT NULL DEFAULT 'mailcow',"
SCHEMA = """
CREATE TABLE domain (domain VARCHAR(255) NOT NULL PRIMARY KEY, description VARCHAR(255),
  backupmx TINYINT(1) NOT NULL DEFAULT 0, active TINYINT(1) NOT NULL DEFAULT 1);
CREATE TABLE mailbox (username VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL, name VARCHAR(255),
  local_part VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL, kind VARCHAR(100) NOT NULL DEFAULT '',
  {authsource} active TINYINT(1) NOT NULL DEFAULT 1);
CREATE TABLE alias (id INTEGER, address VARCHAR(255) NOT NULL PRIMARY KEY, goto TEXT NOT NULL,
  domain VARCHAR(255) NOT NULL, active TINYINT(1) NOT NULL DEFAULT 1);
CREATE TABLE alias_domain (alias_domain VARCHAR(255) NOT NULL PRIMARY KEY, target_domain VARCHAR(255) NOT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1);
"""
SPAMALIAS = """
CREATE TABLE spamalias (address VARCHAR(255) NOT NULL PRIMARY KEY, goto TEXT NOT NULL, validity INT(11)
  {permanent});
"""
PERMANENT = ", permanent TINYINT(1) NOT NULL DEFAULT 0"
STORED = "{BLF-CRYPT}" + BCRYPT

ROWS = (
    inserts("domain", "domain, active", DOMAINS)
    + inserts(
        "mailbox",
        "username, password, name, domain, kind, active",
        [
            *((address, STORED, name, domain_of(address), "", active) for address, name, active in MAILBOXES),
            ("beamer@a.example", STORED, "Beamer", "a.example", "thing", 1),
            ("no.login@a.example", STORED, None, "a.example", "", 2),
        ],
    )
    + inserts(
        "alias",
        "address, goto, domain, active",
        [
            *((address, ",".join(targets), domain_of(address), 1) for address, targets in FORWARDS),
            *((address, ",".join(targets), domain_of(address), active) for address, targets, active in ALIASES),
            ("@a.example", "bob@a.example", "a.example", 1),
            ("null@a.example", "null@localhost", "a.example", 1),
            ("two@a.example", "no.login@a.example", "a.example", 2),
            ("room@a.example", "beamer@a.example", "a.example", 1),
        ],
    )
    + inserts("alias_domain", "alias_domain, target_domain, active", ALIAS_DOMAINS)
)
ADDED: dict[str, object] = {
    "userName": "no.login@a.example",
    "emailAddresses": ["no.login@a.example", "no.login@b.example", "two@a.example", "two@b.example"],
}
EXPECTED = sorted([*users(), ADDED], key=lambda user: str(user["userName"]))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("authsource", [AUTHSOURCE, ""])
def test_list_and_logins(engine: str, authsource: str, load: Load) -> None:
    """Active mailboxes are listed and log in, in databases with and without the column authsource; resources do not."""
    database = load(engine, SCHEMA.format(authsource=authsource) + ROWS)
    source = mailcow(database.driver, **database.connection)
    assert listed(source) == EXPECTED
    check_logins(
        source,
        [str(user["userName"]) for user in users()],
        ["carol@a.example", "dave@off.example", "ann@b.example", "beamer@a.example", "no.login@a.example"],
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_addresses_against_spam(engine: str, load: Load) -> None:
    """One that stays for ever is given, where its domain is active and it is no alias; one that ends is not."""
    added = inserts(
        "spamalias",
        "address, goto, validity, permanent",
        [
            ("stays@a.example", "anna@a.example", 0, 1),
            ("stays@b.example", "anna@a.example", 0, 1),
            ("ends@a.example", "anna@a.example", 2**31 - 1, 0),
            ("x@off.example", "anna@a.example", 0, 1),
            ("x@c.example", "anna@a.example", 0, 1),
            ("bob@a.example", "anna@a.example", 0, 1),
            ("carol@a.example", "anna@a.example", 0, 1),
            ("off@a.example", "anna@a.example", 0, 1),
        ],
    )
    schema = SCHEMA.format(authsource=AUTHSOURCE) + SPAMALIAS.format(permanent=PERMANENT)
    database = load(engine, schema + ROWS + added)
    found = {user["userName"]: user["emailAddresses"] for user in listed(mailcow(engine, **database.connection))}
    expected: dict[object, Any] = {user["userName"]: user["emailAddresses"] for user in EXPECTED}
    assert set(found.pop("anna@a.example")) == {*expected.pop("anna@a.example"), "stays@a.example", "stays@b.example"}
    assert found == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_database_without_permanent_addresses(engine: str, load: Load) -> None:
    """Before November 2025, addresses against spam always ended; none is given."""
    added = inserts("spamalias", "address, goto, validity", [("ends@a.example", "anna@a.example", 2**31 - 1)])
    schema = SCHEMA.format(authsource=AUTHSOURCE) + SPAMALIAS.format(permanent="")
    database = load(engine, schema + ROWS + added)
    assert listed(mailcow(database.driver, **database.connection)) == EXPECTED


class AllowsAll:
    """A login elsewhere."""

    def verify(self, user: str, password: str) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize("engine", ENGINES)
def test_passwords_that_mailcow_does_not_check(engine: str, load: Load) -> None:
    """A mailbox whose password is checked elsewhere is listed, and gets in only by a login."""
    change = "UPDATE mailbox SET authsource = 'ldap' WHERE username = 'anna@a.example';"
    database = load(engine, SCHEMA.format(authsource=AUTHSOURCE) + ROWS + change)
    source = mailcow(database.driver, **database.connection)
    assert listed(source) == EXPECTED
    assert not source.authenticate("anna@a.example", PASSWORD)
    assert source.authenticate("joann@a.example", PASSWORD) is True
    elsewhere: Source = mailcow(database.driver, login=AllowsAll(), **database.connection)
    assert elsewhere.authenticate("anna@a.example", "other") is True
    assert elsewhere.authenticate("carol@a.example", "other") is None


FORMATS = [
    STORED,
    "{SSHA}" + salted("sha1"),
    SSHA,
    "{SSHA256}" + salted("sha256", b"0123456789abcdef"),
    "{SSHA512}" + salted("sha512"),
    "{ARGON2I}" + ARGON2I,
    "{ARGON2ID}" + ARGON2ID,
    "{CRYPT}" + SHA512_CRYPT,
    "{DES-CRYPT}" + DES_CRYPT,
    "{LDAP-MD5}" + base64_of("md5"),
    "{MD5}" + MD5_CRYPT,
    "{MD5-CRYPT}" + MD5_CRYPT,
    "{PLAIN}" + PASSWORD,
    "{CLEARTEXT}" + PASSWORD,
    "{PLAIN-MD5}" + hex_of("md5"),
    "{SHA}" + base64_of("sha1"),
    "{SHA256}" + base64_of("sha256"),
    "{SHA256-CRYPT}" + SHA256_CRYPT,
    "{SHA512-CRYPT}" + SHA512_CRYPT,
    "{SMD5}" + salted("md5"),
]


def test_formats(load: Load) -> None:
    """Every format that mailcow makes or accepts is read; a value without a prefix never verifies there, nor here."""
    values = [(f"h{number}@a.example", stored, "a.example") for number, stored in enumerate([*FORMATS, BCRYPT])]
    script = inserts("domain", "domain, active", DOMAINS) + inserts("mailbox", "username, password, domain", values)
    database = load("sqlite", SCHEMA.format(authsource=AUTHSOURCE) + script)
    source = mailcow("sqlite", **database.connection)
    check_formats(source, FORMATS)
    assert source.authenticate(f"h{len(FORMATS)}@a.example", PASSWORD) is False
