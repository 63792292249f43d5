"""The options of the presets over SQL: those of the connection, and their own."""

from __future__ import annotations

import pytest

import ais
from ais.errors import ConfigError


@pytest.mark.parametrize(
    ("preset", "option", "said"),
    [
        ("postfixadmin", "pasword", "postfixadmin() has no option 'pasword'; did you mean 'password'?"),
        ("wordpress", "prefx", "wordpress() has no option 'prefx'; did you mean 'prefix'?"),
        ("mailcow", "prefx", "mailcow() has no option 'prefx'"),
        ("keyhelp", "list_query", "keyhelp() has queries of its own, and no option 'list_query': for"),
        ("keyhelp", "alias_query", "keyhelp() has queries of its own, and no option 'alias_query'"),
    ],
)
def test_an_unknown_option(preset: str, option: str, said: str) -> None:
    """An option that a preset does not have is an error that names the preset and the option, and never its value."""
    with pytest.raises(ConfigError) as caught:
        getattr(ais, preset)("mysql", database="d", **{option: "hunter2"})
    assert str(caught.value).startswith(said)
    assert "hunter2" not in str(caught.value)
