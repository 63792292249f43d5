"""The LDAP servers of a directory, and who may log in there."""

from __future__ import annotations

from ...errors import ConfigError, SourceError, SourceUnavailable
from ..address import ask_in_order, parse_urls
from ..tls import check_ca_file, tls_context
from .results import describe, is_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from ..address import Url
    from .connection import Connection

    T = TypeVar("T")

PORTS = {"ldap": 389, "ldaps": 636}


class Servers:
    """The servers of one directory, all with the same content.

    Args:
        function: the one that the administrator called, for errors.
        url: URL of a server, or of several that are tried in order.
        starttls: whether to begin TLS on ``ldap://`` connections before anything else is sent.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        bind_dn: whom to search as; None for nobody.
        bind_password: the password.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(
        self,
        function: str,
        url: str | Sequence[str],
        starttls: bool,
        ca_file: str | None,
        bind_dn: str | None = None,
        bind_password: str | None = None,
    ) -> None:
        self._all = parse_urls(f"{function}: url", url, PORTS, "ldaps://ldap.example.com")
        if any(server.path != "/" for server in self._all):
            raise ConfigError(f"{function}: url must end with the host or the port; base says where to search")
        if not isinstance(starttls, bool):
            raise ConfigError(f"{function}: starttls must be True or False")
        if starttls and any(server.scheme == "ldaps" for server in self._all):
            raise ConfigError(f"{function}: starttls is for ldap:// only, since ldaps:// has TLS from the start")
        given = [bind_dn, bind_password]
        if given != [None, None] and not all(isinstance(text, str) and text for text in given):
            raise ConfigError(
                f"{function}: bind_dn and bind_password must be two texts, or be left out for an anonymous search"
            )
        self._function = function
        self._starttls = starttls
        self._ca_file = check_ca_file(function, ca_file)
        self._bind_dn = bind_dn
        self._bind_password = bind_password or ""

    def connect(self) -> Connection:
        """Connect to the first server that answers, and log in there for searches.

        Raises:
            SourceUnavailable: no server answers in time.
            SourceError: the server refuses the login.
            ConfigError: ca_file cannot be used.
            MissingPackage: ldap3 is not installed.
        """

        def log_in(connection: Connection) -> Connection:
            name = connection.server.name
            if self._bind_dn is not None:
                result = connection.bind(self._bind_dn, self._bind_password.encode("utf-8"))
                if result["description"] in ("busy", "unavailable"):
                    raise SourceUnavailable(f"{name}: {describe(result)}")
                if result["description"] != "success":
                    said = f"refuses the login of the configuration: {describe(result)}"
                    raise SourceError(f"{name} {said}: check bind_dn and bind_password")
            connection.wire.ends = None
            return connection

        return self._ask(self._all, log_in)

    def accepts(self, name: str, password: str, server: Url | None = None) -> bool:
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

        def bind(connection: Connection) -> bool:
            with connection:
                result = connection.bind(name, secret)
            if result["description"] == "success":
                return True
            if is_refusal(result):
                return False
            raise SourceUnavailable(f"{connection.server.name} cannot check a password: {describe(result)}")

        return self._ask([server] if server else self._all, bind)

    def _ask(self, servers: Sequence[Url], question: Callable[[Connection], T]) -> T:
        """Ask the first server that can answer; the connection is closed if there is an error."""
        from .connection import Connection  # here, because who only reads a configuration need not load sockets

        context = None
        if self._starttls or any(server.scheme == "ldaps" for server in servers):
            context = tls_context(self._function, self._ca_file)

        def ask(server: Url, ends: float) -> T:
            connection = Connection(server, context if server.scheme == "ldaps" else None, ends)
            try:
                if context and self._starttls:
                    connection.start_tls(context)
                return question(connection)
            except BaseException:
                connection.close()
                raise

        return ask_in_order(servers, ask)


def check_base_and_filter(function: str, base: object, filter: object, example: str) -> str:
    """Return the DN to search below, if it and the filter (RFC 4515) can be used.

    Args:
        function, example: the function that the administrator called, and a right filter, for errors.

    Raises:
        ConfigError: they cannot.
    """
    if not isinstance(base, str):
        raise ConfigError(f"{function}: base must be a DN, such as 'ou=people,dc=example,dc=com'")
    if not isinstance(filter, str) or not _is_enclosed(filter.strip()):
        raise ConfigError(f"{function}: filter must be in balanced parentheses, such as '{example}'")
    return base


def _is_enclosed(filter: str) -> bool:
    """Say whether one pair of parentheses holds all the rest; elsewhere a filter has them as escapes."""
    depth = 0
    for position, letter in enumerate(filter):
        depth += (letter == "(") - (letter == ")")
        if depth < 1:
            return depth == 0 and position == len(filter) - 1 and position > 0
    return False
