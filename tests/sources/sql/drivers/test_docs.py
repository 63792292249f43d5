"""docs/sql.md: each configuration in it finds the users of its database, and the tables are complete."""

from __future__ import annotations

import inspect
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ais.config import load
from ais.errors import AISError, MissingPackage
from ais.sources.sql import sql
from ais.sources.sql.drivers import _DRIVERS
from sources.contract import PASSWORD
from sources.sql.drivers.engines import STORED, Engine, need_odbc
from support.site import ROOT

PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
HEAD = 'from ais import caller\n\ncallers = [caller("mailstore@example.test", "{PLAIN}Passw0rd")]\n'


def blocks(heading: str, language: str) -> list[str]:
    """The fenced blocks of one language under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def configured(text: str, folder: Path) -> Any:
    """The source of a configuration."""
    (folder / "config.py").write_text(HEAD + text, encoding="utf-8")
    [source] = load(str(folder / "config.py")).sources
    return source


def at(server: Engine, text: str) -> str:
    """A configuration, with the private server and its CA instead of the hosts and the file of the page."""
    text = re.sub(r'host="[^"]*",', f'host="localhost", port={server.server.port},', text)
    text = re.sub(r"host=\[[^]]*\],", f'host=["127.0.0.3", "localhost"], port={server.server.port},', text)
    return re.sub(r"\n *port=5432,", "", text).replace("/etc/ssl/mail-ca.pem", str(server.server.ca))


def answers(source: Any) -> None:
    """The source lists John and checks passwords."""
    assert "john.doe" in {user.user_name for user in source.users()}
    assert source.authenticate("john.doe", PASSWORD) is True
    assert source.authenticate("john.doe", "wrong") is False
    assert source.authenticate("nobody", PASSWORD) is None


def grant(server: Engine, heading: str) -> None:
    """Make the page's user."""
    columns = {"postgresql": "ADD COLUMN IF NOT EXISTS pin text", "mysql": "ADD COLUMN IF NOT EXISTS pin text"}
    server.server.execute(f"ALTER TABLE users {columns[server.driver]}; UPDATE users SET pin = md5('pïn')", "mail")
    if server.driver == "postgresql":
        exists = server.server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'mailstore_reader'")
        statements = "" if exists else "".join(blocks(heading, "sql"))
    else:
        statements = "".join(blocks(heading, "sql")).replace("CREATE USER", "CREATE USER IF NOT EXISTS")
    server.server.execute(statements, "mail")


def test_sqlite(tmp_path: Path) -> None:
    """The first configuration asks an SQLite file beside it."""
    database = sqlite3.connect(tmp_path / "users.sqlite")
    database.execute("CREATE TABLE users (login, name, mail, password, active)")
    database.execute("INSERT INTO users VALUES ('john.doe', 'John', 'john@example.com', ?, 1)", (STORED,))
    database.commit()
    database.close()
    answers(configured(blocks("The queries", "python")[0], tmp_path))


def test_database_verifies(tls_engine: Engine, tmp_path: Path) -> None:
    """The configuration with :pass lets PostgreSQL compare."""
    if tls_engine.driver != "postgresql":
        return
    grant(tls_engine, "PostgreSQL")
    source = configured(at(tls_engine, blocks("The queries", "python")[1]), tmp_path)
    assert source.authenticate("john.doe", "pïn") is True
    assert source.authenticate("john.doe", "wrong") is None


def test_servers(tls_engine: Engine, tmp_path: Path) -> None:
    """The user that the page makes, the page's TLS and its hosts work on PostgreSQL and MariaDB."""
    heading = {"postgresql": "PostgreSQL", "mysql": "MySQL and MariaDB"}[tls_engine.driver]
    grant(tls_engine, heading)
    [text] = blocks(heading, "python")
    answers(configured(at(tls_engine, text), tmp_path))


def test_odbc_and_other_module(tls_engine: Engine, tmp_path: Path) -> None:
    """The configuration for ODBC asks PostgreSQL, that for any module asks MariaDB."""
    heading = {"postgresql": "ODBC", "mysql": "Another module"}[tls_engine.driver]
    if heading == "ODBC":
        need_odbc("PostgreSQL Unicode", "odbc-postgresql")
    grant(tls_engine, {"postgresql": "PostgreSQL", "mysql": "MySQL and MariaDB"}[tls_engine.driver])
    [text] = blocks(heading, "python")
    answers(configured(at(tls_engine, text), tmp_path))


@pytest.mark.parametrize(
    ("heading", "number", "module"),
    [("Microsoft SQL Server", 0, "pymssql"), ("Microsoft SQL Server", 1, "pyodbc"), ("Oracle", 0, "oracledb")],
)
def test_loaded_only(heading: str, number: int, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configurations for servers that cannot be had here are read, and ask for their package."""
    monkeypatch.setitem(__import__("sys").modules, module, None)
    source = configured(blocks(heading, "python")[number], tmp_path)
    with pytest.raises(MissingPackage, match=module):
        list(source.users())


@pytest.mark.parametrize("heading", ["Microsoft SQL Server", "Oracle"])
def test_user_of_servers_not_had(heading: str) -> None:
    """The statements make the user that the configurations name, with its password and a right on their table."""
    (statements,) = blocks(heading, "sql")
    (table,) = re.findall(r"^GRANT SELECT ON (\S+) TO mailstore_reader;$", statements, re.MULTILINE)
    for text in blocks(heading, "python"):
        (password,) = re.findall('password="([^"]*)"', text)
        assert re.search(f"^CREATE (LOGIN|USER) mailstore_reader .*{password}.;$", statements, re.MULTILINE)
        assert 'user="mailstore_reader"' in text
        assert set(re.findall(r" FROM (\S+) ", text)) == {table}


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        ('database="mail"', 'database="mial"', "the user may not use this database"),
        ("name AS fullName", "nam AS fullName", "(SELECT command denied .* for|Unknown) column 'nam'"),
    ],
)
def test_what_a_user_with_few_rights_is_told(
    tls_engine: Engine, tmp_path: Path, right: str, wrong: str, error: str
) -> None:
    """MariaDB hides from the page's user whether a database exists, and in most versions a column, as the page says."""
    if tls_engine.driver != "mysql":
        return
    grant(tls_engine, "MySQL and MariaDB")
    [text] = blocks("MySQL and MariaDB", "python")
    assert right in text
    with pytest.raises(AISError, match=error):
        list(configured(at(tls_engine, text.replace(right, wrong)), tmp_path).users())


def test_query_of_passwords_page(tls_engine: Engine, tmp_path: Path) -> None:
    """The query of docs/passwords.md lets MariaDB verify with a salt in another column."""
    if tls_engine.driver != "mysql":
        return
    page = (ROOT / "docs" / "passwords.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    tls_engine.server.execute(
        "CREATE TABLE members (login TEXT, salt TEXT, hash TEXT);"
        "INSERT INTO members VALUES ('anna', 's1', SHA1(CONCAT('s1', SHA1(CONCAT('s1', SHA1('pïn'))))))",
        "mail",
    )
    try:
        grant(tls_engine, "MySQL and MariaDB")
        tls_engine.server.execute("GRANT SELECT ON mail.members TO 'mailstore_reader'@'%'", "mail")
        [text] = blocks("MySQL and MariaDB", "python")
        text = re.sub(r"auth_query=.*", f"auth_query={query.strip()!r},", text)
        source = configured(at(tls_engine, text), tmp_path)
        assert source.authenticate("anna", "pïn") is True
        assert source.authenticate("anna", "wrong") is not True
    finally:
        tls_engine.server.execute("DROP TABLE members", "mail")


def test_every_option_and_driver() -> None:
    """Every option of sql() and every driver has a row in a table, and each row names one there is."""
    options = PAGE.partition("\n## Options\n")[2].partition("\n## ")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", options, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(inspect.signature(sql).parameters)
    drivers = set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("\n## ")[0], re.MULTILINE))
    assert drivers == set(_DRIVERS)


def test_errors_are_those_of_the_program() -> None:
    """Each error that the page explains is one that the program says."""
    section = PAGE.partition("\n## Errors\n")[2]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    errors = [error for cell in cells for error in re.findall("`([^`]*)`", cell)]
    assert len(errors) > 10
    code = "".join(path.read_text() for path in (ROOT / "lib" / "ais" / "sources" / "sql" / "drivers").glob("*.py"))
    code += "".join((ROOT / "lib" / "ais" / name).read_text() for name in ("errors.py", "network/address.py"))
    for error in errors:
        assert error in code, error
