"""Databases of MySQL whose tables have different collations, as after moves from server to server."""

from __future__ import annotations

from itertools import cycle

import pytest

from ais.errors import SourceError
from ais.sources import Source
from presets.loading import Load, listed
from presets.populations import POPULATIONS, engines_of, expected, source_of
from presets.test_faults import OnePassword, columns
from sources.contract import PASSWORD

COLLATIONS = ["utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_unicode_520_ci"]
BY_NAMES = ["postfixadmin", "mailcow", "iredmail", "ispconfig", "keycloak", "nextcloud"]
"""Their tables refer to each other by names, which MySQL cannot compare then: the application fails, too."""


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("preset", [preset for preset in POPULATIONS if "mysql" in engines_of(preset)])
def test_collations(preset: str, first: int, load: Load) -> None:
    """The list is whole and everybody gets in, or the error says what is wrong, to names of all letters alike."""
    script, stored, _ = POPULATIONS[preset]
    database = load("mysql", script("mysql", stored))
    collations = cycle(COLLATIONS[first:] + COLLATIONS[:first])
    for table in dict(columns(database)):
        database.execute(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4 COLLATE {next(collations)};")
    source = source_of(preset, "mysql", database.connection, OnePassword())
    if preset not in BY_NAMES:
        assert listed(source) == sorted(expected(preset), key=lambda user: str(user["userName"]))
        assert source.authenticate(str(expected(preset)[0]["userName"]), PASSWORD) is True
    else:
        with pytest.raises(SourceError, match="different collations"):
            listed(source)
    assert outcome(source, "jörg") == outcome(source, "nobody")


def outcome(source: Source, name: str) -> bool | str | None:
    """What a login gives."""
    try:
        return source.authenticate(name, PASSWORD)
    except SourceError as error:
        return str(error)
