"""MailStore's two commands. Each takes the fields of a request and returns the JSON body of the answer."""

from __future__ import annotations

from . import directory
from .errors import RequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .configuration import Config
    from .logbook import Entry
    from .user import User


def list_users(fields: dict[str, str], config: Config, entry: Entry) -> bytes:
    """``cmd=list``: all users, as a JSON array.

    Args:
        fields: those of the request.
        config: the configuration.
        entry: the line of the log that this request will get.

    Raises:
        AISError: the list would not be whole.
    """
    users = directory.list_users(config)
    if config.state is not None:
        from .state import guarding

        guarding.check(config, users, entry.warn)
    entry.outcome = f"listed {len(users)}"
    return to_json(users)


def authenticate(fields: dict[str, str], config: Config, entry: Entry) -> bytes:
    """``cmd=auth&user=…&pass=…``: whether this is the password of that user.

    Args:
        fields: those of the request.
        config: the configuration.
        entry: the line of the log that this request will get.

    Raises:
        RequestError: a field is missing.
        AISError: nobody can tell.
    """
    if "user" not in fields or "pass" not in fields:
        raise RequestError(400, "The fields user and pass are needed for cmd=auth.")
    user, password = fields["user"], fields["pass"]
    entry.user = user
    if config.state is None:
        verdict = directory.authenticate(config, user, password)
    else:
        from .state import throttling

        verdict = throttling.authenticate(config, user, password, entry.warn)
    entry.source, entry.outcome = verdict.source, f"{'yes' if verdict.succeeded else 'no'}, {verdict.why}"
    return b'{"succeeded": true}' if verdict.succeeded else b'{"succeeded": false}'


def to_json(users: list[User]) -> bytes:
    """Return the JSON array of users, in pure ASCII."""
    return f"[{', '.join([user.to_json() for user in users])}]".encode("ascii")


COMMANDS = {"list": list_users, "auth": authenticate}
