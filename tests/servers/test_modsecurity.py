"""A web application firewall in Apache keeps no password and stops no login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ais.cli.bundle import texts
from cli.bundle.hosting import shared_host
from cli.probe.trying import probe
from persistent import ways
from support import running
from support.client import CREDENTIALS, curl, post
from support.modsecurity import HOSTILE, ModSecurity, modsecurity
from support.running import Server
from support.site import ROOT, SampleUser, temporary_folder, write_database

WAYS = ("event", "prefork", "mod_wsgi", "passenger", "granian", "fcgid")


@pytest.fixture
def firewall() -> Iterator[ModSecurity]:
    """ModSecurity, blocking."""
    with modsecurity() as configured:
        yield configured


@pytest.fixture(params=WAYS)
def server(request: pytest.FixtureRequest, firewall: ModSecurity) -> Iterator[Server]:
    """Apache with the firewall, for a site with a user for each hostile password, by each of its files."""
    with temporary_folder() as folder:
        site = ways.make_persistent_site(folder / "ais")
        (site / "conf" / "users.sqlite").unlink()
        users = (SampleUser(f"user{number}", None, None, None, password) for number, password in enumerate(HOSTILE))
        write_database(site / "conf" / "users.sqlite", tuple(users))
        (site / "conf" / "users.sqlite").chmod(0o644)
        before = firewall.configuration
        if request.param in ("event", "prefork"):
            with running.apache(site, request.param, before=before) as server:
                yield server
        elif request.param == "granian":
            with ways.granian(site), ways.apache(site, "proxy", before=before) as server:
                yield server
        else:
            with ways.apache(site, request.param, before=before) as server:
                yield server


def test_no_password_is_kept_and_none_refused(server: Server, firewall: ModSecurity) -> None:
    """Logins that fail and succeed, with and without credentials, leave nothing in the audit log; all answers are ours.

    The first request of a .NET client, without credentials, is a 401, which is relevant to ModSecurity.
    """
    for number, password in enumerate(HOSTILE):
        body = urlencode({"cmd": "auth", "user": f"user{number}", "pass": password}).encode()
        assert post(server.url, body, credentials=None).status == 401
        assert post(server.url, body, credentials="somebody:wrong").status == 401
        assert post(server.url, body).body == b'{"succeeded": true}'
        other = urlencode({"cmd": "auth", "user": "user4", "pass": f"{password}!"}).encode()
        assert post(server.url, other).body == b'{"succeeded": false}'
    assert post(server.url, b"cmd=nothing&pass=Passw0rd").status == 400
    assert post(server.url, b"pass=Passw0rd&x=" + b"x" * 70_000).status == 413
    form = ("--form", "cmd=auth", "--form", "user=user0", "--form", f"pass={HOSTILE[0]}")
    assert curl("--user", CREDENTIALS, *form, server.url).body == b'{"succeeded": true}'
    assert firewall.kept() == ""


def test_other_addresses_are_still_guarded(firewall: ModSecurity, site: Path) -> None:
    """The firewall is off for our addresses alone."""
    with running.apache(site, before=firewall.configuration) as server:
        assert post(server.at("/"), b"pass=Passw0rd&x=" + urlencode({"x": HOSTILE[0]}).encode()).status == 403
    assert "Passw0rd" in firewall.kept()


def test_the_probe(firewall: ModSecurity, site: Path) -> None:
    """The probe finds nothing where our file switches the firewall off; where it stays on, both of its effects."""
    with running.apache(site, before=firewall.configuration) as server:
        result = probe(server.url)
        assert (result.codes, "200003" in result.text) == ([], False), result.text
    on = f'<Directory "{site}">\nSecRuleEngine On\n</Directory>'
    with running.apache(site, extra=on, before=firewall.configuration) as server:
        result = probe(server.url)
        assert (result.codes, "rule 200003 of ModSecurity" in result.text) == (["filtered"], True), result.text


def test_htaccess_cannot(firewall: ModSecurity) -> None:
    """Under shared hosting the lines would be an error, as the page says, so the bundle has none of them."""
    with temporary_folder() as documents:
        (documents / "page.html").write_text("page")
        with shared_host(documents, extra=firewall.configuration) as server:
            assert curl(server.at("/page.html")).status == 200
            (documents / ".htaccess").write_text("<IfModule security2_module>\nSecRuleEngine Off\n</IfModule>\n")
            assert curl(server.at("/page.html")).status == 500
            assert "SecRuleEngine not allowed here" in server.log()
    assert "SecRule" not in texts.HTACCESS


def test_every_file_switches_it_off() -> None:
    """Each file for Apache has the lines."""
    files = [ROOT / "apache.conf.example", *(ROOT / "conf" / "servers").glob("apache-*.conf")]
    assert len(files) >= 4
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "<IfModule security2_module>\n        SecRuleEngine Off\n        SecAuditEngine Off\n" in text, file
