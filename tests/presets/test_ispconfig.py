"""The preset `ispconfig`, over the tables of install/sql/ispconfig3.sql."""

from __future__ import annotations

from ais import ispconfig
from presets.formats import MD5_CRYPT, PASSWORD, SHA256_CRYPT, SHA512_CRYPT, latin1_crypt
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, DOMAINS, MAILBOXES, NOT_LISTED, STORED, inserts, users

SCHEMA = """
CREATE TABLE mail_domain (domain_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, server_id INT NOT NULL DEFAULT 0,
  domain VARCHAR(255) NOT NULL DEFAULT '', active ENUM('n', 'y') NOT NULL DEFAULT 'n') DEFAULT CHARSET=utf8;
CREATE TABLE mail_user (mailuser_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, server_id INT NOT NULL DEFAULT 0,
  email VARCHAR(255) NOT NULL DEFAULT '', login VARCHAR(255) NOT NULL DEFAULT '', password VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL DEFAULT '', cc TEXT, postfix ENUM('n', 'y') NOT NULL DEFAULT 'y',
  disableimap ENUM('n', 'y') NOT NULL DEFAULT 'n', disablepop3 ENUM('n', 'y') NOT NULL DEFAULT 'n')
  DEFAULT CHARSET=utf8mb4;
CREATE TABLE mail_forwarding (forwarding_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, server_id INT NOT NULL DEFAULT 0,
  source VARCHAR(255) NOT NULL DEFAULT '', destination TEXT,
  type ENUM('alias', 'aliasdomain', 'forward', 'catchall') NOT NULL DEFAULT 'alias',
  active ENUM('n', 'y') NOT NULL DEFAULT 'n') DEFAULT CHARSET=utf8;
"""
YES_NO = {True: "y", False: "n"}


def mailbox(address: str, name: str, on: bool, login: str | None = None) -> tuple[object, ...]:
    """A row of mail_user. Locking one switches off all three."""
    return address, login or address, STORED, name, YES_NO[on], YES_NO[not on], YES_NO[not on]


ROWS = (
    inserts("mail_domain", "domain, active", [(domain, YES_NO[active]) for domain, active in DOMAINS])
    + inserts(
        "mail_user",
        "email, login, password, name, postfix, disableimap, disablepop3",
        [
            *(mailbox(*row) for row in MAILBOXES),
            mailbox("zoe@a.example", "Zoë", True, "zlogin"),
            # its login is the address of another mailbox: that one's owner must not get in by it
            mailbox("y@a.example", "Y", True, "x@a.example"),
            mailbox("x@a.example", "X", True, "x"),
        ],
    )
    + "UPDATE mail_user SET disableimap = 'y' WHERE email = 'joann@a.example';"
    + "UPDATE mail_user SET password = '*' WHERE email = 'x@a.example';"
    + inserts(
        "mail_forwarding",
        "source, destination, type, active",
        [
            *((address, ", ".join(targets), "forward", YES_NO[active]) for address, targets, active in ALIASES),
            ("z@a.example", "zoe@a.example", "alias", "y"),
            ("carol@a.example", "anna@a.example", "alias", "y"),
            ("@a.example", "bob@a.example", "catchall", "y"),
            ("@b.example", "@a.example", "aliasdomain", "y"),
            ("@c.example", "@a.example", "aliasdomain", "n"),
        ],
    )
)
ADDED: list[dict[str, object]] = [
    {"userName": "x", "fullName": "X", "emailAddresses": ["x@a.example", "x@b.example"]},
    {"userName": "x@a.example", "fullName": "Y", "emailAddresses": ["y@a.example", "y@b.example"]},
    {
        "userName": "zlogin",
        "fullName": "Zoë",
        "emailAddresses": ["zoe@a.example", "z@a.example", "z@b.example", "zoe@b.example"],
    },
]


def test_list_and_logins(load: Load) -> None:
    """Mailboxes that can be read are listed by their logins, with aliases, forwards and alias domains."""
    database = load("mysql", SCHEMA + ROWS)
    source = ispconfig(database.driver, **database.connection)
    assert listed(source) == sorted([*users(), *ADDED], key=lambda user: str(user["userName"]))
    names = [str(user["userName"]) for user in users()]
    check_logins(source, [*names, "zlogin", "zoe@a.example", "x@a.example"], [*NOT_LISTED, "x"])


def test_formats_and_charset(load: Load) -> None:
    """Every format of crypt_password() is read, and a password that the form hashed in ISO-8859-1."""
    stored = [SHA512_CRYPT, SHA256_CRYPT, MD5_CRYPT, latin1_crypt(PASSWORD)]
    script = inserts("mail_domain", "domain, active", [("a.example", "y")])
    values = [(f"h{number}@a.example", f"h{number}@a.example", value) for number, value in enumerate(stored)]
    database = load("mysql", SCHEMA + script + inserts("mail_user", "email, login, password", values))
    check_formats(ispconfig(database.driver, **database.connection), stored, wrong=PASSWORD.replace("ü", "u"))
