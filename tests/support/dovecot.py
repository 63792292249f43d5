"""A private Dovecot on free loopback ports, in a folder of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from logins.system import need_root
from support.needs import need_file, need_program
from support.openldap import free_port
from support.running import listening
from support.site import salted, temporary_folder

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_chars =
mail_location = maildir:{home}/mail/%n
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = passwd-file
  args = {home}/users
}}
# Else each wrong password would slow the next login down.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/home
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
        text = CONFIG.format(home=home, port=port, tls_port=tls_port)
        (home / "dovecot.conf").write_text(text, encoding="utf-8")
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
