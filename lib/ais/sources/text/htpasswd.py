"""Users in a file of Apache's htpasswd: httpd.apache.org/docs/2.4/programs/htpasswd.html.

As mod_authn_file reads it: blanks around a line do not count, lines that start with ``#`` are comments, the first of
equal users counts, and a second colon ends the password (nginx documents a comment behind it).
"""

from __future__ import annotations

from ...errors import SourceError
from ...identity import BLANKS
from ...passwords.identify import is_htdigest
from . import Account
from .accounts import AccountSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .. import Login
    from .accounts import Paths


def htpasswd(
    path: str,
    *,
    domain: str | None = None,
    aliases: Paths = None,
    virtual: Paths = None,
    alias_domains: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    default_scheme: str | None = None,
    password_charset: str | None = None,
    login: Login | None = None,
) -> AccountSource:
    """List users and check passwords in a file of htpasswd: ``user:password``.

    For a file with clear text (``htpasswd -p``), `default_scheme` is ``PLAIN``. The options are those of
    `AccountSource` and `AccountSource.give_addresses`.
    """
    source = HtpasswdSource(path, encoding, default_scheme, password_charset, login)
    return source.give_addresses(domain, aliases, virtual, alias_domains)


class HtpasswdSource(AccountSource):
    description = "htpasswd"

    def _accounts(self, names: set[str] | None, domain: str) -> Iterator[Account]:
        path = self._path.replace("%d", domain)
        for number, name, rest in self._records(path, names, "be user:password", blanks=True):
            rest = rest.rstrip(BLANKS)
            if is_htdigest(rest):
                why = "this line is htdigest's, and htpasswd() cannot read those"
                raise SourceError(f"{path}, line {number}: {why}")
            yield Account(name, rest.partition(":")[0])
