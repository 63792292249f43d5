"""A Debian of its own for a test: what scripts/install made, with a layer above it, no network, and an end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logins.system import need_root
from support.needs import missing, need_file, need_program
from support.site import temporary_folder

BASE = Path("/var/cache/mailstore-ais-tests/debian")

# The layer is in memory, since a layer above a layer is refused where the tests run in a container.
_START = """
mount -t tmpfs tmpfs "$1" && mkdir "$1/changed" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/changed,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc" && ip link set lo up && echo ready
# The first process is the parent of every daemon: without this a dead one would stay, and look alive.
exec env --ignore-signal=CHLD cat
"""

# The base has no systemd.
_SYSTEMCTL = '#!/bin/sh\nexec service "$2" "$1"\n'


class Debian:
    """A running one.

    Args:
        number: of its first process, in whose namespaces all others run.
        root: its file system, as that process sees it.
    """

    def __init__(self, number: int, root: Path) -> None:
        self._root = root
        self._enter = ["nsenter", f"--target={number}", "--root", "--mount", "--net", "--pid", "chroot", str(root)]
        self._files = Path(f"/proc/{number}/root") / root.relative_to("/")
        self.write("/usr/local/bin/systemctl", _SYSTEMCTL.encode(), 0o755)

    def path(self, name: str) -> Path:
        """A path in it, seen from here."""
        return self._files / name.lstrip("/")

    def write(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """Make a file in it."""
        self.path(name).write_bytes(data)
        self.path(name).chmod(mode)

    def run(self, commands: str, stdin: str = "") -> str:
        """Run commands as root in /root, and return what they print; one that fails ends the test."""
        done = subprocess.run(
            [*self._enter, "/bin/sh", "-e", "-c", f"cd /root\n{commands}"],
            env={"HOME": "/root", "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout


@contextmanager
def debian() -> Iterator[Debian]:
    """Start one, and end it with all that runs in it."""
    need_file(BASE / "installed", "debootstrap, by which scripts/install makes it")
    need_root("mount file systems")
    for program, package in (("unshare", "util-linux"), ("nsenter", "util-linux"), ("ip", "iproute2")):
        need_program(program, package)
    with temporary_folder() as folder:
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-ec", _START, "sh"]
        with subprocess.Popen(
            [*command, str(folder), str(BASE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                missing("the right to mount file systems", "a machine or a privileged container")
            (first,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            try:
                yield Debian(int(first), folder / "root")
            finally:
                process.stdin.close()
