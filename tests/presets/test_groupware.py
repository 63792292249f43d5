"""The presets of groupware: `grommunio`, `kopano`, `mailu` and `egroupware`, over the tables of each."""

from __future__ import annotations

import hashlib

import pytest

from ais import egroupware, grommunio, kopano, mailu
from ais.errors import UnreadableHash
from presets.formats import BCRYPT, DES_CRYPT, PASSWORD, SHA512_CRYPT, SSHA, base64_of, hex_of, salted
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIAS_DOMAINS, ALIASES, FORWARDS, MAILBOXES, NOT_LISTED, domain_of, inserts, users

GROMMUNIO = """
CREATE TABLE users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  username VARCHAR(320) CHARACTER SET ascii NOT NULL UNIQUE,
  password VARCHAR(136) CHARACTER SET ascii NOT NULL DEFAULT '', domain_id INT NOT NULL DEFAULT 1,
  address_status TINYINT NOT NULL DEFAULT 0, externid VARBINARY(64) DEFAULT NULL);
CREATE TABLE user_properties (user_id INT NOT NULL, proptag INT UNSIGNED NOT NULL, order_id INT NOT NULL DEFAULT 1,
  propval_bin VARBINARY(4096) DEFAULT NULL, propval_str VARCHAR(4096) DEFAULT NULL,
  PRIMARY KEY (user_id, proptag, order_id));
CREATE TABLE aliases (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  aliasname VARCHAR(320) CHARACTER SET ascii NOT NULL, mainname VARCHAR(320) CHARACTER SET ascii NOT NULL);
"""
GROMMUNIO_MORE = [
    ("shared@a.example", "Shared", 4, "0", None),
    ("list@a.example", "List", 0, "1", None),
    ("contact@a.example", "Contact", 5, "6", None),
    ("room@a.example", "Room", 0, "7", None),
    ("car@a.example", "Car", 0, "8", None),
    ("gone@a.example", "Gone", 3, "0", None),
    ("paused@a.example", "Paused", 16, "0", None),
    ("ldap@a.example", "From LDAP", 0, "0", "4f6e"),
    ("made.by.hand@a.example", "", 0, "", None),
]
"""Address, name, status, kind (a user without is a person), externid."""


def grommunio_script(engine: str = "mysql") -> str:
    """The scenario as grommunio writes it, without alias domains; the status of a domain is that of its users."""
    off = {name: 1 if domain_of(name) != "off.example" else 16 for name in NOT_LISTED}
    people = [(name, full, off.get(name, 0), "0", None) for name, full, _ in MAILBOXES] + GROMMUNIO_MORE
    script = GROMMUNIO + inserts(
        "users",
        "id, username, password, address_status, externid",
        [(place, name, SHA512_CRYPT, status, extern) for place, (name, _, status, _, extern) in enumerate(people, 1)],
    )
    properties = [(place, 956628995, kind) for place, (*_, kind, _) in enumerate(people, 1) if kind]
    properties += [(place, 805371935, full) for place, (_, full, *_) in enumerate(people, 1) if full]
    script += inserts("user_properties", "user_id, proptag, propval_str", properties)
    # one row for each target; an alias of an alias and external targets are lists and forwards there
    rows = [(address, target) for address, targets, on in ALIASES if on for target in targets]
    return script + inserts("aliases", "aliasname, mainname", [*rows, ("help@a.example", "shared@a.example")])


def test_grommunio(load: Load) -> None:
    """People and shared mailboxes are listed; shared ones get a no; lists, contacts and rooms are left out."""
    database = load("mysql", grommunio_script())
    source = grommunio(database.driver, **database.connection)
    more: list[dict[str, object]] = [
        {"userName": "ldap@a.example", "fullName": "From LDAP", "emailAddresses": ["ldap@a.example"]},
        {"userName": "made.by.hand@a.example", "emailAddresses": ["made.by.hand@a.example"]},
        {
            "userName": "shared@a.example",
            "fullName": "Shared",
            "emailAddresses": ["shared@a.example", "help@a.example"],
        },
    ]
    expected = sorted([*users(alias_domains=False), *more], key=lambda user: str(user["userName"]))
    assert listed(source) == expected
    known = ["made.by.hand@a.example", *(str(user["userName"]) for user in users(alias_domains=False))]
    off = [name for name, *_ in GROMMUNIO_MORE if name not in (*known, "ldap@a.example")]
    check_logins(source, known, [*NOT_LISTED, *off])


def test_grommunio_password_elsewhere(load: Load) -> None:
    """The password of a user from LDAP is there: that is "cannot tell", whatever the column holds."""
    database = load("mysql", grommunio_script())
    source = grommunio(database.driver, **database.connection)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(UnreadableHash, match="checked elsewhere: give the source a login="):
            source.authenticate("ldap@a.example", password)


KOPANO = """
CREATE TABLE object (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, externid BLOB, objectclass INT NOT NULL DEFAULT 0);
CREATE TABLE objectproperty (objectid INT NOT NULL DEFAULT 0, propname VARCHAR(255) NOT NULL, value TEXT,
  PRIMARY KEY (objectid, propname));
"""
KOPANO_USERS = [
    (1, 65537, "SYSTEM", "SYSTEM", "", True),
    (2, 65537, "anna", "Anna Müller 猫", "anna@a.example", True),
    (3, 65537, "bob", None, None, True),
    (4, 65538, "shared", "Shared store", "shared@a.example", True),
    (5, 65537, "no.password", "No Password", "none@a.example", False),
    (6, 196609, "team", "A group", "team@a.example", True),
]
"""Number, class, loginname, fullname, emailaddress, whether there is a password."""


def kopano_hash(password: str = PASSWORD) -> str:
    """Eight characters and the MD5 of them and the password: DBUserPlugin.cpp."""
    return "4a5b6c7d" + hashlib.md5(b"4a5b6c7d" + password.encode()).hexdigest()


def kopano_script(engine: str = "mysql") -> str:
    """Users, a shared store, a group and SYSTEM."""
    script = KOPANO + inserts("object", "id, objectclass", [(number, kind) for number, kind, *_ in KOPANO_USERS])
    properties = [
        (number, name, value)
        for number, _, login, full, mail, password in KOPANO_USERS
        for name, value in (
            ("loginname", login),
            ("fullname", full),
            ("emailaddress", mail),
            ("password", kopano_hash() if password else None),
        )
        if value is not None
    ]
    return script + inserts("objectproperty", "objectid, propname, value", properties)


def test_kopano(load: Load) -> None:
    """Active users are listed but SYSTEM, which nobody gets in as; a shared store and a group are no users."""
    database = load("mysql", kopano_script())
    source = kopano(database.driver, **database.connection)
    assert listed(source) == [
        {"userName": "anna", "fullName": "Anna Müller 猫", "emailAddresses": ["anna@a.example"]},
        {"userName": "bob"},
        {"userName": "no.password", "fullName": "No Password", "emailAddresses": ["none@a.example"]},
    ]
    check_logins(source, ["anna", "bob"], ["SYSTEM", "shared", "team", "Anna"])
    assert source.authenticate("no.password", PASSWORD) is False


MAILU = """
CREATE TABLE {user} (email VARCHAR(255) NOT NULL PRIMARY KEY, localpart VARCHAR(80) NOT NULL,
  domain_name VARCHAR(80) NOT NULL, password VARCHAR(255) NOT NULL, displayed_name VARCHAR(160) NOT NULL DEFAULT '',
  enabled BOOLEAN NOT NULL DEFAULT TRUE, enable_imap BOOLEAN NOT NULL DEFAULT TRUE,
  forward_enabled BOOLEAN NOT NULL DEFAULT FALSE, forward_destination VARCHAR(255));
CREATE TABLE alias (email VARCHAR(255) NOT NULL PRIMARY KEY, localpart VARCHAR(80) NOT NULL,
  domain_name VARCHAR(80) NOT NULL, destination VARCHAR(1023) NOT NULL, wildcard BOOLEAN NOT NULL DEFAULT FALSE,
  disabled BOOLEAN NOT NULL DEFAULT FALSE, owner_email VARCHAR(255), hostname VARCHAR(255));
CREATE TABLE alternative (name VARCHAR(80) NOT NULL PRIMARY KEY, domain_name VARCHAR(80) NOT NULL);
"""


def mailu_script(engine: str) -> str:
    """The scenario as Mailu writes it. Its domains cannot be off, so their users are."""
    name = "`user`" if engine == "mysql" else '"user"'
    script = MAILU.format(user=name)
    script += inserts(
        name,
        "email, localpart, domain_name, password, displayed_name, enabled, forward_enabled, forward_destination",
        [
            (
                address,
                *address.split("@"),
                "{PBKDF2}" + mailu_hash(),
                full,
                address not in NOT_LISTED,
                forward != "",
                forward,
            )
            for address, full, _ in MAILBOXES
            for forward in [",".join(dict(FORWARDS).get(address, []))]
        ],
    )
    aliases: list[tuple[object, ...]] = [
        (address, ",".join(targets), False, not on, None) for address, targets, on in ALIASES
    ]
    aliases += [
        ("%@a.example", "anna@a.example", True, False, None),
        ("bob.%@a.example", "bob@a.example", True, False, None),
        ("x7k2@a.example", "joann@a.example", False, False, "joann@a.example"),
        ("q9q9@a.example", "anna@a.example", False, False, "carol@a.example"),
    ]
    script += inserts(
        "alias",
        "email, localpart, domain_name, destination, wildcard, disabled, owner_email",
        [(address, *str(address).split("@"), *rest) for address, *rest in aliases],
    )
    return script + inserts("alternative", "name, domain_name", [each[:2] for each in ALIAS_DOMAINS if each[2]])


def mailu_hash(password: str = PASSWORD) -> str:
    """As passlib writes it."""
    from passlib.hash import pbkdf2_sha512  # type: ignore[import-untyped]

    return str(pbkdf2_sha512.using(rounds=1000).hash(password))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"])
def test_mailu_before_aliases_had_owners(engine: str, load: Load) -> None:
    """Databases of 2024.06 and before have neither column; an alias counts there by itself."""
    script = mailu_script(engine) + "DELETE FROM alias WHERE disabled OR owner_email IS NOT NULL;"
    script += "ALTER TABLE alias DROP COLUMN disabled; ALTER TABLE alias DROP COLUMN owner_email;"
    database = load(engine, script)
    assert listed(mailu(database.driver, **database.connection)) == users()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql"])
def test_mailu(engine: str, load: Load) -> None:
    """Enabled users are listed; an alias with a wildcard, or whose owner is off, gives nobody an address."""
    database = load(engine, mailu_script(engine))
    source = mailu(database.driver, **database.connection)
    expected = users()
    joann = next(user for user in expected if user["userName"] == "joann@a.example")
    found = listed(source)
    got = next(user for user in found if user["userName"] == "joann@a.example")
    assert set(got["emailAddresses"]) == {*joann["emailAddresses"], "x7k2@a.example", "x7k2@b.example"}  # type: ignore[misc]
    assert [user for user in found if user is not got] == [user for user in expected if user is not joann]
    check_logins(source, [str(user["userName"]) for user in expected])


EGROUPWARE = """
CREATE TABLE egw_accounts (account_id INTEGER NOT NULL PRIMARY KEY, account_lid VARCHAR(64) NOT NULL UNIQUE,
  account_pwd VARCHAR(128) NOT NULL, account_status CHAR(1) NOT NULL DEFAULT 'A', account_expires INTEGER,
  account_type CHAR(1));
CREATE TABLE egw_addressbook (contact_id INTEGER NOT NULL PRIMARY KEY, account_id INTEGER, n_fn VARCHAR(128),
  contact_email VARCHAR(255), contact_email_home VARCHAR(255));
CREATE TABLE egw_mailaccounts (mail_id INTEGER NOT NULL PRIMARY KEY, account_id INTEGER NOT NULL,
  mail_type SMALLINT NOT NULL, mail_value VARCHAR(128) NOT NULL);
"""
EGROUPWARE_USERS = [
    (5, "anna", "A", -1, "u", "Anna Müller 猫", "anna@a.example"),
    (6, "bob", "A", None, "u", "Bob", "boss@a.example"),
    (7, "boss@a.example", "A", 2147483647, "u", None, None),
    (8, "off", "", -1, "u", "Off", "off@a.example"),
    (9, "expired", "A", 1000000000, "u", "Expired", "expired@a.example"),
    (10, "mallory", "A", -1, "u", "Mallory", "info@a.example"),
    (11, "anonymous", "A", -1, "u", "SiteMgr User", None),
    (-1, "Team", "A", -1, "g", None, None),
]
EGROUPWARE_MAIL = [
    (1, 5, 0, "active"),
    (2, 5, 3, "info@a.example"),
    (3, 5, 3, "a.mueller@a.example"),
    (4, 5, 4, "elsewhere@else.example"),
    (5, 9, 3, "old@a.example"),
    (6, 6, 5, "bob-mailbox"),
    (7, 5, 3, "sales@a.example"),
    (8, 6, 3, "Sales@a.example"),
    (9, 6, 3, "Anna@a.example"),
    (10, 10, 3, "boss@a.example"),
]


def egroupware_script(engine: str) -> str:
    """Users, aliases that the administrator made, addresses that the users entered."""
    script = EGROUPWARE + inserts(
        "egw_accounts",
        "account_id, account_lid, account_pwd, account_status, account_expires, account_type",
        [
            (number, name, "{crypt}" + SHA512_CRYPT, status, expires, kind)
            for number, name, status, expires, kind, *_ in EGROUPWARE_USERS
        ],
    )
    contacts = [(number, full, mail, "private@home.example") for number, *_, full, mail in EGROUPWARE_USERS if full]
    script += inserts(
        "egw_addressbook",
        "contact_id, account_id, n_fn, contact_email, contact_email_home",
        [
            *((place, *contact) for place, contact in enumerate(contacts)),
            (99, None, "Customer", "c@else.example", None),
        ],
    )
    return script + inserts("egw_mailaccounts", "mail_id, account_id, mail_type, mail_value", EGROUPWARE_MAIL)


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_egroupware(engine: str, load: Load) -> None:
    """Active accounts are listed, their aliases too, which two may share.

    An address that a user entered loses against a user's name and an alias, and an alias loses against a name.
    """
    database = load(engine, egroupware_script(engine))
    source = egroupware(database.driver, **database.connection)
    assert listed(source) == [
        {
            "userName": "anna",
            "fullName": "Anna Müller 猫",
            "emailAddresses": ["a.mueller@a.example", "info@a.example", "sales@a.example"],
        },
        {"userName": "bob", "fullName": "Bob", "emailAddresses": ["Anna@a.example", "Sales@a.example"]},
        {"userName": "boss@a.example", "emailAddresses": ["boss@a.example"]},
        {"userName": "mallory", "fullName": "Mallory"},
    ]
    check_logins(source, ["anna", "bob", "boss@a.example"], ["off", "expired", "Team", "ANNA", "anonymous"])


def test_egroupware_formats(load: Load) -> None:
    """Every format of Auth::compare_password() is read."""
    stored = ["{crypt}" + SHA512_CRYPT, "{crypt}" + BCRYPT, SHA512_CRYPT, DES_CRYPT, SSHA, "{SHA}" + base64_of("sha1")]
    stored += ["{SMD5}" + salted("md5"), "{md5}" + base64_of("md5"), "{plain}" + PASSWORD, hex_of("md5")]
    columns = "account_id, account_lid, account_pwd, account_type"
    rows = [(100 + place, f"h{place}@a.example", value, "u") for place, value in enumerate(stored)]
    database = load("mysql", EGROUPWARE + inserts("egw_accounts", columns, rows))
    check_formats(egroupware(database.driver, **database.connection), stored)
