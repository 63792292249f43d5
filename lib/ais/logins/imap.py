"""Passwords that an IMAP server checks (RFC 3501, RFC 9051)."""

from __future__ import annotations

from ..errors import ConfigError, SourceUnavailable
from ..network.sockets import Address, Wire, ask_in_order
from ..network.tls import ca_option, verifying
from . import Login
from .imapsession import Session
from .names import Name, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PORTS = {"ssl": 993, "starttls": 143, "none": 143}


def imap(
    host: str | Sequence[str],
    port: int | None = None,
    tls: str = "ssl",
    *,
    ca_file: str | None = None,
    name: str = "{user}",
) -> ImapLogin:
    """Check passwords by logging in to an IMAP server.

    Args:
        host: the server's name as in its certificate, or several that are tried in order.
        port: 993 for ``ssl`` and 143 for the others, if None.
        tls: ``ssl`` for TLS from the start, ``starttls`` for TLS before anything is sent, ``none`` for no TLS, which
            shows every password to the network: for a server on the same machine.
        ca_file: certificates to trust instead of the system's, as PEM; relative to the configuration file.
        name: what the server calls a user: a text with ``{user}``, or ``{local}`` and ``{domain}`` for its parts.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if not isinstance(tls, str) or tls not in PORTS:
        raise ConfigError("imap(): tls must be 'ssl', 'starttls' or 'none'")
    if port is None:
        port = PORTS[tls]
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise ConfigError("imap(): port must be a number from 1 to 65535")
    if tls == "none" and ca_file is not None:
        raise ConfigError("imap(): ca_file is for TLS: leave it out with tls='none'")
    servers = [_server(each, port) for each in ([host] if isinstance(host, str) else _listed(host))]
    return ImapLogin(servers, tls, ca_option("imap()", ca_file), Name("imap(): name", name))


def _listed(hosts: object) -> Sequence[object]:
    if not isinstance(hosts, (list, tuple)) or not hosts:
        raise ConfigError("imap(): host must be the name of a server, or a list of them")
    return hosts


def _server(host: object, port: int) -> Address:
    bare = host.strip("[]") if isinstance(host, str) else ""
    if not bare or any(letter in "/@\\" or letter <= " " for letter in bare) or bare.count(":") == 1:
        raise ConfigError("imap(): host must be a name such as 'mail.example.com', without a port, or a list of them")
    return Address(f"IMAP server {bare}, port {port}", bare, port)


class ImapLogin(Login):
    """See `imap`."""

    def __init__(self, servers: Sequence[Address], tls: str, ca_file: str | None, name: Name) -> None:
        self._servers = servers
        self._tls = tls
        self._ca_file = ca_file
        self._name = name

    def verify(self, user: str, password: str) -> bool:
        """Log in at the first server that can answer."""
        pair = encoded(self._name.of(user), password) if user else None
        if pair is None:
            return False
        return ask_in_order(self._servers, lambda server, ends: self._ask(server, ends, *pair))

    def _ask(self, server: Address, ends: float, user: bytes, password: bytes) -> bool:
        context = verifying("imap()", self._ca_file) if self._tls != "none" else None
        wire = Wire(server, ends)
        try:
            if context and self._tls == "ssl":
                wire.encrypt(context)
            session = Session(wire, server.name)
            session.greet()
            if context and self._tls == "starttls":
                session.start_tls(context)
            return session.log_in(user, password)
        except SourceUnavailable:
            raise
        except OSError:
            raise SourceUnavailable(f"{server.name}: {wire.fault}") from None
        finally:
            wire.close()
