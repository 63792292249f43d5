"""Where servers are: hosts, ports and URLs as the configuration names them, and the addresses of a host."""

from __future__ import annotations

import _thread  # not threading: a login under CGI need not load it
import time

from .. import deadline
from ..errors import ConfigError, SourceUnavailable
from ..text import is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    Place = TypeVar("Place", bound="Address")
    T = TypeVar("T")
    Found = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]]


FORBIDDEN = "the system forbids it: for a Unix socket by its rights, else by SELinux or a firewall (docs/apache.md)"
"""What EACCES of a connection means."""


class Address:
    """Where a server listens: what messages call it (no secret), its name or IP address, and its TCP port."""

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name = name
        self.host = host
        self.port = port


class Url(Address):
    """Where the server of a URL listens. Messages call it by the URL without its path, which may hold a key.

    `authority` is host and port as they are written, `path` what is behind them, at least a slash.

    Args:
        option: function and option, such as ``ldap(): url``.
        ports: the schemes that it may have, in lower case, and the usual port of each.
        example: a right one, for the error.

    Raises:
        ConfigError: this is no such URL.
    """

    def __init__(self, option: str, url: object, ports: dict[str, int], example: str) -> None:
        text = url.strip() if isinstance(url, str) else ""
        scheme, _, rest = text.partition("://")
        self.scheme = scheme.lower()
        self.authority = rest.partition("/")[0].partition("?")[0]
        path = rest[len(self.authority) :]
        self.path = path if path.startswith("/") else f"/{path}"
        tail = self.authority[self.authority.rfind("]") + 1 :]
        host, colon, port = self.authority.rpartition(":") if ":" in tail else (self.authority, "", "")
        if self.scheme not in ports or not host or not text.isprintable() or " " in text or "#" in text:
            raise ConfigError(f"{option} must be a URL such as {example}")
        if "@" in self.authority:
            raise ConfigError(f"{option} must not hold a user or a password")
        is_ip6 = host[0] == "[" and host[-1] == "]"
        bare = host[1:-1] if is_ip6 else host
        if is_ip6 != (":" in bare) or "[" in bare or "]" in bare:
            raise ConfigError(f"{option} must have an IPv6 address in brackets, as in {self.scheme}://[2001:db8::1]")
        number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 0
        if colon and not is_port(number):
            raise ConfigError(f"{option} has a port that is not a number from 1 to 65535")
        super().__init__(f"{self.scheme}://{self.authority}", bare, number if colon else ports[self.scheme])


def parse_urls(option: str, urls: object, ports: dict[str, int], example: str) -> list[Url]:
    """Return the URLs of an option that takes one or several; arguments and errors are those of `Url`."""
    return [Url(option, url, ports, example) for url in check_list(option, urls, f"a URL such as {example}")]


def check_list(option: str, value: object, what: str) -> Sequence[object]:
    """Return what an option names that takes one text, or several that are tried in order; ConfigError for none."""
    if not isinstance(value, (str, list, tuple)) or not value:
        raise ConfigError(f"{option} must be {what}, or a list of them")
    return [value] if isinstance(value, str) else value


def is_port(value: object) -> bool:
    """Say whether this is the number of a port."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def is_this_computer(host: str) -> bool:
    """Say, by its name or IP address alone, whether a host is this computer."""
    return host.lower() == "localhost" or is_loopback(host)


def ask_in_order(servers: Sequence[Place], ask: Callable[[Place, float], T]) -> T:
    """Ask the first server that can answer, until a time that `ask` is told, as time.monotonic() counts.

    A no is an answer, and no other server is asked then.

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


class NamesUnanswered(SourceUnavailable):
    """No name server answers in time."""


def look_up(host: str, port: int, ends: float | None = None) -> Found:
    """Return the addresses of a host for TCP, as socket.getaddrinfo does; `ends` is as for `deadline.seconds_until`.

    The system's resolver cannot be told how long to wait: with a name server that is silent, it takes what
    resolv.conf(5) says, for each server and attempt. So it runs in a thread that is abandoned at the deadline.

    Raises:
        socket.gaierror: there is no address for this name.
        NamesUnanswered: there is no answer in time.
        TimeoutError: the time is over before the question.
    """
    import socket

    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass  # a name
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "this is no name of a host") from None
    seconds = deadline.seconds_until(ends)
    found: list[Found | Exception] = []
    done = _thread.allocate_lock()
    done.acquire()

    def resolve() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.append(error)
        done.release()

    try:
        _thread.start_new_thread(resolve, ())
    except RuntimeError:
        resolve()  # this user may have no more threads: better late than never
    if not done.acquire(timeout=seconds):
        raise NamesUnanswered(f"no name server gave the address of {host} in time")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
