"""Nothing of the folder but the script's answers leaves the server, whatever else it runs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servers.conftest import Kind
from servers.test_documented_requests import THE_LIST
from support.client import curl, post
from support.needs import need_program
from support.running import ADDRESS, Server, apache, lighttpd
from support.site import ROOT, temporary_folder

UNWANTED = (
    "/mailstore-integration/index.py",
    "/mailstore-integration/index.fcgi",
    "/mailstore-integration/index.php.bak",
    "/mailstore-integration/index.php~",
    "/mailstore-integration/index.php/",
    "/mailstore-integration/index.php/x.php",
    "/mailstore-integration/index.php%00.txt",
    "/mailstore-integration/index.phpx",
    "/mailstore-integration/index.py.bak",
    "/mailstore-integration/index.fcgi.bak",
    "/mailstore-integration/config.py",
    "/mailstore-integration/../conf/config.py",
    "/mailstore-integration/../../conf/config.py",
    "/mailstore-integration/..%2f..%2fconf/config.py",
    "/mailstore-integration/%2e%2e/%2e%2e/conf/users.sqlite",
    "/mailstore-integration/../../lib/ais/__init__.py",
    "/mailstore-integration/__pycache__/",
    "/conf/config.py",
    "/conf/users.sqlite",
    "/lib/ais/__init__.py",
    "/cgi-bin/mailstore-integration/index.py",
    "/opt/mailstore-ais/conf/config.py",
)


@pytest.mark.parametrize("path", UNWANTED)
def test_nothing_else_is_served(kind: Kind, leftovers: Path, server_with_leftovers: Server, path: str) -> None:
    """No other address of the folder is answered, not even by the script."""
    answer = curl("--path-as-is", server_with_leftovers.at(path))
    assert answer.status in (400, 403, 404), answer.body
    for secret in (b"import", b"SQLite", b"leftover", b"caller"):
        assert secret not in answer.body


@pytest.fixture(scope="module")
def leftovers(sample_site: Path) -> Iterator[Path]:
    """The folder of the script with what editors leave behind."""
    folder = sample_site / "cgi-bin" / "mailstore-integration"
    names = ("index.py.bak", "index.py~", "index.fcgi.bak", "index.php.bak", "config.py")
    for name in names:
        (folder / name).write_text("leftover")
    yield folder
    for name in names:
        (folder / name).unlink()


@pytest.fixture(scope="module")
def server_with_leftovers(server: Server, leftovers: Path) -> Server:
    """The shared servers, once the leftovers are there."""
    return server


def php(kind: Kind, socket: Path, variant: str) -> tuple[str, tuple[str, ...]]:
    """The configuration of a PHP handler, and the Apache modules that it needs.

    Args:
        kind: the server.
        socket: where PHP listens, for the variants with FastCGI.
        variant: ``cgi`` by the end of the name, as in old manuals; ``name`` as Debian does it.
    """
    program = Path(need_program("php-cgi", "php-cgi"))
    if kind.program == "lighttpd":
        if variant == "cgi":
            return f'server.modules += ( "mod_cgi" )\ncgi.assign = ( ".php" => "{program}" )', ()
        return fastcgi(program, socket, "enable"), ()
    if kind.is_fastcgi:
        by_fcgid = {
            "cgi": "<Location />\nAddHandler fcgid-script .php\n</Location>",
            "name": '<FilesMatch "\\.php$">\nSetHandler fcgid-script\n</FilesMatch>',
        }
        return f"<Location />\nOptions +ExecCGI\nFcgidWrapper {program} .php\n</Location>\n{by_fcgid[variant]}", ()
    by_action = (
        f'ScriptAlias "/run-php/" "{program.parent}/"\nAction run-php "/run-php/{program.name}" virtual\n'
        f'<Directory "{program.parent}">\n<Files "{program.name}">\nRequire all granted\n</Files>\n</Directory>\n'
    )
    take = {
        "cgi": "AddHandler run-php .php",
        "name": '<FilesMatch ".+\\.ph(ar|p|tml)$">\nSetHandler run-php\n</FilesMatch>',
    }
    return by_action + take[variant], ("actions",)


def fastcgi(program: Path, socket: Path, check: str) -> str:
    """lighttpd's configuration for PHP by FastCGI, for files or, without the check, for all addresses on .php."""
    handler = f'"bin-path" => "{program}", "socket" => "{socket}", "max-procs" => 1, "check-local" => "{check}"'
    return f'server.modules += ( "mod_fastcgi" )\nfastcgi.server += ( ".php" => (( {handler} )) )'


@pytest.fixture
def socket() -> Iterator[Path]:
    """A place for a socket, in a folder that every user may write to."""
    with temporary_folder() as folder:
        folder.chmod(0o777)
        yield folder / "php"


@pytest.mark.parametrize("variant", ["cgi", "name"])
def test_php_beside_us(kind: Kind, sample_site: Path, socket: Path, variant: str) -> None:
    """A PHP handler on .php neither takes our address nor prints the script, even with an index.php in the docroot."""
    before, modules = php(kind, socket, variant)
    with kind(sample_site, before=before, modules=modules) as server:
        assert_php_stays_out(server)


def test_unchecked_php_beside_lighttpd(sample_site: Path, socket: Path) -> None:
    """lighttpd's PHP for all addresses on .php stays out as well."""
    program = Path(need_program("php-cgi", "php-cgi"))
    with lighttpd(sample_site, before=fastcgi(program, socket, "disable")) as server:
        assert_php_stays_out(server)


@pytest.mark.parametrize("mpm", ["event", "prefork"])
@pytest.mark.parametrize("place", ["server", "virtual host"])
@pytest.mark.parametrize("directive", ["SetHandler", "ProxyPassMatch"])
def test_php_fpm_beside_us(sample_site: Path, socket: Path, mpm: str, place: str, directive: str) -> None:
    """PHP-FPM reached by mod_proxy_fcgi stays out as well, set for addresses or files, after our lines or before."""
    program = need_program("php-cgi", "php-cgi")
    with running_php(program, socket), temporary_folder() as docroot:
        take = {
            "SetHandler": f'<LocationMatch "\\.php$">\nSetHandler "proxy:unix:{socket}|fcgi://php"\n</LocationMatch>',
            "ProxyPassMatch": f'ProxyPassMatch "^/(.*\\.php)$" "unix:{socket}|fcgi://php{docroot}/$1"',
        }[directive]
        # PHP-FPM takes mod_proxy_fcgi's own way to write a file's name apart, php-cgi does not.
        extra = (
            "ProxyFCGIBackendType GENERIC\n"
            f'DocumentRoot "{docroot}"\n<Directory "{docroot}">\nRequire all granted\n</Directory>\n{take}\n'
        )
        if place == "virtual host":
            extra = f"<VirtualHost *:*>\n{extra}</VirtualHost>"
        with apache(sample_site, mpm, extra, modules=("proxy", "proxy_fcgi")) as server:
            assert_php_stays_out(server, docroot)


@contextmanager
def running_php(program: str, socket: Path) -> Iterator[None]:
    """Run PHP's own FastCGI server on a socket."""
    process = subprocess.Popen([program, "-b", str(socket)])
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.05)
        socket.chmod(0o777)
        yield
    finally:
        process.terminate()
        process.wait(10)


def assert_php_stays_out(server: Server, docroot: Path | None = None) -> None:
    """PHP works in the document root, and our addresses are answered by our script."""
    docroot = docroot or server.home / "htdocs"
    old = docroot / "mailstore-integration"
    old.mkdir()
    for file in (old / "index.php", docroot / "sum.php"):
        file.write_text("<?php echo 'sum ', 6 * 7;")
    assert curl(server.at("/sum.php")).body == b"sum 42", server.log()
    for address in (ADDRESS, "/mailstore-integration/"):
        answer = post(server.at(address), b"cmd=list")
        assert (answer.status, answer.body) == (200, THE_LIST), server.log()
        assert "x-powered-by" not in answer.headers


def test_script_name() -> None:
    """The script is not called .php: that name alone makes PHP handlers print its source."""
    assert [path.name for path in (ROOT / "cgi-bin").rglob("*") if path.suffix == ".php"] == []
