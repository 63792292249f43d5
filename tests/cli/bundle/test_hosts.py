"""The bundle on shared hosting: a document root of a real Apache, with nothing set but by .htaccess files."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.bundle.hosting import FOLDER, configure, keep_processes, shared_host, suexec_host, unzip
from servers.test_documented_requests import THE_LIST
from support.client import CHALLENGE, CREDENTIALS, curl, post
from support.running import Server
from support.site import ROOT, temporary_folder

LEAST = "FileInfo Options=ExecCGI"  # what the bundle needs
HOSTS = {
    "cgid, All": ("event", "All"),
    "cgid, least": ("event", LEAST),
    "cgi, All": ("prefork", "All"),
    "cgi, least": ("prefork", LEAST),
    "fcgid, All": ("fcgid", "All"),
    "fcgid, least": ("fcgid", LEAST),
    "suEXEC": ("event", ""),
    "suEXEC, fcgid": ("fcgid", ""),
}

WORDPRESS = """\
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
</IfModule>
"""


@pytest.fixture(scope="module", params=HOSTS)
def host(request: pytest.FixtureRequest, archive: Path) -> Iterator[Server]:
    """Each host in turn, serving the configured bundle."""
    mpm, override = HOSTS[request.param]
    if not override:
        with suexec_host(archive, mpm) as server:
            yield server
        return
    with temporary_folder() as documents:
        folder = configure(unzip(archive, documents))
        if mpm == "fcgid":
            keep_processes(folder)
        with shared_host(documents, mpm, override) as server:
            yield server


def works(server: Server, url: str | None = None) -> None:
    """Both commands answer as they must, with credentials and not without."""
    url = url or server.url
    answer = post(url, b"cmd=list", "--header", "Accept-Encoding: gzip")
    assert (answer.status, answer.body) == (200, THE_LIST), server.log()
    assert answer.headers["content-length"] == str(len(THE_LIST))
    assert post(url, b"cmd=auth&user=john.doe&pass=Passw0rd").body == b'{"succeeded": true}'
    assert post(url, b"cmd=auth&user=john.doe&pass=wrong").body == b'{"succeeded": false}'
    stranger = post(url, b"cmd=list", credentials=None)
    assert (stranger.status, stranger.headers["www-authenticate"]) == (401, CHALLENGE)
    assert post(url, b"cmd=list", credentials="mailstore@example.test:wrong").status == 401


def test_both_addresses(host: Server) -> None:
    """The folder's address and index.php answer both commands; credentials arrive, Content-Length stays."""
    works(host)
    works(host, host.at(f"/{FOLDER}/"))


def test_multipart(host: Server) -> None:
    """Multipart forms are read by the package in lib/vendor."""
    form = ("--form", "cmd=auth", "--form", "user=john.doe", "--form", "pass=Passw0rd")
    assert curl("--user", CREDENTIALS, *form, host.url).body == b'{"succeeded": true}', host.log()


def test_nothing_else_is_served(host: Server) -> None:
    """Every other file and folder of the bundle, asked for by GET or POST, is forbidden."""
    folder = host.site / FOLDER
    names = [path.relative_to(folder).as_posix() + "/" * path.is_dir() for path in sorted(folder.rglob("*"))]
    assert {"conf/config.py", "conf/users.sqlite", "lib/ais/app.py", ".htaccess", "lib/", "index.py"} < set(names)
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=30)
    served = {}
    # Some that are not files: what follows a script's name, other spellings, files that an editor might leave.
    more = ["index.php/conf/config.py", "index.py/x", "index.php/", "%2e%2e/conf/config.py", "conf//config.py", "conf"]
    more += ["INDEX.PHP", "index.php.bak", "index.pyc", "lib/ais/app.pyc", "conf/config.py~", "x/../conf/config.py"]
    for method, wanted in (("GET", [*names, *more]), ("POST", [name for name in names if "vendor" not in name])):
        for name in wanted:
            connection.request(method, f"/{FOLDER}/{name}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status not in (403, 404) or b"import" in body:
                served[method, name] = answer.status
    connection.close()
    # Without its slash a folder's address leads to that with it, which is forbidden.
    assert {key: status for key, status in served.items() if key != ("GET", "conf")} == {}


def test_bytecode_cannot_be_written(archive: Path, documents: Path) -> None:
    """Where the folder cannot be written to, nothing is written, and everything works."""
    folder = configure(unzip(archive, documents))
    before = sorted(folder.rglob("*"))
    for path in before:
        path.chmod(path.stat().st_mode & ~0o222)
    with shared_host(documents) as server:
        works(server)
    assert sorted(folder.rglob("*")) == before


def windows(data: bytes) -> bytes:
    """Bytes as an FTP program leaves them that takes everything for text with Unix line ends."""
    return data.replace(b"\n", b"\r\n")


def unix(data: bytes) -> bytes:
    """Bytes as a server leaves them that takes everything for text with Windows line ends."""
    return data.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("damage", [windows, unix])
@pytest.mark.parametrize("mpm", ["event", "prefork", "fcgid"])
def test_uploaded_as_text(bundle: Path, damage: object, mpm: str) -> None:
    """An upload in text mode, which changes the line ends of every file, bytecode included, does no harm."""
    assert callable(damage)
    if mpm == "fcgid":
        keep_processes(bundle)
    for path in bundle.rglob("*"):
        if path.is_file() and path.name != "users.sqlite":
            path.write_bytes(damage(path.read_bytes()))
    with shared_host(bundle.parent, mpm, LEAST) as server:
        works(server)
        assert post(server.at(f"/{FOLDER}/conf/config.py"), b"").status == 403


def test_generous_host(bundle: Path) -> None:
    """Listings of folders, and names without their ending (MultiViews), lead nowhere."""
    with shared_host(bundle.parent, override=LEAST, options="Indexes MultiViews FollowSymLinks") as server:
        works(server)
        works(server, server.at(f"/{FOLDER}/"))
        for name in ("index", "conf/", "conf/config", "conf/users", "lib/", "INSTALL", "LICENSE", "lib/ais/app"):
            assert curl(server.at(f"/{FOLDER}/{name}")).status in (403, 404), name


def test_beside_php(bundle: Path) -> None:
    """A host that gives every .php file to PHP-FPM does not give it this one."""
    # The socket does not exist: a request that came to PHP would be answered 503.
    extra = '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:/nonexistent/php.sock|fcgi://localhost"\n</FilesMatch>'
    with shared_host(bundle.parent, override=LEAST, extra=extra, modules=("proxy", "proxy_fcgi")) as server:
        works(server)
        works(server, server.at(f"/{FOLDER}/"))


@pytest.mark.parametrize("handler", ["default-handler", "proxy:http://127.0.0.1:9/"])
def test_handler_for_python(bundle: Path, handler: str) -> None:
    """A host that has a handler of its own for .py files, or serves their text, runs the script all the same."""
    extra = f'<Files ~ "(\\.py$)">\nSetHandler "{handler}"\n</Files>'
    with shared_host(bundle.parent, override=LEAST, extra=extra, modules=("proxy", "proxy_http")) as server:
        works(server)
        works(server, server.at(f"/{FOLDER}/"))


FRONT_CONTROLLER = """<VirtualHost *:*>
DocumentRoot "{}"
RewriteEngine On
RewriteCond %{{DOCUMENT_ROOT}}%{{REQUEST_URI}} !-f
RewriteCond %{{DOCUMENT_ROOT}}%{{REQUEST_URI}} !-d
RewriteRule ^/(.*)$ /index.html [L]
</VirtualHost>"""


def test_front_controller_of_the_host(bundle: Path) -> None:
    """Rules in the host's own configuration that take what is no file spare the address of the folder."""
    (bundle.parent / "index.html").write_text("<html>another application</html>")
    with shared_host(bundle.parent, extra=FRONT_CONTROLLER.format(bundle.parent)) as server:
        assert b"another application" in post(server.url, b"cmd=list").body
        works(server, server.at(f"/{FOLDER}/"))


def test_beside_wordpress(bundle: Path) -> None:
    """The rules of an application in the document root do not disturb this folder."""
    (bundle.parent / ".htaccess").write_text(WORDPRESS)
    with shared_host(bundle.parent) as server:
        works(server)
        assert curl(server.at(f"/{FOLDER}/conf/config.py")).status == 403


def test_account_address(bundle: Path) -> None:
    """A folder that lies outside the document root, such as a user's, works too."""
    with temporary_folder() as empty:
        extra = f'Alias "/~account" "{bundle.parent}"\n<Directory "{bundle.parent}">\nAllowOverride {LEAST}\n'
        extra += "Options SymLinksIfOwnerMatch\nRequire all granted\n</Directory>"
        with shared_host(empty, extra=extra) as server:
            works(server, server.at(f"/~account/{FOLDER}/index.php"))
            works(server, server.at(f"/~account/{FOLDER}/"))
            assert curl(server.at(f"/~account/{FOLDER}/conf/config.py")).status == 403


def test_folder_of_another_name(bundle: Path) -> None:
    """The folder may be renamed and lie deeper."""
    (bundle.parent / "a b").mkdir()
    bundle.rename(bundle.parent / "a b" / "users")
    with shared_host(bundle.parent) as server:
        works(server, server.at("/a%20b/users/index.php"))


def test_host_without_options(bundle: Path) -> None:
    """Where the host has switched scripts on and allows no Options, the one line that the comment names is deleted."""
    htaccess = bundle / ".htaccess"
    text = htaccess.read_text()
    assert '"Options not allowed here" in the error log' in text
    with shared_host(bundle.parent, override="FileInfo", options="ExecCGI FollowSymLinks") as server:
        assert post(server.url, b"cmd=list").status == 500
        assert "Options not allowed here" in server.log()
        htaccess.write_text(text.replace("\nOptions +ExecCGI\n", "\n"))
        works(server)


def test_scripts_not_switched_on(bundle: Path) -> None:
    """Without that line, where the host has not switched scripts on, Apache says what the page on faults names."""
    htaccess = bundle / ".htaccess"
    htaccess.write_text(htaccess.read_text().replace("\nOptions +ExecCGI\n", "\n"))
    words = "Options ExecCGI is off in this directory"
    with shared_host(bundle.parent) as server:
        assert post(server.url, b"cmd=list").status == 403
        assert words in server.log()
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    assert f"| `{words}`; the answer is a 403 |" in page


def test_outside_the_document_root(archive: Path, documents: Path) -> None:
    """lib and conf can lie above the document root, when the two lines on top of index.py say so."""
    root = documents / "htdocs"
    root.mkdir()
    folder = configure(unzip(archive, root))
    private = documents / "mailstore-ais"
    private.mkdir()
    for name in ("lib", "conf"):
        (folder / name).rename(private / name)
    entry = folder / "index.py"
    text = entry.read_text()
    text = text.replace('"lib"', '"../../mailstore-ais/lib"')
    entry.write_text(text.replace('"conf/config.py"', '"../../mailstore-ais/conf/config.py"'))
    with shared_host(root) as server:
        works(server)
        form = ("--form", "cmd=list")
        assert curl("--user", CREDENTIALS, *form, server.url).body == THE_LIST


def test_library_not_uploaded(bundle: Path) -> None:
    """When a file of the library is missing, the answer says so."""
    (bundle / "lib" / "ais" / "text.py").unlink()
    with shared_host(bundle.parent) as server:
        answer = post(server.url, b"cmd=list")
    assert answer.status == 500
    assert b"upload the lib folder beside index.py" in answer.body


def test_not_executable(bundle: Path) -> None:
    """Without its x bit the script is not run, and not shown either."""
    (bundle / "index.py").chmod(0o644)
    with shared_host(bundle.parent) as server:
        answer = post(server.url, b"cmd=list")
        assert answer.status == 500
        assert b"import" not in answer.body


@pytest.mark.parametrize("name", ["index.py", "index.fcgi"])
def test_old_python_can_read_it(archive: Path, documents: Path, name: str) -> None:
    """The entry stays readable for Python 2.7 and 3.6, so that it can say that they are too old."""
    source = (unzip(archive, documents) / name).read_bytes()
    assert b"#!/usr/bin/python3 -SXcr\n" in source
    # No syntax newer than that; the interpreters themselves are tried where the entry is tested.
    code = "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 6))"
    subprocess.run([sys.executable, "-c", code], input=source, check=True)
