"""A private OpenLDAP server on a free loopback port, in a folder of its own."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.needs import need_file, need_program

BASE = "dc=example,dc=com"
ADMIN = f"cn=admin,{BASE}"
ADMIN_PASSWORD = "admin's secret / 7"
READER = f"cn=reader,{BASE}"
READER_PASSWORD = "réader: %s & 'quotes'"

ACCESS = f"""
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{READER}" read by anonymous auth
"""

# proxyAddresses as Active Directory has it, under an OID of our own.
SCHEMA = """
attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch
    SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.2 NAME 'accountStatus' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.1.3 NAME 'binaryAddress' EQUALITY octetStringMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'mailAccount' SUP top AUXILIARY
    MAY ( proxyAddresses $ accountStatus $ binaryAddress ) )
"""

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {folder}/own.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
{tls}
{before}
database mdb
maxsize 104857600
suffix "{base}"
rootdn "{admin}"
rootpw "{password}"
directory {folder}/data
dbnosync
index objectClass,uid eq
{access}
{database}
"""


@dataclass
class Slapd:
    """A running server.

    Attributes:
        folder: its files.
        port: where it speaks LDAP on 127.0.0.1, with StartTLS if it has certificates.
        tls_port: where it speaks LDAPS; 0 without certificates.
        process: the process.
    """

    folder: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        """Its address without TLS."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """Its address with TLS, by the name in its certificate."""
        return f"ldaps://localhost:{self.tls_port}"

    def change(self, ldif: str) -> None:
        """Run ldapmodify as the administrator.

        Args:
            ldif: the changes; without ``changetype`` entries are added.
        """
        subprocess.run(
            [need_program("ldapmodify", "ldap-utils"), "-x", "-a", "-H", self.url, "-D", ADMIN, "-w", ADMIN_PASSWORD],
            input=ldif.encode(),
            check=True,
            capture_output=True,
        )

    def log(self) -> str:
        """What the server has said so far; with ``loglevel stats`` each operation."""
        return (self.folder / "slapd.log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def slapd(
    folder: Path,
    ldif: str,
    *,
    before: str = "",
    database: str = "",
    access: str = ACCESS,
    schema: str = "",
    certificates: Path | None = None,
) -> Iterator[Slapd]:
    """Run a server.

    Args:
        folder: an empty folder.
        ldif: the entries below `BASE`, which is there already, as is `READER`.
        before: lines for slapd.conf(5) before the database.
        database: lines for its database.
        access: who may do what, as in slapd.access(5).
        schema: further attributes and classes.
        certificates: folder with ca.pem, server.pem and server.key.
    """
    program = need_program("slapd", "slapd")
    need_file(Path("/usr/lib/ldap/back_mdb.so"), "slapd")
    (folder / "data").mkdir()
    (folder / "own.schema").write_text(SCHEMA + schema, encoding="utf-8")
    tls = certificates and (
        f"TLSCertificateFile {certificates}/server.pem\nTLSCertificateKeyFile {certificates}/server.key\n"
        f"TLSCACertificateFile {certificates}/ca.pem"
    )
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(
            folder=folder,
            base=BASE,
            admin=ADMIN,
            password=ADMIN_PASSWORD,
            tls=tls or "",
            before=before,
            database=database,
            access=access,
        ),
        encoding="utf-8",
    )
    first = (
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n"
        f"dn: {READER}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: {READER_PASSWORD}\n\n"
    )
    subprocess.run(
        [need_program("slapadd", "slapd"), "-q", "-f", config],
        input=(first + ldif).encode(),
        check=True,
        capture_output=True,
    )
    port, tls_port = free_port(), free_port() if certificates else 0
    urls = f"ldap://127.0.0.1:{port}" + (f" ldaps://127.0.0.1:{tls_port}" if certificates else "")
    with open(folder / "slapd.log", "wb") as log:
        process = subprocess.Popen(
            [program, "-h", urls, "-f", config, "-d", "256"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, port, folder / "slapd.log")
        yield Slapd(folder, port, tls_port, process)
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"slapd did not start: {log.read_text(errors='replace')}")


def certificates(folder: Path, names: str = "DNS:localhost") -> Path:
    """A folder with an authority of our own and a certificate for these names, made by openssl."""
    openssl = need_program("openssl", "openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    authority = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "2", *authority)
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "extensions").write_text(
        f"subjectAltName={names}\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    run(
        *("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-out", "server.pem", "-days", "2", "-extfile", "extensions"),
    )
    return folder
