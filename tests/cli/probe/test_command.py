"""The command bin/ais probe: arguments, prompts, what it prints."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from cli.bundle.hosting import configure, shared_host, suexec_host, unzip
from cli.probe.trying import AIS, probe, raw_server
from support.running import Server
from support.site import CALLER, CALLER_PASSWORD, ROOT, temporary_folder


def ais(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bin/ais probe."""
    env = {**os.environ, "COLUMNS": "80", **environment}
    done = subprocess.run(
        [*AIS, "probe", *arguments], input=stdin, env=env, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ([], "", "usage:"),
        (["https://x.example.test/"], "", "--user"),
        (["x.example.test", "--user", "a"], "p\n", "begin with https://"),
        (["ftp://x.example.test/", "--user", "a"], "p\n", "begin with https://"),
        (["https:///index.php", "--user", "a"], "p\n", "name a server"),
        (["https://a:S3CR3T@x.example.test/", "--user", "a"], "p\n", "leave user name and password out"),
        (["https://x.example.test:port/", "--user", "a"], "p\n", "not a valid URL"),
        (["https://[::1/", "--user", "a"], "p\n", "not a valid URL"),
        (["https://x.example.test/a b", "--user", "a"], "p\n", "blanks"),
        (["https://bücher.example.test/", "--user", "a"], "p\n", "xn--"),
        (["https://x.example.test/\r\nX: y", "--user", "a"], "p\n", "blanks"),
        (["https://x.example.test/", "--user", "a:b"], "p\n", "without a colon"),
        (["https://x.example.test/", "--user", "a"], "", "a password is missing"),
        (["https://x.example.test/", "--user", "a", "--login", "b"], "p\n", "a password is missing"),
        (["https://x.example.test/", "--user", "a", "--timeout", "0"], "p\n", "--timeout"),
        (["https://x.example.test/", "--user", "a", "--timeout", "soon"], "p\n", "--timeout"),
        (["https://x.example.test/", "--user", "a", "--ca-file", "/nonexistent.pem"], "p\n", "certificates"),
        (["https://x.example.test/", "--user", "a", "--ca-file", str(ROOT / "LICENSE")], "p\n", "certificates"),
    ],
)
def test_cannot_be_tried(arguments: list[str], stdin: str, words: str) -> None:
    """Arguments that cannot be used are exit status 2 and a sentence; a password among them is not repeated."""
    done = ais(*arguments, "--password-stdin", stdin=stdin)
    assert done.returncode == 2
    assert words in done.stderr
    assert "S3CR3T" not in done.stderr + done.stdout


def test_text(wrong: Server) -> None:
    """Without --json: lines that begin with ok or PROBLEM, and the verdict last; they fit the terminal."""
    done = ais(wrong.url, "--user", CALLER, "--password-stdin", stdin=f"{CALLER_PASSWORD}\n")
    *lines, last = done.stdout.splitlines()
    assert (done.returncode, last) == (0, "fine")
    assert all(line.startswith(("ok  ", "    ")) for line in lines)
    done = ais(wrong.at("/run/noexec.py"), "--user", CALLER, "--password-stdin", stdin=f"{CALLER_PASSWORD}\n")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 problem")
    assert "PROBLEM  cannot-start: " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_one_user() -> None:
    """A list of one user is "1 user"."""
    challenge = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n'
    users = b'[{"userName": "a", "fullName": "A", "emailAddresses": ["a@example.com"]}]'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: %d\r\n" % len(users)
    with raw_server(challenge + b"Connection: close\r\n\r\n", head + b"Connection: close\r\n\r\n" + users) as url:
        assert "cmd=list gives 1 user, " in probe(url).text


def test_poor_terminal(wrong: Server) -> None:
    """A terminal that lacks a letter of a message gets another one for it."""
    done = ais(
        wrong.url, "--user", CALLER, "--password-stdin", stdin="N0-such-1\n", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 1
    assert "caller(...)" in done.stdout


def test_prompts(wrong: Server) -> None:
    """Both passwords are asked for by name, and not shown."""
    command = [*AIS, "probe", wrong.url, "--user", CALLER, "--login", "john.doe"]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    shown = b""
    for prompt in (f"Password of {CALLER}: ".encode(), b"Password of john.doe: "):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{CALLER_PASSWORD}\n".encode())
    while True:
        try:
            part = os.read(terminal, 1024)
        except OSError:  # how Linux says that the other end has closed
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shown.rstrip().endswith(b"fine")
    assert CALLER_PASSWORD.encode() not in shown


def test_own_server(wrong: Server) -> None:
    """bin/ais serve is fine, too."""
    config = wrong.site / "conf" / "config.py"
    command = [*AIS, "serve", "--port", "0", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert probe(server.stdout.readline().strip()).codes == []
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle."""
    output = tmp_path_factory.mktemp("bundle") / "ais.zip"
    subprocess.run([*AIS, "bundle", "--output", str(output)], check=True, capture_output=True)
    return output


def test_bundle(archive: Path) -> None:
    """A bundle on a host that heeds .htaccess is fine; on one that does not, the script and the secrets are open."""
    with temporary_folder() as documents:
        folder = unzip(archive, documents)
        with shared_host(documents, override="None") as server:
            result = probe(server.url)
            assert result.codes == ["not-found", "exposed"], result.text
            assert "Do not upload conf/config.py yet" in result.text
            by_name = probe(server.at("/mailstore-integration/index.py"))
            assert by_name.codes == ["script-as-text", "exposed"], by_name.text
            configure(folder)
            result = probe(server.url)
            assert result.codes == ["not-found", "exposed"], result.text
            assert "EVERYBODY CAN DOWNLOAD SECRETS" in result.text
        with shared_host(documents) as server:
            assert probe(server.url).codes == []
            (folder / ".htaccess").write_text("Options +ExecCGI\nAddHandler cgi-script .py\n")
            assert probe(server.at("/mailstore-integration/index.py")).codes == ["header-lost"]
            (folder / ".htaccess").write_text("NoSuchDirective on\n")
            assert probe(server.url).codes == ["cannot-start"]


def test_suexec(archive: Path) -> None:
    """Where suEXEC refuses to start the script, the only log that has the reason is named."""
    with suexec_host(archive) as server:
        assert probe(server.url).codes == []
        (server.site / "mailstore-integration").chmod(0o775)
        result = probe(server.url)
    assert result.codes == ["cannot-start"], result.text
    assert "only the host's suexec.log" in result.text
