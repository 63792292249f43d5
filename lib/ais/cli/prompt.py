"""Passwords, typed or from standard input."""

from __future__ import annotations

import sys

from ..errors import AISError
from ..texts import one_line


class PromptError(AISError):
    """No password can be had; the text says why and what to do."""


def read_password(prompt: str, from_stdin: bool) -> str:
    """Return a password: the next line of standard input, or what is typed at a prompt. It may be empty.

    Raises:
        PromptError: there is none, it is not UTF-8, or nobody can be asked.
    """
    import warnings
    from getpass import GetPassWarning, getpass

    try:
        if from_stdin:
            line = sys.stdin.buffer.readline()
            if not line:
                raise EOFError
            return line.decode("utf-8").rstrip("\r\n")
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would read on, and show what is typed
            password = getpass(one_line(prompt))
        password.encode("utf-8")
    except UnicodeError:
        raise PromptError("the password is not valid UTF-8") from None
    except EOFError:
        raise PromptError(
            "a password is missing: type it when asked, or give one per line with --password-stdin"
        ) from None
    except GetPassWarning:
        raise PromptError("there is no terminal to ask at: give the password with --password-stdin") from None
    return password
