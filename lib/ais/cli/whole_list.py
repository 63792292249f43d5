"""The whole list of users, taken one by one, so that a large one does not fill memory."""

from __future__ import annotations

from ..directory import listing
from .progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from ..config import Config
    from ..user import User

    T = TypeVar("T")


def whole(config: Config, make: Callable[[Iterable[User]], T]) -> tuple[T, int]:
    """Return what is made of all users, and their number.

    Args:
        config: the configuration.
        make: takes the users one by one, which raises in the end when the list is not whole; called again when they
            had to be put together first.

    Raises:
        AISError: the list would not be whole.
    """
    progress = Progress()

    def checked(users: Iterable[User]) -> Iterator[User]:
        progress.count = 0
        yield from progress.counted(users)
        listing.check_number(config, progress.count)

    with progress:
        try:
            made = make(checked(listing.stream(config)))
        except listing.Repeated:
            made = make(checked(listing.list_users(config)))
    return made, progress.count
