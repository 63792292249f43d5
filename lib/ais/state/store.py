"""The contract of a state, and what both kinds need: digests in place of names and passwords, and the guard's mark."""

from __future__ import annotations

from ..errors import AISError
from ..packages import posix

try:
    from _blake2 import blake2b  # hashlib has no other, but loads OpenSSL first: 2.5 ms
except ImportError:  # a build without its own hashes
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Store(Protocol):
        """Where the state is kept. Every method may raise `StateError`; a user is the digest of a name."""

        def key(self) -> bytes: ...  # the secret that digests in this state are made with; it never changes

        def last_list(self) -> bytes | None: ...  # the digests of its names, sorted and joined; None before the first
        def save_list(self, digests: bytes) -> None: ...  # the guard is not tripped any more
        def tripped(self) -> bool: ...  # whether the guard has held back a list since the last one served
        def trip(self) -> None: ...

        def failures(self, user: bytes, window: float) -> Failures: ...  # in the last `window` seconds
        def add_failure(self, user: bytes, wrong: bytes, window: float) -> None: ...  # the first begins the window
        def forget_failures(self, user: bytes) -> None: ...
        def lessen_failures(self, user: bytes, count: int) -> None: ...

        def listed(self) -> dict[int, str]: ...  # a name that each source has listed, by the number of the source
        def save_listed(self, names: dict[int, str]) -> None: ...

        def asked(self) -> bytes | None: ...  # what `save_asked` was given last
        def save_asked(self, what: bytes) -> None: ...  # when a list was asked for, and what became of it

        def close(self) -> None: ...
else:
    Store = object  # for annotations


ASKED_BYTES = 500
"""What is kept, at most, of the last question for a list."""


class StateError(AISError):
    """The state cannot be read or written."""


class Failures:
    """How many different wrong passwords one user has sent within the window, and the digest of the last one."""

    def __init__(self, count: int = 0, wrong: bytes = b"") -> None:
        self.count = count
        self.wrong = wrong


def digest(key: bytes, *texts: str, size: int = 16) -> bytes:
    """Return a keyed digest: a reader of the state learns neither names nor passwords without guessing them."""
    mixed = blake2b(key=key, digest_size=size)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        mixed.update(len(raw).to_bytes(4, "big") + raw)
    return mixed.digest()


class Marker:
    """A file that says that the guard is tripped, where the state itself may be lost or out of reach.

    Args:
        path: where; what is in it does not matter.
        private: whether its folder is one that this user alone must be able to write to, and is made when missing.
    """

    def __init__(self, path: str, private: bool = False) -> None:
        self._path = path
        self._folder = path.rpartition("/")[0] if private else ""

    def is_set(self) -> bool:
        """Say whether the file is there; one that somebody else may have made does not count."""
        try:
            posix.lstat(self._path)
        except OSError:
            return False
        return not self._folder or self._is_ours()

    def set(self) -> None:
        """Make the file, or raise StateError."""
        try:
            if self._folder:
                from os import makedirs  # here, because only a tripped guard needs it

                makedirs(self._folder, 0o700, exist_ok=True)
                if not self._is_ours():
                    raise StateError(f"{self._folder} belongs to another user, or others can write to it")
            flags = posix.O_WRONLY | posix.O_CREAT | posix.O_NOFOLLOW
            posix.close(posix.open(self._path, flags, 0o600))
        except OSError as error:
            raise StateError(f"{self._path} cannot be written: {error.strerror}") from None

    def clear(self) -> None:
        """Remove the file, or raise StateError."""
        try:
            if self.is_set():
                posix.unlink(self._path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StateError(f"{self._path} cannot be removed: {error.strerror}") from None

    def _is_ours(self) -> bool:
        # lstat: a link would lead wherever its maker wants.
        status = posix.lstat(self._folder)
        return status.st_uid == posix.geteuid() and status.st_mode & 0o170022 == 0o040000
