"""What is wrong with the scripts that the web server starts: their files, their interpreter and its packages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any

from ..errors import remedy
from .report import Finding
from .versions import wish

NAMES = ("index.py", "index.fcgi")
FOLDERS = ("cgi-bin/mailstore-integration", "")
"""Where they lie in a checkout, and in a bundle."""

BOM = b"\xef\xbb\xbf"
SECONDS = 20.0

# An old Python must be able to read this, to say that it is too old. Like the entry it adds the folders of packages.
_CODE = """
import sys
found = {"version": list(sys.version_info[:2])}
if sys.version_info >= (3, 11):
    sys.path.insert(0, sys.argv[1])
    from ais.packages import add_folders
    add_folders()
    from ais.checking.versions import faults
    found["faults"] = list(faults(sys.argv[2:]))
import json
print(json.dumps(found))
"""


def look_at_entries(root: str, packages: Sequence[str]) -> Iterator[Finding]:
    """Look at each entry below the program's folder.

    Args:
        root: the folder.
        packages: what the configuration needs, by the names of `versions.NEEDS`.
    """
    lines: dict[str, str] = {}
    for path in (os.path.join(root, folder, name) for folder in FOLDERS for name in NAMES):
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            continue  # it is missing, or another user's check will see it
        yield from _look_at_file(path, text)
        first = text.removeprefix(BOM).partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
        lines.setdefault(first, path)
    for line, path in lines.items():
        yield from _look_at_interpreter(root, path, line, packages)


def _look_at_file(path: str, text: bytes) -> Iterator[Finding]:
    if text.startswith(BOM):
        advice = "save it as UTF-8 without BOM, or copy it again"
        yield Finding("entry-bom", f"{path} begins with a byte order mark, so the web server cannot start it", advice)
    first = text.partition(b"\n")[0]
    if first.endswith(b"\r") and b"-SXcr" not in first:
        yield Finding("entry-line-ends", f"{path} has Windows line ends", "copy it again, by FTP in binary mode")
    if not os.stat(path).st_mode & 0o111:
        text_ = f"{path} is not executable, so the web server cannot start it"
        yield Finding("entry-mode", text_, f"chmod 755 {quote(path)}")


def _look_at_interpreter(root: str, path: str, line: str, packages: Sequence[str]) -> Iterator[Finding]:
    command = line.removeprefix("#!").split() if line.startswith("#!") else []
    if not command:
        yield Finding("entry-interpreter", f"{path} names no Python in its first line", "copy it again")
        return
    # As env(1) is the only program that wants a name behind it.
    command = command[:2] if os.path.basename(command[0]) == "env" else command[:1]
    named = " ".join(command)
    try:
        found = _ask(command, os.path.join(root, "lib"), packages)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it does not start"
        text = f"the first line of {path} names {named}, which cannot be run here: {why}"
        yield Finding("interpreter", text, "if the web server is on this computer, name another there", problem=False)
        return
    version = ".".join(map(str, found["version"]))
    if found["version"] < [3, 11]:
        text = f"the first line of {path} names {named}, which is Python {version}: 3.11 or newer is needed"
        yield Finding("interpreter", text, "put the path of a newer one there")
        return
    for package, fault in found["faults"]:
        text = f"{named}, which the first line of {path} names, lacks a package: {package} {fault}"
        yield Finding("package", text, remedy(wish(package)).replace("python3 ", f"{named} ", 1))


def _ask(command: list[str], library: str, packages: Sequence[str]) -> dict[str, Any]:
    """Return what an interpreter says of itself; raises OSError, ValueError or SubprocessError when it does not run."""
    # What is installed for root alone is not there for the web server.
    flags = ["-S", "-s"] if os.geteuid() == 0 else ["-S"]
    done = subprocess.run(  # noqa: S603
        [*command, *flags, "-c", _CODE, library, *packages],
        env={"PATH": os.defpath},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
