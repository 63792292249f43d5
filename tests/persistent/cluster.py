"""A provider's set-up on one machine: HAProxy, web servers with TLS, PostgreSQL with a streaming replica, Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from persistent import ways
from support.databases import PASSWORD, USER, DatabaseServer, certificates, postgresql
from support.interpreters import system_is_ours
from support.needs import need_program
from support.running import Server, free_ports, listening
from support.site import CALLER, CALLER_PASSWORD, salted, temporary_folder

REPLICA = "127.0.0.2"
"""Its address; the hosts of `sql` share a port."""

USERS = 200
CONFIG = """from ais import caller, log, sql, throttle

callers = [caller({caller!r}, {secret!r})]
state = {state!r}
timeout = {timeout}
throttle(failures=1000000)
sources = [sql(
    "postgresql", host=["127.0.0.1", {replica!r}], port={port!r}, user={user!r}, password={password!r},
    database="mail",
    list_query="SELECT login AS userName, mail AS emailAddresses FROM users",
    auth_query="SELECT password FROM users WHERE login = :user",
)]
"""
# mod_wsgi is the system's Python, which cannot load the compiled drivers of another version's environment.
WEBS = (
    ("apache", "mod_wsgi" if system_is_ours() else "gunicorn"),
    ("lighttpd", "granian"),
    ("lighttpd", "fastcgi"),
)


@dataclass
class Cluster:
    """A running set-up.

    Attributes:
        port: HAProxy's, on 127.0.0.1, with TLS for ``localhost``.
        ca: file with the CA of that certificate.
        webs: the web servers.
        primary: PostgreSQL, host 1 of the list.
        replica: its streaming replica, host 2.
        redis: the process of Redis.
        sites: the folders of the web servers.
    """

    port: int
    ca: Path
    webs: list[Server]
    primary: DatabaseServer
    replica: DatabaseServer
    redis: subprocess.Popen[bytes]
    sites: list[Path]

    def log(self) -> str:
        """All that the applications have logged."""
        own = [site / "server.log" for site in self.sites]
        return "".join(server.log() for server in self.webs) + "".join(
            path.read_text(errors="replace") for path in own if path.exists()
        )

    def kill_web(self, number: int) -> None:
        """End a web server and its children at once, as a crash does."""
        # Servers are started as leaders of a process group of their own.
        os.killpg(int((self.webs[number].home / "pid").read_text()), signal.SIGKILL)


def stored(number: int) -> str:
    """The stored password ``pw<number>``."""
    return salted("SSHA512", f"pw{number}")


@contextmanager
def cluster(webs: int = 2, timeout: float = 5) -> Iterator[Cluster]:
    """Run the set-up.

    Args:
        webs: number of web servers, 2 or 3.
        timeout: of the configuration.
    """
    haproxy = need_program("haproxy", "haproxy")
    need_program("redis-server", "redis-server")
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        primary = stack.enter_context(postgresql(folder / "primary"))
        primary.execute("CREATE DATABASE mail")
        rows = ", ".join(f"('user{n}', 'user{n}@example.com', '{stored(n)}')" for n in range(USERS))
        primary.execute(
            "CREATE TABLE users (login varchar(99) PRIMARY KEY, mail varchar(99), password varchar(199));"
            f"INSERT INTO users VALUES {rows};",
            "mail",
        )
        replica = stack.enter_context(replica_of(primary))
        redis, redis_port = stack.enter_context(running_redis(folder))
        config = CONFIG.format(
            caller=CALLER,
            secret=salted("SSHA256", CALLER_PASSWORD),
            state=f"redis://127.0.0.1:{redis_port}/0",
            timeout=timeout,
            replica=REPLICA,
            port=primary.port,
            user=USER,
            password=PASSWORD,
        )
        keys = folder / "keys"
        keys.mkdir()
        certificates(keys)
        servers, sites = [], []
        for number, (web, backend) in enumerate(WEBS[:webs], 1):
            site = ways.make_persistent_site(folder / f"web{number}", config)
            sites.append(site)
            servers.append(stack.enter_context(with_tls(stack, web, backend, site, keys)))
        port = stack.enter_context(running_haproxy(haproxy, folder, servers))
        yield Cluster(port, keys / "ca.pem", servers, primary, replica, redis, sites)


def with_tls(stack: ExitStack, web: str, backend: str, site: Path, keys: Path) -> AbstractContextManager[Server]:
    """Return a web server, to be entered; what stands behind it is started."""
    behind = "Behind a load balancer"
    if backend in ("gunicorn", "granian"):
        stack.enter_context(ways.gunicorn(site) if backend == "gunicorn" else ways.granian(site))
        backend = "proxy"
    if web == "apache":
        before = (
            'LoadModule ssl_module "/usr/lib/apache2/modules/mod_ssl.so"\nSSLEngine On\n'
            f'SSLCertificateFile "{keys}/server.pem"\nSSLCertificateKeyFile "{keys}/key.pem"\n'
        )
        return ways.apache(site, backend, before=before, switched_on=behind)
    before = (
        f'server.modules += ( "mod_openssl" )\nssl.engine = "enable"\n'
        f'ssl.pemfile = "{keys}/server.pem"\nssl.privkey = "{keys}/key.pem"\n'
    )
    return ways.lighttpd(site, way=backend, before=before, switched_on=behind)


@contextmanager
def replica_of(primary: DatabaseServer) -> Iterator[DatabaseServer]:
    """Run a streaming replica, by pg_basebackup, at `REPLICA` and the same port."""
    program = need_program("pg_basebackup", "postgresql-client")
    home = Path(tempfile.mkdtemp(prefix="ais-replica-"))
    owner = Path(primary.socket).stat()
    os.chown(home, owner.st_uid, owner.st_gid)
    as_owner = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    try:
        command = [program, "-h", "127.0.0.1", "-p", str(primary.port), "-U", USER, "-D", str(home / "data")]
        command += ["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
        subprocess.run(
            command,
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
            capture_output=True,
            cwd=home,
            **as_owner,  # type: ignore[call-overload]
        )
        with (home / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all 127.0.0.0/8 scram-sha-256\n")
        server = primary._command[0]
        command = [server, "-D", str(home / "data"), "-p", str(primary.port), "-c", f"listen_addresses={REPLICA}"]
        command += ["-c", f"unix_socket_directories={home}", "-c", "fsync=off"]
        client = [str(home) if part == primary.socket else part for part in primary._client]
        environment = {"PGPASSWORD": PASSWORD, "PGDATABASE": "postgres", "PGCLIENTENCODING": "UTF8"}
        replica = DatabaseServer(command, client, environment, home, primary.port, None)
        try:
            replica.start()
            yield replica
        finally:
            replica.stop()
    finally:
        shutil.rmtree(home)


@contextmanager
def running_redis(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run Redis on a free port, without a file."""
    port = next(free_ports())
    command = [need_program("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait(port)
        yield process, port
    finally:
        ways.end(process)


@contextmanager
def running_haproxy(program: str, folder: Path, servers: list[Server]) -> Iterator[int]:
    """Run HAProxy by conf/servers/haproxy.cfg, with the servers in place of those of the file; give its port."""
    text = (ways.CONF / "haproxy.cfg").read_text(encoding="utf-8")
    port = next(free_ports())
    text = text.replace("bind :443", f"bind 127.0.0.1:{port}")
    before, line, _ = text.partition("    server web1 ")
    assert line
    for number, server in enumerate(servers, 1):
        before += f"    server web{number} 127.0.0.1:{server.port}\n"
    config = folder / "haproxy.cfg"
    config.write_text(before, encoding="utf-8")
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen([program, "-db", "-f", str(config)], stdout=log, stderr=log)
    try:
        wait(port)
        yield port
    finally:
        ways.end(process)


def wait(port: int) -> None:
    """Return when somebody listens."""
    ends = time.monotonic() + 20
    while not listening(port):
        if time.monotonic() > ends:
            raise RuntimeError(f"nobody listens on port {port}")
        time.sleep(0.05)
