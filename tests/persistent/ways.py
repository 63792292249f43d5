"""Servers whose processes live on, from the files of conf/servers, on free loopback ports."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from support.needs import missing, need_program
from support.nginx import nginx as run_nginx
from support.running import (
    FCGID,
    Server,
    free_ports,
    group_of,
    load_module,
    make_home,
    started,
    switch_on,
    unprivileged,
)
from support.site import ROOT, make_site, temporary_folder
from support.stock import APACHE, APACHE_STOCK_MODULES, LIGHTTPD

CONF = ROOT / "conf" / "servers"
INSTALLED_AT = "/opt/mailstore-ais"
SOCKET = "/run/mailstore-ais/socket"
APACHE_MODULES = {
    "mod_wsgi": ("wsgi",),
    "proxy": ("proxy", "proxy_http", "headers", "buffer"),
    "passenger": ("passenger",),
    "fcgid": ("fcgid",),
}
"""Modules that Apache needs besides the stock ones, by the file of conf/servers."""


def make_persistent_site(folder: Path, config_text: str | None = None) -> Path:
    """Make a site as `servers.site.make_site`, with what the persistent ways need."""
    make_site(folder, config_text)
    shutil.copy(ROOT / "passenger_wsgi.py", folder)
    (folder / "public").mkdir(exist_ok=True)
    (folder / "public").chmod(0o755)
    if not (folder / ".venv").exists():
        # Drivers come from the environment that the tests run in.
        (folder / ".venv").symlink_to(sys.prefix)
    return folder


def configuration(name: str, site: Path, switched_on: str = "") -> str:
    """Return a file of conf/servers as it is in the checkout, but for the places.

    Args:
        name: the file.
        site: takes the place of /opt/mailstore-ais.
        switched_on: the heading of the part that is switched on.
    """
    text = (CONF / name).read_text(encoding="utf-8")
    if switched_on:
        text = switch_on(text, switched_on)
    return text.replace(INSTALLED_AT, str(site)).replace(SOCKET, str(site / "run" / "socket"))


@contextmanager
def apache(site: Path, way: str, extra: str = "", *, switched_on: str = "", before: str = "") -> Iterator[Server]:
    """Run Apache.

    Args:
        site: see `make_persistent_site`.
        way: ``mod_wsgi``, ``proxy``, ``passenger`` or ``fcgid``: which of conf/servers/apache-*.conf.
        extra: configuration after it.
        switched_on: as for `configuration`.
        before: configuration before it.
    """
    binary = need_program("apache2", "apache2-bin")
    account = unprivileged(site)
    names = ["mpm_event", *APACHE_STOCK_MODULES, *APACHE_MODULES[way]]
    if switched_on == "Behind a load balancer":
        names.append("remoteip")
    packages = {name: f"libapache2-mod-{name}" for name in ("passenger", "fcgid")}
    packages["wsgi"] = "libapache2-mod-wsgi-py3"
    for name in names:
        if not Path(f"/usr/lib/apache2/modules/mod_{name}.so").exists():
            missing(f"Apache's mod_{name}", packages.get(name, "apache2-bin"))
    with home_of_server(account) as home:
        more = ""
        if way == "mod_wsgi":
            more = f'WSGISocketPrefix "{home}/wsgi"\n'
        if way == "fcgid":
            more = FCGID
        if way == "passenger":
            root = "/usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini"
            more = f'PassengerRoot {root}\nPassengerDefaultRuby /usr/bin/ruby\nPassengerInstanceRegistryDir "{home}"\n'
            more += "PassengerDisableAnonymousTelemetry on\n"
        for port in free_ports():
            text = APACHE.format(
                home=home,
                port=port,
                user=f"User {account}\nGroup {group_of(account)}" if account else "",
                modules="\n".join(load_module(name) for name in names) + "\n" + more,
                before=before,
                fragment=configuration(f"apache-{way}.conf", site, switched_on),
                after=extra,
            )
            (home / "apache.conf").write_text(text, encoding="utf-8")
            command = [binary, "-f", str(home / "apache.conf"), "-DFOREGROUND"]
            with started([*(with_environ() if way == "passenger" else ()), *command], home, port) as running:
                if running:
                    yield Server(f"apache, {way}", port, home, site)
                    return


def with_environ() -> list[str]:
    """Words before Passenger's command where root cannot read /proc/1/environ, as in some containers: it has to."""
    try:
        Path("/proc/1/environ").read_bytes()
    except OSError:
        if os.geteuid() != 0:
            return []
        lay = "mount --make-private /proc && mount --bind /dev/null /proc/1/environ"
        return ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", f'{lay} && exec "$@"', "sh"]
    return []


@contextmanager
def lighttpd(
    site: Path, extra: str = "", *, way: str = "proxy", switched_on: str = "", before: str = ""
) -> Iterator[Server]:
    """Run lighttpd by the file of conf/servers, ``proxy`` or ``fastcgi``; see `apache`."""
    binary = need_program("lighttpd", "lighttpd")
    account = unprivileged(site)
    with home_of_server(account) as home:
        for port in free_ports():
            fragment = configuration(f"lighttpd-{way}.conf", site, switched_on).replace("192.0.2.10", "127.0.0.1")
            fragment = fragment.replace("/run/lighttpd", str(home))
            user = f'server.username = "{account}"\nserver.groupname = "{group_of(account)}"' if account else ""
            text = LIGHTTPD.format(home=home, port=port, user=user, before=before, fragment=fragment, after=extra)
            (home / "lighttpd.conf").write_text(text, encoding="utf-8")
            with started([binary, "-D", "-f", str(home / "lighttpd.conf")], home, port) as running:
                if running:
                    yield Server(f"lighttpd, {way}", port, home, site)
                    return


@contextmanager
def nginx(
    site: Path, extra: str = "", *, way: str = "proxy", switched_on: str = "", before: str = "", **more: str
) -> Iterator[Server]:
    """Run nginx by the file of conf/servers, ``proxy`` or ``fcgiwrap``, and fcgiwrap by its own.

    See `apache`; ``more`` goes to `support.nginx.nginx`.
    """
    fragment = configuration(f"nginx-{way}.conf", site, switched_on).replace("192.0.2.10", "127.0.0.1")
    fragment = fragment.replace("/run/fcgiwrap.socket", str(site / "run" / "socket"))
    listen = " ssl" if "ssl_certificate" in before else ""
    listen += " proxy_protocol" if switched_on == "Behind a load balancer" else ""
    with ExitStack() as stack:
        if way == "fcgiwrap":
            stack.enter_context(fcgiwrap(site))
        server = stack.enter_context(run_nginx(site, fragment, before=before, after=extra, listen=listen, **more))
        yield replace(server, name=f"nginx, {way}")


@contextmanager
def fcgiwrap(site: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run fcgiwrap as our file for systemd has it, at the site's socket."""
    need_program("fcgiwrap", "fcgiwrap")
    command = configuration("fcgiwrap.conf", site).rpartition("ExecStart=")[2].split()
    (site / "run" / "socket").unlink(missing_ok=True)  # it leaves its own behind; under systemd that is not its matter
    with at_socket(site, [*command, "-s", f"unix:{site / 'run' / 'socket'}"], None) as process:
        yield process


@contextmanager
def gunicorn(
    site: Path, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run gunicorn by conf/servers/gunicorn.conf.py, at the site's socket.

    Args:
        site: see `make_persistent_site`.
        arguments: further ones, which win over the file.
        environment: added to that of this process.
    """
    need_module("gunicorn")
    config = site / "conf" / "gunicorn.conf.py"
    config.write_text(configuration("gunicorn.conf.py", site), encoding="utf-8")
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), *arguments]
    with at_socket(site, command, environment) as process:
        yield process


@contextmanager
def granian(
    site: Path, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run granian as docs/wsgi.md has it, at the site's socket; see `gunicorn`."""
    need_module("granian")
    command = [*granian_command(site), *arguments]
    with at_socket(site, command, {"PYTHONPATH": str(site / "lib"), **(environment or {})}) as process:
        yield process


def granian_command(site: Path) -> list[str]:
    """Return the command of the systemd unit."""
    unit = configuration("mailstore-ais-granian.service", site)
    command = unit.replace("\\\n", " ").partition("ExecStart=")[2].partition("\n")[0].split()
    return [sys.executable, "-m", "granian", *command[1:]]


@contextmanager
def at_socket(site: Path, command: list[str], environment: dict[str, str] | None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server as the web server's user until the block ends, and what it has started."""
    run = site / "run"
    run.mkdir(exist_ok=True)
    account = unprivileged(site)
    as_user: dict[str, object] = {}
    if account:
        shutil.chown(run, account, group_of(account))
        as_user = {"user": account, "group": group_of(account), "extra_groups": []}
    with (site / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=site,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_user,  # type: ignore[call-overload]
        )
    try:
        wait_for(run / "socket", process, site / "server.log")
        yield process
    finally:
        end(process)
        # As systemd does: fcgiwrap ends without its children, which would wait for requests for ever.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when somebody listens at a Unix socket."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not listen: {log.read_text(errors='replace')[-3000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server as an administrator does."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def need_module(name: str) -> None:
    """Skip the running test when a Python package is not there."""
    if importlib.util.find_spec(name) is None:
        missing(f"the Python package {name}", name)


@contextmanager
def home_of_server(account: str | None) -> Iterator[Path]:
    """A folder for a server's own files."""
    with temporary_folder() as home:
        make_home(home, account)
        yield home
