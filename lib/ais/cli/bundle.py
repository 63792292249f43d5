"""Make a zip file to upload to shared hosting by FTP: program, packages, .htaccess files, bytecode.

It never holds your conf/config.py. docs/shared-hosting.md leads through the rest. Exit status: 0 made, 2 not made."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

EXAMPLES = """examples:
  ais bundle                                  mailstore-ais-VERSION.zip in the current folder
  ais bundle --with mysql,passwords           for users in MySQL or MariaDB with password hashes of many kinds
  ais bundle --with ldap --output upload.zip"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--output", metavar="FILE", help="the zip file (default: mailstore-ais-VERSION.zip)")
    parser.add_argument(
        "--with",
        dest="extras",
        metavar="NAMES",
        action="append",
        default=[],
        help="packages to take along, separated by commas: ldap, mysql, passwords, redis; they must be installed here",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the bundle and say what is in it."""
    # All commands are loaded for every call of bin/ais; zipfile and importlib.metadata only for this one.
    from ..bundling import archive, packages

    extras = [name.strip().lower() for text in arguments.extras for name in text.split(",") if name.strip()]
    output = arguments.output or archive.default_name()
    count = archive.write(output, extras)
    names = [package for package, _ in packages.wanted(extras)]
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    sys.stdout.write(f"{output}: {count} files, {os.path.getsize(output) // 1024} KiB\n")
    sys.stdout.write(f"packages: {', '.join(names)}; bytecode for Python {python}\n")
    for extra in dict.fromkeys(extras):
        if extra in packages.LEFT_OUT:
            sys.stdout.write(f"note: {packages.LEFT_OUT[extra]}\n")
    sys.stdout.write("next: unzip it and follow INSTALL.txt, or docs/shared-hosting.md for more\n")
    return 0
