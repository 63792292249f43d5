"""Where users come from. One module for each kind of source, imported when the configuration names it.

Here are the contracts of sources, and of the logins that a source may leave the passwords to.
"""

from __future__ import annotations

from ..errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..passwords.counting import Count
    from ..user import User


class Source:
    """The contract of every source, and the base of one that is written in the configuration file."""

    description = ""
    """What the log calls this source; no secret."""
    listed = ""
    """A user name that this source has listed, if the state remembers one; set before a login."""
    alone = True
    """Whether the configuration has no other source. If it has, users must log in with the name as it is listed,
    letter by letter: a name that this source takes for one of its own may be that of another source's user. Set before
    a login."""
    safe_to_try = False
    """Whether nobody counts wrong passwords behind this source, so that trying one cannot lock a user out."""

    left_over: Sequence[str] = ()
    """What the last list has left out of its aliases, since it cannot be read as an address."""

    in_time = False
    """Whether it keeps the deadline by itself. If it does not, and nothing ends the process, it is asked in a thread
    that can be abandoned."""

    def __init_subclass__(cls) -> None:
        cls.description = cls.description or cls.__name__

    def users(self) -> Iterable[User]:
        """Give every user. Several with one name are rows of one user, which the directory merges.

        Raises:
            Exception: the list would not be whole. Never give a shorter list instead.
        """
        raise NotImplementedError

    def authenticate(self, user: str, password: str) -> bool | None:
        """Say whether this is the user's password.

        Args:
            user: the name, as `users` gives it.
            password: the password, never empty.

        Returns:
            True for yes; False for a wrong password or a user who may not log in; None for a user not known here.

        Raises:
            Exception: nobody can tell.
        """
        raise NotImplementedError

    def schemes(self, names: Iterable[str]) -> list[Count] | None:
        """Count the forms of the stored passwords of users, for `bin/ais check`; None where they are elsewhere.

        Raises:
            Exception: they cannot be read.
        """
        return None

    def decoy(self, password: str) -> bool:
        """Do as much work as for a wrong password, so that time does not tell which users exist; False if it cannot.

        Called when no source knew the user. A source that checks stored passwords does it with the stored password
        of some other user, and ignores the outcome.
        """
        return False


class Login:
    """The contract of every login, and the base of one that is written in the configuration file."""

    in_time = False
    """Whether it keeps the deadline by itself."""

    def verify(self, user: str, password: str) -> bool:
        """Say whether this is the user's password; False where the password or the user was refused.

        Args:
            user: the name, as the source lists it. A source asks its login only about users that it lists.
            password: the password. An empty one is never right, and never sent.

        Raises:
            AISError: nobody can tell: SourceUnavailable where it may work later, ConfigError for what the
                administrator must correct.
        """
        raise NotImplementedError


def keeps_time(login: Login | None) -> bool:
    """Whether a source's login, if it has one, keeps the deadline by itself."""
    return login is None or getattr(login, "in_time", False)


def check_stored(who: str, default_scheme: object, password_charset: object) -> None:
    """Check options that a source will pass to `ais.passwords.verify`, so that a typo shows before the first login.

    Args:
        who: the function that has the options, such as ``sql()``.
        default_scheme: a scheme as Dovecot writes it, with or without braces and ``.HEX`` or ``.B64``; or None.
        password_charset: a charset that Python knows; or None.

    Raises:
        ConfigError: one of them cannot be used.
    """
    if default_scheme is not None:
        from ..passwords.schemes import BRACED

        scheme = default_scheme.strip("{} ").upper() if isinstance(default_scheme, str) else ""
        name, dot, coding = scheme.rpartition(".")
        if (name if dot and coding in ("HEX", "B64", "BASE64") else scheme) not in BRACED:
            raise ConfigError(f"{who}: default_scheme is not a known scheme, such as PLAIN or SSHA512")
    if password_charset is not None:
        try:
            "\xe9".encode(password_charset, "replace")  # type: ignore[arg-type]  # checked here
        except (LookupError, TypeError, ValueError):
            raise ConfigError(f"{who}: password_charset is not a charset that Python knows") from None
