"""The contract of a state, and the digests that it holds in place of names and passwords."""

from __future__ import annotations

from ..errors import AISError

try:
    from _blake2 import blake2b  # hashlib has no other, but loads OpenSSL first: 2.5 ms
except ImportError:  # a build without its own hashes
    from hashlib import blake2b


class StateError(AISError):
    """The state cannot be read or written."""


class Failures:
    """The failed logins of one user within the window.

    Args:
        count: how many different wrong passwords.
        wrong: digest of the last one.
    """

    __slots__ = ("count", "wrong")

    def __init__(self, count: int = 0, wrong: bytes = b"") -> None:
        self.count = count
        self.wrong = wrong


class Store:
    """Where the state is kept: the contract of `sqlite` and `redis`. Every method may raise `StateError`."""

    def key(self) -> bytes:
        """Return the secret that digests in this state are made with; it never changes."""
        raise NotImplementedError

    def last_list(self) -> bytes | None:
        """Return the digests of the names of the last list served, sorted and joined; None before the first."""
        raise NotImplementedError

    def save_list(self, digests: bytes) -> None:
        """Remember the digests of a list, and that the guard is not tripped."""
        raise NotImplementedError

    def tripped(self) -> bool:
        """Say whether the guard has held back a list since the last one served."""
        raise NotImplementedError

    def trip(self) -> None:
        """Remember that the guard has held back a list."""
        raise NotImplementedError

    def failures(self, user: bytes, window: float) -> Failures:
        """Return the failed logins of a user, by the digest of the name, in the last `window` seconds."""
        raise NotImplementedError

    def add_failure(self, user: bytes, wrong: bytes, window: float) -> None:
        """Count a wrong password, given as its digest; the window begins with the first."""
        raise NotImplementedError

    def forget_failures(self, user: bytes) -> None:
        """Forget the failed logins of a user."""
        raise NotImplementedError

    def lessen_failures(self, user: bytes, count: int) -> None:
        """Take away some of the failed logins of a user."""
        raise NotImplementedError

    def listed(self) -> dict[int, str]:
        """Return a name that each source has listed, by the number of the source."""
        raise NotImplementedError

    def save_listed(self, names: dict[int, str]) -> None:
        """Remember a name that each source has listed."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what was opened."""


def digest(key: bytes, *texts: str, size: int = 16) -> bytes:
    """Return a keyed digest: whoever reads the state learns neither names nor passwords without guessing them."""
    mixed = blake2b(key=key, digest_size=size)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        mixed.update(len(raw).to_bytes(4, "big") + raw)
    return mixed.digest()
