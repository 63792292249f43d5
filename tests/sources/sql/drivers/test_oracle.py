"""The driver oracle up to oracledb's border; no Oracle can be had here."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ais import sql
from ais.errors import SourceError, SourceUnavailable
from sources.sql.drivers.engines import refused, within
from sources.sql.drivers.standin import StandIn, stand_in
from support.databases import certificates

LIST = "SELECT login AS userName FROM users;"
AUTH = "SELECT hash FROM users WHERE login = :user OR mail = :user"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Stands in for oracledb."""
    return stand_in("oracledb", monkeypatch)


def source(**changed: Any) -> Any:
    """A source at a server."""
    given = {"host": "db", "user": "reader", "password": "pä;ss", "database": "mail.example.com"}
    return sql("oracle", **{**given, "list_query": LIST, "auth_query": AUTH, "default_scheme": "PLAIN", **changed})


class DatabaseError(Exception):
    """As oracledb raises it: with an object that has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(SimpleNamespace(full_code=code, message="S3cret"))


def test_connect(module: StandIn) -> None:
    """oracledb gets its own names of the arguments; the transaction reads, and every call has a time-out."""
    assert [user.user_name for user in within(7, source().users)] == ["stored"]
    [given] = module.connects
    assert 6 < given.pop("tcp_connect_timeout") <= 7
    assert given == {
        "host": "db",
        "port": 1521,
        "service_name": "mail.example.com",
        "user": "reader",
        "password": "pä;ss",
    }
    assert module.executed == [("SET TRANSACTION READ ONLY",), (LIST[:-1],)]
    assert 6000 < module.connection.call_timeout <= 7001
    assert module.defaults.fetch_lobs is False
    assert module.connection.closed


def test_parameters(module: StandIn) -> None:
    """Parameters are bound by number, since :user is a reserved word; each use has its value."""
    assert within(5, lambda: source().authenticate("x'y", "stored")) is True
    assert module.executed[1] == ("SELECT hash FROM users WHERE login = :1 OR mail = :2", ["x'y", "x'y"])


def test_tls(module: StandIn, tmp_path: Path) -> None:
    """TLS verifies the certificate and the host name."""
    certificates(tmp_path)
    within(5, source(tls=str(tmp_path / "ca.pem"), port=2484).users)
    [given] = module.connects
    assert given["protocol"] == "tcps"
    assert given["ssl_server_dn_match"] is True
    assert given["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert given["ssl_context"].check_hostname


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("ORA-00942", SourceError, "a table, a column or a right is missing"),
        ("ORA-00933", SourceError, "syntax error"),
        ("ORA-01456", SourceError, "tries to write"),
        ("DPY-4024", SourceUnavailable, "in time"),
        ("DPY-4011", SourceUnavailable, "DPY-4011"),
    ],
)
def test_refused_queries(module: StandIn, code: str, kind: type[Any], words: str) -> None:
    """The code decides between a 500 and a 503; Oracle's text is in no error."""
    module.rejects = DatabaseError(code)
    assert words in refused(kind, source().users, "S3cret")


def test_failover(module: StandIn) -> None:
    """The next host is asked when one cannot be reached, and not after a refused login."""
    module.fails = [DatabaseError("DPY-6005")]
    within(10, source(host=["a", "b"]).users)
    assert [connect["host"] for connect in module.connects] == ["a", "b"]
    module.fails = [DatabaseError("ORA-01017")]
    assert "password is wrong" in refused(SourceUnavailable, source(host=["a", "b"]).users, "S3cret")
