"""Users in a Dovecot passwd-file: doc.dovecot.org, "Passwd-file"; dovecot/core, src/auth/db-passwd-file.c."""

from __future__ import annotations

from . import Account
from .accounts import AccountSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    alias_domains: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = "CRYPT",
    password_charset: str | None = None,
    login: Login | None = None,
) -> AccountSource:
    """List users and check passwords in a Dovecot passwd-file: ``user:password:uid:gid:gecos:home:shell:extra fields``.

    `default_scheme` is Dovecot's ``scheme`` or ``passdb_default_password_scheme``. The options are those of
    `AccountSource` and `AccountSource.give_addresses`.
    """
    source = PasswdFileSource(path, encoding, default_scheme, password_charset, login)
    return source.give_addresses(domain, aliases, virtual, alias_domains)


class PasswdFileSource(AccountSource):
    description = "passwd_file"

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        path = self._path.replace("%d", domain)
        for _, name, rest in self._records(path, names, "be user:password", least=0, ignored="#:"):
            yield parse(name, rest)


def parse(name: str, rest: str) -> Account:
    """Read what follows the name in a line; the extra fields may hold anything, colons included.

    The name to show is that of the GECOS field, which Dovecot itself ignores.
    """
    stored, _, _, gecos, _, _, extra = (rest.split(":", 6) + [""] * 6)[:7]
    if len(stored) > 4 and stored[0] not in "{$" and stored[-1] == "]" and stored[-4] == "[":
        stored = PAM_PWDFILE.get(stored[-4:], "{CRYPT}") + stored[:-4]
    return Account(name, stored, gecos.partition(",")[0], active=not extra_says_no(extra))


def extra_says_no(extra: str) -> bool:
    """Whether Dovecot's extra fields refuse the login: ``nologin``, with a value or without."""
    return "nologin" in extra and any(field.partition("=")[0] == "nologin" for field in extra.split())
