"""Real servers, each with many addresses that are set up wrongly in one way each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from servers.conftest import CGI, Kind
from support.interpreters import for_others
from support.needs import need_program
from support.running import Server
from support.site import make_site, sample_config, temporary_folder

HERE = Path(__file__).parent

LIGHTTPD = """
$HTTP["url"] =~ "^/run/" {{
    alias.url = ( "/run/" => "{site}/cases/" )
    cgi.assign = ( ".py" => "", ".php" => "/usr/bin/php-cgi" )
    server.max-keep-alive-requests = 0
}}
$HTTP["url"] =~ "^/text/" {{ alias.url = ( "/text/" => "{site}/cases/" ) }}
$HTTP["url"] =~ "^/all/" {{ alias.url = ( "/all/" => "{site}/" ) }}
$HTTP["url"] =~ "^/all/cgi-bin/" {{
    cgi.assign = ( ".py" => "" )
    server.max-keep-alive-requests = 0
}}
$HTTP["url"] =~ "^/forbidden/" {{ url.access-deny = ( "" ) }}
$HTTP["url"] =~ "^/moved/" {{ url.redirect = ( "" => "https://www.example.test/" ) }}
server.modules += ( "mod_proxy" )
$HTTP["url"] =~ "^/proxy/" {{ proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => 9 ) ) ) }}
"""

APACHE = """
Alias "/run/" "{site}/cases/"
Alias "/swallowed/" "{site}/swallowed/"
Alias "/text/" "{site}/text/"
Alias "/all/" "{site}/"
<Directory "{site}/cases">
    Options ExecCGI
    AddHandler cgi-script .py
    CGIPassAuth On
    Require all granted
    AddHandler run-php .php
    Action run-php /php-bin/php-cgi
</Directory>
ScriptAlias "/php-bin/" "/usr/bin/"
<Directory "/usr/bin">
    <Files "php-cgi">
        Require all granted
    </Files>
</Directory>
<Directory "{site}/swallowed">
    Options ExecCGI
    AddHandler cgi-script .py
    Require all granted
</Directory>
<Directory "{site}/text">
    Require all granted
</Directory>
<Location "/all/">
    Require all granted
</Location>
<Location "/all/cgi-bin/mailstore-integration/">
    Options ExecCGI
    SetHandler cgi-script
</Location>
<Location "/forbidden/">
    Require all denied
</Location>
Redirect 301 "/moved/" "https://www.example.test/"
ProxyPass "/proxy/" "http://127.0.0.1:9/"
"""


def _make_cases(site: Path) -> None:
    """Fill the site with scripts that are wrong in one way each."""
    cases = site / "cases"
    cases.mkdir()
    entry = (site / "cgi-bin" / "mailstore-integration" / "index.py").read_bytes()
    entry = entry.replace(b"../../", b"../")
    unix, windows = entry, entry.replace(b"\n", b"\r\n")
    scripts = {
        "index.py": unix,
        "crlf.py": windows,
        "nopython.py": unix.replace(for_others().encode(), b"/usr/bin/no-such-python"),
        "dies.py": b"#!/usr/bin/python3\nimport no_such_module\n",
        "index.php": unix,
        "page.php": b"<?php http_response_code(404); header('X-Powered-By: PHP/8.2'); ?><html>Says the blog</html>",
        "strange.py": (HERE / "strange.py").read_bytes(),
        "elsewhere.py": _configured(unix, "elsewhere"),
        "broken.py": _configured(unix, "broken"),
        "down.py": _configured(unix, "down"),
        "nobody.py": _configured(unix, "nobody"),
        "absent.py": _configured(unix, "absent"),
        "secret.py": _configured(unix, "secret"),
        "nolib.py": unix.replace(b"../lib", b"../no-lib"),
        "far.py": from_afar(unix),
        "passed.py": _changed(unix, b'posix.environ[b"HTTP_VIA"] = b"1.1 proxy"\n'),
    }
    for name, text in scripts.items():
        (cases / name).write_bytes(text)
        (cases / name).chmod(0o755)
    (cases / "noexec.py").write_bytes(unix)
    (cases / "noexec.py").chmod(0o644)
    for folder in ("text", "swallowed"):
        shutil.copytree(cases, site / folder)
    conf = site / "conf"
    sample = sample_config()
    (conf / "elsewhere.py").write_text(sample.replace(")]", ", allow_from=['192.0.2.1'])]", 1))
    (conf / "broken.py").write_text("callers = 7\n")
    (conf / "secret.py").write_text(re.sub("{SSHA256}[^']*", "Passw0rd", sample))
    (conf / "nobody.py").write_text(sample.replace("FROM users ORDER", "FROM users WHERE 1 = 0 ORDER"))
    down = "from ais import Source\nfrom ais.errors import SourceUnavailable\n\n\nclass Down(Source):\n"
    for method in ("users(self)", "authenticate(self, user, password)"):
        down += f"    def {method}:\n        raise SourceUnavailable('the database is down')\n\n"
    (conf / "down.py").write_text(f"{sample}\n{down}\nsources = [Down()]\n")


def from_afar(entry: bytes) -> bytes:
    """The entry as another computer finds it that asks without encryption."""
    return _changed(entry, b'posix.environ[b"REMOTE_ADDR"] = b"192.0.2.7"\nposix.environ.pop(b"HTTPS", None)\n')


def _changed(entry: bytes, code: bytes) -> bytes:
    told = b"import sys  # noqa: E402\n"
    assert told in entry
    return entry.replace(told, told + b"import posix\n\n" + code)


def _configured(entry: bytes, name: str) -> bytes:
    return entry.replace(b"conf/config.py", b"conf/%s.py" % name.encode())


@pytest.fixture(scope="session", params=CGI)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the three servers in turn."""
    return Kind(request.param)


@pytest.fixture(scope="session")
def wrong(kind: Kind) -> Iterator[Server]:
    """Each server in turn: the sample site at its usual address, and wrong ones beside it."""
    need_program("php-cgi", "php-cgi")
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        _make_cases(site)
        with wrongly(kind, site) as server:
            yield server


def wrongly(kind: Kind, site: Path) -> AbstractContextManager[Server]:
    """Start a server that serves a site at its usual address, and in wrong ways at others."""
    if kind.program == "lighttpd":
        return kind(site, extra=LIGHTTPD.format(site=site))
    return kind(site, extra=APACHE.format(site=site), modules=("actions", "proxy", "proxy_http"))


@pytest.fixture
def site() -> Iterator[Path]:
    """A sample site of the test's own."""
    with temporary_folder() as folder:
        yield make_site(folder / "ais")
