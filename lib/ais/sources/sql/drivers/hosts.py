"""Hosts as the configuration names them."""

from __future__ import annotations

from ....errors import ConfigError


def is_socket(host: str) -> bool:
    """Whether a host is the path of a Unix socket."""
    return host.startswith("/")


def is_local(host: str) -> bool:
    """Whether what is sent to a host does not leave the machine."""
    loopback = host.startswith("127.") and host.replace(".", "").isdigit()
    return is_socket(host) or host in ("localhost", "::1") or loopback


def hosts_of(given: object) -> list[str]:
    """Return the hosts that the option `host` of `sql` names.

    Raises:
        ConfigError: it names none.
    """
    hosts = ["localhost"] if given is None else [given] if isinstance(given, str) else given
    usable = isinstance(hosts, (list, tuple)) and hosts
    if not usable or not all(isinstance(host, str) and host.strip() and "," not in host for host in hosts):
        raise ConfigError("sql(): host must be a name, or a list of names")
    return list(hosts)
