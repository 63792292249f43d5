"""Certificates and encryption, on real web servers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.probe.conftest import from_afar
from cli.probe.trying import probe
from servers.conftest import Kind
from support.running import ADDRESS, free_ports
from support.site import make_site, temporary_folder

DAY = datetime.timedelta(days=1)
CASES = ("good", "expired", "future", "other-name", "self-signed", "unknown-issuer")
NEW = "good, TLS 1.3 only"


class Issuer(NamedTuple):
    """A certificate authority."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey


def issuer(name: str) -> Issuer:
    """Make a certificate authority."""
    return Issuer(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), ec.generate_private_key(ec.SECP256R1()))


def certificate(by: Issuer, of: Issuer, *, days: tuple[int, int] = (-2, 30), ca: bool = False, name: str = "") -> bytes:
    """Make a certificate in PEM form.

    Args:
        by: who signs.
        of: whose.
        days: valid from and to, counted from now.
        ca: whether it is an authority's.
        name: of the server; this computer's if empty.
    """
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name or "localhost")]
    if not name:
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    builder = (
        x509.CertificateBuilder()
        .subject_name(of.name)
        .issuer_name(by.name)
        .public_key(of.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def write_certificates(folder: Path) -> None:
    """Write one certificate with its key for each case, and the authority's as ca.pem."""
    ours, others, server = issuer("Test authority"), issuer("Another authority"), issuer("server")
    key = server.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = {
        "good": certificate(ours, server),
        "expired": certificate(ours, server, days=(-9, -1)),
        "future": certificate(ours, server, days=(2, 9)),
        "other-name": certificate(ours, server, name="www.example.test"),
        "self-signed": certificate(server, server),
        "unknown-issuer": certificate(others, server),
    }
    for name, text in made.items():
        (folder / f"{name}.pem").write_bytes(text + key)
    (folder / "ca.pem").write_bytes(certificate(ours, ours, ca=True))


class Encrypted(NamedTuple):
    """A server with one TLS port for each case."""

    ports: dict[str, int]
    plain: int
    ca_file: str


@pytest.fixture(scope="module")
def encrypted(kind: Kind) -> Iterator[Encrypted]:
    """Each server in turn."""
    with temporary_folder() as folder:
        write_certificates(folder)
        site = make_site(folder / "ais")
        script = site / "far" / "index.py"
        script.parent.mkdir()
        entry = (site / "cgi-bin" / "mailstore-integration" / "index.py").read_bytes()
        script.write_bytes(from_afar(entry.replace(b"../../", b"../")))
        script.chmod(0o755)
        ports = {case: next(free_ports()) for case in (*CASES, NEW)}
        if kind.program == "lighttpd":
            extra = 'server.modules += ( "mod_openssl" )\n'
            extra += '$HTTP["url"] =~ "^/far/" { cgi.assign = ( ".py" => "" )\n'
            extra += f'alias.url = ( "/far/" => "{script.parent}/" ) }}\n'
            for case, port in ports.items():
                extra += f'$SERVER["socket"] == "127.0.0.1:{port}" {{ ssl.engine = "enable"\n'
                extra += f'ssl.pemfile = "{folder}/{case.partition(",")[0]}.pem"\n'
                version = "TLSv1.3" if case == NEW else "TLSv1.2"
                extra += f'ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "{version}" ) }}\n'
        else:
            extra = f'ScriptAlias "/far/" "{script.parent}/"\n'
            extra += f'<Directory "{script.parent}">\nRequire all granted\n</Directory>\n'
            for case, port in ports.items():
                extra += f"Listen 127.0.0.1:{port}\n<VirtualHost 127.0.0.1:{port}>\nSSLEngine on\n"
                extra += f'SSLCertificateFile "{folder}/{case.partition(",")[0]}.pem"\n'
                extra += "SSLProtocol TLSv1.3\n</VirtualHost>\n" if case == NEW else "</VirtualHost>\n"
        modules = () if kind.program == "lighttpd" else ("ssl",)
        with kind(site, extra=extra, modules=modules) as server:
            yield Encrypted(ports, server.port, str(folder / "ca.pem"))


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("expired", "tls-expired", "has expired"),
        ("future", "tls-expired", "not valid yet"),
        ("other-name", "tls-name", "another name than 127.0.0.1"),
        ("self-signed", "tls-untrusted", "it is self-signed"),
        ("self-signed", "tls-untrusted", "--ca-file cert.pem"),
        ("self-signed", "tls-untrusted", "Ignore SSL warnings"),
        ("unknown-issuer", "tls-untrusted", "its issuer is not known here"),
        ("unknown-issuer", "tls-untrusted", "fullchain.pem"),
    ],
)
def test_certificates(encrypted: Encrypted, case: str, code: str, words: str) -> None:
    """Each fault of a certificate has its own explanation."""
    result = probe(f"https://127.0.0.1:{encrypted.ports[case]}{ADDRESS}", "--ca-file", encrypted.ca_file)
    assert result.codes == [code]
    assert words in result.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_good(encrypted: Encrypted, host: str) -> None:
    """A certificate of one's own authority is good with --ca-file, and untrusted without."""
    url = f"https://{host}:{encrypted.ports['good']}{ADDRESS}"
    assert probe(url, "--ca-file", encrypted.ca_file).codes == []
    assert probe(url).codes == ["tls-untrusted"]


@pytest.mark.parametrize("case", ["good", NEW])
def test_old_windows(encrypted: Encrypted, case: str) -> None:
    """A server that has TLS 1.3 only serves a MailStore on a new Windows alone: the probe says so, as a note."""
    result = probe(f"https://127.0.0.1:{encrypted.ports[case]}{ADDRESS}", "--ca-file", encrypted.ca_file)
    assert result.codes == []
    assert ("TLS 1.3 only" in result.text) == (case == NEW)


def test_self_signed_with_its_own_certificate(encrypted: Encrypted) -> None:
    """The remedy for a self-signed certificate works: it is good with --ca-file and itself."""
    url = f"https://127.0.0.1:{encrypted.ports['self-signed']}{ADDRESS}"
    own = str(Path(encrypted.ca_file).with_name("self-signed.pem"))
    assert probe(url, "--ca-file", own).codes == []
    assert "fullchain.pem" not in probe(url).text


def test_encryption_ends_at_a_proxy(encrypted: Encrypted) -> None:
    """Where a proxy ends the encryption, the program does not see it: then, and only then, the option is the remedy."""
    url = f"https://127.0.0.1:{encrypted.ports['good']}/far/index.py"
    result = probe(url, "--ca-file", encrypted.ca_file)
    assert result.codes == ["not-https"], result.text
    assert "a proxy ends the encryption" in result.text


def test_other_name(encrypted: Encrypted) -> None:
    """The certificate must be for the name of the address, not only for its computer."""
    result = probe(f"https://localhost:{encrypted.ports['other-name']}{ADDRESS}", "--ca-file", encrypted.ca_file)
    assert result.codes == ["tls-name"]


def test_https_on_a_plain_port(encrypted: Encrypted) -> None:
    """https:// where the server speaks http."""
    assert probe(f"https://127.0.0.1:{encrypted.plain}{ADDRESS}", "--ca-file", encrypted.ca_file).codes == ["no-tls"]


def test_http_on_a_tls_port(encrypted: Encrypted) -> None:
    """http:// where the server speaks https; what it then does, differs."""
    result = probe(f"http://127.0.0.1:{encrypted.ports['good']}{ADDRESS}")
    assert result.codes[0] in ("no-answer", "https-port"), result.text
    assert "https://" in result.text
