"""Runs the administrator's programs: no shell, no inherited environment, and nothing left behind."""

from __future__ import annotations

import os
import time

from .. import deadline
from ..errors import SourceError, SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""All that a program gets; a CGI script's own environment holds the caller's password."""

MOST_OUTPUT = 256 * 1024 * 1024
"""Bytes."""

END_SECONDS = 0.2
"""Seconds between asking a program to end and ending it; less than deadline.GRACE_SECONDS, all that a request has."""


class Program:
    """A program of the administrator's.

    `read_output` and `tell` raise SourceError where it cannot be started, and SourceUnavailable where it takes longer
    than the request has time. They return its exit status, negative for a signal.

    Args:
        name: what messages call it; see `name_program`.
        words: its path, or a name to look up in PATH, and its arguments.
        folder: the working folder.
    """

    def __init__(self, name: str, words: Sequence[str], folder: str) -> None:
        self.name = name
        self.words = words
        self.folder = folder

    def __str__(self) -> str:
        return self.name

    def read_output(self) -> tuple[int, bytes]:
        """Run it, and return its exit status and what it printed; SourceError for more than `MOST_OUTPUT`."""
        with _Running(self, printing=True) as running:
            printed = bytearray()
            while data := running.read():
                printed += data
                if len(printed) > MOST_OUTPUT:
                    raise SourceError(f"{self}, prints more than {MOST_OUTPUT} bytes: leave out what is not needed")
            return running.status(), bytes(printed)

    def tell(self, input: bytes) -> int:
        """Run it with this on standard input, which it need not read; what it prints is thrown away."""
        with _Running(self, printing=False) as running:
            running.write(input)
            return running.status()


def name_program(option: str, words: Sequence[str]) -> str:
    """Return what messages call the program of an option: without its arguments, for one may hold a secret."""
    return f"the program of {option}, {words[0].split()[0]}"


def describe_status(status: int) -> str:
    """Return an exit status for messages."""
    return f"exit status {status}" if status >= 0 else f"signal {-status}"


class _Running:
    """A running program that prints or reads. When the block ends, it and the children in its group have ended."""

    def __init__(self, program: Program, *, printing: bool) -> None:
        import select
        import subprocess

        self._name = program.name
        self._ends = time.monotonic() + deadline.remaining()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the administrator's own program
                program.words,
                stdin=subprocess.DEVNULL if printing else subprocess.PIPE,
                stdout=subprocess.PIPE if printing else subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=ENVIRONMENT,
                cwd=program.folder,
                start_new_session=True,
            )
        except BlockingIOError:
            raise SourceUnavailable(f"{self._name}, cannot be started: this user may have no more processes") from None
        except OSError as error:
            raise SourceError(f"{self._name}, cannot be started: {_explain(error)}") from None
        pipe = self._process.stdout if printing else self._process.stdin
        assert pipe is not None  # noqa: S101  # for the type checker
        self._pipe = pipe
        os.set_blocking(pipe.fileno(), False)
        self._poll = select.poll()
        self._poll.register(pipe.fileno(), select.POLLIN if printing else select.POLLOUT)

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._pipe.close()

    def read(self) -> bytes:
        """Return what the program prints next; nothing at its end."""
        while True:
            self._poll.poll(self._left() * 1000)
            try:
                return os.read(self._pipe.fileno(), 65536)
            except BlockingIOError:
                continue

    def write(self, data: bytes) -> None:
        """Write to the program as long as it runs and reads, and close its input."""
        while data and self._ended() is None:
            # A program may end and leave a child that holds the pipe: hence the short waits.
            self._poll.poll(min(self._left() * 1000, 50))
            try:
                data = data[os.write(self._pipe.fileno(), data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                break
        self._pipe.close()

    def status(self) -> int:
        """Wait for the program, and return its exit status."""
        pause = 0.0005
        while (status := self._ended()) is None:
            time.sleep(min(pause, self._left()))
            pause = min(pause * 2, 0.02)
        return status

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise SourceUnavailable(f"{self._name}, did not end in time")
        return left

    def _ended(self) -> int | None:
        """Return the exit status of a program that has ended. No other group gets its number yet."""
        try:
            ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # somebody else has been told; subprocess would make an exit status of 0 of that
            raise SourceUnavailable(
                f"{self._name}, ended without saying how: the web server must not ignore SIGCHLD"
            ) from None
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status

    def _end(self) -> None:
        """End the program and its children: by request, and what is left then by force."""
        import subprocess
        from signal import SIGKILL, SIGTERM

        try:
            if self._ended() is None:
                os.killpg(self._process.pid, SIGTERM)
                ends = time.monotonic() + END_SECONDS
                while self._ended() is None and time.monotonic() < ends:
                    time.sleep(0.005)
            os.killpg(self._process.pid, SIGKILL)
        except (OSError, SourceUnavailable):
            pass  # the group has ended, or what is left of it runs as another user, as after sudo
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            pass


def _explain(error: OSError) -> str:
    explanations: dict[type[OSError], str] = {
        FileNotFoundError: "there is no such program, or its first line names one that does not exist",
        PermissionError: "its file is not executable for the user that the web server runs scripts as: chmod 755",
        NotADirectoryError: "a part of its path is not a folder",
    }
    return explanations.get(type(error), f"{error.strerror}: a script needs a first line such as #!/bin/sh")
