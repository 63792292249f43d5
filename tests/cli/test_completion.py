"""A real bash completes what is typed, by the package argcomplete."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from support.needs import need_file, need_program
from support.site import ROOT

PROMPT = b"ready> "


class Bash:
    """An interactive bash that was told to complete `ais`."""

    def __init__(self, folder: Path) -> None:
        bash = need_program("bash", "bash")
        register = need_file(Path(sys.executable).parent / "register-python-argcomplete", "argcomplete")
        names = folder / "names"
        names.mkdir()
        (names / "ais").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/bin/ais "$@"\n')
        (names / "ais").chmod(0o755)
        environment = {"PATH": f"{names}:{os.defpath}", "TERM": "dumb", "HOME": str(folder), "AIS_CONFIG": "/none"}
        environment |= {"INPUTRC": "/dev/null", "PS1": PROMPT.decode(), "LC_ALL": "C.UTF-8"}
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(bash, ["bash", "--norc", "--noprofile", "-i"], environment)
        self._until(PROMPT)
        os.write(self._terminal, f'eval "$({register} ais)"; bind "set bell-style none"\n'.encode())
        self._until(PROMPT)

    def _until(self, end: bytes, seconds: float = 20) -> bytes:
        shown, last = b"", time.monotonic() + seconds
        while end not in shown:
            assert time.monotonic() < last, (end, shown)
            if select.select([self._terminal], [], [], 0.5)[0]:
                shown += os.read(self._terminal, 4096)
        return shown

    def completed(self, line: str) -> str:
        """Type a line and the Tab key; return what then stands there."""
        # What is shown again after the line was left proves that the completion is over.
        os.write(self._terminal, line.encode() + b"\t")
        time.sleep(0.1)
        os.write(self._terminal, b"\x01echo '\x05'\n")
        shown = self._until(b"\r\n" + PROMPT).decode()
        return shown.replace("\r\n", "\n").split("\n")[-2]

    def close(self) -> None:
        """End it."""
        os.write(self._terminal, b"exit\n")
        os.close(self._terminal)
        os.waitpid(self.pid, 0)


@pytest.fixture
def bash(tmp_path: Path) -> Bash:
    """A bash in a folder with the file users.csv."""
    (tmp_path / "users.csv").touch()
    return Bash(tmp_path)


def test_bash_completes(bash: Bash) -> None:
    """Commands, options, their values and files are completed."""
    try:
        for typed, wanted in (
            ("ais ch", "ais check "),
            ("ais hash", "ais hash-password "),
            ("ais list --fo", "ais list --format "),
            ("ais list --format c", "ais list --format csv "),
            ("ais list --js", "ais list --json "),
            ("ais init --source mailc", "ais init --source mailcow "),
            ("ais init --driver ora", "ais init --driver oracle "),
            ("ais bundle --with l", "ais bundle --with ldap "),
            ("ais hash-password --scheme BLF", "ais hash-password --scheme BLF-CRYPT "),
            ("ais check --config us", "ais check --config users.csv "),
        ):
            assert bash.completed(typed) == wanted
    finally:
        bash.close()


def test_path_is_completed_too(bash: Bash) -> None:
    """A command that is called by its path, such as bin/ais, is completed as well."""
    try:
        assert bash.completed("names/ais acc") == "names/ais accept-list "
    finally:
        bash.close()
