"""A file that says that the guard is tripped, where the state itself may be lost or out of reach."""

from __future__ import annotations

import os

from .store import StateError


class Marker:
    """The file; what is in it does not matter.

    Args:
        path: where.
        private: whether its folder is one that this user alone must be able to write to, and is made when missing.
    """

    def __init__(self, path: str, private: bool = False) -> None:
        self._path = path
        self._private = private

    def is_set(self) -> bool:
        """Say whether the file is there; one that somebody else may have made is none."""
        return os.path.lexists(self._path) and (not self._private or self._is_ours())

    def set(self) -> None:
        """Make the file.

        Raises:
            StateError: it cannot be written.
        """
        try:
            if self._private:
                os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
                if not self._is_ours():
                    raise StateError(
                        f"{os.path.dirname(self._path)} belongs to another user, or others can write to it"
                    )
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        except OSError as error:
            raise StateError(f"{self._path} cannot be written: {error.strerror}") from None

    def clear(self) -> None:
        """Remove the file.

        Raises:
            StateError: it is there, and cannot be removed.
        """
        if not self.is_set():
            return
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StateError(f"{self._path} cannot be removed: {error.strerror}") from None

    def _is_ours(self) -> bool:
        # lstat: a link would lead wherever its maker wants.
        status = os.lstat(os.path.dirname(self._path))
        return status.st_uid == os.geteuid() and status.st_mode & 0o170022 == 0o040000
