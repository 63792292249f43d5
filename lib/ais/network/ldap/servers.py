"""The LDAP servers of a directory, and who may log in there."""

from __future__ import annotations

from ... import options
from ...errors import ConfigError, SourceError, SourceUnavailable
from ..sockets import ask_in_order, verifying
from .connection import Connection
from .results import described, is_refusal
from .wire import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence


class Servers:
    """The servers of one directory, all with the same content.

    Args:
        what: the function that the administrator called, for errors.
        url: URL of a server, or of several that are tried in order.
        starttls: whether to begin TLS on ``ldap://`` connections before anything else is sent.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(self, what: str, url: str | Sequence[str], starttls: bool = False, ca_file: str | None = None) -> None:
        if not isinstance(url, (str, list, tuple)) or not url:
            raise ConfigError(f"{what}: url must be a URL such as ldaps://ldap.example.com, or a list of them")
        if not isinstance(starttls, bool):
            raise ConfigError(f"{what}: starttls must be True or False")
        if ca_file is not None and (not isinstance(ca_file, str) or not ca_file):
            raise ConfigError(f"{what}: ca_file must be the path of a file")
        self._all = [Server(what, each) for each in ([url] if isinstance(url, str) else url)]
        if starttls and any(server.scheme == "ldaps" for server in self._all):
            raise ConfigError(f"{what}: starttls is for ldap:// only, since ldaps:// has TLS from the start")
        self._starttls = starttls
        self._ca_file = ca_file and options.path(ca_file)

    def connect(self, name: str | None = None, password: str = "") -> Connection:
        """Connect to the first server that answers, and log in there.

        Args:
            name: whom to bind as: a DN, or what else the server takes; None for nobody.
            password: the password.

        Raises:
            SourceUnavailable: no server answers in time.
            SourceError: the server refuses the login, or ca_file cannot be used.
            MissingPackage: ldap3 is not installed.
        """
        context = self._context()

        def ask(server: Server, ends: float) -> Connection:
            connection = Connection(server, context, self._starttls, ends)
            if name is not None:
                connection.log_in(name, password)
            connection.until(None)
            return connection

        return ask_in_order(self._all, ask)

    def accepts(self, name: str, password: str, server: Server | None = None) -> bool:
        """Say whether this is a user's password, by binding as the user on a connection of its own.

        Args:
            name: the user's DN, or what else the server takes.
            password: the password. An empty one is refused here, since servers take it for an anonymous bind and say
                yes (RFC 4513, 5.1.2).
            server: where to ask; None for the first that answers.

        Raises:
            SourceUnavailable: nobody can tell.
            AISError: as `connect`.
        """
        try:
            secret = password.encode("utf-8")
        except UnicodeEncodeError:
            return False
        if not name or not secret:
            return False
        context = self._context()

        def ask(server: Server, ends: float) -> bool:
            with Connection(server, context, self._starttls, ends) as connection:
                result = connection.bind(name, secret)
            if result["description"] == "success":
                return True
            if is_refusal(result):
                return False
            raise SourceUnavailable(f"{server.name} cannot check a password: {described(result)}")

        return ask_in_order([server] if server else self._all, ask)

    def _context(self) -> ssl.SSLContext | None:
        if not self._starttls and all(server.scheme == "ldap" for server in self._all):
            return None
        try:
            return verifying(self._ca_file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(f"ca_file {self._ca_file} cannot be used: {reason}") from None
