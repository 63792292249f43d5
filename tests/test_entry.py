"""The real entry, run as the process that a web server starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ENTRY, Ask, credentials, parse, variables
from support.interpreters import PYTHON, installed
from support.needs import missing
from support.site import ROOT
from test_protocol import TYPE, multipart

WriteConfig = Callable[..., None]

HEAD = (
    b"Status: 200 OK\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: 19\r\n"
    b"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
)


def test_answer_byte_for_byte(folder: Path) -> None:
    """The process writes exactly these bytes, started by its own first line and in an almost empty environment."""
    body = b"cmd=auth&user=john.doe&pass=Passw0rd"
    environment = variables(body, AIS_CONFIG=str(folder / "config.py"))
    done = subprocess.run([ENTRY], env=environment, input=body, capture_output=True, check=True)
    assert done.stdout == HEAD + b'{"succeeded": true}'
    assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ mailstore-ais: client=127.0.0.1 [^\n]*\n", done.stderr)


def test_answer_leaves_in_one_piece(folder: Path) -> None:
    """Header and body are one write: a server passes on whatever it has when a script dies half-way."""
    body = b"cmd=list"
    environment = variables(body, AIS_CONFIG=str(folder / "config.py"))
    tool = shutil.which("strace") or missing("the program strace", "strace")
    trace = folder / "trace"
    subprocess.run(
        [tool, "-f", "-o", trace, "-e", "trace=write", ENTRY],
        env=environment,
        input=body,
        capture_output=True,
        check=True,
    )
    writes = [line for line in trace.read_text().splitlines() if "Status: 200" in line or "userName" in line]
    assert len(writes) == 1


def test_config_of_the_entry(tmp_path: Path, folder: Path) -> None:
    """Without AIS_CONFIG the configuration is conf/config.py, two levels above the entry."""
    for part in ("cgi-bin", "lib"):
        shutil.copytree(ROOT / part, tmp_path / "site" / part, ignore=shutil.ignore_patterns("__pycache__"))
    entry = tmp_path / "site" / "cgi-bin" / "mailstore-integration" / "index.py"
    body = b"cmd=list"
    done = subprocess.run([PYTHON, "-S", entry], env=variables(body), input=body, capture_output=True, check=True)
    assert parse(done.stdout, "").status == 500
    assert str(tmp_path / "site" / "conf" / "config.py") in done.stderr.decode()
    shutil.copytree(folder, tmp_path / "site" / "conf", ignore=shutil.ignore_patterns("site"))
    done = subprocess.run([entry], env=variables(body), input=body, capture_output=True, check=True)
    assert parse(done.stdout, "").status == 200


def test_only_the_server_names_the_config(run: Ask, folder: Path) -> None:
    """A client cannot choose the configuration by a header; the server can, also across an Apache rewrite."""
    assert run(AIS_CONFIG=None, HTTP_AIS_CONFIG=str(folder / "config.py")).status == 500
    assert run(AIS_CONFIG=None, REDIRECT_AIS_CONFIG=str(folder / "config.py")).status == 200


def test_output_of_sources_does_not_reach_the_client(run: Ask, write_config: WriteConfig) -> None:
    """What the configuration, a library or a child prints goes to the log, not in front of the header."""
    write_config("import os as _os\nprint('printed')\n_os.system('echo child')\n_os.write(1, b'raw')\n")
    answer = run()
    assert answer.status == 200
    assert all(word in answer.log for word in ("printed", "child", "raw"))


def test_hanging_source_is_503_in_time(run: Ask, write_config: WriteConfig) -> None:
    """A source that hangs gives 503 within the timeout and a second."""
    write_config(
        whole="import time\nfrom ais import Source, caller, sql\n"
        "class Hangs(Source):\n    def users(self):\n        time.sleep(60)\n"
        "    def authenticate(self, user, password):\n        time.sleep(60)\n"
        "callers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]\nsources = [Hangs()]\ntimeout = 1\n"
    )
    begin = time.monotonic()
    answer = run()
    assert answer.status == 503
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    "changed",
    [{"AIS_CONFIG": "/nowhere/config.py"}, {"AIS_CONFIG": None, "AIS_TENANTS": "/nowhere"}, {"REQUEST_METHOD": "PUT"}],
)
def test_a_body_that_never_comes_is_503(
    folder: Path, write_config: WriteConfig, changed: dict[str, str | None]
) -> None:
    """The body is read on every path, and on none of them for ever: a client could fill the server with processes."""
    write_config("timeout = 0.5\n")
    start = "from ais import cgi, deadline; deadline.DEFAULT_SECONDS = 0.5; cgi.run('')"
    command = [PYTHON, "-S", "-c", start]
    given = {"AIS_CONFIG": str(folder / "config.py"), "PYTHONPATH": str(ROOT / "lib"), **changed}
    environment = variables(b"cmd=list", **given)
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"cmd")
        process.stdin.flush()
        assert process.stdout.read().startswith(b"Status: 503 ")


def test_head_has_no_body(folder: Path, write_config: WriteConfig) -> None:
    """HEAD gets the status and headers of GET without its body (RFC 3875, 4.3.3), also when the time is over."""

    def head(**changed: str | None) -> tuple[bytes, bytes]:
        environment = variables(b"", REQUEST_METHOD="HEAD", AIS_CONFIG=str(folder / "config.py"), **changed)
        done = subprocess.run([PYTHON, "-S", ENTRY], env=environment, input=b"", capture_output=True, check=True)
        header, _, body = done.stdout.partition(b"\r\n\r\n")
        assert b"\r\nContent-Length: " in header
        return header[:11], body

    assert head() == (b"Status: 200", b"")
    assert head(HTTP_AUTHORIZATION=None) == (b"Status: 401", b"")
    write_config(
        whole="import time\nfrom ais import Source, caller\n"
        "class Hangs(Source):\n    def users(self):\n        time.sleep(60)\n"
        "    def authenticate(self, user, password):\n        time.sleep(60)\n"
        "callers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]\nsources = [Hangs()]\ntimeout = 1\n"
    )
    assert head() == (b"Status: 503", b"")


def test_multipart_finds_its_package(tmp_path: Path, folder: Path) -> None:
    """The entry starts without site; the package of multipart forms is found all the same, in .venv."""
    for part in ("cgi-bin", "lib"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    (tmp_path / ".venv").symlink_to(sys.prefix)
    body = multipart([("cmd", "list")])
    environment = variables(body, CONTENT_TYPE=TYPE, AIS_CONFIG=str(folder / "config.py"))
    entry = tmp_path / "cgi-bin" / "mailstore-integration" / "index.py"
    done = subprocess.run([PYTHON, "-S", entry], env=environment, input=body, capture_output=True, check=True)
    assert parse(done.stdout, done.stderr.decode()).status == 200


def test_missing_package_is_said(tmp_path: Path, folder: Path) -> None:
    """With a package missing, the answer is JSON 500 and the log says what to install."""
    for part in ("cgi-bin", "lib"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    body = multipart([("cmd", "list")])
    environment = variables(body, CONTENT_TYPE=TYPE, AIS_CONFIG=str(folder / "config.py"))
    entry = tmp_path / "cgi-bin" / "mailstore-integration" / "index.py"
    done = subprocess.run([PYTHON, "-S", entry], env=environment, input=body, capture_output=True, check=True)
    assert parse(done.stdout, "").status == 500
    assert "pip install python-multipart" in done.stderr.decode()


def test_missing_library_is_said(tmp_path: Path) -> None:
    """Without lib the entry still answers valid headers and a sentence, and reads the body."""
    entry = tmp_path / "cgi-bin" / "mailstore-integration" / "index.py"
    entry.parent.mkdir(parents=True)
    shutil.copy(ENTRY, entry)
    body = b"cmd=list"
    done = subprocess.run([entry], env=variables(body), input=body, capture_output=True, check=True)
    answer = parse(done.stdout, "")
    assert answer.status == 500
    assert "lib folder" in json.loads(answer.body)["error"]
    environment = variables(b"", REQUEST_METHOD="HEAD")
    head = subprocess.run([entry], env=environment, input=b"", capture_output=True, check=True)
    assert head.stdout == done.stdout.removesuffix(answer.body)


PRETEND = "import sys; sys.version_info = (3, 10, 19); __file__ = sys.argv[1]; exec(open(__file__).read())"
"""Runs an entry in a Python that says that it is older: not every machine has an old one."""

TOO_OLD = {
    "pretended 3.10": [PYTHON, "-S", "-c", PRETEND],
    **{str(python): [str(python)] for python in installed("2.7", "3.6", "3.8", "3.9", "3.10")},
}
"""The beginnings of commands that end with an entry."""


@pytest.mark.parametrize("command", TOO_OLD.values(), ids=TOO_OLD)
def test_old_python_is_said(command: list[str]) -> None:
    """A Python that is too old answers valid headers and a JSON 500 that says so."""
    body = b"cmd=list"
    done = subprocess.run([*command, ENTRY], env=variables(body), input=body, capture_output=True, check=True)
    answer = parse(done.stdout, "")
    assert answer.status == 500
    assert "Python 3.11 or newer" in json.loads(answer.body)["error"]


@pytest.mark.parametrize("command", TOO_OLD.values(), ids=TOO_OLD)
def test_old_python_of_the_command_line_is_said(command: list[str]) -> None:
    """bin/ais says which Python is needed before it reads anything that an old one could not."""
    done = subprocess.run([*command, ROOT / "bin" / "ais", "list"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("ais: Python 3.11 or newer is needed and this is ")
    assert done.stderr.count("\n") == 1


def test_closed_streams_do_no_harm(folder: Path) -> None:
    """A server that gives no stderr, or goes away before the answer, sees no traceback on stdout."""
    body = b"cmd=auth&user=john.doe&pass=Passw0rd"
    environment = variables(body, AIS_CONFIG=str(folder / "config.py"))
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", PYTHON, "-S", ENTRY],
        env=environment,
        input=body,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == HEAD + b'{"succeeded": true}'
    reader, writer = os.pipe()
    os.close(reader)
    gone = subprocess.run(
        [PYTHON, "-S", ENTRY], env=environment, input=body, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert b"Traceback" not in gone.stderr


header_text = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.builds(lambda u, p: b"cmd=auth&user=" + u + b"&pass=" + p, st.binary(max_size=40), st.binary(max_size=40)),
    ),
    changed=st.fixed_dictionaries(
        {},
        optional={
            "REQUEST_METHOD": st.sampled_from(["POST", "GET", "PUT", ""]),
            "CONTENT_TYPE": st.one_of(st.sampled_from([TYPE, "application/x-www-form-urlencoded"]), header_text),
            "CONTENT_LENGTH": st.one_of(st.integers(-5, 300).map(str), header_text),
            "HTTP_AUTHORIZATION": st.one_of(st.just(credentials()), header_text),
            "HTTP_TRANSFER_ENCODING": st.just("chunked"),
            "REMOTE_ADDR": st.one_of(st.sampled_from(["127.0.0.1", "::1"]), header_text),
        },
    ),
)
def test_any_bytes_get_a_well_formed_answer(run: Ask, body: bytes, changed: dict[str, str]) -> None:
    """Whatever arrives, the process answers one well-formed response, and no log line tells a traceback."""
    answer = run(body, **changed)
    assert answer.status in (200, 400, 401, 403, 405, 411, 413, 415)
    assert "Traceback" not in answer.log
    assert answer.body != b'{"succeeded": true}'


def test_every_python_here(folder: Path) -> None:
    """The entry answers under every supported Python of this machine."""
    body = b"cmd=list"
    environment = variables(body, AIS_CONFIG=str(folder / "config.py"))
    for python in [Path(sys.executable), *installed("3.11", "3.12", "3.13", "3.14")]:
        done = subprocess.run([python, "-S", ENTRY], env=environment, input=body, capture_output=True, check=True)
        assert parse(done.stdout, done.stderr.decode()).status == 200, (python, done.stderr)
