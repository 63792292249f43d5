"""What PostgreSQL says before the login, where there are no codes: its words, from its own source."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ais.errors import SourceUnavailable
from ais.sources.sql.drivers import driver_for
from ais.sources.sql.drivers.faults import goes_on


class OperationalError(Exception):
    """As psycopg raises it when a connection fails."""

    sqlstate = None

    def __init__(self, text: str, used_password: bool) -> None:
        super().__init__(f'connection failed: connection to server at "10.0.0.1", port 5432 failed: {text}')
        self.pgconn = SimpleNamespace(used_password=used_password)


@pytest.mark.parametrize(
    ("text", "used_password", "down", "words"),
    [
        ("FATAL:  sorry, too many clients already", False, True, "no connection left"),
        ("FATAL:  remaining connection slots are reserved for roles", True, True, "no connection left"),
        ("FATAL:  the database system is starting up", False, True, "starting"),
        ("FATAL:  the database system is not accepting connections", False, True, "starting"),
        ("FATAL:  the database system is shutting down", False, True, "shutting down"),
        ("FATAL:  Passwort-Authentifizierung für Benutzer »x« fehlgeschlagen", True, False, "it refuses the user"),
        ("failed: Connection refused", False, True, "nothing listens there: is the server running?"),
        ("FATAL:  Peer authentication failed for user", False, False, "system user of the same name"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', False, False, "pg_hba.conf"),
        ('FATAL:  permission denied for database "mail"', True, False, "may not connect to it"),
        ("Etwas anderes", False, True, "cannot be asked"),
    ],
)
def test_words(text: str, used_password: bool, down: bool, words: str) -> None:
    """A server that has no time sends to the next host; one that refuses the login does not."""
    connection = {"host": "10.0.0.1", "port": None, "user": None, "password": None, "database": "mail", "tls": None}
    driver = driver_for("postgresql", {**connection, "options": {}})
    error = OperationalError(text, used_password)
    assert goes_on(driver.meaning(error)) is down  # type: ignore[attr-defined]
    fault = driver.fault(error)
    assert isinstance(fault, SourceUnavailable)
    assert words in str(fault)
    assert str(error) == ""
