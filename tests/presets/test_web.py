"""The presets `nextcloud`, `wordpress` and `django`, over the tables of each."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

import pytest

from ais import django, nextcloud, wordpress
from ais.errors import ConfigError
from presets.formats import ARGON2I, ARGON2ID, BCRYPT, PASSWORD, PHPASS, hex_of
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import inserts

ALL = ["sqlite", "mysql", "postgresql"]

NEXTCLOUD = """
CREATE TABLE {p}users (uid VARCHAR(64) NOT NULL PRIMARY KEY, displayname VARCHAR(64) DEFAULT NULL,
  password VARCHAR(255) NOT NULL DEFAULT ''{lower}) {bin};
CREATE TABLE {p}preferences (userid VARCHAR(64) NOT NULL, appid VARCHAR(32) NOT NULL, configkey VARCHAR(64) NOT NULL,
  configvalue {text}, PRIMARY KEY (userid, appid, configkey)) {bin};
"""
ACCOUNTS = """
CREATE TABLE {p}accounts_data (id {serial}, uid VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL,
  value VARCHAR(255) DEFAULT '') {bin};
"""
NEXTCLOUD_USERS = [
    ("admin", None, "3|" + ARGON2ID),
    ("Anna", "Anna Müller 猫", "3|" + ARGON2ID),
    ("bob", "", "1|" + BCRYPT),
    ("off", "Off", "3|" + ARGON2ID),
    ("on", "On", "3|" + ARGON2ID),
]
PREFERENCES = [
    ("Anna", "settings", "email", "zz.anna@a.example"),
    ("Anna", "other", "email", "wrong@a.example"),
    ("admin", "settings", "email", ""),
    ("admin", "core", "lang", "false"),
    ("off", "core", "enabled", "false"),
    ("off", "settings", "email", "off@a.example"),
    ("on", "core", "enabled", "true"),
    ("ldap-user", "settings", "email", "ldap@a.example"),
]
ADDITIONAL = [
    ("Anna", "additional_mail", "a@a.example"),
    ("Anna", "additional_mail", "b@a.example"),
    ("Anna", "phone", "123"),
    ("bob", "additional_mail", ""),
    ("on", "additional_mail", "on@a.example"),
]


PREFERENCE = "userid, appid, configkey, configvalue"


def nextcloud_script(
    engine: str, prefix: str = "oc_", lower: bool = True, accounts: bool = True, rows: bool = True
) -> str:
    """The tables of Nextcloud, with its users or empty; old versions have no uid_lower and no accounts_data."""
    mysql = engine == "mysql"
    serial = {"mysql": "BIGINT AUTO_INCREMENT PRIMARY KEY", "postgresql": "SERIAL", "sqlite": "INTEGER PRIMARY KEY"}
    script = (NEXTCLOUD + (ACCOUNTS if accounts else "")).format(
        p=prefix,
        lower=", uid_lower VARCHAR(64) DEFAULT ''" if lower else "",
        text="LONGTEXT" if mysql else "TEXT",
        serial=serial[engine],
        bin="CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" if mysql else "",
    )
    if not rows:
        return script
    columns = "uid, displayname, password" + (", uid_lower" if lower else "")
    script += inserts(
        f"{prefix}users", columns, [(*row, row[0].lower())[: 4 if lower else 3] for row in NEXTCLOUD_USERS]
    )
    script += inserts(f"{prefix}preferences", PREFERENCE, PREFERENCES)
    return script + (inserts(f"{prefix}accounts_data", "uid, name, value", ADDITIONAL) if accounts else "")


def nextcloud_users(additional: bool = True) -> list[dict[str, object]]:
    """The users to be listed."""
    more = ["a@a.example", "b@a.example"] if additional else []
    return [
        {"userName": "Anna", "fullName": "Anna Müller 猫", "emailAddresses": ["zz.anna@a.example", *more]},
        {"userName": "admin"},
        {"userName": "bob"},
        {"userName": "on", "fullName": "On", **({"emailAddresses": ["on@a.example"]} if additional else {})},
    ]


@pytest.mark.parametrize("engine", ALL)
def test_nextcloud(engine: str, load: Load) -> None:
    """Enabled users are listed, the main address first; they log in by their name in any case of letters."""
    database = load(engine, nextcloud_script(engine))
    source = nextcloud(database.driver, **database.connection)
    assert listed(source) == nextcloud_users()
    check_logins(source, ["Anna", "anna", "ANNA", "bob", "on", "admin"], ["off", "ldap-user"])


@pytest.mark.parametrize("engine", ALL)
@pytest.mark.parametrize("lower", [True, False])
def test_old_nextcloud(engine: str, lower: bool, load: Load) -> None:
    """Versions without additional addresses (before 22) and without uid_lower (before 14) work; so does a prefix."""
    database = load(engine, nextcloud_script(engine, "nc_", lower, accounts=False))
    source = nextcloud(database.driver, prefix="nc_", **database.connection)
    assert listed(source) == nextcloud_users(additional=False)
    check_logins(source, ["Anna", "bob", *(["anna"] if lower else [])], ["off"])


@pytest.mark.parametrize("engine", ALL)
def test_nextcloud_takes_any_other_value_for_disabled(engine: str, load: Load) -> None:
    """Nextcloud lets nobody in whose value is not ``true``; ``1`` is how its typed settings write that."""
    values = [("y1", "1"), ("y2", None), ("n1", "0"), ("n2", "no"), ("n3", "")]
    script = nextcloud_script(engine, rows=False)
    script += inserts("oc_users", "uid, password, uid_lower", [(uid, "3|" + ARGON2ID, uid) for uid, _ in values])
    script += inserts("oc_preferences", PREFERENCE, [(uid, "core", "enabled", value) for uid, value in values])
    database = load(engine, script)
    source = nextcloud(database.driver, **database.connection)
    assert listed(source) == [{"userName": "y1"}, {"userName": "y2"}]
    check_logins(source, ["y1", "y2"], ["n1", "n2", "n3"])


def test_nextcloud_formats(load: Load) -> None:
    """Every format of lib/private/Security/Hasher.php is read, but hashes that need the site's own salt."""
    stored = ["3|" + ARGON2ID, "2|" + ARGON2I, "1|" + BCRYPT, hex_of("sha1"), BCRYPT]
    values = [(f"h{number}@a.example", value, f"h{number}@a.example") for number, value in enumerate(stored)]
    script = nextcloud_script("sqlite") + inserts("oc_users", "uid, password, uid_lower", values)
    database = load("sqlite", script)
    check_formats(nextcloud("sqlite", **database.connection), stored)


WORDPRESS = """
CREATE TABLE {p}users (ID {serial}, user_login VARCHAR(60) NOT NULL DEFAULT '',
  user_pass VARCHAR(255) NOT NULL DEFAULT '', user_email VARCHAR(100) NOT NULL DEFAULT '',
  user_status INT NOT NULL DEFAULT 0, display_name VARCHAR(250) NOT NULL DEFAULT ''{network});
"""
NETWORK = ", spam TINYINT NOT NULL DEFAULT 0, deleted TINYINT NOT NULL DEFAULT 0"
WORDPRESS_SERIAL = {"mysql": "BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY", "sqlite": "INTEGER PRIMARY KEY"}


def wp_hash() -> str:
    """A password as WordPress has stored it since 6.8: bcrypt of an HMAC."""
    import bcrypt

    digest = hmac.new(b"wp-sha384", PASSWORD.encode(), hashlib.sha384).digest()
    return "$wp" + bcrypt.hashpw(base64.b64encode(digest), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")


WORDPRESS_USERS = [
    ("admin", PHPASS, "admin@a.example", 0, "Ædmin"),
    ("anna müller", wp_hash(), "", 0, "Anna O'Hara"),
    ("pending", PHPASS, "pending@a.example", 2, "Pending"),
    ("spammer", PHPASS, "spam@a.example", 0, "Spam"),
    ("leaver", PHPASS, "gone@a.example", 0, ""),
]
WORDPRESS_LIST: list[dict[str, object]] = [
    {"userName": "admin", "fullName": "Ædmin", "emailAddresses": ["admin@a.example"]},
    {"userName": "anna müller", "fullName": "Anna O'Hara"},
]


@pytest.mark.parametrize("engine", ["mysql", "sqlite"])
@pytest.mark.parametrize("prefix", ["wp_", "site7_"])
def test_wordpress(engine: str, prefix: str, load: Load) -> None:
    """Users with status 0 are listed and log in; without a network nobody is spam or deleted."""
    script = WORDPRESS.format(p=prefix, serial=WORDPRESS_SERIAL[engine], network="")
    script += inserts(f"{prefix}users", "user_login, user_pass, user_email, user_status, display_name", WORDPRESS_USERS)
    database = load(engine, script)
    source = wordpress(database.driver, prefix=prefix, **database.connection)
    leaver: dict[str, object] = {"userName": "leaver", "emailAddresses": ["gone@a.example"]}
    spammer: dict[str, object] = {"userName": "spammer", "fullName": "Spam", "emailAddresses": ["spam@a.example"]}
    assert listed(source) == [*WORDPRESS_LIST, leaver, spammer]
    check_logins(source, ["admin", "anna müller", "spammer"], ["pending"])


@pytest.mark.parametrize("engine", ["mysql", "sqlite"])
def test_wordpress_network(engine: str, load: Load) -> None:
    """In a multisite network, spammers and deleted users are neither listed nor let in."""
    script = WORDPRESS.format(p="wp_", serial=WORDPRESS_SERIAL[engine], network=NETWORK)
    columns = "user_login, user_pass, user_email, user_status, display_name, spam, deleted"
    users = [(*row, int(row[0] == "spammer"), int(row[0] == "leaver")) for row in WORDPRESS_USERS]
    database = load(engine, script + inserts("wp_users", columns, users))
    source = wordpress(database.driver, **database.connection)
    assert listed(source) == WORDPRESS_LIST
    check_logins(source, ["admin", "anna müller"], ["pending", "spammer", "leaver"])


def test_wordpress_formats(load: Load) -> None:
    """Every format of wp_check_password() is read."""
    stored = [wp_hash(), PHPASS, BCRYPT, hex_of("md5"), ARGON2ID]
    values = [(f"h{number}@a.example", value) for number, value in enumerate(stored)]
    script = WORDPRESS.format(p="wp_", serial=WORDPRESS_SERIAL["sqlite"], network="")
    database = load("sqlite", script + inserts("wp_users", "user_login, user_pass", values))
    check_formats(wordpress("sqlite", **database.connection), stored)


DJANGO = """
CREATE TABLE {table} (id INTEGER NOT NULL PRIMARY KEY, password VARCHAR(128) NOT NULL, is_superuser BOOLEAN NOT NULL,
  username VARCHAR(150) NOT NULL UNIQUE, first_name VARCHAR(150) NOT NULL, last_name VARCHAR(150) NOT NULL,
  email VARCHAR(254) NOT NULL, is_staff BOOLEAN NOT NULL, is_active BOOLEAN NOT NULL);
"""


def pbkdf2(name: str, password: str = PASSWORD) -> str:
    """Django's default format."""
    raw = hashlib.pbkdf2_hmac(name, password.encode(), b"salt", 1000)
    return f"pbkdf2_{name}$1000$salt${base64.b64encode(raw).decode()}"


def scrypt() -> str:
    """Django's scrypt."""
    raw = hashlib.scrypt(PASSWORD.encode(), salt=b"salt", n=1024, r=8, p=1, dklen=64)
    return f"scrypt$salt$1024$8$1${base64.b64encode(raw).decode()}"


def bcrypt_sha256() -> str:
    """Django's bcrypt of a hex digest."""
    import bcrypt

    return "bcrypt_sha256$" + bcrypt.hashpw(hex_of("sha256").encode(), bcrypt.gensalt(4)).decode()


def django_script(table: str, users: Sequence[tuple[object, ...]]) -> str:
    """The table of users; each has name, first and last name, e-mail, password, active."""
    columns = "id, username, first_name, last_name, email, password, is_active, is_staff, is_superuser"
    rows = [(number, *user, False, False) for number, user in enumerate(users)]
    return DJANGO.format(table=table) + inserts(table, columns, rows)


@pytest.mark.parametrize("engine", ALL)
@pytest.mark.parametrize("table", ["auth_user", "accounts_user"])
def test_django(engine: str, table: str, load: Load) -> None:
    """Active users are listed by first and last name and log in; a value that says "unusable" is a no."""
    stored = pbkdf2("sha256")
    users: list[tuple[object, ...]] = [
        ("anna@x", "Anna", "Müller 猫", "anna@a.example", stored, True),
        ("bob", "", "Last", "", stored, True),
        ("carol", "Carol", "", "c@a.example", stored, False),
        ("dave", "", "", "d@a.example", "!unusable", True),
    ]
    database = load(engine, django_script(table, users))
    source = django(database.driver, table=table, **database.connection)
    assert listed(source) == [
        {"userName": "anna@x", "fullName": "Anna Müller 猫", "emailAddresses": ["anna@a.example"]},
        {"userName": "bob", "fullName": "Last"},
        {"userName": "dave", "emailAddresses": ["d@a.example"]},
    ]
    check_logins(source, ["anna@x", "bob"], ["carol", "dave"])


def test_django_formats(load: Load) -> None:
    """Every format of django/contrib/auth/hashers.py is read."""
    stored = [
        pbkdf2("sha256"),
        pbkdf2("sha1"),
        "argon2" + ARGON2ID,
        bcrypt_sha256(),
        "bcrypt$" + BCRYPT.replace("$2y$", "$2b$"),
        scrypt(),
        "md5$salt$" + hex_of("md5", "salt" + PASSWORD),
        "sha1$salt$" + hex_of("sha1", "salt" + PASSWORD),
        hex_of("md5"),
    ]
    users: list[tuple[object, ...]] = [(f"h{n}@a.example", "", "", "", value, True) for n, value in enumerate(stored)]
    database = load("sqlite", django_script("auth_user", users))
    check_formats(django("sqlite", **database.connection), stored)


def test_names_are_checked() -> None:
    """Prefixes and names of tables become part of queries, so they hold only letters, digits and underscores."""
    with pytest.raises(ConfigError, match=r"nextcloud\(\): prefix"):
        nextcloud("sqlite", database="x", prefix="oc_'")
    with pytest.raises(ConfigError, match=r"wordpress\(\): prefix"):
        wordpress("sqlite", database="x", prefix="wp; ")
    with pytest.raises(ConfigError, match=r"django\(\): table"):
        django("sqlite", database="x", table="a b")
