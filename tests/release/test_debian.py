"""The Debian package on a Debian 13, as docs/debian.md says: installed, used, updated, removed and purged."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais.passwords.making import sha256
from support.debian import Debian, debian
from support.site import ROOT

ADDRESS = "http://localhost/mailstore-integration/index.php"
STATE = "/var/lib/mailstore-ais/state.sqlite"
CONFIG = "/etc/mailstore-ais/config.py"
USERS = f"userName;fullName;emailAddresses;password\nanna;Anna;anna@example.com;{sha256('Passw0rd')}\n"
FORM = '--x\r\nContent-Disposition: form-data; name="cmd"\r\n\r\nlist\r\n--x--\r\n'
TESTS = {"lighttpd": "lighttpd -tt -f /etc/lighttpd/lighttpd.conf", "apache": "apache2ctl configtest"}
SERVICES = {"lighttpd": "lighttpd", "apache": "apache2"}


INSTALL, INIT, RIGHTS, LIGHTTPD, APACHE, TRY, UPDATE, REMOVE, PURGE = (
    textwrap.dedent(block)
    for block in re.findall(
        r"^ *```sh\n(.*?)^ *```$", (ROOT / "docs/debian.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
)
SWITCH_ON = {"lighttpd": LIGHTTPD, "apache": APACHE}


@pytest.fixture
def machine() -> Iterator[Debian]:
    """A bare one."""
    with debian() as running:
        yield running


def newer(package: Path, folder: Path) -> Path:
    """The same package with a higher version."""
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(folder / "deb")], check=True)
    control = folder / "deb/DEBIAN/control"
    control.write_text(re.sub("^Version: .*", "Version: 99", control.read_text(), flags=re.MULTILINE))
    path = folder / "mailstore-ais_99_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(folder / "deb"), str(path)], check=True)
    return path


def ask(machine: Debian, password: str, arguments: str) -> str:
    """Let curl ask; returns status and body."""
    machine.write("/root/curlrc", f'user = "mailstore:{password}"\nurl = "{ADDRESS}"\n'.encode(), 0o600)
    return machine.run(f"curl --silent --config curlrc --write-out ' %{{http_code}}' {arguments}")


def listed(machine: Debian, password: str) -> list[str]:
    """The users that MailStore is told, by a form of either kind."""
    machine.write("/root/form", FORM.encode())
    plain = ask(machine, password, "--data cmd=list")
    assert plain == ask(machine, password, "--data-binary @form -H 'Content-Type: multipart/form-data; boundary=x'")
    assert plain.endswith(" 200"), plain
    return [user["userName"] for user in json.loads(plain.removesuffix(" 200"))]


def install(machine: Debian, package: Path) -> str:
    """Install it and write a configuration as the page says; returns the password for MailStore."""
    machine.write(f"/root/{package.name}", package.read_bytes())
    machine.run(INSTALL.replace("apt install", "apt-get install -y"))
    # Argon2 comes with a package of Debian's, which the entry finds though it starts without `site`.
    hashed = machine.run("python3 -c 'import argon2; print(argon2.PasswordHasher().hash(\"S3cret\"))'")
    machine.write("/etc/mailstore-ais/users.csv", f"{USERS}bob;Bob;bob@example.com;{hashed}".encode(), 0o600)
    init = INIT.replace("ais init", "ais init --source csv --path users.csv --json")
    made = json.loads(machine.run(init))
    assert made["path"] == CONFIG
    assert f"state = '{STATE}'" in machine.run(f"cat {CONFIG}").replace('"', "'")
    machine.run(RIGHTS)
    return str(made["password"])


@pytest.mark.parametrize("server", ["lighttpd", "apache"])
def test_page(machine: Debian, package: Path, tmp_path: Path, server: str) -> None:
    """Every command of the page works. Updating and removing keep configuration and state, purging neither."""
    password = install(machine, package)
    assert machine.run("stat -c '%U:%G %a' /etc/mailstore-ais /var/lib/mailstore-ais").split("\n")[:2] == [
        "root:www-data 2750",
        "www-data:www-data 750",
    ]
    assert "mailstore" not in machine.run("ls /etc/lighttpd/conf-enabled /etc/apache2/conf-enabled")
    machine.run(SWITCH_ON[server])
    check, probe = TRY.splitlines()
    assert machine.run(check).endswith("\nfine\n")
    assert machine.run(f"{probe} --password-stdin", f"{password}\n").endswith("\nfine\n")
    assert listed(machine, password) == ["anna", "bob"]
    for user, given, outcome in (("anna", "Passw0rd", "true"), ("bob", "S3cret", "true"), ("bob", "x", "false")):
        answer = ask(machine, password, f"--data cmd=auth --data user={user} --data pass={given}")
        assert answer == f'{{"succeeded": {outcome}}} 200'

    machine.run(f"chmod 600 {CONFIG}")
    assert "read it; ais check and the web server's error log say" in ask(machine, password, "--data cmd=list")
    machine.run(RIGHTS)

    kept = f"sha256sum {CONFIG} && stat -c '%U:%G %a' /etc/mailstore-ais/* /var/lib/mailstore-ais {STATE}"
    before = machine.run(kept)
    machine.run("rm mailstore-ais_*.deb")
    machine.write("/root/mailstore-ais_99_all.deb", newer(package, tmp_path).read_bytes())
    machine.run(UPDATE.replace("apt install", "apt-get install -y"))
    assert machine.run("dpkg-query -W -f '${Version}' mailstore-ais") == "99"
    assert machine.run(kept) == before
    assert listed(machine, password) == ["anna", "bob"]

    machine.run(REMOVE.replace("apt remove", "apt-get remove -y"))
    assert machine.run(kept) == before
    assert machine.run("find /usr/share/mailstore-ais /usr/bin/ais 2>/dev/null || true") == ""
    # lighttpd remembers for a second or two that there was a script.
    assert ask(machine, password, "--data cmd=list")[-4:] in (" 404", " 500")
    machine.run(INSTALL.replace("apt install", "apt-get install -y"))
    assert listed(machine, password) == ["anna", "bob"]

    machine.run(PURGE.replace("apt purge", "apt-get purge -y"))
    left = machine.run("find /etc /usr /var/lib -name '*mailstore-ais*'")
    assert left == "/etc/mailstore-ais\n"
    assert machine.run("ls /etc/mailstore-ais") == "users.csv\n"
    machine.run(f"{TESTS[server]} && systemctl restart {SERVICES[server]}")


def test_another_python(machine: Debian, package: Path) -> None:
    """When Debian changes its Python, the library is compiled anew, since the web server cannot."""
    machine.write(f"/root/{package.name}", package.read_bytes())
    machine.run(INSTALL.replace("apt install", "apt-get install -y"))
    count = "find /usr/share/mailstore-ais/lib -name '*.pyc' | wc -l"
    wanted = machine.run(count)
    assert int(wanted) > 100
    machine.run("find /usr/share/mailstore-ais/lib -name '*.pyc' -delete")
    machine.run("/usr/share/python3/runtime.d/mailstore-ais.rtupdate rtupdate python3.11 python3.13")
    assert machine.run(count) == wanted
