"""Users of a Unix system: passwd(5), shadow(5)."""

from __future__ import annotations

from time import time

from ...errors import ConfigError, SourceError
from ...identity import BLANKS
from ...options import check_path, check_texts
from ...passwords.identify import is_no_password
from . import Account
from .accounts import AccountSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from ...user import User
    from .. import Login
    from .accounts import Paths

    Shadow: TypeAlias = dict[str, tuple[str, bool]]

DAY_SECONDS = 86400

NOBODY = 65534
"""The uid that every system has for nobody (systemd, docs/UIDS-GIDS.md)."""


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
    alias_domains: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> PasswdSource:
    """List users and check passwords of a Unix system.

    Args:
        path: the file of users.
        shadow: the file of their passwords, such as ``/etc/shadow``, which tells who is locked or expired as well.
            Without it the passwords are those of the second field in `path`.
        min_uid: smaller uids are system accounts.
        max_uid: larger uids are left out.
        skip_shells: users with one of these shells are left out, such as ``/usr/sbin/nologin``. Nobody by default,
            since mail servers give their users such a shell.

    The other options are those of `AccountSource` and `AccountSource.give_addresses`.
    """
    check_uid("passwd(): min_uid", min_uid)
    check_uid("passwd(): max_uid", max_uid)
    what = "shells, such as ['/usr/sbin/nologin']"
    shells = check_texts("passwd(): skip_shells", skip_shells, what, or_one=False)
    source = PasswdSource(path, encoding, default_scheme, password_charset, login)
    source.shadow = None if shadow is None else check_path("passwd(): shadow", shadow)
    if "%d" in (source.shadow or "") and "%d" not in source._path:
        raise ConfigError("passwd(): %d in shadow needs %d in path, too")
    source.uids = range(min_uid, max_uid + 1)
    source.skip_shells = frozenset(shells)
    return source.give_addresses(domain, aliases, virtual, alias_domains)


def check_uid(option: str, value: object) -> None:
    """Check that an option is a uid."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{option} must be a number, 0 or more")


class PasswdSource(AccountSource):
    """The users of a Unix system with one of `uids` and none of `skip_shells`; `shadow` has their passwords."""

    description = "passwd"
    elsewhere = "the password of this user is in the shadow file: name it in shadow, and let it be read"
    shadow: str | None = None
    uids: range
    skip_shells: frozenset[str]
    skipped_uids = 0
    """How many users the last list has left out because their uids are too large."""

    @property
    def user_files(self) -> list[str]:
        return [self._path, *filter(None, [self.shadow])]

    def users(self) -> Iterable[User]:
        self.skipped_uids = 0
        return super().users()

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        path = self._path.replace("%d", domain)
        shadow_path = None if self.shadow is None else self.shadow.replace("%d", domain)
        shadow = None if shadow_path is None else self._shadow_lines(shadow_path, names)
        seen = set()
        larger = 0
        for number, name, fields in self._lines(path, names, 7):
            if shadow is not None and names is not None and name not in names:
                continue
            stored, uid, _, gecos, _, shell = fields
            if not (uid.isascii() and uid.isdigit()):
                raise SourceError(f"{path}, line {number}: the third field must be the user's number")
            # The first of equal names counts, also where it is a system account.
            if name not in seen and shell not in self.skip_shells:
                if int(uid) in self.uids:
                    if stored == "x" and shadow is not None and name not in shadow:
                        raise SourceError(f"{shadow_path} has no line for a user of {path}: run pwck")
                    full_name = gecos.partition(",")[0].replace("&", name[:1].upper() + name[1:])  # as finger(1) does
                    account = self._account(name, stored, full_name, shadow)
                    account.uid = uid
                    yield account
                else:
                    larger += int(uid) >= self.uids.stop and int(uid) != NOBODY
            seen.add(name)
        if names is None:
            self.skipped_uids += larger

    def _account(self, name: str, stored: str, full_name: str, shadow: Shadow | None) -> Account:
        expired = False
        if stored == "x" and shadow is not None:
            stored, expired = shadow[name]
        elif stored == "x" or (stored == "*" and self._login is not None):
            return Account(name, None, full_name)  # the password is elsewhere; SSSD and the BSDs write *
        locked = stored[:1] in ("", "!", "*") or is_no_password(stored)
        return Account(name, stored, full_name, active=not locked and not expired)

    def _shadow_lines(self, path: str, names: set[str] | None) -> Shadow:
        """Return the stored password of each user who is wanted, and whether the account has expired."""
        today = int(time() // DAY_SECONDS)
        found: Shadow = {}
        for number, name, (stored, _, _, _, _, _, expires, _) in self._lines(path, names, 9):
            if names is not None and name not in names:
                self._remember(stored)
                continue
            if expires and not (expires.removeprefix("-").isdigit() and expires.isascii()):
                raise SourceError(f"{path}, line {number}: the eighth field must be a number of days or empty")
            # -1 is never, as empty is (chage(1)); the day itself is the first without access.
            found.setdefault(name, (stored, bool(expires) and 0 <= int(expires) <= today))
        return found

    def _lines(self, path: str, names: set[str] | None, fields: int) -> Iterator[tuple[int, str, list[str]]]:
        """Give number, name and other fields of each line. Comments, and users of NIS (``+``, ``-``), are left out."""
        shape = f"have a name and {fields} fields separated by colons"
        # SSSD gives names with blanks, as Active Directory has them.
        given = self._records(path, names, shape, least=fields - 1, exact=True, ignored="#+-", blanks=True)
        return ((number, name, rest.rstrip(BLANKS).split(":")) for number, name, rest in given)
