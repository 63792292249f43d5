"""Users of a Unix system: passwd(5), shadow(5)."""

from __future__ import annotations

from time import time

from ...errors import ConfigError, SourceError
from ...options import check_path
from ...passwords.identify import is_no_password
from .accounts import Account, AccountSource
from .lines import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .. import Login
    from .accounts import Paths

DAY = 86400
"""Seconds."""


def passwd(
    path: str = "/etc/passwd",
    *,
    shadow: str | None = None,
    domain: str | None = None,
    min_uid: int = 1000,
    max_uid: int = 65533,
    skip_shells: Sequence[str] = (),
    aliases: Paths = None,
    virtual: Paths = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> PasswdSource:
    """List users and check passwords of a Unix system.

    Args:
        path: the file of users, relative to the configuration file.
        shadow: the file of their passwords, such as ``/etc/shadow``, which tells who is locked or expired as well.
            Without it the passwords are those of the second field in ``path``.
        domain: makes the address of users whose names are none.
        min_uid: users with a smaller number are none of people.
        max_uid: users with a larger number are none of people.
        skip_shells: users with one of these shells are left out, such as ``/usr/sbin/nologin``. Nobody by default,
            since mail servers give their users such a shell.
        aliases: files of local aliases (``/etc/aliases``); one path or several.
        virtual: Postfix virtual alias maps, the text files of them; one path or several.
        encoding: charset of the files.
        default_scheme: scheme of stored passwords that do not say theirs.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the files.

    Raises:
        ConfigError: an argument cannot be used.
    """
    for name, value in (("min_uid", min_uid), ("max_uid", max_uid)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ConfigError(f"passwd(): {name} must be a number, 0 or more")
    if isinstance(skip_shells, str) or not all(isinstance(shell, str) for shell in skip_shells):
        raise ConfigError("passwd(): skip_shells must be a list of shells, such as ['/usr/sbin/nologin']")
    return PasswdSource(
        check_path("passwd(): path", path),
        None if shadow is None else check_path("passwd(): shadow", shadow),
        range(min_uid, max_uid + 1),
        frozenset(skip_shells),
        domain=domain,
        aliases=aliases,
        virtual=virtual,
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class PasswdSource(AccountSource):
    """See `passwd`. Arguments as for `AccountSource`, and before them what only this source has."""

    elsewhere = "the password of this user is in the shadow file: name it in shadow, and let it be read"

    def __init__(self, path: str, shadow: str | None, uids: range, skipped: frozenset[str], **options: Any) -> None:
        super().__init__("passwd", **options)
        self._path = path
        self._shadow = shadow
        self._uids = uids
        self._skipped = skipped

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        shadow = None if self._shadow is None else self._shadow_lines(self._shadow, wanted)
        seen = set()
        for number, name, rest in self._records(self._path, 7):
            if wanted is not None and name != wanted and (shadow is not None or self._sample is not None):
                continue
            stored, uid, _, gecos, _, shell = rest.split(":")
            if not (uid.isascii() and uid.isdigit()):
                raise SourceError(f"{self._path}, line {number}: the third field must be the user's number")
            # The first of equal names counts, also where it is none of a person.
            if name not in seen and int(uid) in self._uids and shell not in self._skipped:
                yield self._account(name, stored, _full_name(gecos, name), shadow)
            seen.add(name)

    def _account(self, name: str, stored: str, full_name: str, shadow: dict[str, tuple[str, bool]] | None) -> Account:
        expired = False
        if stored == "x":
            if shadow is None:
                return Account(name, None, full_name)
            if name not in shadow:
                raise SourceError(f"{self._shadow} has no line for a user of {self._path}: run pwck")
            stored, expired = shadow[name]
        locked = stored[:1] in ("", "!", "*") or is_no_password(stored)
        return Account(name, stored, full_name, active=not locked and not expired)

    def _shadow_lines(self, path: str, wanted: str | None) -> dict[str, tuple[str, bool]]:
        """Return the stored password of each user, and whether the account has expired; of one user if `wanted`."""
        today = int(time() // DAY)
        found: dict[str, tuple[str, bool]] = {}
        for number, name, rest in self._records(path, 9):
            if wanted is not None and name != wanted:
                if self._sample is None:
                    self._remember(rest.partition(":")[0])
                continue
            stored, _, _, _, _, _, expires, _ = rest.split(":")
            if expires and not (expires.removeprefix("-").isdigit() and expires.isascii()):
                raise SourceError(f"{path}, line {number}: the eighth field must be a number of days or empty")
            # -1 is never, as empty is (chage(1)); the day itself is the first without access.
            found.setdefault(name, (stored, bool(expires) and 0 <= int(expires) <= today))
        return found

    def _records(self, path: str, fields: int) -> Iterator[tuple[int, str, str]]:
        """Give number, name and rest of each line. Comments, and users of NIS (``+``, ``-``), are left out."""
        for number, line in enumerate(lines(path, self._encoding), 1):
            line = line.strip()
            if not line or line[0] in "#+-":
                continue
            if line.count(":") != fields - 1 or line[0] == ":":
                raise SourceError(f"{path}, line {number}: it must have a name and {fields} fields separated by colons")
            name, _, rest = line.partition(":")
            yield number, name.rstrip(), rest


def _full_name(gecos: str, name: str) -> str:
    """Return the name in a GECOS field: its first part, where ``&`` stands for the login with a capital (finger(1))."""
    return gecos.partition(",")[0].replace("&", name[:1].upper() + name[1:])
