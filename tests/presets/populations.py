"""The users of the contract of sources, as each application over SQL stores them.

`POPULATIONS` has the rows of each, and `CANNOT` says what of the contract an application cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from passlib.hash import bcrypt, phpass, sha512_crypt  # type: ignore[import-untyped]

import ais
from ais.sources import Login, Source
from presets import (
    test_froxlor,
    test_groupware,
    test_hmailserver,
    test_identity_servers,
    test_iredmail,
    test_ispconfig,
    test_mailcow,
    test_mailinabox,
    test_modoboa,
    test_panels,
    test_postfixadmin,
    test_vexim,
    test_vimbadmin,
    test_web,
)
from presets.scenario import inserts
from sources.contract import INACTIVE, PASSWORD, USERS
from support.databases import free_port

CRYPT = str(sha512_crypt.using(rounds=1000).hash(PASSWORD))
BCRYPT = str(bcrypt.using(rounds=4, ident="2y").hash(PASSWORD))

DOMAIN = "example.com"
ALIAS = "j.doe"
NAMES = {**{str(user["userName"]): str(user["fullName"]) for user in USERS}, INACTIVE: "Gone"}
PEOPLE = [
    (number, name, f"{name}@{DOMAIN}", full, name != INACTIVE) for number, (name, full) in enumerate(NAMES.items(), 1)
]
"""Number, name, address, full name, whether active."""

WHOLE = frozenset[str]()
MAIL = frozenset({"plain name"})
"""The user name is the mailbox' address."""
CANNOT = {
    "plesk": MAIL | {"full name", "stored password"},
    "keyhelp": MAIL | {"full name", "second address"},
    "cyberpanel": MAIL | {"full name", "inactive user"},
    "mailinabox": MAIL | {"full name", "inactive user"},
    "froxlor": MAIL | {"full name"},
    **dict.fromkeys(("postfixadmin", "mailcow", "iredmail", "modoboa", "vimbadmin", "vexim"), MAIL),
    **dict.fromkeys(("hmailserver", "grommunio", "mailu"), MAIL),
    **dict.fromkeys(("kopano", "wordpress", "django", "odoo"), frozenset({"second address"})),
    "aspnet_identity": frozenset({"full name", "second address"}),
    **dict.fromkeys(("ispconfig", "nextcloud", "egroupware", "keycloak"), WHOLE),
}
"""What of the users of the contract each application cannot hold. Nothing else of the contract is left out."""


class Population(NamedTuple):
    """How an application stores the users.

    Attributes:
        script: makes the tables and rows on an engine, all users with the same stored password.
        stored: `PASSWORD` as the application stores it.
        options: arguments that the preset needs beside those of the connection.
    """

    script: Callable[[str, str], str]
    stored: str
    options: Mapping[str, Any] = MappingProxyType({})


def engines_of(preset: str) -> list[str]:
    """The engines that a preset supports, of those that can be had here."""
    supported: tuple[str, ...] = import_module(f"ais.presets.{preset}").DRIVERS
    return [engine for engine in ("sqlite", "mysql", "postgresql") if engine in supported]


def each(most: int | None = None) -> list[Any]:
    """Each preset over SQL with each engine that it supports, or with so many of them."""
    return [
        pytest.param((preset, engine), id=f"{preset}-{engine}")
        for preset in POPULATIONS
        for engine in engines_of(preset)[:most]
    ]


def source_of(preset: str, engine: str, connection: dict[str, Any], login: Login) -> Source:
    """The preset over a database; the login is for an application whose passwords nobody can read."""
    more = {"login": login} if "stored password" in CANNOT[preset] else POPULATIONS[preset].options
    made: Source = getattr(ais, preset)(engine, **connection, **more)
    return made


def nowhere(engine: str, folder: Path) -> dict[str, Any]:
    """A connection to a database that is not there."""
    if engine == "sqlite":
        return {"database": str(folder / "missing.sqlite")}
    return {"host": "127.0.0.1", "port": free_port(), "user": "u", "password": "p", "database": "missing"}


def expected(preset: str) -> list[dict[str, object]]:
    """The users of the contract as this preset is to list them."""
    cannot = CANNOT[preset]
    found: list[dict[str, object]] = []
    for user in USERS:
        addresses = user["emailAddresses"][:1] if "second address" in cannot else user["emailAddresses"]
        name = {"userName": addresses[0] if "plain name" in cannot else user["userName"]}
        full = {} if "full name" in cannot else {"fullName": user["fullName"]}
        found.append({**name, **full, "emailAddresses": addresses})
    return found


def inactive(preset: str) -> str:
    """The name of the inactive user."""
    return f"{INACTIVE}@{DOMAIN}" if "plain name" in CANNOT[preset] else INACTIVE


def postfixadmin(engine: str, stored: str) -> str:
    people = [(mail, stored, full, name, DOMAIN, on) for _, name, mail, full, on in PEOPLE]
    aliases = [(mail, mail, DOMAIN, on) for _, _, mail, _, on in PEOPLE]
    return (
        test_postfixadmin.schema(engine)
        + inserts("domain", "domain", [("ALL",), (DOMAIN,)])
        + inserts("mailbox", "username, password, name, local_part, domain, active", people)
        + inserts("alias", "address, goto, domain, active", [*aliases, (*alias(), DOMAIN, True)])
    )


def alias() -> tuple[str, str]:
    """The second address, and the first."""
    return f"{ALIAS}@{DOMAIN}", PEOPLE[0][2]


def mailcow(engine: str, stored: str) -> str:
    schema = test_mailcow.SCHEMA.format(authsource=test_mailcow.AUTHSOURCE)
    schema += test_mailcow.SPAMALIAS.format(permanent=test_mailcow.PERMANENT)
    people = [(mail, stored, full, name, DOMAIN, int(on)) for _, name, mail, full, on in PEOPLE]
    aliases = [(mail, mail, DOMAIN, int(on)) for _, _, mail, _, on in PEOPLE]
    return (
        schema
        + inserts("domain", "domain", [(DOMAIN,)])
        + inserts("mailbox", "username, password, name, local_part, domain, active", people)
        + inserts("alias", "address, goto, domain, active", [*aliases, (*alias(), DOMAIN, 1)])
    )


def iredmail(engine: str, stored: str) -> str:
    own = [(mail, mail, DOMAIN, DOMAIN, 1, 0, int(on)) for _, _, mail, _, on in PEOPLE]
    return (
        test_iredmail.SCHEMA
        + test_iredmail.NOW.format(maillist=test_iredmail.MAILLIST)
        + inserts("domain", "domain", [(DOMAIN,)])
        + inserts(
            "mailbox",
            "username, password, name, domain, active",
            [(mail, stored, full, DOMAIN, int(on)) for _, _, mail, full, on in PEOPLE],
        )
        + inserts(
            "forwardings",
            "address, forwarding, domain, dest_domain, is_forwarding, is_alias, active",
            [*own, (*alias(), DOMAIN, DOMAIN, 0, 1, 1)],
        )
    )


def ispconfig(engine: str, stored: str) -> str:
    words = {True: "y", False: "n"}
    people = [(mail, name, stored, full, words[on], words[not on], words[not on]) for _, name, mail, full, on in PEOPLE]
    return (
        test_ispconfig.SCHEMA
        + inserts("mail_domain", "domain, active", [(DOMAIN, "y")])
        + inserts("mail_user", "email, login, password, name, postfix, disableimap, disablepop3", people)
        + inserts("mail_forwarding", "source, destination, type, active", [(*alias(), "alias", "y")])
    )


def modoboa(engine: str, stored: str) -> str:
    people = [(number, mail, *full.partition(" ")[::2], stored, on) for number, _, mail, full, on in PEOPLE]
    return (
        test_modoboa.SCHEMA.format(datetime=test_modoboa.DATETIME[engine])
        + inserts("admin_domain", "id, name, enabled", [(1, DOMAIN, True)])
        + inserts("core_user", "id, username, first_name, last_name, password, is_active", people)
        + inserts(
            "admin_mailbox",
            "id, address, domain_id, user_id",
            [(number, name, 1, number) for number, name, *_ in PEOPLE],
        )
        + inserts("admin_alias", "id, address, domain_id", [(1, alias()[0], 1)])
        + inserts("modoboa_admin_aliasrecipient", "address, alias_id, r_mailbox_id", [(alias()[1], 1, 1)])
    )


def mailinabox(engine: str, stored: str) -> str:
    return (
        test_mailinabox.SCHEMA
        + test_mailinabox.AUTO
        + inserts("users", "email, password", [(mail, stored) for _, _, mail, _, on in PEOPLE if on])
        + inserts("aliases", "source, destination", [alias()])
    )


def vimbadmin(engine: str, stored: str) -> str:
    people = [(number, mail, stored, full, on, 1) for number, _, mail, full, on in PEOPLE]
    aliases = [(mail, mail, on, 1) for _, _, mail, _, on in PEOPLE]
    return (
        test_vimbadmin.SCHEMA.format(pending=test_vimbadmin.PENDING)
        + inserts("domain", "id, domain", [(1, DOMAIN)])
        + inserts("mailbox", "id, username, password, name, active, Domain_id", people)
        + inserts("alias", "address, goto, active, Domain_id", [*aliases, (*alias(), True, 1)])
    )


def froxlor(engine: str, stored: str) -> str:
    people = [(number, mail, mail, stored, "Y" if on else "N", 1, 1) for number, _, mail, _, on in PEOPLE]
    aliases = [(mail, mail, mail, number, 1, 1) for number, _, mail, _, _ in PEOPLE]
    return (
        test_froxlor.SCHEMA
        + inserts("panel_customers", "customerid", [(1,)])
        + inserts("panel_domains", "id, domain, customerid", [(1, DOMAIN, 1)])
        + inserts("mail_users", "id, email, username, password_enc, postfix, domainid, customerid", people)
        + inserts(
            "mail_virtual",
            "email, email_full, destination, popaccountid, domainid, customerid",
            [*aliases, (alias()[0], *alias(), 0, 1, 1)],
        )
    )


def vexim(engine: str, stored: str) -> str:
    people = [
        (2, name, mail, stored, f"/var/mail/{mail}", "local", int(on), full) for _, name, mail, full, on in PEOPLE
    ]
    second, first = alias()
    return (
        test_vexim.SCHEMA
        + inserts("domains", "domain_id, domain, type", [(1, "admin", None), (2, DOMAIN, "local")])
        + inserts("users", test_vexim.COLUMNS, [*people, (2, ALIAS, second, "*", first, "alias", 1, None)])
    )


def hmailserver(engine: str, stored: str) -> str:
    people = [
        (number, 1, mail, stored, int(on), 3, 0, *full.partition(" ")[::2]) for number, _, mail, full, on in PEOPLE
    ]
    return (
        test_hmailserver.SCHEMA
        + inserts("hm_domains", "domainid, domainname, domainactive", [(1, DOMAIN, 1)])
        + inserts("hm_accounts", test_hmailserver.COLUMNS, people)
        + inserts("hm_aliases", "aliasid, aliasdomainid, aliasname, aliasvalue, aliasactive", [(1, 1, *alias(), 1)])
    )


def nextcloud(engine: str, stored: str) -> str:
    settings = [(name, "settings", "email", mail) for _, name, mail, _, _ in PEOPLE]
    return (
        test_web.nextcloud_script(engine, rows=False)
        + inserts(
            "oc_users", "uid, displayname, password, uid_lower", [(n, full, stored, n) for _, n, _, full, _ in PEOPLE]
        )
        + inserts("oc_preferences", test_web.PREFERENCE, [*settings, (INACTIVE, "core", "enabled", "false")])
        + inserts("oc_accounts_data", "uid, name, value", [(PEOPLE[0][1], "additional_mail", alias()[0])])
    )


def wordpress(engine: str, stored: str) -> str:
    people = [(name, stored, mail, int(not on), full) for _, name, mail, full, on in PEOPLE]
    schema = test_web.WORDPRESS.format(p="wp_", serial=test_web.WORDPRESS_SERIAL[engine], network=test_web.NETWORK)
    return schema + inserts("wp_users", "user_login, user_pass, user_email, user_status, display_name", people)


def django(engine: str, stored: str) -> str:
    people = [(name, *full.partition(" ")[::2], mail, stored, on) for _, name, mail, full, on in PEOPLE]
    return test_web.django_script("auth_user", people)


def plesk(engine: str, stored: str) -> str:
    # a mailbox cannot be off there, but its domain can
    return (
        test_panels.PLESK
        + test_panels.PLESK_REDIR
        + inserts("domains", "id, name, status", [(1, DOMAIN, 0), (2, "off.example", 16)])
        + inserts("accounts", "id, type, password", [(number, "sym", stored) for number, *_ in PEOPLE])
        + inserts(
            "mail",
            "id, mail_name, dom_id, account_id, postbox",
            [(number, name, 1 if on else 2, number, "true") for number, name, _, _, on in PEOPLE],
        )
        + inserts("mail_aliases", "mn_id, alias", [(1, ALIAS)])
    )


def keyhelp(engine: str, stored: str) -> str:
    people = [(mail, stored, "Y" if on else "N") for _, _, mail, _, on in PEOPLE]
    return test_panels.KEYHELP + inserts("mail_users", "email_utf8, password, login_enabled", people)


def cyberpanel(engine: str, stored: str) -> str:
    return (
        test_panels.CYBERPANEL
        + inserts("e_users", "email, password", [(mail, stored) for _, _, mail, _, on in PEOPLE if on])
        + inserts("e_forwardings", "source, destination", [alias()])
    )


def grommunio(engine: str, stored: str) -> str:
    people = [(number, mail, stored, int(not on)) for number, _, mail, _, on in PEOPLE]
    properties = [(number, 956628995, "0") for number, *_ in PEOPLE]
    properties += [(number, 805371935, full) for number, _, _, full, _ in PEOPLE]
    return (
        test_groupware.GROMMUNIO
        + inserts("users", "id, username, password, address_status", people)
        + inserts("user_properties", "user_id, proptag, propval_str", properties)
        + inserts("aliases", "aliasname, mainname", [alias()])
    )


def kopano(engine: str, stored: str) -> str:
    properties = [
        (number, name, value)
        for number, login, mail, full, _ in PEOPLE
        for name, value in (("loginname", login), ("fullname", full), ("emailaddress", mail), ("password", stored))
    ]
    objects = [(number, 65537 if on else 65538) for number, *_, on in PEOPLE]
    return (
        test_groupware.KOPANO
        + inserts("object", "id, objectclass", objects)
        + inserts("objectproperty", "objectid, propname, value", properties)
    )


def mailu(engine: str, stored: str) -> str:
    users = "`user`" if engine == "mysql" else '"user"'
    return (
        test_groupware.MAILU.format(user=users)
        + inserts(
            users,
            "email, localpart, domain_name, password, displayed_name, enabled",
            [(mail, name, DOMAIN, stored, full, on) for _, name, mail, full, on in PEOPLE],
        )
        + inserts("alias", "email, localpart, domain_name, destination", [(alias()[0], ALIAS, DOMAIN, alias()[1])])
    )


def egroupware(engine: str, stored: str) -> str:
    people = [(number, name, stored, "A" if on else "", -1, "u") for number, name, _, _, on in PEOPLE]
    contacts = [(number, number, full, mail) for number, _, mail, full, _ in PEOPLE]
    columns = "account_id, account_lid, account_pwd, account_status, account_expires, account_type"
    return (
        test_groupware.EGROUPWARE
        + inserts("egw_accounts", columns, people)
        + inserts("egw_addressbook", "contact_id, account_id, n_fn, contact_email", contacts)
        + inserts("egw_mailaccounts", "mail_id, account_id, mail_type, mail_value", [(1, 1, 3, alias()[0])])
    )


def keycloak(engine: str, stored: str) -> str:
    people = [(f"u{n}", mail, name, *full.partition(" ")[::2], on, "r1") for n, name, mail, full, on in PEOPLE]
    secret, _, data = stored.partition("|")
    return (
        test_identity_servers.KEYCLOAK.format(**test_identity_servers.KEYCLOAK_TYPES[engine])
        + inserts("realm", "id, name, enabled", [("r1", "company", True)])
        + inserts("user_entity", "id, email, username, first_name, last_name, enabled, realm_id", people)
        + inserts(
            "credential",
            "id, type, user_id, secret_data, credential_data",
            [(f"c{number}", "password", f"u{number}", secret, data) for number, *_ in PEOPLE],
        )
        + inserts("user_attribute", "id, name, value, user_id", [("a1", "aliases", alias()[0], "u1")])
    )


def odoo(engine: str, stored: str) -> str:
    partners = [(100 + number, full, mail, mail) for number, _, mail, full, _ in PEOPLE]
    people = [(number, name, stored, on, False, 100 + number) for number, name, _, _, on in PEOPLE]
    return (
        test_identity_servers.ODOO.format(normalized=", email_normalized VARCHAR")
        + inserts("res_partner", "id, name, email, email_normalized", partners)
        + inserts("res_users", "id, login, password, active, share, partner_id", people)
    )


def aspnet_identity(engine: str, stored: str) -> str:
    quote = '"' if engine == "postgresql" else ""
    names = "Id UserName NormalizedUserName Email PasswordHash LockoutEnd LockoutEnabled"
    return test_identity_servers.ASPNET.format(q=quote, time=test_identity_servers.ASPNET_TIME[engine]) + inserts(
        f"{quote}AspNetUsers{quote}",
        ", ".join(f"{quote}{name}{quote}" for name in names.split()),
        [
            (f"id{number}", name, name.upper(), mail, stored, None if on else "9999-12-31 23:59:59", True)
            for number, name, mail, _, on in PEOPLE
        ],
    )


POPULATIONS = {
    "postfixadmin": Population(postfixadmin, "{CRYPT}" + BCRYPT),
    "mailcow": Population(mailcow, "{BLF-CRYPT}" + BCRYPT),
    "iredmail": Population(iredmail, "{BLF-CRYPT}" + BCRYPT),
    "ispconfig": Population(ispconfig, CRYPT),
    "modoboa": Population(modoboa, "{SHA512-CRYPT}" + CRYPT),
    "mailinabox": Population(mailinabox, "{SHA512-CRYPT}" + CRYPT),
    "vimbadmin": Population(vimbadmin, BCRYPT),
    "froxlor": Population(froxlor, BCRYPT),
    "vexim": Population(vexim, CRYPT),
    "hmailserver": Population(hmailserver, test_hmailserver.sha256(PASSWORD.encode())),
    "nextcloud": Population(nextcloud, "1|" + BCRYPT),
    # as before 6.8: since then WordPress itself drops blanks around a password
    "wordpress": Population(wordpress, str(phpass.using(rounds=8).hash(PASSWORD))),
    "django": Population(django, test_web.pbkdf2("sha256", PASSWORD)),
    "plesk": Population(plesk, test_panels.PLESK_STORED),
    "keyhelp": Population(keyhelp, BCRYPT),
    "cyberpanel": Population(cyberpanel, "{CRYPT}" + BCRYPT.replace("$2y$", "$2b$")),
    "grommunio": Population(grommunio, CRYPT),
    "kopano": Population(kopano, test_groupware.kopano_hash(PASSWORD)),
    "mailu": Population(mailu, "{PBKDF2}" + test_groupware.mailu_hash(PASSWORD)),
    "egroupware": Population(egroupware, "{crypt}" + CRYPT),
    "keycloak": Population(
        keycloak,
        "|".join(test_identity_servers.keycloak_credential("pbkdf2-sha256", PASSWORD)),
        {"realm": "company", "alias_attribute": "aliases"},
    ),
    "odoo": Population(odoo, test_identity_servers.odoo_hash(PASSWORD)),
    "aspnet_identity": Population(aspnet_identity, test_identity_servers.aspnet_hash(3, PASSWORD)),
}
