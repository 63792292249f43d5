"""What is wrong with a folder of tenants, beyond what is wrong with each configuration in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from shlex import quote

from ..config import TENANT_RULE, Config, is_tenant
from ..config.callers import Caller
from ..errors import command
from .report import Finding


def tenants_in(folder: str) -> list[str]:
    """Return the names of the tenants that have a configuration in a folder, sorted.

    Raises:
        OSError: the folder cannot be read.
    """
    return sorted(name for name in map(_name_of, os.listdir(folder)) if is_tenant(name))


def look_at_folder(folder: str) -> Iterator[Finding]:
    """Look at what is in the folder and belongs to no tenant, and at the rights of the folder."""
    names = os.listdir(folder)
    for name in sorted(names):
        if name.lower().endswith(".py") and not is_tenant(_name_of(name)):
            text = f"{name}: no address leads to this file, since a tenant's name has {TENANT_RULE}"
            yield Finding("tenant-name", text, f"give it the name of a tenant, or take it out of {folder}")
    if not tenants_in(folder):
        text = f"{folder} has no configuration of a tenant"
        yield Finding("no-tenants", text, f"{command()} init --tenants {quote(folder)} --tenant NAME writes one")
    if stat.S_IMODE(os.stat(folder).st_mode) & 0o022:
        text = f"{folder} can be changed by others, so that they could add a tenant"
        yield Finding("writable", text, f"chmod go-w {quote(folder)}")


class KnownCallers:
    """The callers of the tenants looked at so far."""

    def __init__(self) -> None:
        self._tenants: dict[tuple[str, str], str] = {}

    def look_at(self, tenant: str, config: Config) -> Iterator[Finding]:
        """Find callers that another tenant has too, such as in a configuration that was copied."""
        for known in config.callers:
            if isinstance(known, Caller):
                other = self._tenants.setdefault((known.user, known.secret), tenant)
                if other != tenant:
                    text = f"the caller {known.user} has the same password under {other}, and gets the users of both"
                    advice = f"make another one with {command()} hash-password, and enter it in MailStore"
                    yield Finding("caller-shared", text, advice)


def _name_of(file: str) -> str:
    """Return the name of the tenant that has its configuration in a file of this name; empty for other files."""
    return file[:-3] if file.endswith(".py") else ""
