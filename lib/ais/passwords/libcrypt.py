"""One function, ``crypt``: the system's crypt(3), by the first of four ways that is available."""

from __future__ import annotations

import sys
from errno import ENOMEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 511  # bytes of a password that libxcrypt takes (CRYPT_MAX_PASSPHRASE_SIZE with its final NUL)
_crypt_r: Any = None


def crypt(password: bytes, stored: str) -> str | None:
    """Hash a password with the setting that ``stored`` starts with; None if the password cannot be one of crypt(3).

    Raises:
        DamagedError: the library does not know the scheme, or refuses its parameters.
        MemoryError: it gets too little memory.
        MissingPackage: there is no library for this scheme.
    """
    if len(password) > LONGEST or b"\0" in password:  # C strings: nobody can have stored such a password
        return None
    made = None if _is_slow(stored) else _by_extension(password, stored)
    if not made or made.startswith("*"):  # the extension does not tell why
        made = _by_ctypes(password, stored)
    if made and not made.startswith("*"):
        return made
    from .libpass import crypt as crypt_by_libpass

    return crypt_by_libpass(password, stored, made is not None)


def _is_slow(stored: str) -> bool:
    """Whether a hash may take long: where its parameters are not those that systems set by themselves.

    The extensions keep the interpreter to themselves for the whole hash. ctypes lets other threads run, among them the
    one that ends a request in time, but takes longer to load.
    """
    if stored.startswith(("$y$", "$gy$", "$7$")):
        return not stored.startswith(("$y$j9T$", "$gy$j9T$"))
    rounds = stored.partition("rounds=")[2].partition("$")[0]
    return rounds.isdecimal() and int(rounds) > 200_000


def _by_extension(password: bytes, stored: str) -> str | None:
    """By the C module of Python up to 3.12, or its successor on PyPI, which take text only; None if it fails.

    Not by the modules around them: they warn, and import much. The successor needs a compiler, so no extra
    asks for it.
    """
    try:
        text = password.decode()
        if sys.version_info >= (3, 13):
            import _crypt_r as module  # type: ignore[import-not-found, unused-ignore]
        else:
            import _crypt as module  # type: ignore[import-not-found, unused-ignore]
        made: str | None = module.crypt(text, stored)
    except (UnicodeDecodeError, ImportError, OSError):  # OSError is what a library without this scheme answers
        return None
    return made


def _by_ctypes(password: bytes, stored: str) -> str | None:
    """By the shared library itself: for passwords in other charsets, and where neither module is there.

    None: there is no library. "*": it does not know the scheme.
    """
    global _crypt_r
    import ctypes

    if _crypt_r is None:
        _crypt_r = _find_crypt_r()
    if _crypt_r is None:
        return None
    # A work area for each call: crypt_r, unlike crypt, is safe among threads. glibc's takes 131,232 bytes.
    made: bytes = _crypt_r(password, stored.encode(), ctypes.create_string_buffer(1 << 18)) or b"*"
    if made[:1] == b"*" and ctypes.get_errno() == ENOMEM:
        raise MemoryError
    return made.decode("ascii", "replace")


def _find_crypt_r() -> Any:
    import ctypes

    for name in ("libcrypt.so.2", "libcrypt.so.1", None):  # None: musl has crypt_r in its C library
        try:
            function = ctypes.CDLL(name, use_errno=True).crypt_r
        except (OSError, AttributeError):
            continue
        function.restype = ctypes.c_char_p
        function.argtypes = [ctypes.c_char_p] * 3
        return function
    return None
