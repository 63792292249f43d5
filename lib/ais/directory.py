"""All sources of a configuration as one: who is listed, and whose password is right."""

from __future__ import annotations

from . import deadline, logbook, naming
from .errors import AISError, GuardTripped, SourceError, SourceUnavailable
from .user import User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from .configuration import Config
    from .sources import Source

    T = TypeVar("T")


class Verdict:
    """What became of a login.

    Args:
        succeeded: whether it was right.
        source: what the log calls the source that decided; empty when none did.
        why: one word or sentence for the administrator.
    """

    __slots__ = ("source", "succeeded", "why")

    def __init__(self, succeeded: bool, source: str, why: str) -> None:
        self.succeeded = succeeded
        self.source = source
        self.why = why


def list_users(config: Config) -> list[User]:
    """Return the users of all sources; of two with the same name the one of the earlier source.

    Raises:
        AISError: the list would not be whole, or has fewer users than the guard wants.
    """
    found: dict[str, User] = {}
    for number, source in enumerate(config.sources, 1):
        for user in users_of(config, number, source):
            found.setdefault(user.user_name, user)
    if len(found) < config.guard.min_users:
        raise GuardTripped(
            f"the sources list {len(found)} users and guard(min_users={config.guard.min_users}) wants more: "
            "correct the query or the file that lists them, or lower min_users"
        )
    return list(found.values())


def users_of(config: Config, number: int, source: Source) -> list[User]:
    """Return the users of one source, under the names they are listed with.

    Args:
        config: the configuration.
        number: which of its sources this is, counted from 1.
        source: the source.

    Raises:
        AISError: the list would not be whole.
    """
    users = asked(number, source, lambda: list(_checked(source.users())))
    return [user for user in users if naming.shape(user, config.users)]


def authenticate(config: Config, user: str, password: str) -> Verdict:
    """Say whether this is the user's password; the first source that knows the user decides.

    Raises:
        AISError: a source that comes before the one that knows the user, or that one itself, cannot tell.
    """
    if not user or not password:
        return Verdict(False, "", "an empty name or password")
    names = naming.originals(user, config.users)
    for number, source in enumerate(config.sources, 1):
        for name in names:
            known = asked(number, source, lambda source=source, name=name: source.authenticate(name, password))  # type: ignore[misc]
            if known is True:
                return Verdict(True, named(number, source), "right password")
            if known is False:
                return Verdict(False, named(number, source), "wrong password, or a user who may not log in")
            if known is not None:
                raise SourceError(
                    f"{named(number, source)}: authenticate() must return True, False or None, "
                    f"not a {type(known).__name__}"
                )
    for number, source in enumerate(config.sources, 1):
        if asked(number, source, lambda source=source: getattr(source, "decoy", _none)(password)):  # type: ignore[misc]
            break
    return Verdict(False, "", "unknown user")


def _none(password: str) -> bool:
    return False


def named(number: int, source: Source) -> str:
    """Return what the log calls a source."""
    return f"source {number} ({getattr(source, 'description', type(source).__name__)})"


def asked(number: int, source: Source, question: Callable[[], T]) -> T:
    """Ask a source; whatever it raises becomes an error that names it.

    Raises:
        AISError: the source's own, or SourceUnavailable for any other exception. Its text is left out, since
            that of a driver may quote a password.
    """
    deadline.waiting_for = named(number, source)
    try:
        return question()
    except AISError as error:
        error.args = (f"{named(number, source)}: {error}",)
        raise
    except Exception as error:
        raise SourceUnavailable(f"{named(number, source)} failed: {logbook.place(error)}") from None


def _checked(users: object) -> Iterator[User]:
    for user in users:  # type: ignore[attr-defined]  # a source of the administrator's may return anything
        if not isinstance(user, User):
            raise SourceError(f"users() must give User objects, not a {type(user).__name__}")
        yield user
