"""What all sources over text files share: their options, and how a password is checked."""

from __future__ import annotations

from ... import options
from ...errors import ConfigError
from ...passwords import census, verify
from ...passwords.identify import is_no_password
from .. import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...passwords.counting import Count
    from .. import Login


class TextSource(Source):
    """A source over text files.

    Args:
        kind: the function of the configuration that makes this source.
        encoding: charset of the files.
        default_scheme: scheme of stored passwords that do not say theirs, such as ``PLAIN``.
        password_charset: tried after UTF-8, for passwords that were hashed in another charset.
        login: checks the passwords instead of those stored in the file.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(
        self,
        kind: str,
        *,
        encoding: str,
        default_scheme: str | None,
        password_charset: str | None,
        login: Login | None,
    ) -> None:
        try:
            "".encode(encoding)
        except (LookupError, TypeError):
            raise ConfigError(
                f"{kind}(): encoding must be the name of a charset, such as 'utf-8' or 'cp1252'"
            ) from None
        options.check_login(f"{kind}()", login)
        self.description = kind
        self._encoding = encoding
        self._default_scheme = default_scheme
        self._password_charset = password_charset
        self._login = login
        self._sample: str | None = None

    def _remember(self, stored: str | None) -> None:
        """Keep some user's stored password for `decoy`."""
        if self._sample is None and stored and not is_no_password(stored):
            self._sample = stored

    def _verified(self, user: str, password: str, stored: str, active: bool) -> bool:
        """Check the password of a user who is in the file."""
        if active and self._login is not None:
            return self._login.verify(user, password)
        if active and not is_no_password(stored):
            return verify(stored, password, user, self._default_scheme, self._password_charset)
        self.decoy(password)
        return False

    def schemes(self, names: Iterable[str]) -> list[Count]:
        """Read the file, and count the forms of the stored passwords of users."""
        return [] if self._login is not None else census(self._all_stored(set(names)), self._default_scheme)

    def _all_stored(self, names: set[str]) -> Iterator[str | None]:
        """Give the stored passwords of these users."""
        raise NotImplementedError

    def decoy(self, password: str) -> bool:
        """Check the password against that of some user, read when another one was looked for."""
        if self._sample is None or self._login is not None:
            return False
        try:
            verify(self._sample, password, "", self._default_scheme, self._password_charset)
        except Exception:
            return False
        return True
