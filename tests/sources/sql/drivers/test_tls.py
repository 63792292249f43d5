"""TLS with a certificate authority of our own: verified as soon as it is asked for."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ais.errors import ConfigError, SourceUnavailable
from sources.sql.drivers.engines import Engine, refused
from support.databases import certificates

CIPHER = {
    "postgresql": "SELECT coalesce(max(version), 'none') AS username FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mysql": "SELECT IF(VARIABLE_VALUE = '', 'none', VARIABLE_VALUE) AS username"
    " FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_version'",
}
"""A list_query that gives the version of TLS as the only user."""


def version(engine: Engine, **changed: object) -> str:
    """How the server sees the connection."""
    [user] = engine.source(list_query=CIPHER[engine.driver], **changed).users()
    return str(user.user_name)


def test_certificate_of_the_authority(tls_engine: Engine) -> None:
    """With the file of the server's CA, the connection is encrypted."""
    assert version(tls_engine, tls=str(tls_engine.server.ca)).startswith("TLS")


def test_relative_path(tls_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path starts at the configuration file, also when the connection is made elsewhere and later."""
    assert tls_engine.server.ca
    monkeypatch.setattr("ais.options.folder", str(tls_engine.server.ca.parent))
    source = tls_engine.source(tls=tls_engine.server.ca.name, list_query=CIPHER[tls_engine.driver])
    monkeypatch.setattr("ais.options.folder", None)
    monkeypatch.chdir(tmp_path)
    [user] = source.users()
    assert str(user.user_name).startswith("TLS")


def test_other_authority(tls_engine: Engine, tmp_path: Path) -> None:
    """A certificate that another CA has signed is refused: a CA of our own, and those of the system."""
    certificates(tmp_path)
    for tls in (str(tmp_path / "ca.pem"), True):
        text = refused(SourceUnavailable, tls_engine.source(tls=tls).users)
        assert "certificate is not signed by the CA" in text


def test_one_address_of_two_answers(tls_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the address that answers refuses is told, not that nothing listens at the other, as often for localhost."""
    certificates(tmp_path)
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    found = [(*here, (host, tls_engine.server.port)) for host in ("127.0.0.2", "127.0.0.1")]
    for module in ("ais.sources.sql.drivers.postgresql", "ais.network.sockets"):
        monkeypatch.setattr(f"{module}.look_up", lambda *_: found)
    source = tls_engine.source(tls=str(tmp_path / "ca.pem"))
    assert "certificate is not signed by the CA" in refused(SourceUnavailable, source.users)


def test_other_host_name(tls_engine: Engine) -> None:
    """A certificate for another host name is refused, and the next host is not asked."""
    source = tls_engine.source(tls=str(tls_engine.server.ca), host=["127.0.0.1", "localhost"])
    assert "certificate is for another host name" in refused(SourceUnavailable, source.users)


def test_server_without_tls(engine: Engine) -> None:
    """A server that offers no TLS is refused when TLS is asked for."""
    assert "no TLS" in refused(SourceUnavailable, engine.source(tls=True).users)


def test_off(tls_engine: Engine) -> None:
    """With tls=False the connection is not encrypted, also where the server could."""
    assert version(tls_engine, tls=False) == "none"


def test_not_said(tls_engine: Engine) -> None:
    """Without tls, the connection works."""
    assert version(tls_engine)


def test_missing_file(tls_engine: Engine, tmp_path: Path) -> None:
    """A CA file that is not there, or holds no certificate, is an error that says so."""
    assert "cannot be read" in refused(ConfigError, tls_engine.source(tls=str(tmp_path / "missing.pem")).users)
    (tmp_path / "empty.pem").write_text("nothing\n")
    assert "holds no certificate" in refused(ConfigError, tls_engine.source(tls=str(tmp_path / "empty.pem")).users)
