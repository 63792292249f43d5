"""Application Integration Server for MailStore.

The names below are what a configuration file may import. Each is loaded when it is named (PEP 562), since a CGI request
pays for every module that it loads.
"""

from __future__ import annotations

from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

BEGUN = time()
"""When this library began to be loaded."""

PRESETS = (
    "postfixadmin", "mailcow", "iredmail", "ispconfig", "modoboa", "mailinabox", "vimbadmin", "froxlor", "vexim",
    "hmailserver", "nextcloud", "wordpress", "django", "docker_mailserver", "hestia", "plesk", "keyhelp", "grommunio",
    "kopano", "mailu", "cyberpanel", "egroupware", "keycloak", "odoo", "aspnet_identity", "cpanel",
    "directadmin", "virtualmin",
)  # fmt: skip

# No module directly in this folder may carry one of these names: importing the module would hide the function.
PUBLIC = {
    "caller": "config.callers",
    "web_server": "config.callers",
    "sql": "sources.sql",
    **{name: f"sources.text.{name}" for name in ("csv", "passwd", "htpasswd", "passwd_file")},
    "ldap": "sources.ldap",
    "command": "sources.command",
    **{name: f"logins.{name}" for name in ("imap", "ldap_bind", "pam", "checkpassword", "http_basic")},
    "Source": "sources",
    "User": "user",
    **dict.fromkeys(("guard", "throttle", "users", "log"), "config.settings"),
    **{name: f"presets.{name}" for name in PRESETS},
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'ais' has no attribute {name!r}")
    value = getattr(__import__(f"ais.{PUBLIC[name]}", fromlist=[name]), name)
    globals()[name] = value
    return value
