"""Reads text files of users: whole, or with an error that names file and line."""

from __future__ import annotations

import codecs
import os
import stat

from ...errors import SourceError, SourceUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def lines(path: str, encoding: str = "utf-8", *, newline: str = "\n", may_be_empty: bool = False) -> Iterator[str]:
    """Give the lines of a file, with their line ends as they are, without a byte order mark.

    Args:
        path: the file.
        encoding: its charset.
        newline: where lines end, as `open` takes it. Only a line feed ends them by default: a carriage return inside
            a field must not begin a user.
        may_be_empty: whether a file of no bytes is a good one. Otherwise it is taken for one that somebody has begun
            to write.

    Raises:
        SourceError: the file cannot be read, is in another charset, or has a NUL.
        SourceUnavailable: the file was changed while it was read, so what was read may be a part.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise SourceError(f"{path} cannot be read: it is not a file")
        with open(path, encoding=encoding, newline=newline) as file:
            before = os.fstat(file.fileno())
            if not before.st_size and not may_be_empty:
                raise SourceError(f"{path} is empty")
            for number, line in enumerate(file, 1):
                if number == 1:
                    line = line.removeprefix("\ufeff")
                if "\0" in line:
                    raise SourceError(f"{path}, line {number}: there is a NUL: the file is damaged or not {encoding}")
                yield line
            after = os.fstat(file.fileno())
    except UnicodeError:
        number = _undecodable_line(path, encoding)
        raise SourceError(
            f"{path}, line {number}: not {encoding}: save it so, or name its charset in encoding"
        ) from None
    except PermissionError:
        raise SourceError(
            f"{path} cannot be read: give the user that the web server runs scripts as the right to read it"
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    # A file that was put in the place of this one does no harm: this one was whole and still is.
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceUnavailable(f"{path} was changed while it was read: write it to another name and rename it")


def _undecodable_line(path: str, encoding: str) -> int:
    """Return the number of the first line that is not in this charset."""
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 1
    with open(path, "rb") as file:
        try:
            for number, line in enumerate(file, 1):  # noqa: B007
                decoder.decode(line)
        except UnicodeError:
            pass
    return number
