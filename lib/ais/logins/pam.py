"""Passwords that Linux-PAM checks (pam(3))."""

from __future__ import annotations

import os
import sys

from ..errors import ConfigError, SourceUnavailable
from ..network.programs import Program
from . import Login, NamedLogin, pamchild

REFUSED = {
    6: "PAM_PERM_DENIED",
    7: "PAM_AUTH_ERR",
    10: "PAM_USER_UNKNOWN",
    11: "PAM_MAXTRIES",
    12: "PAM_NEW_AUTHTOK_REQD",
    13: "PAM_ACCT_EXPIRED",
    27: "PAM_AUTHTOK_EXPIRED",
}
"""Results that are about the user or the password (_pam_types.h of Linux-PAM)."""

FOLDERS = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d", "/usr/share/pam.d")
"""Where distributions let PAM look for services."""


def pam(service: str, *, name: str = "{user}") -> Login:
    """Check passwords by PAM: whether the user may log in with it, and whether the account is valid now.

    Args:
        service: name of a file in /etc/pam.d.
        name: what PAM calls a user: a text with ``{user}``, or ``{local}`` and ``{domain}`` for its parts.

    Raises:
        ConfigError: an argument cannot be used.
    """
    bare = service.replace("-", "").replace("_", "").replace(".", "") if isinstance(service, str) else ""
    if not bare.isalnum() or not bare.isascii() or service != service.lower():  # PAM looks for small letters
        raise ConfigError("pam(): service must be the name of a file in /etc/pam.d, such as 'login', in small letters")
    if not sys.platform.startswith("linux"):
        raise ConfigError("pam() needs Linux, since other systems number PAM's results differently")
    return NamedLogin("pam(): name", name, lambda user, password: _ask(service, user, password))


def _ask(service: str, user: bytes, password: bytes) -> bool:
    """Run PAM in a process of its own, which ends with the request.

    PAM's modules wait as long as they like and change the process they are in. (What pam_exec starts is in a session
    of its own, and must end by itself.)
    """
    if not any(os.path.exists(f"{folder}/{service}") for folder in FOLDERS):
        # PAM would take the service `other` for it, and refuse everybody.
        raise ConfigError(f"pam(): there is no service {service}: {FOLDERS[0]}/{service} is missing")
    child = Program(f"PAM service {service}", [_find_python(), "-I", "-S", os.path.abspath(pamchild.__file__)], "/")
    result = child.tell(b"%s\0%s\0%s\0" % (service.encode(), user, password)) - pamchild.OFFSET
    if result == pamchild.SUCCESS:
        return True
    if result in REFUSED:
        return False
    if result == pamchild.NO_LIBRARY:
        raise ConfigError("pam(): libpam.so.0 cannot be loaded: install PAM, on Debian the package libpam0g")
    raise SourceUnavailable(f"{child}, cannot check a password: result {result}, see its log (auth.log or journal)")


def _find_python() -> str:
    """Return the path of this interpreter; under mod_wsgi or uWSGI the running program is another one."""
    if os.path.basename(sys.executable or "").startswith("python"):
        return sys.executable
    return os.path.join(sys.base_exec_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
