"""Hosts as the configuration names them."""

from __future__ import annotations

from ....errors import ConfigError
from ....network.address import is_this_computer


def is_socket(host: str) -> bool:
    """Whether a host is the path of a Unix socket."""
    return host.startswith("/")


def is_local(host: str) -> bool:
    """Whether what is sent to a host does not leave the machine."""
    return is_socket(host) or is_this_computer(host)


def hosts_of(given: object) -> list[str]:
    """Return the hosts that the option `host` of `sql` names.

    Raises:
        ConfigError: it names none.
    """
    hosts = ["localhost"] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(hosts, (list, tuple)) or not hosts:
        raise ConfigError("sql(): host must be a name, or a list of names")
    for host in hosts:
        if isinstance(host, str) and any(mark in host for mark in ("@", "=", ";", "://")):
            # Such a text may hold a password, and names are printed.
            raise ConfigError("sql(): host is a name, not a URL; port, user and password go by themselves")
        if not isinstance(host, str) or not host.strip() or "," in host:
            raise ConfigError("sql(): host must be a name, or a list of names")
    return list(hosts)
