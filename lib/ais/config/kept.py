"""What a process keeps between requests, and must read again when the files change."""

from __future__ import annotations

import os
import sys
import time
from stat import S_ISREG
from threading import Lock

from .. import BEGUN, deadline
from ..errors import SourceUnavailable
from . import Config, choose, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = 256
"""Configurations that a process keeps at most; the one unused longest goes first. A usual one takes 3 kB."""


class Configurations:
    """Loads configurations, each of them again when its file has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loading = Lock()
        self._loaded: dict[str, tuple[object, Config]] = {}

    def find(self, environ: Mapping[str, str], process: Mapping[str, str], default: str) -> Config:
        """Return the configuration that a request has.

        Args:
            environ: the variables of the request, which win.
            process: the environment of this process.
            default: the path where neither names one.

        Raises:
            UnknownTenant: see `choose`.
            ConfigError: see `load`.
            SourceUnavailable: another configuration takes too long to read.
        """
        if "AIS_CONFIG" in process or "AIS_TENANTS" in process:
            named = {name: process[name] for name in ("AIS_CONFIG", "AIS_TENANTS") if name in process}
            environ = {**named, **environ}
        return self.load(*choose(environ, default))

    def load(self, path: str, tenant: str = "") -> Config:
        """Return the configuration, as new as its file; arguments and errors are those of `ais.config.load`."""
        mark = _mark(path)
        if config := self._kept(path, mark):
            return config
        # What is known while a file is read is known to one thread at a time. One that takes long or for ever holds
        # up no other tenant whose configuration is kept, and the others for their time only.
        if not self._loading.acquire(timeout=deadline.remaining()):
            raise SourceUnavailable(f"{path} has to wait: another request reads a configuration, and that takes long")
        try:
            if config := self._kept(path, mark):
                return config
            config = load(path, tenant)
            with self._lock:
                self._loaded[path] = (mark, config)
                if len(self._loaded) > KEPT:
                    del self._loaded[next(iter(self._loaded))]
        finally:
            self._loading.release()
        return config

    def _kept(self, path: str, mark: object) -> Config | None:
        """Return what is kept of a file that has not changed, and make it the one used last.

        A broken file is an error until it is corrected: the old one may let in a caller who has just been removed.
        """
        with self._lock:
            known = self._loaded.pop(path, None)
            if known is None or known[0] != mark:
                return None
            self._loaded[path] = known
            return known[1]


def _mark(path: str) -> object:
    """Return what changes when a file does; for one that cannot be looked at, which `load` explains, a new mark."""
    try:
        status = os.stat(path)
    except OSError:
        return object()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


class Files:
    """What the process was started from: the entry, the library, the folders with packages, and the file of its log.

    Args:
        entry: path of the file that was started.
    """

    def __init__(self, entry: str) -> None:
        library = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self._paths = [entry, os.path.dirname(library), *sys.path]
        # A package that is copied over lib/vendor changes the files in it, and no folder.
        for part in (library, os.path.join(os.path.dirname(library), "vendor")):
            for folder, _, names in os.walk(part):
                self._paths += [os.path.join(folder, name) for name in names if not name.endswith(".pyc")]
        self._marks = self._look(BEGUN, time.time())
        self._log, self._has_moved = _place_of_log(), False

    def have_changed(self) -> bool:
        """Whether one of them has changed; of the log two looks tell, for the web server has to open another first."""
        had_moved, self._has_moved = self._has_moved, _place_of_log() != self._log
        return (had_moved and self._has_moved) or self._look() != self._marks

    def _look(self, begin: float = 0, end: float = 0) -> list[tuple[int, ...]]:
        """Return a mark of each; none of a file that changed between two times: it may have been read before."""
        marks: list[tuple[int, ...]] = []
        for path in self._paths:
            try:
                status = os.stat(path)
            except OSError:
                marks.append(())
                continue
            is_new = S_ISREG(status.st_mode) and begin <= status.st_ctime <= end
            marks.append(() if is_new else (status.st_mtime_ns, status.st_size, status.st_ino))
        return marks


def _place_of_log() -> str:
    """Return what changes when the file of standard error is renamed or deleted, as logs are after some days."""
    try:
        return os.readlink("/proc/self/fd/2")
    except OSError:
        return ""  # another system than Linux
