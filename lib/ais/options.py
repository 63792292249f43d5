"""The options of a configuration: what is known while its file is being read, and how values are checked.

Each check raises ConfigError with the function and the option, never with the value: it may be a secret.
"""

from __future__ import annotations

from .errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from os.path import normpath
    from typing import Any
else:
    try:
        from posix import _path_normpath as normpath  # posixpath's own origin
    except ImportError:
        from os.path import normpath

folder: str | None = None
"""Folder of the file; relative paths in it start here."""

settings: dict[str, Any] | None = None
"""What guard(), throttle(), users() and log() have made so far, by the name of the function."""


def path(text: str) -> str:
    """Return an absolute path; a relative one starts at the configuration file, elsewhere at the working folder."""
    return absolute(text, folder)


def absolute(text: str, start: str | None = None) -> str:
    """Return a path that is absolute and without detours; a relative one starts at `start` or the working folder."""
    if text.startswith("/"):
        return normpath(text)
    if start is None:
        from os import getcwd  # here, because a web server names its paths from the root

        start = getcwd()
    return normpath(f"{start}/{text}")


def parent(path: str) -> str:
    """Return the folder of an absolute path."""
    return path.rpartition("/")[0] or "/"


def explain_unknown(function: str, option: str, known: Iterable[str]) -> str:
    """Return what is said of an option that a function does not have."""
    return f"{function}() has no option {option!r}{suggest(option, known)}"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the question whether one of the `known` words was meant, behind a semicolon; empty if none is close."""
    from difflib import get_close_matches  # here, because only a mistake needs it

    close = get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def check_path(option: str, value: object, what: str = "the path of a file") -> str:
    """Return the absolute path that an option, such as ``csv(): path``, names; `what` it must be is for the error."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ConfigError(f"{option} must be {what}")
    return path(value)


def check_paths(option: str, value: object) -> list[str]:
    """Return the absolute paths that an option names: one path, several, or none."""
    if value is None:
        return []
    return [check_path(option, one) for one in (value if isinstance(value, (list, tuple)) else [value])]


def check_texts(option: str, value: object, what: str, *, or_one: bool = True) -> tuple[str, ...]:
    """Return the texts that an option names: several, `or_one` alone; `what` they are is for the error."""
    is_one = isinstance(value, str)
    texts = (value,) if is_one or not hasattr(value, "__iter__") else tuple(value)
    if (is_one and not or_one) or not all(isinstance(text, str) for text in texts):
        raise ConfigError(f"{option} must be a list of {what}")
    return texts


def check_login(function: str, login: object) -> None:
    """Check that a login can be used: an object with a method ``verify(user, password)``, or None."""
    if login is not None and (isinstance(login, type) or not callable(getattr(login, "verify", None))):
        raise ConfigError(f"{function}: login must be one such as imap(…) or ldap_bind(…)")


def check_program(option: str, words: object) -> list[str]:
    """Return a program of the administrator's and its arguments, its path absolute unless it is looked up in PATH."""
    if not isinstance(words, (list, tuple)) or not words or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{option} must be a list of texts, such as ['./users.sh', '--all']: no shell reads it")
    if not words[0].strip() or any("\0" in word for word in words):
        raise ConfigError(f"{option} must begin with the path of a program, and hold no NUL")
    return [path(words[0]) if "/" in words[0] else words[0], *words[1:]]
