"""A private Active Directory of Samba, on a loopback address of its own, in a folder of its own."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from logins.system import need_root
from support.needs import need_file, need_program
from support.openldap import certificates
from support.running import listening

BASE = "DC=example,DC=com"
ADMIN_PASSWORD = "Adm1n's secret / 7"
READER_PASSWORD = "Reader: %s & 7"

CONFIG = """[global]
netbios name = DC1
realm = EXAMPLE.COM
workgroup = EXAMPLE
server role = active directory domain controller
server services = ldap, rpc, cldap, kdc
private dir = {folder}/private
state directory = {folder}/state
lock directory = {folder}
cache directory = {folder}/cache
pid directory = {folder}
ncalrpc dir = {folder}/ncalrpc
log file = {folder}/log
interfaces = {address}/8
bind interfaces only = yes
tls certfile = {folder}/server.pem
tls keyfile = {folder}/server.key
tls cafile = {folder}/ca.pem
"""


@dataclass(frozen=True)
class Domain:
    """A running domain controller.

    Attributes:
        folder: its files, with the authority of its certificate in ca.pem.
        address: where it listens, at the usual ports.
    """

    folder: Path
    address: str

    @property
    def url(self) -> str:
        """Its address with TLS."""
        return f"ldaps://{self.address}"

    def change(self, ldif: str) -> None:
        """Run ldapmodify as the administrator; without ``changetype`` entries are added."""
        login = ("-x", "-D", "Administrator@example.com", "-w", ADMIN_PASSWORD)
        done = subprocess.run(
            [need_program("ldapmodify", "ldap-utils"), "-a", *login, "-H", self.url],
            input=ldif.encode(),
            env={**os.environ, "LDAPTLS_CACERT": str(self.folder / "ca.pem")},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def tool(self, *arguments: str) -> None:
        """Run samba-tool on the domain's database."""
        config = self.folder / "smb.conf"
        subprocess.run(
            [need_program("samba-tool", "samba"), *arguments, "-s", config, "-H", self.folder / "private" / "sam.ldb"],
            check=True,
            capture_output=True,
        )


def line(name: str, value: str) -> str:
    """A line of LDIF, whatever the value is."""
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def user(
    name: str, password: str | None, under: str = f"CN=Users,{BASE}", control: int = 512, **more: str | list[str]
) -> str:
    """A user in LDIF.

    Args:
        name: the sAMAccountName.
        password: must be as the domain's policy wants it; None for none.
        under: the folder.
        control: userAccountControl.
        more: other attributes.
    """
    dn = f"CN={more.get('cn', name)},{under}"
    text = line("dn", dn) + "objectClass: user\n" + line("sAMAccountName", name)
    text += f"userAccountControl: {control}\n"
    if password is not None:
        secret = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()
        text += f"unicodePwd:: {secret}\n"
    for attribute, values in more.items():
        if attribute != "cn":
            text += "".join(line(attribute, value) for value in ([values] if isinstance(values, str) else values))
    return text + "\n"


@contextmanager
def samba(folder: Path, ldif: str) -> Iterator[Domain]:
    """Make the domain example.com, and run its controller.

    Args:
        folder: an empty folder. Its path must be short: sockets lie in it.
        ldif: entries that are added at once before it runs, which is faster; without passwords.
    """
    need_root("run a domain controller")
    program = need_program("samba", "samba-ad-dc")
    need_file(Path("/usr/share/samba/setup"), "samba-ad-provision")
    need_file(Path("/usr/lib/x86_64-linux-gnu/samba/vfs/acl_xattr.so"), "samba-vfs-modules")
    address = f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(1, 254)}"
    (folder / "empty.conf").write_text("[global]\n")
    made = subprocess.run(
        [
            *(need_program("samba-tool", "samba"), "domain", "provision", "-s", str(folder / "empty.conf")),
            *("--realm=EXAMPLE.COM", "--domain=EXAMPLE", "--server-role=dc", "--dns-backend=NONE"),
            *(f"--adminpass={ADMIN_PASSWORD}", f"--targetdir={folder}", "--host-name=dc1", f"--host-ip={address}"),
        ],
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr.decode(errors="replace")
    certificates(folder, f"IP:{address}")
    (folder / "server.key").chmod(0o600)
    (folder / "smb.conf").write_text(CONFIG.format(folder=folder, address=address))
    (folder / "more.ldif").write_text(ldif, encoding="utf-8")
    ldbadd = need_program("ldbadd", "ldb-tools")
    subprocess.run([ldbadd, "-H", f"{folder}/private/sam.ldb", f"{folder}/more.ldif"], check=True, capture_output=True)
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen(
            [program, "-i", "-M", "single", "-s", folder / "smb.conf"],
            stdin=subprocess.PIPE,  # with nothing there it ends
            stdout=output,
            stderr=output,
        )
    try:
        for _ in range(600):
            if process.poll() is not None or listening(636, address):
                break
            time.sleep(0.1)
        if process.poll() is not None:
            raise RuntimeError(f"Samba ended: {(folder / 'output').read_text(errors='replace')}")
        yield Domain(folder, address)
    finally:
        process.kill()
        process.communicate()
