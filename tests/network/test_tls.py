"""How servers behind TLS are checked."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from ais.network import sockets as wire
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
    shake_hands(wire.verifying(str(authority / "cert.pem")), authority, "localhost")


@pytest.mark.parametrize(("known", "name"), [(True, "other.example.test"), (False, "localhost")])
def test_others_are_not_trusted(authority: Path, known: bool, name: str) -> None:
    """Neither a certificate for another name nor one that nobody named is taken."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(wire.verifying(str(authority / "cert.pem") if known else None), authority, name)
