"""Users in a Dovecot passwd-file: doc.dovecot.org, "Passwd-file"; dovecot/core, src/auth/db-passwd-file.c."""

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

# The suffix of a bare password, from libpam-pwdfile.
PAM_PWDFILE = {"[13]": "{CRYPT}", "[34]": "{PLAIN-MD5}", "[56]": "{DIGEST-MD5}"}


def passwd_file(
    path: str,
    *,
    domain: str | None = None,
    aliases: Paths = None,
    virtual: Paths = None,
    encoding: str = "utf-8",
    default_scheme: str | None = "CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> PasswdFileSource:
    """List users and check passwords in a Dovecot passwd-file: ``user:password:uid:gid:gecos:home:shell:extra fields``.

    Args:
        path: the file, relative to the configuration file.
        domain: makes the address of users whose names are none.
        aliases: files of local aliases (``/etc/aliases``); one path or several.
        virtual: Postfix virtual alias maps, the text files of them; one path or several.
        encoding: charset of the files.
        default_scheme: scheme of stored passwords that do not say theirs, as Dovecot's ``scheme`` or
            ``passdb_default_password_scheme`` has it.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the file.

    Raises:
        ConfigError: an argument cannot be used.
    """
    return PasswdFileSource(
        check_path("passwd_file(): path", path),
        "passwd_file",
        domain=domain,
        aliases=aliases,
        virtual=virtual,
        encoding=encoding,
        default_scheme=default_scheme,
        password_charset=password_charset,
        login=login,
    )


class PasswdFileSource(AccountSource):
    """See `passwd_file`. Arguments as for `AccountSource`, and the path of the file before them."""

    def __init__(self, path: str, kind: str, **options: Any) -> None:
        super().__init__(kind, **options)
        self._path = path

    def _accounts(self, wanted: str | None) -> Iterator[Account]:
        for number, line in enumerate(lines(self._path, self._encoding), 1):
            if line[:1] in "#:\r\n":
                continue
            name, colon, rest = line.partition(":")
            if not colon and line[-1] != "\n":
                raise SourceError(
                    f"{self._path}, line {number}: the file breaks off in this line: "
                    "if this is a user without a password, end the line"
                )
            name = name.strip()
            if name and (name == wanted or wanted is None or self._sample is None):
                yield parsed(name, rest)


def parsed(name: str, rest: str) -> Account:
    """Read what follows the name.

    The rest may hold anything in its extra fields, colons included. The name to show is that of the GECOS field, which
    Dovecot itself ignores.
    """
    fields = rest.rstrip("\r\n").split(":", 6)
    extra = fields[6] if len(fields) > 6 else ""
    gecos = fields[3] if len(fields) > 3 else ""
    return Account(
        name,
        stored=_with_scheme(fields[0]),
        full_name=gecos.partition(",")[0],
        active=not extra_says_no(extra),
    )


def extra_says_no(extra: str) -> bool:
    """Whether Dovecot's extra fields refuse the login: ``nologin``, with a value or without."""
    return "nologin" in extra and any(field.partition("=")[0] == "nologin" for field in extra.split())


def _with_scheme(stored: str) -> str:
    if len(stored) > 4 and stored[0] not in "{$" and stored[-1] == "]" and stored[-4] == "[":
        return PAM_PWDFILE.get(stored[-4:], "{CRYPT}") + stored[:-4]
    return stored
