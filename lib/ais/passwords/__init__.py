"""Check a password against a stored one, whatever program stored it. The schemes are listed in docs/passwords.md."""

from __future__ import annotations

from ais.errors import AISError, ConfigError, UnreadableHash

from . import limits
from .encoding import DamagedError
from .identify import identify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Entry


def verify(
    stored: str | bytes | None,
    password: str,
    user: str | None = None,
    default_scheme: str | None = None,
    charset: str | None = None,
) -> bool:
    """Whether ``password`` is the one that ``stored`` was made from.

    A value that says "no password" (None, empty, ``*``, ``!…``, ``x``) gives False, and so does an empty password or
    one over 4 KiB.

    Args:
        stored: the value as the database holds it. It is recognised as a whole, never by a prefix alone.
        password: as the user typed it.
        user: the user's name, for the schemes that mix it in (DIGEST-MD5, PostgreSQL's md5, Oracle 10).
        default_scheme: what a value is that says nothing itself, such as ``SSHA`` or ``PLAIN``. Only ``PLAIN`` makes
            clear text match; a value that is recognisably a hash is never taken for clear text.
        charset: tried after UTF-8, if the password is not pure ASCII.

    Raises:
        UnreadableHash: the scheme is unknown, or the value is damaged, cut, or asks for too much.
        MissingPackage: the package that reads the scheme is not installed.
        ConfigError: ``charset`` is not known.
    """
    if stored is None or password == "":
        return False
    found = identify(_text(stored), default_scheme)
    if found is None:
        return False
    return any(_matches(found, secret, user) for secret in _encodings(password, charset))


def _text(stored: str | bytes) -> str:
    if isinstance(stored, str):
        return stored
    raw = bytes(stored)
    if raw[:2] in (b"\1\0", b"\2\0"):  # Microsoft SQL Server's own hashes are binary
        return "0x" + raw.hex().upper()
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UnreadableHash("unknown", "it is neither text nor a binary hash that is known") from None


def _encodings(password: str, charset: str | None) -> list[bytes]:
    """The password in bytes: as UTF-8, then in the other charset. Empty if it cannot be a password."""
    try:
        secret = password.encode()
    except UnicodeEncodeError:  # lone surrogates: nobody can have typed that
        return []
    if len(secret) > limits.PASSWORD:
        return []
    if charset is None or password.isascii():
        return [secret]
    try:
        other = password.encode(charset)
    except LookupError:
        raise ConfigError("password_charset names a charset that Python does not know") from None
    except UnicodeError:
        return [secret]
    return [secret] if other == secret else [secret, other]


def _matches(found: tuple[str, Entry, str], secret: bytes, user: str | None) -> bool:
    scheme, (module, function, *arguments), body = found
    check = getattr(__import__(f"{__name__}.{module}", fromlist=[function]), function)
    try:
        return bool(check(*arguments, body, secret))
    except AISError:
        raise
    except DamagedError as problem:
        raise UnreadableHash(scheme, str(problem)) from None
    except (ValueError, OverflowError, MemoryError, LookupError, TypeError):
        # Whatever a library says about such a value may quote it.
        raise UnreadableHash(scheme, "damaged, or not known to the library that reads it") from None
