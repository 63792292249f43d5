"""Turns rows with named columns into users: for SQL results and for files with headings."""

from __future__ import annotations

from ..errors import SourceError
from ..user import User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WIRE_NAMES = {
    "username": "userName",
    "fullname": "fullName",
    "distinguishedname": "distinguishedName",
    "emailaddresses": "emailAddresses",
}


def plain(heading: str) -> str:
    """Return a heading as it is compared: without regard to case, underscores and blanks."""
    return heading.lower().replace("_", "").replace(" ", "")


def columns_of(headings: Sequence[str], what: str) -> dict[str, list[int]]:
    """Find MailStore's columns.

    Args:
        headings: names of the columns, in order.
        what: what the columns belong to, for the error.

    Returns:
        The positions of each; only ``emailAddresses`` may have several.

    Raises:
        SourceError: there is no userName, or a name is there twice.
    """
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        name = WIRE_NAMES.get(plain(heading))
        if name:
            found.setdefault(name, []).append(position)
    if "userName" not in found:
        raise SourceError(f"{what} has no column userName: name one of its columns so")
    for name, positions in found.items():
        if len(positions) > 1 and name != "emailAddresses":
            raise SourceError(f"{what} has two columns for {name}: keep one of them")
    return found


def users_of(
    rows: Iterable[Sequence[object]], columns: dict[str, list[int]], where: Callable[[int], str]
) -> Iterator[User]:
    """Make a user of each row; the directory adds up the rows of one user.

    Args:
        rows: the rows.
        columns: as `columns_of` gives it.
        where: says where the row of this number, counted from 1, is; for the error.

    Raises:
        SourceError: a row cannot be read.
    """
    name_at = columns["userName"][0]
    full_at = columns["fullName"][0] if "fullName" in columns else None
    distinguished_at = columns["distinguishedName"][0] if "distinguishedName" in columns else None
    addresses_at = columns.get("emailAddresses", [])
    first_at = addresses_at[0] if addresses_at else None
    for number, row in enumerate(rows, 1):
        name = row[name_at]
        full = None if full_at is None else row[full_at]
        try:
            # Nearly all values are text, and there may be a million rows: no call where none is needed.
            user = User(
                name if type(name) is str else text(name),  # type: ignore[arg-type]  # None is an error there
                full_name=full if type(full) is str else text(full),
                distinguished_name=None if distinguished_at is None else text(row[distinguished_at]),
                email_addresses=None if first_at is None else _cell(row[first_at]),
            )
            for position in addresses_at[1:]:
                user.add_addresses(_cell(row[position]))
        except SourceError as error:
            raise SourceError(f"{where(number)}: {error}") from None
        yield user


def _cell(value: object) -> str | Sequence[str] | None:
    # A driver may give an array as a list.
    return value if type(value) is str or isinstance(value, (list, tuple)) else text(value)


def text(value: object) -> str | None:
    """Return a database value as text; a driver may give numbers and bytes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceError("a value is not UTF-8") from None
    return str(value)
