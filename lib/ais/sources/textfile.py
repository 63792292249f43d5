"""Reads text files of users: whole, or with an error that names file and line."""

from __future__ import annotations

import os

from ..errors import SourceError, SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def lines(path: str, encoding: str = "utf-8") -> Iterator[str]:
    """Give the lines of a file, with their line ends as they are, without a byte order mark.

    Args:
        path: the file.
        encoding: its charset.

    Raises:
        SourceError: the file cannot be opened, is in another charset, or has a NUL.
        SourceUnavailable: the file was changed while it was read, so what was read may be a part.
    """
    try:
        # newline="": a quoted cell keeps the line ends that it holds.
        with open(path, encoding=encoding, newline="") as file:
            before = os.fstat(file.fileno())
            for number, line in enumerate(file, 1):
                if number == 1:
                    line = line.removeprefix("\ufeff")
                if "\0" in line:
                    raise SourceError(f"{path}, line {number}: there is a NUL: the file is damaged or not {encoding}")
                yield line
            _check_unchanged(path, before, os.fstat(file.fileno()), os.stat(path))
    except UnicodeDecodeError:
        number = _undecodable_line(path, encoding)
        raise SourceError(
            f"{path}, line {number}: not {encoding}: save it so, or name its charset in encoding"
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None


def _check_unchanged(path: str, before: os.stat_result, after: os.stat_result, named: os.stat_result) -> None:
    def mark(status: os.stat_result) -> tuple[int, int, int]:
        return status.st_size, status.st_mtime_ns, status.st_ino

    if not mark(before) == mark(after) == mark(named):
        raise SourceUnavailable(f"{path} was changed while it was read: write it to another name and rename it")


def _undecodable_line(path: str, encoding: str) -> int:
    """Find the line by decoding once more with marks in place of what cannot be decoded."""
    with open(path, encoding=encoding, errors="replace", newline="") as file:
        return next((number for number, line in enumerate(file, 1) if "\ufffd" in line), 1)
