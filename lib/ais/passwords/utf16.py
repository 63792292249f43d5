"""Passwords as Windows programs hash them."""

from __future__ import annotations


def utf16(password: bytes) -> bytes | None:
    """The password in UTF-16LE; None if it is not UTF-8, as in another charset's turn."""
    try:
        return password.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        return None
