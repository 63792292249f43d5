"""Many texts in eight bytes each, to tell whether one comes twice without keeping a large list in memory."""

from __future__ import annotations

from sys import byteorder


class Fingerprints:
    """The hashes of texts. The module array would bring in all of collections, for which every list would pay."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, text: str) -> None:
        """Add the hash of a text; nobody outside can foretell it (PYTHONHASHSEED)."""
        self._bytes += hash(text).to_bytes(8, byteorder, signed=True)

    def all(self) -> memoryview:
        """Return the hashes, as integers; nothing can be added while the view lives."""
        return memoryview(self._bytes).cast("q")

    def repeated(self) -> bool:
        """Say whether a text may have come twice; False is certain."""
        from _operator import eq  # operator itself is Python code that a request need not load
        from itertools import islice

        ordered = sorted(self.all())
        return any(map(eq, ordered, islice(ordered, 1, None)))
