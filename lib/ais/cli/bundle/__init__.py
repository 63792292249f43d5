"""Make a zip file to upload to shared hosting by FTP: program, packages, .htaccess files, bytecode.

It never holds your conf/config.py. docs/shared-hosting.md leads through the rest. Exit status: 0 made, 2 not made."""

from __future__ import annotations

import argparse
import os
import sys

from ... import __version__
from ..options import IS_COPY, add_json, completes, print_json
from ..output import Progress

EXAMPLES = """examples:
  ais bundle                                  mailstore-ais-VERSION.zip in the current folder
  ais bundle --with mysql,passwords           for users in MySQL or MariaDB with password hashes of many kinds
  ais bundle --with ldap --output upload.zip
  ais bundle --python /opt/alt/python311/bin/python3.11
                                              for a host whose /usr/bin/python3 is older than 3.11"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", help="the zip file (default: mailstore-ais-VERSION.zip)")
    names = ("ldap", "mysql", "passwords", "redis")
    about = f"packages to take along, separated by commas: {', '.join(names)}; they must be installed here"
    extras = parser.add_argument("--with", dest="extras", metavar="NAMES", action="append", default=[], help=about)
    completes(extras, names)
    about = "the host's Python, for the first line of its scripts (default: %(default)s)"
    parser.add_argument("--python", metavar="PATH", default="/usr/bin/python3", help=about)
    add_json(parser, "path, files (their number), bytes, packages, python and notes (sentences)")


def run(arguments: argparse.Namespace) -> int:
    """Write the bundle and say what is in it."""
    # All commands are loaded for every call of bin/ais; zipfile and importlib.metadata only for this one.
    from . import archive, packages
    from .packages import BundleError

    if not IS_COPY:
        raise BundleError(
            "this ais was installed by pip, without the files that are uploaded (index.py, .htaccess, conf): "
            "run bin/ais bundle in a copy of the whole program"
        )
    extras = [name.strip().lower() for text in arguments.extras for name in text.split(",") if name.strip()]
    output = arguments.output or f"mailstore-ais-{__version__}.zip"
    with Progress(f"making {output}"):
        count = archive.write(output, extras, arguments.python)
    names = [package for package, _ in packages.wanted(extras)]
    notes = [packages.LEFT_OUT[extra] for extra in dict.fromkeys(extras) if extra in packages.LEFT_OUT]
    size = os.path.getsize(output)
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if arguments.json:
        path = os.path.abspath(output)
        print_json(True, path=path, files=count, bytes=size, packages=names, python=python, notes=notes)
        return 0
    sys.stdout.write(f"{output}: {count} files, {size // 1024} KiB\n")
    sys.stdout.write(f"packages: {', '.join(names)}; bytecode for Python {python}\n")
    for note in notes:
        sys.stdout.write(f"note: {note}\n")
    sys.stdout.write("next: unzip it and follow INSTALL.txt, or docs/shared-hosting.md for more\n")
    return 0
