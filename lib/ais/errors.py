"""Every error that the library raises on purpose, and the HTTP status each becomes.

The text of an error is for the log: it may name a file, an option, a source, a scheme.
``public`` is for the client: one sentence without secrets and paths.
"""

from __future__ import annotations

LIBRARY = __file__[: -len("/ais/errors.py")]

VENDOR = f"{LIBRARY}/vendor"
"""Where an administrator may put packages, beside this library."""

COMMAND_FOLDERS = ("/usr/bin", "/usr/local/bin")
"""Where a link makes the command line of a copy a command; the Debian package has one."""


def command() -> str:
    """Return how people call the command line of this program: ``bin/ais`` in a copy of it, ``ais`` once installed."""
    import os  # here, because a request that succeeds need not load it

    own = os.path.join(os.path.dirname(LIBRARY), "bin", "ais")
    links = (os.path.realpath(os.path.join(folder, "ais")) for folder in COMMAND_FOLDERS)
    return "bin/ais" if os.path.isfile(own) and os.path.realpath(own) not in links else "ais"


class AISError(Exception):
    """Superclass of all errors below."""

    status = 500
    headers: tuple[tuple[str, str], ...] = ()
    public = "The server could not answer; its error log says why."


class RequestError(AISError):
    """The client's request cannot be accepted: what is wrong and what to do, without a value of the request."""

    def __init__(self, status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.public = sentence
        self.headers = headers


class ConfigError(AISError):
    """The configuration is missing or broken.

    Args:
        text: file, line, option and remedy.
        kind: what a customer without an error log may know of it: the public sentence goes on with it.
    """

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        kind = kind and f": {kind}"
        where = f"{command()} check and the web server's error log say where and why."
        self.public = f"The configuration cannot be used{kind}; {where}"


class UnknownTenant(AISError):
    """No tenant has the address that was asked for; the text says why, and the client is not told."""

    status = 404
    public = "No tenant has this address: compare it with the one that you were given."


class SourceError(AISError):
    """A user source answered with something that cannot be used."""

    public = "A user source gave an answer that cannot be used; the web server's error log says which and why."


class SourceUnavailable(AISError):
    """A user source or a login server cannot answer now: unreachable, too slow, or it failed half-way."""

    status = 503
    public = "A user source cannot answer at the moment; the web server's error log says which and why."


class GuardTripped(AISError):
    """A list looks like a failed one and is not given out."""

    public = "The list of users was held back because too many users are missing; the web server's error log says more."


class UnreadableHash(AISError):
    """A stored password is in a form that nobody here can read.

    Args:
        scheme: the name of the scheme, or a description such as "bare text". Never the stored value.
        reason: what to do about it, if more can be said than "unknown scheme".
    """

    public = "A stored password cannot be read; the web server's error log names its scheme."

    def __init__(self, scheme: str, reason: str = "this scheme is not known") -> None:
        super().__init__(f"stored password of scheme {scheme}: {reason}")
        self.scheme = scheme


class TooLittleMemory(SourceUnavailable):
    """The server has too little memory now for what a stored password demands."""

    public = "The server has too little memory at the moment; its error log says what for."


class MissingPackage(AISError):
    """A Python package, as pip calls it, is needed and not installed."""

    public = "A Python package is missing on the server; the web server's error log names it."

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(f"the Python package {package!r} is needed for {purpose}: {remedy(package)}")
        self.package = package


def remedy(package: str) -> str:
    """Return what to do when a package is not found."""
    import os

    if os.path.isdir(VENDOR) and not os.access(VENDOR, os.R_OK | os.X_OK):
        return f"{VENDOR}, where it may be, cannot be read by this user: chmod -R a+rX {VENDOR}"
    if LIBRARY.startswith("/usr/share/") and " " not in package:
        # The Debian package takes those of Debian, which has no pip of its own accord. ("--upgrade …" is for pip.)
        name = {"argon2-cffi": "argon2", "libpass": "passlib"}.get(package, package.lower().partition("[")[0])
        return f"apt-get install python3-{name}"
    package = f"'{package}'" if "[" in package else package
    # Into a folder of our own, since the Python of many a distribution refuses packages of pip (PEP 668).
    return f"python3 -m pip install {package} --target {VENDOR}"
