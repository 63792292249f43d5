"""What a tired administrator does wrong is told with what to do, and exit status 2."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from cli.trying import AIS, ais, environment, write_own
from support.site import ROOT


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["init", "check", "examples:"]),
        (["chek"], ["invalid choice", "check"]),
        (["list", "--confg", "x"], ["unknown option --confg", "ais list --help"]),
        (["list", "john"], ["too many arguments", "ais list --help"]),
        (["auth"], ["required: user"]),
        (["auth", "john", "--password", "hunter2"], ["unknown option --password", "--password-stdin"]),
        (["auth", "john", "--password=hunter2"], ["unknown option --password", "--password-stdin"]),
        (["auth", "john", "hunter2"], ["too many arguments"]),
        (["auth", "john", "-phunter2"], ["unknown option -p:"]),
        (["auth", "john", "--password:hunter2"], ["unknown option --password:"]),
        (["check", "--config", "/none/config.py"], ["/none/config.py: there is no such file", "init", "--config"]),
        (["--config", "/none/config.py", "check"], ["/none/config.py: there is no such file"]),
        (["check", "--config", "/"], ["/: this file cannot be read"]),
        (["check", "--config", ""], [": this file cannot be read"]),
        (["check", "--config", str(ROOT / "LICENSE")], ["LICENSE, line 1: not valid Python"]),
        (["accept-list"], ["there is no state", "max_shrink"]),
        (["list", "--diff"], ["there is no state", "--diff"]),
        (["auth", "john.doe"], ["a password is missing", "--password-stdin"]),
        (["auth", "john.doe", "--password-stdin"], ["a password is missing"]),
        (["auth", b"\xff".decode("utf-8", "surrogateescape"), "--password-stdin"], ["not valid UTF-8"]),
        (["hash-password", "--scheme", "SSHA512"], ["no terminal", "--password-stdin"]),
        (["hash-password", "--scheme", "MD4"], ["invalid choice"]),
        (["serve", "--port", "99999"], ["--port", "65535"]),
        (["serve", "--port", "http"], ["--port"]),
        (["bundle", "--output", "/none/b.zip"], ["/none/b.zip cannot be written"]),
        (["probe", "https://x.example.test/"], ["--user"]),
        (["init"], ["never overwritten", "--output"]),
        (["init", "--output", "/none/config.py"], ["folder /none does not exist"]),
        (["init", "--output", "new.py"], ["--source"]),
    ],
)
def test_mistakes(folder: Path, arguments: list[str], words: list[str]) -> None:
    """The message says what is wrong and what to do, and repeats no value of an unknown option."""
    done = ais(*arguments, config=folder / "config.py")
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "hunter2" not in done.stderr


def test_library_that_cannot_be_read(tmp_path: Path) -> None:
    """Where lib is missing, or closed to this user, a sentence says so."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ais").write_bytes((ROOT / "bin" / "ais").read_bytes())
    done = subprocess.run(
        [AIS[0], "-IS", tmp_path / "bin" / "ais", "check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"copy all of {tmp_path / 'lib'} again, and let this user read it" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["auth", "john.doe", "--password-stdin"], ["hash-password", "--password-stdin"]])
def test_password_that_is_no_text(folder: Path, command: list[str]) -> None:
    """Bytes that are not UTF-8 are told, not tried."""
    done = ais(*command, config=folder / "config.py", stdin=b"\xff" * 30 + b"\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not valid UTF-8" in done.stderr


def test_password_without_a_terminal(folder: Path) -> None:
    """Where nobody can be asked, the password is read from standard input, and no warning confuses the output."""
    done = ais("auth", "john.doe", config=folder / "config.py", stdin="Passw0rd\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "yes\n", "")


def test_config_before_the_command(folder: Path) -> None:
    """--config counts before the command, too; after it beats before it."""
    good, bad = str(folder / "config.py"), "/none/config.py"
    assert ais("--config", good, "list").returncode == 0
    assert ais("--config", bad, "list", "--config", good).returncode == 0
    assert ais("--config", good, "list", "--config", bad).returncode == 2


@pytest.mark.parametrize(("command", "status"), [("list", 2), ("accept-list", 2), ("auth anna", 2), ("check", 1)])
def test_answer_that_comes_too_late(tmp_path: Path, command: str, status: int) -> None:
    """What comes after the timeout is an error, as it is for MailStore, though a class of one's own is not ended."""
    late = "Own.authenticate = lambda *_: time.sleep(0.3) or True"
    late = f"import time\n{late}\ntimeout = 0.2\nstate = 'state.sqlite'\n"
    config = write_own(tmp_path, "time.sleep(0.3)\nyield User('anna', email_addresses=['anna@example.com'])", late)
    done = ais(*command.split(), config=config, stdin="x\n")
    assert done.returncode == status
    assert "took longer than the timeout" in done.stdout + done.stderr
    assert "yes" not in done.stdout


def test_port_in_use(folder: Path) -> None:
    """A port that another program has is told, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = ais("serve", "--port", str(other.getsockname()[1]), config=folder / "config.py")
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize("ignored", [False, True])
def test_serve_ends_by_interrupt(folder: Path, ignored: bool) -> None:
    """Ctrl-C ends it, also where a shell in the background lets it ignore that: exit status 0, and no words."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    command = [*AIS, "serve", "--port", "0", "--config", str(folder / "config.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        signal.signal(signal.SIGINT, before)
        assert server.stdout is not None
        server.stdout.readline()
        server.send_signal(signal.SIGINT)
        assert server.communicate(timeout=30) == (b"", b"")
    assert server.returncode == 0


@pytest.mark.parametrize(("typed", "status"), [(b"\x03", 130), (b"\x04", 2)])
@pytest.mark.parametrize("command", [["auth", "john.doe"], ["hash-password", "--scheme", "SSHA512"]])
def test_giving_up_at_a_prompt(folder: Path, command: list[str], typed: bytes, status: int) -> None:
    """Ctrl-C is 130 and the end of input is 2, each without a traceback."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(AIS[0], [*AIS, *command], environment(folder / "config.py"))
    shown = b""
    while b"assword: " not in shown:
        shown += os.read(terminal, 1024)
    time.sleep(0.1)  # getpass empties the input when it begins
    os.write(terminal, typed)
    try:
        while part := os.read(terminal, 1024):
            shown += part
    except OSError:  # how Linux says that the other end has closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status
    assert b"Traceback" not in shown


@pytest.mark.parametrize("command", [["list"], ["check"], ["check", "--help"]])
def test_closed_pipe(folder: Path, command: list[str]) -> None:
    """A reader that has seen enough gives no traceback, and a status that is neither fine nor a finding."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*AIS, *command], env=environment(folder / "config.py"), stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["check"], ["auth", "john.doe", "--password-stdin"]])
def test_full_disk(folder: Path, command: list[str]) -> None:
    """Output that does not fit is exit status 2 and a sentence: nobody may take a part for the whole."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*AIS, *command],
            env=environment(folder / "config.py"),
            input=b"Passw0rd\n",
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr
