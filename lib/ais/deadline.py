"""The one deadline of a request. Everything that waits keeps it."""

from __future__ import annotations

import time
from _contextvars import ContextVar  # contextvars itself is Python code that a request need not load

from .errors import SourceUnavailable

GRACE_SECONDS = 0.5
"""Seconds past the deadline after which a CGI process ends itself."""

DEFAULT_SECONDS = 20.0
"""How long a request may take whose configuration is not known."""

_ends: ContextVar[float] = ContextVar("ends")
_sources: ContextVar[list[str]] = ContextVar("sources")


def watch() -> list[str]:
    """Return a list whose one item will always name the source that was asked last; another thread may read it."""
    _sources.set([""])
    return _sources.get()


def note_source(name: str) -> None:
    """Note what the log calls the source that is asked now."""
    if watched := _sources.get(None):
        watched[0] = name


def start(seconds: float) -> None:
    """Set the deadline of the request that this thread works on."""
    _ends.set(time.monotonic() + seconds)


def is_over() -> bool:
    """Say whether the request has had its time."""
    ends = _ends.get(None)
    return ends is not None and time.monotonic() >= ends


def remaining(otherwise: float = DEFAULT_SECONDS) -> float:
    """Return the seconds that are left; `otherwise` where no request runs.

    Raises:
        SourceUnavailable: none are left.
    """
    ends = _ends.get(None)
    if ends is None:
        return otherwise
    left = ends - time.monotonic()
    if left <= 0:
        raise SourceUnavailable("the request took longer than its timeout")
    return left


def seconds_until(ends: float | None = None) -> float:
    """Return the seconds that a socket may wait now: until the deadline, or `ends` (time.monotonic) if that is before.

    Raises:
        TimeoutError: none are left; the same error as the socket's.
    """
    try:
        left = remaining()
    except SourceUnavailable:
        raise TimeoutError from None
    if ends is not None:
        left = min(left, ends - time.monotonic())
    if left <= 0:
        raise TimeoutError
    return left
