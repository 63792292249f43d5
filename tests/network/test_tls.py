"""How servers behind TLS are checked."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ais import http_basic, imap, ldap, ldap_bind
from ais.errors import ConfigError
from ais.network.tls import tls_context
from support.needs import need_program


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate that signs itself and does not say what its key is for, as MySQL and many companies make them."""
    openssl = need_program("openssl", "openssl")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return tmp_path


def shake_hands(context: ssl.SSLContext, folder: Path, name: str) -> None:
    """Let a client connect to a server with that certificate, in memory."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    one, two = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [context.wrap_bio(one, two, server_hostname=name), server.wrap_bio(two, one, server_side=True)]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass


def test_an_old_authority_is_trusted_when_named(authority: Path) -> None:
    """A newer Python does not end the logins of who named such a certificate."""
    shake_hands(tls_context("imap()", str(authority / "cert.pem")), authority, "localhost")


@pytest.mark.parametrize(("known", "name"), [(True, "other.example.test"), (False, "localhost")])
def test_others_are_not_trusted(authority: Path, known: bool, name: str) -> None:
    """Neither a certificate for another name nor one that nobody named is taken."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tls_context("imap()", str(authority / "cert.pem") if known else None), authority, name)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_be_used_is_an_error_of_the_configuration(tmp_path: Path, content: str | None) -> None:
    """For every function that takes ca_file, in the same words, before anybody is asked."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    file = str(path)
    questions: dict[str, Callable[[str, str], object]] = {
        "imap": imap("localhost", 1, ca_file=file).verify,
        "ldap_bind": ldap_bind("ldaps://localhost:1", dn="{user}", ca_file=file).verify,
        "http_basic": http_basic("https://localhost:1/", ca_file=file).verify,
        "ldap": ldap("ldaps://localhost:1", base="", ca_file=file).authenticate,
    }
    for name, ask in questions.items():
        with pytest.raises(ConfigError, match=rf"^{name}\(\): ca_file {file} cannot be used: "):
            ask("anna", "secret")


@pytest.mark.parametrize("ca_file", ["", 5, "a\0b", ["ca.pem"]])
def test_what_is_no_path_is_an_error_at_once(ca_file: Any) -> None:
    """When the configuration is read, in the same words for all."""
    calls: list[Callable[[], object]] = [
        lambda: imap("localhost", ca_file=ca_file),
        lambda: ldap_bind("ldaps://localhost", dn="{user}", ca_file=ca_file),
        lambda: http_basic("https://localhost/", ca_file=ca_file),
        lambda: ldap("ldaps://localhost", base="", ca_file=ca_file),
    ]
    for call in calls:
        with pytest.raises(ConfigError, match=r"^[a-z_]+\(\): ca_file must be the path of a file \(PEM\)$"):
            call()
