"""Which Python runs what a web server or another account starts."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from support.needs import missing

PYTHON = f"{sys.base_prefix}/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
"""The interpreter under test, without the packages of the environment that runs the tests."""

SYSTEM = "/usr/bin/python3"
"""The interpreter in the first line of the entry that is shipped."""

OTHER = 65534
"""An account without rights: nobody."""


@cache
def for_others() -> str:
    """The interpreter that tests let other accounts start.

    The system's, where its version is the one under test: then the first line of the entry is tried as it is shipped.
    Else the one under test, where other accounts can start it. Else, as where ours lies below /root, the system's if it
    is new enough; the heading of the run says which it is.
    """
    system = _version(SYSTEM)
    if system == sys.version_info[:3]:
        return SYSTEM
    if _version(PYTHON, other=True):
        return PYTHON
    if system and system >= (3, 11):
        return SYSTEM
    return missing("a Python of at least 3.11 that other accounts can start", "python3")


def system_is_ours() -> bool:
    """Whether packages that are compiled for the Python under test fit the system's, which Apache's modules are."""
    return (_version(SYSTEM) or ())[:2] == sys.version_info[:2]


def heading() -> list[str]:
    """A line for the heading of the run, and another where the checkout is closed to other accounts."""
    version = ".".join(map(str, _version(for_others()) or ()))
    closed = [folder for folder in Path(__file__).parents if os.geteuid() == 0 and not folder.stat().st_mode & 0o001]
    return [
        f"interpreter of web servers and other accounts: {for_others()}, {version}",
        *(
            f"other accounts cannot enter {folder}, so their tests fail: scripts/test works on a copy"
            for folder in closed
        ),
    ]


def installed(*versions: str) -> list[Path]:
    """The Pythons of these versions, such as ``3.10``, that the system has, and pyenv for this account.

    They are looked for where they lie: what pyenv puts into PATH need not start any Python.
    """
    names = [
        folder / f"python{version}" for version in versions for folder in (Path("/usr/bin"), Path("/usr/local/bin"))
    ]
    pyenv = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / "versions"
    if os.access(pyenv, os.R_OK | os.X_OK):
        names += [path for version in versions for path in sorted(pyenv.glob(f"{version}.*/bin/python"))]
    return [name for name in names if os.access(name, os.X_OK)]


def start_by_ours(entry: Path) -> None:
    """Let the first line of a copy of index.py name the interpreter of `for_others`."""
    shebang = f"#!{SYSTEM} ".encode()
    text = entry.read_bytes()
    assert text.startswith(shebang), text[:80]
    entry.write_bytes(text.replace(shebang, f"#!{for_others()} ".encode(), 1))


@cache
def _version(python: str, *, other: bool = False) -> tuple[int, ...] | None:
    """The version of an interpreter; None where it cannot be started, by another account if `other`."""
    account = OTHER if other and os.geteuid() == 0 else None
    code = "import json, sqlite3, sys; print(*sys.version_info[:3])"
    try:
        done = subprocess.run(
            [python, "-S", "-c", code],
            user=account,
            group=account,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None
