"""The shape of the library, read from its import statements, those for types included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import ais
from support.site import ROOT

LIB = ROOT / "lib" / "ais"
FLOORS = 8
"""The longest chain of imports from room to room."""

ORDER = (
    {"text", "errors", "identity"},
    {"deadline", "options", "packages", "logbook", "user", "cells"},
    {"addresses", "http", "network", "passwords", "state"},
    {"sources", "config"},
    {"logins", "presets", "directory"},
    {"commands", "checking"},
    {"page", "app"},
    {"cgi", "fcgi", "wsgi", "cli"},
)
"""The rooms, from the ground up: nothing imports from a room above its own."""


def modules() -> dict[str, Path]:
    """Every module by its dotted name below ais, which itself is ``ais``."""
    found = {}
    for path in sorted(LIB.rglob("*.py")):
        parts = path.relative_to(LIB).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "ais"] = path
    return found


MODULES = modules()


def imported(name: str, path: Path) -> Iterator[str]:
    """The modules of the library that a module imports, at its top, late, or for types only."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    package = "" if package == "ais" else package
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            parts = package.split(".") if package else []
            base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
        elif node.module == "ais" or (node.module or "").startswith("ais."):
            base = (node.module or "").removeprefix("ais").removeprefix(".")
        else:
            continue
        for alias in node.names:
            target = f"{base}.{alias.name}".strip(".")
            target = target if target in MODULES else base
            while target and target not in MODULES:
                target = target.rpartition(".")[0]
            if target not in ("", name):
                yield target


FILES = {name: set(imported(name, path)) for name, path in MODULES.items()}


def room(name: str) -> str:
    """The room of a module: what it is called at the top of the library."""
    return name.partition(".")[0]


ROOMS: dict[str, set[str]] = {}
for _name, _targets in FILES.items():
    ROOMS.setdefault(room(_name), set()).update(room(target) for target in _targets if room(target) != room(_name))


def circle(graph: dict[str, set[str]]) -> list[str]:
    """What is left of a graph when everything without imports is taken away, again and again."""
    left = {name: set(targets) for name, targets in graph.items()}
    while free := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets - free for name, targets in left.items() if name not in free}
    return sorted(left)


def test_no_circles_of_files() -> None:
    """No module imports, by way of others, itself."""
    assert circle(FILES) == []


def test_nothing_imports_upward() -> None:
    """A room imports from its own floor and those below; no circle of rooms on one floor either."""
    floors = {name: number for number, names in enumerate(ORDER) for name in names}
    upward = [(name, other) for name, others in ROOMS.items() for other in others if floors[other] > floors[name]]
    assert ROOMS.keys() - {"ais"} == floors.keys()
    assert not upward
    assert circle(ROOMS) == []


def test_floors() -> None:
    """The longest chain of rooms stays short."""

    def height(name: str) -> int:
        return 1 + max(map(height, ROOMS[name]), default=0)

    assert max(map(height, ROOMS)) <= FLOORS


def test_modules_at_the_top() -> None:
    """The listing can be taken in at a glance, and no name in it hides a public one."""
    top = {path.stem for path in LIB.iterdir() if path.name != "__pycache__"}
    assert 13 <= len(list(LIB.glob("*.py"))) <= 16
    assert not top & set(ais.PUBLIC)


def test_no_long_files() -> None:
    """A file over 250 lines is two."""
    sizes = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: size for name, size in sizes.items() if size > 250} == {}


def test_no_long_functions() -> None:
    """A function of over 40 lines, its signature and docstring not counted, is two."""
    sizes = {}
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                code = node.body[ast.get_docstring(node) is not None :] or node.body
                sizes[f"{name}.{node.name}"] = (node.end_lineno or 0) - code[0].lineno + 1
    assert {name: size for name, size in sizes.items() if size > 40} == {}
