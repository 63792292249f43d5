"""The servers that a login asks: their addresses, their certificates, and which of several."""

from __future__ import annotations

import time

from .. import current, deadline
from ..errors import ConfigError, SourceUnavailable
from ..wire import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence


def ask_in_order(servers: Sequence[Address], ask: Callable[[Address, float], bool]) -> bool:
    """Ask the first server that can answer. A no is an answer, and no other server is asked then.

    Args:
        servers: all that may be asked, in order.
        ask: asks one; its second argument is when that must end, as time.monotonic() counts.

    Raises:
        SourceUnavailable: none can; the text names each and says why.
    """
    faults = []
    for number, server in enumerate(servers):
        try:
            # Each server gets its part of the time, so that one that hangs leaves some for the next.
            return ask(server, time.monotonic() + deadline.remaining() / (len(servers) - number))
        except SourceUnavailable as error:
            text = str(error)
            faults.append(text if server.name in text else f"{server.name}: {text}")
    raise SourceUnavailable("; ".join(faults))


def ca_option(function: str, value: object) -> str | None:
    """Return the absolute path of a file of certificates.

    Raises:
        ConfigError: it is no path.
    """
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigError(f"{function}: ca_file must be the path of a file with certificates")
    return current.path(value)


def verifying(function: str, ca_file: str | None) -> ssl.SSLContext:
    """Return a TLS context that checks the server's certificate and its name.

    Args:
        function: the one that the administrator called, for errors.
        ca_file: certificates to trust instead of the system's, as PEM.

    Raises:
        ConfigError: ca_file cannot be used.
    """
    import ssl  # here, because it costs more than all the rest, and only a login with TLS needs it

    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"{function}: ca_file {ca_file} cannot be used: {reason}") from None
