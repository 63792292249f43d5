"""What holds for every source over text files, written once, and the configurations on their pages of docs/."""

from __future__ import annotations

import codecs
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, ClassVar, NamedTuple

import pytest

import ais
from ais.config import load
from ais.errors import AISError, ConfigError, SourceError
from ais.sources import Source
from sources.contract import added_up
from support.interpreters import for_others
from support.site import ROOT

Listed = dict[str, tuple[str, list[str]]]


def listed(source: Source) -> Listed:
    """What a source lists: full name and addresses of each user, in order."""
    return {user.user_name: (user.full_name or "", user.email_addresses) for user in added_up(source)}


class Login:
    """A login: knows one password, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def verify(self, user: str, password: str) -> bool:
        """Whether it is the word `open`."""
        self.asked.append((user, password))
        return password == "open"


class TextFaults:
    """A test class derives from it and says which function makes the source and what a good file holds."""

    function: str
    """Of the package ais."""

    options: ClassVar[dict[str, Any]] = {}
    """Its further arguments."""

    is_folder = False
    """Whether it takes the folder and not the file."""

    name: str
    """The file that has the users, in the folder."""

    good: str
    """What this file may hold: the user that is `user`, and others. With line ends."""

    user: str

    def place(self, folder: Path) -> str:
        """What the function takes first."""
        return str(folder if self.is_folder else folder / self.name)

    def make(self, folder: Path, **options: Any) -> Source:
        """The source, over that folder."""
        source: Source = getattr(ais, self.function)(self.place(folder), **{**self.options, **options})
        return source

    def write(self, folder: Path, content: bytes | str) -> Path:
        """Write the file of users."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def check_error(self, source: Source, *words: str) -> None:
        """Both questions end in an error that holds these words."""
        for question in (lambda: list(source.users()), lambda: source.authenticate(self.user, "secret")):
            with pytest.raises(SourceError) as raised:
                question()
            for word in words:
                assert word in str(raised.value)

    def test_good_file(self, tmp_path: Path) -> None:
        """The file that the other tests damage is a good one."""
        self.write(tmp_path, self.good)
        source = self.make(tmp_path)
        assert self.user in listed(source)
        assert source.authenticate(self.user, "secret") is True

    @pytest.mark.parametrize("change", ["BOM", "CRLF", "no last line end", "empty lines", "all"])
    def test_what_editors_do(self, tmp_path: Path, change: str) -> None:
        """A byte order mark, other line ends and a missing last one change nothing."""
        self.write(tmp_path, self.good)
        whole = listed(self.make(tmp_path))
        content = self.good.encode()
        if change in ("empty lines", "all"):
            content = content.replace(b"\n", b"\n\n")
        if change in ("no last line end", "all"):
            content = content.rstrip(b"\n")
        if change in ("CRLF", "all"):
            content = content.replace(b"\n", b"\r\n")
        if change in ("BOM", "all"):
            content = codecs.BOM_UTF8 + content
        self.write(tmp_path, content)
        source = self.make(tmp_path)
        assert listed(source) == whole
        assert source.authenticate(self.user, "secret") is True
        assert source.authenticate(self.user, "wrong") is False

    def test_no_file(self, tmp_path: Path) -> None:
        """A file that is not there is an error that names it."""
        path = self.write(tmp_path, self.good)
        path.unlink()
        self.check_error(self.make(tmp_path), str(path) if not self.is_folder else str(tmp_path))

    def test_folder_for_file(self, tmp_path: Path) -> None:
        """So is a folder in its place."""
        path = self.write(tmp_path, self.good)
        path.unlink()
        path.mkdir()
        self.check_error(self.make(tmp_path), str(path))

    def test_pipe_for_file(self, tmp_path: Path) -> None:
        """A pipe in its place is an error and does not block."""
        path = self.write(tmp_path, self.good)
        path.unlink()
        os.mkfifo(path)
        self.check_error(self.make(tmp_path), str(path))

    def test_not_utf8(self, tmp_path: Path) -> None:
        """A file in another charset is an error that names file and line, unless encoding says so."""
        line = self.good.rstrip("\n").rpartition("\n")[2].replace(self.user.partition("@")[0], "zoë")
        text = self.good + line + "\n"
        first = next(number for number, line in enumerate(text.split("\n"), 1) if not line.isascii())
        path = self.write(tmp_path, text.encode("cp1252"))
        self.check_error(self.make(tmp_path), f"{path}, line {first}", "utf-8", "encoding")
        assert len(listed(self.make(tmp_path, encoding="cp1252"))) > 1

    def test_replaced_by_renaming(self, tmp_path: Path) -> None:
        """A program that writes another file and renames it disturbs nobody: each list is whole."""
        path = self.write(tmp_path, self.good)
        source = self.make(tmp_path)
        whole = listed(source)
        ends = Event()

        def replace() -> None:
            while not ends.is_set():
                other = path.with_name(".other")
                other.write_text(self.good, encoding="utf-8")
                other.rename(path)

        with ThreadPoolExecutor(1) as pool:
            replacing = pool.submit(replace)
            try:
                assert all(listed(source) == whole for _ in range(200))
            finally:
                ends.set()
            replacing.result()

    def test_nul(self, tmp_path: Path) -> None:
        """A NUL is an error that names file and line: the disk was full, or it is UTF-16."""
        number = self.good.count("\n") + 1
        path = self.write(tmp_path, self.good + "\0\0\0\0")
        self.check_error(self.make(tmp_path), f"{path}, line {number}", "NUL")

    @pytest.mark.parametrize("character", ["\u00a0", "\u3000", "\u200b", "\u2060", "\u00ad", "\u3164", "\x85", "\x1f"])
    @pytest.mark.parametrize("before", [True, False])
    def test_a_name_that_looks_like_another(self, tmp_path: Path, character: str, before: bool) -> None:
        """A name with white space or an invisible character at an end makes no list, and decides for nobody else."""
        local = self.user.partition("@")[0]
        line = next(line for line in self.good.splitlines() if line.startswith(local))
        name = self.user if line.startswith(self.user) else local
        other = line.replace(name, character + name if before else name + character, 1).replace("secret", "mallory")
        path = self.write(tmp_path, self.good.replace(f"{line}\n", f"{other}\n{line}\n"))
        number = path.read_text(encoding="utf-8").split("\n").index(other) + 1
        with pytest.raises(SourceError, match=f"{path}, line {number}: userName cannot be used: "):
            list(self.make(tmp_path).users())
        assert self.make(tmp_path).authenticate(self.user, "mallory") is False
        assert self.make(tmp_path).authenticate(self.user, "secret") is True

    def test_blanks_around_a_name(self, tmp_path: Path) -> None:
        """ASCII white space around a name does not count."""
        self.write(tmp_path, self.good)
        whole = listed(self.make(tmp_path))
        lines = [
            line.replace(name, f" \t{name}\v\f ", 1)
            for line in self.good.splitlines()
            for name in [re.split("[:|,]", line)[0]]
        ]
        self.write(tmp_path, "\n".join(lines) + "\n")
        source = self.make(tmp_path)
        assert listed(source) == whole
        assert source.authenticate(self.user, "secret") is True
        assert source.authenticate(f" {self.user}", "secret") is None

    @pytest.mark.parametrize("blank", [" ", "\t"])
    def test_a_name_that_comes_again_with_blanks(self, tmp_path: Path, blank: str) -> None:
        """Whoever could register a name with a blank behind it in an earlier line does not get in as the other."""
        local = self.user.partition("@")[0]
        line = next(line for line in self.good.splitlines() if line.startswith(local))
        name = self.user if line.startswith(self.user) else local
        other = line.replace(name, name + blank, 1).replace("secret", "mallory")
        self.write(tmp_path, self.good.replace(f"{line}\n", f"{other}\n{line}\n"))
        for password in ("mallory", "secret"):
            with pytest.raises(SourceError):
                self.make(tmp_path).authenticate(self.user, password)
        self.write(tmp_path, self.good.replace(f"{line}\n", f"{line}\n{other}\n"))
        if self.function != "csv":  # the first of two counts
            assert self.make(tmp_path).authenticate(self.user, "mallory") is False

    def test_stored_passwords_are_counted(self, tmp_path: Path) -> None:
        """Each listed user counts once, by the name that the source knows; login= has no stored passwords."""
        self.write(tmp_path, self.good)
        (count,) = self.make(tmp_path).schemes([*listed(self.make(tmp_path)), "nobody"]) or []
        assert (count.scheme, count.count) == ("PLAIN", 2)
        assert not self.make(tmp_path, login=Login()).schemes([self.user])

    def test_not_permitted(self, open_folder: Path) -> None:
        """A file that may not be read is an error that says so."""
        path = self.write(open_folder, self.good)
        path.chmod(0)
        given = self.place(open_folder)
        code = (
            "import os, sys\n"
            f"from ais import {self.function}\nfrom ais.errors import SourceError\n"
            f"source = {self.function}({given!r}, **{self.options!r})\n"
            "os.setuid(65534) if os.getuid() == 0 else None\n"
            f"for question in (lambda: list(source.users()), lambda: source.authenticate({self.user!r}, 'secret')):\n"
            "    try:\n        print(question())\n    except SourceError as error:\n        print(error)\n"
        )
        done = subprocess.run(
            [for_others(), "-c", code],
            env={"PYTHONPATH": str(ROOT / "lib")},
            capture_output=True,
            text=True,
            check=True,
        )
        lines = done.stdout.splitlines()
        assert len(lines) == 2
        assert all(line.startswith(f"{path} cannot be read: give the user") for line in lines)

    def test_login(self, tmp_path: Path) -> None:
        """With login= that one is asked for users of the file, and nobody else's password is tried there."""
        self.write(tmp_path, self.good)
        login = Login()
        source = self.make(tmp_path, login=login)
        assert source.authenticate(self.user, "open") is True
        assert source.authenticate(self.user, "secret") is False
        assert source.authenticate("nobody@example.com", "open") is None
        assert source.decoy("open") is False
        assert login.asked == [(self.user, "open"), (self.user, "secret")]

    @pytest.mark.parametrize("login", ["imap", Login, 1, object(), False])
    def test_login_that_is_none(self, tmp_path: Path, login: object) -> None:
        """What cannot check a password is refused when the configuration is read."""
        with pytest.raises(ConfigError, match=self.function + ".*login"):
            self.make(tmp_path, login=login)

    @pytest.mark.parametrize("encoding", ["utf-9", "base64", 8, ""])
    def test_encoding_that_is_none(self, tmp_path: Path, encoding: object) -> None:
        """So is a charset that there is not."""
        with pytest.raises(ConfigError, match=self.function + ".*encoding"):
            self.make(tmp_path, encoding=encoding)

    @pytest.mark.parametrize("path", ["", None, 3, "a\0b"])
    def test_path_that_is_none(self, path: Any) -> None:
        """So is a path that cannot be one."""
        with pytest.raises(ConfigError, match=self.function):
            getattr(ais, self.function)(path, **self.options)

    def test_unknown_user_costs_a_verification(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """For an unknown user the password is checked against that of another, and errors are kept back."""
        self.write(tmp_path, self.good)
        source = self.make(tmp_path)
        seen: list[object] = []
        monkeypatch.setattr("ais.sources.text.verify", lambda *given: seen.append(given[0]))
        assert source.decoy("wrong") is False
        assert source.authenticate("nobody@example.com", "wrong") is None
        assert source.decoy("wrong") is True
        assert len(seen) == 1
        monkeypatch.setattr("ais.sources.text.verify", lambda *given: 1 / 0)
        assert source.decoy("wrong") is False

    def test_errors_hold_no_stored_password(self, tmp_path: Path) -> None:
        """A stored password that nobody can read is an error without its text."""
        self.write(tmp_path, self.good.replace("{PLAIN}secret", "{UNHEARD-OF}secret"))
        source = self.make(tmp_path)
        with pytest.raises(AISError) as raised:
            source.authenticate(self.user, "secret")
        assert "UNHEARD-OF" in str(raised.value)
        assert "secret" not in str(raised.value)


class Page(NamedTuple):
    """The fenced blocks of a page: configurations, and the files that it shows by their names."""

    configurations: list[str]
    files: dict[str, str]


def page(name: str) -> Page:
    """Read a page of docs/. The paragraph before a ``text`` block ends in the file's name in backquotes and a colon."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    files = dict(re.findall(r"`([^`\n]+)`:\n\n```text\n(.*?)```", text, re.DOTALL))
    assert len(files) == text.count("```text")
    return Page(re.findall(r"```python\n(.*?)```", text, re.DOTALL), files)


def configured(folder: Path, configuration: str, files: dict[str, str]) -> Source:
    """Write the files, load the configuration as it stands on the page, and return its source.

    Absolute paths lead into the folder.
    """
    for name, text in files.items():
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    text = re.sub(r'(["\'])/(?=etc/|home/)', rf"\g<1>{folder}/", configuration)
    (folder / "config.py").write_text(f"callers = []\n{text}", encoding="utf-8")
    source: Source = load(str(folder / "config.py")).sources[0]
    return source
