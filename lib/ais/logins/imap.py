"""Passwords that an IMAP server checks (RFC 3501, RFC 9051)."""

from __future__ import annotations

from ..errors import ConfigError, SourceUnavailable
from ..network.address import Address, ask_in_order, check_list, is_port
from ..network.tls import check_ca_file, tls_context
from . import Login
from .names import NamedLogin

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
) -> Login:
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
    if not is_port(port):
        raise ConfigError("imap(): port must be a number from 1 to 65535")
    if tls == "none" and ca_file is not None:
        raise ConfigError("imap(): ca_file is for TLS: leave it out with tls='none'")
    what = "a name such as 'mail.example.com', without a port"
    servers = [_server(each, port, what) for each in check_list("imap(): host", host, what)]
    trusted = check_ca_file("imap()", ca_file)

    def ask(user: bytes, password: bytes) -> bool:
        return ask_in_order(servers, lambda server, ends: _log_in(server, ends, tls, trusted, user, password))

    return NamedLogin("imap(): name", name, ask)


def _server(host: object, port: int, what: str) -> Address:
    bare = host.strip("[]") if isinstance(host, str) else ""
    if not bare or any(letter in "/@\\" or letter <= " " for letter in bare) or bare.count(":") == 1:
        raise ConfigError(f"imap(): host must be {what}, or a list of them")
    return Address(f"IMAP server {bare}, port {port}", bare, port)


def _log_in(server: Address, ends: float, tls: str, ca_file: str | None, user: bytes, password: bytes) -> bool:
    from ..network.sockets import open_connection
    from .imapsession import Session

    context = tls_context("imap()", ca_file) if tls != "none" else None
    session = Session(open_connection(server, ends, context if tls == "ssl" else None), server)
    try:
        session.greet()
        if context and tls == "starttls":
            session.start_tls(context)
        return session.log_in(user, password)
    except OSError:
        raise SourceUnavailable(f"{server.name}: {session.wire.fault}") from None
    finally:
        session.wire.close()
