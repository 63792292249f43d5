"""The preset `vexim`, over the tables of setup/mysql.sql and setup/pgsql.sql."""

from __future__ import annotations

import pytest

from ais import vexim
from presets.formats import BCRYPT, DES_CRYPT, MD5_CRYPT, PASSWORD, SHA512_CRYPT, base64_of
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, DOMAINS, MAILBOXES, NOT_LISTED, STORED, inserts, users

ENGINES = ["mysql", "postgresql"]
SCHEMA = """
CREATE TABLE domains (domain_id INT NOT NULL PRIMARY KEY, domain VARCHAR(255) NOT NULL, type VARCHAR(5) DEFAULT NULL,
  enabled SMALLINT NOT NULL DEFAULT 1);
CREATE TABLE users (user_id SERIAL PRIMARY KEY, domain_id INT NOT NULL, localpart VARCHAR(64) NOT NULL DEFAULT '',
  username VARCHAR(255) NOT NULL DEFAULT '', crypt VARCHAR(255) DEFAULT NULL, smtp VARCHAR(4096) DEFAULT NULL,
  type VARCHAR(8) NOT NULL DEFAULT 'local', on_forward SMALLINT NOT NULL DEFAULT 0, forward VARCHAR(4096) DEFAULT NULL,
  enabled SMALLINT NOT NULL DEFAULT 1, realname VARCHAR(255) DEFAULT NULL);
CREATE TABLE domainalias (domain_id INT NOT NULL, alias VARCHAR(255));
"""
IDS = {domain: number for number, (domain, _) in enumerate(DOMAINS, 2)}
DOMAIN_ROWS = inserts(
    "domains",
    "domain_id, domain, type, enabled",
    [
        (1, "admin", None, 1),
        *((IDS[name], name, "local", int(on)) for name, on in DOMAINS),
        (9, "relay.example", "relay", 1),
    ],
)
COLUMNS = "domain_id, localpart, username, crypt, smtp, type, enabled, realname"


def row(address: str, crypt: str, smtp: str, kind: str, enabled: bool, name: str | None) -> tuple[object, ...]:
    """A row of users."""
    local, _, domain = address.partition("@")
    return IDS[domain], local, address, crypt, smtp, kind, int(enabled), name


ROWS = (
    DOMAIN_ROWS
    + inserts(
        "users",
        COLUMNS,
        [
            (1, "siteadmin", "siteadmin", STORED, "", "site", 1, "SiteAdmin"),
            (9, "far", "far@relay.example", STORED, "/var/mail", "local", 1, "Far"),
            *(
                row(address, STORED, f"/var/mail/{address}", "local", on, name or None)
                for address, name, on in MAILBOXES
            ),
            *(row(address, "*", ",".join(targets), "alias", on, None) for address, targets, on in ALIASES),
            row("*@a.example", "x", "bob@a.example", "catch", True, None),
            row("no@a.example", "x", ":fail:", "fail", True, None),
            row("program@a.example", STORED, "|/bin/cat", "piped", True, None),
        ],
    )
    + "UPDATE users SET on_forward = 1, forward = 'anna@a.example' WHERE username = 'bob@a.example';"
    + inserts("domainalias", "domain_id, alias", [(IDS["a.example"], "b.example")])
)


@pytest.mark.parametrize("engine", ENGINES)
def test_list_and_logins(engine: str, load: Load) -> None:
    """Enabled accounts of local domains are listed; administrators, relay domains, pipes and catch-alls are not."""
    database = load(engine, SCHEMA + ROWS)
    source = vexim(database.driver, **database.connection)
    assert listed(source) == users()
    refused = [*NOT_LISTED, "siteadmin", "far@relay.example", "program@a.example", "info@a.example"]
    check_logins(source, [str(user["userName"]) for user in users()], refused)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("scheme", "stored"),
    [
        (None, [SHA512_CRYPT, BCRYPT, MD5_CRYPT, DES_CRYPT, "{SHA}" + base64_of("sha1")]),
        ("PLAIN", [PASSWORD]),
    ],
)
def test_formats(engine: str, scheme: str | None, stored: list[str], load: Load) -> None:
    """Every format of $cryptscheme is read; clear text only where the configuration says so."""
    values = [row(f"h{number}@a.example", value, "", "local", True, None) for number, value in enumerate(stored)]
    database = load(engine, SCHEMA + DOMAIN_ROWS + inserts("users", COLUMNS, values))
    check_formats(vexim(database.driver, default_scheme=scheme, **database.connection), stored)
