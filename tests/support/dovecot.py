"""A private Dovecot on free loopback ports, in a folder of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import ais
from ais import imap
from logins.system import need_root
from support.needs import need_file, need_program
from support.openldap import free_port
from support.running import listening
from support.site import salted, temporary_folder

COMMON = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
listen = 127.0.0.1
auth_failure_delay = 0
"""

IMAP = """
protocols = imap
ssl = yes
auth_verbose = yes
auth_username_chars =
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
# Else each wrong password would slow the next login down.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

BEFORE_2_4 = """
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%n
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/home
}}
"""

SINCE_2_4 = """
ssl_server_cert_file = {home}/server.pem
ssl_server_key_file = {home}/server.key
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {home}/mail/%{{user | username}}
passdb passwd-file {{
  passwd_file_path = {home}/users
}}
userdb static {{
  fields {{
    uid = nobody
    gid = nogroup
    home = {home}/mail/home
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server.

    Attributes:
        port: where it speaks IMAP on 127.0.0.1, with STARTTLS.
        tls_port: where TLS comes first.
        home: its folder.
    """

    port: int
    tls_port: int
    home: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        """What it has logged so far."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")


def config(before: str, since: str) -> str:
    """A whole dovecot.conf, for `str.format` with ``home``: what all have in common, and a part in the version's words.

    Args:
        before: the part as Dovecot up to 2.3 reads it.
        since: the same for Dovecot 2.4, which wants its first line to name the version of the words.
    """
    program = need_program("dovecot", "dovecot-core")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=60)
    version = tuple(map(int, done.stdout.split()[0].split("-")[0].split(".")[:2]))
    if version < (2, 4):
        return COMMON + before
    return "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" + COMMON + since


def at_the_usual_port(monkeypatch: pytest.MonkeyPatch, server: Dovecot, certificates: Path) -> None:
    """Let the login ``imap("localhost")`` of a page find a server, with a certificate that the system trusts."""
    here = partial(imap, port=server.tls_port, tls="ssl", ca_file=str(certificates / "ca.pem"))
    monkeypatch.setattr(ais, "imap", here)


@contextmanager
def dovecot(accounts: Mapping[str, str], certificates: Path, *, readable: bool = True) -> Iterator[Dovecot]:
    """Run a server.

    Args:
        accounts: users and their passwords.
        certificates: a folder with server.pem and server.key.
        readable: whether it may read its file of users; it cannot check a password without.
    """
    program = need_program("dovecot", "dovecot-imapd")
    need_file(Path("/usr/lib/dovecot/imap-login"), "dovecot-imapd")
    need_root("start Dovecot")
    with temporary_folder() as home:
        for name in ("server.pem", "server.key"):
            (home / name).write_bytes((certificates / name).read_bytes())
        lines = [f"{user}:{salted('SSHA512', password)}\n" for user, password in accounts.items()]
        (home / "users").write_text("".join(lines), encoding="utf-8")
        (home / "users").chmod(0o644 if readable else 0o600)
        (home / "mail").mkdir(mode=0o777)
        (home / "mail").chmod(0o777)
        port, tls_port = free_port(), free_port()
        own = config(before=IMAP + BEFORE_2_4, since=IMAP + SINCE_2_4)
        (home / "dovecot.conf").write_text(own.format(home=home, port=port, tls_port=tls_port), encoding="utf-8")
        process = subprocess.Popen([program, "-F", "-c", str(home / "dovecot.conf")])
        try:
            for _ in range(200):
                if process.poll() is not None:
                    raise RuntimeError(f"Dovecot ended: {(home / 'log').read_text()}")
                if listening(port) and listening(tls_port):
                    break
                time.sleep(0.05)
            yield Dovecot(port, tls_port, home, process)
        finally:
            process.terminate()
            process.wait(10)
