"""A connection to an LDAP server.

ldap3 speaks the protocol. What it offers besides is not used: its time-outs, pools and referrals add up to more than
one deadline or lead to strangers, and its check of certificates is older than Python's.
"""

from __future__ import annotations

from ...errors import MissingPackage, SourceError, SourceUnavailable
from ..sockets import encrypt, open_connection
from .results import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..address import Url

STARTTLS = "1.3.6.1.4.1.1466.20037"  # RFC 4511, 4.14


class Connection:
    """A connection to one server, on its socket `wire`; arguments are those of `open_connection`.

    Every method raises SourceUnavailable when there is no answer; without ldap3 there is a MissingPackage.
    """

    def __init__(self, server: Url, context: ssl.SSLContext | None, ends: float) -> None:
        self._client = make_client()
        self.server = server
        self.wire = open_connection(server, ends, context)
        self._client.strategy._open_socket = self._use_wire
        self._client.open(read_server_info=False)

    def _use_wire(self, *_: object, **__: object) -> None:
        """Let ldap3 use our socket instead of one that it would open."""
        self._client.socket, self._client.closed = self.wire, False

    def __enter__(self) -> Connection:
        return self

    def close(self, *_: object) -> None:
        """End the connection, whatever its state is."""
        try:
            self._client.unbind()
        except Exception:  # noqa: S110
            pass  # a server that is gone need not be told
        self.wire.close()

    __exit__ = close

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS inside the protocol."""
        result = self._ask(self._client.extended, STARTTLS)
        if result["description"] != "success":
            raise SourceUnavailable(f"{self.server.name} refuses StartTLS: {describe(result)}")
        self.wire = encrypt(self.wire, self.server, context)
        self._use_wire()

    def bind(self, name: str, password: bytes) -> dict[str, Any]:
        """Send a simple bind with a password that is not empty; returns the server's result, whatever it is.

        Bytes go out as they are; in a text, ldap3 would refuse or change some characters.
        """
        self._client.user, self._client.password, self._client.authentication = name, password, "SIMPLE"
        return self._ask(self._client.bind, read_server_info=False)

    def search(self, base: str, filter: str, attributes: Sequence[str], **options: object) -> dict[str, Any]:
        """Search below a DN; returns the server's result, whatever it is, and what was found as ``found``."""
        options = {"attributes": list(attributes), "dereference_aliases": "NEVER", **options}
        result = self._ask(self._client.search, base, filter, **options)
        return {**result, "found": self._client.response or []}

    def _ask(self, question: Callable[..., object], *arguments: object, **options: object) -> dict[str, Any]:
        """Ask; what ldap3 raises becomes an error of ours, without its text, which may quote what was sent."""
        try:
            question(*arguments, **options)
        except Exception as error:
            if "LDAPInvalidFilterError" in {kind.__name__ for kind in type(error).__mro__}:
                raise SourceError("filter cannot be read: it must be as RFC 4515 describes") from None
            raise SourceUnavailable(f"{self.server.name}: {self.wire.fault or type(error).__name__}") from None
        result: dict[str, Any] = self._client.result
        return result


def make_client() -> Any:
    """Return a client of ldap3's without a connection; MissingPackage where ldap3 is not installed."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
            import ldap3  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise MissingPackage("ldap3", "LDAP") from None
    return ldap3.Connection(
        ldap3.Server("127.0.0.1", get_info=ldap3.NONE),  # never asked: see `Connection._use_wire`
        auto_referrals=False,
        auto_range=False,
        auto_escape=False,
        check_names=False,
        return_empty_attributes=False,
    )
