"""One function, ``crypt``: the system's crypt(3), by the first of four ways that is there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LONGEST = 511  # bytes of a password that libxcrypt takes (CRYPT_MAX_PASSPHRASE_SIZE with its final NUL)
_way: Callable[[bytes, bytes], bytes | None] | None = None


def crypt(password: bytes, stored: str) -> str | None:
    """Hash a password with the setting that ``stored`` starts with; None if the password cannot be one of crypt(3).

    Raises:
        ValueError: the library does not know the scheme, or refuses its parameters.
        MissingPackage: there is no library for this scheme.
    """
    if len(password) > LONGEST or b"\0" in password:  # C strings: nobody can have stored such a password
        return None
    made = _by_extension(password, stored) or _by_ctypes(password, stored)
    if made is None or made.startswith("*"):
        from .libpass import crypt as by_libpass

        made = by_libpass(password, stored)
    return made


def _by_extension(password: bytes, stored: str) -> str | None:
    """By the C module of Python up to 3.12, or its successor on PyPI. It takes text only, and encodes it as UTF-8.

    The module under the deprecated ``crypt``: no warning, no further imports, 0.2 ms.
    """
    try:
        text = password.decode()
    except UnicodeDecodeError:
        return None
    function: Any
    try:
        import _crypt  # type: ignore[import-not-found]

        function = _crypt.crypt
    except ImportError:
        try:
            from crypt_r import _crypt_r  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            return None
        function = _crypt_r.crypt
    try:
        made: str | None = function(text, stored)
    except OSError:  # what a library without this scheme answers
        return None
    return made


def _by_ctypes(password: bytes, stored: str) -> str | None:
    """By the shared library itself: for passwords in other charsets, and where neither module is there."""
    global _way
    if _way is None:
        _way = _load()
    made = _way(password, stored.encode())
    return made.decode("ascii", "replace") if made else None


def _load() -> Callable[[bytes, bytes], bytes | None]:
    import ctypes

    for name in ("libcrypt.so.2", "libcrypt.so.1", None):  # None: musl has crypt_r in its C library
        try:
            function = ctypes.CDLL(name).crypt_r
        except (OSError, AttributeError):
            continue
        function.restype = ctypes.c_char_p
        function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]

        def run(password: bytes, stored: bytes, function: Callable[..., bytes | None] = function) -> bytes | None:
            # A work area for each call: crypt_r, unlike crypt, is safe among threads. glibc's takes 131,232 bytes.
            return function(password, stored, ctypes.create_string_buffer(1 << 18))

        return run
    return lambda password, stored: None
