"""Passwords that a checkpassword program checks (https://cr.yp.to/checkpwd/interface.html)."""

from __future__ import annotations

import os
import time

from .. import options
from ..errors import ConfigError, SourceError, SourceUnavailable
from ..network.programs import Program
from . import Login
from .names import Name, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 512
"""What a program reads at most, by the interface."""

MOVE_INPUT = 'exec "$@" 3<&0 </dev/null'
"""Makes descriptor 3 of standard input. The words of the program are arguments, which the shell does not read."""


def checkpassword(program: Sequence[str], *, name: str = "{user}") -> CheckpasswordLogin:
    """Check passwords by a program with the checkpassword interface.

    It gets the name, a NUL, the password, a NUL, the time, a NUL on descriptor 3, and as its last argument the program
    that it runs for a right password, ``/bin/true``. Exit status 0 is yes, 1 is no; no other is an answer.

    Args:
        program: its path and its arguments, as texts; no shell reads them. A path with a slash is relative to the
            configuration file, whose folder is also the working folder; a name without one is looked up in
            /usr/local/bin, /usr/bin and /bin. The environment holds PATH and LANG only.
        name: what the program calls a user: a text with ``{user}``, or ``{local}`` and ``{domain}`` for its parts.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if not isinstance(program, (list, tuple)) or not program or not all(isinstance(word, str) for word in program):
        raise ConfigError("checkpassword(): program must be a list of texts, such as ['./checkpw', '--option']")
    if not program[0] or any("\0" in word for word in program):
        raise ConfigError("checkpassword(): program must begin with a path, and hold no NUL")
    first = options.path(program[0]) if "/" in program[0] else program[0]
    return CheckpasswordLogin([first, *program[1:]], options.path("."), Name("checkpassword(): name", name))


class CheckpasswordLogin(Login):
    """See `checkpassword`."""

    def __init__(self, words: Sequence[str], folder: str, name: Name) -> None:
        follow_up = "/bin/true" if os.path.exists("/bin/true") else "/usr/bin/true"
        self._program = _Named(words[0].split()[0], ["/bin/sh", "-c", MOVE_INPUT, "sh", *words, follow_up], folder)
        self._name = name

    def verify(self, user: str, password: str) -> bool:
        """Run the program."""
        pair = encoded(self._name.of(user), password) if user else None
        if pair is None:
            return False
        data = b"%s\0%s\0%d\0" % (*pair, int(time.time()))
        if len(data) > MOST_BYTES:
            return False  # no program can have been told such a password
        status = self._program.told(data)
        if status in (126, 127):
            raise SourceError(f"{self._program}, cannot be started: check its path, its first line and chmod 755")
        if status not in (0, 1):
            said = f"exit status {status}" if status >= 0 else f"signal {-status}"
            raise SourceUnavailable(f"{self._program}, ended with {said}, which is no answer")
        return status == 0


class _Named(Program):
    """The program that the administrator named, where another one starts it."""

    def __init__(self, name: str, words: Sequence[str], folder: str) -> None:
        super().__init__("checkpassword()", words, folder)
        self._shown = f"the program of checkpassword(), {name}"

    def __str__(self) -> str:
        return self._shown
