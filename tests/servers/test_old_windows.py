"""HTTPS as docs/lighttpd.md and docs/apache.md set it up, for a MailStore on a Windows without TLS 1.3."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from servers.conftest import KINDS, RELEASES, Kind
from servers.test_docs import blocks, https_configurations, on_port
from support.needs import need_file, need_program
from support.releases import SYSTEMS
from support.running import free_ports
from support.site import temporary_folder

SUITES = {
    "Server 2012 R2": "ECDHE-RSA-AES256-SHA384 ECDHE-RSA-AES128-SHA256 ECDHE-RSA-AES256-SHA ECDHE-RSA-AES128-SHA"
    " ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-SHA384"
    " ECDHE-ECDSA-AES128-SHA256 ECDHE-ECDSA-AES256-SHA ECDHE-ECDSA-AES128-SHA",
    "Server 2016": "ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384"
    " ECDHE-RSA-AES128-GCM-SHA256",
}
"""Suites of TLS 1.2 with ephemeral keys on elliptic curves (learn.microsoft.com, "TLS Cipher Suites in Windows …").

Those without forward secrecy, and those with DHE that 2012 R2 has besides, are for servers of its own time.
"""

RSA = "rsa:2048"


def make_certificate(kind: Kind, folder: Path, key: str = "") -> None:
    """Run the page's command for a certificate to try with; `key` is another kind of key."""
    page = [block for block in blocks(f"{kind.program}.md") if block.heading == "HTTPS"]
    (command,) = [block.text for block in page if block.text.startswith("openssl req ")]
    command = command.replace("/etc/lighttpd/", f"{folder}/").replace("/etc/apache2/", f"{folder}/")
    arguments = command.split()[1:]
    if key:
        start = arguments.index("-newkey")
        end = arguments.index("-nodes")
        arguments[start:end] = ["-newkey", key]
    subprocess.run([need_program("openssl", "openssl"), *arguments], check=True, capture_output=True)


def connects(port: int, windows: str) -> bool:
    """Whether a handshake with the suites of a Windows succeeds."""
    command = [need_program("openssl", "openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2"]
    command += ["-curves", "P-256:P-384", "-cipher", ":".join(SUITES[windows].split())]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    established = "Cipher is (NONE)" not in done.stdout
    assert (done.returncode == 0) == established, done.stderr
    return established


@pytest.fixture(scope="session", params=[*KINDS, *(name for name in RELEASES if "-" not in name)])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers in turn, and lighttpd of other releases, which has other defaults for TLS."""
    kind = Kind(request.param)
    if kind.release:
        module = SYSTEMS[kind.release] / "usr/lib/lighttpd/mod_openssl.so"
        need_file(module, "debootstrap, by which scripts/install makes it")
    return kind


@pytest.mark.parametrize("key", ["", RSA], ids=["the page's certificate", "RSA"])
def test_suites(kind: Kind, sample_site: Path, key: str) -> None:
    """Every certificate that the page tells of works with both; RSA under lighttpd by the line that is added for it."""
    *without, config = https_configurations(kind)
    with temporary_folder() as folder:
        make_certificate(kind, folder, key)
        for text in (config, *without):
            here = text.replace("/etc/letsencrypt/live/mail.example.test", str(folder))
            port = next(free_ports())
            with kind(sample_site, extra=on_port(kind, here, port)):
                old, new = connects(port, "Server 2012 R2"), connects(port, "Server 2016")
            needs_line = kind.program == "lighttpd" and key == RSA and text in without
            assert (old, new) == (not needs_line, True)
