"""docs/presets: each configuration and each user of a database, as an administrator would copy them."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ais
from ais.sources import Source
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
from presets.formats import PASSWORD
from presets.loading import listed
from presets.scenario import inserts
from support.databases import DatabaseServer
from support.dovecot import Dovecot, at_the_usual_port, dovecot
from support.openldap import certificates

PAGES = Path(__file__).parents[2] / "docs" / "presets"


def wordpress_script(engine: str) -> str:
    """The tables of WordPress with its users."""
    tables = test_web.WORDPRESS.format(p="wp_", serial=test_web.WORDPRESS_SERIAL[engine], network="")
    columns = "user_login, user_pass, user_email, user_status, display_name"
    return tables + inserts("wp_users", columns, test_web.WORDPRESS_USERS)


def iredmail_script(engine: str) -> str:
    """The tables of iRedMail with the scenario."""
    tables = test_iredmail.SCHEMA + test_iredmail.NOW.format(maillist=test_iredmail.MAILLIST)
    return tables + test_iredmail.COMMON + test_iredmail.NOW_ROWS


def modoboa_script(engine: str) -> str:
    """The tables of Modoboa with the scenario."""
    return test_modoboa.SCHEMA.format(datetime=test_modoboa.DATETIME[engine]) + test_modoboa.rows()


def django_script(engine: str) -> str:
    """The table of Django with one user."""
    return test_web.django_script("auth_user", [("anna", "Anna", "", "", test_web.pbkdf2("sha256"), True)])


SCRIPTS: dict[str, tuple[Callable[[str], str], str, int]] = {
    "postfixadmin": (lambda engine: test_postfixadmin.schema(engine) + test_postfixadmin.rows(), "anna@a.example", 7),
    "mailcow": (
        lambda engine: (
            test_mailcow.SCHEMA.format(authsource=test_mailcow.AUTHSOURCE)
            + test_mailcow.SPAMALIAS.format(permanent=test_mailcow.PERMANENT)
            + test_mailcow.ROWS
        ),
        "anna@a.example",
        8,
    ),
    "iredmail": (iredmail_script, "anna@a.example", 7),
    "ispconfig": (lambda engine: test_ispconfig.SCHEMA + test_ispconfig.ROWS, "zlogin", 10),
    "modoboa": (modoboa_script, "anna@a.example", 7),
    "mailinabox": (
        lambda engine: test_mailinabox.SCHEMA + test_mailinabox.AUTO + test_mailinabox.ROWS,
        "anna@a.example",
        5,
    ),
    "vimbadmin": (
        lambda engine: test_vimbadmin.SCHEMA.format(pending=test_vimbadmin.PENDING) + test_vimbadmin.ROWS,
        "anna@a.example",
        7,
    ),
    "froxlor": (lambda engine: test_froxlor.SCHEMA + test_froxlor.ROWS, "web1p1", 8),
    "vexim": (lambda engine: test_vexim.SCHEMA + test_vexim.ROWS, "anna@a.example", 7),
    "hmailserver": (lambda engine: test_hmailserver.SCHEMA + test_hmailserver.ROWS, "anna@a.example", 8),
    "nextcloud": (test_web.nextcloud_script, "anna", 4),
    "wordpress": (wordpress_script, "admin", 4),
    "django": (django_script, "anna", 1),
    "plesk": (test_panels.plesk_script, "anna@a.example", 3),
    "keyhelp": (test_panels.keyhelp_script, "bob@a.example", 2),
    "cyberpanel": (test_panels.cyberpanel_script, "anna@a.example", 7),
    "grommunio": (test_groupware.grommunio_script, "anna@a.example", 10),
    "kopano": (test_groupware.kopano_script, "anna", 3),
    "mailu": (test_groupware.mailu_script, "anna@a.example", 7),
    "egroupware": (test_groupware.egroupware_script, "anna", 4),
    "keycloak": (lambda engine: test_identity_servers.keycloak_script(engine, realm="company"), "anna", 7),
    "odoo": (test_identity_servers.odoo_script, "admin", 4),
    "aspnet_identity": (test_identity_servers.aspnet_script, "admin", 6),
}
"""A page's name: what makes the application's tables, a user, the number of users."""


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (PAGES / f"{page.replace('_', '-')}.md").read_text(encoding="utf-8")
    return [part.partition("\n```")[0] for part in text.split(f"```{language}\n")[1:]]


def keywords(page: str) -> dict[str, Any]:
    """The arguments that the page gives to the preset, the driver included."""
    (block,) = blocks(page, "python")
    (call,) = (node for node in ast.walk(ast.parse(block)) if _calls(node, page))
    assert isinstance(call, ast.Call)
    (driver,) = call.args
    given: dict[str, Any] = {"driver": ast.literal_eval(driver)}
    for keyword in call.keywords:
        assert keyword.arg
        if keyword.arg != "login":
            given[keyword.arg] = ast.literal_eval(keyword.value)
    return given


def _calls(node: ast.AST, page: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == page


def source_of(page: str, block: str, **replaced: str | int) -> Source:
    """Run a configuration, with some arguments of the preset replaced."""
    tree = ast.parse(block)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _calls(node, page):
            if "driver" in replaced:
                node.args = [ast.Constant(replaced["driver"])]
            kept = [keyword for keyword in node.keywords if keyword.arg not in replaced]
            new = [ast.keyword(name, ast.Constant(value)) for name, value in replaced.items() if name != "driver"]
            node.keywords = [*kept, *new]
    names: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), f"{page}.md", "exec"), names)
    (source,) = names["sources"]
    assert isinstance(source, Source)
    return source


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a mail server."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def mail_server(authority: Path) -> Iterator[Dovecot]:
    """A mail server that knows a user."""
    with dovecot({"anna@a.example": PASSWORD}, authority) as server:
        yield server


def check(page: str, source: Source) -> None:
    """The source lists everybody and lets a user in."""
    _, user, count = SCRIPTS[page]
    assert len(listed(source)) == count
    assert source.authenticate(user, PASSWORD) is True
    assert source.authenticate(user, "wrong") is False


def check_on_mysql(page: str, server: DatabaseServer) -> None:
    """The configuration and the user of a page work on this server."""
    given = keywords(page)
    statements = next(block for block in blocks(page, "sql") if block.startswith("CREATE USER"))
    database = given["database"]
    server.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
    try:
        server.execute(SCRIPTS[page][0]("mysql"), database)
        server.execute(statements)
        (block,) = blocks(page, "python")
        check(page, source_of(page, block, driver="mysql", port=server.port))
    finally:
        server.execute(f"DROP DATABASE {database}; DROP USER IF EXISTS 'mailstore'@'127.0.0.1', 'mailstore'@'%'")


def test_every_preset_over_sql_has_a_page() -> None:
    """There is a page for each public preset, and none without."""
    public = {name for name, module in ais.PUBLIC.items() if module.startswith("presets.")}
    assert {page.stem.replace("-", "_") for page in PAGES.glob("*.md")} - {"README"} <= public
    assert SCRIPTS.keys() == public - {"docker_mailserver", "hestia", "cpanel", "directadmin", "virtualmin"}
    assert all(blocks(page, "python") for page in SCRIPTS)


@pytest.mark.parametrize("page", [page for page in SCRIPTS if "CREATE USER" in "".join(blocks(page, "sql"))])
def test_mysql(
    page: str, mysql_server: DatabaseServer, mail_server: Dovecot, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration works on MariaDB with the user that the page makes, who may read nothing else."""
    at_the_usual_port(monkeypatch, mail_server, authority)
    check_on_mysql(page, mysql_server)


def test_a_database_in_a_container() -> None:
    """mailcow's database sees its host at an address of Docker's network: its user must not be of 127.0.0.1 alone."""
    (statements,) = blocks("mailcow", "sql")
    assert "127.0.0.1" not in statements


@pytest.mark.parametrize("page", [page for page in SCRIPTS if "CREATE ROLE" in "".join(blocks(page, "sql"))])
def test_postgresql(page: str, postgresql_server: DatabaseServer) -> None:
    """The configuration works on PostgreSQL with the role that the page makes, which may read nothing else."""
    given = keywords(page)
    statements = next(block for block in blocks(page, "sql") if block.startswith("CREATE ROLE"))
    database = given["database"]
    postgresql_server.execute(f"CREATE DATABASE {database}")
    try:
        postgresql_server.execute(SCRIPTS[page][0]("postgresql") + statements, database)
        (block,) = blocks(page, "python")
        check(page, source_of(page, block, driver="postgresql", port=postgresql_server.port))
    finally:
        postgresql_server.execute(f"DROP DATABASE {database}")
        postgresql_server.execute("DROP ROLE IF EXISTS mailstore")


def test_sqlite(tmp_path: Path) -> None:
    """The configuration works on the SQLite file, wherever it is."""
    connection = sqlite3.connect(tmp_path / "users.sqlite")
    connection.executescript(SCRIPTS["mailinabox"][0]("sqlite"))
    connection.close()
    (block,) = blocks("mailinabox", "python")
    check("mailinabox", source_of("mailinabox", block, database=str(tmp_path / "users.sqlite")))


@pytest.mark.parametrize("page", ["postfixadmin", "iredmail", "nextcloud"])
def test_rights_in_an_old_database(page: str, mysql_server: DatabaseServer) -> None:
    """As the pages say: where a table is missing, a user with rights on the whole database finds that out."""
    database = keywords(page)["database"]
    old = {
        "postfixadmin": test_postfixadmin.schema("mysql", alias_domains=False)
        + test_postfixadmin.rows(alias_domains=False),
        "iredmail": test_iredmail.SCHEMA + test_iredmail.OLD + test_iredmail.COMMON + test_iredmail.OLD_ROWS,
        "nextcloud": test_web.nextcloud_script("mysql", accounts=False),
    }
    mysql_server.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
    try:
        mysql_server.execute(old[page], database)
        mysql_server.execute(
            "CREATE USER 'mailstore'@'127.0.0.1' IDENTIFIED BY 'secret';"
            f"GRANT SELECT ON {database}.* TO 'mailstore'@'127.0.0.1'"
        )
        (block,) = blocks(page, "python")
        check(page, source_of(page, block, port=mysql_server.port))
    finally:
        mysql_server.execute(f"DROP DATABASE {database}; DROP USER IF EXISTS 'mailstore'@'127.0.0.1'")
