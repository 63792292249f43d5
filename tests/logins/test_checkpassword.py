"""The login checkpassword with real programs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.config import load
from ais.errors import ConfigError, SourceError, SourceUnavailable
from ais.logins import Login
from ais.logins.checkpassword import MOST_BYTES, checkpassword
from logins.contract import ACCOUNTS, OTHER, PASSWORD, LoginContract
from logins.system import is_running

# After https://cr.yp.to/checkpwd/interface.html; what is printed or left open must not matter.
PROGRAM = """#!/usr/bin/python3
import os, sys, time
with open({folder!r} + "/asked", "a") as file:
    file.write("x")
print("hello")
if len(sys.argv) < 2:
    sys.exit(2)
data = b""
while len(data) <= 512 and (more := os.read(3, 513 - len(data))):
    data += more
os.close(3)
if len(data) > 512:
    sys.exit(1)
user, password, timestamp, rest = data.split(b"\\0")
if rest or not abs(int(timestamp) - time.time()) < 5:
    sys.exit(2)
if {accounts!r}.get(user.decode()) != password.decode():
    sys.exit(1)
os.execvp(sys.argv[1], sys.argv[1:])
"""

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a program, and returns its path."""

    def writing(text: str, name: str = "program") -> str:
        path = tmp_path / name
        path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return writing


class TestCheckpassword(LoginContract):
    """The contract, with a program as DJB describes it."""

    @pytest.fixture
    def login(self, write: Write, tmp_path: Path) -> Login:
        """Right for `ACCOUNTS`."""
        return checkpassword([write(PROGRAM.format(folder=str(tmp_path), accounts=ACCOUNTS), "checkpw")])

    @pytest.fixture
    def asked(self, tmp_path: Path) -> Callable[[], int]:
        """How often the program ran."""
        return lambda: (tmp_path / "asked").stat().st_size if (tmp_path / "asked").exists() else 0

    @pytest.fixture
    def down(self, tmp_path: Path) -> Login:
        """There is no such program."""
        return checkpassword([str(tmp_path / "missing")])

    @pytest.fixture
    def hanging(self, write: Write, tmp_path: Path) -> Iterator[tuple[Login, str]]:
        """A program that waits for a child; afterwards both are gone."""
        path = write(f"sleep 61 & echo $$ $! > {tmp_path}/pids; wait", "hang")
        yield checkpassword([path]), path
        ends = time.monotonic() + 1  # a killed process ends a moment later
        for number in map(int, (tmp_path / "pids").read_text().split()):
            while is_running(number) and time.monotonic() < ends:
                time.sleep(0.01)
            assert not is_running(number)

    @pytest.fixture
    def failing(self, write: Write) -> Login:
        """Temporary failure."""
        return checkpassword([write("exit 111")])


@pytest.mark.parametrize("text", ["exit 2", "exit 3", "exit 100", "exit 111", "exit 255", "kill -9 $$", "kill -15 $$"])
def test_other_exit_statuses_are_no_answer(write: Write, text: str) -> None:
    """Only 0 and 1 are answers."""
    with pytest.raises(
        SourceUnavailable, match=r"the program of checkpassword\(\), .*/program, ended with .*no answer"
    ):
        checkpassword([write(text)]).verify("anna", PASSWORD)


def test_zero_and_one_are_answers(write: Write) -> None:
    """Also of a program that runs no other, and does not read what it is given."""
    assert checkpassword([write("exit 0")]).verify("anna", PASSWORD) is True
    assert checkpassword([write("exit 1")]).verify("anna", PASSWORD) is False


def test_what_the_program_gets(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its arguments as they are, then /bin/true; name, password and time on descriptor 3; nothing else."""
    monkeypatch.setenv("HTTP_AUTHORIZATION", "Basic secret")
    monkeypatch.chdir("/")
    path = write(
        f"cd {tmp_path}; pwd -P > folder; printf '%s\\n' \"$@\" > arguments; cat <&3 > given; cat > input\n"
        "env > environment"
    )
    odd = ["$(id)", "a b", "", "'\"", "-c", "*"]
    assert checkpassword([path, *odd], name="{local}").verify("anna@example.com", PASSWORD) is True
    assert (tmp_path / "arguments").read_text().split("\n") == [*odd, "/bin/true", ""]
    user, password, _, rest = (tmp_path / "given").read_bytes().split(b"\0")
    assert (user, password, rest) == (b"anna", PASSWORD.encode(), b"")
    assert (tmp_path / "input").read_bytes() == b""
    environment = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines())
    assert set(environment) - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "LANG"}


def test_descriptors(write: Write, tmp_path: Path) -> None:
    """The program has descriptors 0 to 3 and no other, whatever is open here."""
    fds = "[each for each in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{each}')]"
    path = write(f"#!/usr/bin/python3\nimport os\nopen({str(tmp_path / 'open')!r}, 'w').write(' '.join({fds}))\n")
    with open(os.devnull) as inherited:
        os.set_inheritable(inherited.fileno(), True)
        assert checkpassword([path]).verify("anna", PASSWORD) is True
    # The file that is being written comes last.
    assert sorted((tmp_path / "open").read_text().split())[:4] == ["0", "1", "2", "3"]
    assert len((tmp_path / "open").read_text().split()) == 5


def test_relative_paths_start_at_the_configuration(write: Write, tmp_path: Path) -> None:
    """A path with a slash is relative to the configuration file, whose folder is the working folder."""
    write('test -f config.py && exec "$@"', "checkpw")
    (tmp_path / "users.csv").write_text("userName\nanna\n")
    (tmp_path / "config.py").write_text(
        "from ais import checkpassword, csv\ncallers = []\n"
        "sources = [csv('users.csv', login=checkpassword(['./checkpw']))]\n"
    )
    (source,) = load(str(tmp_path / "config.py")).sources
    assert source.authenticate("anna", PASSWORD) is True
    assert source.authenticate("nobody", PASSWORD) is None


def test_names_without_a_slash_are_looked_up() -> None:
    """As execvp(3) does, in a fixed PATH."""
    assert checkpassword(["true"]).verify("anna", "x") is True
    assert checkpassword(["false"]).verify("anna", "x") is False


def test_a_program_that_cannot_be_started_is_an_error(write: Write, tmp_path: Path) -> None:
    """Missing, not executable, a folder, without an interpreter: the administrator must correct it."""
    unusable = tmp_path / "unusable"
    unusable.write_text("#!/bin/sh\nexit 0\n")
    for path in (str(unusable), str(tmp_path), str(tmp_path / "missing"), "no-such-program", write("#!/no/such\n")):
        with pytest.raises(SourceError, match="cannot be started"):
            checkpassword([path]).verify("anna", PASSWORD)


def test_what_is_longer_than_the_interface_allows_is_a_no(write: Write, tmp_path: Path) -> None:
    """512 bytes with all NULs and the time; what is longer is refused, and the program is not asked."""
    login = checkpassword([write(f"cat <&3 > {tmp_path}/given; exit 0")])
    room = MOST_BYTES - len("anna\0\0") - len("1234567890\0")
    assert login.verify("anna", "x" * room) is True
    assert (tmp_path / "given").stat().st_size == 512
    (tmp_path / "given").unlink()
    assert login.verify("anna", "x" * (room + 1)) is False
    assert not (tmp_path / "given").exists()


def test_a_hanging_reader_holds_nobody_up(write: Write) -> None:
    """A program that answers and leaves a child behind is done."""
    assert checkpassword([write("sleep 61 & exit 0")]).verify("anna", OTHER) is True


@pytest.mark.parametrize("program", ["./checkpw", [], (), [""], ["a\0b"], [" "], [5], None, [None]])
def test_wrong_program(program: Any) -> None:
    """What can be no program is an error when the configuration is read."""
    with pytest.raises(ConfigError, match="program"):
        checkpassword(program)


def test_wrong_name() -> None:
    """As in every login."""
    with pytest.raises(ConfigError, match="name"):
        checkpassword(["x"], name="anna")
