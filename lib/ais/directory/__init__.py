"""All sources of a configuration as one: who is listed, and whose password is right."""

from __future__ import annotations

from .. import deadline, logbook
from ..errors import AISError, SourceError, SourceUnavailable
from ..identity import login_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from ..config import Config, Source
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


def remember(config: Config, listed: dict[int, str]) -> None:
    """Tell each source a name that it has listed before, for what an unknown user has to cost."""
    for number, source in enumerate(config.sources, 1):
        source.listed = listed.get(number, "")


def authenticate(config: Config, user: str, password: str) -> Verdict:
    """Say whether this is the user's password; the first source that knows the user decides.

    Raises:
        AISError: a source that comes before the one that knows the user, or that one itself, cannot tell.
    """
    name = login_name(user)
    if not name or not password:
        return Verdict(False, "", "an empty password" if name else "a name that no user can have")
    names = [name]
    if config.users.shape:
        from . import naming  # here, because most configurations take names as they are

        names = naming.originals(name, config.users)
    for number, source in enumerate(config.sources, 1):
        own = _listed_so(config, number, source, name) if config.users.lowercase and names else []
        answers = {_answer(number, source, known, password) for known in own or names} - {None}
        if len(answers) > 1:
            raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}")
        if answers:
            succeeded = True in answers
            why = "right password" if succeeded else "wrong password, or a user who may not log in"
            return Verdict(succeeded, named(number, source), why)
    for number, source in enumerate(config.sources, 1):
        if asked(number, source, lambda source=source: getattr(source, "decoy", _none)(password)):  # type: ignore[misc]
            break
    return Verdict(False, "", "unknown user")


def _none(password: str) -> bool:
    return False


def _listed_so(config: Config, number: int, source: Source, name: str) -> list[str]:
    """Return the source's own spelling of a user that is listed in lower case; its list alone tells it.

    Raises:
        SourceError: two users are listed so, and nobody could tell whom a login means.
    """
    from . import naming

    wanted = naming.shaped(name, config.users)
    found = {
        user.user_name
        for user in asked_one_by_one(number, source)
        if naming.shaped(user.user_name, config.users) == wanted
    }
    if len(found) > 1:
        raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}")
    return list(found)


def _answer(number: int, source: Source, name: str, password: str) -> bool | None:
    known = asked(number, source, lambda: source.authenticate(name, password))
    if known is not None and known is not True and known is not False:
        raise SourceError(
            f"{named(number, source)}: authenticate() must return True, False or None, not a {type(known).__name__}"
        )
    return known


def named(number: int, source: Source) -> str:
    """Return what the log calls a source."""
    return f"source {number} ({getattr(source, 'description', type(source).__name__)})"


def asked_one_by_one(number: int, source: Source) -> Iterator[User]:
    """Give a source's users as they come; whatever it raises becomes an error that names it, as in `asked`."""
    deadline.note_source(named(number, source))
    try:
        yield from _checked(source.users())
    except Exception as error:
        raise _named_error(number, source, error) from None


def asked(number: int, source: Source, question: Callable[[], T]) -> T:
    """Ask a source; whatever it raises becomes an error that names it.

    Raises:
        AISError: the source's own, or SourceUnavailable for any other exception. Its text is left out, since
            that of a driver may quote a password.
    """
    deadline.note_source(named(number, source))
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
