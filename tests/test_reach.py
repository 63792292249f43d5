"""What this user may not reach is never said to be missing."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import ais.errors
import ais.sources.text.aliasfiles
from ais import docker_mailserver, hestia, passwd_file, sql
from ais.cli import options, tenants
from ais.deadline import start
from ais.sources.sql.drivers import psycopgconnection, pymysqlconnection
from support.site import temporary_folder
from support.stranger import as_stranger

LOADED = psycopgconnection, pymysqlconnection, ais.sources.text.aliasfiles
"""Imported here, since the account without rights may not be able to read them."""


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only its owner may enter, with a folder in it, in one that everybody may enter."""
    with temporary_folder() as folder:
        (folder / "closed" / "inner").mkdir(parents=True)
        (folder / "closed").chmod(0o600 if not _is_root() else 0o700)
        yield folder / "closed"
        (folder / "closed").chmod(0o700)


def _count(source: Any) -> int:
    return len(list(source.users()))


def _is_root() -> bool:
    return os.geteuid() == 0


def test_a_configuration(closed: Path) -> None:
    """A command says that this user may not enter the folder; only where there is no file it says so."""
    for name in ("config.py", "inner"):
        arguments = argparse.Namespace(config=str(closed / name))
        said = as_stranger(partial(options.config_path, arguments))
        assert said.startswith(f"ConfigError: {closed / name}: this user may not enter a folder above it")
    missing = closed.parent / "config.py"
    said = as_stranger(lambda: options.config_path(argparse.Namespace(config=str(missing), command="check")))
    assert said.startswith(f"ConfigError: {missing}: there is no such file: ")


def test_a_folder_of_tenants(closed: Path) -> None:
    """The same for the folder of tenants."""
    said = as_stranger(lambda: tenants.folder_of(argparse.Namespace(tenants=str(closed / "inner"))))
    assert "may not enter a folder above it" in said
    said = as_stranger(lambda: tenants.folder_of(argparse.Namespace(tenants=str(closed.parent / "none"))))
    assert "there is no such folder of tenants" in said


def test_files_that_may_be_missing(closed: Path) -> None:
    """A file that need not be there is an error where this user cannot tell: the list would lack its addresses."""
    (closed.parent / "example.com").write_text("anna:{PLAIN}x\n")
    aliases = passwd_file(str(closed.parent / "%d"), default_scheme="PLAIN", aliases=str(closed / "%d"))
    for source in (docker_mailserver(str(closed)), hestia(str(closed)), aliases):
        said = as_stranger(partial(_count, source))
        assert said.startswith("SourceError: "), said
        assert "Permission denied" in said or "cannot be read" in said
    assert "the right to enter its folder" in as_stranger(partial(_count, aliases))


@pytest.mark.parametrize(("driver", "name"), [("postgresql", "inner"), ("mysql", "inner/mysqld.sock")])
def test_a_connection_that_the_system_forbids(closed: Path, driver: str, name: str) -> None:
    """EACCES of a connection, as SELinux gives it to scripts of a web server, is said to be that."""
    queries: dict[str, Any] = {"list_query": "SELECT 1 AS username", "auth_query": "SELECT :user"}
    source = sql(driver, host=str(closed / name), database="mail", user="u", password="hunter2", **queries)

    def ask() -> int:
        start(5)
        return _count(source)

    said = as_stranger(ask)
    assert said.startswith("SourceUnavailable: "), said
    assert "the system forbids it: for a Unix socket by its rights, else by SELinux" in said
    assert "hunter2" not in said
