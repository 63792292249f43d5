"""Shared hosting on this computer: Apache, a document root, and nothing that a customer may set but .htaccess files."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.interpreters import start_by_ours
from support.needs import need_file, need_program
from support.running import FCGID, Server, free_ports, group_of, load_module, make_home, started, unprivileged
from support.site import sample_config, temporary_folder, write_database
from support.stock import APACHE, APACHE_STOCK_MODULES

FOLDER = "mailstore-integration"
SUEXEC_LOG = Path("/var/log/apache2")  # compiled into Debian's suexec
ACCOUNT = "nobody"  # suEXEC takes accounts from 100 on


@contextmanager
def shared_host(
    documents: Path,
    mpm: str = "event",
    override: str = "All",
    *,
    options: str = "FollowSymLinks",
    extra: str = "",
    modules: Sequence[str] = (),
) -> Iterator[Server]:
    """Run Apache for a document root.

    Args:
        documents: the document root.
        mpm: ``event`` (with mod_cgid), ``prefork`` (with mod_cgi), or ``fcgid`` (event with mod_fcgid alone).
        override: the arguments of AllowOverride.
        options: the host's own Options there.
        extra: further configuration, such as a PHP handler.
        modules: further modules, by the names of a2enmod.
    """
    binary = need_program("apache2", "apache2-bin")
    account = unprivileged(documents)
    user = f"User {account}\nGroup {group_of(account)}" if account else ""
    by = {"prefork": "cgi", "fcgid": "fcgid"}.get(mpm, "cgid")
    names = (f"mpm_{'event' if by == 'fcgid' else mpm}", *APACHE_STOCK_MODULES, "rewrite", by, *modules)
    loaded = "\n".join(load_module(name) for name in names)
    loaded += {"cgid": '\nScriptSock "cgisock"', "fcgid": FCGID}.get(by, "")
    site = f"""DocumentRoot "{documents}"
        <Directory "{documents}">
            Options {options}
            AllowOverride {override}
            Require all granted
        </Directory>"""
    with temporary_folder() as home:
        make_home(home, account)
        for port in free_ports():
            values = {"home": home, "port": port, "user": user, "modules": loaded}
            text = APACHE.format(before="", fragment=site, after=extra, **values)
            (home / "apache.conf").write_text(text, encoding="utf-8")
            with started([binary, "-f", str(home / "apache.conf"), "-DFOREGROUND"], home, port) as running:
                if running:
                    yield Server(f"apache-{mpm}", port, home, documents)
                    return


def unzip(archive: Path, where: Path) -> Path:
    """Unpack a bundle with its file modes, as unzip and FTP programs do; returns the folder in it."""
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            opened.extract(member, where)
            (where / member.filename).chmod(member.external_attr >> 16 & 0o777)
    return where / FOLDER


def configure(folder: Path, config: str | None = None) -> Path:
    """Give an unpacked bundle the sample configuration and its users, and our interpreter; returns the bundle."""
    for name in ("index.py", "index.fcgi"):
        start_by_ours(folder / name)
    (folder / "conf" / "config.py").write_text(config or sample_config(), encoding="utf-8")
    write_database(folder / "conf" / "users.sqlite")
    return folder


def keep_processes(folder: Path) -> Path:
    """Do what docs/fastcgi.md says for a host with mod_fcgid; returns the bundle."""
    (folder / "fastcgi.htaccess").replace(folder / ".htaccess")
    return folder


@contextmanager
def suexec_host(archive: Path, mpm: str = "event") -> Iterator[Server]:
    """Run a host that starts scripts as their owner, serving an unpacked and configured bundle.

    Debian's suexec (apache2-suexec-pristine) takes scripts below /var/www only.
    """
    need_file(Path("/usr/lib/apache2/suexec"), "apache2-suexec-pristine")
    if os.geteuid() != 0:
        pytest.skip("suEXEC needs an Apache that was started by root")
    for path in (Path("/var/www"), SUEXEC_LOG):
        path.mkdir(mode=0o755, exist_ok=True)  # left behind: another test may run at the same time
    area = Path(tempfile.mkdtemp(prefix="ais-", dir="/var/www"))
    try:
        area.chmod(0o755)
        folder = configure(unzip(archive, area))
        if mpm == "fcgid":
            keep_processes(folder)
        (folder / "conf" / "config.py").chmod(0o600)
        owner = pwd.getpwnam(ACCOUNT)
        for path in (area, *area.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        extra = f"SuexecUserGroup {ACCOUNT} {group_of(ACCOUNT)}"
        with shared_host(area, mpm, "FileInfo Options=ExecCGI", extra=extra, modules=("suexec",)) as server:
            yield server
    finally:
        shutil.rmtree(area)
