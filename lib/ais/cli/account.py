"""The user that the web server runs scripts as. Commands that root runs name it, or work for it."""

from __future__ import annotations

import shlex
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pwd


def find_web_user() -> pwd.struct_passwd | None:
    """Return this user, by the names that distributions give it; None if no user has one of them."""
    import pwd  # here, because Windows has no such module

    for name in ("www-data", "apache", "lighttpd", "http", "wwwrun", "nginx"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def as_web_user(command: str) -> str:
    """Return what root types to run a command as this user."""
    user = find_web_user()
    return f"su -s /bin/sh {user.pw_name if user else 'USER-OF-THE-WEB-SERVER'} -c {shlex.quote(command)}"
