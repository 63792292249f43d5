"""The log: what an administrator reads when something is wrong."""

from __future__ import annotations

from .texts import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import TextIO


def write(stream: TextIO | None, text: str) -> None:
    """Write one line. A log that cannot be written never stops a request."""
    if stream is None:
        return
    try:
        stream.write(f"mailstore-ais: {one_line(text)}\n")
        stream.flush()
    except (OSError, ValueError):
        pass


def place(error: BaseException) -> str:
    """Say where an exception was raised and of which type it is, without its text, which may hold a secret."""
    code: CodeType | None = None
    line = 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code, line, trace = trace.tb_frame.f_code, trace.tb_lineno, trace.tb_next
    where = f" in {code.co_filename}, line {line}" if code is not None else ""
    return f"{type(error).__name__}{where}"
