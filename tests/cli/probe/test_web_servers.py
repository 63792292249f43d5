"""Real web servers that are set up wrongly in one way each: the probe names that way."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.probe.conftest import wrongly
from cli.probe.trying import probe
from servers.conftest import Kind
from support.interpreters import for_others
from support.running import ADDRESS, Server, apache, lighttpd
from support.site import USERS, sample_config


@pytest.mark.parametrize("address", [ADDRESS, "/mailstore-integration/"])
def test_all_well(wrong: Server, address: str) -> None:
    """Nothing is found at a server that is set up by the example file."""
    result = probe(wrong.at(address), "--login", USERS[0].login, passwords=f"Passw0rd\n{USERS[0].password}")
    assert result.codes == [], result.text
    assert f"{len(USERS)} users" in result.text


def test_login_of_any_characters(wrong: Server) -> None:
    """User and password of --login arrive as typed."""
    user = USERS[2]
    assert probe(wrong.url, "--login", user.login, passwords=f"Passw0rd\n{user.password}").codes == []


def test_login_refused(wrong: Server) -> None:
    """A wrong password, and a user who is not listed, are two things."""
    result = probe(wrong.url, "--login", "john.doe", passwords="Passw0rd\nN0-such-1")
    assert result.codes == ["login-refused"]
    assert "within the last 15 minutes, and the throttle does not try it again" in result.text
    assert probe(wrong.url, "--login", "nobody", passwords="Passw0rd\nN0-such-1").codes == [
        "login-refused",
        "login-not-listed",
    ]


def test_wrong_credentials(wrong: Server) -> None:
    """A wrong name or password is called so."""
    assert probe(wrong.url, passwords="N0-such-1").codes == ["credentials"]
    assert probe(wrong.url, user="nobody").codes == ["credentials"]


def test_header_swallowed(wrong: Server, kind: Kind) -> None:
    """Apache without CGIPassAuth is told from a wrong password; lighttpd always passes the header on."""
    codes = probe(wrong.at("/swallowed/index.py")).codes
    assert codes == (["not-found"] if kind.program == "lighttpd" else ["header-lost"])


def test_same_words(wrong: Server) -> None:
    """Where an implementation says the same in both cases, both are named; lighttpd leaves one."""
    codes = probe(wrong.at("/run/strange.py?refuses")).codes
    assert codes == (["credentials"] if wrong.name == "lighttpd" else ["credentials-or-header"])


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/nothing/index.php", "not-found"),
        ("/mailstore-integration/index.php.bak", "not-found"),
        ("/text/index.py", "script-as-text"),
        ("/run/index.php", "php"),
        ("/run/page.php", "php"),
        ("/run/noexec.py", "cannot-start"),
        ("/run/crlf.py", "cannot-start"),
        ("/run/nopython.py", "cannot-start"),
        ("/run/dies.py", "cannot-start"),
        ("/run/elsewhere.py", "forbidden"),
        ("/forbidden/index.php", "forbidden"),
        ("/moved/index.php", "redirect"),
        ("/proxy/index.php", "gateway"),
        ("/run/broken.py", "server-error"),
        ("/run/nobody.py", "server-error"),
        ("/run/down.py", "unavailable"),
        ("/run/absent.py", "server-error"),
        ("/run/secret.py", "server-error"),
        ("/run/nolib.py", "server-error"),
        ("/run/far.py", "not-https"),
        ("/run/passed.py", "not-https"),
    ],
)
def test_wrong_address(wrong: Server, address: str, code: str) -> None:
    """Each way of being set up wrongly has one name, and nothing else is found."""
    result = probe(wrong.at(address))
    assert result.codes == [code], (result.text, wrong.log())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/run/elsewhere.py", "Your address is not allowed"),
        ("/run/broken.py", "The configuration cannot be used: there is a mistake in line 1"),
        ("/run/broken.py", "on your own computer with the same conf/config.py"),
        ("/run/absent.py", "this file does not exist: copy conf/config.example.py to it"),
        ("/run/absent.py", "Do what it says"),
        ("/run/secret.py", "Make a new one with bin/ais hash-password"),
        ("/run/nolib.py", "copy all of lib again"),
        ("/run/down.py", "A user source cannot answer at the moment"),
        ("/run/down.py", "open the address in a browser"),
        ("/run/nobody.py", "open the address in a browser"),
        ("/run/far.py", "The password was not sent"),
        ("/run/passed.py", "a proxy on the program's own computer passed the request on"),
        ("/run/passed.py", "write require_https = False into conf/config.py"),
        ("/run/far.py", "require_https = False is only for a server behind a proxy"),
        ("/moved/index.php", "https://www.example.test/"),
        ("/moved/index.php", "Begin the address with https://"),
        ("/run/noexec.py", "755"),
        ("/run/index.php", "index.py, not index.php"),
    ],
)
def test_words(wrong: Server, address: str, words: str) -> None:
    """What the program or the server says is repeated, and the remedy fits."""
    assert words in probe(wrong.at(address)).text


def test_log_of_a_bare_500(wrong: Server) -> None:
    """Each server's own place for the reason is named, and not the other's."""
    text = probe(wrong.at("/run/noexec.py")).text
    lighttpd = wrong.name == "lighttpd"
    assert ("server.breakagelog" in text, "suexec.log" in text) == (lighttpd, not lighttpd)


def test_source_can_be_downloaded(wrong: Server) -> None:
    """A script that runs beside a configuration that everybody can download: shouted, without showing its text."""
    result = probe(wrong.at("/all/cgi-bin/mailstore-integration/index.py"))
    assert result.codes == ["exposed"], (result.text, wrong.log())
    assert "EVERYBODY CAN DOWNLOAD SECRETS" in result.text
    for name in ("conf/config.py", "conf/users.sqlite"):
        assert wrong.at(f"/all/{name}") in result.text
    assert "SSHA256" not in result.text
    assert "def answer" not in result.text


def test_program_can_be_downloaded(kind: Kind, site: Path) -> None:
    """Before there are secrets, the library beside them is warning enough."""
    for name in ("config.py", "users.sqlite"):
        (site / "conf" / name).unlink()
    with wrongly(kind, site) as server:
        result = probe(server.at("/all/cgi-bin/mailstore-integration/index.py"))
    assert result.codes == ["server-error", "exposed"], result.text
    assert "Do not upload conf/config.py yet" in result.text


def test_state_can_be_downloaded(kind: Kind, site: Path) -> None:
    """The state holds secrets, too, and lies in the folder var of a bundle."""
    for name in ("config.py", "users.sqlite"):
        (site / "conf" / name).unlink()
    (site / "var").mkdir()
    (site / "var" / "state.sqlite").write_bytes(b"SQLite format 3\0" + bytes(100))
    with wrongly(kind, site) as server:
        result = probe(server.at("/all/cgi-bin/mailstore-integration/index.py"))
        assert f"EVERYBODY CAN DOWNLOAD SECRETS: {server.at('/all/var/state.sqlite')}" in result.text


@pytest.mark.parametrize("damage", ["missing", "not readable"])
def test_multipart_package_missing(kind: Kind, site: Path, damage: str) -> None:
    """Without python-multipart, or where the server may not read it, requests of one kind fail: that is found."""
    if (
        subprocess.run([for_others(), "-c", "import python_multipart"], capture_output=True, check=False).returncode
        == 0
    ):
        pytest.skip("the interpreter of web servers has python-multipart itself")
    vendored = site / "lib" / "vendor"
    if damage == "missing":
        shutil.rmtree(vendored)
    else:
        vendored.chmod(0o700)
    with kind(site) as server:
        result = probe(server.url)
    assert result.codes == ["multipart"], (result.text, server.log())
    assert "A Python package is missing" in result.text
    assert "python-multipart" in result.text


@pytest.mark.parametrize("name", ["mailstore-ais", "mailstore-ais-main"])
def test_copy_in_the_document_root(kind: Kind, site: Path, name: str) -> None:
    """A second copy in the document root is found, though the address is set up by the example file."""
    with kind(site) as server:
        copy = server.home / "htdocs" / name
        for folder in ("conf", "lib"):
            shutil.copytree(site / folder, copy / folder)
        result = probe(server.url)
    assert result.codes == ["exposed"], result.text
    for secret in ("conf/config.py", "conf/users.sqlite"):
        assert server.at(f"/{name}/{secret}") in result.text


def test_server_checks_the_password(kind: Kind, site: Path) -> None:
    """Where the web server checks the caller, a wrong password is said to be its refusal."""
    # The file knows nobody.
    (site / "conf" / "callers.htpasswd").write_text("")
    with kind(site, sections=("The server checks the caller's password",)) as server:
        result = probe(server.url)
    assert result.codes == ["credentials"], result.text
    assert "The web server itself checks" in result.text


def test_password_file_not_readable(kind: Kind, site: Path) -> None:
    """A password file that the web server may not read is named beside what else gives the same answer."""
    passwords = site / "conf" / "callers.htpasswd"
    passwords.write_text("")
    passwords.chmod(0)
    with kind(site, sections=("The server checks the caller's password",)) as server:
        result = probe(server.url)
    # lighttpd takes the file for one that knows nobody; Apache answers 500.
    assert result.codes == (["credentials"] if kind.program == "lighttpd" else ["cannot-start"]), result.text
    assert "read that file" in result.text or "may not read its password file" in result.text


def test_server_checks_nobody(kind: Kind, site: Path) -> None:
    """A configuration that leaves the password to a web server that does not check it is not a wrong password."""
    config = site / "conf" / "config.py"
    text = re.sub("(?m)^callers = .*", "callers = [web_server()]", sample_config())
    config.write_text(text.replace("import caller", "import web_server"))
    with kind(site) as server:
        result = probe(server.url)
    assert result.codes == ["not-checked"], result.text
    assert "caller(…)" in result.text


def test_not_https(wrong: Server) -> None:
    """Over plain http to another computer the password is not sent."""
    # An address of this computer that does not say so.
    result = probe(f"http://0.0.0.0:{wrong.port}{ADDRESS}")
    assert result.codes == ["not-https"]
    assert "The password was not sent" in result.text
    assert "caller=" not in wrong.log().rpartition("status=401")[2]


STRANGE = {
    "none": [],
    "open": ["open"],
    "no-challenge": ["no-challenge"],
    "200": ["no-challenge"],
    "digest": ["no-challenge"],
    "anybody": ["anybody"],
    "urlencoded": ["multipart"],
    "firewall": ["filtered"],
    "firewall-page": ["filtered"],
    "verdict-as-text": ["no-verdict"],
    "verdict-html": ["not-json"],
    "verdict-cut": ["cut-short"],
    "html": ["not-json"],
    "empty": ["not-json"],
    "php-notice": ["not-json"],
    "php-fatal": ["not-json"],
    "noise-before": ["not-json"],
    "noise-after": ["not-json"],
    "not-json": ["not-json"],
    "cut": ["cut-short"],
    "utf8": ["charset"],
    "quoted": ["charset"],
    "latin-1": ["charset"],
    "bom": ["bom"],
    "gzip": ["compressed"],
    "gzip-unsaid": ["compressed"],
    "object": ["not-a-list"],
    "empty-list": ["empty-list"],
    "no-name": ["bad-users"],
    "no-object": ["bad-users"],
    "addresses": ["bad-users"],
    "twice": ["duplicate-users"],
    "moved": ["redirect"],
    "kept": ["redirect"],
    "teapot": ["status"],
    "busy": ["unavailable"],
    "broken": ["server-error"],
    "bad-request": ["request-refused"],
}


@pytest.mark.parametrize("case", STRANGE)
def test_strange_answers(wrong: Server, case: str) -> None:
    """What another implementation, or something in between, may answer is named."""
    result = probe(wrong.at(f"/run/strange.py?{case}"))

    assert result.codes == STRANGE[case], (result.text, wrong.log())


def test_slow(wrong: Server) -> None:
    """An answer that takes more than half of the time-out is slow; a longer one than all of it does not count."""
    assert probe(wrong.at("/run/strange.py?slow"), "--timeout", "2.5").codes == ["slow"]
    assert probe(wrong.at("/run/strange.py?slow"), "--timeout", "0.7").codes == ["timeout"]


@pytest.mark.parametrize(("seconds", "codes"), [(5, ["closes-early"]), (20, [])])
def test_silent_connection(site: Path, seconds: int, codes: list[str]) -> None:
    """A lighttpd that closes silent connections after its 5 seconds is found, and one that keeps them longer is not."""
    keeps = '$HTTP["url"] =~ "^/mailstore-integration/" { server.max-keep-alive-requests = 100 }'
    with lighttpd(site, f"server.max-keep-alive-idle = {seconds}\n{keeps}") as server:
        result = probe(server.url)
    assert result.codes == codes, (result.text, server.log())
    assert ("takes a further request" in result.text) == (codes == [])
    assert ("server.max-keep-alive-requests = 0" in result.text) == (codes != [])


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_announced_end(site: Path, mpm: str) -> None:
    """Apache says for how long it keeps a connection: nothing to find, and nothing to wait for."""
    with apache(site, mpm) as server:
        result = probe(server.url)
    assert result.codes == [], (result.text, server.log())
    assert "takes a further request" not in result.text


def test_echoed_secrets(wrong: Server) -> None:
    """A server that repeats the Authorization header, or sends control characters, does not make the probe do so."""
    import base64

    result = probe(wrong.at("/run/strange.py?echo"))
    assert result.codes == ["server-error"]
    assert base64.b64encode(b"mailstore@example.test:Passw0rd").decode() not in result.text
    assert "Basic …" in result.text
    assert "\\u001b" not in result.text  # as JSON writes it
