"""The CGI edge (RFC 3875): one process, one request."""

from __future__ import annotations

import _thread
import sys
import time

from . import app, deadline, logbook, packages
from .config import choose, load
from .http import DRAIN_LIMIT, Request, Response, is_https
from .packages import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO, Never, TextIO

    from .config import Config


def run(default_config: str) -> Never:
    """Answer the request of this process, and end it. The web server may name another configuration (`choose`)."""
    packages.install_finder()
    logbook.open_stderr()
    # What a library, a source of the administrator's or a child prints goes to the log, never in front of our header.
    out = posix.dup(1)
    posix.dup2(2, 1)
    sys.stdout = sys.stderr
    environ = _environ()
    sent = _thread.allocate_lock()
    asked = deadline.watch()

    method = environ.get("REQUEST_METHOD", "")

    def load_and_watch() -> Config:
        config = None
        try:
            config = load(*choose(environ, default_config))
            return config
        finally:  # without a configuration, too: the body is still to be read, and may never come
            _limit(config, out, sent, asked, method)

    if method not in app.METHODS:
        _limit(None, out, sent, asked, method)

    # Raw: a read of the buffer above it waits for all that is asked for.
    stdin: BinaryIO = sys.stdin.buffer.raw  # type: ignore[union-attr]  # of a BufferedReader, which typeshed does not say
    response = answer(environ, stdin, sys.stderr, load_and_watch)
    sent.acquire()
    _send(out, response)
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        pass  # the log is gone, the answer is not
    # Everything is sent and nothing is to be saved: the interpreter's own end would take a seventh of the time.
    posix._exit(0)


def _environ() -> dict[str, str]:
    """Return what `os.environ` holds."""
    charset, errors = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
    return {name.decode(charset, errors): value.decode(charset, errors) for name, value in posix.environ.items()}


def answer(environ: Mapping[str, str], stdin: BinaryIO, stderr: TextIO, load_config: app.LoadConfig) -> Response:
    """Answer the request that CGI variables and standard input describe."""
    # Apache takes a chunked body apart and gives no length.
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    request = Request(environ, stdin, stderr, https=is_https(environ), terminated=chunked, drain=DRAIN_LIMIT)
    return app.answer(request, load_config)


def _send(out: int, response: Response) -> None:
    """Write header and body in one piece: if a script dies half-way, a server passes on what it has got."""
    try:
        for part in response.for_cgi():
            left = memoryview(part)
            while left:
                left = left[posix.write(out, left) :]
    except BrokenPipeError:
        pass  # the client has gone


def _limit(config: Config | None, out: int, sent: _thread.LockType, asked: list[str], method: str) -> None:
    """Let the process end when the time of the request is over."""
    seconds = (config.timeout if config else deadline.DEFAULT_SECONDS) + deadline.GRACE_SECONDS
    try:
        _thread.start_new_thread(_watch, (seconds, config, out, sent, asked, method))
    except RuntimeError:
        # This user may have no more threads, as on many a shared host: what hangs is then ended without an answer.
        from signal import ITIMER_REAL, setitimer

        setitimer(ITIMER_REAL, seconds)


def _watch(
    seconds: float, config: Config | None, out: int, sent: _thread.LockType, asked: list[str], method: str
) -> None:
    """Answer 503 and end the process if the request is not done in time, wherever it hangs.

    Every source keeps the deadline by itself; this thread is for what cannot, such as a library that waits in C.
    """
    time.sleep(seconds)
    sent.acquire()
    _send(out, app.give_up(sys.stderr, asked[0], config).fit(method))
    posix._exit(0)
