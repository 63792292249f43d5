"""Users in a Dovecot passwd-file: doc.dovecot.org, "Passwd-file"; dovecot/core, src/auth/db-passwd-file.c."""

from __future__ import annotations

from . import Account
from .accounts import AccountSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
        domain: makes the address of users whose names are no addresses.
        default_scheme: scheme of stored passwords that do not say theirs, as Dovecot's ``scheme`` or
            ``passdb_default_password_scheme`` has it.

    The other options are those of `AccountSource`.
    """
    return PasswdFileSource(path, encoding, default_scheme, password_charset, login, domain, aliases, virtual)


class PasswdFileSource(AccountSource):
    """A passwd-file of Dovecot."""

    description = "passwd_file"

    def _accounts(self, names: set[str] | None) -> Iterator[Account]:
        for _, name, rest in self._records(self._path, names, "be user:password", least=0, ignored="#:"):
            yield parse(name, rest)


def parse(name: str, rest: str) -> Account:
    """Read what follows the name in a line without its end.

    The rest may hold anything in its extra fields, colons included. The name to show is that of the GECOS field, which
    Dovecot itself ignores.
    """
    fields = rest.split(":", 6)
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
