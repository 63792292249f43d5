"""Every server of docs/wsgi.md, run with its file of conf/servers, answers as the CGI script does."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from conftest import credentials
from persistent import ways
from servers.test_faults import own_source
from support.databases import certificates
from support.needs import missing, need_program
from support.running import ADDRESS, Server, group_of, unprivileged
from support.site import USERS, temporary_folder

WAYS = [
    "apache mod_wsgi",
    "apache passenger",
    "apache gunicorn",
    "apache granian",
    "lighttpd gunicorn",
    "lighttpd granian",
    "apache fcgid",
    "lighttpd fastcgi",
    "nginx fcgiwrap",
    "nginx gunicorn",
    "nginx granian",
]


def start(
    stack: ExitStack, way: str, site: Path, before: str = "", environment: dict[str, str] | None = None, **options: str
) -> Server:
    """Start a way; `environment` is what the systemd unit has for a server behind a proxy."""
    web, _, name = way.partition(" ")
    if name in ("gunicorn", "granian"):
        stack.enter_context(getattr(ways, name)(site, environment=environment))
        name = "proxy"
    if web in ("lighttpd", "nginx"):
        return stack.enter_context(getattr(ways, web)(site, way=name, before=before, **options))  # type: ignore[no-any-return]
    return stack.enter_context(ways.apache(site, name, before=before, **options))


@pytest.fixture(params=WAYS)
def server(request: Any, site: Path) -> Iterator[Server]:
    """A running server of each way."""
    with ExitStack() as stack:
        yield start(stack, request.param, site)


def ask(
    server: Server, body: bytes = b"cmd=list", method: str = "POST", address: str = ADDRESS, **headers: str
) -> tuple[int, bytes]:
    """Send a request as MailStore does; further headers with - for _."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    given = {"Authorization": credentials(), "Content-Type": "application/x-www-form-urlencoded"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, address, body, given)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.getheader("Content-Length") == str(len(content)) or method == "HEAD"
        return answer.status, content
    finally:
        connection.close()


def log_of(server: Server, site: Path, wanted: Callable[[str], bool]) -> str:
    """What our application has logged, wherever the server puts it, once it is as wanted."""
    ends = time.monotonic() + 5
    while True:
        own = site / "server.log"
        text = server.log() + (own.read_text(errors="replace") if own.exists() else "")
        if wanted(text) or time.monotonic() > ends:
            return text
        time.sleep(0.05)


def test_both_commands(server: Server) -> None:
    """A list is whole; a right password is a yes and a wrong one a no, whatever characters it has."""
    status, body = ask(server)
    assert (status, [user["userName"] for user in json.loads(body)]) == (200, [user.login for user in USERS])
    for user in USERS:
        assert ask(server, _form(user.login, user.password)) == (200, b'{"succeeded": true}')
        assert ask(server, _form(user.login, "wrong")) == (200, b'{"succeeded": false}')


def _form(user: str, password: str) -> bytes:
    return urlencode({"cmd": "auth", "user": user, "pass": password}).encode()


@pytest.mark.parametrize(
    "header", [{"Forwarded": "for=::1"}, {"X_Forwarded_For": "127.0.0.1"}, {"X_Real_IP": "::1"}, {"Via": "1.1 proxy"}]
)
def test_proxy_on_this_computer(server: Server, header: dict[str, Any]) -> None:
    """What a further proxy on this computer has passed on is not from this computer: plain HTTP is refused."""
    status, body = ask(server, **header)
    assert (status, b"HTTPS is required" in body) == (403, True)


def test_who_is_not_known_is_asked_for_credentials(server: Server, site: Path) -> None:
    """The Authorization header arrives, and without a right one there is a challenge; no password is ever logged."""
    assert ask(server, Authorization=credentials(password="wrong"))[0] == 401
    assert ask(server, Authorization="")[0] == 401
    assert ask(server, b"x" * 70_000)[0] == 413
    assert ask(server, b"", "PUT")[0] == 405
    log = log_of(server, site, lambda text: text.count("status=") >= 4)
    token = credentials().partition(" ")[2]
    assert "status=401" in log
    assert "Passw0rd" not in log
    assert token not in log


def test_only_the_two_addresses_are_the_application(server: Server) -> None:
    """The folder behind is not served: neither its files nor other addresses."""
    for path in ("index.py", "passenger_wsgi.py", "../conf/config.py", "index.php/x", "x", "index.php.bak"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", f"/mailstore-integration/{path}", b"cmd=list", {"Authorization": credentials()})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status in (400, 403, 404, 405), (path, answer.status)
        assert b"sources" not in content
        assert b"import" not in content
        connection.close()


def test_a_changed_configuration_counts_at_once(server: Server, site: Path) -> None:
    """Every process reads the file again when it has changed, and a broken one is an error, not the old one."""
    config = site / "conf" / "config.py"
    good = config.read_text()
    assert ask(server)[0] == 200
    config.write_text(good + "typo = 1\n")
    assert {ask(server)[0] for _ in range(12)} == {500}
    config.write_text(good.replace("mailstore@example.test", "other@example.test"))
    assert {ask(server)[0] for _ in range(12)} == {401}
    config.write_text(good)
    assert {ask(server)[0] for _ in range(12)} == {200}


def test_a_hanging_source_is_503_in_time(server: Server, site: Path) -> None:
    """Whatever waits for ever, the request has its answer soon after the timeout, and others go on."""
    config = site / "conf" / "config.py"
    good = config.read_text()
    own_source(site, "time.sleep(30)")
    for _ in range(3):
        begin = time.monotonic()
        status, body = ask(server, b"cmd=auth&user=anna&pass=x")
        assert (status, list(json.loads(body))) == (503, ["error"])
        assert time.monotonic() - begin < 8
    config.write_text(good)
    assert {ask(server)[0] for _ in range(12)} == {200}


FORGED = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Protocol": "ssl",
    "Forwarded": "for=127.0.0.1;proto=https",
    "X_Forwarded_For": "127.0.0.1",
    "X_Forwarded_Proto": "https",
    "Forwarded: for=::1;proto=https\r\nForwarded": "for=127.0.0.1;proto=https",
    "Forwarded ": "for=127.0.0.1;proto=https",
    "FORWARDED": 'for="127.0.0.1;proto=https',
    "HTTPS": "on",
    "Remote-User": "mailstore@example.test",
    "AIS_CONFIG": "/etc/passwd",
}
PROXIED = [way for way in WAYS if way != "apache passenger"]


def spoken(server: Server, head: bytes, tls: ssl.SSLContext | None = None) -> bytes:
    """Send a list request as a load balancer passes it on for a client at 192.0.2.7; return the answer."""
    connection: socket.socket = socket.create_connection(("127.0.0.1", server.port), 30)
    connection.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 5555 80\r\n")
    if tls:
        connection = tls.wrap_socket(connection, server_hostname="localhost")
    with connection:
        connection.sendall(head + b"\r\ncmd=list")
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


HEAD = (
    f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 8\r\n"
    f"Content-Type: application/x-www-form-urlencoded\r\nAuthorization: {credentials()}\r\n"
).encode()


@pytest.mark.parametrize("way", PROXIED)
@pytest.mark.parametrize("name", ["", *FORGED])
def test_what_a_client_says_about_itself_never_counts(way: str, name: str, behind: dict[str, Any]) -> None:
    """A client elsewhere gets 403 for plain HTTP, whatever headers it sends, and the log has its real address."""
    server, site = behind[way]
    forged = f"{name}: {FORGED[name]}\r\n".encode() if name else b""
    before = len(log_of(server, site, lambda text: True))
    answer = spoken(server, HEAD + forged)
    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400", b"HTTP/1.0 400")), answer
    if b" 403 " in answer:
        assert "client=192.0.2.7 status=403" in log_of(server, site, lambda text: "status=403" in text[before:])


@pytest.fixture(scope="module")
def behind() -> Iterator[dict[str, Any]]:
    """Every way that can stand behind HAProxy, each a server and its site; started when it is first asked for."""

    class Started(dict[str, Any]):
        def __missing__(self, way: str) -> Any:
            folder = stack.enter_context(temporary_folder())
            site = ways.make_persistent_site(folder / "ais")
            self[way] = (start(stack, way, site, switched_on="Behind a load balancer"), site)
            return self[way]

    with ExitStack() as stack:
        yield Started()


@pytest.mark.parametrize("way", [way for way in PROXIED if way != "apache granian"])
def test_https_is_known_to_the_application(way: str, site: Path) -> None:
    """With TLS at the web server a client elsewhere gets its list, behind HAProxy too."""
    keys = site / "keys"
    keys.mkdir()
    certificates(keys)
    keys.chmod(0o755)
    if way.startswith("lighttpd"):
        if not Path("/usr/lib/lighttpd/mod_openssl.so").exists():
            missing("lighttpd's mod_openssl", "lighttpd-mod-openssl")
        before = (
            f'server.modules += ( "mod_openssl" )\nssl.engine = "enable"\n'
            f'ssl.pemfile = "{keys}/server.pem"\nssl.privkey = "{keys}/key.pem"\n'
        )
    elif way.startswith("nginx"):
        before = f"ssl_certificate {keys}/server.pem;\nssl_certificate_key {keys}/key.pem;\n"
    else:
        before = (
            'LoadModule ssl_module "/usr/lib/apache2/modules/mod_ssl.so"\nSSLEngine On\n'
            f'SSLCertificateFile "{keys}/server.pem"\nSSLCertificateKeyFile "{keys}/key.pem"\n'
        )
    with ExitStack() as stack:
        server = start(stack, way, site, before, switched_on="Behind a load balancer")
        context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
        answer = spoken(server, HEAD, context)
        assert answer.startswith(b"HTTP/1.1 200"), (answer, server.log())
        # The client's own word does not spoil it either.
        assert spoken(server, HEAD + b"Forwarded: for=1.1.1.1;proto=http\r\n", context).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("unit", ["mailstore-ais.service", "mailstore-ais-granian.service"])
def test_systemd_reads_the_unit(unit: str, site: Path) -> None:
    """systemd finds nothing to complain about in the unit."""
    analyze = need_program("systemd-analyze", "systemd")
    path = site / unit
    text = ways.configuration(unit, site)
    for program in ("gunicorn", "granian"):
        text = text.replace(f"ExecStart={site}/.venv/bin/{program}", f"ExecStart={shutil.which('true')}")
    path.write_text(text)
    done = subprocess.run([analyze, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
    assert unit not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr
    # systemd.exec(5): "true" would hide /home, where some applications keep the files that a preset reads.
    assert re.findall("^ProtectHome=(.*)$", text, re.MULTILINE) == ["read-only"]


@pytest.mark.parametrize("way", [way for way in WAYS if way.startswith("apache ")])
def test_a_configuration_for_the_web_server_alone(way: str, site: Path) -> None:
    """Where root owns the program, and of others only the web server's group may read conf, the application can."""
    account = unprivileged(site)
    if account is None:
        pytest.skip("only root can give files to the web server's group")
    for path in (site / "conf", *(site / "conf").iterdir()):
        shutil.chown(path, "root", group_of(account))
        path.chmod(0o750 if path.is_dir() else 0o640)
    with ExitStack() as stack:
        server = start(stack, way, site)
        assert ask(server)[0] == 200, log_of(server, site, lambda text: "error" in text)


@pytest.mark.parametrize("way", ["mod_wsgi", "passenger"])
def test_a_library_that_cannot_be_loaded_is_said(way: str, site: Path) -> None:
    """The answer is JSON, as index.py's, and the log names what is wrong with the library."""
    (site / "lib" / "ais" / "app.py").write_text("cut sho\n")
    with ExitStack() as stack:
        server = start(stack, f"apache {way}", site)
        status, body = ask(server)
        assert (status, json.loads(body)["error"].partition(":")[0]) == (500, "The library cannot be loaded")
        assert "mailstore-ais: SyntaxError" in log_of(server, site, lambda text: "SyntaxError" in text)
