"""Hosts as the configuration names them, and who vouches for them."""

from __future__ import annotations

import os

from ....errors import ConfigError
from ....network.address import is_this_computer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # BSD, macOS
)


def is_socket(host: str) -> bool:
    """Whether a host is the path of a Unix socket."""
    return host.startswith("/")


def is_local(host: str) -> bool:
    """Whether what is sent to a host does not leave the machine."""
    return is_socket(host) or is_this_computer(host)


def hosts_of(given: Any) -> list[str]:
    """Return the hosts that the option `host` of `sql` names.

    Raises:
        ConfigError: it names none.
    """
    hosts = ["localhost"] if given is None else [given] if isinstance(given, str) else given
    usable = isinstance(hosts, (list, tuple)) and hosts
    if not usable or not all(isinstance(host, str) and host.strip() and "," not in host for host in hosts):
        raise ConfigError("sql(): host must be a name, or a list of names")
    return list(hosts)


def authorities(tls: str | bool) -> str:
    """Return the file of CA certificates that the option `tls` asks for; True is the system's.

    Raises:
        ConfigError: it cannot be read, or the system has none.
    """
    if isinstance(tls, str):
        try:
            with open(tls, "rb") as file:
                if b"-----BEGIN " in file.read():
                    return tls
        except OSError as error:
            raise ConfigError(f"sql(): tls: the file {tls} cannot be read: {error.strerror}") from None
        raise ConfigError(f"sql(): tls: the file {tls} holds no certificate (PEM)")
    for path in _AUTHORITIES:
        if os.access(path, os.R_OK):
            return path
    raise ConfigError("sql(): tls=True needs the system's CA certificates: install ca-certificates, or give a file")
