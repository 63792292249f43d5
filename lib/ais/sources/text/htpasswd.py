"""Users in a file of Apache's htpasswd: httpd.apache.org/docs/2.4/programs/htpasswd.html.

As mod_authn_file reads it: blanks around a line do not count, lines that start with ``#`` are comments, the first of
equal users counts, and a second colon ends the password (nginx documents a comment behind it).
"""

from __future__ import annotations

from ...errors import SourceError
from ...options import check_path
from .accounts import Account, AccountSource
from .lines import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .. import Login
    from .accounts import Paths


def htpasswd(
    path: str,
    *,
    domain: str | None = None,
    aliases: Paths = None,
    virtual: Paths = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> HtpasswdSource:
    """List users and check passwords in a file of htpasswd: ``user:password``.

    Args:
        path: the file, relative to the configuration file.
        domain: makes the address of users whose names are none.
        aliases: files of local aliases (``/etc/aliases``); one path or several.
        virtual: Postfix virtual alias maps, the text files of them; one path or several.
        encoding: charset of the files.
        default_scheme: ``PLAIN`` for a file with clear text (``htpasswd -p``).
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the file.

    Raises:
        ConfigError: an argument cannot be used.
    """
    return HtpasswdSource(
        check_path("htpasswd(): path", path),
        domain=domain,
        aliases=aliases,
        virtual=virtual,
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class HtpasswdSource(AccountSource):
    """See `htpasswd`. Arguments as for `AccountSource`, and the path of the file before them."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__("htpasswd", **options)
        self._path = path

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        for number, line in enumerate(lines(self._path, self._encoding), 1):
            line = line.strip()
            if not line or line[0] == "#":
                continue
            name, colon, rest = line.partition(":")
            name = name.rstrip()
            if not colon or not name:
                raise SourceError(f"{self._path}, line {number}: it must be user:password")
            if name == wanted or wanted is None or self._sample is None:
                yield Account(name, rest.partition(":")[0])
