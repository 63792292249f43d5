"""docs/logins.md: each configuration in it works, against a server of its kind."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ais.config import load
from ais.directory import authenticate
from ais.directory.listing import list_users
from ais.logins import pam as pam_login
from ais.logins.checkpassword import MOST_BYTES
from ais.logins.imap import NO_ANSWER
from logins.contract import OTHER, PASSWORD
from logins.system import need_root
from logins.test_checkpassword import PROGRAM
from logins.test_ldap_bind import people
from logins.test_pam import hashed
from logins.webserver import web
from support.dovecot import config, dovecot
from support.needs import need_file, need_program
from support.openldap import READER_PASSWORD, slapd
from support.site import ROOT

PAGE = (ROOT / "docs" / "logins.md").read_text(encoding="utf-8")
ALL = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [example for example in ALL if "berlin" not in example]
ACCOUNTS = {"anna": PASSWORD, "gone": PASSWORD}


@contextmanager
def service(*lines: str) -> Iterator[str]:
    """A service in /etc/pam.d, for a while."""
    need_root("write to /etc/pam.d")
    path = Path(f"/etc/pam.d/ais-test-page-{os.getpid()}")
    path.write_text("".join(f"{line}\n" for line in lines))
    try:
        yield path.name
    finally:
        path.unlink()


def with_own_server(example: str, stack: ExitStack, folder: Path, authority: Path) -> str:
    """Start what the example asks, and put its address into the example."""
    ca_file = f', ca_file="{authority}/ca.pem"'
    if "imap(" in example:
        server = stack.enter_context(dovecot(ACCOUNTS, authority))
        if "port=143" in example:
            return (
                example.replace("143", str(server.port))
                .replace("company-ca.pem", f"{authority}/ca.pem")
                .replace("mail.example.com", "localhost")
            )
        return example.replace('"mail.example.com"', f'"localhost", {server.tls_port}{ca_file}')
    if "ldap_bind(" in example:
        directory = stack.enter_context(slapd(folder, people(), certificates=authority))
        example = example.replace('"ldaps://ldap.example.com"', f'"{directory.tls_url}"{ca_file}')
        return example.replace('"…"', repr(READER_PASSWORD))
    if "pam(" in example:
        (folder / "pwdfile").write_text(f"anna:{hashed(PASSWORD)}\n")
        need_file(Path("/lib/x86_64-linux-gnu/security/pam_pwdfile.so"), "libpam-pwdfile")
        lines = f"auth required pam_pwdfile.so nodelay pwdfile={folder}/pwdfile", "account required pam_permit.so"
        return example.replace('"mailstore"', f'"{stack.enter_context(service(*lines))}"')
    if "checkpassword(" in example:
        (folder / "vchkpw").write_text(PROGRAM.format(folder=str(folder), accounts=ACCOUNTS))
        (folder / "vchkpw").chmod(0o755)
        return example.replace("/home/vpopmail/bin/vchkpw", f"{folder}/vchkpw")
    site = stack.enter_context(web("apache", ACCOUNTS, authority))
    page = f'"https://localhost:{site.tls_port}/pages/staff/"{ca_file}'
    return example.replace('"https://www.example.com/staff/"', page)


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number}" for number in range(len(EXAMPLES))])
def test_each_example_tells_right_from_wrong(example: str, tmp_path: Path, authority: Path) -> None:
    """Right, wrong, not listed, unknown where the password is checked."""
    (tmp_path / "users.csv").write_text("userName\nanna\nnobody\n", encoding="utf-8")
    with ExitStack() as stack:
        (tmp_path / "server").mkdir()
        text = with_own_server(example, stack, tmp_path / "server", authority)
        assert text != example
        (tmp_path / "config.py").write_text(f"callers = []\n{text}", encoding="utf-8")
        (source,) = load(str(tmp_path / "config.py")).sources
        assert [user.user_name for user in source.users()] == ["anna", "nobody"]
        assert source.authenticate("anna", PASSWORD) is True
        assert source.authenticate("anna", OTHER) is False
        assert source.authenticate("nobody", PASSWORD) is False
        assert source.authenticate("gone", PASSWORD) is None


def test_two_mail_servers(tmp_path: Path, authority: Path) -> None:
    """Each server is asked for the users of its own list, and the first list has those of both."""
    (text,) = [example for example in ALL if "berlin" in example]
    with ExitStack() as stack:
        servers = {"berlin": {"anna": PASSWORD, "both": PASSWORD}, "paris": {"bob": OTHER, "both": OTHER}}
        for name, accounts in servers.items():
            server = stack.enter_context(dovecot(accounts, authority))
            here = f'"localhost", {server.tls_port}, ca_file="{authority}/ca.pem"'
            text = text.replace(f'"{name}.example.com"', here)
            lines = "".join(f"{user}\n" for user in accounts)
            (tmp_path / f"users-of-{name}.csv").write_text(f"userName\n{lines}", encoding="utf-8")
        (tmp_path / "config.py").write_text(f"callers = []\n{text}", encoding="utf-8")
        loaded = load(str(tmp_path / "config.py"))
        assert [user.user_name for user in list_users(loaded)] == ["anna", "both", "bob"]
        for user, password in (("anna", PASSWORD), ("bob", OTHER), ("both", PASSWORD)):
            assert authenticate(loaded, user, password).succeeded
            assert not authenticate(loaded, user, "wrong").succeeded
        assert not authenticate(loaded, "both", OTHER).succeeded


def test_dovecot_reads_what_is_pasted(tmp_path: Path) -> None:
    """The page's lines for Dovecot are a file that it reads, and switch the penalty off, which is on without them."""
    (block,) = re.findall(r"^  ```dovecot\n(.*?)^  ```$", PAGE, re.MULTILINE | re.DOTALL)
    doveconf = need_program("doveconf", "dovecot-core")
    mode = "service/anvil/unix_listener/anvil-auth-penalty/mode"
    seen = []
    for name, text in (("without", ""), ("pasted", block), ("one line", " ".join(block.split()))):
        file = tmp_path / f"{name}.conf"
        file.write_text(f"{config(before='', since='').format(home=tmp_path)}\n{text}\n")
        done = subprocess.run([doveconf, "-c", str(file), mode], capture_output=True, text=True, check=False)
        seen.append(re.findall(r" = (\d+)$", done.stdout, re.MULTILINE) if done.returncode == 0 else done.stderr)
    assert [int(value[0], 8) for value in seen[:2]] == [0o600, 0], seen
    assert "Garbage after '{'" in seen[2]  # as the page says


def test_every_login_has_an_example() -> None:
    """None is forgotten."""
    for name in ("imap", "ldap_bind", "pam", "checkpassword", "http_basic"):
        assert any(f"login={name}(" in re.sub(r"\s", "", example) for example in EXAMPLES), name


def test_the_service_on_the_page_is_one() -> None:
    """Debian's PAM reads it, and refuses who is not there."""
    need_file(Path("/etc/pam.d/common-auth"), "libpam-runtime")
    lines = re.search(r"^```\n(@include.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert lines
    with service(lines[1]) as name:
        assert pam_login.pam(name).verify("no-such-user", PASSWORD) is False


def test_the_page_names_what_the_code_has() -> None:
    """Results of PAM, the limit of checkpassword, and codes of IMAP are as in the code."""
    for name in pam_login.REFUSED.values():
        assert f"`{name}`" in PAGE
    assert PAGE.count("`PAM_") == len(pam_login.REFUSED)
    assert f"more than {MOST_BYTES} bytes" in PAGE
    for code in ("UNAVAILABLE", "LIMIT"):
        assert code in NO_ANSWER
        assert f"`{code}`" in PAGE
