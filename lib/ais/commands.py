"""MailStore's two commands. Each takes the fields of the request and returns the JSON body of the answer."""

from __future__ import annotations

from . import directory
from .errors import RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .configuration import Config


def list_users(fields: dict[str, str], config: Config) -> bytes:
    """``cmd=list``: all users, as a JSON array.

    Raises:
        AISError: the list would not be whole.
    """
    return f"[{', '.join([user.to_json() for user in directory.list_users(config)])}]".encode("ascii")


def authenticate(fields: dict[str, str], config: Config) -> bytes:
    """``cmd=auth&user=…&pass=…``: whether this is the password of that user.

    Raises:
        RequestError: a field is missing.
        AISError: nobody can tell.
    """
    if "user" not in fields or "pass" not in fields:
        raise RequestError(400, "The fields user and pass are needed for cmd=auth.")
    if directory.authenticate(config, fields["user"], fields["pass"]):
        return b'{"succeeded": true}'
    return b'{"succeeded": false}'


COMMANDS = {"list": list_users, "auth": authenticate}
