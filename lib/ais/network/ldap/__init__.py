"""An LDAP directory: its servers, and who may log in there."""

from __future__ import annotations

from itertools import accumulate

from ...errors import ConfigError, SourceError, SourceUnavailable
from ..address import ask_in_order, parse_urls
from ..tls import check_ca_file, tls_context
from .results import check_search, describe, is_refusal, read_entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from ..address import Url
    from .connection import Connection
    from .results import Entry

    T = TypeVar("T")

PORTS = {"ldap": 389, "ldaps": 636}
PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


class Directory:
    """Servers with the same content, and which entries of it are users.

    `search`, `find` and `accepts` raise SourceUnavailable where no server answers in time, ConfigError where ca_file
    cannot be used, and MissingPackage where ldap3 is not installed. The first two raise SourceError where the server
    refuses the login, or what it gives may not be all.

    Arguments are those of `ais.ldap`, and the function that the administrator called, for errors.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(
        self,
        function: str,
        url: str | Sequence[str],
        base: str,
        filter: str,
        bind_dn: str | None,
        bind_password: str | None,
        starttls: bool,
        ca_file: str | None,
    ) -> None:
        self._servers = parse_urls(f"{function}: url", url, PORTS, "ldaps://ldap.example.com")
        if any(server.path != "/" for server in self._servers):
            raise ConfigError(f"{function}: url must end with the host or the port; base says where to search")
        if not isinstance(base, str):
            raise ConfigError(f"{function}: base must be a DN, such as 'ou=people,dc=example,dc=com'")
        if not isinstance(starttls, bool):
            raise ConfigError(f"{function}: starttls must be True or False")
        if starttls and any(server.scheme == "ldaps" for server in self._servers):
            raise ConfigError(f"{function}: starttls is for ldap:// only, since ldaps:// has TLS from the start")
        given = [bind_dn, bind_password]
        if given != [None, None] and not all(isinstance(text, str) and text for text in given):
            raise ConfigError(
                f"{function}: bind_dn and bind_password must be two texts, or be left out for an anonymous search"
            )
        self.base = base
        self.filter = check_filter(f"{function}: filter", filter)
        self._function = function
        self._bind_dn = bind_dn
        self._bind_password = bind_password or ""
        self._starttls = starttls
        self._ca_file = check_ca_file(function, ca_file)

    def search(self, attributes: Sequence[str], page_size: int | None, filter: str | None = None) -> Iterator[Entry]:
        """Give all entries of users, or of another filter, with these attributes, so many at a time; None for all."""
        paging = {} if page_size is None else {"paged_size": page_size, "paged_criticality": True}
        with self._log_in() as connection:
            while True:
                result = connection.search(self.base, filter or self.filter, attributes, **paging)
                check_search(result, self.base)
                yield from read_entries(result)
                if page_size is None:
                    return
                if PAGED_RESULTS not in result.get("controls", {}):
                    raise SourceError("the server did not say whether this was the last page: set page_size=None")
                paging["paged_cookie"] = result["controls"][PAGED_RESULTS]["value"]["cookie"]
                if not paging["paged_cookie"]:
                    return

    def find(self, filter: str, attributes: Sequence[str], two: str) -> tuple[Entry | None, Url]:
        """Return the one entry that a filter finds, if any, and the server that answered; `two` is said of two."""
        with self._log_in() as connection:
            result = connection.search(self.base, filter, attributes, size_limit=2)
        found = list(read_entries(result))
        if len(found) > 1:
            raise SourceError(f"{two}: {found[0].dn}, {found[1].dn}")
        check_search(result, self.base)
        return found[0] if found else None, connection.server

    def accepts(self, name: str, password: str, server: Url | None = None) -> bool:
        """Say whether this is a user's password, by binding as the user on a connection of its own.

        Args:
            name: the user's DN, or what else the server takes.
            password: an empty one is refused here; servers take it for an anonymous bind and say yes (RFC 4513, 5.1.2).
            server: where to ask; None for the first that answers.
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

        return self._ask([server] if server else self._servers, bind)

    def _log_in(self) -> Connection:
        """Connect to the first server that answers, and log in there for searches."""

        def log_in(connection: Connection) -> Connection:
            if self._bind_dn is not None:
                name = connection.server.name
                result = connection.bind(self._bind_dn, self._bind_password.encode("utf-8"))
                if result["description"] in ("busy", "unavailable"):
                    raise SourceUnavailable(f"{name}: {describe(result)}")
                if result["description"] != "success":
                    said = f"refuses the login of the configuration: {describe(result)}"
                    raise SourceError(f"{name} {said}: check bind_dn and bind_password")
            connection.wire.ends = None
            return connection

        return self._ask(self._servers, log_in)

    def _ask(self, servers: Sequence[Url], question: Callable[[Connection], T]) -> T:
        """Ask the first server that can answer; the connection is closed if there is an error."""
        from .connection import Connection  # here, because who only reads a configuration need not load sockets

        def ask(server: Url, ends: float) -> T:
            secure = self._starttls or server.scheme == "ldaps"
            context = tls_context(self._function, self._ca_file) if secure else None
            connection = Connection(server, None if self._starttls else context, ends)
            try:
                if context and self._starttls:
                    connection.start_tls(context)
                return question(connection)
            except BaseException:
                connection.close()
                raise

        return ask_in_order(servers, ask)


def escape(value: str) -> str:
    """Return a value as it stands in a filter (RFC 4515, section 3): all but letters and digits as hexadecimal."""
    return "".join(chr(byte) if byte in PLAIN else f"\\{byte:02x}" for byte in value.encode("utf-8"))


def check_filter(option: str, filter: object) -> str:
    """Return a filter; ConfigError where its parentheses are missing or do not match."""
    if not isinstance(filter, str) or not _is_enclosed(filter.strip()):
        raise ConfigError(f"{option} must be in balanced parentheses, as in '(objectClass=person)'")
    return filter.strip()


def _is_enclosed(filter: str) -> bool:
    """Say whether one pair of parentheses holds all the rest; elsewhere a filter has them as escapes."""
    depths = list(accumulate((letter == "(") - (letter == ")") for letter in filter))
    return filter.startswith("(") and depths[-1] == 0 and 0 not in depths[:-1]
