"""Third-party packages for ``lib/vendor``. They are copied from those installed here; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import metadata
from importlib.util import find_spec

from ...checking.versions import fault_of, wish
from ...errors import AISError, remedy


class BundleError(AISError):
    """The bundle cannot be made; the text says why and what to do."""


ALWAYS = (("python-multipart", "python_multipart"),)
"""Packages of every bundle: the name that pip knows, and the name to import."""

EXTRAS = {
    "ldap": (("ldap3", "ldap3"), ("pyasn1", "pyasn1")),
    "mysql": (("PyMySQL", "pymysql"),),
    "passwords": (("libpass", "passlib"),),
    "redis": (("redis", "redis"),),
}
"""What ``--with`` takes: packages in pure Python, which run wherever Python does."""

IF_INSTALLED = {"redis": (("async-timeout", "async_timeout"),)}
"""What an extra needs on some hosts only, here because redis's metadata asks for it before Python 3.11.3."""

COMPILED = {
    "argon2": "argon2-cffi",
    "bcrypt": "bcrypt",
    "cryptography": "cryptography",
    "mssql": "pymssql",
    "odbc": "pyodbc",
    "oracle": "oracledb",
    "postgresql": "psycopg[binary]",
}
"""What ``--with`` refuses: packages that are compiled for one kind of computer and one Python."""

LEFT_OUT = {
    "mysql": "cryptography is compiled and left out. Only MySQL's default login without TLS (caching_sha2_password)"
    " needs it",
    "redis": "a host whose Python is older than 3.11.3 also needs async-timeout; it is included if it is installed"
    " here",
    "passwords": "bcrypt and argon2-cffi are compiled and left out. bcrypt hashes then need the host's libcrypt, Argon2"
    " hashes its argon2-cffi",
}
"""What a user of an extra should know."""

_COMPILED_SUFFIXES = (".so", ".pyd", ".dll", ".dylib")
_NOT_COPIED = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")  # about the installation here


def wanted(extras: Sequence[str]) -> list[tuple[str, str]]:
    """Return the packages for these extras, as pairs like those of `ALWAYS`."""
    packages = list(ALWAYS)
    for extra in extras:
        if extra in COMPILED:
            package = COMPILED[extra]
            raise BundleError(
                f"{extra} needs {package}, which is compiled for one kind of computer and one Python, so it cannot be"
                f" in the bundle: ask the host to install it, or, with a shell there, run in the uploaded folder:"
                f" python3 -m pip install --target lib/vendor '{package}'"
            )
        if extra not in EXTRAS:
            raise BundleError(f"--with {extra} is not known: choose from {', '.join(sorted(EXTRAS))}")
        packages += EXTRAS[extra]
        packages += [pair for pair in IF_INSTALLED.get(extra, ()) if find_spec(pair[1])]
    return list(dict.fromkeys(packages))


def files_of(package: str, module: str) -> Iterator[tuple[str, str]]:
    """Yield the files of an installed package: where each is, and its name below ``lib/vendor``.

    Licences and metadata come along; bytecode and what describes the installation here do not.

    Args:
        package: the name that pip knows.
        module: the name to import. Looking for it brings in lib/vendor and .venv, see `ais.packages`.
    """
    mended = remedy(wish(package))
    try:
        distribution = metadata.distribution(package) if find_spec(module) else None
    except metadata.PackageNotFoundError:
        distribution = None
    if distribution is None:
        raise BundleError(f"{package} is not installed here, so it cannot be copied: {mended}")
    if fault := fault_of(package, anywhere=True):
        raise BundleError(f"{package} {fault}: {mended}")
    names = [str(file).replace("\\", "/") for file in distribution.files or ()]
    if not any(name.endswith(".py") for name in names):
        raise BundleError(f"{package} is installed without a list of its files: {mended}")
    for name in names:
        if name.endswith(_COMPILED_SUFFIXES):
            raise BundleError(f"{package} holds compiled code ({name}), which need not run on the host: leave it out")
        base = name.rpartition("/")[2]
        # A name that leaves the folder is a command in bin/.
        if not name.startswith(("../", "/")) and "__pycache__/" not in name and base not in _NOT_COPIED:
            yield str(distribution.locate_file(name)), name
