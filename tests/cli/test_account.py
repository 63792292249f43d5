"""The user that the web server runs scripts as."""

from __future__ import annotations

import pwd

import pytest

from ais.cli.account import as_web_user, find_web_user


def entry(name: str) -> pwd.struct_passwd:
    """An account of this name."""
    return pwd.struct_passwd((name, "x", 48, 48, "", "/", "/sbin/nologin"))


@pytest.mark.parametrize(
    ("names", "user"),
    [(["root", "nginx", "apache"], "apache"), (["www-data", "root"], "www-data"), (["root"], "USER-OF-THE-WEB-SERVER")],
)
def test_as_web_user(names: list[str], user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root gets a command for the user that its distribution has, and a word to replace where none is known."""
    monkeypatch.setattr(pwd, "getpwnam", {name: entry(name) for name in names}.__getitem__)
    assert (
        as_web_user("ais check --config '/a b'") == f"su -s /bin/sh {user} -c 'ais check --config '\"'\"'/a b'\"'\"''"
    )
    assert (find_web_user() is None) == (names == ["root"])
