"""The presets of panels: `plesk`, `keyhelp` and `cyberpanel`, over the tables of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from ais import cyberpanel, imap, keyhelp, plesk
from ais.errors import ConfigError, UnreadableHash
from presets.formats import BCRYPT, PASSWORD, SHA512_CRYPT
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, FORWARDS, MAILBOXES, NOT_LISTED, domain_of, inserts, users
from support.dovecot import dovecot
from support.openldap import certificates

PLESK = """
CREATE TABLE domains (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) CHARACTER SET ascii NOT NULL UNIQUE,
  status BIGINT NOT NULL DEFAULT 0);
CREATE TABLE accounts (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, type VARCHAR(32) NOT NULL DEFAULT 'plain',
  password TEXT);
CREATE TABLE mail (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, mail_name VARCHAR(245) CHARACTER SET ascii NOT NULL,
  perm_id INT NOT NULL DEFAULT 0, postbox ENUM('false', 'true') NOT NULL DEFAULT 'false', account_id INT NOT NULL,
  redirect ENUM('false', 'true') NOT NULL DEFAULT 'false', mail_group ENUM('false', 'true') NOT NULL DEFAULT 'false',
  dom_id INT NOT NULL, UNIQUE (dom_id, mail_name));
CREATE TABLE mail_aliases (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, mn_id INT NOT NULL,
  alias VARCHAR(245) CHARACTER SET ascii NOT NULL);
CREATE TABLE domain_aliases (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, dom_id INT NOT NULL,
  name VARCHAR(255) CHARACTER SET ascii NOT NULL UNIQUE, status BIGINT NOT NULL DEFAULT 0,
  mail ENUM('false', 'true') NOT NULL DEFAULT 'false');
"""
PLESK_REDIR = """
CREATE TABLE mail_redir (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, mn_id INT NOT NULL,
  address VARCHAR(255) NOT NULL DEFAULT '');
"""
PLESK_STORED = "$AES-128-CBC$IZnHgUXmNOL5bSfPjPfFOQ==$GzWuXFmQ0zPVP1hN0m8zLw=="
DOMAINS = {"a.example": (1, 0), "b.example": (2, 0), "off.example": (3, 16)}
PLESK_USERS = [
    "anna@a.example",
    "bob@a.example",
    "dave@off.example",
    "info@a.example",
    "team@a.example",
    "bob@b.example",
]


def plesk_script(engine: str = "mysql", *, redir: bool = True) -> str:
    """Mailboxes, a group, a forward, aliases and domain aliases. Old versions have no table mail_redir."""
    script = PLESK + inserts(
        "domains", "id, name, status", [(n, name, status) for name, (n, status) in DOMAINS.items()]
    )
    script += inserts("accounts", "id, type, password", [(n, "sym", PLESK_STORED) for n in range(1, 7)])
    script += inserts(
        "mail",
        "id, mail_name, dom_id, account_id, postbox, redirect, mail_group",
        [
            (
                place,
                name.partition("@")[0],
                DOMAINS[domain_of(name)][0],
                place,
                "false" if name in ("info@a.example", "team@a.example") else "true",
                "true" if name in ("info@a.example", "bob@a.example") else "false",
                "true" if name == "team@a.example" else "false",
            )
            for place, name in enumerate(PLESK_USERS, 1)
        ],
    )
    aliases = [(1, "a.mueller"), (2, "robert"), (3, "david"), (4, "information"), (6, "robert")]
    script += inserts("mail_aliases", "mn_id, alias", aliases)
    script += inserts(
        "domain_aliases",
        "dom_id, name, status, mail",
        [
            (1, "c.example", 0, "true"),
            (1, "web.example", 0, "false"),
            (1, "old.example", 2, "true"),
            (3, "d.example", 0, "true"),
        ],
    )
    if not redir:
        return script
    targets = [
        (2, "anna@a.example"),
        (4, "anna@a.example"),
        (4, "x@else.example"),
        (5, "anna@a.example"),
        (5, "bob@b.example"),
    ]
    return script + PLESK_REDIR + inserts("mail_redir", "mn_id, address", targets)


PLESK_LIST = {
    "anna@a.example": ["anna", "a.mueller", "info", "information", "team"],
    "bob@a.example": ["bob", "robert"],
}


def plesk_list(*, redir: bool = True) -> list[dict[str, object]]:
    """The users to be listed."""
    found: list[dict[str, object]] = []
    for name, parts in PLESK_LIST.items():
        kept = [part for part in parts if redir or part not in ("info", "information", "team")]
        more = sorted(f"{part}@{domain}" for part in kept for domain in ("a.example", "c.example"))
        found.append({"userName": name, "emailAddresses": [name, *(each for each in more if each != name)]})
    team = ["team@a.example", "team@c.example"] if redir else []
    addresses = ["bob@b.example", *sorted([*team, "robert@b.example"])]
    return [*found, {"userName": "bob@b.example", "emailAddresses": addresses}]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a mail server."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("redir", [True, False])
def test_plesk(redir: bool, load: Load, authority: Path) -> None:
    """Mailboxes of active domains are listed, with the groups and forwards that lead to them; Dovecot checks logins."""
    database = load("mysql", plesk_script(redir=redir))
    accounts = dict.fromkeys(PLESK_USERS, PASSWORD)
    with dovecot(accounts, authority) as server:
        login = imap("localhost", port=server.tls_port, tls="ssl", ca_file=str(authority / "ca.pem"))
        source = plesk(database.driver, **database.connection, login=login)
        found = [{**user, "emailAddresses": sorted(user["emailAddresses"])} for user in listed(source)]
        wanted = [{**user, "emailAddresses": sorted(user["emailAddresses"])} for user in plesk_list(redir=redir)]  # type: ignore[call-overload]
        assert found == wanted
        assert all(user["emailAddresses"][0] == user["userName"] for user in listed(source))
        for name in ("anna@a.example", "ANNA@a.example", "bob@a.example", "bob@b.example"):
            assert source.authenticate(name, PASSWORD) is True, name
            assert source.authenticate(name, "wrong") is False, name
        for name in ("dave@off.example", "info@a.example", "team@a.example", "anna", "nobody@a.example"):
            assert source.authenticate(name, PASSWORD) is None, name


def test_plesk_needs_a_login() -> None:
    """Plesk encrypts its passwords: the error says so, and what to write."""
    with pytest.raises(ConfigError, match=r'encrypts the passwords.*login=imap\("localhost"\)'):
        plesk("mysql", database="psa")


KEYHELP = """
CREATE TABLE mail_users (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email_utf8 VARCHAR(255) NOT NULL UNIQUE,
  password VARCHAR(255) NOT NULL, login_enabled ENUM('Y', 'N') NOT NULL DEFAULT 'Y') DEFAULT CHARSET=utf8mb4;
"""
KEYHELP_USERS = [("anna@müller.example", BCRYPT, "Y"), ("bob@a.example", BCRYPT, "Y"), ("off@a.example", BCRYPT, "N")]


def keyhelp_script(engine: str = "mysql") -> str:
    """Two mailboxes, and one whose login is off."""
    return KEYHELP + inserts("mail_users", "email_utf8, password, login_enabled", KEYHELP_USERS)


def test_keyhelp(load: Load) -> None:
    """Mailboxes whose login is enabled are listed and let in."""
    database = load("mysql", keyhelp_script())
    source = keyhelp(database.driver, **database.connection)
    names = ["anna@müller.example", "bob@a.example"]
    assert listed(source) == [{"userName": name, "emailAddresses": [name]} for name in names]
    check_logins(source, [*names, "Bob@a.example"], ["off@a.example"])


CYBERPANEL = """
CREATE TABLE e_users (email VARCHAR(80) NOT NULL PRIMARY KEY, password VARCHAR(200) NOT NULL,
  mail VARCHAR(200) NOT NULL DEFAULT 'maildir:/home/vmail', emailOwner_id VARCHAR(50) NOT NULL DEFAULT '');
CREATE TABLE e_forwardings (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, source VARCHAR(80) NOT NULL,
  destination LONGTEXT NOT NULL);
"""
CYBERPANEL_STORED = "{CRYPT}" + BCRYPT.replace("$2y$", "$2b$")


def cyberpanel_script(engine: str = "mysql") -> str:
    """The part of the scenario that CyberPanel can hold: nothing is off, there are no names and no alias domains."""
    people = [name for name, _, _ in MAILBOXES if name not in NOT_LISTED]
    script = CYBERPANEL + inserts("e_users", "email, password", [(name, CYBERPANEL_STORED) for name in people])
    rows = [(address, target) for address, targets, on in ALIASES if on for target in targets]
    rows += [(address, target) for address, targets in FORWARDS if address in people for target in targets]
    return script + inserts("e_forwardings", "source, destination", rows)


def test_cyberpanel(load: Load) -> None:
    """All mailboxes are listed, with the forwards that end in them; a mailbox that forwards keeps its address."""
    database = load("mysql", cyberpanel_script())
    source = cyberpanel(database.driver, **database.connection)
    expected = users(alias_domains=False, names=False)
    assert listed(source) == expected
    check_logins(source, [str(user["userName"]) for user in expected])


def test_cyberpanel_formats(load: Load) -> None:
    """What it writes is read. Bare text, which it writes on Debian after a change, is not taken for a password."""
    stored = [CYBERPANEL_STORED, "{CRYPT}" + SHA512_CRYPT]
    rows = [*((f"h{place}@a.example", value) for place, value in enumerate(stored)), ("bare@a.example", "secret")]
    database = load("mysql", CYBERPANEL + inserts("e_users", "email, password", rows))
    source = cyberpanel(database.driver, **database.connection)
    check_formats(source, stored)
    with pytest.raises(UnreadableHash):
        source.authenticate("bare@a.example", "secret")
    plain = cyberpanel(database.driver, **database.connection, default_scheme="PLAIN")
    assert plain.authenticate("bare@a.example", "secret") is True
