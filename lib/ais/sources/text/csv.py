"""Users in a CSV file with a heading line (RFC 4180 and what spreadsheets make of it)."""

from __future__ import annotations

from _csv import Error, reader  # the csv package around it brings in re
from itertools import chain

from ...errors import ConfigError, SourceError
from ...identity import BLANKS, Fingerprints
from ...user import User, split_addresses
from ..rows import WIRE_NAMES, make_users, plain
from . import Account, TextSource, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from .. import Login

NAMES = (*WIRE_NAMES.values(), "password", "active")
"""What a column can be."""

ACTIVE = {
    **dict.fromkeys(("1", "yes", "true", "y", "on", "ja", "wahr", "active", "enabled"), True),
    **dict.fromkeys(("0", "no", "false", "n", "off", "nein", "falsch", "inactive", "disabled"), False),
}


def csv(
    path: str,
    *,
    delimiter: str | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> CsvSource:
    """List users and check passwords in a CSV file.

    Args:
        delimiter: one character; found out from the heading line when not given.
        columns: the headings of userName, fullName, distinguishedName, emailAddresses (may be several), password and
            active, where they differ from these names; case, underscores and blanks do not matter.

    The other options are those of `TextSource`.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '" \r\n\0'):
        raise ConfigError("csv(): delimiter must be one character, such as ';'")
    wanted: dict[str, list[str]] = {}
    for name, headings in (columns or {}).items():
        if name not in NAMES:
            raise ConfigError(f"csv(): columns knows {', '.join(NAMES)}, and not {name!r}")
        found = [headings] if isinstance(headings, str) else list(headings)
        several = name == "emailAddresses"
        if not found or not all(isinstance(one, str) for one in found) or (len(found) > 1 and not several):
            raise ConfigError(f"csv(): columns must name {'headings' if several else 'one heading'} for {name}")
        wanted[name] = found
    source = CsvSource(path, encoding, default_scheme, password_charset, login)
    source.delimiter, source.columns = delimiter, wanted
    return source


class CsvSource(TextSource):
    """A CSV file, with the options of `csv`."""

    description = "csv"
    elsewhere = "there is no column password: name it in columns, or set login"
    delimiter: str | None = None
    columns: dict[str, list[str]]

    def users(self) -> Iterator[User]:
        """Read the file; inactive users are left out."""
        table = Table(self._path, self._encoding, self.delimiter, self.columns)
        return make_users(table.active_rows(), table.columns, lambda _: table.place())

    def _find(self, names: set[str]) -> dict[str, Account]:
        table = Table(self._path, self._encoding, self.delimiter, self.columns)
        password_at = table.columns.get("password", [None])[0]
        found: dict[str, Account] = {}
        for row in table.rows():
            if row[table.name_at] not in names:
                if self._sample is None and password_at is not None:
                    self._remember(row[password_at].strip())
                continue
            stored = None if password_at is None else row[password_at].strip()
            account = Account(row[table.name_at], stored, active=table.is_active(row))
            known = found.setdefault(account.name, account)
            differ = known.stored and stored and known.stored != stored and self._login is None
            if differ or known.active != account.active:
                raise SourceError(f"{table.place()}: this user's rows contradict each other")
            known.stored = known.stored or stored
        return found


class Table:
    """The file, read row by row through the headings of its first line; SourceError for what cannot be read."""

    def __init__(self, path: str, encoding: str, delimiter: str | None, wanted: dict[str, list[str]]) -> None:
        self._path = path
        # newline="": a quoted cell keeps the line ends that it holds.
        self._lines = lines(path, encoding, newline="")
        self._skipped = 0
        for first in self._lines:
            if first[:4].lower() == "sep=" and len(first.rstrip("\r\n")) == 5:
                delimiter = delimiter or first[4]  # Excel's way to name the delimiter
            elif first.strip() and not first.startswith("#TYPE "):  # Windows PowerShell's Export-Csv
                break
            self._skipped += 1
        else:
            raise SourceError(f"{path} is empty: its first line must name the columns")
        self._delimiter = delimiter or find_delimiter(first)
        self._reader = reader(self._kept(first), delimiter=self._delimiter, strict=True)
        try:
            headings = next(self._reader)
        except Error as error:
            raise self._damaged(str(error)) from None
        if self._reader.line_num > 1:
            raise self._damaged("a heading has a line break")
        self._width = len(headings)
        self.columns = self._columns_of(headings, wanted)
        """The positions of each of `NAMES` that the file has; only emailAddresses has several."""
        self.name_at = self.columns["userName"][0]
        self._addresses_at = self.columns.get("emailAddresses", [])
        self._active_at = self.columns.get("active", [None])[0]

    def _columns_of(self, headings: list[str], wanted: dict[str, list[str]]) -> dict[str, list[int]]:
        known = [plain(heading.strip()) for heading in headings]
        found: dict[str, list[int]] = {}
        for name in NAMES:
            for heading in wanted.get(name, [name]):
                at = [position for position, text in enumerate(known) if text == plain(heading.strip())]
                if not at and name in wanted:
                    raise SourceError(f"{self._path} has no column {heading!r}, which columns names for {name}")
                if len(at) > 1 and name != "emailAddresses":
                    raise SourceError(f"{self._path} has two columns for {name}: keep one of them")
                if at:
                    found.setdefault(name, []).extend(at)
        if "userName" not in found:
            remedy = "name its heading, as in columns={'userName': 'Login'}"
            raise SourceError(f"{self._path} has no column userName: {remedy}")
        return found

    def _kept(self, first: str) -> Iterator[str]:
        for line in chain((first,), self._lines):
            self._last = line
            yield line

    def place(self) -> str:
        """Say where reading is."""
        return f"{self._path}, line {self._reader.line_num + self._skipped}"

    def _damaged(self, why: str) -> SourceError:
        return SourceError(f"{self.place()}: {why}: is a quotation mark missing?")

    def rows(self) -> Iterator[list[str]]:
        """Give the rows that are not blank, each as wide as the heading line, with the user name trimmed."""
        name_at, width, last = self.name_at, self._width, self._reader.line_num
        try:
            for row in self._reader:
                # Rows of other users are many: no more than this is done for each.
                line = self._reader.line_num
                if line != last + 1 and may_be_several(row, width, self._addresses_at, self._delimiter):
                    raise SourceError(
                        f"{self._path}, line {last + 1 + self._skipped}: a cell that does not hold addresses alone "
                        f"goes on to line {line + self._skipped}: is a quotation mark missing?"
                    )
                last = line
                if len(row) != width:
                    if not "".join(row).strip(BLANKS):
                        continue
                    # Spreadsheets leave out empty cells at the end of a row, or add some.
                    if "".join(row[width:]).strip(BLANKS):
                        raise self._damaged("there are more cells than headings")
                    if len(row) < width and self._last[-1] not in "\r\n":
                        raise SourceError(f"{self.place()}: the file breaks off in this row")
                    row[width:] = [""] * (width - len(row))
                name = row[name_at] = row[name_at].strip(BLANKS)
                if name:
                    yield row
                elif "".join(row).strip(BLANKS):
                    raise SourceError(f"{self.place()}: userName is empty")
        except Error as error:
            raise self._damaged(str(error)) from None

    def active_rows(self) -> Iterator[list[str]]:
        """Give the rows of active users, with the addresses of one cell separated by nothing but what `User` knows."""
        listed = Fingerprints()
        inactive: dict[int, str] = {}
        for row in self.rows():
            if not self.is_active(row):
                try:
                    inactive[hash(User(row[self.name_at]).user_name)] = self.place()
                except SourceError as error:
                    raise SourceError(f"{self.place()}: {error}") from None
                continue
            if self._active_at is not None:
                listed.add(row[self.name_at])
            for position in self._addresses_at:
                if "|" in row[position] and row[position].lstrip()[0] != "[":
                    row[position] = row[position].replace("|", " ")
            yield row
        for name in inactive.keys() & listed.all():
            raise SourceError(f"{inactive[name]}: this user's rows contradict each other")

    def is_active(self, row: list[str]) -> bool:
        """Read the column active; without it everybody is."""
        if self._active_at is None:
            return True
        found = ACTIVE.get(row[self._active_at])
        if found is None:
            found = ACTIVE.get(row[self._active_at].strip().lower())
        if found is None:
            raise SourceError(f"{self.place()}: active must be yes or no, true or false, 1 or 0")
        return found


def find_delimiter(first: str) -> str:
    """Return what makes the heading line a well-formed one of several columns, or else gives it the most columns."""

    def rate(delimiter: str) -> tuple[bool, int]:
        try:
            count = len(next(reader([first], delimiter=delimiter, strict=True), []))
            return count > 1, count
        except Error:
            return False, len(next(reader([first], delimiter=delimiter), []))

    return max(",;\t|", key=rate)


def may_be_several(row: list[str], width: int, address_columns: Container[int], delimiter: str) -> bool:
    """Say whether a row of several lines may be several rows, of which a wrong quotation mark makes one.

    It is one row if it has a cell for each heading, and its line breaks are between addresses. Rows that hold addresses
    alone show by the delimiter: the line with the first mark goes on to the last column, the one with the second begins
    with the first column.
    """
    for position, cell in enumerate(row):
        first, line_break, others = cell.replace("\r", "\n").partition("\n")
        if line_break:
            swallowed = delimiter in others or (delimiter in first and position + 1 < width)
            left_over: list[str] = []
            try:
                split_addresses(cell.replace("|", " "), left_over)
            except ValueError:
                return True
            if swallowed or left_over or position not in address_columns:
                return True
    return len(row) != width
