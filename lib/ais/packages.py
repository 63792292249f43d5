"""What a process that answers one request loads in part or finds faster, and packages where `site` was not loaded."""

from __future__ import annotations

import sys

from .errors import LIBRARY, VENDOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    import posix as posix  # for other modules
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
    from importlib.util import spec_from_file_location
    from types import ModuleType
    from typing import Any
else:
    try:
        # The system calls of `os`, which itself brings in collections.abc: a tenth of all that a CGI request does.
        import posix as posix
    except ImportError:  # Windows, where a bundle may be made
        import os as posix
    # importlib's own origin, which every interpreter has loaded already.
    from _frozen_importlib_external import PathFinder, SourceFileLoader, spec_from_file_location


class OwnFinder:
    """The first finder: it knows where the modules of this library are.

    Python's own lists each folder, and looks there for compiled modules first: a seventh of all that loading costs.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Find a module below ``ais`` (importlib.abc.MetaPathFinder); None leaves it to the other finders."""
        if path is None or not name.startswith("ais."):
            return None
        base = f"{path[0]}/{name.rpartition('.')[2]}"
        for file, folders in ((f"{base}.py", None), (f"{base}/__init__.py", [base])):
            try:
                posix.stat(file)
            except OSError:
                continue
            loader = SourceFileLoader(name, file)
            return spec_from_file_location(name, file, loader=loader, submodule_search_locations=folders)
        return None


class SiteFinder:
    """The last finder: brings in lib/vendor and .venv, then the system's packages, for what is not found without them.

    The CGI entry skips `site`, a third of a bare interpreter's start; most requests need no package of the system's.
    """

    def __init__(self) -> None:
        self._steps = [add_systems, add_own]  # the last comes first

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Look for a top-level module once more (importlib.abc.MetaPathFinder)."""
        while path is None and self._steps:
            self._steps.pop()()
            spec = PathFinder.find_spec(name)
            # A folder without code in it, as one that was left behind, must not hide a package of the system's.
            if spec and (spec.loader or not self._steps):
                return spec
        return None


def install_finder() -> None:
    """Put the finder at the end of the import system."""
    sys.meta_path.append(SiteFinder())


def add_folders() -> None:
    """Put the folders of packages on the path: lib/vendor, .venv, and the system's if they are not there yet.

    What the administrator put into the first wins over the system's packages, never over the standard library.
    """
    add_own()
    add_systems()


def add_own() -> None:
    """Put lib/vendor and .venv at the end of the path."""
    import os
    import site

    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for folder in VENDOR, os.path.join(os.path.dirname(LIBRARY), ".venv", "lib", python, "site-packages"):
        if os.path.isdir(folder):
            site.addsitedir(folder)


def add_systems() -> None:
    """Put the folders of the system's packages at the end of the path if they are not there yet."""
    import site

    if sys.flags.no_site:
        site.main()


def load_sqlite3() -> ModuleType:
    """Return the module to use as `sqlite3`: only its C module, which takes a third of the package's time to load.

    The package brings in datetime, and the C module imports functools for one name, which brings in collections and
    more. A process that answers one request would pay for all of that again.
    """
    try:
        if "functools" in sys.modules or "_sqlite3" in sys.modules:
            return __import__("_sqlite3")
        # The core of `lru_cache`; the rest of it is for cache_info(), which sqlite3 does not call.
        wrapper = __import__("_functools")._lru_cache_wrapper
        core: Any = type(sys)("functools")
        core.lru_cache = lambda size: lambda function: wrapper(function, size, False, tuple)
        sys.modules["functools"] = core
        try:
            return __import__("_sqlite3")
        finally:
            del sys.modules["functools"]
    except (ImportError, AttributeError, TypeError):
        # Both C modules are the standard library's own affair, and may look otherwise in another Python.
        import sqlite3

        return sqlite3
