"""The sample site and its PHP twin, both by CGI in the same lighttpd or Apache."""

from __future__ import annotations

import base64
import http.client
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import populations  # noqa: F401  # puts the tests on the path
import samplesite

from support.running import Server, apache, lighttpd
from support.site import make_site

PHP_ADDRESS = "/php/index.php"
TOKEN = base64.b64encode(f"{samplesite.CALLER}:{samplesite.SECRET}".encode()).decode()
HEADERS = {"Authorization": f"Basic {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
LIGHTTPD_PHP = """server.modules += ( "mod_setenv" )
$HTTP["url"] =~ "^/php/" {{
    alias.url = ( "/php/" => "{folder}/php/" )
    cgi.assign = ( ".php" => "/usr/bin/php-cgi" )
    setenv.add-environment = ( "BENCH_SECRET" => "{secret}", "BENCH_DATABASE" => "{database}" )
}}
"""
# The script begins with #!/usr/bin/php-cgi, which spares PHP mod_actions and its second round through Apache.
APACHE_PHP = """Alias "/php/" "{folder}/php/"
<Directory "{folder}/php">
    Options ExecCGI
    Require all granted
    SetHandler cgi-script
    CGIPassAuth On
    SetEnv REDIRECT_STATUS 200
    SetEnv BENCH_SECRET "{secret}"
    SetEnv BENCH_DATABASE "{database}"
</Directory>
"""


def make(folder: Path) -> Path:
    """Make a site with the three users of the benchmarks, and PHP's script beside it."""
    make_site(folder)
    conf, php = folder / "conf", folder / "php"
    (conf / "users.sqlite").unlink()
    samplesite.make(conf)
    subprocess.run(  # the bytecode of config.py, as `bin/ais check` leaves it
        [str(samplesite.ENTRY)],
        env=samplesite.environment(conf, b""),
        input=b"",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    php.mkdir()
    (php / "index.php").write_text("#!/usr/bin/php-cgi\n" + (samplesite.ROOT / "benchmarks/php/index.php").read_text())
    for path in (*conf.rglob("*"), php, php / "index.php"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".php" else 0o644)
    return folder


@contextmanager
def running(name: str, site: Path) -> Iterator[Server]:
    """Run ``lighttpd`` or ``apache`` (event MPM, mod_cgid) for both."""
    places = {"folder": site, "secret": samplesite.stored_secret(), "database": site / "conf" / "users.sqlite"}
    if name == "lighttpd":
        # lighttpd hands the script to php-cgi itself.
        with lighttpd(site, before=LIGHTTPD_PHP.format(**places)) as server:
            yield server
    else:
        with apache(site, before=APACHE_PHP.format(**places)) as server:
            yield server


def ask(server: Server, path: str, body: bytes) -> Callable[[], tuple[float, bytes]]:
    """Return what asks once over a new connection and gives seconds and the body of the answer."""

    def once() -> tuple[float, bytes]:
        begin = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", path, body, HEADERS)
        answer = connection.getresponse()
        found = answer.read()
        taken = time.perf_counter() - begin
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{server.name}, {path}: {answer.status} {found!r} {server.log()[-2000:]}")
        return taken, found

    return once
