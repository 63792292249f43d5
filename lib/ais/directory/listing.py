"""The list: the users of all sources, each once, with the addresses that are theirs."""

from __future__ import annotations

from ..errors import GuardTripped, SourceError
from ..identity import Fingerprints, fold, looser, own_address
from ..text import one_line
from ..user import User
from . import TWO_OF_ONE_NAME, asking, named, own_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from ..config import Config, Source

    T = TypeVar("T")


class Repeated(Exception):
    """While users were given one by one, a name came twice, or an address turned out to have two claims."""


class Claims:
    """Checks, while users pass one by one, whether any gets another's address; needs a few bytes for each.

    Args:
        several: whether there are several sources; then no two may have names that are loosely the same.
        stripped: the domain that was taken off the names.
    """

    def __init__(self, several: bool = False, stripped: str | None = None) -> None:
        self._several = several
        self._stripped = stripped
        self._prints = Fingerprints(3)
        self._names, self._given, _ = self._prints.new
        self.count = 0
        """The users of the sources that have ended."""

    def note(self, user: User) -> None:
        """Note name and addresses of a user."""
        name, other = user.user_name, ""
        if self._stripped or user.source_name:
            name, other = own_names(user, self._stripped)
            other = fold(other)
        if "@" in name:
            name = name.lower() if name.isascii() else fold(name)
        self._names.append(hash(name))
        if "@" in other and other != name:
            self.reserve(other)
        for address in user.email_addresses:
            if address != name:
                address = address.lower() if address.isascii() else fold(address)
                if address != name and address != other:
                    self._given.append(hash(address))
        if self._several:
            self._given.append(hash(" " + looser(user.user_name)))  # no address begins so
        if len(self._names) + len(self._given) > Fingerprints.MOST:
            self.pack()

    def reserve(self, address: str) -> None:
        """Note an address, folded, that nobody may have: a mailbox's own, besides the name of its user."""
        self._names.append(hash(address))
        self.count -= 1

    def pack(self) -> None:
        """Pack what is noted, so that it takes little memory."""
        self._prints.pack()

    def conflict(self, more: bool = True) -> bool:
        """Say, at the end of a source, whether there may be a conflict; `more` says whether another one may follow."""
        for names, given, earlier in self._prints.parts():
            own, others = set(names), set(earlier)
            if len(own) < len(names) or not own.isdisjoint(given):
                return True
            if others and not (others.isdisjoint(names) and others.isdisjoint(given)):
                return True
            self.count += len(names)
        if more:
            self._prints.merge()
        return False


class Notes:
    """What a list tells besides its users.

    Attributes:
        left_over: how many values were given as addresses and are not addresses.
        first: the first name that each source lists, as the source has it.
        reserved: the own addresses, folded, of the users that were skipped.
    """

    def __init__(self) -> None:
        self.left_over = 0
        self.first: dict[int, str] = {}
        self.reserved: set[str] = set()


def make_whole(config: Config, make: Callable[[Iterable[User]], T], notes: Notes | None = None) -> T:
    """Return what the function `make` returns for the users of all sources.

    Args:
        config: the configuration.
        make: takes the users one by one, which raises in the end when the list is not whole; called again when they
            had to be put together first.
        notes: is filled.

    Raises:
        AISError: the list would not be whole, or has fewer users than the guard wants.
    """
    try:
        return make(stream(config, notes))
    except Repeated:
        # Rows of one user that do not stand together, or a user of two sources: all have to be held at once.
        return make(list_users(config, notes))


def stream(config: Config, notes: Notes | None = None) -> Iterator[User]:
    """Give the users of all sources one by one, so that a large list does not fill memory.

    Raises:
        Repeated: at the end; a name came twice, or an address that is another user's own, and who wins could not be
            decided on the way.
    """
    notes, shape = notes or Notes(), config.users.shape
    claims = Claims(len(config.sources) > 1, config.users.strip_domain)
    for number, source in enumerate(config.sources, 1):
        for user in ask_users(number, source):
            original = user.user_name
            # There may be a million users: no call where none is needed.
            if shape or not user.email_addresses:
                completed = _complete(user, config, notes.reserved)
                if completed is None:
                    while notes.reserved:
                        claims.reserve(notes.reserved.pop())
                    continue
                user = completed
            if number not in notes.first:
                notes.first[number] = original
            if user.left_over:
                notes.left_over += len(user.left_over)
            claims.note(user)
            yield user
        notes.left_over += len(getattr(source, "left_over", ()))
        if claims.conflict(number < len(config.sources)):
            raise Repeated
    check_number(config, claims.count)


def ask_users(number: int, source: Source) -> Iterator[User]:
    """Give a source's users as they come; rows of one user that stand together are one."""
    last: User | None = None
    with asking(number, source):
        for user in source.users():
            if not isinstance(user, User):
                raise SourceError(f"users() must give User objects, not a {type(user).__name__}")
            if last is None:
                last = user
            elif last.user_name == user.user_name:
                last.merge(user)
            else:
                yield last
                last = user
        if last is not None:
            yield last


def list_users(config: Config, notes: Notes | None = None) -> list[User]:
    """Return the users of all sources; of two with the same name the one of the earlier source."""
    from .ownership import combine  # here, because most lists have nothing to be decided

    notes = notes or Notes()
    notes.left_over = 0
    sources: list[tuple[str, list[User]]] = []
    for number, source in enumerate(config.sources, 1):
        users = add_up(config, number, source, notes.reserved)
        sources.append((named(number, source), list(users.values())))
        if users:
            notes.first[number] = next(iter(users))
        notes.left_over += sum(len(user.left_over) for user in users.values())
        notes.left_over += len(getattr(source, "left_over", ()))
    listed = combine(config, sources, notes.reserved)
    check_number(config, len(listed))
    return listed


def check_number(config: Config, count: int) -> None:
    """Raise GuardTripped when a list has fewer users than the guard wants."""
    if count < config.guard.min_users:
        raise GuardTripped(
            f"the sources list {count} users and guard(min_users={config.guard.min_users}) wants more: "
            "correct the query or the file that lists them, or lower min_users"
        )


def add_up(config: Config, number: int, source: Source, reserved: set[str]) -> dict[str, User]:
    """Return the users of one source, each once, with the names they are listed with, by the names that it knows.

    Args:
        config: the configuration.
        number: which of its sources this is, counted from 1.
        source: the source.
        reserved: gets the own addresses, folded, of the users that are skipped.
    """
    added: dict[str, User] = {}
    for user in ask_users(number, source):
        known = added.setdefault(user.user_name, user)
        if known is not user:
            known.merge(user)
    completed = ((original, _complete(user, config, reserved)) for original, user in added.items())
    found = {original: user for original, user in completed if user is not None}
    listed: set[str] = set()
    for user in found.values():
        if user.user_name in listed:
            # Nobody could tell whom a login means; one might have taken the name to read the other's mail.
            raise SourceError(f"{named(number, source)}: {TWO_OF_ONE_NAME}, such as {one_line(user.user_name)}")
        listed.add(user.user_name)
    return found


def _complete(user: User, config: Config, reserved: set[str]) -> User | None:
    """Return a user with the listed name, and an address where only a name is one.

    Return None for one to be skipped, whose own addresses are `reserved` then, folded.
    """
    original = user.user_name
    if config.users.shape:
        from .naming import shape  # here, because most configurations take names as they are

        user, listed = shape(user, config.users)
        if not listed:
            names = own_names(user, config.users.strip_domain)
            reserved.update(fold(name) for name in names if "@" in name)
            return None
    if not user.email_addresses:
        user.email_addresses = own_address(original) or own_address(user.user_name)
    return user
