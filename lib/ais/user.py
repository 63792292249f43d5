"""A user as MailStore will know it, and the reading of cells with addresses."""

from __future__ import annotations

from .errors import SourceError
from .identity import NAME_CHARACTERS, fold, is_address, trim_name
from .text import load_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

quote = load_quote()


class User:
    """One user of a source.

    Values are trimmed, and one that is only white space is empty.

    Args:
        user_name: the name that the user logs in with.
        full_name: the name to show.
        distinguished_name: a unique name in the manner of a directory.
        email_addresses: addresses in the order wanted; a repeated one, in any case of letters, is left out.
            A text is taken as a cell that may hold several.

    Attributes:
        left_over: what was given as an address and is not one.
        source_name: the name in the source, where users(…) has made another of it; else empty.
        entered: whether the user may have entered the addresses without an administrator.
        withheld: addresses that the user has entered and does not get, since somebody else has them too.

    Raises:
        SourceError: no user can have this name, or a value is no text.
    """

    __slots__ = (
        "distinguished_name",
        "email_addresses",
        "entered",
        "full_name",
        "left_over",
        "source_name",
        "user_name",
        "withheld",
    )

    def __init__(
        self,
        user_name: str,
        full_name: str | None = None,
        distinguished_name: str | None = None,
        email_addresses: str | Iterable[str] | None = (),
    ) -> None:
        # There may be a million users: what needs no look is taken as it is.
        plain = _plain_addresses(email_addresses) if type(email_addresses) is str else None
        if type(user_name) is str and (
            (plain and plain[0] == user_name)
            or (
                user_name.isascii()
                and user_name.isprintable()
                and user_name.strip() == user_name
                and 0 < len(user_name) <= NAME_CHARACTERS
            )
        ):
            self.user_name = user_name
        else:
            try:
                self.user_name = trim_name(_text("userName", user_name))
            except ValueError as error:
                raise SourceError(f"userName cannot be used: {error}") from None
            if not self.user_name:
                raise SourceError("userName is empty")
        if type(full_name) is str and full_name.isprintable():
            self.full_name = full_name.strip()
        else:
            self.full_name = _text("fullName", full_name).strip()
        dn = distinguished_name
        self.distinguished_name = "" if dn is None else _text("distinguishedName", dn).strip()
        self.left_over: list[str] | tuple[()] = ()
        self.source_name = ""
        self.entered = False
        self.withheld: list[str] | tuple[()] = ()
        self.email_addresses: list[str] = plain or []
        if email_addresses and not plain:
            self.add_addresses(email_addresses)

    def add_addresses(self, email_addresses: str | Iterable[str] | None) -> None:
        """Add addresses that the user does not have yet, or raise SourceError for a value that is no text."""
        left_over: list[str] = []
        cell = email_addresses if email_addresses is None or isinstance(email_addresses, str) else list(email_addresses)
        try:
            found = split_addresses(cell, left_over)
        except ValueError as error:
            raise SourceError(f"emailAddresses cannot be read: {error}") from None
        for address in found:
            if not address.isascii():
                _text("emailAddresses", address)
        self._take(found, left_over)

    def _take(self, addresses: list[str], left_over: Iterable[str]) -> None:
        self.email_addresses = unique(self.email_addresses + addresses) if self.email_addresses else addresses
        if left_over:
            self.left_over = [*self.left_over, *left_over]

    def renamed(self, name: str) -> User:
        """Return the user with the name that users(…) makes; this one stays, since a source may give it again."""
        user = User.__new__(User)
        for attribute in User.__slots__:
            setattr(user, attribute, getattr(self, attribute))
        user.user_name, user.source_name = name, self.user_name
        return user

    def merge(self, other: User) -> None:
        """Take over what another row says of this user: names that are missing here, and addresses."""
        self.full_name = self.full_name or other.full_name
        self.distinguished_name = self.distinguished_name or other.distinguished_name
        self._take(other.email_addresses, other.left_over)
        if other.withheld:
            self.withheld = [*self.withheld, *other.withheld]

    def to_json(self) -> str:
        """Return the JSON object of MailStore's protocol: its keys in its order, empty ones left out."""
        dn = f', "distinguishedName": {quote(self.distinguished_name)}' if self.distinguished_name else ""
        full_name = f', "fullName": {quote(self.full_name)}' if self.full_name else ""
        addresses = ", ".join(map(quote, self.email_addresses))
        given = f', "emailAddresses": [{addresses}]' if addresses else ""
        return f'{{"userName": {quote(self.user_name)}{dn}{full_name}{given}}}'


def _text(what: str, value: object) -> str:
    """Return the value; empty for None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{what} is not a text but of type {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            # Half of a surrogate pair: no client could read the JSON.
            raise SourceError(f"{what} is not valid Unicode") from None
    return value


_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
_SHAPE = bytes.maketrans(_LETTERS, b"a" * len(_LETTERS))
_MOST_SHAPES, _LONGEST_SHAPE = 4096, 100
_separators: dict[bytes, str] = {}
"""What stands between the addresses of a cell of this shape, as many cells are; empty where they are not plain."""


def _plain_addresses(cell: str) -> list[str]:
    """Return the addresses of a cell of one or two plain ones, as almost every cell is; an empty list for any other."""
    if len(cell) > _LONGEST_SHAPE or not cell.isascii():
        return []
    shape = cell.encode().translate(_SHAPE)
    separator = _separators.get(shape)
    if separator is None:
        if len(_separators) >= _MOST_SHAPES:
            _separators.clear()
        separator = _separators[shape] = _separator(shape)
    if not separator:
        return []
    words = cell.split(separator)
    if len(words) == 1:
        return words
    one, two = words
    return words if len(one) != len(two) or one.lower() != two.lower() else []


def _separator(shape: bytes) -> str:
    """Return what stands between the plain addresses of a shape, a comma for one alone; empty for any other shape."""
    for separator in (", ", "; ", ",", ";", " "):
        words = shape.split(separator.encode())
        if len(words) < 3 and all(word.strip(b"a") == b"@" and word[:1] == b"a" == word[-1:] for word in words):
            return separator
    return ""


def split_addresses(cell: object, left_over: list[str] | None = None) -> list[str]:
    """Return the addresses in one cell of a result or a table, in their order, each once.

    A cell holds one address, several separated by commas, semicolons or white space, or a JSON array of strings;
    drivers that know arrays give a list. See `cells.read` for the forms in which exports write them.

    Args:
        cell: the cell. None and empty text are no address.
        left_over: gets what is in the cell and cannot be read as an address.

    Raises:
        ValueError: the cell is neither text nor a list, or an array holds something else than text and nulls.
    """
    if cell is None:
        return []
    if isinstance(cell, str):
        if plain := _plain_addresses(cell):
            return plain
        words = cell.replace(",", " ").replace(";", " ").split()
        if all(map(is_address, words)):
            # Almost every cell.
            return words if len(words) < 2 else unique(words)
        values: Iterable[object] = json_array(cell) if cell.lstrip()[:1] == "[" else (cell,)
    elif isinstance(cell, (list, tuple)):
        values = cell
    else:
        raise ValueError(f"a cell of addresses must be text or a list, not {type(cell).__name__}")
    primary: list[str] = []
    others: list[str] = []
    for value in values:
        if value is not None and not isinstance(value, str):
            raise ValueError(f"an array of addresses holds a {type(value).__name__}")
        if value and is_address(value):
            others.append(value)
        elif value:
            from .cells import read_cell  # here, because hardly any cell needs it

            read_cell(value, primary, others, left_over)
    return unique(primary + others)


def unique(addresses: Iterable[str]) -> list[str]:
    """Return each address once: the first of those that are the same."""
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(fold(address), address)
    return list(found.values())


def json_array(cell: str) -> list[object]:
    """Return what is in a cell that starts with ``[``; ValueError if that is no JSON array."""
    import json  # here, because it costs each request more start-up than all else in this module

    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        raise ValueError("a cell of addresses starts like a JSON array and is broken") from None
    return list(values)
