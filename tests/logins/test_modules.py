"""What a configuration with logins loads: each CGI request pays for it, a list too."""

from __future__ import annotations

import subprocess

import pytest

from support.interpreters import PYTHON
from support.site import ROOT

CALLS = {
    "imap": "imap(['a.example', 'b.example'], tls='starttls', ca_file='ca.pem', name='{local}')",
    "ldap_bind": "ldap_bind('ldaps://a.example', base='dc=example', bind_dn='cn=x', bind_password='y')",
    "pam": "pam('login')",
    "checkpassword": "checkpassword(['./checkpw'])",
    "http_basic": "http_basic('https://a.example/', ca_file='ca.pem')",
}
COSTLY = {
    *("re", "socket", "ssl", "select", "selectors", "subprocess", "ctypes", "ldap3", "http", "imaplib", "base64"),
    *("enum", "typing", "logging", "urllib", "json", "email", "signal", "threading", "site"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_configuration_loads_no_network(name: str) -> None:
    """Nothing that only a login needs is loaded before there is one."""
    script = f"import sys; sys.path.insert(0, 'lib'); from ais import {name}; {CALLS[name]}; print(*sys.modules)"
    done = subprocess.run([PYTHON, "-I", "-S", "-c", script], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert f"ais.logins.{name}" in done.stdout.split()
    assert {module.partition(".")[0] for module in done.stdout.split()} & COSTLY == set()
