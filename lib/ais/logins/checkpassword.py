"""Passwords that a checkpassword program checks (https://cr.yp.to/checkpwd/interface.html)."""

from __future__ import annotations

import os
import time

from ..errors import SourceError, SourceUnavailable
from ..network.programs import Program, describe_status, name_program
from ..options import check_program, path
from . import Login, NamedLogin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 512
"""What a program reads at most, by the interface."""

MOVE_INPUT = 'exec "$@" 3<&0 </dev/null'
"""Makes descriptor 3 of standard input. The words of the program are arguments, which the shell does not read."""


def checkpassword(program: Sequence[str], *, name: str = "{user}") -> Login:
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
    words = check_program("checkpassword(): program", program)
    follow_up = "/bin/true" if os.path.exists("/bin/true") else "/usr/bin/true"
    shell = ["/bin/sh", "-c", MOVE_INPUT, "sh"]
    started = Program(name_program("checkpassword()", words), [*shell, *words, follow_up], path("."))

    def ask(user: bytes, password: bytes) -> bool:
        data = b"%s\0%s\0%d\0" % (user, password, int(time.time()))
        if len(data) > MOST_BYTES:
            return False  # no program can have been told such a password
        status = started.tell(data)
        if status in (126, 127):
            raise SourceError(f"{started}, cannot be started: check its path, its first line and chmod 755")
        if status not in (0, 1):
            raise SourceUnavailable(f"{started}, ended with {describe_status(status)}, which is no answer")
        return status == 0

    return NamedLogin("checkpassword(): name", name, ask)
