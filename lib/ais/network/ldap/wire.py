"""Where LDAP servers listen."""

from __future__ import annotations

from ...errors import ConfigError
from ..sockets import Address

PORTS = {"ldap": 389, "ldaps": 636}


class Server(Address):
    """Where an LDAP server listens.

    Args:
        what: the function that the administrator called, for errors.
        url: ``ldap://host`` or ``ldaps://host``, with a port if it is not the usual one.

    Attributes:
        name: the URL, for messages.

    Raises:
        ConfigError: this is no such URL.
    """

    def __init__(self, what: str, url: str) -> None:
        scheme, _, rest = url.strip().partition("://") if isinstance(url, str) else ("", "", "")
        rest = rest.removesuffix("/")
        host, colon, port = rest.rpartition(":") if ":" in rest[rest.rfind("]") + 1 :] else (rest, "", "")
        self.scheme = scheme.lower()
        if self.scheme not in PORTS or not host or any(letter in rest for letter in "/?@ "):
            raise ConfigError(f"{what}: url must be ldaps://host or ldap://host, with :port if it is not the usual one")
        if colon and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ConfigError(f"{what}: url has a port that is no number from 1 to 65535")
        if ":" in host and not host.startswith("["):
            raise ConfigError(f"{what}: url must have an IPv6 address in brackets, as in ldaps://[2001:db8::1]")
        port_number = int(port) if colon else PORTS[self.scheme]
        super().__init__(f"{self.scheme}://{rest}", host.strip("[]"), port_number)
