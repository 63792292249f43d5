"""Connections to LDAP servers, and who may log in there.

ldap3 speaks the protocol. What it offers besides is not used: its time-outs, pools and referrals add up to more than
one deadline or lead to strangers, and its check of certificates is older than Python's.
"""

from __future__ import annotations

from .. import current
from ..errors import AISError, ConfigError, MissingPackage, SourceError, SourceUnavailable
from ..wire import Wire, ask_in_order
from .ldapresults import described, is_refusal
from .ldapwire import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from typing import Any

STARTTLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511, 4.14


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
        self._ca_file = ca_file and current.path(ca_file)

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
        import ssl

        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(f"ca_file {self._ca_file} cannot be used: {reason}") from None


class Connection:
    """A connection to one server.

    Args:
        server: where to.
        context: how TLS is verified; None where there is none.
        starttls: whether to begin TLS inside the protocol.
        ends: when waiting ends, as time.monotonic() counts.

    Raises:
        SourceUnavailable: the server does not answer in time, or TLS fails.
        MissingPackage: ldap3 is not installed.
    """

    def __init__(self, server: Server, context: ssl.SSLContext | None, starttls: bool, ends: float) -> None:
        client = _client()
        self.server = server
        self._wire = Wire(server, ends)
        if context and server.scheme == "ldaps":
            self._wire.encrypt(context)
        self._client = _opened(client, self._wire)
        if context and starttls:
            try:
                result = self._asked(lambda: client.extended(STARTTLS))
                if result["description"] != "success":
                    raise SourceUnavailable(f"{server.name} refuses StartTLS: {described(result)}")
                self._wire.encrypt(context)
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def until(self, ends: float | None) -> None:
        """Set when waiting ends, as time.monotonic() counts; None for the end of the request."""
        self._wire.ends = ends

    def log_in(self, name: str, password: str) -> None:
        """Bind with the login of the configuration; close the connection when that fails.

        Raises:
            SourceUnavailable: there is no answer, or the server is busy.
            SourceError: the login is refused.
        """
        try:
            result = self.bind(name, password.encode("utf-8"))
            if result["description"] in ("busy", "unavailable"):
                raise SourceUnavailable(f"{self.server.name}: {described(result)}")
            if result["description"] != "success":
                raise SourceError(
                    f"{self.server.name} refuses the login of the configuration: {described(result)}: "
                    "check bind_dn and bind_password"
                )
        except BaseException:
            self.close()
            raise

    def bind(self, name: str, password: bytes) -> dict[str, Any]:
        """Send a simple bind; returns the server's result, whatever it is.

        Args:
            name: whom to bind as.
            password: not empty. Bytes go out as they are; of a text ldap3 would refuse or change characters.

        Raises:
            SourceUnavailable: there is no answer.
        """
        self._client.user, self._client.password, self._client.authentication = name, password, "SIMPLE"
        return self._asked(lambda: self._client.bind(read_server_info=False))

    def search(self, base: str, filter: str, attributes: Sequence[str], **options: Any) -> dict[str, Any]:
        """Search below a DN; returns the server's result, and what was found as ``found``.

        Args:
            base: the DN.
            filter: as RFC 4515 describes.
            attributes: those wanted.
            options: further ones for ldap3's ``Connection.search``.

        Raises:
            SourceUnavailable: there is no answer.
            SourceError: the filter cannot be read.
        """
        options = {"attributes": list(attributes), "dereference_aliases": "NEVER", **options}
        return self._asked(lambda: self._client.search(base, filter, **options)) | {
            "found": self._client.response or []
        }

    def close(self) -> None:
        """End the connection, whatever its state is."""
        try:
            self._client.unbind()
        except Exception:  # noqa: S110
            pass  # a server that is gone need not be told
        self._wire.close()

    def _asked(self, question: Callable[[], object]) -> dict[str, Any]:
        """Ask; what ldap3 raises becomes an error of ours, without its text, which may quote what was sent."""
        try:
            question()
        except AISError:
            raise
        except Exception as error:
            kinds = {kind.__name__ for kind in type(error).__mro__}
            if "LDAPInvalidFilterError" in kinds:
                raise SourceError("filter cannot be read: it must be as RFC 4515 describes") from None
            raise SourceUnavailable(f"{self.server.name}: {self._wire.fault or type(error).__name__}") from None
        result: dict[str, Any] = self._client.result
        return result


def _client() -> Any:
    """Return a client of ldap3's without a connection."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
            import ldap3  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingPackage("ldap3", "LDAP") from None
    return ldap3.Connection(
        ldap3.Server("127.0.0.1", get_info=ldap3.NONE),  # stands for the one that the wire leads to
        auto_referrals=False,
        auto_range=False,
        auto_escape=False,
        check_names=False,
        return_empty_attributes=False,
    )


def _opened(client: Any, wire: Wire) -> Any:
    """Let a client of ldap3's use this wire instead of a socket that it would open."""

    def use_wire(*_: object, **__: object) -> None:
        client.socket, client.closed = wire, False

    client.strategy._open_socket = use_wire
    client.open(read_server_info=False)
    return client
