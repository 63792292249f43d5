"""Running bin/ais, with and without a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import NamedTuple

from support.site import ROOT, salted

AIS = (sys.executable, str(ROOT / "bin" / "ais"))

OWN = """\
from ais import Source, User, caller
callers = [caller("mailstore", {secret!r})]
class Own(Source):
    def users(self):
        import time
{users}
    def authenticate(self, user, password):
        return None
sources = [Own()]
"""
"""A configuration with a source of its own; the lines of `users` are to be filled in."""


def write_own(folder: Path, users: str, added: str = "") -> Path:
    """Write a configuration whose source runs these lines; return its path."""
    path = folder / "config.py"
    body = "\n".join(f"        {line}" for line in users.splitlines())
    path.touch(0o600)
    path.write_text(OWN.format(users=body, secret=salted("SSHA512", "Passw0rd")) + added, encoding="utf-8")
    return path


def environment(config: Path | None, **more: str) -> dict[str, str]:
    """A small environment."""
    named = {} if config is None else {"AIS_CONFIG": str(config)}
    return {"PATH": os.defpath, "PYTHONUTF8": "1", **named, **more}


def ais(*arguments: str, config: Path | None = None, stdin: str | bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run bin/ais without a terminal."""
    done = subprocess.run(
        [*AIS, *arguments],
        env=environment(config),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        timeout=60,
        start_new_session=True,  # nor one to ask at
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


class Shown(NamedTuple):
    """What a command gave.

    Attributes:
        status: exit status.
        terminal: what the terminal got.
        piped: what standard output got where it was no terminal.
    """

    status: int
    terminal: str
    piped: str

    @property
    def screen(self) -> list[str]:
        """The lines that are to be seen in the end; a carriage return lets a line be overwritten."""
        lines = []
        for line in self.terminal.replace("\r\n", "\n").split("\n"):
            seen: list[str] = []
            for part in line.split("\r"):
                seen[: len(part)] = part
            lines.append("".join(seen).rstrip())
        while lines and not lines[-1]:
            lines.pop()
        return lines


def at_terminal(
    *arguments: str, config: Path | None = None, columns: int = 80, piped: bool = False, **more: str
) -> Shown:
    """Run bin/ais at a pseudo terminal.

    Args:
        arguments: of bin/ais.
        config: its configuration.
        columns: width of the terminal.
        piped: whether standard output is a pipe, and only standard error the terminal.
        more: variables of the environment.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    parts: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # how Linux says that the other end has closed
            pass

    reader = threading.Thread(target=read)
    with subprocess.Popen(
        [*AIS, *arguments],
        env=environment(config, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        reader.start()
        out = process.communicate(timeout=60)[0] or b""
    reader.join()
    os.close(ours)
    return Shown(process.returncode, b"".join(parts).decode(), out.decode())
