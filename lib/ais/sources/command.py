"""Users from the administrator's own programs, in any language."""

from __future__ import annotations

from _csv import Error, reader  # the csv package around it brings in re

from .. import options
from ..errors import ConfigError, SourceError, SourceUnavailable
from ..network.programs import Program, describe_status, name_program
from . import Source, keeps_time
from .rows import WIRE_NAMES, columns_of, make_users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..user import User
    from . import Login

FIELDS = {name: [position] for position, name in enumerate(WIRE_NAMES.values())}
"""The columns of a row that is made of a JSON object."""

ANSWERS = {0: True, 1: False, 2: None}
"""What the exit status of the program for logins means."""


def command(*, list: Sequence[str], auth: Sequence[str] | None = None, login: Login | None = None) -> CommandSource:
    """List users and check passwords by running programs.

    A program is a list of texts, its path and its arguments; no shell reads it. A path with a slash is relative to the
    configuration file, whose folder is also the working folder; a name without one is looked up in /usr/local/bin,
    /usr/bin and /bin. The environment holds PATH and LANG only. Error output is thrown away, since it may hold secrets.

    Args:
        list: prints the users and exits with 0: an array of objects as in MailStore's protocol, or CSV with a heading
            line. UTF-8.
        auth: gets the user, a NUL, the password, a NUL on standard input, as UTF-8. Exits with 0 for the right
            password, 1 for a wrong one or a user who may not log in, 2 for an unknown user.
        login: checks passwords instead of `auth`.

    Raises:
        ConfigError: an argument cannot be used.
    """
    if (auth is None) == (login is None):
        raise ConfigError("command(): give auth=[…], or login= instead of it")
    options.check_login("command()", login)
    return CommandSource(_program("list", list), None if auth is None else _program("auth", auth), login)


def _program(option: str, words: object) -> Program:
    checked = options.check_program(f"command(): {option}", words)
    return Program(name_program(option, checked), checked, options.path("."))


class CommandSource(Source):
    """Programs of the administrator's, as `command` describes them."""

    description = "command"

    def __init__(self, list: Program, auth: Program | None, login: Login | None) -> None:
        self._list = list
        self._auth = auth
        self._login = login
        self.in_time = keeps_time(login)

    def users(self) -> Iterator[User]:
        """Run the program `list`, and read what it prints once it has ended well."""
        status, output = self._list.read_output()
        if status != 0:
            raise SourceUnavailable(f"{self._list}, ended with {describe_status(status)}: run it by hand to see why")
        try:
            text = output.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = output.count(b"\n", 0, error.start) + 1
            raise SourceError(f"{self._list}: line {line} of its output is not UTF-8") from None
        del output
        try:
            if "\0" in text:
                raise SourceError("there is a NUL in its output")
            if not (first := text.lstrip()[:1]):
                raise SourceError("it printed nothing: an empty list is [] or a heading line")
            if first == "[":
                yield from make_users(_objects(text), FIELDS, lambda number: f"object {number}")
            else:
                yield from _table(text)
        except SourceError as error:
            raise SourceError(f"{self._list}: {error}") from None

    def authenticate(self, user: str, password: str) -> bool | None:
        """Run the program `auth`, or ask the login for a user that is listed."""
        name, secret = _encoded(user), _encoded(password)
        if not name:
            return None
        if not secret:
            return False
        if self._login is not None:
            return self._login.verify(user, password) if self._lists(user) else None
        assert self._auth is not None  # noqa: S101  # for the type checker
        status = self._auth.tell(b"%s\0%s\0" % (name, secret))
        if status not in ANSWERS:
            raise SourceUnavailable(f"{self._auth}, ended with {describe_status(status)}, which is no answer")
        # It may compare names loosely, as a directory behind it does.
        return None if ANSWERS[status] and not self.alone and not self._lists(user) else ANSWERS[status]

    def _lists(self, user: str) -> bool:
        return user in {known.user_name for known in self.users()}


def _encoded(text: str) -> bytes:
    """Return a text as it is given to a program; nothing for what cannot be given."""
    try:
        return b"" if "\0" in text else text.encode("utf-8")
    except UnicodeEncodeError:
        return b""


def _objects(text: str) -> Iterator[Sequence[object]]:
    """Give the objects of a JSON array as rows."""
    import json  # here, because only programs that print JSON pay for it

    try:
        found = json.loads(text)
    except ValueError as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"its output begins like a JSON array and is not valid JSON{where}") from None
    except RecursionError:
        raise SourceError("its output begins like a JSON array and is nested too deep") from None
    for number, each in enumerate(found, 1):
        if not isinstance(each, dict):
            raise SourceError(f"object {number} is not an object in braces")
        for name in FIELDS:
            value, several = each.get(name), name == "emailAddresses"
            texts = value if isinstance(value, list) else [value]
            if value is not None and (isinstance(value, list) != several or not all(isinstance(t, str) for t in texts)):
                raise SourceError(f"object {number}: {name} must be {'an array of texts' if several else 'a text'}")
        yield [each.get(name) for name in FIELDS]


def _table(text: str) -> Iterator[User]:
    """Read CSV as RFC 4180 describes it, with one of several delimiters; only cells of addresses have line breaks."""
    import io

    from .text.csvtable import find_delimiter, may_be_several

    delimiter = find_delimiter(text.lstrip().partition("\n")[0].partition("\r")[0])
    rows = reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def checked() -> Iterator[list[str]]:
        last = rows.line_num
        for row in rows:
            first, last = last + 1, rows.line_num
            if not row:
                continue
            if len(row) != len(headings):
                widths = f"has {len(row)} cells, and the heading line {len(headings)}"
                raise SourceError(f"line {last} of its output {widths}")
            if last > first and may_be_several(row, len(headings), addresses, delimiter):
                raise SourceError(
                    f"line {first} of its output: a cell that does not hold addresses alone goes on to line {last}: "
                    "is a quotation mark missing?"
                )
            yield row

    try:
        headings = next(filter(None, rows), [])
        if any("\n" in heading or "\r" in heading for heading in headings):
            raise SourceError("the heading line has a line break in a cell: is a quotation mark missing?")
        columns = columns_of([heading.strip() for heading in headings], "its output")
        addresses = columns.get("emailAddresses", ())
        yield from make_users(checked(), columns, lambda _: f"line {rows.line_num} of its output")
    except Error as error:
        raise SourceError(f"its output is neither JSON nor CSV: {error}") from None
