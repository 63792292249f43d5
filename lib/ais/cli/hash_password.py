"""Make the secret of a caller, or hash a password for a text file or a test.

Exit status: 0 made, 2 the password cannot be used."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from ..passwords import making
from ..passwords.basics import PASSWORD, DamagedError
from .options import add_password_stdin
from .prompt import PromptError, read_password

SHORTEST = 20  # characters of a caller's secret; below it, guessing its fast hash pays

EXAMPLES = """examples:
  ais hash-password                          a new secret for MailStore, and its hash for conf/config.py
  ais hash-password --scheme BLF-CRYPT       asks for a password twice, prints its hash
  printf %s "$PASSWORD" | ais hash-password --scheme ARGON2ID --password-stdin

Without --scheme the hash is of the fast kind sha256$salt$hex. That is right for a long random secret, which is checked
at every request, and wrong for a password that a person chose: for those name a scheme."""


def add_arguments(parser: ArgumentParser) -> None:
    about = "hash a password of your own; SSHA512 is fast and for tests, the others resist guessing"
    parser.add_argument("--scheme", type=str.upper, choices=sorted(making.SCHEMES), help=about)
    add_password_stdin(parser)


def run(arguments: Namespace) -> int:
    """Print the hash, and the secret if one was generated."""
    if arguments.scheme is None and not arguments.password_stdin:
        secret = making.secret()
        sys.stdout.write(f"secret for MailStore:    {secret}\nhash for conf/config.py: {making.sha256(secret)}\n")
        return 0
    password = read_password("password: ", arguments.password_stdin)
    if not arguments.password_stdin and read_password("again: ", False) != password:
        raise PromptError("the two passwords are not the same")
    _check(password, arguments.scheme)
    try:
        made = making.SCHEMES[arguments.scheme](password) if arguments.scheme else making.sha256(password)
    except DamagedError as error:
        raise PromptError(str(error)) from None
    sys.stdout.write(made + "\n")
    return 0


def _check(password: str, scheme: str | None) -> None:
    size = len(password.encode())
    if not size:
        raise PromptError("the password is empty")
    if size > PASSWORD:
        raise PromptError(f"the password is longer than {PASSWORD} bytes")
    if scheme == "BLF-CRYPT" and size > 72:
        raise PromptError("bcrypt looks at 72 bytes of a password only, and this one is longer")
    if scheme is None and len(password) < SHORTEST:
        raise PromptError(f"a caller's secret needs {SHORTEST} characters or more; for a password name a --scheme")
