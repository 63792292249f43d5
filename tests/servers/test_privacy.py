"""Nothing of the folder but the script's answers leaves the server, whatever else it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import need_program
from servers.client import curl, post
from servers.conftest import Kind
from servers.running import ADDRESS, Server
from servers.site import ROOT
from servers.test_documented_requests import THE_LIST

UNWANTED = (
    "/mailstore-integration/index.py",
    "/mailstore-integration/index.php.bak",
    "/mailstore-integration/index.php~",
    "/mailstore-integration/index.php/",
    "/mailstore-integration/index.php/x.php",
    "/mailstore-integration/index.php%00.txt",
    "/mailstore-integration/index.phpx",
    "/mailstore-integration/index.py.bak",
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
    names = ("index.py.bak", "index.py~", "index.php.bak", "config.py")
    for name in names:
        (folder / name).write_text("leftover")
    yield folder
    for name in names:
        (folder / name).unlink()


@pytest.fixture(scope="module")
def server_with_leftovers(server: Server, leftovers: Path) -> Server:
    """The shared servers, once the leftovers are there."""
    return server


def php(kind: Kind, home_socket: str, variant: str) -> tuple[str, tuple[str, ...]]:
    """The configuration of a PHP handler for every address on .php, and the Apache modules that it needs."""
    program = need_program("php-cgi", "php-cgi")
    if kind.program == "lighttpd":
        if variant == "cgi":
            return f'server.modules += ( "mod_cgi" )\ncgi.assign = ( ".php" => "{program}" )', ()
        check = ', "check-local" => "disable"' if variant == "fastcgi-unchecked" else ""
        handler = f'"bin-path" => "{program}", "socket" => "{home_socket}", "max-procs" => 1{check}'
        return f'server.modules += ( "mod_fastcgi" )\nfastcgi.server += ( ".php" => (( {handler} )) )', ()
    take = {
        "cgi": "AddHandler run-php .php",
        "fastcgi": '<FilesMatch ".+\\.ph(ar|p|tml)$">\n    SetHandler run-php\n</FilesMatch>',
        "fastcgi-unchecked": '<LocationMatch "\\.php$">\n    SetHandler run-php\n</LocationMatch>',
    }[variant]
    where = Path(program).parent
    return (
        f'ScriptAlias "/run-php/" "{where}/"\nAction run-php "/run-php/php-cgi" virtual\n'
        f'<Directory "{where}">\n<Files "php-cgi">\nRequire all granted\n</Files>\n</Directory>\n{take}',
        ("actions",),
    )


@pytest.mark.parametrize("variant", ["cgi", "fastcgi", "fastcgi-unchecked"])
def test_php_beside_us(kind: Kind, sample_site: Path, tmp_path: Path, variant: str) -> None:
    """A PHP handler on .php neither takes our address nor prints the script, even with an index.php in the docroot."""
    before, modules = php(kind, str(tmp_path / "php"), variant)
    with kind(sample_site, before=before, modules=modules) as server:
        old = server.home / "htdocs" / "mailstore-integration"
        old.mkdir()
        for file in (old / "index.php", server.home / "htdocs" / "sum.php"):
            file.write_text("<?php echo 'sum ', 6 * 7;")
        assert curl(server.at("/sum.php")).body == b"sum 42", server.log()
        for address in (ADDRESS, "/mailstore-integration/"):
            answer = post(server.at(address), b"cmd=list")
            assert (answer.status, answer.body) == (200, THE_LIST), server.log()
            assert "x-powered-by" not in answer.headers


def test_script_name() -> None:
    """The script is not called .php: that name alone makes PHP handlers print its source."""
    assert [path.name for path in (ROOT / "cgi-bin").rglob("*") if path.suffix == ".php"] == []
