"""Where passwords are checked elsewhere. One module for each kind, imported when the configuration names it."""

from __future__ import annotations

from ..sources import Login

__all__ = ["Login"]
