"""The presets `keycloak`, `odoo` and `aspnet_identity`, over the tables of each."""

from __future__ import annotations

import base64
import hashlib
import json
import struct

import pytest
from argon2.low_level import Type, hash_secret_raw

from ais import aspnet_identity, keycloak, odoo
from ais.errors import ConfigError, UnreadableHash
from presets.formats import PASSWORD
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import inserts

SALT = b"0123456789abcdef"

KEYCLOAK = """
CREATE TABLE realm (id VARCHAR(36) NOT NULL PRIMARY KEY, name VARCHAR(255) UNIQUE, enabled {boolean} NOT NULL);
CREATE TABLE user_entity (id VARCHAR(36) NOT NULL PRIMARY KEY, email VARCHAR(255), username VARCHAR(255),
  first_name VARCHAR(255), last_name VARCHAR(255), enabled {boolean} NOT NULL, realm_id VARCHAR(255),
  federation_link VARCHAR(255), service_account_client_link VARCHAR(255));
CREATE TABLE credential (id VARCHAR(36) NOT NULL PRIMARY KEY, type VARCHAR(255), user_id VARCHAR(36),
  secret_data {text}, credential_data {text}, priority INTEGER);
CREATE TABLE user_attribute (id VARCHAR(36) NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, value VARCHAR(255),
  user_id VARCHAR(36) NOT NULL);
"""
KEYCLOAK_TYPES = {
    "postgresql": {"boolean": "BOOLEAN", "text": "TEXT"},
    "mysql": {"boolean": "BIT(1)", "text": "LONGTEXT"},
}


def keycloak_credential(algorithm: str, password: str = PASSWORD) -> tuple[str, str]:
    """secret_data and credential_data, as Keycloak writes them."""
    secret = password.encode()
    more: dict[str, list[str]] = {}
    if algorithm == "argon2":
        raw = hash_secret_raw(secret, SALT, 5, 7168, 1, 32, Type.ID, 0x13)
        more = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
        rounds = 5
    else:
        rounds = 1000
        raw = hashlib.pbkdf2_hmac({"pbkdf2": "sha1"}.get(algorithm, algorithm[7:]), secret, SALT, rounds, 64)
    value, salt = (base64.b64encode(each).decode() for each in (raw, SALT))
    return (
        json.dumps({"value": value, "salt": salt, "additionalParameters": {}}, separators=(",", ":")),
        json.dumps(
            {"hashIterations": rounds, "algorithm": algorithm, "additionalParameters": more}, separators=(",", ":")
        ),
    )


ALGORITHMS = ["argon2", "pbkdf2-sha512", "pbkdf2-sha256", "pbkdf2"]
PEOPLE = [
    ("u1", "anna", "Anna", "Müller 猫", "anna@a.example", True, "r1", None, None),
    ("u2", "bob", "Bob", None, None, True, "r1", None, None),
    ("u3", "off", "Off", "", "off@a.example", False, "r1", None, None),
    ("u4", "ldap", "From", "LDAP", "ldap@a.example", True, "r1", "f1", None),
    ("u5", "service-account-x", None, None, None, True, "r1", None, "c1"),
    ("u6", "admin", None, None, "admin@a.example", True, "r0", None, None),
    ("u7", "boss@a.example", "The", "Boss", None, True, "r1", None, None),
    ("u8", "mallory", "Mallory", "M", "boss@a.example", True, "r1", None, None),
    ("u9", "unsynced", None, None, None, True, "r1", "f1", None),
    ("u10", "nothing", None, None, None, True, "r1", None, None),
]


def keycloak_script(engine: str, realm: str = "My company") -> str:
    """Two realms; each user but three has a password, by one algorithm after another."""
    script = KEYCLOAK.format(**KEYCLOAK_TYPES[engine])
    script += inserts("realm", "id, name, enabled", [("r0", "master", True), ("r1", realm, True)])
    columns = (
        "id, username, first_name, last_name, email, enabled, realm_id, federation_link, service_account_client_link"
    )
    script += inserts("user_entity", columns, PEOPLE)
    having = [number for number, name, *_ in PEOPLE if name not in ("ldap", "nothing")]
    rows: list[tuple[object, ...]] = []
    for place, number in enumerate(having):
        algorithm = ALGORITHMS[place % len(ALGORITHMS)]
        rows.append((f"c{number}", "password", number, *keycloak_credential(algorithm)))
        rows.append((f"h{number}", "password-history", number, *keycloak_credential("pbkdf2", "older")))
        rows.append((f"o{number}", "otp", number, '{"value":"12345"}', '{"subType":"totp","digits":6}'))
    script += inserts("credential", "id, type, user_id, secret_data, credential_data", rows)
    attributes = [
        ("a1", "aliases", "a.mueller@a.example", "u1"),
        ("a2", "aliases", "info@a.example", "u1"),
        ("a3", "phone", "123@a.example", "u1"),
        ("a4", "aliases", "anna@a.example", "u8"),
        ("a5", "aliases", "old@a.example", "u3"),
        ("a6", "Aliases", "another.attribute@a.example", "u1"),
    ]
    return script + inserts("user_attribute", "id, name, value, user_id", attributes)


def keycloak_list(*aliases: str) -> list[dict[str, object]]:
    """The users to be listed."""
    return [
        {"userName": "anna", "fullName": "Anna Müller 猫", "emailAddresses": ["anna@a.example", *aliases]},
        {"userName": "bob", "fullName": "Bob"},
        {"userName": "boss@a.example", "fullName": "The Boss", "emailAddresses": ["boss@a.example"]},
        {"userName": "ldap", "fullName": "From LDAP", "emailAddresses": ["ldap@a.example"]},
        {"userName": "mallory", "fullName": "Mallory M"},
        {"userName": "nothing"},
        {"userName": "unsynced"},
    ]


@pytest.mark.parametrize("engine", KEYCLOAK_TYPES)
def test_keycloak(engine: str, load: Load) -> None:
    """The enabled people of a realm are listed; the name of one is no address of another; all algorithms are read."""
    database = load(engine, keycloak_script(engine))
    source = keycloak(database.driver, realm="My company", **database.connection)
    assert listed(source) == keycloak_list()
    assert source.authenticate("nothing", PASSWORD) is False
    check_logins(
        source, ["anna", "bob", "boss@a.example", "mallory", "unsynced", "Anna"], ["off", "admin", "service-account-x"]
    )
    assert source.authenticate("anna", "older") is False


@pytest.mark.parametrize("engine", KEYCLOAK_TYPES)
def test_keycloak_aliases(engine: str, load: Load) -> None:
    """The values of alias_attribute are addresses, but not one that another user has as e-mail address."""
    realm = "My WHERE: {company} 100 %"
    database = load(engine, keycloak_script(engine, realm))
    source = keycloak(database.driver, realm=realm, alias_attribute="aliases", **database.connection)
    expected = keycloak_list("a.mueller@a.example", "info@a.example")
    assert listed(source) == expected


@pytest.mark.parametrize("engine", KEYCLOAK_TYPES)
def test_keycloak_password_elsewhere(engine: str, load: Load) -> None:
    """The password of a user from a federation is there: that is "cannot tell", not "no"."""
    database = load(engine, keycloak_script(engine))
    source = keycloak(database.driver, realm="My company", **database.connection)
    with pytest.raises(UnreadableHash, match="checked elsewhere: give the source a login="):
        source.authenticate("ldap", PASSWORD)


@pytest.mark.parametrize("realm", ["", "x'y", "back\\slash", "line\nbreak", 7])
def test_keycloak_realm(realm: str) -> None:
    """The realm becomes part of a query: what could end its quotes is refused."""
    with pytest.raises(ConfigError, match="realm must be"):
        keycloak("postgresql", realm=realm, database="keycloak")


ODOO = """
CREATE TABLE res_partner (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR, email VARCHAR{normalized});
CREATE TABLE res_users (id INTEGER NOT NULL PRIMARY KEY, login VARCHAR NOT NULL UNIQUE, password VARCHAR,
  active BOOLEAN DEFAULT TRUE, share BOOLEAN, partner_id INTEGER NOT NULL);
"""
ODOO_USERS = [
    (1, "__system__", "OdooBot", "odoobot@a.example", False, False),
    (2, "admin", "Mitchell Admin", '"Admin" <Admin@A.example>', True, False),
    (3, "anna@a.example", "Anna Müller 猫", None, True, False),
    (4, "customer@else.example", "Customer", "customer@else.example", True, True),
    (5, "mallory", "Mallory", "anna@a.example", True, False),
    (6, "gone", "Gone", "gone@a.example", False, False),
    (7, "admin@a.example", "Stranger", "admin@a.example", True, True),
    # an old row, from before the column
    (8, "zoe", "Zoë", "zoe@a.example", True, None),
]


def odoo_hash(password: str = PASSWORD) -> str:
    """As Odoo's CryptContext writes it."""
    from passlib.hash import pbkdf2_sha512  # type: ignore[import-untyped]

    return str(pbkdf2_sha512.using(rounds=1000).hash(password))


def odoo_script(engine: str = "postgresql", *, mail: bool = True) -> str:
    """Users and their partners; email_normalized is there with the module mail."""
    script = ODOO.format(normalized=", email_normalized VARCHAR" if mail else "")
    columns = "id, name, email" + (", email_normalized" if mail else "")
    partners = [
        (100 + number, name, email, *([email and email.rpartition("<")[2].strip(">").lower()] if mail else []))
        for number, _, name, email, *_ in ODOO_USERS
    ]
    script += inserts("res_partner", columns, partners)
    rows = [(number, login, odoo_hash(), *flags, 100 + number) for number, login, _, _, *flags in ODOO_USERS]
    return script + inserts("res_users", "id, login, password, active, share, partner_id", rows)


@pytest.mark.parametrize("mail", [True, False])
def test_odoo(mail: bool, load: Load) -> None:
    """Active internal users are listed, also without the module mail; portal users and the system's are not.

    A customer who signs up with somebody else's address takes it from nobody.
    """
    database = load("postgresql", odoo_script(mail=mail))
    source = odoo(database.driver, **database.connection)
    address = "admin@a.example" if mail else "Admin@A.example"
    assert listed(source) == [
        {"userName": "admin", "fullName": "Mitchell Admin", "emailAddresses": [address]},
        {"userName": "anna@a.example", "fullName": "Anna Müller 猫", "emailAddresses": ["anna@a.example"]},
        {"userName": "mallory", "fullName": "Mallory"},
        {"userName": "zoe", "fullName": "Zoë", "emailAddresses": ["zoe@a.example"]},
    ]
    check_logins(source, ["admin", "anna@a.example", "zoe"], ["__system__", "customer@else.example", "gone", "ADMIN"])


ASPNET = """
CREATE TABLE {q}AspNetUsers{q} ({q}Id{q} VARCHAR(255) NOT NULL PRIMARY KEY, {q}UserName{q} VARCHAR(256),
  {q}NormalizedUserName{q} VARCHAR(256) UNIQUE, {q}Email{q} VARCHAR(256), {q}PasswordHash{q} TEXT,
  {q}LockoutEnd{q} {time}, {q}LockoutEnabled{q} BOOLEAN NOT NULL, {q}AccessFailedCount{q} INTEGER NOT NULL DEFAULT 0);
"""
ASPNET_TIME = {"postgresql": "TIMESTAMP WITH TIME ZONE", "mysql": "DATETIME(6)", "sqlite": "TEXT"}
SOON = {
    "postgresql": "now() + INTERVAL '5 minutes'",
    "mysql": "UTC_TIMESTAMP() + INTERVAL 5 MINUTE",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f0000+00:00', 'now', '5 minutes')",
}


def aspnet_hash(version: int, password: str = PASSWORD) -> str:
    """PasswordHasher.cs: version 2, or 3 with SHA-512."""
    if version == 2:
        raw = b"\0" + SALT + hashlib.pbkdf2_hmac("sha1", password.encode(), SALT, 1000, 32)
    else:
        key = hashlib.pbkdf2_hmac("sha512", password.encode(), SALT, 1000, 32)
        raw = b"\1" + struct.pack(">III", 2, 1000, len(SALT)) + SALT + key
    return base64.b64encode(raw).decode()


ASPNET_USERS: list[tuple[str, str | None, str | None, str | None, bool]] = [
    ("admin", "Admin@a.example", aspnet_hash(3), None, True),
    ("anna@a.example", "anna@a.example", aspnet_hash(2), "2020-01-01 00:00:00", True),
    ("banned", "banned@a.example", aspnet_hash(3), "9999-12-31 23:59:59", True),
    ("never.locked", None, aspnet_hash(3), "9999-12-31 23:59:59", False),
    ("google", "google@a.example", None, None, True),
    ("mallory", "anna@a.example", aspnet_hash(3), None, True),
    ("tried", "tried@a.example", aspnet_hash(3), "soon", True),
]


def aspnet_script(engine: str) -> str:
    """Users of all kinds."""
    quote = '"' if engine == "postgresql" else ""
    names = ("Id", "UserName", "NormalizedUserName", "Email", "PasswordHash", "LockoutEnd", "LockoutEnabled")
    script = ASPNET.format(q=quote, time=ASPNET_TIME[engine])
    for number, (name, *rest) in enumerate(ASPNET_USERS):
        columns = ", ".join(f"{quote}{each}{quote}" for each in names)
        row = inserts(f"{quote}AspNetUsers{quote}", columns, [(f"id{number}", name, name.upper(), *rest)])
        script += row.replace("'soon'", SOON[engine])
    return script


@pytest.mark.parametrize("engine", ASPNET_TIME)
def test_aspnet_identity_without_lockout_enabled(engine: str, load: Load) -> None:
    """Where a table lacks the column, everybody can be locked."""
    quote = '"' if engine == "postgresql" else ""
    change = f"ALTER TABLE {quote}AspNetUsers{quote} DROP COLUMN {quote}LockoutEnabled{quote};"
    database = load(engine, aspnet_script(engine) + change)
    source = aspnet_identity(database.driver, **database.connection)
    assert [user["userName"] for user in listed(source)] == ["admin", "anna@a.example", "google", "mallory", "tried"]
    check_logins(source, ["admin", "anna@a.example", "mallory"], ["banned", "never.locked", "tried"])


@pytest.mark.parametrize("engine", ASPNET_TIME)
def test_aspnet_identity(engine: str, load: Load) -> None:
    """Who is locked for minutes stays listed, who is locked for ever does not; both get a no."""
    database = load(engine, aspnet_script(engine))
    source = aspnet_identity(database.driver, **database.connection)
    assert listed(source) == [
        {"userName": "admin", "emailAddresses": ["Admin@a.example"]},
        {"userName": "anna@a.example", "emailAddresses": ["anna@a.example"]},
        {"userName": "google", "emailAddresses": ["google@a.example"]},
        {"userName": "mallory"},
        {"userName": "never.locked"},
        {"userName": "tried", "emailAddresses": ["tried@a.example"]},
    ]
    assert source.authenticate("tried", PASSWORD) is False
    check_logins(source, ["admin", "anna@a.example", "mallory", "never.locked"], ["banned", "google", "tried", "ADMIN"])


def test_aspnet_identity_formats(load: Load) -> None:
    """Both versions of PasswordHasher are read."""
    stored = [aspnet_hash(2), aspnet_hash(3)]
    rows = [(f"h{n}", f"h{n}@a.example", value, True) for n, value in enumerate(stored)]
    script = ASPNET.format(q="", time="TEXT") + inserts(
        "AspNetUsers", "Id, UserName, PasswordHash, LockoutEnabled", rows
    )
    database = load("sqlite", script)
    check_formats(aspnet_identity(database.driver, **database.connection), stored)
