"""The preset `modoboa`, over the tables of modoboa/core/models.py and modoboa/admin/models."""

from __future__ import annotations

import pytest

from ais import modoboa
from presets.formats import (
    ARGON2ID,
    BCRYPT,
    MD5_CRYPT,
    PASSWORD,
    SHA256_CRYPT,
    SHA512_CRYPT,
    SSHA,
    base64_of,
    hex_of,
)
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIAS_DOMAINS, ALIASES, DOMAINS, FORWARDS, MAILBOXES, NOT_LISTED, domain_of, inserts, users

ENGINES = ["postgresql", "mysql", "sqlite"]
STORED = "{SHA512-CRYPT}" + SHA512_CRYPT

SCHEMA = """
CREATE TABLE core_user (id INTEGER NOT NULL PRIMARY KEY, username VARCHAR(254) NOT NULL UNIQUE,
  first_name VARCHAR(30) NOT NULL DEFAULT '', last_name VARCHAR(150) NOT NULL DEFAULT '',
  password VARCHAR(256) NOT NULL,
  is_local BOOLEAN NOT NULL DEFAULT TRUE, is_active BOOLEAN NOT NULL DEFAULT TRUE);
CREATE TABLE admin_domain (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE,
  enabled BOOLEAN NOT NULL);
CREATE TABLE admin_domainalias (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE,
  enabled BOOLEAN NOT NULL, target_id INTEGER NOT NULL);
CREATE TABLE admin_mailbox (id INTEGER NOT NULL PRIMARY KEY, address VARCHAR(252) NOT NULL, domain_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL);
CREATE TABLE admin_alias (id INTEGER NOT NULL PRIMARY KEY, address VARCHAR(254) NOT NULL, domain_id INTEGER,
  enabled BOOLEAN NOT NULL DEFAULT TRUE, internal BOOLEAN NOT NULL DEFAULT FALSE, expire_at {datetime} NULL);
CREATE TABLE modoboa_admin_aliasrecipient (address VARCHAR(254) NOT NULL, alias_id INTEGER NOT NULL,
  r_mailbox_id INTEGER, r_alias_id INTEGER);
"""
DATETIME = {"postgresql": "TIMESTAMP WITH TIME ZONE", "mysql": "DATETIME(6)", "sqlite": "datetime"}
IDS = {domain: number for number, (domain, _) in enumerate(DOMAINS, 1)}
DOMAIN_ROWS = inserts("admin_domain", "id, name, enabled", [(IDS[name], name, active) for name, active in DOMAINS])


def rows() -> str:
    """The scenario as Modoboa writes it."""
    script = DOMAIN_ROWS
    people = list(enumerate(MAILBOXES, 1))
    script += inserts(
        "core_user",
        "id, username, first_name, last_name, password, is_active",
        [
            *(
                (number, address, *name.partition(" ")[::2], STORED, active)
                for number, (address, name, active) in people
            ),
            (99, "admin", "", "", STORED, True),
        ],
    )
    script += inserts(
        "admin_mailbox",
        "id, address, domain_id, user_id",
        [(number, address.partition("@")[0], IDS[domain_of(address)], number) for number, (address, _, _) in people],
    )
    aliases = [
        *((address, [address], True, True, None) for _, (address, _, _) in people),
        *((address, targets, True, False, None) for address, targets in FORWARDS),
        *((address, targets, active, False, None) for address, targets, active in ALIASES),
        ("@b.example", ["@a.example"], True, True, None),
        ("@a.example", ["bob@a.example"], True, False, None),
        ("past@a.example", ["anna@a.example"], True, False, "2001-01-01 00:00:00"),
        ("future@a.example", ["under_score@a.example"], True, False, "2999-01-01 00:00:00"),
    ]
    columns = "id, address, enabled, internal, expire_at"
    script += inserts(
        "admin_alias",
        columns,
        [(place, address, on, internal, until) for place, (address, _, on, internal, until) in enumerate(aliases)],
    )
    script += inserts(
        "modoboa_admin_aliasrecipient",
        "address, alias_id",
        [(target, place) for place, (_, targets, *_) in enumerate(aliases) for target in targets],
    )
    domain_aliases = [(place, name, on, IDS[target]) for place, (name, target, on) in enumerate(ALIAS_DOMAINS)]
    return script + inserts("admin_domainalias", "id, name, enabled, target_id", domain_aliases)


@pytest.mark.parametrize("engine", ENGINES)
def test_list_and_logins(engine: str, load: Load) -> None:
    """Active accounts with a mailbox are listed, without aliases that have expired; administrators alone are not."""
    database = load(engine, SCHEMA.format(datetime=DATETIME[engine]) + rows())
    source = modoboa(database.driver, **database.connection)
    expected = users()
    expected[-1]["emailAddresses"] = [
        "under_score@a.example",
        "future@a.example",
        "future@b.example",
        "under_score@b.example",
    ]
    assert listed(source) == expected
    check_logins(source, [str(user["userName"]) for user in expected], [*NOT_LISTED, "admin"])


FORMATS = [STORED, "{SHA256-CRYPT}" + SHA256_CRYPT, "{BLF-CRYPT}" + BCRYPT, "{ARGON2ID}" + ARGON2ID]
FORMATS += ["{MD5-CRYPT}" + MD5_CRYPT, SSHA, "{SHA256}" + base64_of("sha256"), "{MD5}" + hex_of("md5")]
FORMATS += ["{PLAIN}" + PASSWORD, "{CRYPT}" + SHA512_CRYPT]


@pytest.mark.parametrize("engine", ENGINES)
def test_formats(engine: str, load: Load) -> None:
    """Every format of modoboa/core/password_hashers is read."""
    people = [(number, f"h{number}@a.example", value) for number, value in enumerate(FORMATS)]
    script = inserts("core_user", "id, username, password", people)
    script += inserts("admin_mailbox", "id, address, domain_id, user_id", [(n, f"h{n}", 1, n) for n, *_ in people])
    database = load(engine, SCHEMA.format(datetime=DATETIME[engine]) + DOMAIN_ROWS + script)
    check_formats(modoboa(database.driver, **database.connection), FORMATS)
