"""Answers that are typed at a terminal, and passwords, typed or from standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..errors import AISError, ConfigError
from .output import encodable, flatten, print_text


class PromptError(AISError):
    """No answer or no password can be had; the text says why and what to do."""


def ask(question: str, default: str = "", check: Callable[[str], object] = str) -> str:
    """Return what is typed on one line, trimmed; ask again after an answer that cannot be used.

    Args:
        question: the prompt.
        default: what an empty line means; it is shown.
        check: raises a ConfigError for an answer that cannot be used; its text is shown.

    Raises:
        PromptError: the input has ended.
    """
    while True:
        try:
            answer = input(f"{question}{f' [{flatten(default)}]' if default else ''}: ").strip() or default
            check(answer)
            return answer
        except ConfigError as error:
            print_text(str(error))
        except UnicodeError:
            print_text("these are not letters in the terminal's charset: type them again")
        except EOFError:
            sys.stdout.write("\n")
            raise PromptError("nothing more was typed, so nothing was written") from None


def read_password(prompt: str, from_stdin: bool) -> str:
    """Return a password: what is typed at a prompt, or the next line of standard input. It may be empty.

    Args:
        prompt: the prompt.
        from_stdin: read it from standard input instead. So does a call without a terminal.

    Raises:
        PromptError: no line follows, it is not UTF-8, or it would be shown while it is typed.
    """
    import warnings
    from getpass import GetPassWarning, getpass

    try:
        if from_stdin:
            return _line()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", GetPassWarning)  # it would read on, and show what is typed
                password = getpass(encodable(prompt))
        except GetPassWarning:
            if sys.stdin.isatty():
                raise PromptError("the terminal would show the password: give it with --password-stdin") from None
            return _line()
        password.encode("utf-8")
    except UnicodeError:
        raise PromptError("the password is not valid UTF-8") from None
    except EOFError:
        nowhere = "" if from_stdin or sys.stdin.isatty() else ", and there is no terminal to ask at"
        raise PromptError(
            f"a password is missing{nowhere}: type it when asked, or give one per line with --password-stdin"
        ) from None
    return password


def _line() -> str:
    line = sys.stdin.buffer.readline()
    if not line:
        raise EOFError
    return line.decode("utf-8").rstrip("\r\n")
