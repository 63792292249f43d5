"""Who may ask: HTTP Basic credentials checked here, or a user that the web server has already checked.

Both kinds of callers raise ConfigError for an argument that cannot be used.
"""

from __future__ import annotations

from binascii import Error, a2b_base64

from .. import options
from ..errors import AISError, ConfigError, RequestError, UnreadableHash, command
from ..passwords import verify
from ..passwords.basics import same
from ..text import is_loopback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

    from ..http import Request

CHALLENGE = (("WWW-Authenticate", 'Basic realm="MailStore integration", charset="UTF-8"'),)


class Caller:
    """Let in a client that sends this user name and password (HTTP Basic, RFC 7617).

    Args:
        user: the name to enter in MailStore's dialog; without a colon or control characters.
        secret: the stored form of the password, as ``bin/ais hash-password`` prints it, or any other that
            `ais.passwords.verify` reads.
        allow_from: addresses or networks, such as ``192.0.2.0/24``, that the client may come from; none: from anywhere.
    """

    def __init__(self, user: str, secret: str, allow_from: str | Iterable[str] = ()) -> None:
        if not isinstance(user, str) or not user or ":" in user or not user.isprintable():
            raise ConfigError("caller(): user must be a name without a colon and without control characters")
        if not isinstance(secret, str) or not secret.strip():
            raise ConfigError(f"caller(): secret must be a stored password; {command()} hash-password makes one")
        self.user = user
        self.secret = secret
        self.allow_from = _networks("caller", allow_from)
        self.accepted = ""  # the Authorization header that was right last, and stays so with this configuration


class WebServer:
    """Let in a user whom the web server has already checked (REMOTE_USER).

    Args:
        users: the names to let in; none: everybody whom the web server lets through.
        allow_from: as for `caller`.
    """

    def __init__(self, users: str | Iterable[str] = (), allow_from: str | Iterable[str] = ()) -> None:
        self.users = options.check_texts("web_server(): users", users, "names")
        if "" in self.users:
            raise ConfigError("web_server(): users must be a list of names, and none is empty")
        self.allow_from = _networks("web_server", allow_from)


caller, web_server = Caller, WebServer


def _networks(function: str, allow_from: str | Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    if not allow_from:
        return ()
    from ipaddress import ip_network

    try:
        return tuple(ip_network(text) for text in ([allow_from] if isinstance(allow_from, str) else allow_from))
    except (ValueError, TypeError):
        raise ConfigError(
            f"{function}(): allow_from must be a list of addresses or networks such as 192.0.2.7 or 192.0.2.0/24"
        ) from None


def admit(request: Request, callers: list[Caller | WebServer], require_https: bool = True) -> str:
    """Return the name of the caller when the client may ask.

    Raises:
        RequestError: 403 for plain HTTP or a wrong address, 401 for a client that is not known.
        UnreadableHash: the secret of the caller of this name cannot be read.
    """
    if require_https and not request.https:
        if not is_loopback(request.remote_addr):
            sentence = "HTTPS is required: use an https:// address. "
            raise RequestError(403, f"{sentence}Only behind a proxy that ends https, set require_https = False.")
        if request.by_proxy:
            # A proxy on this computer: nobody knows who sent this, and how.
            sentence = "HTTPS is required: a proxy on the server passed this on. "
            raise RequestError(403, f"{sentence}Let it take https only, and set require_https = False.")
    here = [known for known in callers if _may_come_from(known, request.remote_addr)]
    if callers and not here:
        raise RequestError(403, "Your address is not allowed: add it to allow_from of a caller.")
    # One who may not come from here is looked for only to say so.
    if found := _find(request, here) or (_find(request, callers) if here != callers else None):
        known, name = found
        if known not in here:
            raise RequestError(403, "Your address is not allowed for this caller: add it to allow_from.")
        return name
    # Told apart, so that the cause can be seen from outside.
    if callers and not request.remote_user and all(isinstance(known, WebServer) for known in callers):
        sentence = "The web server passed on no user name: let it check users at this address."
    elif not request.authorization:
        sentence = "No user name and password arrived: send those of a caller."
    else:
        sentence = "The caller is not known: its user name or password is wrong."
    raise RequestError(401, sentence, CHALLENGE)


def _find(request: Request, callers: list[Caller | WebServer]) -> tuple[Caller | WebServer, str] | None:
    """Return the caller whose user name and password the request has, and the name."""
    for known in callers:
        if isinstance(known, WebServer) and (name := request.remote_user) and name in (known.users or (name,)):
            return known, name
    checked = [known for known in callers if isinstance(known, Caller)]
    header = request.authorization
    for one in checked:
        if one.accepted and header.isascii() and same(one.accepted, header):
            return one, one.user
    for user, password in _credentials(header):
        named = [known for known in checked if known.user == user]
        for one in named:
            if _is_secret(one, password):
                one.accepted = header if header.isascii() else ""
                return one, user
        if checked and not named:
            # The work that a wrong password costs, so that time does not tell which names exist.
            try:
                verify(checked[0].secret, password, checked[0].user)
            except AISError:
                pass
    return None


def _is_secret(known: Caller, password: str) -> bool:
    try:
        return verify(known.secret, password, known.user)
    except UnreadableHash as error:
        error.args = (
            f"the secret of the caller {known.user} in the configuration cannot be read (scheme {error.scheme}): "
            f"it must be the stored form of the password, as {command()} hash-password prints it",
        )
        error.public = f"The secret of this caller in the configuration is not what {command()} hash-password prints."
        raise


def _credentials(header: str) -> list[tuple[str, str]]:
    """Return user name and password of an Authorization header, in each way in which its bytes can be read.

    RFC 7617 leaves the charset to the client: .NET Core sends UTF-8, .NET Framework the Windows code page.
    """
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        raw = a2b_base64(token.strip().encode("ascii"), strict_mode=True)
    except (Error, ValueError):
        return []
    found = []
    for charset in ("utf-8",) if raw.isascii() else ("utf-8", "cp1252"):
        try:
            user, colon, password = raw.decode(charset).partition(":")
        except UnicodeDecodeError:
            continue
        if colon:
            found.append((user, password))
    return found


def _may_come_from(known: Caller | WebServer, remote_addr: str) -> bool:
    if not known.allow_from:
        return True
    from ipaddress import IPv6Address, ip_address

    try:
        # A zone, as in fe80::1%eth0, is of no use outside its host.
        address = ip_address(remote_addr.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return any(address in network or (mapped is not None and mapped in network) for network in known.allow_from)
