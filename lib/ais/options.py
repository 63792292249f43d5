"""What is known while a configuration file is being read."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config.settings import Setting

folder: str | None = None
"""Folder of the file; relative paths in it start here."""

settings: dict[str, Setting] | None = None
"""What guard(), throttle(), users() and log() have made so far, by the name of the function."""


def path(text: str) -> str:
    """Return an absolute path; a relative one starts at the configuration file, elsewhere at the working folder."""
    return os.path.normpath(os.path.join(folder or os.getcwd(), text))
