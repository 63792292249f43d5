"""What libpass (the maintained passlib) reads, for hashes that no other library here knows, or the system's lacks."""

from __future__ import annotations

from ais.errors import MissingPackage

from .encoding import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What the system's crypt(3) may lack, by the start of the value.
_CRYPT = (
    ("$1$", "md5_crypt"),
    ("$5$", "sha256_crypt"),
    ("$6$", "sha512_crypt"),
    ("$sha1$", "sha1_crypt"),
    ("$md5", "sun_md5_crypt"),
    ("_", "bsdi_crypt"),
)


def handler(name: str) -> Any:
    """One of libpass's hash classes by its name in ``passlib.hash``."""
    try:
        import passlib.hash  # type: ignore[import-untyped]
    except ImportError:
        raise MissingPackage("libpass", f"stored passwords of scheme {name}") from None
    return getattr(passlib.hash, name)


def verify(name: str, stored: str, password: bytes | str, **context: str) -> bool:
    """Let libpass check a value of the scheme ``name``. Raises DamagedError for what it cannot parse.

    ``context``: the user's name, ``user=``, for the schemes that mix it in.
    """
    checker = handler(name)
    try:
        return bool(checker.verify(password, stored, **context))
    except UnicodeError:  # the password has characters that the scheme does not have: nobody can have stored it
        return False
    except (ValueError, TypeError):
        raise DamagedError("damaged or cut") from None


def crypt(password: bytes, stored: str, tried: bool) -> str:
    """Hash with libpass what the system's crypt(3) could not; gives ``stored`` itself, or a text that never matches.

    ``tried``: there is such a library.
    """
    name = next((name for start, name in _CRYPT if stored.startswith(start)), "" if "$" in stored else "des_crypt")
    if name:
        return stored if verify(name, stored, password) else "*0"
    if tried:
        raise DamagedError("the system's crypt(3) does not know it, or refuses its parameters")
    package = "bcrypt" if stored.startswith("$2") else "crypt_r"
    raise MissingPackage(package, f"stored passwords of scheme {stored[: stored.index('$', 1) + 1]}")


def md4(data: bytes) -> bytes:
    """MD4 (RFC 1320), which OpenSSL 3 keeps in a provider that is mostly off."""
    return bytes.fromhex(handler("hex_md4").hash(data))


def saslprep(text: str) -> str:
    """SASLprep (RFC 4013). Raises ValueError for text with characters that it forbids."""
    handler("hex_md4")  # says what to install
    import passlib.utils  # type: ignore[import-untyped]

    return str(passlib.utils.saslprep(text))
