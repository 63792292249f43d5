"""Make the secret of a caller, or hash a password for a text file or a test.

Exit status: 0 made, 2 the password cannot be used."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning, getpass
from typing import TYPE_CHECKING

from ais.errors import AISError
from ais.passwords import making
from ais.passwords.encoding import DamagedError
from ais.passwords.limits import PASSWORD

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SHORTEST = 20  # characters of a caller's secret; below it, guessing its fast hash pays

EXAMPLES = """examples:
  ais hash-password                          a new secret for MailStore, and its hash for conf/config.py
  ais hash-password --scheme BLF-CRYPT       asks for a password twice, prints its hash
  printf %s "$PASSWORD" | ais hash-password --scheme ARGON2ID --password-stdin

Without --scheme the hash is of the fast kind sha256$salt$hex. That is right for a long random secret, which is checked
at every request, and wrong for a password that a person chose: for those name a scheme."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--scheme",
        type=str.upper,
        choices=sorted(making.SCHEMES),
        help="hash a password of your own; SSHA512 is fast and for tests, the others resist guessing",
    )
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from one line of standard input, do not ask"
    )


def run(arguments: Namespace) -> int:
    """Print the hash, and the secret if one was generated. Gives 0, or 2 if there is no usable password."""
    try:
        if arguments.scheme is None and not arguments.password_stdin:
            secret = making.secret()
            print(f"secret for MailStore:    {secret}")  # noqa: T201
            print(f"hash for conf/config.py: {making.sha256(secret)}")  # noqa: T201
            return 0
        password = _read(arguments.password_stdin)
        _check(password, arguments.scheme)
        print(making.SCHEMES[arguments.scheme](password) if arguments.scheme else making.sha256(password))  # noqa: T201
    except (AISError, DamagedError, _UnusableError) as problem:
        print(f"ais hash-password: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


class _UnusableError(Exception):
    """The password cannot be used; the text says why."""


def _read(from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise _UnusableError("the password is not valid UTF-8") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would read on, and show what is typed
            password = getpass("password: ")
            if getpass("again: ") != password:
                raise _UnusableError("the two passwords are not the same")
    except EOFError:
        raise _UnusableError("no password was typed") from None
    except GetPassWarning:
        raise _UnusableError("there is no terminal to ask at: give the password with --password-stdin") from None
    return password


def _check(password: str, scheme: str | None) -> None:
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise _UnusableError("the password is not valid UTF-8") from None
    if not size:
        raise _UnusableError("the password is empty")
    if size > PASSWORD:
        raise _UnusableError(f"the password is longer than {PASSWORD} bytes")
    if scheme == "BLF-CRYPT" and size > 72:
        raise _UnusableError("bcrypt looks at 72 bytes of a password only, and this one is longer")
    if scheme is None and len(password) < SHORTEST:
        raise _UnusableError(f"a caller's secret needs {SHORTEST} characters or more; for a password name a --scheme")
