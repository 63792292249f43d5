"""The driver and the presets against Oracle's MySQL, whose logins and certificates are not MariaDB's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, sql
from ais.errors import SourceError, SourceUnavailable
from presets import test_pages
from presets.formats import PASSWORD
from sources.sql.drivers.engines import refused
from support.databases import DatabaseServer, mysql
from support.dovecot import Dovecot, at_the_usual_port, dovecot
from support.openldap import certificates

TABLE = """
CREATE DATABASE mail CHARACTER SET utf8mb4;
CREATE TABLE mail.users (name VARCHAR(50) PRIMARY KEY, full VARCHAR(50), address VARCHAR(200), secret VARCHAR(200));
INSERT INTO mail.users VALUES ('anna', 'Anna Müller 猫', 'anna@example.com', '{PLAIN}secret'),
    ('rené', NULL, 'rene@example.com', '{PLAIN}other');
"""
QUERIES = {
    "list_query": "SELECT name AS userName, full AS fullName, address AS emailAddresses FROM users ORDER BY name",
    "auth_query": "SELECT secret FROM users WHERE name = :user",
}


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    """MySQL with a table of users, and one who logs in by caching_sha2_password, as is usual there."""
    with mysql() as running:
        running.execute(TABLE)
        yield running


@pytest.fixture(autouse=True)
def _time_enough() -> None:
    """A request begins with each test, and not before the server runs."""
    deadline.start(60)


def source_of(server: DatabaseServer, **more: Any) -> Any:
    """A source over the table."""
    return sql("mysql", **{**server.arguments, "database": "mail", **QUERIES, **more})


def test_the_user_logs_in_by_its_own_method(server: DatabaseServer) -> None:
    """The tests' user has MySQL's usual method."""
    assert server.execute("SELECT plugin FROM mysql.user WHERE user = 'admin'").strip() == "caching_sha2_password"


@pytest.mark.parametrize("way", ["address", "socket", "TLS"])
def test_list_and_logins(server: DatabaseServer, way: str) -> None:
    """List and logins are right without TLS, by the socket, and with TLS by the CA that MySQL has made itself."""
    server.execute("FLUSH PRIVILEGES")  # forgets who has logged in, so that the whole login is done
    more: dict[str, Any] = {"socket": {"host": server.socket, "port": None}}.get(way, {})
    if way == "TLS":
        more = {"tls": str(server.ca), "options": {"ssl_verify_identity": False}}
    source = source_of(server, **more)
    assert [(user.user_name, user.full_name, user.email_addresses) for user in source.users()] == [
        ("anna", "Anna Müller 猫", ["anna@example.com"]),
        ("rené", "", ["rene@example.com"]),
    ]
    assert source.authenticate("anna", "secret") is True
    assert source.authenticate("anna", "other") is False
    assert source.authenticate("nobody", "secret") is None


def test_certificate_that_names_no_host(server: DatabaseServer) -> None:
    """Its own certificate is refused, unless the CA alone is to be trusted; another CA is refused then, too."""
    text = refused(SourceUnavailable, source_of(server, tls=str(server.ca)).users)
    assert "certificate is for another host name" in text
    source = source_of(server, tls=True, options={"ssl_verify_identity": False})
    assert "certificate is not signed by the CA" in refused(SourceUnavailable, source.users)


def test_encrypted(server: DatabaseServer) -> None:
    """With tls the connection is encrypted, and without it on this machine it is not."""
    query = (
        "SELECT VARIABLE_VALUE AS userName FROM performance_schema.session_status WHERE VARIABLE_NAME = 'Ssl_version'"
    )
    trusted = {"tls": str(server.ca), "options": {"ssl_verify_identity": False}}
    assert [user.user_name[:4] for user in source_of(server, list_query=query, **trusted).users()] == ["TLSv"]
    off = query.replace("VARIABLE_VALUE", "IF(VARIABLE_VALUE = '', 'none', VARIABLE_VALUE)")
    assert [user.user_name for user in source_of(server, list_query=off).users()] == ["none"]


def test_more_warnings_than_it_lists(server: DatabaseServer) -> None:
    """MySQL lists 1,024 warnings: with more nobody knows whether a value was cut. A few do no harm."""
    numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
    query = numbers + "SELECT CONCAT('user', i) AS userName, CAST('x' AS SIGNED) AS w FROM n"
    assert len(list(source_of(server, list_query=query.format(600)).users())) == 600
    pairs = query.format(600) + " CROSS JOIN (SELECT 1 UNION ALL SELECT 2) two"
    text = refused(SourceError, source_of(server, list_query=pairs).users)
    assert "warns of more than it can list" in text


PAGES = [page for page in test_pages.SCRIPTS if "CREATE USER" in "".join(test_pages.blocks(page, "sql"))]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a mail server."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def mail_server(authority: Path) -> Iterator[Dovecot]:
    """A mail server that knows a user."""
    with dovecot({"anna@a.example": PASSWORD}, authority) as running:
        yield running


@pytest.mark.parametrize("page", PAGES)
def test_presets(
    page: str, server: DatabaseServer, mail_server: Dovecot, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each preset lists and lets in on MySQL, with the user that its page makes."""
    at_the_usual_port(monkeypatch, mail_server, authority)
    test_pages.check_on_mysql(page, server)
