"""Configurations kept between the requests of one process: of the tenants that asked last."""

from __future__ import annotations

import os
from threading import Lock

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
        self._loaded: dict[str, tuple[tuple[int, ...], Config]] = {}

    def find(self, environ: Mapping[str, str], process: Mapping[str, str], default: str) -> Config:
        """Return the configuration that a request has.

        Args:
            environ: the variables of the request, which win.
            process: the environment of this process.
            default: the path where neither names one.

        Raises:
            UnknownTenant: see `choose`.
            ConfigError: see `load`.
        """
        named = {name: process[name] for name in ("AIS_CONFIG", "AIS_TENANTS") if name in process}
        return self.load(choose({**named, **environ}, default))

    def load(self, path: str) -> Config:
        """Return the configuration, as new as its file; the errors are those of `ais.config.load`."""
        with self._lock:
            # Put back as the last one. A broken one is an error until it is mended: the old one may let in who has
            # just been taken out.
            known = self._loaded.pop(path, None)
            try:
                status = os.stat(path)
            except OSError:
                return load(path)
            mark = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
            if known is None or known[0] != mark:
                known = (mark, load(path))
            self._loaded[path] = known
            if len(self._loaded) > KEPT:
                del self._loaded[next(iter(self._loaded))]
            return known[1]
