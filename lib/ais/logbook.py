"""The log: a line for each request, and what an administrator reads when something is wrong."""

from __future__ import annotations

import time

from .packages import posix
from .text import one_line, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def open_stderr() -> None:
    """Open descriptor 2 if the server started us without it; otherwise the next file opened would get this number."""
    try:
        posix.fstat(2)
    except OSError:
        posix.dup2(posix.open("/dev/null", posix.O_WRONLY), 2)
        posix.set_inheritable(2, True)  # where it was opened as 2 at once: children would have the same trouble


class Entry:
    """What the log says of one request; filled on its way, written at its end.

    Args:
        stream: where lines go until the configuration is known, and when it says ``stderr``.
        client: address of the client, as the server gives it.
    """

    def __init__(self, stream: TextIO | None, client: str) -> None:
        self._stream = stream
        self._started = time.monotonic()
        self._warnings: list[str] = []
        self.client = client
        self.to, self.level = "stderr", "info"  # as log(…) in the configuration says
        self.caller = self.command = self.user = self.source = self.outcome = self.error = self.tenant = ""

    def warn(self, text: str) -> None:
        """Note something that did not stop the request; once."""
        if text not in self._warnings:
            self._warnings.append(text)

    def write(self, status: int) -> None:
        """Write the line. Values are quoted as JSON strings, so that none can forge another."""
        is_quiet = self.level == "error" and not self.error
        if is_quiet and not self._warnings:
            return
        tenant = f" tenant={_quoted(self.tenant)}" if self.tenant else ""
        for text in self._warnings:
            write(self._stream, f"warning {_quoted(text)}{tenant}", self.to)
        if is_quiet:
            return
        names = ("caller", "command", "user", "source", "outcome", "error")
        values = "".join([f" {name}={_quoted(value)}" for name in names if (value := getattr(self, name))])
        milliseconds = round((time.monotonic() - self._started) * 1000)
        line = f"client={one_line(self.client) or '-'} status={status}{values}{tenant} ms={milliseconds}"
        write(self._stream, line, self.to)


def _quoted(text: str) -> str:
    # Lines are ASCII, and sentences for administrators have this mark: three dots read better than \u2026.
    return quote(text.replace("…", "..."))


def write(stream: TextIO | None, text: str, to: str = "stderr") -> None:
    """Write one line; `stream` is for ``stderr``. A log that cannot be written never stops a request."""
    line = one_line(text)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        if to == "syslog":
            import syslog

            syslog.openlog("mailstore-ais", 0, syslog.LOG_DAEMON)
            syslog.syslog(syslog.LOG_INFO, line)
            return
        if to != "stderr":
            append(to, f"{stamp} mailstore-ais: {line}\n".encode("ascii"))
            return
    except OSError as error:
        line = f"{line} (the log {to} cannot be written: {error.strerror})"
    if stream is not None:
        try:
            stream.write(f"{stamp} mailstore-ais: {line}\n")
            stream.flush()
        except (OSError, ValueError):
            pass


def append(path: str, line: bytes) -> None:
    """Add a line to a file of this user's in one write, so that those of several processes do not mix."""
    from _stat import S_ISREG  # stat itself is Python code that a request need not load

    # Without O_NONBLOCK a pipe that somebody has laid there would hold up every request.
    flags = posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT | posix.O_NOFOLLOW | posix.O_NONBLOCK
    handle = posix.open(path, flags, 0o600)
    try:
        status = posix.fstat(handle)
        if not S_ISREG(status.st_mode) or status.st_uid not in (posix.geteuid(), 0):
            raise OSError(0, "it is not a file of this user")
        posix.write(handle, line)
    finally:
        posix.close(handle)


def place(error: BaseException) -> str:
    """Say where an exception was raised and of which type it is, without its text, which may hold a secret."""
    where, trace = "", error.__traceback__
    while trace is not None:
        where = f" in {trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{where}"
