"""Private PostgreSQL and MariaDB servers on free loopback ports.

with postgresql(folder) as server:
    server.execute("CREATE DATABASE mail")
    server.execute("CREATE TABLE …", "mail")
    sql("postgresql", **server.arguments, database="mail", …)
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from logins.system import need_root
from support.needs import SEARCH_PATH, missing, need_file, need_program

USER = "admin"
PASSWORD = "Pä$s w@rd%/:#"
"""Of `USER`, who may do everything. A password in its raw form has no meaning anywhere but at the server."""


class DatabaseServer:
    """A running server.

    Attributes:
        host: name or address to connect to.
        port: its TCP port.
        user: `USER`.
        password: `PASSWORD`.
        socket: what to give as ``host`` for its Unix socket.
        ca: file with the certificate that signed the server's; for servers with TLS.
        pid: process id of the server.
    """

    def __init__(
        self,
        command: list[str],
        client: list[str],
        environment: dict[str, str],
        home: Path,
        port: int,
        tls: Path | None,
    ) -> None:
        self.host = "localhost" if tls else "127.0.0.1"
        self.port = port
        self.user = USER
        self.password = PASSWORD
        self.ca = tls
        self.socket = ""
        self._command = command
        self._client = client
        self._environment = {**os.environ, **environment}
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def arguments(self) -> dict[str, object]:
        """The arguments of `ais.sql` that say where the server is and who asks."""
        return {"host": self.host, "port": self.port, "user": self.user, "password": self.password}

    @property
    def pid(self) -> int:
        """Process id of the server."""
        assert self._process
        return self._process.pid

    def execute(self, script: str, database: str | None = None) -> str:
        """Run a script with the server's own client, and return what it prints: rows, cells separated by tabs.

        Args:
            script: SQL statements.
            database: where to run them; without it, where the client starts.
        """
        done = subprocess.run(
            [*self._client, *([database] if database else [])],
            input=script.encode(),
            env=self._environment,
            capture_output=True,
            timeout=120,
        )
        if done.returncode:
            raise AssertionError(f"the script failed: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="surrogateescape")

    def start(self) -> None:
        """Start the server again, or for the first time, and wait until it answers."""
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._home, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **_account(self._home)
            )
        ends = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
                return
            except AssertionError:
                if self._process.poll() is not None or time.monotonic() > ends:
                    raise AssertionError(
                        f"the server did not start: {(self._home / 'log').read_text()[-2000:]}"
                    ) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End the server as an administrator does; connections are closed."""
        # PostgreSQL waits for its clients at SIGTERM; SIGINT is its "fast shutdown", and MariaDB's SIGTERM is that.
        self._end(signal.SIGINT if "postgres" in self._command[0] else signal.SIGTERM)

    def kill(self) -> None:
        """End the server and its processes for connections at once, as a crash does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        self._process.send_signal(how)
        if how == signal.SIGKILL:
            for child in children:
                try:
                    os.kill(int(child), how)
                except ProcessLookupError:
                    pass
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def postgresql(folder: Path, tls: bool = False) -> Iterator[DatabaseServer]:
    """Run PostgreSQL.

    Args:
        folder: an empty folder for its files. Run as root, the server's files are in another temporary folder: it
            runs as the user postgres, who may not enter those of root.
        tls: whether it takes TLS connections, as ``localhost``; its CA is then `DatabaseServer.ca`.
    """
    initdb, server = _postgresql_program("initdb"), _postgresql_program("postgres")
    psql = need_program("psql", "postgresql-client")
    with _home(folder, "postgres") as home:
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        (home / "password").chmod(0o644)
        _run(
            f"{initdb} --no-sync --username {USER} --pwfile password --auth scram-sha-256"
            " --encoding UTF8 --locale C.UTF-8 --pgdata data".split(),
            home,
        )
        settings = {"fsync": "off", "listen_addresses": "127.0.0.1", "unix_socket_directories": str(home)}
        if tls:
            certificates(home)
            settings |= {"ssl": "on", "ssl_cert_file": str(home / "server.pem"), "ssl_key_file": str(home / "key.pem")}
        port = free_port()
        command = [server, "-D", str(home / "data"), "-p", str(port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        client = [psql, "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", str(home), "-p", str(port), "-U", USER]
        environment = {"PGPASSWORD": PASSWORD, "PGDATABASE": "postgres", "PGCLIENTENCODING": "UTF8"}
        running = DatabaseServer(command, client, environment, home, port, home / "ca.pem" if tls else None)
        running.socket = str(home)
        yield from _started(running)


# MariaDB's client asks for TLS from 11.4 on, through a socket too.
CLIENT = ["--no-defaults", "-N", "-B", "--raw", "-u", USER, "--skip-ssl", "--default-character-set=utf8mb4"]


@contextmanager
def mariadb(folder: Path, tls: bool = False) -> Iterator[DatabaseServer]:
    """Run MariaDB.

    Args:
        folder: an empty folder for its files.
        tls: whether it takes TLS connections, as ``localhost``; its CA is then `DatabaseServer.ca`.
    """
    server = need_program("mariadbd", "mariadb-server")
    install = need_program("mariadb-install-db", "mariadb-server")
    client = need_program("mariadb", "mariadb-client")
    with _home(folder, None) as home:
        account = ["--user=root"] if os.geteuid() == 0 else []
        _run(
            [
                install,
                "--no-defaults",
                f"--datadir={home / 'data'}",
                f"--tmpdir={home}",
                "--skip-test-db",
                "--skip-name-resolve",
                "--auth-root-authentication-method=normal",
                *account,
            ],
            home,
        )
        (home / "first.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n",
            encoding="utf-8",
        )
        port = free_port()
        tls_ca = home / "ca.pem" if tls else None
        command = [server, "--no-defaults", *account, f"--port={port}", f"--datadir={home / 'data'}"]
        command += [f"--socket={home / 'socket'}", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        command += [f"--init-file={home / 'first.sql'}", f"--pid-file={home / 'pid'}", f"--tmpdir={home}"]
        command += ["--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0"]
        command += ["--innodb-buffer-pool-size=32M", "--innodb-use-native-aio=0", "--innodb-log-file-size=8M"]
        if not tls:
            command.append("--skip-ssl")  # MariaDB makes itself a certificate from 11.4 on
        else:
            certificates(home)
            command += [f"--ssl-cert={home / 'server.pem'}", f"--ssl-key={home / 'key.pem'}"]
        client_command = [client, *CLIENT, f"--socket={home / 'socket'}"]
        running = DatabaseServer(command, client_command, {"MYSQL_PWD": PASSWORD}, home, port, tls_ca)
        running.socket = str(home / "socket")
        yield from _started(running)


MYSQL = Path("/var/cache/mailstore-ais-tests/mysql")
"""A Debian with Oracle's MySQL, which only Debian's unstable release has; scripts/install makes it."""


@contextmanager
def mysql() -> Iterator[DatabaseServer]:
    """Run MySQL. It takes TLS connections by a certificate that it makes itself; its CA is `DatabaseServer.ca`."""
    need_file(MYSQL / "usr/sbin/mysqld", "mysql-server-core of Debian sid, which scripts/install puts there")
    need_root("use a chroot")
    chroot, client = need_program("chroot", "coreutils"), need_program("mariadb", "mariadb-client")
    home = Path(tempfile.mkdtemp(dir=MYSQL / "tmp"))
    inside = f"/tmp/{home.name}"
    command = [chroot, str(MYSQL), "/usr/sbin/mysqld", "--no-defaults", "--user=root", f"--datadir={inside}/data"]
    try:
        _run([*command, "--initialize-insecure"], home)
        (home / "first.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n",
            encoding="utf-8",
        )
        port = free_port()
        command += [f"--port={port}", f"--socket={inside}/socket", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        command += [
            f"--init-file={inside}/first.sql",
            f"--pid-file={inside}/pid",
            "--mysqlx=OFF",
            "--secure-file-priv=",
        ]
        command += ["--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0"]
        client_command = [client, *CLIENT, f"--socket={home / 'socket'}"]
        running = DatabaseServer(command, client_command, {"MYSQL_PWD": PASSWORD}, home, port, home / "data/ca.pem")
        running.host = "127.0.0.1"
        running.socket = str(home / "socket")
        yield from _started(running)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def certificates(folder: Path, name: str = "localhost") -> None:
    """Make ca.pem, and server.pem with key.pem for a host of this name, signed by it."""
    openssl = need_program("openssl", "openssl")
    new = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    # Python 3.13 and newer refuse an authority that does not say what its key is for (RFC 5280, 4.2.1.3).
    usage = "keyUsage=critical,keyCertSign,cRLSign"
    _run([*new, "-subj", "/CN=Test CA", "-addext", usage, "-keyout", "ca.key", "-out", "ca.pem"], folder)
    _run(
        [
            *new,
            "-subj",
            f"/CN={name}",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-keyout",
            "key.pem",
            "-out",
            "server.pem",
            "-addext",
            f"subjectAltName=DNS:{name}",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ],
        folder,
    )
    (folder / "key.pem").chmod(0o600)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, and that no outgoing connection is given."""
    while True:
        port = random.randrange(12000, 32000)  # below /proc/sys/net/ipv4/ip_local_port_range
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _started(server: DatabaseServer) -> Iterator[DatabaseServer]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _postgresql_program(name: str) -> str:
    # Debian keeps the programs of the server off the PATH, in a folder per version.
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name, path=SEARCH_PATH) or missing(f"the program {name}", "postgresql")


@contextmanager
def _home(folder: Path, account: str | None) -> Iterator[Path]:
    if account is None or os.geteuid() != 0:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    home = Path(tempfile.mkdtemp(prefix="ais-test-"))
    try:
        shutil.chown(home, account, account)
        yield home
    finally:
        shutil.rmtree(home)


def _account(home: Path) -> dict[str, Any]:
    """Arguments of `subprocess.Popen`: programs run as the owner of their folder."""
    owner = home.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return {}
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def _run(command: list[str], home: Path) -> None:
    done = subprocess.run(command, cwd=home, capture_output=True, timeout=120, **_account(home))
    if done.returncode:
        raise AssertionError(f"{command[0]} failed: {(done.stderr + done.stdout).decode(errors='replace')}")
