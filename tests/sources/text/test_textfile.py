"""Reading text files: whole, or with an error."""

from __future__ import annotations

import os
import subprocess
import tracemalloc
from pathlib import Path

import pytest

import ais
from ais.errors import SourceError, SourceUnavailable
from ais.sources.text import lines
from support.interpreters import PYTHON
from support.site import ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "file"


def test_only_line_feeds_end_lines(path: Path) -> None:
    """What other programs take for a line end in Unicode must not begin a line, and so a user."""
    text = "a\rb\x0b\x0c\x1c\x85\u2028c\r\nd"
    path.write_bytes(text.encode())
    assert list(lines(str(path))) == ["a\rb\x0b\x0c\x1c\x85\u2028c\r\n", "d"]
    assert list(lines(str(path), newline="")) == ["a\r", "b\x0b\x0c\x1c\x85\u2028c\r\n", "d"]


@pytest.mark.parametrize("change", ["grows", "shrinks", "other bytes"])
def test_changed_while_read(path: Path, change: str) -> None:
    """A file that somebody writes to in place while it is read cannot be trusted."""
    path.write_bytes(b"line\n" * 100_000)
    os.utime(path, (1, 1))
    reading = lines(str(path))
    next(reading)
    with path.open("r+b") as file:
        if change == "shrinks":
            file.truncate(50_000)
        else:
            file.seek(0, os.SEEK_END if change == "grows" else os.SEEK_SET)
            file.write(b"LINE\n")
    with pytest.raises(SourceUnavailable, match=f"{path} was changed while it was read"):
        list(reading)


def test_replaced_while_read(path: Path) -> None:
    """A file that was replaced by renaming is read as it was: it is whole."""
    path.write_bytes(b"line\n" * 100_000)
    reading = lines(str(path))
    next(reading)
    other = path.with_name("other")
    other.write_bytes(b"x\n")
    other.rename(path)
    assert len(list(reading)) == 99_999


def test_empty(path: Path) -> None:
    """A file of no bytes is one that somebody has just begun to write, where users are expected."""
    path.touch()
    with pytest.raises(SourceError, match="is empty"):
        list(lines(str(path)))
    assert list(lines(str(path), may_be_empty=True)) == []


@pytest.mark.parametrize(
    ("encoding", "content", "number"),
    [
        ("utf-8", b"a\nb\n" + "\ufffd\n".encode() + b"d\xe9\n", 4),
        ("utf-8", b"\xff\xfea\0", 1),
        ("utf-8", b"a\n" * 20_000 + b"\xe9", 20_001),
        ("utf-8", b"a\nb\xc3", 2),
        ("ascii", "a\né\n".encode(), 2),
        ("utf-16", "a\nb\nc\n".encode("utf-16") + b"\0", 4),
        ("utf-16-le", "a\n".encode("utf-16-le") + b"\0\xdc\n\0", 2),
    ],
)
def test_undecodable_line(path: Path, encoding: str, content: bytes, number: int) -> None:
    """The error names the line that cannot be decoded, also far into the file and in wide charsets."""
    path.write_bytes(content)
    with pytest.raises(SourceError, match=f"{path}, line {number}: not {encoding}"):
        list(lines(str(path), encoding))


def test_a_device_is_no_file(path: Path) -> None:
    """Something that never ends is not read."""
    with pytest.raises(SourceError, match="not a file"):
        list(lines("/dev/zero"))


@pytest.mark.parametrize(
    ("function", "name", "line"),
    [
        ("passwd_file", "users", "{0}:{{PLAIN}}x:1000:1000:User:/home::a=b\n"),
        ("htpasswd", "users", "{0}:{{PLAIN}}x\n"),
        ("passwd", "users", "{0}:{{PLAIN}}x:1000:1000:User:/home:/bin/sh\n"),
        ("docker_mailserver", "postfix-accounts.cf", "{0}|{{PLAIN}}x|a=b\n"),
    ],
)
def test_a_large_file_needs_little_memory(tmp_path: Path, function: str, name: str, line: str) -> None:
    """Looking one user up in many lines takes memory for one line; a user without a line takes no more."""
    with (tmp_path / name).open("w", encoding="utf-8") as file:
        file.writelines(line.format(f"user{number}") for number in range(200_000))
    source = getattr(ais, function)(str(tmp_path if function == "docker_mailserver" else tmp_path / name))
    source.authenticate("nobody", "x")  # what it imports is not counted
    tracemalloc.start()
    try:
        assert source.authenticate("user199999", "x") is True
        assert source.authenticate("nobody", "x") is None
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


REQUEST = """
import sys
import ais
source = getattr(ais, sys.argv[1])(sys.argv[2], **eval(sys.argv[3]))
assert len(list(source.users())) == 1
assert source.authenticate("a@x.test", "x") is True
print(*sys.modules)
"""

ALIASES = "{'domain': 'x.test', 'aliases': 'aliases', 'virtual': 'virtual'}"


@pytest.mark.parametrize(
    ("function", "path", "content", "options"),
    [
        ("csv", "users", "userName,password\na@x.test,{PLAIN}x\n", "{}"),
        ("passwd_file", "users", "a@x.test:{PLAIN}x\n", ALIASES),
        ("htpasswd", "users", "a@x.test:{PLAIN}x\n", ALIASES),
        ("passwd", "users", "a@x.test:{PLAIN}x:1000:1:A:/:/bin/sh\n", ALIASES),
        ("docker_mailserver", "postfix-accounts.cf", "a@x.test|{PLAIN}x\n", "{}"),
        ("hestia", "x.test/passwd", "a:{PLAIN}x:1:1:A:/:x:\n", "{}"),
    ],
)
def test_start_up(tmp_path: Path, function: str, path: str, content: str, options: str) -> None:
    """Neither list nor login loads a module that would double the time a CGI process needs to start."""
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(content)
    (tmp_path / "aliases").write_text("b: a\n")
    (tmp_path / "virtual").write_text("b@x.test a@x.test\n")
    given = path if path == "users" else "."
    done = subprocess.run(
        [PYTHON, "-S", "-c", REQUEST, function, given, options],
        env={"PYTHONPATH": str(ROOT / "lib")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "ais.sources.text" in loaded
    assert not loaded & {
        "re",
        "csv",
        "functools",
        "collections",
        "enum",
        "typing",
        "pathlib",
        "json",
        "logging",
        "site",
    }
