"""A body that grows: in memory while it is small, then in a temporary file without a name."""

from __future__ import annotations

from .errors import AISError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

IN_MEMORY = 4 * 1024 * 1024
"""Bytes that are kept in memory; some 25,000 users."""

CHUNK = 256 * 1024
"""Bytes that are read at a time."""


class Spool:
    """Bytes, written once and then read once."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def write(self, part: bytes) -> None:
        """Add bytes.

        Raises:
            AISError: the disk of the temporary folder is full.
        """
        self._length += len(part)
        self._memory += part
        if len(self._memory) > IN_MEMORY:
            try:
                self._to_file()
            except OSError as error:
                raise AISError(f"the list does not fit into the temporary folder: {error.strerror}") from None

    def _to_file(self) -> None:
        if self._file is None:
            from tempfile import TemporaryFile  # heavy: only for large lists

            # Unbuffered, so that a full disk shows here and not while the answer is being sent.
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # closed in chunks()
        left = memoryview(self._memory)
        while left:
            left = left[self._file.write(left) :]
        left.release()
        self._memory = bytearray()

    def chunks(self) -> Iterator[bytes]:
        """Give all bytes, in pieces; nothing is left afterwards."""
        if self._file is not None:
            with self._file as file:
                file.seek(0)
                while part := file.read(CHUNK):
                    yield part
        yield bytes(self._memory)
