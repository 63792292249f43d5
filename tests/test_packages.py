"""SQLite's module without what a request does not need."""

from __future__ import annotations

import subprocess

import pytest

from support.interpreters import PYTHON
from support.site import ROOT


def run(program: str) -> str:
    """What a program prints that starts in a new interpreter, with our library on its path."""
    start = f"import sys; sys.path.insert(0, {str(ROOT / 'lib')!r})\nfrom ais import packages\n"
    done = subprocess.run([PYTHON, "-S", "-c", start + program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_else_is_loaded() -> None:
    """Loading brings in neither the package nor functools and collections."""
    assert (
        run("packages.load_sqlite3()\nprint({'sqlite3', 'functools', 'collections', 'datetime'} & set(sys.modules))")
        == "set()"
    )


def test_functools_stays_the_real_one() -> None:
    """Whoever imports functools or sqlite3 afterwards gets the whole of them, and the same C module."""
    assert run(
        "one = packages.load_sqlite3()\nimport functools, sqlite3\nprint(functools.partial, one.Row is sqlite3.Row)"
    ) == ("<class 'functools.partial'> True")


def test_package_first() -> None:
    """Where functools is loaded already, nothing takes its place."""
    assert run("import functools\npackages.load_sqlite3()\nprint(sys.modules['functools'] is functools)") == "True"


@pytest.mark.parametrize("size", [0, 1, 128])
def test_statements_are_cached(size: int) -> None:
    """The cache of statements works, whatever its size: this is what functools is imported for."""
    program = f"""
db = packages.load_sqlite3().connect(":memory:", cached_statements={size})
for turn in range(3):
    for number in range(200):
        assert db.execute(f"SELECT {{number}}").fetchone() == (number,)
print("done")
"""
    assert run(program) == "done"


def test_other_python() -> None:
    """Where the C modules look otherwise, the package is used."""
    program = "import _functools\ndel _functools._lru_cache_wrapper\nprint(packages.load_sqlite3().__name__)"
    assert run(program) == "sqlite3"
