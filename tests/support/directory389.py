"""A private 389 Directory Server on a free loopback port. Its programs want its configuration in /etc/dirsrv."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from logins.system import need_root
from support.needs import need_program
from support.openldap import free_port

BASE = "dc=example,dc=com"
MANAGER = "cn=Directory Manager"
MANAGER_PASSWORD = "Manager-secret-7"

SETTINGS = """[general]
config_version = 2
full_machine_name = localhost
start = True
selinux = False
systemd = False
strict_host_checking = False
[slapd]
instance_name = {name}
user = root
group = root
root_password = {password}
port = {port}
self_sign_cert = False
db_dir = {home}/db
db_home_dir = {home}/home
log_dir = {home}/log
lock_dir = {home}/lock
run_dir = {home}/run
tmp_dir = {home}/tmp
ldif_dir = {home}/ldif
backup_dir = {home}/backup
inst_dir = {home}/inst
ldapi = {home}/run/socket
[backend-userroot]
suffix = dc=example,dc=com
create_suffix_entry = True
sample_entries = no
"""

# dscreate asks systemd, whatever it is told: to start the server, and whether it runs.
SYSTEMCTL = """#!/bin/sh
case "$1" in
start)
    sed -i '/^nsslapd-port:/a nsslapd-listenhost: 127.0.0.1' {config}/dse.ldif
    {program} -D {config} -i {home}/pid
    for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        {whoami} -x -H ldap://127.0.0.1:{port} && exit 0
        sleep 0.5
    done ;;
is-active) test -e {home}/pid || exit 3 ;;
esac
exit 0
"""


@dataclass(frozen=True)
class Directory389:
    """A running server; `url` is its address without TLS."""

    url: str

    def change(self, ldif: str) -> None:
        """Run ldapmodify as the directory manager; without ``changetype`` entries are added."""
        login = ("-x", "-D", MANAGER, "-w", MANAGER_PASSWORD)
        done = subprocess.run(
            [need_program("ldapmodify", "ldap-utils"), "-a", *login, "-H", self.url],
            input=ldif.encode(),
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")


@contextmanager
def directory389(home: Path) -> Iterator[Directory389]:
    """Run a server with an empty ``dc=example,dc=com``; `home` is an empty folder with a short path."""
    need_root("make an instance in /etc/dirsrv")
    program, dscreate = need_program("ns-slapd", "389-ds-base"), need_program("dscreate", "389-ds-base")
    whoami = need_program("ldapwhoami", "ldap-utils")
    port, name = free_port(), f"aistest{os.getpid()}"
    config = Path(f"/etc/dirsrv/slapd-{name}")
    (home / "run").mkdir()
    (home / "bin").mkdir()
    stub = home / "bin" / "systemctl"
    stub.write_text(SYSTEMCTL.format(config=config, program=program, home=home, port=port, whoami=whoami))
    stub.chmod(0o755)
    (home / "settings").write_text(SETTINGS.format(name=name, password=MANAGER_PASSWORD, port=port, home=home))
    try:
        made = subprocess.run(
            [dscreate, "from-file", home / "settings"],
            env={**os.environ, "PATH": f"{home}/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        yield Directory389(f"ldap://127.0.0.1:{port}")
    finally:
        if (home / "pid").exists():
            os.kill(int((home / "pid").read_text()), signal.SIGKILL)
        shutil.rmtree(config, ignore_errors=True)
