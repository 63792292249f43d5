"""What is found faster, and SQLite's module without what a request does not need."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

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


FIND = "sys.meta_path.insert(0, packages.OwnFinder)\n"


def test_modules_are_what_they_are_otherwise() -> None:
    """A module or package that our own finder finds has the attributes that Python's finder gives, bytecode too."""
    program = """
import ais.options, ais.sources.sql
for module in ais.options, ais.sources, ais.sources.sql:
    spec = module.__spec__
    print(module.__name__, module.__file__, module.__package__, getattr(module, "__path__", None), spec.cached)
    print(spec.origin, spec.has_location, spec.parent, spec.submodule_search_locations, type(module.__loader__))
"""
    assert run(FIND + program) == run(program)


@pytest.mark.parametrize("statement", ["import ais.nothing", "from ais import nothing", "import ais.sources.nothing"])
def test_what_is_missing_is_said_as_otherwise(statement: str) -> None:
    """A module that is not there gives Python's own error."""
    program = f"try:\n    {statement}\nexcept ImportError as error:\n    print(type(error), error)\n"
    assert run(FIND + program) == run(program)


def test_zip_archive(tmp_path: Path) -> None:
    """What is no file, as in an archive, is left to the other finders."""
    shutil.make_archive(str(tmp_path / "lib"), "zip", ROOT / "lib")
    program = f"sys.path.insert(0, {str(tmp_path / 'lib.zip')!r})\nfor name in list(sys.modules):\n"
    program += "    if name.partition('.')[0] == 'ais':\n        del sys.modules[name]\n"
    program += "import ais.options\nprint(ais.options.__file__)"
    assert run(FIND + program) == f"{tmp_path}/lib.zip/ais/options.py"


def test_the_systems_packages_come_in_last(tmp_path: Path) -> None:
    """Without `site`, what lib/vendor has is taken from there, and the system's packages are left out until needed."""
    (tmp_path / "vendor/left").mkdir(parents=True)
    (tmp_path / "system").mkdir()
    for file in ("vendor/own.py", "vendor/both.py", "system/both.py", "system/left.py", "system/other.py"):
        (tmp_path / file).write_text("")
    start = f"packages.VENDOR = {str(tmp_path / 'vendor')!r}\npackages.install_finder()\nimport site\n"
    start += f"site.main = lambda: sys.path.append({str(tmp_path / 'system')!r})\n"
    own = f"import own, both\nprint(both.__file__, {str(tmp_path / 'system')!r} in sys.path)\n"
    assert run(start + own) == f"{tmp_path}/vendor/both.py False"
    for name in ("other", "left"):
        assert run(f"{start}import {name}, both\nprint({name}.__file__, both.__file__)").split() == [
            f"{tmp_path}/system/{name}.py",
            f"{tmp_path}/vendor/both.py",
        ]
    assert run(start + "try:\n    import nothing\nexcept ImportError as error:\n    print(error)").endswith("'nothing'")
