"""A client of .NET, as MailStore is one: dotnet.cs, compiled by Mono."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from support.needs import need_file, need_program
from support.site import CALLER, CALLER_PASSWORD

CLIENTS = ("WebClient", "HttpWebRequest", "HttpClient")
"""The three HTTP clients of .NET."""

LIBRARIES = Path("/usr/lib/mono/4.5")


class Session(NamedTuple):
    """One client, which takes one step after the other.

    Attributes:
        client: one of `CLIENTS`.
        unasked: whether it sends its credentials unasked (PreAuthenticate), once the server has asked for them.
        url: where it asks.
        steps: forms to be sent, and milliseconds to wait.
        caller: user name and password of the caller.
    """

    client: str
    unasked: bool
    url: str
    steps: tuple[dict[str, str] | int, ...]
    caller: tuple[str, str] = (CALLER, CALLER_PASSWORD)

    def line(self) -> str:
        """What dotnet.cs reads."""
        encoded = [step if isinstance(step, int) else _encode_form(step) for step in self.steps]
        words = (self.client, int(self.unasked), self.url, *map(_encode, self.caller), *encoded)
        return " ".join(map(str, words))


class Mono:
    """The compiled client.

    Args:
        folder: for the program and Mono's store of certificates.
    """

    def __init__(self, folder: Path) -> None:
        self._mono = need_program("mono", "mono-runtime")
        self._folder = folder
        self._program = folder / "dotnet.exe"
        http = need_file(LIBRARIES / "System.Net.Http.dll", "libmono-system-net-http4.0-cil")
        source = Path(__file__).with_suffix(".cs")
        command = [need_program("mcs", "mono-mcs"), f"-r:{http}", "-warnaserror", f"-out:{self._program}", str(source)]
        subprocess.run(command, check=True, env=self._environment(folder))

    def ask(self, *sessions: Session, authority: Path | None = None) -> list[list[str]]:
        """Run sessions at the same time; returns the answers of each: status and text, or what .NET says is wrong.

        Args:
            authority: a certificate in PEM form that is trusted, and no other.
        """
        home = self._folder
        if authority is not None:
            home = authority.parent
            # As cert-sync(1) does, which Debian's mono 6.14 does not have.
            store = home / ".config" / ".mono" / "new-certs" / "Trust"
            store.mkdir(parents=True, exist_ok=True)
            command = [need_program("openssl", "openssl"), "x509", "-noout", "-subject_hash", "-in", str(authority)]
            name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
            shutil.copy(authority, store / f"{name}.0")
        lines = "".join(f"{session.line()}\n" for session in sessions)
        printed = self._run(lines, self._environment(home))
        # Below the answers mono may say of a thread that it would not end.
        return [line.split("\t") for line in printed.splitlines()[: len(sessions)]]

    def _run(self, lines: str, environment: dict[str, str], tries: int = 3) -> str:
        command = [self._mono, str(self._program)]
        try:
            done = subprocess.run(
                command, input=lines, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True, timeout=40
            )
        except subprocess.TimeoutExpired:
            # On a busy machine mono 6.8 spins for ever now and then, after a server has closed a connection.
            if tries == 1:
                raise
            return self._run(lines, environment, tries - 1)
        return done.stdout

    @staticmethod
    def _environment(home: Path) -> dict[str, str]:
        return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _encode_form(fields: dict[str, str]) -> str:
    return "&".join(f"{name}:{_encode(value)}" for name, value in fields.items())
