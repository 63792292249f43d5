"""Users in a CSV file with a heading line (RFC 4180 and what spreadsheets make of it)."""

from __future__ import annotations

from _csv import Error, reader  # the csv package around it brings in re

from .. import current
from ..errors import ConfigError, SourceError
from ..passwords import verify
from . import Source
from .rows import WIRE_NAMES, plain, users_of
from .textfile import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..user import User

NAMES = (*WIRE_NAMES.values(), "password", "active")
DELIMITERS = ",;\t|"
ACTIVE = {
    **dict.fromkeys(("1", "yes", "true", "y", "on", "ja", "active", "enabled"), True),
    **dict.fromkeys(("0", "no", "false", "n", "off", "nein", "inactive", "disabled"), False),
}


def csv(
    path: str,
    *,
    delimiter: str | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
) -> CsvSource:
    """List users and check passwords in a CSV file.

    Args:
        path: the file, relative to the configuration file.
        delimiter: one character; found out from the heading line when not given.
        columns: the headings of userName, fullName, distinguishedName, emailAddresses (may be several), password and
            active, where they differ from these names; case, underscores and blanks do not matter.
        encoding: charset of the file.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if not isinstance(path, str) or not path:
        raise ConfigError("csv(): path must be the path of a file")
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise ConfigError("csv(): delimiter must be one character, such as ';'")
    wanted: dict[str, list[str]] = {}
    for name, headings in (columns or {}).items():
        if name not in NAMES:
            raise ConfigError(f"csv(): columns knows {', '.join(NAMES)}, and not {name!r}")
        wanted[name] = [headings] if isinstance(headings, str) else list(headings)
        if len(wanted[name]) != 1 and (name != "emailAddresses" or not wanted[name]):
            raise ConfigError(f"csv(): columns must name one heading for {name}")
    try:
        "".encode(encoding)
    except (LookupError, TypeError):
        raise ConfigError("csv(): encoding must be the name of a charset, such as 'utf-8' or 'cp1252'") from None
    return CsvSource(current.path(path), delimiter, wanted, encoding, default_scheme, password_charset)


class CsvSource(Source):
    """See `csv`."""

    def __init__(
        self,
        path: str,
        delimiter: str | None,
        columns: dict[str, list[str]],
        encoding: str,
        default_scheme: str | None,
        password_charset: str | None,
    ) -> None:
        self.description = "csv"
        self._path = path
        self._delimiter = delimiter
        self._columns = columns
        self._encoding = encoding
        self._default_scheme = default_scheme
        self._password_charset = password_charset

    def users(self) -> Iterable[User]:
        """Read the file; inactive users are left out."""
        table = _Table(self)
        return users_of(table.active_rows(), table.columns, lambda _: table.place())

    def authenticate(self, user: str, password: str) -> bool | None:
        """Read the file to its end, for the user may have several rows."""
        table = _Table(self)
        name_at = table.columns["userName"][0]
        if "password" not in table.columns:
            raise SourceError(f"{self._path} has no column password: name it in columns")
        password_at = table.columns["password"][0]
        stored: set[str] = set()
        active: set[bool] = set()
        for row in table.rows():
            if row[name_at].strip() == user:
                active.add(table.is_active(row))
                if row[password_at].strip():
                    stored.add(row[password_at].strip())
                if len(stored) > 1 or len(active) > 1:
                    raise SourceError(f"{table.place()}: this user's rows contradict each other")
        if not active:
            return None
        if active == {False} or not stored:
            return False
        return verify(stored.pop(), password, user, self._default_scheme, self._password_charset)


class _Table:
    """The file, opened, with its heading line read."""

    def __init__(self, source: CsvSource) -> None:
        self._path = source._path
        self._lines = lines(source._path, source._encoding)
        first = next(self._lines, "")
        while first and not first.strip():
            first = next(self._lines, "")
        self._last = first
        delimiter = source._delimiter or self._sniffed(first)
        self._reader = reader(self._kept(first), delimiter=delimiter, strict=True)
        self._width = 0
        headings = self._next()
        if headings is None:
            raise SourceError(f"{self._path} is empty: its first line must name the columns")
        self._width = len(headings)
        self.columns = self._found(headings, source._columns)

    def place(self) -> str:
        """Say where reading is."""
        return f"{self._path}, line {self._reader.line_num}"

    def rows(self) -> Iterator[list[str]]:
        """Give the rows that are not blank, each as wide as the heading line."""
        while (row := self._next()) is not None:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > self._width:
                raise SourceError(f"{self.place()}: there are more cells than headings: is a quotation mark missing?")
            if len(row) < self._width:
                if not self._last.endswith(("\n", "\r")):
                    raise SourceError(f"{self.place()}: the file breaks off in this row")
                row += [""] * (self._width - len(row))
            if not row[self.columns["userName"][0]].strip():
                raise SourceError(f"{self.place()}: userName is empty")
            yield row

    def active_rows(self) -> Iterator[list[str]]:
        """Give the rows of active users."""
        seen: dict[str, bool] = {}
        name_at = self.columns["userName"][0]
        for row in self.rows():
            if "active" in self.columns:
                active = self.is_active(row)
                if seen.setdefault(row[name_at].strip(), active) != active:
                    raise SourceError(f"{self.place()}: this user's rows contradict each other")
                if not active:
                    continue
            yield row

    def is_active(self, row: list[str]) -> bool:
        """Read the column active; without it everybody is."""
        if "active" not in self.columns:
            return True
        word = row[self.columns["active"][0]].strip().lower()
        if word not in ACTIVE:
            raise SourceError(f"{self.place()}: active must be yes or no, true or false, 1 or 0")
        return ACTIVE[word]

    def _kept(self, first: str) -> Iterator[str]:
        yield first
        for line in self._lines:
            self._last = line
            yield line

    def _next(self) -> list[str] | None:
        try:
            row: list[str] | None = next(self._reader, None)
        except Error as error:
            raise SourceError(f"{self.place()}: {error}: is a quotation mark missing?") from None
        return row

    def _sniffed(self, first: str) -> str:
        """Return the delimiter that splits the heading line into the most columns."""
        return max(DELIMITERS, key=lambda delimiter: len(next(reader([first], delimiter=delimiter), [])))

    def _found(self, headings: list[str], wanted: dict[str, list[str]]) -> dict[str, list[int]]:
        known = [plain(heading.strip()) for heading in headings]
        found: dict[str, list[int]] = {}
        for name in NAMES:
            for heading in wanted.get(name, [name]):
                at = [position for position, text in enumerate(known) if text == plain(heading.strip())]
                if not at and name in wanted:
                    raise SourceError(f"{self._path} has no column with the heading that columns names for {name}")
                if len(at) > 1 and name != "emailAddresses":
                    raise SourceError(f"{self._path} has two columns for {name}: keep one of them")
                if at:
                    found.setdefault(name, []).extend(at)
        if "userName" not in found:
            raise SourceError(f"{self._path} has no column userName: name its heading in columns")
        return found
