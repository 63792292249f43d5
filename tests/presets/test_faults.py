"""What the presets over SQL do where a table of the application is gone: an error, and never a shorter list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

import ais
from ais.errors import AISError
from ais.sources import Source
from presets.formats import PASSWORD
from presets.loading import Load, listed
from presets.test_pages import SCRIPTS, blocks

OLDER = {
    "postfixadmin": {"alias_domain"},
    "mailcow": {"spamalias"},
    "nextcloud": {"oc_accounts_data"},
    "plesk": {"mail_redir"},
}
"""Tables that old versions of an application lack: without them the preset reads what those have."""


LOGINS = {"keycloak": {"credential"}}
"""Tables that only logins need."""

OPTIONS: dict[str, dict[str, Any]] = {"keycloak": {"realm": "company", "alias_attribute": "aliases"}}


class Nobody:
    """A login that says no."""

    def verify(self, user: str, password: str) -> bool:
        """No."""
        return False


def tables(page: str) -> list[str]:
    """The tables that the page lets the user of the database read."""
    return re.findall(r"GRANT SELECT ON \w+\.(\w+) TO", "".join(blocks(page, "sql")))


EACH = [(page, table) for page in SCRIPTS for table in tables(page)]


@pytest.mark.parametrize(("page", "table"), EACH)
def test_missing_table(page: str, table: str, load: Load) -> None:
    """Each table that a page names is needed: without it the list is an error, and nobody gets in by mistake."""
    quoted = f"`{table}`"
    database = load("mysql", SCRIPTS[page][0]("mysql") + f"RENAME TABLE {quoted} TO gone;")
    more = {"login": Nobody()} if page == "plesk" else OPTIONS.get(page, {})
    source: Source = getattr(ais, page)(database.driver, **database.connection, **more)
    if table in OLDER.get(page, ()) or table in LOGINS.get(page, ()):
        assert listed(source)
    else:
        with pytest.raises(AISError):
            listed(source)
    for name in (SCRIPTS[page][1], "nobody"):
        assert "yes" not in outcomes(source, name), name


def outcomes(source: Source, name: str) -> Iterator[str]:
    """What a wrong password gives."""
    try:
        yield "yes" if source.authenticate(name, PASSWORD + "x") else "no"
    except AISError:
        yield "error"
