"""All sources of a configuration as one: who is listed, and whose password is right."""

from __future__ import annotations

from .. import deadline, logbook
from ..errors import AISError, SourceError, SourceUnavailable
from ..identity import fold, login_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config, Source
    from ..user import User


class Verdict:
    """The outcome of a login: the reason, and the log's name for the source that decided, if one did."""

    def __init__(self, succeeded: bool, source: str, why: str) -> None:
        self.succeeded = succeeded
        self.source = source
        self.why = why


TWO_OF_ONE_NAME = "users(…) gives two of its users the same name"

NOBODY = "\x7f"
"""A name that no user can have. It is asked for where users(…) lists nobody so: time must not tell whom it skips."""


def authenticate(config: Config, user: str, password: str) -> Verdict:
    """Say whether this is the user's password; the first source that knows the user decides.

    Raises:
        AISError: the source that knows the user, or one before it, cannot tell.
    """
    name = login_name(user)
    if not name or not password:
        return Verdict(False, "", "an empty password" if name else "a name that no user can have")
    names = [name]
    if config.users.shape:
        from . import naming  # here, because most configurations take names as they are

        names = naming.originals(name, config.users) or [NOBODY]
    for number, source in enumerate(config.sources, 1):
        own = _listed_so(config, number, source, name) if config.users.folds else []
        answers = {ask_login(number, source, known, password) for known in own or names} - {None}
        if names == [NOBODY]:
            continue
        if len(answers) > 1:
            raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}")
        if answers:
            succeeded = True in answers
            why = "right password" if succeeded else "wrong password, or a user who may not log in"
            return Verdict(succeeded, named(number, source), why)
    for number, source in enumerate(config.sources, 1):
        with asking(number, source):
            if hasattr(source, "decoy") and source.decoy(password):
                break
    return Verdict(False, "", "unknown user")


def _listed_so(config: Config, number: int, source: Source, name: str) -> list[str]:
    """Return the source's own spelling of a user whose listed name several could have; its list alone tells it."""
    from . import naming

    wanted = naming.shaped(name, config.users)
    with asking(number, source):
        listed = (user.user_name for user in source.users())
        found = {known for known in listed if naming.is_listed_as(known, wanted, config.users)}
    if len(found) > 1:
        raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}")
    return list(found)


def ask_login(number: int, source: Source, name: str, password: str) -> bool | None:
    """Return what a source says of a password: yes, no, or None for a user whom it does not know.

    Raises:
        AISError: it cannot tell, or says something else.
    """
    with asking(number, source):
        known: object = source.authenticate(name, password)
    if known is None or known is True or known is False:
        return known
    raise SourceError(
        f"{named(number, source)}: authenticate() must return True, False or None, not a {type(known).__name__}"
    )


def named(number: int, source: Source) -> str:
    """Return what the log calls a source."""
    return f"source {number} ({getattr(source, 'description', type(source).__name__)})"


def own_names(user: User, stripped: str | None) -> tuple[str, str]:
    """Return the names of a user that may be addresses: nobody else has these.

    They are the listed name, with the domain that users(strip_domain=…) took off, and the source's own.
    """
    name = f"{user.user_name}@{stripped}" if stripped and "@" not in user.user_name else user.user_name
    return name, user.source_name if user.source_name and fold(user.source_name) != fold(name) else name


class asking:  # noqa: N801  # with asking(…)
    """Asks a source: whatever it raises becomes an AISError that names it, and so does an answer that comes too late.

    The text of a foreign exception is left out, since that of a driver may quote a password.
    """

    def __init__(self, number: int, source: Source) -> None:
        self._name = named(number, source)

    def __enter__(self) -> None:
        deadline.note_source(self._name)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None and deadline.is_over():
            raise SourceUnavailable(f"{self._name} took longer than the timeout")
        if isinstance(error, AISError):
            error.args = (f"{self._name}: {error}",)
        elif isinstance(error, BaseException) and not isinstance(error, (GeneratorExit, KeyboardInterrupt)):
            # SystemExit, too: its exit status of 0 would be a yes of `ais auth`, and its text may hold a password.
            raise SourceUnavailable(f"{self._name} failed: {logbook.place(error)}") from None
