"""Database servers: lists of hosts, TLS, one deadline for all, and errors that say where and what to do."""

from __future__ import annotations

import os
import select
from contextvars import copy_context

from .... import deadline, options
from ....errors import AISError, ConfigError, SourceUnavailable
from ....logbook import place
from ....network.address import NamesUnanswered, is_port, is_this_computer
from . import Driver
from .faults import Meaning, goes_on, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

    from ..query import Query

SILENT_SECONDS = 1.0  # after this time without use the server is asked whether a connection still works
PING_SECONDS = 2.0  # the time it gets to say so; a firewall that has forgotten the connection says nothing

_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # BSD, macOS
)


class Server(Driver):
    """A driver for one kind of server; raises ConfigError where an argument cannot be used."""

    label = ""  # what people call the server
    database_option = "database"  # what the module's connect() calls the database
    port = 0  # where the server listens, if the configuration does not say

    def __init__(self, name: str, connection: dict[str, Any]) -> None:
        super().__init__(name, connection)
        for option in ("database", "user", "password"):
            if not isinstance(connection[option], (str, type(None))):
                raise ConfigError(f"sql(): {option} must be text")
        hosts = "localhost" if connection["host"] is None else connection["host"]
        self.hosts = [hosts] if isinstance(hosts, str) else hosts
        usable = isinstance(self.hosts, (list, tuple)) and self.hosts
        if not usable or not all(isinstance(host, str) and host.strip() and "," not in host for host in self.hosts):
            raise ConfigError("sql(): host must be a name, or a list of names")
        if any(map(_is_url, self.hosts)):
            raise ConfigError("sql(): host is a name, not a URL; port, user and password go by themselves")
        if _is_url(connection["database"] or ""):
            raise ConfigError("sql(): database and host are names, not URLs; port, user and password go by themselves")
        if connection["port"] is not None and not is_port(connection["port"]):
            raise ConfigError("sql(): port must be a number from 1 to 65535")
        self.port = connection["port"] or self.port
        self.tls = connection["tls"]
        if not isinstance(self.tls, (str, bool, type(None))) or self.tls == "":
            raise ConfigError("sql(): tls must be True, False or the path of a file with CA certificates")
        if self.tls and any(map(is_socket, self.hosts)):
            raise ConfigError("sql(): a Unix socket has no TLS: leave tls out, or give the name of the host")
        if isinstance(self.tls, str):
            self.tls = options.path(self.tls)  # now, while it is known what a relative path starts from
        self._seen: set[str] = set()

    def dial(self, host: str) -> Any:
        """Return a new connection to one host."""
        given = {
            "host": host,
            "port": self.port,
            self.database_option: self.arguments["database"],
            "user": self.arguments["user"],
            "password": self.arguments["password"],
            **self.given(host),
            **self.arguments["options"],
        }
        return self.module.connect(**{option: value for option, value in given.items() if value is not None})

    def given(self, host: str) -> dict[str, Any]:
        """Return further arguments of the module's connect(), and others than the usual ones; None is left out."""
        raise NotImplementedError

    def prepare(self, connection: Any) -> None:
        """Say at the beginning of a connection what holds for all of it."""

    def limit_query(self, connection: Any) -> None:
        """Let the server end the next query when the time is over."""

    def meaning(self, error: Exception) -> Meaning | None:
        """Return what an exception means, whose text may hold values; None if no more is known than that it failed."""
        raise NotImplementedError

    def works(self, connection: Any, unused: float) -> bool:
        """Say whether a kept connection still works."""
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            return False  # nothing was asked: what has come is the end
        if unused > SILENT_SECONDS:
            copy_context().run(_ping, connection, min(PING_SECONDS, deadline.remaining() / 2))
        return True

    def connect(self) -> Any:
        """Connect to the first host that answers. Each gets an even share of the time that is left."""
        self.module  # noqa: B018  # a missing package has nothing to do with a host
        problems: list[AISError] = []
        for number, host in enumerate(self.hosts):
            share = deadline.remaining() / (len(self.hosts) - number)
            try:
                return copy_context().run(self._open, host, share)
            except Exception as error:
                if isinstance(error, AISError) and not isinstance(error, SourceUnavailable):
                    raise
                # So a driver refuses arguments that it does not know.
                of_options = isinstance(error, TypeError) and self.arguments["options"]
                meaning = ("options", "") if of_options else self._read(error)
            problems.append(sentence(meaning, self.place(host)))
            if not goes_on(meaning):
                break
        if isinstance(problems[-1], SourceUnavailable):
            raise SourceUnavailable("; ".join(map(str, problems)))
        raise problems[-1]

    def _open(self, host: str, seconds: float) -> Any:
        deadline.start(seconds)
        connection = None
        try:
            connection = self.dial(host)
            self.prepare(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, Exception) and not isinstance(error, AISError):
                deadline.remaining()  # over: that is the reason, whatever the driver calls it
            raise
        return connection

    def run(self, connection: Any, query: Query, values: dict[str, str], large: bool = False) -> Any:
        """Run a query. A name that the encoding of the database has no place for is one that it does not hold."""
        self._seen.add("".join(query.texts))
        self.limit_query(connection)
        try:
            return super().run(connection, query, values, large)
        except Exception as error:
            meaning = self.meaning(error)
            if meaning and meaning[0] == "unheld" and not all(value.isascii() for value in values.values()):
                return NoRows()
            raise

    def place(self, *hosts: str) -> str:
        """Say in words where the server is."""
        named = " or ".join(host if is_socket(host) else f"{host}, port {self.port}" for host in hosts or self.hosts)
        database = self.arguments["database"]
        return f"{self.label} at {named}{f', database {database}' if database else ''}"

    def fault(self, error: Exception) -> AISError:
        """Return what an exception of the driver means, and empty the exception."""
        return sentence(self._read(error), self.place())

    def _read(self, error: Exception) -> Meaning:
        """Return what an exception means, and empty it: its text may quote values."""
        if isinstance(error, SourceUnavailable):
            return ("unreachable", f": {error}") if isinstance(error, NamesUnanswered) else ("silent", "")
        meaning = self.meaning(error)
        if isinstance(error, UnicodeError):
            # https://docs.python.org/3/library/exceptions.html#UnicodeError.object
            error.object = b"" if isinstance(error, UnicodeDecodeError) else ""  # type: ignore[attr-defined]
            meaning = ("unicode", "")
        elif meaning is None:
            try:
                deadline.remaining()
                meaning = ("failed", f": {place(error)}")
            except SourceUnavailable:
                meaning = ("silent", "")
        error.args = ()
        return meaning

    def quoted(self, message: str, quote: str) -> str:
        """Return a server's message, behind a colon, if all that stands in such quotes are names; else nothing."""
        # "secret" is a literal for one server and a name for another.
        literals = (mark + name + mark for name in message.split(quote)[1::2] for mark in "'\"")
        return "" if any(literal in text for literal in literals for text in self._seen) else f": {message}"

    def authorities(self) -> str:
        """Return the file of CA certificates that the option `tls` asks for, or raise ConfigError."""
        if self.tls is True:
            if found := next((path for path in _AUTHORITIES if os.access(path, os.R_OK)), None):
                return found
            raise ConfigError(
                "sql(): tls=True needs the system's CA certificates: install ca-certificates, or give a file"
            )
        try:
            with open(self.tls, "rb") as file:
                if b"-----BEGIN " in file.read():
                    return str(self.tls)
        except OSError as error:
            raise ConfigError(f"sql(): tls: the file {self.tls} cannot be read: {error.strerror}") from None
        raise ConfigError(f"sql(): tls: the file {self.tls} holds no certificate (PEM)")

    def tls_context(self) -> ssl.SSLContext:
        """Return a context that trusts the `authorities`."""
        from ....network.tls import tls_context

        return tls_context("sql()", self.authorities())


def is_socket(host: str) -> bool:
    """Whether a host is the path of a Unix socket."""
    return host.startswith("/")


def is_local(host: str) -> bool:
    """Whether what is sent to a host does not leave the machine."""
    return is_socket(host) or is_this_computer(host)


def _is_url(text: str) -> bool:
    """Whether this is more than a name. Such a text may hold a password, and names are printed."""
    return any(mark in text for mark in ("://", ";", "=", "@"))


class NoRows:
    """The cursor of a result without rows."""

    description = (("",),)
    warning_count = 0

    def fetchmany(self, size: int) -> list[Any]:
        """Return no rows."""
        return []


def _ping(connection: Any, seconds: float) -> None:
    deadline.start(seconds)
    connection.cursor().execute("SELECT 1")
    connection.rollback()
