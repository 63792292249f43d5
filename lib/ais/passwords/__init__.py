"""Check a password against a stored one, whatever program stored it. The schemes are listed in docs/passwords.md."""

from __future__ import annotations

from ais.errors import AISError, ConfigError, TooLittleMemory, UnreadableHash

from .basics import PASSWORD, DamagedError, OverBudgetError, begin, read_keyed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .basics import Check
    from .counting import Count


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
        default_scheme: the scheme of a value that names none, such as ``SSHA`` or ``PLAIN``. Only ``PLAIN`` makes
            clear text match; a value that is recognisably a hash is never taken for clear text.
        charset: tried after UTF-8, if the password is not pure ASCII.

    Raises:
        UnreadableHash: the scheme is unknown, or the value is damaged, cut, or asks for too much.
        TooLittleMemory: it asks for memory that the server does not have now.
        MissingPackage: the package that reads the scheme is not installed.
        ConfigError: ``charset`` is not known.
    """
    if stored is None or password == "":
        return False
    secrets = _encodings(password, charset)
    begin()
    problem: AISError | None = None
    for scheme, read, arguments in _readings(stored, user, default_scheme):
        try:
            check: Check = read(*arguments)
            for secret in secrets:
                if check(secret):
                    return True
            problem = None
        except (ValueError, ArithmeticError, ImportError, LookupError, MemoryError, TypeError, RuntimeError) as error:
            problem = _explain(scheme, error)
            if isinstance(error, (OverBudgetError, MemoryError)):  # whatever another reading says
                raise problem from None
    if problem:
        raise problem
    return False


def _readings(stored: str | bytes, user: str | None, default: str | None) -> list[tuple[str, Any, tuple[Any, ...]]]:
    """Return the possible schemes of a value, each with the function that reads it, and its arguments."""
    if default is None and isinstance(stored, str) and stored.startswith("sha256$") and len(stored) < 200:
        # A caller's secret as bin/ais makes it: each request checks one, and need not load the tables for it.
        return [("sha256$", read_keyed, ("sha256", stored[7:].rstrip(" \t\r\n\v\f")))]
    from ais.passwords.identify import as_text, identify
    from ais.passwords.schemes import read

    return [(scheme, read, (entry, body, user)) for scheme, entry, body in identify(as_text(stored), default)]


def _explain(scheme: str, error: Exception) -> AISError:
    """Return what verify raises for an error of a reader or a library; their own text may quote the value."""
    if isinstance(error, DamagedError):
        return UnreadableHash(scheme, str(error))
    if isinstance(error, MemoryError):
        return TooLittleMemory(f"the server has too little memory for a stored password of scheme {scheme}")
    if isinstance(error, ImportError):  # scrypt and PBKDF2 need a Python with OpenSSL
        return UnreadableHash(scheme, "this Python is built without a module that it needs")
    return UnreadableHash(scheme, "damaged, or not known to the library that reads it")


def census(values: Iterable[str | bytes | None], default_scheme: str | None = None) -> list[Count]:
    """Count stored values by scheme, the most frequent first, without checking any. See ``counting.Count``."""
    from .counting import census as count  # only bin/ais and the status page need it

    return count(values, default_scheme)


def _encodings(password: str, charset: str | None) -> list[bytes]:
    """The password in bytes: as UTF-8, then in the other charset. Empty if it cannot be a password."""
    try:
        secret = password.encode()
    except UnicodeEncodeError:  # lone surrogates: nobody can have typed that
        return []
    if len(secret) > PASSWORD:
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
