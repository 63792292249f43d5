"""The ways to ask: in this process, through the real entry, and through the entry behind a real web server."""

from __future__ import annotations

import base64
import io
import os
import pwd
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from itertools import pairwise
from pathlib import Path

import samplesite

sys.path.insert(0, str(samplesite.ROOT / "lib"))

from _fuzzoracle import Reply
from _fuzzrequests import Request
from _fuzzsites import CALLER, CALLER_SECRET, Site

from ais import cgi
from ais.config import Config, load
from ais.config.kept import Files
from ais.fcgi import Worker
from ais.http.fastcgi import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from support.running import Server

Ask = Callable[[Site, Request], Reply]
LIGHTTPD = """$HTTP["url"] =~ "^/{name}$" {{
    alias.url = ( "/{name}" => "{folder}/cgi-bin/mailstore-integration/index.py" )
    setenv.set-environment = ( "AIS_CONFIG" => "{config}" )
    cgi.assign = ( "/index.py" => "" )
    server.max-request-size = 1024
}}
"""
APACHE = """ScriptAliasMatch "^/{name}$" "{folder}/cgi-bin/mailstore-integration/index.py"
<Location "/{name}">
    SetEnv AIS_CONFIG "{config}"
</Location>
"""
# What a server adds, and what belongs to the connection.
OWN_HEADERS = ("date", "server", "connection", "accept-ranges", "keep-alive")
SENT = frozenset(
    f"HTTP_{name}"
    for name in (
        *("COOKIE", "ORIGIN", "SEC_FETCH_SITE", "USER_AGENT", "PROXY", "REMOTE_USER", "HTTPS", "X_FORWARDED_PROTO"),
        *("X_FORWARDED_FOR", "FORWARDED", "VIA", "X_REAL_IP", "AIS_CONFIG", "CONTENT_ENCODING"),
    )
)


class InProcess:
    """Asks the library in this process."""

    def __init__(self, sites: list[Site]) -> None:
        self._loaded: dict[str, Config] = {site.name: load(str(site.path)) for site in sites if not site.broken}

    def __call__(self, site: Site, request: Request) -> Reply:
        """Ask once."""
        stream, errors = io.BytesIO(request.body), io.StringIO()
        begin = time.perf_counter()
        response = cgi.answer(
            request.environ, stream, errors, lambda: self._loaded.get(site.name) or load(str(site.path))
        )
        body = b"".join(response.parts())
        taken = time.perf_counter() - begin
        status = int(response.status_line.partition(" ")[0])
        return Reply(status, list(response.headers), body, errors.getvalue(), taken, stream.tell())


class ByFastcgi:
    """Asks the FastCGI edge in this process; each request comes in pieces that a generator of its own cuts."""

    def __init__(self) -> None:
        sys.path.append(str(samplesite.ROOT / "tests"))
        from support import fastcgi

        self._protocol = fastcgi
        self._random = random.Random(1)
        with socket.socket() as unused:
            self._worker = Worker(unused, "", Files(__file__))

    def __call__(self, site: Site, request: Request) -> Reply:
        """Ask once."""
        environ = {**request.environ, "AIS_CONFIG": str(site.path)}
        size, padding = self._random.choice((1, 30, 65535)), self._random.choice((0, 0, 7, 255))
        number = self._random.randrange(1, 65536)
        data = self._protocol.request(environ, request.body, number, size=size, padding=padding)
        stream = _Pieces(data, [self._random.randrange(len(data)) for _ in range(self._random.randrange(6))])
        errors = io.StringIO()
        begin = time.perf_counter()
        with redirect_stderr(errors):
            self._worker.talk(Connection(stream))  # type: ignore[arg-type]
        taken = time.perf_counter() - begin
        records = self._protocol.records(b"".join(stream.sent))
        return _cgi_reply(self._protocol.output(records, number), errors.getvalue(), taken)


class _Pieces:
    """What the edge takes for a socket."""

    def __init__(self, data: bytes, places: list[int]) -> None:
        edges = sorted({0, *places, len(data)})
        self._pieces = iter([data[start:stop] for start, stop in pairwise(edges)])
        self.sent: list[bytes] = []
        self.sendall = self.sent.append

    def recv(self, size: int) -> bytes:
        """Return the next piece."""
        return next(self._pieces, b"")

    def close(self) -> None:
        """End."""


def with_an_end(request: Request) -> Request:
    """Return a request as FastCGI has it, where the body ends by itself, as a chunked one does."""
    if request.environ.get("CONTENT_LENGTH"):
        return request
    return request._replace(environ={**request.environ, "HTTP_TRANSFER_ENCODING": "chunked"})


def _cgi_reply(output: bytes, log: str, taken: float) -> Reply:
    """Take an answer apart that has the form of CGI's."""
    head, _, body = output.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode("latin-1").split("\r\n")]
    headers = [(name, value) for name, _, value in lines if name != "Status"]
    status = next((int(value[:3]) for name, _, value in lines if name == "Status" and value[:3].isdigit()), 0)
    return Reply(status, headers, body, log, taken)


def ask_cgi(site: Site, request: Request) -> Reply:
    """Ask the entry, as a process of its own."""
    # No server can put a NUL into the environment.
    environ = {name: value.replace("\0", "\x01") for name, value in request.environ.items()}
    environ |= {"AIS_CONFIG": str(site.path), "TMPDIR": str(site.path.parent / "tmp")}
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", str(samplesite.ENTRY)], input=request.body, capture_output=True, env=environ, timeout=60
    )
    taken = time.perf_counter() - begin
    log = done.stderr.decode("utf-8", "replace") + (f"exit {done.returncode}\n" if done.returncode else "")
    return _cgi_reply(done.stdout, log, taken)


def token(ask: Ask, site: Site) -> str:
    """Return what the forms of the status page carry, for the first caller."""
    if not site.page or site.broken or not site.callers:
        return ""
    secret = base64.b64encode(f"{CALLER}:{CALLER_SECRET}".encode()).decode()
    environ = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": f"Basic {secret}"}
    page = ask(site, Request(environ, b"")).body.decode()
    return page.partition('name="token" value="')[2].partition('"')[0]


@contextmanager
def running(name: str, folder: Path, sites: list[Site]) -> Iterator[Server]:
    """Run ``lighttpd`` or ``apache`` (event MPM, mod_cgid) with an address for each site.

    Args:
        name: of the server.
        folder: holds the sites; everybody may enter it.
        sites: each is given to the account of the server.
    """
    sys.path.append(str(samplesite.ROOT / "tests"))
    from support.running import apache, lighttpd, unprivileged
    from support.site import make_site

    program = make_site(folder / "program")
    account = unprivileged(folder)
    if account:
        for path in (folder, *folder.glob("*")):
            os.chown(path, pwd.getpwnam(account).pw_uid, -1)
    block = LIGHTTPD if name == "lighttpd" else APACHE
    text = "".join(block.format(name=site.name, folder=program, config=site.path) for site in sites)
    if name == "lighttpd":
        with lighttpd(program, 'server.modules += ( "mod_setenv" )\n' + text) as server:
            yield server
    else:
        with apache(program, extra=text) as server:
            yield server


def sendable(request: Request) -> Request:
    """Return a request as a server hands it on: from loopback, without TLS, and with a length that is true."""
    given = request.environ
    method = given["REQUEST_METHOD"]
    environ = {"REQUEST_METHOD": method if method in ("POST", "GET", "PUT") else "POST", "REMOTE_ADDR": "127.0.0.1"}
    header = given.get("HTTP_AUTHORIZATION") or given.get("REDIRECT_HTTP_AUTHORIZATION") or ""
    values = {"CONTENT_TYPE": given["CONTENT_TYPE"], "HTTP_AUTHORIZATION": header}
    values |= {name: value for name, value in given.items() if name in SENT}
    environ |= {name: clean for name, value in values.items() if (clean := _clean(value))}
    query = given.get("QUERY_STRING", "")
    if query.isascii() and not set(query) & set("<>|"):
        environ["QUERY_STRING"] = query
    body, length = request.body, given.get("CONTENT_LENGTH", "")
    if length:
        body = body[: int(length)] if length.isascii() and length.isdigit() and len(length) < 10 else body
        environ["CONTENT_LENGTH"] = str(len(body))
    elif "chunked" in given.get("HTTP_TRANSFER_ENCODING", ""):
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        body = b""
    environ.setdefault("CONTENT_TYPE", "")
    return request._replace(environ=environ, body=body)


def _clean(value: str) -> str:
    """Return a value without what ends a header or makes a server refuse it."""
    return "".join(one for one in value if ord(one) >= 32 and one != "\x7f").strip(" ")


def send(port: int, site: Site, request: Request) -> Reply:
    """Send a request that `sendable` made, and read the answer to the end of the connection."""
    environ = request.environ
    query = environ.get("QUERY_STRING")
    lines = [f"{environ['REQUEST_METHOD']} /{site.name}{'?' + query if query else ''} HTTP/1.1", "Host: h"]
    lines += ["Connection: close"]
    for name, value in environ.items():
        if value and (name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")):
            lines.append(f"{name.removeprefix('HTTP_').replace('_', '-').title()}: {value}")
    body = request.body
    if "HTTP_TRANSFER_ENCODING" in environ:
        body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    begin = time.perf_counter()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)
        while part := connection.recv(1 << 16):
            answer += part
    taken = time.perf_counter() - begin
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    pairs = [(name, value) for name, _, value in (field.partition(": ") for field in fields)]
    headers = [pair for pair in pairs if pair[0].lower() not in OWN_HEADERS]
    return Reply(int(status.split()[1]), headers, rest, None, taken)


def is_servers_own(reply: Reply) -> bool:
    """Say whether a server has refused a request by itself; one that could not run the script has not."""
    own = not any(name.lower() == "x-content-type-options" for name, _ in reply.headers)
    return own and (400 <= reply.status < 500 or reply.status in (501, 505))
