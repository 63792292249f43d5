"""Aliases and alias domains of inactive and deleted domains, in the tables of each application that knows such."""

from __future__ import annotations

import pytest

import ais
from presets.loading import Load, listed
from presets.scenario import inserts
from presets.test_pages import SCRIPTS

ALIASES = [
    ("x@off.example", "anna@a.example"),
    ("way@a.example", "x@off.example"),
    ("x@gone.example", "anna@a.example"),
]
IDS = {"a.example": 1, "off.example": 3, "gone.example": 77}  # as the scenario numbers them


def by_name(table: str, columns: str) -> str:
    """Rows of a table that has the domain's name."""
    return inserts(table, columns, [(*alias, alias[0].partition("@")[2]) for alias in ALIASES])


def by_number(table: str, columns: str, *more: object, first: int = 0) -> str:
    """Rows of a table that has the domain's number."""
    rows = [(*alias, IDS[alias[0].partition("@")[2]] + first, *more) for alias in ALIASES]
    return inserts(table, columns, rows)


ALIAS_DOMAIN = inserts("alias_domain", "alias_domain, target_domain", [("off.example", "a.example")])
MODOBOA = "".join(
    inserts("admin_alias", "id, address, domain_id", [(90 + place, alias, IDS[alias.partition("@")[2]])])
    + inserts("modoboa_admin_aliasrecipient", "alias_id, address", [(90 + place, target)])
    for place, (alias, target) in enumerate(ALIASES)
)
ADDED = {
    ("postfixadmin", "sqlite"): by_name("alias", "address, goto, domain") + ALIAS_DOMAIN,
    ("postfixadmin", "mysql"): by_name("alias", "address, goto, domain") + ALIAS_DOMAIN,
    ("postfixadmin", "postgresql"): by_name("alias", "address, goto, domain") + ALIAS_DOMAIN,
    ("mailcow", "mysql"): by_name("alias", "address, goto, domain") + ALIAS_DOMAIN,
    ("iredmail", "mysql"): by_name("forwardings", "address, forwarding, domain") + ALIAS_DOMAIN,
    ("iredmail", "postgresql"): by_name("forwardings", "address, forwarding, domain") + ALIAS_DOMAIN,
    ("vimbadmin", "mysql"): by_number("alias", "address, goto, Domain_id"),
    ("froxlor", "mysql"): by_number("mail_virtual", "email, destination, domainid"),
    ("hmailserver", "mysql"): by_number("hm_aliases", "aliasname, aliasvalue, aliasdomainid, aliasactive", 1),
    ("hmailserver", "postgresql"): by_number("hm_aliases", "aliasname, aliasvalue, aliasdomainid, aliasactive", 1),
    ("modoboa", "mysql"): MODOBOA
    + inserts("admin_domainalias", "id, name, enabled, target_id", [(9, "off.example", True, 1)]),
    ("modoboa", "postgresql"): MODOBOA
    + inserts("admin_domainalias", "id, name, enabled, target_id", [(9, "off.example", True, 1)]),
    ("ispconfig", "mysql"): inserts(
        "mail_forwarding",
        "source, destination, type, active",
        [*((*alias, "alias", "y") for alias in ALIASES[:2]), ("@off.example", "@a.example", "aliasdomain", "y")],
    ),
    ("vexim", "mysql"): inserts("users", "localpart, domain_id, smtp, type", [("x", 4, "anna@a.example", "alias")])
    + inserts("domainalias", "domain_id, alias", [(2, "off.example")]),
}


@pytest.mark.parametrize(("preset", "engine"), ADDED)
def test_nobody_gets_an_address_of_such_a_domain(preset: str, engine: str, load: Load) -> None:
    """Nor does an alias elsewhere lead on through one: no mail gets in there."""
    script = SCRIPTS[preset][0](engine)
    before, after = load(engine, script), load(engine, script + ADDED[preset, engine])
    make = getattr(ais, preset)
    found = listed(make(after.driver, **after.connection))
    assert found == listed(make(before.driver, **before.connection))
    assert "anna@a.example" in str(found)


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_relayed_domain_of_iredmail(engine: str, load: Load) -> None:
    """A domain that only keeps mail for another server (backupmx) gives no address; nor is it an alias domain."""
    script = SCRIPTS["iredmail"][0](engine)
    added = inserts("forwardings", "address, forwarding, domain", [("x@mx.example", "anna@a.example", "mx.example")])
    added += inserts("alias_domain", "alias_domain, target_domain", [("mx.example", "a.example")])
    database = load(engine, script + added)
    assert "@mx.example" not in str(listed(ais.iredmail(database.driver, **database.connection)))
