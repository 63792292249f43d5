"""How a login knows that a server is the right one."""

from __future__ import annotations

from .. import options
from ..errors import ConfigError
from . import sockets as wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl


def ca_option(function: str, value: object) -> str | None:
    """Return the absolute path of a file of certificates.

    Raises:
        ConfigError: it is no path.
    """
    if value is None:
        return None
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigError(f"{function}: ca_file must be the path of a file with certificates")
    return options.path(value)


def verifying(function: str, ca_file: str | None) -> ssl.SSLContext:
    """Return a TLS context that checks the server's certificate and its name.

    Args:
        function: the one that the administrator called, for errors.
        ca_file: certificates to trust instead of the system's, as PEM.

    Raises:
        ConfigError: ca_file cannot be used.
    """
    try:
        return wire.verifying(ca_file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"{function}: ca_file {ca_file} cannot be used: {reason}") from None
