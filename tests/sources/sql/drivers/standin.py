"""A stand-in for the module of a driver whose server cannot be had here: it notes what it is asked."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class StandIn(ModuleType):
    """A PEP 249 module.

    Attributes:
        connects: the arguments of each connect().
        executed: text and parameters of each execute().
        connection: the last connection.
        fails: raised by the next connect() or execute(), if it is set; a list gives one to each connect().
        rows: what every query gives.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.paramstyle = "none"
        self.connects: list[dict[str, Any]] = []
        self.executed: list[tuple[Any, ...]] = []
        self.fails: list[Exception] = []
        self.rejects: Exception | None = None
        self.rows: list[tuple[Any, ...]] = [("stored",)]
        self.defaults = SimpleNamespace(fetch_lobs=True)

    def connect(self, **arguments: Any) -> Any:
        """Note the arguments."""
        self.connects.append(arguments)
        if self.fails:
            raise self.fails.pop(0)
        self.connection = Connection(self)
        return self.connection


class Connection:
    """A connection of `StandIn`."""

    def __init__(self, module: StandIn) -> None:
        self.module = module
        self.closed = False
        self.call_timeout = 0

    def cursor(self) -> Any:
        """Return a cursor."""
        return Cursor(self.module)

    def close(self) -> None:
        """Note the end."""
        self.closed = True


class Cursor:
    """A cursor of `StandIn`."""

    description = (("USERNAME",),)

    def __init__(self, module: StandIn) -> None:
        self.module = module
        self.rows = list(module.rows)

    def execute(self, *arguments: Any) -> None:
        """Note text and parameters."""
        self.module.executed.append(arguments)
        if self.module.rejects and not str(arguments[0]).startswith("SET "):
            raise self.module.rejects

    def fetchmany(self, size: int) -> list[Any]:
        """Return rows that have not been returned."""
        rows, self.rows = self.rows[:size], self.rows[size:]
        return rows


def stand_in(name: str, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Put a stand-in where a module would be imported from."""
    module = StandIn(name)
    monkeypatch.setitem(sys.modules, name, module)
    return module
