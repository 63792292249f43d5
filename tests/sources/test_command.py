"""The source command with real programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ais import deadline
from ais.errors import AISError, ConfigError, SourceError, SourceUnavailable
from ais.logins import Login
from ais.sources import Source
from ais.sources.command import CommandSource, command
from conftest import Ask
from sources.contract import INACTIVE, PASSWORD, USERS, SourceContract, added_up

LIST = f"""#!/usr/bin/python3
import json
print(json.dumps({USERS!r}, ensure_ascii=False))
"""

AUTH = f"""#!/usr/bin/python3
import sys
user, password, rest = sys.stdin.buffer.read().split(b"\\0")
assert rest == b""
passwords = dict.fromkeys({[user["userName"] for user in USERS]!r}, {PASSWORD!r})
passwords[{INACTIVE!r}] = None
if user.decode() not in passwords:
    sys.exit(2)
sys.exit(0 if passwords[user.decode()] == password.decode() else 1)
"""

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a program, and returns its path."""

    def writing(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return writing


@pytest.fixture
def printing(write: Write) -> Callable[[str | bytes], CommandSource]:
    """Makes a source whose list program prints this."""

    def making(text: str | bytes) -> CommandSource:
        raw = text.encode() if isinstance(text, str) else text
        program = write("list.py", f"#!/usr/bin/python3\nimport sys\nsys.stdout.buffer.write({raw!r})\n")
        return command(list=[program], auth=["true"])

    return making


@pytest.fixture
def in_two_seconds() -> object:
    """The request has two seconds, and the test one more."""
    deadline.start(2)
    began = time.monotonic()
    yield
    deadline._ends.set(time.monotonic() + 3600)
    assert time.monotonic() - began < 3


def is_running(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def saved_pid(path: Path) -> int:
    """The process number that a program has written."""
    for _ in range(100):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError("the program has not started")


class TestJson(SourceContract):
    """The contract, by a program that prints JSON."""

    @pytest.fixture
    def source(self, write: Write) -> CommandSource:
        return command(list=[write("users", LIST)], auth=[write("login", AUTH)])

    @pytest.fixture
    def broken(self, write: Write) -> Source:
        return command(list=[write("users", "exit 1")], auth=[write("login", "exit 3")])


class TestCsv(SourceContract):
    """The contract, by programs of the shell that print CSV."""

    @pytest.fixture
    def source(self, write: Write) -> CommandSource:
        rows = "\n".join(
            f'echo "{user["userName"]};{user["fullName"]};{" ".join(user["emailAddresses"])}"' for user in USERS
        )
        return command(
            list=[write("users", f'echo "user_name;Full Name;emailaddresses"\n{rows}')], auth=[write("login", AUTH)]
        )

    @pytest.fixture
    def broken(self) -> Source:
        return command(list=["/nowhere/users"], auth=["/nowhere/login"])


def test_the_auth_program_gets_user_and_password_on_standard_input(write: Write, tmp_path: Path) -> None:
    """It reads exactly the user, a NUL, the password, a NUL, as UTF-8, and finds neither anywhere else."""
    program = write("login", f"cat > {tmp_path}/input\ncat /proc/$$/cmdline /proc/$$/environ > {tmp_path}/rest")
    source = command(list=["true"], auth=[program, "--strict"])
    assert source.authenticate("jürgen", PASSWORD) is True
    assert (tmp_path / "input").read_bytes() == f"jürgen\0{PASSWORD}\0".encode()
    rest = (tmp_path / "rest").read_bytes()
    assert b"--strict" in rest
    assert PASSWORD.encode() not in rest
    assert "jürgen".encode() not in rest


def test_the_environment_is_not_that_of_the_web_server(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds a path and a language; a CGI script's own holds the caller's password."""
    monkeypatch.setenv("HTTP_AUTHORIZATION", "Basic c2VjcmV0")
    # Not the shell's own view, for it adds variables of its own.
    program = write("users", f"cat /proc/$$/environ > {tmp_path}/environment\necho '[]'")
    assert list(command(list=[program], auth=["true"]).users()) == []
    found = (tmp_path / "environment").read_bytes().split(b"\0")
    assert sorted(filter(None, found)) == [b"LANG=C.UTF-8", b"PATH=/usr/local/bin:/usr/bin:/bin"]


def test_no_file_of_the_web_server_is_left_open(write: Write, tmp_path: Path) -> None:
    """A program has its three standard files and no other."""
    with open(tmp_path / "secret", "w+", encoding="utf-8") as secret:
        os.set_inheritable(secret.fileno(), True)
        program = write("users", f"ls -l /proc/$$/fd > {tmp_path}/files\necho '[]'")
        list(command(list=[program], auth=["true"]).users())
    assert "secret" not in (tmp_path / "files").read_text()


@pytest.mark.parametrize("words", [["./users"], ["bin/../users"], ["sh", "users"], ["sh", "-c", "cat data; true"]])
def test_paths_start_at_the_configuration(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """A program's path, and the paths in its arguments and in itself, start at the folder of the configuration."""
    write("users", "cat data")
    (tmp_path / "data").write_text('[{"userName": "anna"}]')
    monkeypatch.setattr("ais.options.folder", str(tmp_path))
    source = command(list=words, auth=["true"])
    monkeypatch.setattr("ais.options.folder", None)
    assert [user.user_name for user in source.users()] == ["anna"]


def test_no_shell_reads_the_arguments(write: Write, tmp_path: Path) -> None:
    """What would mean something to a shell arrives as it is."""
    program = write("users", f'printf %s "$1" > {tmp_path}/argument\necho "[]"')
    hostile = f"$(touch {tmp_path}/touched); `id` | * \"'"
    list(command(list=[program, hostile], auth=["true"]).users())
    assert (tmp_path / "argument").read_text() == hostile
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(("status", "answer"), [(0, True), (1, False), (2, None)])
def test_exit_statuses_of_the_auth_program(write: Write, status: int, answer: bool | None) -> None:
    """0 is yes, 1 is no, 2 is a user not known here, also if the program reads nothing."""
    source = command(list=["true"], auth=[write("login", f"exit {status}")])
    assert source.authenticate("anna", "x" * 60_000) is answer


def test_a_yes_for_a_name_that_is_not_listed(write: Write) -> None:
    """A program that compares loosely decides alone; where there are other sources, the list has to have the name."""
    source = command(list=[write("users", "echo userName; echo anna")], auth=[write("login", "exit 0")])
    assert [source.authenticate(name, "x") for name in ("anna", "Anna")] == [True, True]
    source.alone = False
    assert [source.authenticate(name, "x") for name in ("anna", "Anna")] == [True, None]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "exit status 3"),
        ("exit 127", "exit status 127"),
        ("exit 255", "exit status 255"),
        ("kill -9 $$", "signal 9"),
        ("kill -15 $$", "signal 15"),
        ("nosuchprogram", "exit status 127"),
    ],
)
def test_any_other_end_is_no_answer(write: Write, script: str, said: str) -> None:
    """Nobody can tell, and for a list whatever was printed before does not count."""
    source = command(list=[write("users", f"echo '[]'\n{script}")], auth=[write("login", script)])
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna", "tried")):
        with pytest.raises(SourceUnavailable, match=rf"the program of (list|auth), /.*, ended with {said}"):
            question()


def test_exit_status_1_of_the_list_program_is_no_answer(write: Write) -> None:
    """The statuses that mean something for a login mean nothing for a list."""
    with pytest.raises(SourceUnavailable, match="exit status 1"):
        list(command(list=[write("users", "echo '[]'\nexit 1")], auth=["true"]).users())


def test_programs_that_cannot_be_started_are_told(write: Write, tmp_path: Path) -> None:
    """A missing program, one without the right to run, one without a first line."""
    not_executable = write("users", "echo '[]'")
    os.chmod(not_executable, 0o644)
    (tmp_path / "data").write_bytes(b"no program")
    (tmp_path / "data").chmod(0o755)
    for path, said in (
        (str(tmp_path / "nothing"), "there is no such program"),
        ("no-such-program-anywhere", "there is no such program"),
        (write("interpreter", "#!/nowhere/python\n"), "its first line names one that does not exist"),
        (not_executable, "not executable"),
        (str(tmp_path), "not executable"),
        (str(tmp_path / "data" / "x"), "not a folder"),
        (str(tmp_path / "data"), "#!/bin/sh"),
    ):
        source = command(list=[path], auth=[path])
        with pytest.raises(SourceError, match=f"cannot be started: .*{said}"):
            list(source.users())
        with pytest.raises(SourceError, match=f"cannot be started: .*{said}"):
            source.authenticate("anna", "x")


@pytest.mark.usefixtures("in_two_seconds")
@pytest.mark.parametrize("stubborn", ["", "trap '' TERM\n"])
@pytest.mark.parametrize("question", ["list", "auth"])
def test_a_program_that_hangs_is_ended_with_its_children(
    write: Write, tmp_path: Path, stubborn: str, question: str
) -> None:
    """The request ends in time, and neither the program nor what it started is left, whether or not it obeys."""
    child = write("child", f"{stubborn}echo $$ > {tmp_path}/child.pid\nwhile :; do sleep 1; done")
    program = write("hang", f"{stubborn}echo $$ > {tmp_path}/own.pid\n{child} &\nwhile :; do sleep 1; done")
    source = command(list=[program], auth=[program])
    with pytest.raises(SourceUnavailable, match=f"the program of {question}, .*, did not end in time"):
        list(source.users()) if question == "list" else source.authenticate("anna", "x" * 60_000)
    for name in ("own.pid", "child.pid"):
        pid = saved_pid(tmp_path / name)
        for _ in range(50):
            if not is_running(pid):
                break
            time.sleep(0.01)
        assert not is_running(pid)
    with pytest.raises(ChildProcessError):
        os.waitpid(saved_pid(tmp_path / "own.pid"), os.WNOHANG)  # it is no zombie of ours either


@pytest.mark.usefixtures("in_two_seconds")
def test_a_child_left_behind_is_ended_too(write: Write, tmp_path: Path) -> None:
    """A program that answers and goes leaves nothing running in its group."""
    child = write("child", "echo $$ > $1\nexec sleep 1000")
    listing, login = tmp_path / "list.pid", tmp_path / "auth.pid"
    source = command(
        list=[write("users", f"{child} {listing} > /dev/null &\nwhile [ ! -s {listing} ]; do :; done\necho '[]'")],
        auth=[write("login", f"{child} {login} &\nwhile [ ! -s {login} ]; do :; done\nexit 1")],
    )
    assert list(source.users()) == []
    assert source.authenticate("anna", "x" * 60_000) is False
    time.sleep(0.05)
    assert not is_running(saved_pid(listing))
    assert not is_running(saved_pid(login))


@pytest.mark.usefixtures("in_two_seconds")
def test_output_without_end_is_cut_off(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that prints too much is an error before memory is full."""
    monkeypatch.setattr("ais.network.programs.MOST_OUTPUT", 1_000_000)
    source = command(list=[write("users", "exec yes")], auth=["true"])
    with pytest.raises(SourceError, match="prints more than 1000000 bytes"):
        list(source.users())


def test_300_megabytes_are_too_much(write: Write) -> None:
    """The limit is one that memory holds."""
    deadline.start(60)
    source = command(list=[write("users", "head -c 300000000 /dev/zero")], auth=["true"])
    with pytest.raises(SourceError, match="prints more than 268435456 bytes"):
        list(source.users())


@pytest.mark.usefixtures("in_two_seconds")
def test_a_program_that_closes_its_input_is_heard(write: Write) -> None:
    """It need not read the password to the end."""
    source = command(list=["true"], auth=[write("login", "exec <&-\nsleep 0.2\nexit 0")])
    assert source.authenticate("anna", "x" * 60_000) is True


@pytest.mark.usefixtures("in_two_seconds")
def test_more_input_than_a_pipe_holds_is_no_deadlock(write: Write) -> None:
    """Neither for a program that reads it late, nor for one that never does."""
    late = command(list=["true"], auth=[write("late", "sleep 0.3\n[ $(wc -c) = 1000006 ]")])
    assert late.authenticate("anna", "x" * 1_000_000) is True
    never = command(list=["true"], auth=[write("never", "sleep 0.3\nexit 1")])
    assert never.authenticate("anna", "x" * 1_000_000) is False


def test_what_programs_say_besides_is_thrown_away(write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    """Error output and an auth program's output never reach the web server's log or answer."""
    source = command(
        list=[write("users", "echo secret >&2\necho '[]'")], auth=[write("login", "cat\ncat >&2\necho secret\nexit 1")]
    )
    assert list(source.users()) == []
    assert source.authenticate("anna", "tried") is False
    assert capfd.readouterr() == ("", "")


def test_an_exit_status_that_is_lost_is_never_a_yes(write: Write, tmp_path: Path) -> None:
    """Where SIGCHLD is ignored, the kernel keeps no status, and Python's subprocess takes 0 for it."""
    program = write("login", "sleep 0.1\nexit 1")
    script = (
        "import signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "from ais.errors import SourceUnavailable\nfrom ais.sources.command import command\n"
        f"try:\n    answer = command(list=['true'], auth=[{program!r}]).authenticate('anna', 'x')\n"
        "except SourceUnavailable as error:\n    answer = error\nprint(answer)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "must not ignore SIGCHLD" in done.stdout


def test_without_a_request_there_is_a_limit_too(write: Write) -> None:
    """The command line has no deadline; a program that prints slowly for ever still ends."""
    program = write("users", "while :; do echo x; sleep 0.05; done")
    script = (
        "import time\nfrom ais import deadline\ndeadline.remaining.__defaults__ = (1.0,)\n"
        "from ais.errors import SourceUnavailable\nfrom ais.sources.command import command\n"
        f"began = time.monotonic()\ntry:\n    list(command(list=[{program!r}], auth=['true']).users())\n"
        "except SourceUnavailable as error:\n    print(error, time.monotonic() - began < 3)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.endswith("did not end in time True\n")


def test_another_login_is_asked_for_listed_users_only(write: Write) -> None:
    """With login, the program says who there is, and the login whose password is right."""

    class Elsewhere(Login):
        def verify(self, user: str, password: str) -> bool:
            return password == "elsewhere"

    source = command(list=[write("users", LIST)], login=Elsewhere())
    assert source.authenticate("john.doe", "elsewhere") is True
    assert source.authenticate("john.doe", PASSWORD) is False
    assert source.authenticate("nobody", "elsewhere") is None


Printing = Callable[[str | bytes], CommandSource]


def test_json_in_full(printing: Printing) -> None:
    """All fields of the protocol are read, others are not, empty ones may be null, and a user's objects add up."""
    source = printing(
        '\ufeff\n [{"userName": "a", "fullName": null, "emailAddresses": ["a@b.c"], "id": 7, "groups": [1]},\n'
        '{"distinguishedName": "cn=a", "userName": " a ", "fullName": "Ä", "emailAddresses": ["A@B.C", "x@b.c"]},'
        '{"userName": "b", "emailAddresses": null}]\n'
    )
    assert [json.loads(user.to_json()) for user in added_up(source)] == [
        {"userName": "a", "distinguishedName": "cn=a", "fullName": "Ä", "emailAddresses": ["a@b.c", "x@b.c"]},
        {"userName": "b"},
    ]


def test_csv_in_full(printing: Printing) -> None:
    """Quoted cells, line ends within those of addresses, CRLF, other columns, several address columns, added rows."""
    source = printing(
        "\ufeff\r\nuser_name,Full Name,uid,emailAddresses,EMAILADDRESSES\r\n"
        'a,"Anna ""A"", B",7,a@b.c,\r\n'
        'a,,7,,"x@b.c\r\ny@b.c"\r\n\r\n'
        "b,Bär,8,,"
    )
    assert [json.loads(user.to_json()) for user in added_up(source)] == [
        {"userName": "a", "fullName": 'Anna "A", B', "emailAddresses": ["a@b.c", "x@b.c", "y@b.c"]},
        {"userName": "b", "fullName": "Bär"},
    ]
    tabs = printing("userName\tfullName\nanna\tAnna, A.\n")
    assert [user.full_name for user in tabs.users()] == ["Anna, A."]


def test_an_empty_list_is_said(printing: Printing) -> None:
    """An empty array or a heading line alone is an empty list; nothing at all is an error."""
    assert list(printing("[]").users()) == []
    assert list(printing("userName,fullName\n").users()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "printed nothing"),
        (" \n\n", "printed nothing"),
        ('[{"userName": "a"}, {"userNa', "not valid JSON, line 1"),
        ('[{"userName": "a"}\n', "not valid JSON, line 2"),
        ('[{"userName": "a"}]\n[]', "not valid JSON, line 2"),
        ("[" * 100_000, "nested too deep"),
        ('["a"]', "object 1 is not an object"),
        ('[{"userName": "a"}, null]', "object 2 is not an object"),
        ('[{"userName": "a"}, {"fullName": "b"}]', "object 2: userName is empty"),
        ('[{"userName": "a"}, {"userName": " "}]', "object 2: userName is empty"),
        ('[{"userName": 7}]', "object 1: userName must be a text"),
        ('[{"userName": true}]', "object 1: userName must be a text"),
        ('[{"userName": ["a"]}]', "object 1: userName must be a text"),
        ('[{"userName": "a", "fullName": 5}]', "object 1: fullName must be a text"),
        ('[{"userName": "a", "distinguishedName": {}}]', "object 1: distinguishedName must be a text"),
        ('[{"userName": "a", "emailAddresses": "a@b.c"}]', "object 1: emailAddresses must be an array"),
        ('[{"userName": "a", "emailAddresses": ["a@b.c", 5]}]', "object 1: emailAddresses must be an array"),
        ('[{"userName": "a", "emailAddresses": [null]}]', "object 1: emailAddresses must be an array"),
        ('[{"userName": "\\udc80"}]', "object 1: userName is not valid Unicode"),
        ('{"userName": "a"}', "userName"),
        ("PHP Warning: something\n[]", "no column userName"),
        ("name,mail\na,a@b.c\n", "no column userName"),
        ("userName,userName\na,b\n", "two columns for userName"),
        ("userName,fullName\na,A\nb\n", "line 3 of its output has 1 cells, and the heading line 2"),
        ("userName,fullName\na,A,x\n", "line 2 of its output has 3 cells"),
        ("userName,fullName\n,A\n", "line 2 of its output: userName is empty"),
        ('userName,fullName\na,"A\n', "neither JSON nor CSV"),
        ('userName,fullName\na,"A"x\n', "neither JSON nor CSV"),
        ('userName,"full\nName"\na,A\n', "the heading line has a line break"),
        (
            'userName;fullName;emailAddresses\nm;"x;m@x\na;Anna;a@x\nb;Bob";b@x\n',
            "line 2 of its .* to line 4: is a quot",
        ),
        ('userName,emailAddresses\nm@x,"m@x\na@x,a@x"\n', "line 2 of its output: .* goes on to line 3"),
        ("userName\na\0b\n", "NUL"),
        (b"userName\n\xfcber\n", "line 2 of its output is not UTF-8"),
        (b'[{"userName": "\xfc"}]', "line 1 of its output is not UTF-8"),
    ],
)
def test_output_that_cannot_be_read_is_an_error(printing: Printing, text: str | bytes, said: str) -> None:
    """A list is whole or an error, which says where."""
    with pytest.raises(SourceError, match=said) as raised:
        list(printing(text).users())
    assert "the program of list, /" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"list": "users.sh --all", "auth": ["true"]}, "list must be a list of texts.*no shell"),
        ({"list": ["true"], "auth": "login.sh"}, "auth must be a list of texts.*no shell"),
        ({"list": [], "auth": ["true"]}, "list must be a list"),
        ({"list": ["true", 5], "auth": ["true"]}, "list must be a list"),
        ({"list": None, "auth": ["true"]}, "list must be a list"),
        ({"list": [""], "auth": ["true"]}, "list must begin"),
        ({"list": ["  "], "auth": ["true"]}, "list must begin"),
        ({"list": ["true", "a\0b"], "auth": ["true"]}, "list must begin"),
        ({"list": ["true"]}, "give auth"),
        ({"list": ["true"], "auth": ["true"], "login": object()}, "give auth"),
        ({"list": ["true"], "login": 5}, "login must be one such as"),
        ({"list": ["true"], "login": Login}, "login must be one such as"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options: dict[str, object], said: str) -> None:
    """A wrong option is an error when the configuration is read."""
    with pytest.raises(ConfigError, match=said) as raised:
        command(**options)  # type: ignore[arg-type]
    assert str(raised.value).startswith("command()")


def test_messages_hold_no_arguments(write: Write) -> None:
    """An argument may be a secret."""
    program = write("fail", "exit 5")
    source = command(list=[program, "--password=secret"], auth=[program, "--password=secret"])
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna", "tried")):
        with pytest.raises(AISError) as raised:
            question()
        assert "secret" not in str(raised.value)
        assert "tried" not in str(raised.value)


def test_a_signal_to_us_is_not_swallowed(write: Write) -> None:
    """An interrupt ends the wait and the program."""
    source = command(list=["true"], auth=[write("login", "sleep 1000")])
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(KeyboardInterrupt):
        source.authenticate("anna", "x")


def test_through_the_entry(write: Write, folder: Path, write_config: Callable[..., None], run: Ask) -> None:
    """A CGI request gives both answers; its programs see nothing of the caller's password or the user's."""
    write("users", LIST + f"open({str(folder / 'seen')!r}, 'wb').write(open('/proc/self/environ', 'rb').read())\n")
    write("login", AUTH)
    write_config("from ais import command\nsources = [command(list=['./users'], auth=['./login'])]\n")
    answer = run()
    assert answer.status == 200, answer.log
    assert json.loads(answer.body) == USERS
    assert b"AUTHORIZATION" not in (folder / "seen").read_bytes()
    for password, body in ((PASSWORD, b'{"succeeded": true}'), ("wrong", b'{"succeeded": false}')):
        answer = run(urlencode({"cmd": "auth", "user": "jane.doe", "pass": password}))
        assert (answer.status, answer.body) == (200, body)


def test_a_hanging_program_through_the_entry(
    write: Write, tmp_path: Path, write_config: Callable[..., None], run: Ask
) -> None:
    """It is a 503 that names the program, and the program is gone when the answer is there."""
    write("users", f"echo $$ > {tmp_path}/users.pid\ntrap '' TERM\nwhile :; do sleep 1; done")
    write_config("timeout = 1\nfrom ais import command\nsources = [command(list=['./users'], auth=['./users'])]\n")
    began = time.monotonic()
    answer = run()
    assert time.monotonic() - began < 2
    assert answer.status == 503
    assert "did not end in time" in answer.log
    assert not is_running(saved_pid(tmp_path / "users.pid"))
