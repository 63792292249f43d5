"""The driver mssql up to pymssql's border; no SQL Server can be had here."""

from __future__ import annotations

from typing import Any

import pytest

from ais import sql
from ais.errors import ConfigError, SourceError, SourceUnavailable
from sources.sql.drivers.engines import refused, within
from sources.sql.drivers.standin import StandIn, stand_in

LIST = "SELECT login AS userName FROM [my:users]"
AUTH = "SELECT hash FROM users WHERE login = :user AND code LIKE '1%'"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Stands in for pymssql."""
    return stand_in("pymssql", monkeypatch)


def source(**changed: Any) -> Any:
    """A source at a server."""
    given = {"host": "db", "user": "reader", "password": "pä;ss", "database": "mail"}
    return sql("mssql", **{**given, "list_query": LIST, "auth_query": AUTH, "default_scheme": "PLAIN", **changed})


def test_connect(module: StandIn) -> None:
    """pymssql gets its own names of the arguments, and time-outs in whole seconds."""
    assert [user.user_name for user in within(7.5, source().users)] == ["stored"]
    assert module.connects == [
        {
            "server": "db",
            "port": "1433",
            "user": "reader",
            "password": "pä;ss",
            "database": "mail",
            "charset": "UTF-8",
            "login_timeout": 8,
            "timeout": 8,
            "appname": "mailstore-ais",
            "autocommit": True,
        }
    ]
    assert module.connection.closed


def test_parameters(module: StandIn) -> None:
    """Parameters are bound by name, and a % in the query is doubled."""
    assert within(5, lambda: source().authenticate("x'y", "stored")) is True
    text = "SELECT hash FROM users WHERE login = %(user)s AND code LIKE '1%%'"
    assert module.executed == [(text, {"user": "x'y"})]
    list(within(5, source().users))
    assert module.executed[1:] == [(LIST,)]


def test_port_and_instance(module: StandIn) -> None:
    """A named instance is found by its name and not by a port."""
    within(5, source(port=1500).users)
    within(5, source(host="db\\mail").users)
    assert module.connects[0]["port"] == "1500"
    assert "port" not in module.connects[1]


def test_tls(module: StandIn) -> None:
    """pymssql cannot verify a certificate, so asking for it is an error; False switches encryption off."""
    for tls in (True, "ca.pem"):
        with pytest.raises(ConfigError, match="odbc"):
            source(tls=tls)
    within(5, source(tls=False).users)
    assert module.connects[0]["encryption"] == "off"


class MSSQLDatabaseException(Exception):
    """As pymssql raises it."""


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (208, SourceError, "a table, a column or a right is missing"),
        (229, SourceError, "a table, a column or a right is missing"),
        (102, SourceError, "syntax error"),
        (245, SourceError, "error 245"),
        (1205, SourceUnavailable, "locked"),
        (20003, SourceUnavailable, "in time"),
        (20006, SourceUnavailable, "cannot be reached"),
    ],
)
def test_refused_queries(module: StandIn, number: int, kind: type[Any], words: str) -> None:
    """The number decides between a 500 and a 503; pymssql's text is in no error."""
    module.rejects = MSSQLDatabaseException(number, b"S3cret near 'x'")
    assert words in refused(kind, source().users, "S3cret")


def test_failover(module: StandIn) -> None:
    """The next host is asked when one cannot be reached, within a share of the time, and not after a refused login."""
    unreachable = MSSQLDatabaseException((20009, b"Unable to connect"))
    module.fails = [unreachable]
    within(10, source(host=["a", "b"]).users)
    assert [(connect["server"], connect["login_timeout"]) for connect in module.connects] == [("a", 5), ("b", 10)]
    module.fails = [MSSQLDatabaseException((18456, b"Login failed for S3cret"))]
    text = refused(SourceUnavailable, source(host=["a", "b"]).users, "S3cret")
    assert "password is wrong" in text
    assert " b," not in text
