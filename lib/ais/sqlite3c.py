"""The C module of sqlite3 by itself: all that a request needs, and a third of what the package takes to load.

The package brings in datetime, and the C module imports functools for one name, which brings in collections and more.
A process that answers one request would pay for all of that again.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def load() -> ModuleType:
    """Return the module to use as `sqlite3`."""
    try:
        return _alone()
    except (ImportError, AttributeError, TypeError):
        # Both C modules are the standard library's own affair, and may look otherwise in another Python.
        import sqlite3

        return sqlite3


def _alone() -> ModuleType:
    if "functools" in sys.modules or "_sqlite3" in sys.modules:
        return __import__("_sqlite3")
    sys.modules["functools"] = _core_of_functools()
    try:
        return __import__("_sqlite3")
    finally:
        del sys.modules["functools"]


def _core_of_functools() -> ModuleType:
    """Return a module with the core of `lru_cache`; the rest of it is for cache_info(), which sqlite3 does not call."""
    wrapper = __import__("_functools")._lru_cache_wrapper
    module = type(sys)("functools")
    vars(module)["lru_cache"] = lambda size: lambda function: wrapper(function, size, False, tuple)
    return module
