"""Which versions of packages will do.

It also runs in the interpreter that the web server starts, to say which packages that one has: see `entries`.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import NamedTuple


class Need(NamedTuple):
    """What is needed of a package.

    Attributes:
        module: the name to import, and, after a comma, an older name.
        works: the first version that works.
        safe: the first version without a security fault that matters here. Distributions mend those of their own
            packages without another version.
    """

    module: str
    works: str
    safe: str


NEEDS = {
    "python-multipart": Need("python_multipart, multipart.multipart", "0.0.7", "0.0.15"),
    "psycopg": Need("psycopg", "3.1.7", "3.1.7"),
    "PyMySQL": Need("pymysql", "1.0.2", "1.1.1"),  # CVE-2024-36039
    "cryptography": Need("cryptography", "38", "38"),
    "pymssql": Need("pymssql", "2.2", "2.2"),
    "pyodbc": Need("pyodbc", "5", "5"),
    "oracledb": Need("oracledb", "2", "2"),
    "ldap3": Need("ldap3", "2.9", "2.9"),
    "pyasn1": Need("pyasn1", "0.4.8", "0.6.4"),  # CVE-2026-59884, -59885: a server's answer takes all the processor
    "redis": Need("redis", "5", "5"),
    "libpass": Need("passlib", "1.9.4", "1.9.4"),
    "bcrypt": Need("bcrypt", "3.2", "4.1"),
    "argon2-cffi": Need("argon2", "21.1", "23.1"),
}
"""The packages whose version is looked at, by pip's name; pyproject.toml asks pip for the same."""

ALWAYS = "python-multipart"

DISTRIBUTIONS = "/usr/lib/"
"""Where Debian, Ubuntu and Red Hat keep their own packages; pip installs elsewhere."""


def needed() -> list[str]:
    """Return the packages that this process has loaded, and the one that is always needed."""
    return [name for name, need in NEEDS.items() if need.module in sys.modules or name == ALWAYS]


def faults(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield packages that will not do, each with what is wrong."""
    for name in names:
        if fault := fault_of(name):
            yield name, fault


def fault_of(name: str, anywhere: bool = False) -> str:
    """Return what is wrong with a package in this interpreter; empty if nothing is.

    Args:
        name: pip's name; a package whose version does not matter need not be in `NEEDS`.
        anywhere: whether it is copied to another computer, where no distribution corrects it.
    """
    if name not in NEEDS:
        return ""
    need = NEEDS[name]
    if not any(map(importable, need.module.split(", "))):
        other = ": the package multipart is another program" if name == ALWAYS and importable("multipart") else ""
        return f"is missing, or cannot be loaded by this Python{other}"
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""  # as Debian's passlib in place of libpass, which reads the same
    own = not anywhere and str(found.locate_file("")).startswith(DISTRIBUTIONS)
    least = need.works if own else need.safe
    is_old = _numbers(found.version) < _numbers(least)
    return f"{found.version} is too old: at least {least} is needed" if is_old else ""


def wish(name: str) -> str:
    """Return what to give to pip for a package that will do."""
    return f"--upgrade '{name}>={NEEDS[name].safe}'" if name in NEEDS else name


def importable(module: str) -> bool:
    """Whether a module is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the old name of a package says that it is old
        try:
            __import__(module)
        except ImportError:
            return False
    return True


def _numbers(version: str) -> list[int]:
    found = re.match(r"[\d.]*", version)
    return [int(number) for number in (found[0] if found else "").split(".") if number]
