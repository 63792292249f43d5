"""What all sources over text files share: reading a file, their options, and how a password is checked."""

from __future__ import annotations

from _io import TextIOWrapper  # io itself is Python code that a request need not load (3.14)
from _stat import S_ISREG  # stat itself is Python code that a request need not load

from ...errors import ConfigError, SourceError, SourceUnavailable
from ...options import check_login, check_path
from ...packages import posix
from ...passwords import census, verify
from ...passwords.identify import is_no_password
from .. import Source, check_stored, keeps_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ...passwords.counting import Count
    from .. import Login


class Account:
    """One user of a file; `stored` is None if the password is not in the files that the configuration names."""

    __slots__ = ("active", "full_name", "name", "stored", "uid")

    def __init__(self, name: str, stored: str | None, full_name: str = "", active: bool = True) -> None:
        self.name = name
        self.stored = stored
        self.full_name = full_name
        self.active = active
        self.uid = ""


class TextSource(Source):
    """A source over text files. Its `description` is the function of the configuration that makes it.

    Args:
        path: the file, relative to the configuration file.
        encoding: charset of the files.
        scheme: the option ``default_scheme``: that of stored passwords that do not say theirs, such as ``PLAIN``.
        charset: the option ``password_charset``: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the files.

    Raises:
        ConfigError: an argument cannot be used.
    """

    path_option = "path"
    """The option that says where the file is."""

    elsewhere = "the stored password of this user is not in the files that the configuration names"
    """Said when there is no stored password for somebody who wants to log in."""

    def __init__(self, path: str, encoding: str, scheme: str | None, charset: str | None, login: Login | None) -> None:
        who = f"{self.description}()"
        try:
            "".encode(encoding)
        except (LookupError, TypeError):
            raise ConfigError(f"{who}: encoding must be the name of a charset, such as 'utf-8' or 'cp1252'") from None
        check_login(who, login)
        check_stored(who, scheme, charset)
        self._path = check_path(f"{who}: {self.path_option}", path)
        self._encoding = encoding
        self._scheme = scheme
        self._charset = charset
        self._login = login
        self.safe_to_try = login is None
        self.in_time = keeps_time(login)
        self._sample: str | None = None

    @property
    def user_files(self) -> list[str]:
        """The files with the users, for `check`: the last one has their passwords. It may be a folder of them."""
        return [self._path]

    def _find(self, names: set[str]) -> dict[str, Account]:
        """Read the file to its end, so that the time does not tell where in it a user is.

        Returns:
            The users of these names who are in the file. Of the others, some stored password is kept for `decoy`.
        """
        raise NotImplementedError

    def authenticate(self, user: str, password: str) -> bool | None:
        """Look the user up, and ask the login or check the stored password."""
        found = self._find({user}).get(user)
        if found is None:
            return None
        if found.active and self._login is not None:
            return self._login.verify(user, password)
        if found.active and found.stored is None:
            raise SourceError(f"{self._path}: {self.elsewhere}")
        if found.active and not is_no_password(found.stored or ""):
            return verify(found.stored, password, user, self._scheme, self._charset)
        self.decoy(password)
        return False

    def schemes(self, names: Iterable[str]) -> list[Count] | None:
        """Count the forms of stored passwords; SourceError if none of these users' passwords is in the file."""
        if self._login is not None:
            return None
        stored = [account.stored for account in self._find(set(names)).values()]
        if stored and stored.count(None) == len(stored):
            raise SourceError(f"{self._path}: {self.elsewhere}")
        return census(stored, self._scheme)

    def _remember(self, stored: str | None) -> None:
        """Keep some user's stored password for `decoy`."""
        if self._sample is None and stored and not is_no_password(stored):
            self._sample = stored

    def decoy(self, password: str) -> bool:
        """Check the password against that of some user, read when another one was looked for."""
        if self._sample is None or self._login is not None:
            return False
        try:
            verify(self._sample, password, "", self._scheme, self._charset)
        except Exception:
            return False
        return True


def check_alias_domains(option: str, value: object) -> Mapping[str, str] | str | None:
    """Return the option ``alias_domains``: domains by alias domain, the absolute path of a file, or None."""
    if isinstance(value, dict):
        if not all(isinstance(name, str) for pair in value.items() for name in pair):
            raise ConfigError(f"{option} must be like {{'alias.example': 'example.com'}}, or the path of a file")
        return value
    return None if value is None else check_path(option, value)


def lines(
    path: str,
    encoding: str = "utf-8",
    *,
    newline: str = "\n",
    may_be_empty: bool = False,
    find_encoding: Callable[[str, bytes], str | None] | None = None,
) -> Iterator[str]:
    """Give the lines of a file, with their line ends as they are, without a byte order mark.

    Args:
        path: the file.
        encoding: its charset.
        newline: where lines end, as `open` takes it. Only a line feed ends them by default: a carriage return inside
            a field must not begin a user.
        may_be_empty: whether a file of no bytes is a good one. Otherwise somebody has just begun to write it.
        find_encoding: says by the path and the first four bytes what charset it is in truth, or raises SourceError.

    Raises:
        SourceError: the file cannot be read, is in another charset, or has a NUL.
        SourceUnavailable: the file was changed while it was read, so what was read may be a part.
    """
    try:
        if not S_ISREG(posix.stat(path).st_mode):
            raise SourceError(f"{path} cannot be read: it is not a file")
        with open(path, "rb") as raw:
            encoding = (find_encoding and find_encoding(path, raw.peek(4)[:4])) or encoding
            file = TextIOWrapper(raw, encoding, newline=newline)
            before = posix.fstat(file.fileno())
            if not before.st_size and not may_be_empty:
                raise SourceError(f"{path} is empty")
            for number, line in enumerate(file, 1):
                if number == 1:
                    line = line.removeprefix("\ufeff")
                if "\0" in line:
                    raise SourceError(f"{path}, line {number}: there is a NUL: the file is damaged or not {encoding}")
                yield line
            after = posix.fstat(file.fileno())
    except UnicodeError:
        where = f"{path}, line {_undecodable_line(path, encoding)}"
        raise SourceError(f"{where}: not {encoding}: save it so, or name its charset in encoding") from None
    except PermissionError:
        why = "give the user that the web server runs scripts as the right to read it"
        raise SourceError(f"{path} cannot be read: {why}") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    # A file that was put in the place of this one does no harm: this one was whole and still is.
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceUnavailable(f"{path} was changed while it was read: write it to another name and rename it")


def is_there(path: str) -> bool:
    """Say whether there is such a file or folder; SourceError where this user cannot tell: rows would be missing."""
    try:
        posix.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        why = "give the user that the web server runs scripts as the right to enter its folder"
        raise SourceError(f"{path} cannot be looked at ({error.strerror}): {why}") from None
    return True


def _undecodable_line(path: str, encoding: str) -> int:
    """Return the number of the first line that is not in this charset."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        content.decode(encoding)
    except UnicodeError as error:
        return 1 + content.count(b"\n", 0, getattr(error, "start", 0))
    return 1
