"""The preset `postfixadmin`, over the tables of public/upgrade.php."""

from __future__ import annotations

import base64

import pytest

from ais import postfixadmin
from ais.errors import ConfigError, SourceError
from presets.formats import (
    ARGON2I,
    ARGON2ID,
    BCRYPT,
    DES_CRYPT,
    MD5_CRYPT,
    PASSWORD,
    SHA256_CRYPT,
    SSHA,
    base64_of,
    hex_of,
)
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import (
    ALIAS_DOMAINS,
    ALIASES,
    DOMAINS,
    FORWARDS,
    MAILBOXES,
    NOT_LISTED,
    STORED,
    domain_of,
    inserts,
    users,
)

ENGINES = ["sqlite", "mysql", "postgresql"]

SCHEMA = """
CREATE TABLE {p}domain (domain VARCHAR(255) NOT NULL PRIMARY KEY, description VARCHAR(255) {utf8} NOT NULL DEFAULT '',
  backupmx BOOLEAN NOT NULL DEFAULT FALSE, active BOOLEAN NOT NULL DEFAULT TRUE) {latin1};
CREATE TABLE {p}mailbox (username VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL,
  name VARCHAR(255) {utf8} NOT NULL, local_part VARCHAR(255) NOT NULL DEFAULT '', domain VARCHAR(255) NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE) {latin1};
CREATE TABLE {p}alias (address VARCHAR(255) NOT NULL PRIMARY KEY, goto TEXT NOT NULL, domain VARCHAR(255) NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE) {latin1};
CREATE TABLE {p}admin (username VARCHAR(255) NOT NULL PRIMARY KEY, password VARCHAR(255) NOT NULL,
  superadmin BOOLEAN NOT NULL DEFAULT FALSE, active BOOLEAN NOT NULL DEFAULT TRUE) {latin1};
"""
ALIAS_DOMAIN_TABLE = """
CREATE TABLE {p}alias_domain (alias_domain VARCHAR(255) NOT NULL PRIMARY KEY, target_domain VARCHAR(255) NOT NULL,
  active BOOLEAN NOT NULL DEFAULT TRUE) {latin1};
"""


def schema(engine: str, prefix: str = "", alias_domains: bool = True) -> str:
    """The tables as the engine has them."""
    text = SCHEMA + (ALIAS_DOMAIN_TABLE if alias_domains else "")
    mysql = engine == "mysql"
    return text.format(
        p=prefix, utf8="CHARACTER SET utf8mb4" if mysql else "", latin1="DEFAULT CHARSET=latin1" if mysql else ""
    )


def rows(prefix: str = "", alias_domains: bool = True) -> str:
    """The scenario as PostfixAdmin writes it."""
    aliases = [
        *((address, ",".join(targets), domain_of(address), True) for address, targets in FORWARDS),
        *((address, ",".join(targets), domain_of(address), active) for address, targets, active in ALIASES),
        ("@a.example", "bob@a.example", "a.example", True),
        ("blanks@b.example", "ann@b.example, under_score@a.example", "b.example", True),
    ]
    script = (
        inserts(f"{prefix}domain", "domain, active", [("ALL", True), *DOMAINS])
        + inserts(
            f"{prefix}mailbox",
            "username, password, name, domain, active",
            [(address, STORED, name, domain_of(address), active) for address, name, active in MAILBOXES],
        )
        + inserts(f"{prefix}alias", "address, goto, domain, active", aliases)
        + inserts(f"{prefix}admin", "username, password, superadmin", [("admin@a.example", STORED, True)])
    )
    if alias_domains:
        script += inserts(f"{prefix}alias_domain", "alias_domain, target_domain, active", ALIAS_DOMAINS)
    return script


def expected(alias_domains: bool = True) -> list[dict[str, object]]:
    """The users to be listed."""
    found = users(alias_domains=alias_domains)
    for user in found:
        if user["userName"] == "under_score@a.example":
            addresses = user["emailAddresses"]
            assert isinstance(addresses, list)
            addresses.insert(1, "blanks@b.example")
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_list_and_logins(engine: str, load: Load) -> None:
    """Every active mailbox of an active domain is listed with exactly the addresses that lead to it, and logs in."""
    database = load(engine, schema(engine) + rows())
    source = postfixadmin(database.driver, **database.connection)
    assert listed(source) == expected()
    check_logins(source, [str(user["userName"]) for user in expected()], [*NOT_LISTED, "admin@a.example"])
    assert source.authenticate("Anna@A.Example", PASSWORD) is True


def test_a_target_that_cannot_be_read(load: Load) -> None:
    """It is told as that of a plain source is: a preset asks one for its list."""
    old = [("old@a.example", "anna@a.example (old)", "a.example", True)]
    script = schema("sqlite") + rows() + inserts("alias", "address, goto, domain, active", old)
    source = postfixadmin("sqlite", **load("sqlite", script).connection)
    assert listed(source) == expected()
    assert source.left_over == ["anna@a.example (old) of the alias old@a.example"]


@pytest.mark.parametrize("engine", ENGINES)
def test_prefix(engine: str, load: Load) -> None:
    """The tables may have a prefix."""
    database = load(engine, schema(engine, "pfa_") + rows("pfa_"))
    assert listed(postfixadmin(database.driver, prefix="pfa_", **database.connection)) == expected()
    with pytest.raises(SourceError):
        listed(postfixadmin(database.driver, prefix="other_", **database.connection))


@pytest.mark.parametrize("prefix", ["a b", "x; DROP TABLE", "'", "`", "ä", "a.b", None, 1])
def test_prefix_is_checked(prefix: object) -> None:
    """A prefix becomes part of a query, so it holds only letters, digits and underscores."""
    with pytest.raises(ConfigError, match=r"postfixadmin\(\): prefix"):
        postfixadmin("sqlite", database="x", prefix=prefix)


@pytest.mark.parametrize("engine", ENGINES)
def test_old_database(engine: str, load: Load) -> None:
    """A database from before alias domains gives the same users without such addresses."""
    database = load(engine, schema(engine, alias_domains=False) + rows(alias_domains=False))
    source = postfixadmin(database.driver, **database.connection)
    assert listed(source) == expected(alias_domains=False)
    check_logins(source, ["anna@a.example"])


FORMATS = [
    "{CRYPT}" + BCRYPT,
    STORED,
    SHA256_CRYPT,
    MD5_CRYPT,
    DES_CRYPT,
    "{SHA512-CRYPT}" + STORED,
    "{SHA512-CRYPT.B64}" + base64.b64encode(STORED.encode()).decode(),
    "{SHA256-CRYPT}" + SHA256_CRYPT,
    "{BLF-CRYPT}" + BCRYPT,
    "{ARGON2I}" + ARGON2I,
    "{ARGON2ID}" + ARGON2ID,
    "{SHA1}" + base64_of("sha1"),
    "{SHA1.HEX}" + hex_of("sha1"),
    "{SHA1.B64}" + base64_of("sha1"),
    SSHA,
    "{SHA256}" + base64_of("sha256"),
    "{SHA512}" + base64_of("sha512"),
    "{SHA512.B64}" + base64_of("sha512"),
    "{MD5-CRYPT}" + MD5_CRYPT,
    "{PLAIN-MD5}" + hex_of("md5"),
    "{PLAIN}" + PASSWORD,
    "{CLEARTEXT}" + PASSWORD,
    hex_of("md5"),
    "{md5raw}" + hex_of("md5"),
    "{md5}" + base64_of("md5"),
    "{MD5}" + MD5_CRYPT,
    "{SHA}" + base64_of("sha1"),
    "{crypt}" + DES_CRYPT,
]


def test_formats(load: Load) -> None:
    """Every format that PostfixAdmin has written is read: its pacrypt() and DOCUMENTS/HASHING.md."""
    script = inserts("domain", "domain, active", DOMAINS)
    values = [(f"h{number}@a.example", stored, "", "a.example") for number, stored in enumerate(FORMATS)]
    script += inserts("mailbox", "username, password, name, domain", values)
    database = load("sqlite", schema("sqlite") + script)
    check_formats(postfixadmin(database.driver, **database.connection), FORMATS)


def test_clear_text_needs_its_name(load: Load) -> None:
    """Bare clear text is accepted only where the configuration says so."""
    script = inserts("domain", "domain", [("a.example",)])
    script += inserts("mailbox", "username, password, name, domain", [("h0@a.example", PASSWORD, "", "a.example")])
    database = load("sqlite", schema("sqlite") + script)
    check_formats(postfixadmin("sqlite", default_scheme="PLAIN", **database.connection), ["clear text"])
    with pytest.raises(Exception, match="default_scheme"):
        postfixadmin("sqlite", **database.connection).authenticate("h0@a.example", PASSWORD)
