"""Who is let in, through real web servers: checked by the script, and by the server."""

from __future__ import annotations

import base64
import http.client
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.conftest import Kind
from support.client import CHALLENGE, CREDENTIALS, curl, post
from support.needs import need_program
from support.running import ADDRESS, Server
from support.site import CALLER, CALLER_PASSWORD, make_site, sample_config, temporary_folder

SERVER_AUTH = "The server checks the caller's password"
BY_SERVER = sample_config().replace("import caller,", "import web_server,")
BY_SERVER = "\n".join(
    "callers = [web_server()]" if line.startswith("callers") else line for line in BY_SERVER.splitlines()
)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
@pytest.mark.parametrize(("name", "password"), [("büro", "Prüf:wört ß"), ("Ünal Ço", "a:b:c \"ä\" 'ö' € +%26")])
def test_charsets(kind: Kind, site: Path, charset: str, name: str, password: str) -> None:
    """Credentials arrive as they were typed, in UTF-8 (.NET Core) and in the code page (.NET Framework)."""
    make_site_config(site, sample_config(name, password))
    token = base64.b64encode(f"{name}:{password}".encode(charset)).decode()
    with kind(site) as server:
        answer = curl("--header", f"Authorization: Basic {token}", server.url, body=b"cmd=list")
        assert answer.status == 200, server.log()
        wrong = base64.b64encode(f"{name}:{password}x".encode(charset)).decode()
        assert curl("--header", f"Authorization: Basic {wrong}", server.url, body=b"cmd=list").status == 401


@pytest.mark.parametrize(
    "header", ["Forwarded: for=192.0.2.7;proto=https", "X-Forwarded-For: 192.0.2.7", "X-Real-IP: ::1", "Via: 1.1 proxy"]
)
def test_proxy_on_this_computer(server: Server, header: str) -> None:
    """What a proxy on the server's computer has passed on is not from this computer: plain HTTP is refused."""
    assert post(server.url, b"cmd=list").status == 200
    refused = post(server.url, b"cmd=list", "--header", header)
    assert (refused.status, b"HTTPS is required" in refused.body) == (403, True)


@pytest.mark.parametrize("large", [False, True])
def test_first_without_credentials(server: Server, large: bool) -> None:
    """A client that sends its password only after a challenge gets both answers whole, every time.

    Apache keeps the connection. lighttpd ends each with its answer, and says so.
    """
    keeps = not server.name.startswith("lighttpd")
    body = "cmd=auth&user=john.doe&pass=" + ("x" * 60000 if large else "Passw0rd")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    token = base64.b64encode(CREDENTIALS.encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.connect()
    used = connection.sock
    for _ in range(30):
        connection.request("POST", ADDRESS, body, form)
        refused = connection.getresponse()
        text = refused.read()
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, CHALLENGE)
        assert text.startswith(b'{"error": "')
        assert len(text) == int(refused.headers["Content-Length"])
        assert keeps or refused.headers["Connection"] == "close"
        connection.request("POST", ADDRESS, body, form | {"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read() == (b'{"succeeded": false}' if large else b'{"succeeded": true}')
        assert connection.sock is (used if keeps else None)
    connection.close()


@pytest.fixture
def server_side(kind: Kind) -> Iterator[Server]:
    """A server that checks the password itself, as the example file shows; the script trusts it."""
    with temporary_folder() as folder:
        site = make_site(folder / "ais", BY_SERVER)
        htpasswd = need_program("htpasswd", "apache2-utils")
        file = site / "conf" / "callers.htpasswd"
        subprocess.run(
            [htpasswd, "-B", "-b", "-c", str(file), CALLER, CALLER_PASSWORD], check=True, capture_output=True
        )
        file.chmod(0o644)
        with kind(site, sections=(SERVER_AUTH,)) as running:
            yield running


def test_server_side(server_side: Server) -> None:
    """Basic authentication done by the server lets the right password in, under both addresses, and no other."""
    for address in (ADDRESS, "/mailstore-integration/"):
        url = server_side.at(address)
        assert post(url, b"cmd=list").status == 200, server_side.log()
        assert post(url, b"cmd=list", credentials=f"{CALLER}:wrong").status == 401
        refused = post(url, b"cmd=list", credentials=None)
        assert refused.status == 401
        assert refused.headers["www-authenticate"].startswith('Basic realm="MailStore integration"')
    answer = post(server_side.url, b"cmd=auth&user=jane.doe&pass=S3cret")
    assert answer.body == b'{"succeeded": true}'


@pytest.mark.parametrize("header", ["Remote-User", "REMOTE_USER", "Redirect-Remote-User", "X-Remote-User", "Auth-User"])
def test_forged_remote_user(kind: Kind, site: Path, header: str) -> None:
    """Where the script trusts the server and the server checks nothing, no header makes a user."""
    make_site_config(site, BY_SERVER)
    with kind(site) as server:
        answer = post(server.url, b"cmd=list", "--header", f"{header}: {CALLER}")
        assert (answer.status, answer.headers["www-authenticate"]) == (401, CHALLENGE)


def make_site_config(site: Path, text: str) -> None:
    """Replace a site's configuration."""
    (site / "conf" / "config.py").write_text(text, encoding="utf-8")
