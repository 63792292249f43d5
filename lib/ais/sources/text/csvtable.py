"""The table in a CSV file (RFC 4180 and what spreadsheets make of it), read row by row."""

from __future__ import annotations

from _csv import Error, reader  # the csv package around it brings in re
from _operator import itemgetter  # operator itself is Python code that a request need not load
from itertools import chain

from ...errors import SourceError
from ...identity import BLANKS
from ...user import User, split_addresses
from ..rows import WIRE_NAMES, plain
from . import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

NAMES = (*WIRE_NAMES.values(), "password", "active", "inactive")
"""What a column can be."""

YES_NO = {
    **dict.fromkeys(("1", "yes", "true", "y", "on", "ja", "wahr"), True),
    **dict.fromkeys(("0", "no", "false", "n", "off", "nein", "falsch"), False),
}
STATES = {"active": True, "enabled": True, "inactive": False, "disabled": False}
"""Words that mean the same in the columns active and inactive."""

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""Byte order marks, and the charset that each means."""


def find_encoding(path: str, start: bytes) -> str | None:
    """Return the charset that a byte order mark at the start of a file says; None without a mark.

    Raises:
        SourceError: the file is a workbook of Excel or another spreadsheet.
    """
    if start in (b"PK\3\4", b"\xd0\xcf\x11\xe0"):
        raise SourceError(f'{path} is a workbook and not a CSV file: in Excel, save it as "CSV UTF-8"')
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)


class Table:
    """The file, read row by row through the headings of its first line; SourceError for what cannot be read.

    With None for `wanted` no more than the headings are read, whatever they are.
    """

    reserved: list[tuple[str, None]] | None = None
    """Gets the names and the addresses of users that `active_rows` leaves out, if there is a list."""

    def __init__(
        self,
        path: str,
        encoding: str,
        delimiter: str | None,
        wanted: Mapping[str, list[str]] | None,
        words: Mapping[str, bool],
    ) -> None:
        self._path = path
        # newline="": a quoted cell keeps the line ends that it holds.
        self._lines = lines(path, encoding, newline="", find_encoding=find_encoding)
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
        self.headings = [heading.strip() for heading in headings]
        self._width = len(headings)
        if wanted is None:
            return
        self.columns = self._columns_of(headings, wanted)
        """The positions of each of `NAMES` that the file has; only fullName and emailAddresses have several."""
        self.name_at = self.columns["userName"][0]
        self._addresses_at = self.columns.get("emailAddresses", [])
        meanings = (("active", YES_NO), ("inactive", {word: not yes for word, yes in YES_NO.items()}))
        self._states = [
            (self.columns[name][0], {**meaning, **STATES, **words})
            for name, meaning in meanings
            if name in self.columns
        ]
        self._names_at = self.columns.get("fullName", [])
        if len(self._names_at) > 1:
            self.columns["fullName"] = [self._width]  # the joined ones stand behind the row: a heading may mean more

    def _columns_of(self, headings: list[str], wanted: Mapping[str, list[str]]) -> dict[str, list[int]]:
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
            from .headings import guess_columns  # here, because no file that can be read needs it

            example = guess_columns(headings).get("userName", ["Login"])[0].strip()
            remedy = f"name its heading, as in columns={{'userName': {example!r}}}"
            raise SourceError(f"{self._path} has no column userName: {remedy}")
        return found

    def _kept(self, first: str) -> Iterator[str]:
        for line in chain((first,), self._lines):
            self._last = line
            yield line

    def place(self, line: int = 0) -> str:
        """Say where reading is, or was."""
        return f"{self._path}, line {(line or self._reader.line_num) + self._skipped}"

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
        """Give the rows of active users; the addresses in a cell then have separators that `User` knows."""
        name_at, names_at = self.name_at, self._names_at
        addresses_at = [at for at in self._addresses_at if at != name_at]  # a login finds the name as it is in the file
        states = itemgetter(*(at for at, _ in self._states)) if self._states else None
        known: dict[object, bool] = {}
        # The hashes of the active names, and the lines of the inactive ones by theirs.
        listed, new, inactive = bytearray(), list[str](), dict[int, int]()
        for row in self.rows():
            if states:
                active = known.get(states(row))
                if active is None:
                    active = known[states(row)] = self.is_active(row)
                if not active:
                    inactive[self._leave_out(row)] = self._reader.line_num
                    continue
                new.append(row[name_at])
                if len(new) == 1000:
                    from struct import pack  # here, because only large lists need it

                    listed += pack("1000q", *map(hash, new))
                    new.clear()
            if len(names_at) > 1:
                row.append(" ".join(filter(None, (row[at].strip() for at in names_at))))
            for position in addresses_at:
                if "|" in row[position] and row[position].lstrip()[0] != "[":
                    row[position] = row[position].replace("|", " ")
            yield row
        earlier = chain(map(hash, new), memoryview(listed).cast("q"))
        for name in inactive.keys() & earlier if inactive else ():
            raise SourceError(f"{self.place(inactive[name])}: this user's rows contradict each other")

    def _leave_out(self, row: list[str]) -> int:
        """Return the hash of the name of an inactive user."""
        if self.reserved is not None:
            from ...cells import split_targets  # here, because hardly any list needs it

            cells = (row[at].replace("|", " ") for at in (self.name_at, *self._addresses_at))
            self.reserved += [(address, None) for cell in cells for address in split_targets(cell)]
        try:
            return hash(User(row[self.name_at]).user_name)
        except SourceError as error:
            raise SourceError(f"{self.place()}: {error}") from None

    def is_active(self, row: list[str]) -> bool:
        """Read the columns active and inactive; without them everybody is active."""
        active = True
        for at, words in self._states:
            found = words.get(row[at].strip().lower())
            if found is None:
                name = next(name for name in ("active", "inactive") if self.columns.get(name) == [at])
                more = "name other words in active_words and inactive_words"
                raise SourceError(f"{self.place()}: {name} must be yes or no, true or false, 1 or 0; {more}")
            active = active and found
        return active


def find_delimiter(first: str) -> str:
    """Return the delimiter with which the heading line is well-formed, or else has the most columns."""

    def rate(delimiter: str) -> tuple[bool, int]:
        try:
            count = len(next(reader([first], delimiter=delimiter, strict=True), []))
            return count > 1, count
        except Error:
            return False, len(next(reader([first], delimiter=delimiter), []))

    return max(",;\t|", key=rate)


def may_be_several(row: list[str], width: int, address_columns: Container[int], delimiter: str) -> bool:
    """Say whether a row of several lines may be several rows that a wrong quotation mark has joined.

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
