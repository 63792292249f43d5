"""What to enter in MailStore once a configuration is written, and what to do next."""

from __future__ import annotations

import os
import shlex
import sys

from .options import NAME, default_config

URL = "https://YOUR.SERVER/mailstore-integration/index.php"


def print_handover(path: str, name: str, secret: str) -> None:
    """Print it.

    Args:
        path: the configuration.
        name: of the caller.
        secret: the caller's password, which is kept nowhere.
    """
    sys.stdout.write(f"""
written: {path}, which only this user can read

Enter in MailStore, where directory services are set up, as the type "Application Integration":
  URL        {URL}
  user name  {name}
  password   {secret}

The password is shown only now; the file holds its hash.
""")
    quoted = shlex.quote(path)
    if os.geteuid() == 0:
        sys.stdout.write(
            f"The web server cannot read the file yet. Let its user, and nobody else:\n"
            f"  chgrp {_web_server_group()} {quoted}\n  chmod 640 {quoted}\n"
        )
    default = default_config()
    config = "" if default and os.path.abspath(default) == path else f" --config {quoted}"
    sys.stdout.write(f"Next: {NAME} check{config}, then {NAME} probe with the URL.\n")


def _web_server_group() -> str:
    """Return the group of the web server's user, as distributions call it."""
    import grp

    known = {entry.gr_name for entry in grp.getgrall()}
    names = ("www-data", "apache", "lighttpd", "http", "www", "nginx")
    return next((name for name in names if name in known), "GROUP-OF-THE-WEB-SERVER")
