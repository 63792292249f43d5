"""The folder for FTP upload to shared hosting, as a zip file."""

from __future__ import annotations

from ...errors import AISError


class BundleError(AISError):
    """The bundle cannot be made; the text says why and what to do."""
