"""Turns rows with named columns into users: for SQL results and for files with headings."""

from __future__ import annotations

from ..errors import SourceError
from ..identity import BLANKS, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ..user import User
    from . import Source

WIRE_NAMES = {name.lower(): name for name in ("userName", "fullName", "distinguishedName", "emailAddresses")}

_NO = ("", "false", "f", "no", "n", "off", "nein")  # words that databases give for a no, beside numbers


def plain(heading: str) -> str:
    """Return a heading as it is compared: without regard to case, underscores and blanks."""
    return heading.lower().replace("_", "").replace(" ", "")


def columns_of(headings: Sequence[str], what: str) -> dict[str, list[int]]:
    """Return the positions of MailStore's columns; only ``emailAddresses`` may have several.

    Raises:
        SourceError: there is no userName, or a name is there twice.
    """
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        if name := WIRE_NAMES.get(plain(heading)):
            found.setdefault(name, []).append(position)
    if "userName" not in found:
        raise SourceError(f"{what} has no column userName: name one of its columns so")
    for name, positions in found.items():
        if len(positions) > 1 and name != "emailAddresses":
            raise SourceError(f"{what} has two columns for {name}: keep one of them")
    return found


_NOWHERE: list[Any] = [None]


def make_users(
    rows: Iterable[Sequence[object]], columns: dict[str, list[int]], where: Callable[[int], str]
) -> Iterator[User]:
    """Make a user of each row; the directory merges the rows of one user.

    Args:
        rows: the rows.
        columns: as `columns_of` gives it.
        where: says where the row of this number, counted from 1, is; for the SourceError of one that cannot be read.
    """
    from ais.user import User  # here, because a login need not load it

    name_at = columns["userName"][0]
    full_at, distinguished_at = columns.get("fullName", _NOWHERE)[0], columns.get("distinguishedName", _NOWHERE)[0]
    first_at, *more_at = columns.get("emailAddresses", _NOWHERE)
    for number, row in enumerate(rows, 1):
        name = row[name_at]
        full = None if full_at is None else row[full_at]
        addresses = None if first_at is None else row[first_at]
        try:
            # Nearly all values are text, and there may be a million rows: no call where none is needed.
            user = User(
                name if type(name) is str else text(name),  # type: ignore[arg-type]  # None is an error there
                full if type(full) is str else text(full),
                None if distinguished_at is None else text(row[distinguished_at]),
                addresses if type(addresses) is str and "}" not in addresses else cell(addresses),
            )
            for position in more_at:
                user.add_addresses(cell(row[position]))
        except SourceError as error:
            raise SourceError(f"{where(number)}: {error}") from None
        yield user


def cell(value: object) -> str | list[str] | None:
    """Return the value of a column that may hold several texts.

    An array of PostgreSQL comes as a list, or as text where the driver does not know the type of its elements.
    """
    if isinstance(value, (list, tuple)):
        cells = [cell(item) for item in value]
        return [one for item in cells for one in (item if isinstance(item, list) else [item]) if one is not None]
    written = value if type(value) is str else text(value)
    return written if written is None or written[-1:] != "}" else _array(written)


def _array(written: str) -> str | list[str]:
    """Return the elements of an array of PostgreSQL, and any other text as it is; no address ends with a brace.

    The format: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    inner = written.strip()
    if inner[0] == "[":  # "[0:1]={a,b}" says where the numbers of the elements begin
        inner = inner.partition("=")[2]
    if inner[:1] != "{":
        return written
    found: list[str] = []
    item, quoted = "", False
    characters = iter(inner)
    for character in characters:
        if character == '"':
            quoted = not quoted
        elif character == "\\":
            item += next(characters, "")
        elif quoted or character not in "{},":
            item += character
        else:
            found.append(item)
            item = ""
    return written if quoted or item else [one for one in found if one and one != "NULL"]


def text(value: object) -> str | None:
    """Return a database value as text; a driver may give numbers and bytes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceError("a value is not UTF-8") from None
    if isinstance(value, (list, tuple, dict)):  # as PostgreSQL's arrays and JSON come
        raise SourceError(f"a value is not a text but of type {type(value).__name__}")
    return str(value)


def name_in(value: object) -> str:
    """Return a value as a user name, without blanks around it; empty for NULL."""
    return (text(value) or "").strip(BLANKS)


def says_no(value: object) -> bool:
    """Whether a database's answer to a yes-or-no question is a no: NULL, nothing, zero or a word."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value).decode("latin-1")
    if not isinstance(value, str):
        return not value
    word = fold(value.replace("\0", "").strip())
    number, _, exponent = word.partition("e")
    if word[:2] in ("0x", "\\x"):
        number, exponent = "0" + word[2:], ""
    is_zero = "0" in number and not number.strip("+-0.,") and (not exponent or exponent.lstrip("+-").isdigit())
    return is_zero or word in _NO


def give_addresses(
    source: Source,
    users: Iterable[User],
    aliases: Sequence[tuple[str | None, Any]],
    alias_domains: Iterable[tuple[str | None, Any]],
) -> list[User]:
    """Give users of a source the addresses that aliases lead to them, after their own ones.

    Rows of one user need not follow each other; the first gets all addresses. An alias whose targets are None reserves
    its address: nobody else gets it.

    Raises:
        SourceError: the rows cannot be read, or lead to too many addresses.
        SourceUnavailable: the deadline is over.
    """
    from ..addresses import resolve  # here, because most lists have no aliases

    listed = list(users)
    left_over: list[str] = []
    own: dict[str, list[str]] = {}
    for user in listed:
        own.setdefault(user.user_name, []).extend(user.email_addresses)
    try:
        found = resolve(
            own,
            [row for row in aliases if row[1] is not None],
            [(name, one) for name, cell in alias_domains for one in (cell if isinstance(cell, list) else [cell])],
            reserved=[address for address, targets in aliases if targets is None and address],
            left_over=left_over,
        )
    except ValueError as error:
        raise SourceError(f"the aliases cannot be read: {error}") from None
    source.left_over = left_over
    for user in listed:
        user.email_addresses = found.pop(user.user_name, [])
    return listed
