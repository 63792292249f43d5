"""The servers of these tests, each started once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sources.sql.drivers.engines import Engine, mariadb_engine, postgresql_engine

_KINDS = {"postgresql": postgresql_engine, "mysql": mariadb_engine}


@pytest.fixture(scope="session", params=_KINDS)
def engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A server of each kind."""
    with _KINDS[request.param](tmp_path_factory.mktemp("server") / "home") as made:
        yield made


@pytest.fixture(params=_KINDS)
def own_engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A server of each kind for one test, which may end it."""
    with _KINDS[request.param](tmp_path_factory.mktemp("own") / "home") as made:
        yield made


@pytest.fixture(scope="session", params=_KINDS)
def tls_engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A server of each kind that takes TLS connections as localhost."""
    with _KINDS[request.param](tmp_path_factory.mktemp("tls") / "home", tls=True) as made:
        yield made
