"""What ``bin/ais init`` does: ask for a source, try it, write the configuration."""

from __future__ import annotations

from ...errors import AISError


class InitError(AISError):
    """The configuration cannot be made from what was given."""
