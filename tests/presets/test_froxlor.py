"""The preset `froxlor`, over the tables of install/froxlor.sql.php."""

from __future__ import annotations

from ais import froxlor
from presets.formats import ARGON2I, ARGON2ID, BCRYPT, DES_CRYPT, MD5_CRYPT, SHA256_CRYPT, SHA512_CRYPT
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, DOMAINS, MAILBOXES, NOT_LISTED, STORED, domain_of, inserts, users

SCHEMA = """
CREATE TABLE panel_customers (customerid INT UNSIGNED NOT NULL PRIMARY KEY, loginname VARCHAR(50) NOT NULL DEFAULT '',
  deactivated TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE panel_domains (id INT UNSIGNED NOT NULL PRIMARY KEY, domain VARCHAR(255) NOT NULL DEFAULT '',
  customerid INT UNSIGNED NOT NULL DEFAULT 0, aliasdomain INT UNSIGNED, deactivated TINYINT(1) NOT NULL DEFAULT 0);
CREATE TABLE mail_users (id INT NOT NULL PRIMARY KEY, email VARCHAR(255) NOT NULL DEFAULT '',
  username VARCHAR(255) NOT NULL DEFAULT '', password VARCHAR(255) NOT NULL DEFAULT '',
  password_enc VARCHAR(255) NOT NULL DEFAULT '', postfix ENUM('Y', 'N') NOT NULL DEFAULT 'Y',
  domainid INT NOT NULL DEFAULT 0, customerid INT NOT NULL DEFAULT 0, pop3 TINYINT(1) NOT NULL DEFAULT 1,
  imap TINYINT(1) NOT NULL DEFAULT 1);
CREATE TABLE mail_virtual (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) NOT NULL DEFAULT '',
  email_full VARCHAR(255) NOT NULL DEFAULT '', destination TEXT NOT NULL, domainid INT NOT NULL DEFAULT 0,
  customerid INT NOT NULL DEFAULT 0, popaccountid INT NOT NULL DEFAULT 0,
  iscatchall TINYINT UNSIGNED NOT NULL DEFAULT 0);
"""
IDS = {domain: number for number, (domain, _) in enumerate(DOMAINS, 1)}
BASE = inserts("panel_customers", "customerid, deactivated", [(1, 0), (2, 1)]) + inserts(
    "panel_domains",
    "id, domain, customerid, deactivated",
    [(IDS[domain], domain, 1, not active) for domain, active in DOMAINS],
)
ROWS = (
    BASE
    + inserts(
        "mail_users",
        "id, email, username, password_enc, postfix, domainid, customerid, imap, pop3",
        [
            *(
                (number, address, address, STORED, "Y" if on else "N", IDS[domain_of(address)], 1, 1, 0)
                for number, (address, _, on) in enumerate(MAILBOXES, 1)
            ),
            (90, "unpaid@a.example", "unpaid@a.example", STORED, "Y", 1, 2, 1, 1),
            (91, "sealed@a.example", "sealed@a.example", STORED, "Y", 1, 1, 0, 0),
            (92, "zoe@a.example", "web1p1", STORED, "Y", 1, 1, 0, 1),
        ],
    )
    + inserts(
        "mail_virtual",
        "email, email_full, destination, popaccountid, iscatchall",
        [
            *(
                (address, address, f"{address} anna@a.example", number, 0)
                for number, (address, _, _) in enumerate(MAILBOXES, 1)
            ),
            *((address, address, f" {' '.join(targets)} ", 0, 0) for address, targets, active in ALIASES if active),
            ("z@a.example", "z@a.example", "zoe@a.example", 0, 0),
            ("@a.example", "all@a.example", "bob@a.example", 0, 1),
        ],
    )
)
ZOE: dict[str, object] = {"userName": "web1p1", "emailAddresses": ["zoe@a.example", "z@a.example"]}


def test_list_and_logins(load: Load) -> None:
    """Mailboxes of active customers and domains that can be read are listed, with their forwarders."""
    database = load("mysql", SCHEMA + ROWS)
    source = froxlor(database.driver, **database.connection)
    expected = [*users(alias_domains=False, names=False), ZOE]
    assert listed(source) == sorted(expected, key=lambda user: str(user["userName"]))
    refused = [*NOT_LISTED, "unpaid@a.example", "sealed@a.example"]
    check_logins(source, [str(user["userName"]) for user in expected], refused)


def test_formats(load: Load) -> None:
    """Every format of makeCryptPassword() is read, those of older versions included."""
    stored = [BCRYPT, ARGON2I, ARGON2ID, MD5_CRYPT, SHA256_CRYPT, SHA512_CRYPT, DES_CRYPT]
    values = [
        (number, f"h{number}@a.example", f"h{number}@a.example", value, 1, 1) for number, value in enumerate(stored)
    ]
    columns = "id, email, username, password_enc, domainid, customerid"
    database = load("mysql", SCHEMA + BASE + inserts("mail_users", columns, values))
    check_formats(froxlor(database.driver, **database.connection), stored)
