"""The WSGI edge (PEP 3333): mod_wsgi, gunicorn, granian, Passenger and others call `application`.

A server that a reverse proxy stands in front of calls `behind_proxy`.
"""

from __future__ import annotations

import functools  # noqa: F401  # so that packages need not stand in for it, which other threads would see
import os
from _thread import allocate_lock, start_new_thread
from contextvars import copy_context

from . import app, deadline, packages
from .config.kept import Configurations
from .errors import SourceUnavailable
from .http import Request, Response
from .sources.sql.drivers import keeper
from .sources.sql.drivers.pool import Keeper
from .text import is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    StartResponse = Callable[[str, list[tuple[str, str]]], object]

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_DEFAULT = os.path.join(_ROOT, "conf", "config.py")

# At once, not when a module is missed as under CGI: several threads may miss one at a time.
packages.add_folders()
_keeper = Keeper()
_configurations = Configurations()

LEFT_LIMIT = 8
"""Threads that may be abandoned at a time; further requests to such sources then are a 503 at once."""

PROXY_DRAIN = 1024 * 1024
"""Bytes of a body that is too large which are read before the answer: as many as the proxies of conf/servers pass on.
They have collected it, so this takes no time. If it were not read, Apache would say 502 in place of the answer."""


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request.

    The configuration is the one that AIS_CONFIG or AIS_TENANTS names, in the server's settings for this address or in
    the environment of the process, else conf/config.py beside lib. It is read again when the file has changed.
    """
    return _serve(environ, start_response, 0)


def _serve(environ: dict[str, Any], start_response: StartResponse, drain: int) -> Iterable[bytes]:
    https, terminated = environ.get("wsgi.url_scheme") == "https", bool(environ.get("wsgi.input_terminated"))
    stream, errors = environ["wsgi.input"], environ["wsgi.errors"]
    request = Request(environ, stream, errors, https=https, terminated=terminated, drain=drain)
    response = copy_context().run(_answer, request, environ)  # what one request noted is gone with it
    start_response(response.status_line, list(response.headers))
    return response.parts()


def _answer(request: Request, environ: dict[str, Any]) -> Response:
    keeper.set(_keeper)
    return app.answer(request, lambda: _configurations.find(environ, os.environ, _DEFAULT), _work_apart)


class _Task:
    """Work in a thread of its own, which may be abandoned."""

    left = 0
    """How many are, and have not ended."""
    lock = allocate_lock()

    def __init__(self, work: Callable[[], Response]) -> None:
        self._work, self._context = work, copy_context()
        self._ended = allocate_lock()
        self._ended.acquire()
        self._is_left = False
        self._response: Response | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._response = self._context.run(self._work)
        except BaseException as error:
            self._error = error
        with self.lock:
            self._ended.release()
            _Task.left -= self._is_left

    def wait(self, seconds: float) -> Response | None:
        """Return the result, or raise what the work raised; None if the thread is abandoned."""
        if not self._ended.acquire(timeout=seconds):
            with self.lock:
                if not self._ended.acquire(blocking=False):
                    self._is_left = True
                    _Task.left += 1
                    return None
        if self._error:
            raise self._error
        return self._response


def _work_apart(work: Callable[[], Response]) -> Response:
    """Work in another thread, and abandon it when the time is over: it may wait in C for ever.

    Raises:
        SourceUnavailable: the time is over, or too many threads have been left that have not ended.
    """
    if _Task.left >= LEFT_LIMIT:
        raise SourceUnavailable(f"{LEFT_LIMIT} requests that took longer than the timeout still wait for a source")
    asked, seconds = deadline.watch(), deadline.remaining() + deadline.GRACE_SECONDS
    task = _Task(work)
    try:
        start_new_thread(task.run, ())
    except RuntimeError:
        return work()  # this user may have no more threads
    response = task.wait(seconds)
    if response is None:
        raise SourceUnavailable(f"{asked[0] or 'the request'} took longer than the timeout")
    return response


def behind_proxy(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request that a reverse proxy on this computer has passed on.

    The proxy says in the header Forwarded (RFC 7239) who asks. Its last element counts, which the proxy must write
    itself, whatever the client has sent. If the request comes from another computer, it is not from the proxy, and the
    header does not count. X-Forwarded-For and the like are not read: some servers take X_Forwarded_For, which proxies
    let pass, for the same header. A further element means that the request came through another proxy as well.
    """
    proxy = environ.get("REMOTE_ADDR", "")
    if not proxy or is_loopback(proxy):  # empty where it connects over a Unix socket
        environ = dict(environ)
        passed, _, last = environ.pop("HTTP_FORWARDED", "").rpartition(",")
        said = {}
        for pair in last.split(";"):
            name, _, value = pair.partition("=")
            said[name.strip().lower()] = value.strip().strip('"')
        # Where nothing is said the address is empty, which is no loopback address and in no network.
        environ["REMOTE_ADDR"] = said.get("for", "").strip("[]")
        environ["wsgi.url_scheme"] = "https" if said.get("proto") == "https" else "http"
        # Web servers add the client's address to this one too, unasked.
        before, _, client = environ.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")
        passed += before if client.strip() == environ["REMOTE_ADDR"] else client
        if passed:
            environ["HTTP_FORWARDED"] = passed
    return _serve(environ, start_response, PROXY_DRAIN)
