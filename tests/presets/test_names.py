"""The names that users of the presets log in with: letter by letter, whatever the collation of a column is."""

from __future__ import annotations

import pytest

import ais
from ais.sources import Source
from presets.formats import PASSWORD, SHA512_CRYPT
from presets.loading import Load
from presets.test_pages import SCRIPTS

TABLES = {
    "postfixadmin": ("mailbox", "username"),
    "mailcow": ("mailbox", "username"),
    "iredmail": ("mailbox", "username"),
    "vimbadmin": ("mailbox", "username"),
    "modoboa": ("core_user", "username"),
    "mailinabox": ("users", "email"),
    "hmailserver": ("hm_accounts", "accountaddress"),
    "vexim": ("users", "username"),
    "froxlor": ("mail_users", "username"),
    "ispconfig": ("mail_user", "login"),
    "nextcloud": ("oc_users", "uid"),
    "wordpress": ("wp_users", "user_login"),
    "django": ("auth_user", "username"),
    "keyhelp": ("mail_users", "email_utf8"),
    "cyberpanel": ("e_users", "email"),
    "mailu": ('"user"', "email"),
    "kopano": ("objectproperty", "value"),
    "egroupware": ("egw_accounts", "account_lid"),
    "keycloak": ("user_entity", "username"),
    "odoo": ("res_users", "login"),
    "aspnet_identity": ("AspNetUsers", "UserName"),
}
"""Where each application keeps the names."""
EXACT = ("nextcloud", "wordpress", "django", "kopano", "egroupware", "odoo", "aspnet_identity")
MAIL = [name for name in TABLES if name not in EXACT]
ENGINES = {
    "sqlite": ["postfixadmin", "modoboa", "hmailserver", "nextcloud", "django", "mailcow", "mailinabox", "mailu"],
    "mysql": [name for name in TABLES if name not in ("mailinabox", "mailu", "odoo")],
    "postgresql": [
        "postfixadmin",
        "modoboa",
        "hmailserver",
        "nextcloud",
        "django",
        "iredmail",
        "vexim",
        "mailu",
        "odoo",
        "egroupware",
        "keycloak",
    ],
}
EACH = [(preset, engine) for engine, presets in ENGINES.items() for preset in presets]


def source_of(load: Load, preset: str, engine: str, name: str) -> Source:
    """A preset over the tables of its application, in which one user is renamed."""
    table, column = TABLES[preset]
    _, user, _ = SCRIPTS[preset]
    old = {"nextcloud": "Anna"}.get(preset, user)
    change = f"UPDATE {table} SET {column} = '{name}' WHERE {column} = '{old}';"
    database = load(engine, SCRIPTS[preset][0](engine) + change)
    more = {"keycloak": {"realm": "company"}}.get(preset, {})
    made: Source = getattr(ais, preset)(database.driver, **database.connection, **more)
    return made


@pytest.mark.parametrize(("preset", "engine"), EACH)
def test_other_letters(preset: str, engine: str, load: Load) -> None:
    """An accent, a sharp s or a sign that only looks like a letter makes another name."""
    source = source_of(load, preset, engine, "rené.kuss@a.example")
    assert source.authenticate("rené.kuss@a.example", PASSWORD) is True
    for name in ("rene.kuss@a.example", "rené.kuß@a.example", "rené.\u212auss@a.example", "rene\u0301.kuss@a.example"):
        assert source.authenticate(name, PASSWORD) is None, name


@pytest.mark.parametrize(("preset", "engine"), EACH)
def test_lower_case(preset: str, engine: str, load: Load) -> None:
    """Mail servers have names in lower case, and ASCII letters may be typed as capitals; nowhere else may they."""
    source = source_of(load, preset, engine, "kim@a.example")
    assert source.authenticate("kim@a.example", PASSWORD) is True
    assert source.authenticate("\u212aim@a.example", PASSWORD) is None
    if preset != "nextcloud":
        assert source.authenticate("KIM@a.example", PASSWORD) is (True if preset in MAIL else None)


@pytest.mark.parametrize(("preset", "engine"), EACH)
def test_letter_by_letter_beside_other_sources(
    preset: str, engine: str, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another source may have the user whose name is typed, so no other spelling is taken for it; no list is read."""
    source = source_of(load, preset, engine, "kim@a.example")
    source.alone = False
    monkeypatch.setattr("ais.sources.sql.SqlSource._lists", None)
    assert source.authenticate("kim@a.example", PASSWORD) is True
    assert source.authenticate("kim@a.example", "wrong") is False
    for name in ("KIM@a.example", "Kim@a.example", "kim@A.example", "k\u00edm@a.example"):
        assert source.authenticate(name, PASSWORD) is None, name


@pytest.mark.parametrize(("preset", "engine"), [each for each in EACH if each[0] in MAIL])
def test_name_with_capitals(preset: str, engine: str, load: Load) -> None:
    """A name that has capitals is found as it is, and not by its letters in lower case."""
    source = source_of(load, preset, engine, "Kim@a.example")
    assert source.authenticate("Kim@a.example", PASSWORD) is True
    assert source.authenticate("KIM@a.example", PASSWORD) is None
    assert source.authenticate("kim@a.example", PASSWORD) is None


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("active", [True, False])
def test_exact_name_wins(engine: str, active: bool, load: Load) -> None:
    """Where both spellings are there, each is its own user, also if the one typed may not log in."""
    columns = "username, password, name, domain, active"
    added = f"INSERT INTO mailbox ({columns}) VALUES ('ANNA@a.example', '{{PLAIN}}other', '', 'a.example', {active});"
    database = load(engine, SCRIPTS["postfixadmin"][0](engine) + added)
    source = ais.postfixadmin(database.driver, **database.connection)
    assert source.authenticate("anna@a.example", PASSWORD) is True
    assert source.authenticate("Anna@a.example", PASSWORD) is True
    assert source.authenticate("anna@a.example", "other") is False
    assert source.authenticate("ANNA@a.example", PASSWORD) is (False if active else None)
    assert source.authenticate("ANNA@a.example", "other") is (True if active else None)


def test_two_that_mysql_takes_for_one(load: Load) -> None:
    """MySQL finds both names where a column may hold both; each gets in by its own password."""
    added = "".join(
        f"INSERT INTO mail_user (email, login, password, name) VALUES ('{name}', '{name}', '{stored}', '');"
        for name, stored in (("rene@a.example", SHA512_CRYPT), ("rené@a.example", "{PLAIN}other"))
    )
    database = load("mysql", SCRIPTS["ispconfig"][0]("mysql") + added)
    source = ais.ispconfig(database.driver, **database.connection)
    assert source.authenticate("rene@a.example", PASSWORD) is True
    assert source.authenticate("rené@a.example", PASSWORD) is False
    assert source.authenticate("rené@a.example", "other") is True
    assert source.authenticate("rene@a.example", "other") is False


def test_login_of_one_that_is_the_address_of_another(load: Load) -> None:
    """ISPConfig: the login counts, in whatever case it is typed, and also if it is locked."""
    change = "UPDATE mail_user SET postfix = 'n' WHERE login = 'x@a.example';"
    change += f"UPDATE mail_user SET password = '{SHA512_CRYPT}' WHERE email = 'x@a.example';"
    database = load("mysql", SCRIPTS["ispconfig"][0]("mysql") + change)
    source = ais.ispconfig(database.driver, **database.connection)
    assert source.authenticate("x", PASSWORD) is True
    assert source.authenticate("x@a.example", PASSWORD) is None
    assert source.authenticate("X@a.example", PASSWORD) is None
    assert source.authenticate("Zoe@a.example", PASSWORD) is True
