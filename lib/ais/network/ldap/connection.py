"""A connection to an LDAP server.

ldap3 speaks the protocol. What it offers besides is not used: its time-outs, pools and referrals add up to more than
one deadline or lead to strangers, and its check of certificates is older than Python's.
"""

from __future__ import annotations

from ...errors import AISError, MissingPackage, SourceError, SourceUnavailable
from ..sockets import Wire
from .results import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from typing import Any

    from .wire import Server

STARTTLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511, 4.14


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
