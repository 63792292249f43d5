"""Private lighttpd and Apache servers on free loopback ports, configured from the two example files."""

from __future__ import annotations

import grp
import os
import pwd
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.needs import need_file, need_program
from support.releases import lighttpd_of
from support.site import ROOT, temporary_folder
from support.stock import APACHE, APACHE_STOCK_MODULES, LIGHTTPD

ADDRESS = "/mailstore-integration/index.php"
INSTALLED_AT = "/opt/mailstore-ais"
APACHE_MODULES = Path("/usr/lib/apache2/modules")
FCGID = '\nFcgidIPCDir "fcgid"\nFcgidProcessTableFile "fcgid_shm"\nFcgidConnectTimeout 20'


@dataclass(frozen=True)
class Server:
    """A running web server.

    Attributes:
        name: of the kind, as in `servers.conftest`.
        port: on 127.0.0.1.
        home: the server's own folder: ``htdocs`` is its document root.
        site: takes the place of /opt/mailstore-ais.
    """

    name: str
    port: int
    home: Path
    site: Path

    @property
    def url(self) -> str:
        """The address that MailStore is given."""
        return self.at(ADDRESS)

    def at(self, path: str) -> str:
        """The URL of a path on this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def log(self) -> str:
        """What the server and the scripts that it started have complained about so far."""
        return complaints(self.home)


FRAGMENTS = {
    "lighttpd": "lighttpd.conf.example",
    "apache": "apache.conf.example",
    "lighttpd-fastcgi": "conf/servers/lighttpd-fastcgi.conf",
    "apache-fcgid": "conf/servers/apache-fcgid.conf",
}
"""The files for CGI and FastCGI that an administrator may include."""


def fragment(name: str, site: Path, sections: Sequence[str] = ()) -> str:
    """One of `FRAGMENTS` as it is in the checkout, but for the folder.

    Args:
        name: which one.
        site: takes the place of /opt/mailstore-ais.
        sections: headings (lines that start with ``## ``) below which the configuration is switched on.
    """
    text = (ROOT / FRAGMENTS[name]).read_text(encoding="utf-8")
    for heading in sections:
        text = switch_on(text, heading)
    return text.replace(INSTALLED_AT, str(site))


def switch_on(text: str, heading: str) -> str:
    """A configuration file with the lines below a heading (``## …``) switched on, up to the next heading.

    The rule is the one that the files give: a "#" directly before a word is configuration, "# " is not.
    """
    start = text.index(f"\n## {heading}\n") + 1
    end = text.find("\n## ", start)
    section = text[start:] if end < 0 else text[start:end]
    return text.replace(section, re.sub(r"^( *)#(?=[^ #\n])", r"\1", section, flags=re.MULTILINE))


@contextmanager
def lighttpd(
    folder: Path,
    extra: str = "",
    *,
    before: str = "",
    sections: Sequence[str] = (),
    fastcgi: bool = False,
    release: str = "",
) -> Iterator[Server]:
    """Run lighttpd for a site.

    Args:
        folder: the site, see `servers.site.make_site`.
        fastcgi: by FastCGI, in place of CGI.
        release: of Debian, whose lighttpd it is; see `lighttpd_of`.
        extra: configuration after the example file's.
        before: configuration before it, such as a PHP handler.
        sections: parts of the example file to switch on, by heading.
    """
    command = lighttpd_of(release)
    name = "lighttpd-fastcgi" if fastcgi else "lighttpd"
    account = unprivileged(folder)
    user = f'server.username = "{account}"\nserver.groupname = "{group_of(account)}"' if account else ""
    with temporary_folder() as home:
        make_home(home, account)
        for port in free_ports():
            config = fragment(name, folder, sections).replace("/run/lighttpd", str(home))
            text = LIGHTTPD.format(home=home, port=port, user=user, before=before, fragment=config, after=extra)
            (home / "lighttpd.conf").write_text(text, encoding="utf-8")
            with started([*command, "-D", "-f", str(home / "lighttpd.conf")], home, port) as running:
                if running:
                    yield Server(name, port, home, folder)
                    return


@contextmanager
def apache(
    folder: Path,
    mpm: str = "event",
    extra: str = "",
    *,
    before: str = "",
    sections: Sequence[str] = (),
    modules: Sequence[str] = (),
) -> Iterator[Server]:
    """Run Apache for a site: with mod_cgid under the event MPM, with mod_cgi under prefork.

    Args:
        folder: the site, see `servers.site.make_site`.
        mpm: ``event`` or ``prefork``; ``fcgid`` is the event MPM with mod_fcgid.
        extra: configuration after the example file's.
        before: configuration before it, such as a PHP handler.
        sections: parts of the example file to switch on, by heading.
        modules: names of modules (as for a2enmod) to load besides the stock ones.
    """
    binary = need_program("apache2", "apache2-bin")
    account = unprivileged(folder)
    user = f"User {account}\nGroup {group_of(account)}" if account else ""
    by = {"prefork": "cgi", "fcgid": "fcgid"}.get(mpm, "cgid")
    names = (f"mpm_{'event' if by == 'fcgid' else mpm}", *APACHE_STOCK_MODULES, by, *modules)
    loaded = "\n".join(load_module(name) for name in names)
    loaded += {"cgid": '\nScriptSock "cgisock"', "fcgid": FCGID}.get(by, "")
    with temporary_folder() as home:
        make_home(home, account)
        for port in free_ports():
            text = APACHE.format(
                home=home,
                port=port,
                user=user,
                modules=loaded,
                before=before,
                fragment=fragment("apache-fcgid" if by == "fcgid" else "apache", folder, sections),
                after=extra,
            )
            (home / "apache.conf").write_text(text, encoding="utf-8")
            with started([binary, "-f", str(home / "apache.conf"), "-DFOREGROUND"], home, port) as running:
                if running:
                    if by == "cgid":
                        wait_for_daemon(home, account)
                    yield Server(f"apache-{mpm}", port, home, folder)
                    return


def wait_for_daemon(home: Path, account: str | None) -> None:
    """Wait until Apache can start scripts: mod_cgid gives its socket to the account after requests are taken."""
    for _ in range(200):
        if any(account in (None, path.owner()) for path in home.glob("cgisock.*")):
            return
        time.sleep(0.05)
    raise RuntimeError(f"mod_cgid is not ready after ten seconds: {complaints(home)}")


def load_module(name: str) -> str:
    """The LoadModule line of one of Debian's modules."""
    package = {"fcgid": "libapache2-mod-fcgid"}.get(name, "apache2-bin")
    return f'LoadModule {name}_module "{need_file(APACHE_MODULES / f"mod_{name}.so", package)}"'


def unprivileged(folder: Path) -> str | None:
    """The account that a server started by root works as; None where we are not root.

    Raises:
        PermissionError: that account cannot come to ``folder``.
    """
    if os.geteuid() != 0:
        return None
    for parent in (folder, *folder.parents):
        if not parent.stat().st_mode & 0o001:
            raise PermissionError(f"{parent} is closed to the web server; use servers.site.temporary_folder()")
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "www-data" if "www-data" in known else "nobody"


def group_of(account: str) -> str:
    """The name of an account's first group."""
    return grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name


def make_home(home: Path, account: str | None) -> None:
    """Make the folders that a server serves from and writes to; lighttpd opens its log as ``account``."""
    for folder in (home / "htdocs", home / "uploads"):
        folder.mkdir()
        folder.chmod(0o755)
    if account:
        for folder in (home, home / "uploads"):
            os.chown(folder, pwd.getpwnam(account).pw_uid, -1)


def free_ports() -> Iterator[int]:
    """A few loopback ports that were free a moment ago; the next is for who found the last one taken."""
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        yield port
    raise RuntimeError("no server could be started on any of five free ports")


@contextmanager
def started(command: list[str], home: Path, port: int) -> Iterator[bool]:
    """Run a server in the foreground while the block runs; False means that its port was taken meanwhile.

    Raises:
        RuntimeError: the server ended for another reason; the text is what it wrote.
    """
    with (home / "stderr").open("ab") as stderr:
        # A session of its own: Apache ends by a signal to its whole process group.
        process = subprocess.Popen(command, stdout=stderr, stderr=stderr, start_new_session=True)
        try:
            for _ in range(200):
                if process.poll() is not None:
                    if "in use" not in complaints(home):
                        raise RuntimeError(f"{command} ended with {process.returncode}: {complaints(home)}")
                    yield False
                    return
                if listening(port):
                    break
                time.sleep(0.05)
            else:
                raise RuntimeError(f"{command} does not listen after ten seconds")
            yield True
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def complaints(home: Path) -> str:
    """A server's error log, and what was written to its standard error (the journal, under systemd)."""
    files = (home / "error.log", home / "stderr")
    return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists())


def listening(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something accepts connections on a port of a loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0
