"""Doing something as an account without rights, in a child of this process."""

from __future__ import annotations

import os
from collections.abc import Callable

from support.interpreters import OTHER


def as_stranger(question: Callable[[], object]) -> str:
    """Return what an account without rights gets: the result as text, or the type and text of the exception.

    Nothing may be left to be imported from where that account cannot come to.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
        try:
            said = str(question())
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said
