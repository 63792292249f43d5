"""The WSGI edge (PEP 3333): mod_wsgi, gunicorn, Passenger and others call `application`."""

from __future__ import annotations

import os
from threading import Lock

from . import app, packages
from .configuration import load
from .request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .configuration import Config

    StartResponse = Callable[[str, list[tuple[str, str]]], object]

_DEFAULT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "conf", "config.py")
_loaded: dict[str, tuple[tuple[int, int, int], Config]] = {}
_lock = Lock()

packages.install_finder()


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request.

    The configuration is the file that AIS_CONFIG names, in the server's settings for this address or in the
    environment of the process, else conf/config.py beside lib. It is read again when the file has changed.
    """
    path = environ.get("AIS_CONFIG") or os.environ.get("AIS_CONFIG") or _DEFAULT
    request = Request(
        environ,
        environ["wsgi.input"],
        environ["wsgi.errors"],
        https=environ.get("wsgi.url_scheme") == "https",
        terminated=bool(environ.get("wsgi.input_terminated")),
    )
    response = app.answer(request, lambda: _config(path))
    start_response(response.status_line, list(response.headers))
    return [] if request.method == "HEAD" else response.parts()


def _config(path: str) -> Config:
    """Return the configuration, as new as its file."""
    path = os.path.abspath(path)
    with _lock:
        try:
            status = os.stat(path)
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            return load(path)
        known = _loaded.get(path)
        if known is None or known[0] != mark:
            known = _loaded[path] = (mark, load(path))
        return known[1]
