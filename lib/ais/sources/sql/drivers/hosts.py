"""Hosts as the configuration names them, and who vouches for them."""

from __future__ import annotations

import os

from ....errors import ConfigError
from ....network.address import is_this_computer

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

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


def is_url(text: str) -> bool:
    """Whether this is more than a name. Such a text may hold a password, and names are printed."""
    return any(mark in text for mark in ("://", ";", "=", "@"))


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


def context_of(tls: str | bool) -> ssl.SSLContext:
    """Return a context that trusts the `authorities`."""
    from ....network.tls import tls_context

    return tls_context("sql()", authorities(tls))
