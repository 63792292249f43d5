"""nginx with its two files of conf/servers, beside what else its server block may have."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from cli.probe.trying import probe
from conftest import credentials
from persistent import ways
from servers.test_documented_requests import THE_LIST
from servers.test_faults import own_source
from servers.test_privacy import UNWANTED
from servers.test_requests import assert_error
from support.client import CREDENTIALS, curl, post
from support.modsecurity import HOSTILE
from support.needs import need_file
from support.running import ADDRESS, Server, unprivileged
from support.site import CALLER, CALLER_PASSWORD, USERS, temporary_folder
from support.slow import until

WAYS = ("fcgiwrap", "proxy")
PHP = r"location ~ \.php { fastcgi_pass unix:/nonexistent/php.sock; }"
CHECKED = "The server checks the caller's password"


@contextmanager
def running(way: str, site: Path, **options: Any) -> Iterator[Server]:
    """Run nginx by one of its files, and what stands behind it; options as for `ways.nginx`."""
    with ExitStack() as stack:
        if way == "proxy":
            stack.enter_context(ways.granian(site))
        yield stack.enter_context(ways.nginx(site, way=way, **options))


@pytest.fixture
def site() -> Iterator[Path]:
    """A site of the test's own."""
    with temporary_folder() as folder:
        yield ways.make_persistent_site(folder / "ais")


@pytest.fixture(scope="module", params=WAYS)
def server(request: Any) -> Iterator[Server]:
    """Each way, shared, beside a PHP handler."""
    with temporary_folder() as folder:
        site = ways.make_persistent_site(folder / "ais")
        with running(request.param, site, before=PHP, extra=PHP.replace("\\.php", "index")) as started:
            yield started


def test_both_addresses_beside_php(server: Server) -> None:
    """A handler for every address on .php, before our lines or after them, takes neither of the two."""
    for address in (ADDRESS, ADDRESS.removesuffix("index.php")):
        answer = post(server.at(address), b"cmd=list", "--header", "Accept-Encoding: gzip")
        assert (answer.status, answer.body) == (200, THE_LIST), server.log()
        assert answer.headers["content-length"] == str(len(THE_LIST))
        assert answer.headers["connection"] == "close"
    assert post(server.at("/other.php"), b"").status == 502


def test_the_probe_is_content(server: Server) -> None:
    """bin/ais probe finds nothing wrong."""
    result = probe(server.url, "--login", USERS[0].login, passwords=f"{CALLER_PASSWORD}\n{USERS[0].password}")
    assert result.codes == [], (result.text, server.log())


@pytest.mark.parametrize("path", UNWANTED)
def test_nothing_else_is_served(server: Server, path: str) -> None:
    """No other address of the folder is answered, not even by the script."""
    answer = curl("--path-as-is", server.at(path))
    assert answer.status in (400, 403, 404, 502), answer.body
    for secret in (b"import", b"SQLite", b"caller"):
        assert secret not in answer.body


@pytest.mark.parametrize("more", ["Transfer-Encoding: chunked", "Expect: 100-continue", "X-Nothing: 1"])
def test_bodies(server: Server, more: str) -> None:
    """The largest that is accepted, larger ones that are refused in JSON, and those that nginx itself refuses."""
    header = ("--header", more)
    form = b"cmd=auth&user=john.doe&pass="
    assert post(server.url, form + b"Passw0rd", *header).body == b'{"succeeded": true}'
    assert post(server.url, form + b"x" * (64 * 1024 - len(form)), *header).body == b'{"succeeded": false}'
    for size in (64 * 1024 + 1, 900_000):
        for caller in (CREDENTIALS, None):
            assert_error(post(server.url, b"x" * size, *header, credentials=caller), 413 if caller else 401)
    assert post(server.url, b"x" * 3_000_000, *header).status == 413
    assert not any((server.home / "body").rglob("*/*")), "a body came to the disk"


def test_multipart_and_other_requests(server: Server) -> None:
    """Forms of the other kind are read; other methods and types are refused in JSON; HEAD has no body."""
    fields = ("--form-string", f"user={USERS[2].login}", "--form-string", f"pass={USERS[2].password}")
    answer = curl("--user", CREDENTIALS, "--form-string", "cmd=auth", *fields, server.url)
    assert answer.body == b'{"succeeded": true}', server.log()
    assert_error(post(server.url, b"x", "--request", "PUT"), 405)
    assert_error(post(server.url, b"{}", "--header", "Content-Type: application/json"), 415)
    assert_error(post(server.url + "?cmd=list", b""), 400)
    assert curl("--head", server.url).body == b""
    assert b"john.doe" in curl("--user", CREDENTIALS, server.url).body  # the status page


@pytest.mark.parametrize("way", WAYS)
def test_a_user_that_nobody_checked(way: str, site: Path) -> None:
    """Where the configuration trusts the web server and that checks nobody, the name of a client is worth nothing.

    nginx has it in $remote_user all the same, which Debian's fastcgi_params passes on.
    """
    config = site / "conf" / "config.py"
    config.write_text(config.read_text() + "\nfrom ais import web_server\n\ncallers = [web_server()]\n")
    with running(way, site) as server:
        assert post(server.url, b"cmd=list").status == 401


def test_nginx_checks_the_password(site: Path) -> None:
    """With that part of the file switched on, the name is known, and a wrong password refused."""
    config = site / "conf" / "config.py"
    config.write_text(config.read_text() + f"\nfrom ais import web_server\n\ncallers = [web_server([{CALLER!r}])]\n")
    # htpasswd -nbB mailstore@example.test Passw0rd
    hashed = "$2y$05$ValhI0hfS5mjrLP1aYP7cuMX8Bql30YZ0xGHYT.yvIXrSXVm5Qn8."
    (site / "conf" / "callers.htpasswd").write_text(f"{CALLER}:{hashed}\nother:{hashed}\n")
    with running("fcgiwrap", site, switched_on=CHECKED) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()
        assert post(server.url, b"cmd=list", credentials=f"{CALLER}:wrong").status == 401
        assert post(server.url, b"cmd=list", credentials=None).status == 401
        assert post(server.url, b"cmd=list", credentials=f"other:{CALLER_PASSWORD}").status == 401


@pytest.mark.parametrize("way", WAYS)
def test_a_long_list(way: str, site: Path) -> None:
    """A list of many users arrives whole, with its length, and stays off the disk."""
    connection = sqlite3.connect(site / "conf" / "users.sqlite")
    with connection:
        rows = ((f"user{number}", f"User {number} Größe", f"user{number}@example.com") for number in range(20_000))
        connection.executemany("INSERT INTO users (login, name, mail) VALUES (?, ?, ?)", rows)
    connection.close()
    with running(way, site) as server:
        answer = post(server.url, b"cmd=list", "--limit-rate", "2M")
        assert answer.headers["content-length"] == str(len(answer.body))
        assert len(json.loads(answer.body)) == 20_004
        assert "temporary file" not in server.log()


@pytest.mark.parametrize("act", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "time.sleep(40)"])
def test_a_source_that_dies_or_hangs(site: Path, act: str) -> None:
    """A script that dies half-way is the server's error, one that hangs ours; no part of a list, and no yes."""
    own_source(site, act)
    with running("fcgiwrap", site, http="error_page 500 502 503 /page.html;") as server:
        for body in (b"cmd=list", b"cmd=auth&user=anna&pass=x"):
            start = time.monotonic()
            answer = post(server.url, body)
            assert answer.status in (500, 502, 503)
            assert time.monotonic() - start < 20
            assert b"anna" not in answer.body
            assert b"succeeded" not in answer.body
        assert "sleep" not in act or "took longer than the timeout" in server.log()


def test_several_at_once(site: Path) -> None:
    """fcgiwrap, as our file has it, answers others while a source hangs."""
    own_source(site, "time.sleep(3)")
    config = site / "conf" / "config.py"
    config.write_text(config.read_text().replace("timeout = 1", "timeout = 10"))
    with running("fcgiwrap", site) as server, ThreadPoolExecutor(4) as pool:
        start = time.monotonic()
        answers = list(pool.map(lambda _: post(server.url, b"cmd=list"), range(4)))
        assert [answer.status for answer in answers] == [200] * 4
        assert time.monotonic() - start < 11  # one after the other would take 12


def test_a_fault_is_in_the_log(site: Path) -> None:
    """What the script writes for the administrator gets to nginx's error log, as the page says; no secret does."""
    (site / "conf" / "users.sqlite").unlink()
    with running("fcgiwrap", site) as server:
        assert_error(post(server.url, b"cmd=auth&user=john.doe&pass=S3cretWord"), 500)
        assert "mailstore-ais: " in server.log()
        assert "users.sqlite" in server.log()
        assert "S3cretWord" not in server.log()


def test_a_script_that_cannot_be_started(site: Path) -> None:
    """fcgiwrap's answer is a 403, as the page says, and never the text of the script."""
    (site / "cgi-bin" / "mailstore-integration" / "index.py").chmod(0o644)
    with running("fcgiwrap", site) as server:
        answer = post(server.url, b"cmd=list")
        assert answer.status == 403
        assert b"import" not in answer.body
        result = probe(server.url)
        assert (result.codes, "fcgiwrap" in result.text) == (["forbidden"], True)


@pytest.mark.parametrize("way", WAYS)
def test_modsecurity(way: str, site: Path) -> None:
    """With its part of the file, nginx's ModSecurity keeps no password and refuses none; without, it does both."""
    module = need_file(Path("/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"), "libnginx-mod-http-modsecurity")
    rules = need_file(Path("/usr/share/modsecurity-crs/rules"), "modsecurity-crs")
    recommended = need_file(Path("/etc/nginx/modsecurity.conf"), "libnginx-mod-http-modsecurity")
    logs = site / "logs"
    logs.mkdir()
    logs.chmod(0o777 if unprivileged(site) else 0o755)
    log = logs / "audit.log"
    text = recommended.read_text().replace("SecRuleEngine DetectionOnly", "SecRuleEngine On")
    text = text.replace("unicode.mapping", "/etc/nginx/unicode.mapping")
    assert "/var/log/nginx/modsec_audit.log" in text
    own = site / "modsecurity.conf"
    own.write_text(f"{text.replace('/var/log/nginx/modsec_audit.log', str(log))}\n")
    with own.open("a") as file:
        file.write(f"Include /etc/modsecurity/crs/crs-setup.conf\nInclude {rules}/*.conf\n")
    load = f"load_module {module};"
    http = f"modsecurity on;\nmodsecurity_rules_file {own};"
    body = urlencode({"cmd": "auth", "user": "john.doe", "pass": HOSTILE[0]}).encode()
    with running(way, site, main=load, http=http) as server:
        assert post(server.url, body).status == 403
        assert post(server.url, body.partition(b"%27")[0], credentials="somebody:wrong").status == 401
        # What a rule has matched, and who asked.
        until(lambda: "x' OR 1=1--" in log.read_text() and credentials("somebody", "wrong") in log.read_text(), 10)
    log.write_text("")
    with running(way, site, main=load, http=http, switched_on="ModSecurity") as server:
        for caller in (None, "somebody:wrong", CREDENTIALS):
            assert post(server.url, body, credentials=caller).status == (200 if caller == CREDENTIALS else 401)
        assert post(server.at("/elsewhere"), b"pass=" + body).status == 403
        until(lambda: "/elsewhere" in log.read_text(), 10)
        assert "/mailstore-integration" not in log.read_text()
