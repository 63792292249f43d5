"""Fixtures for processes that live on: a site for the servers, database servers, and what keeps connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.sources.sql import drivers
from ais.sources.sql.drivers.pool import Keeper
from persistent.ways import make_persistent_site
from sources.sql.drivers.engines import Engine, mariadb_engine, postgresql_engine
from support.site import temporary_folder

_KINDS = {"postgresql": postgresql_engine, "mysql": mariadb_engine}


@pytest.fixture
def site() -> Iterator[Path]:
    """A site that every server of this folder can run."""
    with temporary_folder() as folder:
        yield make_persistent_site(folder / "ais")


@pytest.fixture(scope="module", params=_KINDS)
def engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database server of each kind, which is running again after each test."""
    with _KINDS[request.param](tmp_path_factory.mktemp("server") / "home") as made:
        yield made


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    """Sources keep their connections, as in a process that lives on."""
    made = Keeper()
    outer = drivers.keeper.set(made)
    yield made
    drivers.keeper.reset(outer)
    made.drop()
