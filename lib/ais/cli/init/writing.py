"""The text of a configuration, and its file."""

from __future__ import annotations

import os

from .error import InitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .kinds import Kind

_TEXT = '''\
"""Configuration of the Application Integration Server, written by ais init.

conf/config.example.py shows every option. Check changes with bin/ais check.
"""

from ais import caller, {function}

# Who may ask: the user name that is entered in MailStore, and the stored form of the password.
callers = [
    caller({caller!r}, {secret!r}),
]

# Where the users are.
sources = [
    {function}(
{arguments}    ),
]
'''


def text_of(kind: Kind, values: dict[str, object], caller: str, secret: str) -> str:
    """Return the configuration.

    Args:
        kind: the source.
        values: its options.
        caller: the name of the caller.
        secret: the stored form of the caller's password.
    """
    positional, named = kind.arguments(values)
    arguments = [repr(value) for value in positional] + [f"{name}={value!r}" for name, value in named.items()]
    lines = "".join(f"        {argument},\n" for argument in arguments)
    return _TEXT.format(function=kind.function, caller=caller, secret=secret, arguments=lines)


def check_free(path: str) -> None:
    """Return when a file can be made at this place.

    Raises:
        InitError: there is one already, or no folder.
    """
    if os.path.lexists(path):
        raise InitError(f"{path} exists, and is never overwritten: move it away, or name another file with --output")
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise InitError(f"the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InitError(f"the folder {folder} cannot be written by this user")


def write(path: str, text: str) -> None:
    """Make the file, for this user alone.

    Raises:
        InitError: there is one already, or it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        check_free(path)
        raise
    except OSError as error:
        raise InitError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        os.unlink(path)
        raise InitError(f"{path} cannot be written: {error.strerror}") from None
