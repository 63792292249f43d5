"""The log: one line for each request, which nobody can forge and which holds no secret."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import EDGES, Ask, credentials
from support.needs import need_program
from support.site import CALLER, CALLER_PASSWORD, ROOT

WriteConfig = Callable[..., None]
LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) mailstore-ais: client=(?P<client>\S+) status=(?P<status>\d{3})"
    r"(?: caller=(?P<caller>\".*?\"))?(?: command=\"(?P<command>\w+)\")?(?: user=(?P<user>\".*?\"))?"
    r"(?: source=\"(?P<source>.*?)\")?(?: outcome=\"(?P<outcome>.*?)\")?(?: error=\"(?P<error>.*)\")? ms=\d+"
)


@pytest.fixture(params=EDGES)
def edge(request: pytest.FixtureRequest) -> str:
    """Each edge in turn."""
    return str(request.param)


def line(log: str) -> re.Match[str]:
    """The one line of a log."""
    assert log.count("\n") == 1, log
    match = LINE.fullmatch(log.rstrip("\n"))
    assert match, log
    return match


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("cmd=list", "listed 4"),
        ("cmd=auth&user=john.doe&pass=Passw0rd", "yes, right password"),
        ("cmd=auth&user=john.doe&pass=wrong", "no, wrong password, or a user who may not log in"),
        ("cmd=auth&user=nobody&pass=wrong", "no, unknown user"),
    ],
)
def test_each_request_is_one_line(ask: Ask, body: str, outcome: str) -> None:
    """Time, client, status, caller, command, user, source, outcome and milliseconds are in one line."""
    found = line(ask(body).log)
    assert (found["client"], found["status"], found["caller"]) == ("127.0.0.1", "200", f'"{CALLER}"')
    assert found["command"] == body[4:8]
    assert found["outcome"] == outcome


def test_errors_say_why(ask: Ask, folder: Path) -> None:
    """A request that failed has its reason in the line, with the source."""
    (folder / "users.sqlite").unlink()
    found = line(ask().log)
    assert found["status"] == "500"
    assert found["error"].startswith("source 1 (sql, sqlite): the SQLite file")


def test_the_first_request_of_a_net_client_is_no_error(ask: Ask) -> None:
    """Without credentials 401 is a challenge; with wrong ones it is an error."""
    assert line(ask(HTTP_AUTHORIZATION=None).log)["error"] is None
    assert "not known" in line(ask(HTTP_AUTHORIZATION=credentials(password="wrong")).log)["error"]


printable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(user=st.one_of(printable, printable.map(lambda text: f'x" outcome="yes\n2026-01-01T00:00:00Z {text}\r\n')))
def test_no_user_name_forges_a_line(ask: Ask, user: str) -> None:
    """Whatever the user name, the log stays one line of printable ASCII, and the name stays inside its quotes."""
    log = ask(f"cmd=auth&user={quote(user)}&pass=Wr0ngPassw0rd").log
    assert log.isascii()
    assert log.rstrip("\n").isprintable()
    assert line(log)["status"] == "200"
    assert re.sub(r'"(?:[^"\\]|\\.)*"', "", log).count("outcome=") == 1
    assert "Wr0ngPassw0rd" not in log


def test_no_secret_is_logged(ask: Ask) -> None:
    """Neither password, nor Authorization, nor stored hash is in the log."""
    for body in ("cmd=auth&user=john.doe&pass=S3cretTyped", "cmd=auth&user=john.doe&pass=Passw0rd"):
        log = ask(body).log
        assert not any(secret in log for secret in ("S3cretTyped", CALLER_PASSWORD, credentials()[6:], "SSHA512"))


def test_level_error_is_quiet(ask: Ask, write_config: WriteConfig) -> None:
    """With level="error" only what went wrong is written."""
    write_config("from ais import log\nlog(level='error')\n")
    assert ask().log == ""
    assert ask(HTTP_AUTHORIZATION=None).log == ""
    assert "not known" in ask(HTTP_AUTHORIZATION=credentials(password="wrong")).log


def test_file(ask: Ask, write_config: WriteConfig, folder: Path) -> None:
    """A file, relative to the configuration, gets a line for each request and is private."""
    write_config("from ais import log\nlog(to='ais.log')\n")
    assert ask().log == ""
    assert ask("cmd=auth&user=x&pass=y").log == ""
    lines = (folder / "ais.log").read_text().splitlines()
    assert [bool(LINE.fullmatch(text)) for text in lines] == [True, True]
    assert (folder / "ais.log").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written(ask: Ask, write_config: WriteConfig) -> None:
    """A log that cannot be written stops nobody; the line goes to stderr and says so."""
    write_config("from ais import log\nlog(to='none/ais.log')\n")
    answer = ask()
    assert answer.status == 200
    assert "cannot be written" in answer.log


def test_syslog(ask: Ask, write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """With to="syslog" the line goes there."""
    import syslog

    seen: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda priority, text: seen.append(text))
    write_config("from ais import log\nlog(to='syslog')\n")
    assert ask().log == ""
    assert "listed 4" in seen[0]


def test_fail2ban_filter(ask: Ask, folder: Path, write_config: WriteConfig) -> None:
    """fail2ban finds wrong credentials of callers, and neither challenges nor wrong passwords of users."""
    tool = need_program("fail2ban-regex", "fail2ban")
    write_config("require_https = False\nfrom ais import log\nlog(to='ais.log')\n")
    wrong = credentials(password="wrong")
    requests: list[tuple[str, dict[str, str | None]]] = [
        ("cmd=list", {"HTTP_AUTHORIZATION": wrong, "REMOTE_ADDR": "192.0.2.66"}),
        ("cmd=list", {"HTTP_AUTHORIZATION": wrong, "REMOTE_ADDR": "2001:db8::66"}),
        ("cmd=list", {"HTTP_AUTHORIZATION": None, "REMOTE_ADDR": "192.0.2.10"}),
        ("cmd=list", {"REMOTE_ADDR": "192.0.2.10"}),
        ("cmd=auth&user=john.doe&pass=wrong", {"REMOTE_ADDR": "192.0.2.10"}),
        ("cmd=auth&user=x client%3D192.0.2.1 status%3D401 error%3D&pass=y", {"REMOTE_ADDR": "192.0.2.10"}),
        ("cmd=auth&user=mailstore-ais: client%3D192.0.2.1 status%3D401 error%3D%22The caller is not known&pass=y", {}),
    ]
    for body, changed in requests:
        ask(body, **changed)
    done = subprocess.run(
        [tool, "--print-all-matched", folder / "ais.log", ROOT / "conf" / "fail2ban" / "mailstore-ais.conf"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 matched" in done.stdout, done.stdout
    assert "192.0.2.66" in done.stdout
    assert "2001:db8::66" in done.stdout


def test_fail2ban_is_installed_by_copying() -> None:
    """The jail names the filter by its file name."""
    jail = (ROOT / "conf" / "fail2ban" / "jail.example.conf").read_text()
    assert re.search(r"^filter\s+= mailstore-ais$", jail, re.MULTILINE)


def test_dots_are_plain(ask: Ask, write_config: WriteConfig) -> None:
    """The sign for "and so on" in a sentence of ours does not become an escape that nobody can read."""
    write_config("callers = 5\n")
    assert "callers must be a list of caller(...) or web_server(...)" in ask(b"cmd=list").log
