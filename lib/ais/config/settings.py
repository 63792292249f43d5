"""What a configuration file says by a plain call at its top level: guard, throttle, users, log.

Each raises ConfigError for an argument that cannot be used.
"""

from __future__ import annotations

from .. import options
from ..errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Setting:
    """Superclass of the four settings. A call makes one, and the loader finds it, even if no name is assigned to it."""

    def __init__(self) -> None:
        name = type(self).__name__.lower()
        if options.settings is not None:
            if name in options.settings:
                raise ConfigError(f"{name}() is called twice: keep one of them")
            options.settings[name] = self


class Guard(Setting):
    """Refuse a list that looks like a failed one.

    Args:
        min_users: the fewest users that a list may have.
        max_shrink: the share of the names of the last list served that may be missing from the next, 0 to 1.
    """

    def __init__(self, min_users: int = 1, max_shrink: float = 0.3) -> None:
        super().__init__()
        self.min_users = _whole("guard(): min_users", min_users, 0)
        if not is_number(max_shrink) or not 0 <= max_shrink <= 1:
            raise ConfigError("guard(): max_shrink must be a number from 0 to 1, such as 0.3 for 30 %")
        self.max_shrink = max_shrink


class Throttle(Setting):
    """Stop asking the source after repeated wrong passwords of one user.

    Args:
        failures: wrong passwords within the window that are still tried.
        window: seconds.
    """

    def __init__(self, failures: int = 10, window: float = 900) -> None:
        super().__init__()
        self.failures = _whole("throttle(): failures", failures, 1)
        if not is_number(window) or not 0 < window < float("inf"):
            raise ConfigError("throttle(): window must be a number of seconds above 0")
        self.window = window


class Users(Setting):
    """Shape the user names of all sources.

    Args:
        lowercase: write user names in lower case.
        domain: added as ``@domain`` to user names that have none.
        strip_domain: taken off user names that end in ``@domain``.
        distinguished_name: a pattern such as ``uid={userName},dc=example,dc=com`` for users without one.
        skip: user names that are neither listed nor let in; ``*`` matches any characters.
    """

    def __init__(
        self,
        lowercase: bool = False,
        domain: str | None = None,
        strip_domain: str | None = None,
        distinguished_name: str | None = None,
        skip: Iterable[str] = (),
    ) -> None:
        super().__init__()
        if not isinstance(lowercase, bool):
            raise ConfigError("users(): lowercase must be True or False")
        if not isinstance(distinguished_name, str | None) or "{userName}" not in (distinguished_name or "{userName}"):
            raise ConfigError("users(): distinguished_name must be a text that contains {userName}")
        self.skip = options.check_texts("users(): skip", skip, "user names")
        # The entries of skip that have matched a user, for `check`.
        self.used: set[str] = set()
        self.lowercase = lowercase
        self.domain = _domain("domain", domain.lower() if lowercase and isinstance(domain, str) else domain)
        self.strip_domain = _domain("strip_domain", strip_domain)
        self.distinguished_name = distinguished_name
        # Whether names that differ in case only may become one.
        self.folds = bool(lowercase or self.strip_domain)
        # Whether anything of this is wanted.
        self.shape = bool(lowercase or self.domain or self.strip_domain or distinguished_name or self.skip)


class Log(Setting):
    """Choose where the log goes.

    Args:
        to: ``stderr``, ``syslog`` or the path of a file.
        level: ``info`` (a line for each request) or ``error`` (only what went wrong).
    """

    def __init__(self, to: str = "stderr", level: str = "info") -> None:
        super().__init__()
        if level not in ("info", "error"):
            raise ConfigError("log(): level must be 'info' or 'error'")
        named = to in ("stderr", "syslog")
        self.to = to if named else options.check_path("log(): to", to, "'stderr', 'syslog' or the path of a file")
        self.level = level


guard, throttle, users, log = Guard, Throttle, Users, Log


def is_number(value: object) -> bool:
    """Say whether an option is a number; Python counts True and False as numbers, too, and this does not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(option: str, value: float, least: int) -> int:
    if not is_number(value) or value % 1 or value < least:  # infinity and nan leave nan, which is true
        raise ConfigError(f"{option} must be a whole number, {least} or more")
    return int(value)


def _domain(option: str, value: object) -> str | None:
    if value is None:
        return None
    domain = value.strip().removeprefix("@") if isinstance(value, str) else ""
    if not all(label.replace("-", "").replace("_", "").isalnum() for label in domain.split(".")):
        raise ConfigError(f"users(): {option} must be a domain such as example.com")
    return domain
