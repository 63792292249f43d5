"""What a database server is asked, counted by the server itself; and a way to it that can go silent."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable

from sources.sql.drivers.engines import Engine


def connections(engine: Engine) -> set[str]:
    """The ids of the reader's connections that are open at the server."""
    if engine.driver == "postgresql":
        query = "SELECT pid FROM pg_stat_activity WHERE usename = 'reader'"
    else:
        query = "SELECT id FROM information_schema.processlist WHERE user = 'reader'"
    return set(engine.server.execute(query).split())


def close_all(engine: Engine) -> None:
    """Let the server end the reader's connections, as an administrator or a time-out does."""
    for number in connections(engine):
        kill = "SELECT pg_terminate_backend({})" if engine.driver == "postgresql" else "KILL {}"
        try:
            engine.server.execute(kill.format(number))
        except AssertionError as error:
            if "Unknown thread id" not in str(error):  # else it has ended by itself
                raise
    until(lambda: not connections(engine))


def until(done: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.02)


def statements(engine: Engine, warm: Callable[[], object], request: Callable[[], object]) -> list[str]:
    """Return the statements of the reader that the server gets for a request.

    Args:
        engine: the server; the reader's connections are closed first.
        warm: asked before.
        request: asked then.
    """
    execute = engine.server.execute
    close_all(engine)
    if engine.driver == "postgresql":
        execute("ALTER ROLE reader SET log_statement = 'all'")
        warm()
        log = engine.server._home / "log"
        before = log.stat().st_size
        request()
        execute("ALTER ROLE reader RESET ALL")
        found = re.findall(r"LOG:  (?:statement|execute <unnamed>): (.*)", log.read_bytes()[before:].decode())
        return [text for text in found if "ALTER ROLE" not in text]
    warm()
    execute("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1;")
    request()
    rows = execute(
        "SET GLOBAL general_log = 0; SELECT command_type, REPLACE(CONVERT(argument USING utf8mb4), '\\n', ' ')"
        " FROM mysql.general_log WHERE user_host LIKE '%reader%' ORDER BY event_time;"
    )
    cells = [row.split("\t") for row in rows.splitlines()]
    return [text or kind for kind, text in cells if kind != "Quit"]


class Relay:
    """Passes connections on to a server; those that are open can be made to go silent, as a firewall does."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._silent = 0
        self._count = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        """Pass nothing on any more for the connections that are open."""
        self._silent = self._count

    def close(self) -> None:
        """End."""
        self._listener.close()
        for known in self._sockets:
            try:
                known.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it; close() would not
            except OSError:
                pass
            known.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += (client, server)
            self._count += 1
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, target, self._count), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, number: int) -> None:
        try:
            while data := source.recv(65536):
                if number > self._silent:
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
