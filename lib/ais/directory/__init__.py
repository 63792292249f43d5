"""All sources of a configuration as one: who is listed, and whose password is right."""

from __future__ import annotations

from itertools import chain

from .. import deadline, logbook
from ..errors import AISError, GuardTripped, SourceError, SourceUnavailable
from ..text import one_line
from . import naming

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from ..config import Config
    from ..sources import Source
    from ..user import User

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


TWO_OF_ONE_NAME = "users(…) gives two of its users one name"


class Repeated(Exception):  # not an error: the list is made in another way
    """A user name came twice while users were given one by one."""


def stream(config: Config) -> Iterator[User]:
    """Give the users of all sources one by one, so that a large list does not fill memory.

    Raises:
        Repeated: at the end; a name came twice, or an address that is another user's own, and who wins could not be
            decided on the way.
        AISError: the list would not be whole.
    """
    from .fingerprints import Fingerprints  # here, because a login needs neither
    from .ownership import Claims

    names, claims = Fingerprints(), Claims()
    for number, source in enumerate(config.sources, 1):
        for user in asked_one_by_one(number, source):
            if naming.shape(user, config.users):
                names.add(user.user_name)
                claims.note(user)
                yield user
        if claims.conflict(number < len(config.sources)):
            raise Repeated
    del claims
    if names.repeated():
        raise Repeated


def list_users(config: Config) -> list[User]:
    """Return the users of all sources; of two with the same name the one of the earlier source.

    Raises:
        AISError: the list would not be whole, or has fewer users than the guard wants.
    """
    users = merged([users_of(config, number, source) for number, source in enumerate(config.sources, 1)])
    check_number(config, len(users))
    return users


def merged(sources: list[list[User]]) -> list[User]:
    """Return the users of all sources, given in order, as one list; addresses that belong to another user go."""
    from . import ownership

    names: set[str] = set()
    found: list[list[User]] = []
    for users in sources:
        found.append([user for user in users if user.user_name not in names])
        names.update(user.user_name for user in found[-1])
    ownership.enforce(found)
    return [user for users in found for user in users]


def check_number(config: Config, count: int) -> None:
    """Return when a list has enough users.

    Raises:
        GuardTripped: it has fewer than the guard wants.
    """
    if count < config.guard.min_users:
        raise GuardTripped(
            f"the sources list {count} users and guard(min_users={config.guard.min_users}) wants more: "
            "correct the query or the file that lists them, or lower min_users"
        )


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
    originals: dict[str, str] = {}
    shaped = []
    for user in users:
        original = user.user_name
        if naming.shape(user, config.users):
            if originals.setdefault(user.user_name, original) != original:
                # Nobody could tell whom a login means; one might have taken the name to read the other's mail.
                raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}, such as {one_line(user.user_name)}")
            shaped.append(user)
    return shaped


def authenticate(config: Config, user: str, password: str) -> Verdict:
    """Say whether this is the user's password; the first source that knows the user decides.

    Raises:
        AISError: a source that comes before the one that knows the user, or that one itself, cannot tell.
    """
    if not user or not password:
        return Verdict(False, "", "an empty name or password")
    names = naming.originals(user, config.users)
    for number, source in enumerate(config.sources, 1):
        asking = (_first_known(number, source, group, password, config.users.lowercase) for group in names)
        known = [answer for answer in asking if answer is not None]
        if len(set(known)) > 1:
            raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}")
        if known:
            why = "right password" if known[0] else "wrong password, or a user who may not log in"
            return Verdict(known[0], named(number, source), why)
    for number, source in enumerate(config.sources, 1):
        if asked(number, source, lambda source=source: getattr(source, "decoy", _none)(password)):  # type: ignore[misc]
            break
    return Verdict(False, "", "unknown user")


def _none(password: str) -> bool:
    return False


def _first_known(number: int, source: Source, spellings: list[str], password: str, lowered: bool) -> bool | None:
    """Ask for one spelling of a name after the other, until the source knows one.

    Args:
        lowered: whether names are listed in lower case. The source's own spelling is then looked up among its users.
    """
    for name in chain(spellings, _own_spelling(number, source, spellings[-1]) if lowered else ()):
        known = asked(number, source, lambda name=name: source.authenticate(name, password))  # type: ignore[misc]
        if known is None:
            continue
        if known is not True and known is not False:
            raise SourceError(
                f"{named(number, source)}: authenticate() must return True, False or None, not a {type(known).__name__}"
            )
        return known
    return None


def named(number: int, source: Source) -> str:
    """Return what the log calls a source."""
    return f"source {number} ({getattr(source, 'description', type(source).__name__)})"


def asked_one_by_one(number: int, source: Source) -> Iterator[User]:
    """Give a source's users as they come; whatever it raises becomes an error that names it, as in `asked`."""
    deadline.waiting_for = named(number, source)
    try:
        yield from _checked(getattr(source, "stream", source.users)())
    except Exception as error:
        raise _named_error(number, source, error) from None


def asked(number: int, source: Source, question: Callable[[], T]) -> T:
    """Ask a source; whatever it raises becomes an error that names it.

    Raises:
        AISError: the source's own, or SourceUnavailable for any other exception. Its text is left out, since
            that of a driver may quote a password.
    """
    deadline.waiting_for = named(number, source)
    try:
        return question()
    except Exception as error:
        raise _named_error(number, source, error) from None


def _named_error(number: int, source: Source, error: Exception) -> AISError:
    if isinstance(error, AISError):
        error.args = (f"{named(number, source)}: {error}",)
        return error
    return SourceUnavailable(f"{named(number, source)} failed: {logbook.place(error)}")


def _checked(users: object) -> Iterator[User]:
    from ..user import User

    for user in users:  # type: ignore[attr-defined]  # a source of the administrator's may return anything
        if not isinstance(user, User):
            raise SourceError(f"users() must give User objects, not a {type(user).__name__}")
        yield user


def _own_spelling(number: int, source: Source, lower: str) -> Iterator[str]:
    """Give the source's own spelling of a name in lower case; called only when no other spelling is known there."""
    for user in asked(number, source, lambda: list(_checked(source.users()))):
        if user.user_name != lower and user.user_name.lower() == lower:
            yield user.user_name
