"""The FastCGI edge: one process, one request at a time, as long as the web server and the program's files let it.

lighttpd and mod_fcgid start the process with a listening socket as descriptor 0, and start another when it has ended.
"""

from __future__ import annotations

import _thread
import gc
import os
import select
import signal
import socket
import sys
import time
from _socket import socket as Stream  # noqa: N812  # what the module socket builds upon
from contextlib import suppress
from contextvars import copy_context
from io import BytesIO

from . import app, deadline, logbook, packages
from .config.kept import Configurations, Files
from .http import Request, is_https
from .http.fastcgi import Connection, ProtocolError, take_listener
from .sources.sql.drivers import keeper
from .sources.sql.drivers.pool import Keeper
from .text import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .config import Config
    from .http import Response
    from .http.fastcgi import Incoming

TRANSFER_SECONDS = 60.0
"""Seconds for a request to come, for a part of an answer to go, and for a configuration to be read."""

LOOK_SECONDS = 1.0
"""Seconds between two looks at the program's files."""

TURN_SECONDS = 3.0
"""Seconds between the ends of two processes after an update. lighttpd looks for those to replace once a second."""

END_SECONDS = 2.0
"""Seconds for closing connections at the end. What sources have left running then, such as a thread, is ended, too."""

NOBODY: tuple[Config | None, Sequence[str]] = None, ("",)
"""No configuration is known, and no source has been asked."""


def run(default_config: str, entry: str) -> None:
    """Answer requests, and end the process when its time has come; return if it has no listening socket.

    Args:
        default_config: path of the configuration unless the web server names another.
        entry: path of the file that was started.
    """
    logbook.open_stderr()
    listener = take_listener()
    if listener is None:
        return
    # What a library, a source of the administrator's or a child prints goes to the log.
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # what a source starts must not get the socket
    packages.add_folders()
    waking, woken = os.pipe()
    os.set_blocking(woken, False)
    worker = Worker(listener, default_config, Files(entry), [waking])
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        signal.signal(number, lambda *_: worker.end())
    # One that comes just before `accept` begins to wait would otherwise be seen when that is done.
    signal.set_wakeup_fd(woken)
    gc.freeze()  # what is loaded by now stays: no need to look at it for garbage
    worker.serve()
    signal.setitimer(signal.ITIMER_REAL, END_SECONDS)
    sys.exit(0)


class Worker:
    """Answers the requests of the web server, and ends what takes too long.

    Args:
        listener: the socket that the web server connects to.
        default_config: as for `run`.
        files: what the process was started from.
        waking: descriptors on which something comes when the process is to end.
    """

    def __init__(self, listener: socket.socket, default_config: str, files: Files, waking: Sequence[int] = ()) -> None:
        self._listener, self._kind = listener, (int(listener.family), int(listener.type))
        self._default_config = default_config
        self._files, self._waking = files, waking
        self._looks = 0.0  # when a busy process looks at its files again (time.monotonic)
        self._turn = 0.0  # when the process may end for new files; 0 while there are none
        self._configurations, self._keeper = Configurations(), Keeper()
        self._process = dict(os.environ)
        self._kept: list[Connection] = []
        self._serves, self._is_watched = False, True
        # What the watchdog looks at; it acts under the lock.
        self._lock = _thread.allocate_lock()
        self._ends = 0.0  # when what is done now takes too long (time.monotonic); 0 while nothing is done
        self._doing: tuple[Connection, Incoming | None] | None = None  # and the request that is worked on
        self._known = NOBODY  # its configuration, and who is asked

    def serve(self) -> None:
        """Answer requests until `end` is called, and then those that wait."""
        self._serves = True
        try:
            _thread.start_new_thread(self._watch, ())
        except RuntimeError:
            self._is_watched = False  # this user may have no more threads, as on many a shared host
        while connection := self._next_connection():
            self.talk(connection)
            # The watchdog would take turns with this thread at each of the files, so it looks while there is no work.
            if (time.monotonic() >= self._looks or not self._is_watched) and self._is_outdated():
                self.end()
        self._serves = False

    def end(self) -> None:
        """Let no more connections come."""
        try:
            self._listener.shutdown(socket.SHUT_RD)
        except OSError:
            os._exit(0)  # other systems than Linux cannot shut a socket and go on with those that wait

    def _is_outdated(self) -> bool:
        """Whether the program's files have changed, and it is this process's turn to end because of that."""
        self._looks = time.monotonic() + LOOK_SECONDS
        if not self._turn and self._files.have_changed():
            # lighttpd numbers its sockets from 0: …socket-2. All processes at once would leave nobody to answer.
            _, _, place = str(self._listener.getsockname()).rpartition("-")
            self._turn = time.monotonic() + (int(place) % 8 * TURN_SECONDS if place.isdecimal() else 0)
        return 0 < self._turn <= time.monotonic()

    def _next_connection(self) -> Connection | None:
        """Wait for a connection with something to read; None when there are no more."""
        if self._kept:
            poll = select.poll()
            for each in (self._listener, *(known.stream for known in self._kept)):
                poll.register(each, select.POLLIN)
            ready = {handle for handle, _ in poll.poll()}
            for place, known in enumerate(self._kept):
                if known.stream.fileno() in ready:
                    return self._kept.pop(place)
        try:
            # What `accept` does, without looking up names for its numbers.
            return Connection(Stream(*self._kind, 0, self._listener._accept()[0]))  # type: ignore[attr-defined]
        except ConnectionAbortedError:
            return self._next_connection()
        except OSError:
            return None

    def talk(self, connection: Connection) -> None:
        """Answer the requests on a connection, and keep it open if the web server wants that."""
        try:
            self._begin(connection)
            while request := connection.receive():
                self._begin(connection, request)
                response = copy_context().run(self._work, request)  # what one request noted is gone with it
                self._begin(connection)
                connection.answer(request, self._parts(response))
                # The web server passes the answer on first. Otherwise the two take turns on a processor, and this
                # process sleeps just before the next request comes.
                os.sched_yield()
                if not request.keeps:
                    break
                if not connection.has_more:
                    self._kept.append(connection)
                    return
        except ProtocolError as error:
            logbook.write(sys.stderr, f"error {quote(f'the connection of the web server is closed: {error}')}")
        except OSError:
            pass  # the web server has gone
        finally:
            with self._lock:
                self._allow(0)
        connection.stream.close()

    def _begin(self, connection: Connection, request: Incoming | None = None) -> None:
        """Note what is done from now on: reading from a connection or writing to it, or the work on a request."""
        with self._lock:
            self._doing, self._known = (connection, request), NOBODY
            self._allow(TRANSFER_SECONDS)

    def _allow(self, seconds: float) -> None:
        """Set the time for what is done now; 0 while nothing is done."""
        self._ends = time.monotonic() + seconds if seconds else 0.0
        if not self._is_watched:
            signal.setitimer(signal.ITIMER_REAL, seconds)  # its signal ends the process, without an answer

    def _work(self, incoming: Incoming) -> Response:
        keeper.set(self._keeper)
        environ, asked = incoming.environ, deadline.watch()

        def load() -> Config:
            config = self._configurations.find(environ, self._process, self._default_config)
            with self._lock:
                self._allow(config.timeout + deadline.GRACE_SECONDS)
                self._known = config, asked
            return config

        stream, https = BytesIO(incoming.body), is_https(environ)
        return app.answer(Request(environ, stream, sys.stderr, https=https, terminated=True), load)

    def _parts(self, response: Response) -> Iterator[bytes]:
        for part in response.for_cgi():
            self._allow(TRANSFER_SECONDS)
            yield part

    def _watch(self) -> None:
        """End what takes too long, and the process when the program's files have changed."""
        while self._serves:
            left = self._ends - time.monotonic() if self._ends else LOOK_SECONDS
            woken, _, _ = select.select(self._waking, (), (), min(max(left, 0.01), LOOK_SECONDS))
            with self._lock:
                if self._doing and 0 < self._ends < time.monotonic():
                    self._give_up(*self._doing)
            if woken or (not self._ends and self._is_outdated()):
                self._waking = ()
                self.end()

    def _give_up(self, connection: Connection, request: Incoming | None) -> None:
        """Drop a web server that keeps us waiting, or answer 503 and leave, whatever the request hangs in."""
        if request is None:
            with suppress(OSError):  # it may have gone
                connection.stream.shutdown(socket.SHUT_RDWR)
            return
        self._listener.setblocking(False)
        try:
            self._listener.shutdown(socket.SHUT_RD)
            self._refuse(connection, request)
            for kept in self._kept:
                self._refuse(kept, seconds=0)  # one that has come
            while True:  # those that have waited for this process alone
                self._refuse(Connection(self._listener.accept()[0]))
        except OSError:
            pass  # nobody waits any more
        os._exit(0)

    def _refuse(self, connection: Connection, request: Incoming | None = None, seconds: float = 1) -> None:
        """Answer 503 to a request, or to one that comes on a connection, unless the web server has gone."""
        config, asked = self._known
        connection.stream.settimeout(seconds)
        with suppress(OSError, ProtocolError):
            if request := request or connection.receive():
                response = app.give_up(sys.stderr, asked[0], config)
                connection.answer(request, response.fit(request.environ.get("REQUEST_METHOD", "")).for_cgi())
