"""The two example files inside configurations as distributions ship them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.conftest import Kind
from servers.test_documented_requests import THE_LIST
from support.client import post
from support.interpreters import for_others
from support.needs import need_file, need_program
from support.running import FRAGMENTS, INSTALLED_AT, apache, fragment, lighttpd, load_module, switch_on
from support.site import ROOT, temporary_folder
from support.stock import APACHE, APACHE_STOCK_MODULES

MAIN = "The script"
SECTIONS = ("The server checks the caller's password", "One configuration per tenant", "A bound for parallel requests")
LOG = "The log without systemd"
FASTCGI_SECTIONS = (*SECTIONS[:2], "Behind a load balancer")
ALL_SECTIONS = {
    "lighttpd": (*SECTIONS, LOG),
    "apache": SECTIONS,
    "lighttpd-fastcgi": (*FASTCGI_SECTIONS, LOG),
    "apache-fcgid": FASTCGI_SECTIONS,
}
SCRIPT = Path("cgi-bin") / "mailstore-integration" / "index.py"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a server's own files."""
    with temporary_folder() as folder:
        yield folder


@pytest.mark.parametrize("name", FRAGMENTS)
def test_sections(name: str, site: Path) -> None:
    """The optional parts of the files are these, and switching them on leaves no configuration line commented."""
    text = (ROOT / FRAGMENTS[name]).read_text(encoding="utf-8")
    assert set(re.findall(r"^## (.*)$", text, re.MULTILINE)) == {MAIN, *ALL_SECTIONS[name]}
    switched_on = fragment(name, site, ALL_SECTIONS[name])
    assert re.findall(r"^ *#[^ #\n].*$", switched_on, re.MULTILINE) == []


@pytest.mark.parametrize(
    "path",
    [*ROOT.glob("*.conf.example"), *sorted(ROOT.joinpath("conf").glob("servers/*")), ROOT / "conf/config.example.py"],
    ids=lambda path: path.name,
)
def test_explanations_are_told_from_configuration(path: Path) -> None:
    """Whoever takes away each "#" that "# " does not begin gets all of a part, and no one who takes "# " gets half.

    A line that has two blanks behind its "#" could be either: of a block that lost its indented lines the rest was
    valid, and a tenant got the list of another.
    """
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^ *#(?: {2}|\t).*$", text, re.MULTILINE) == []
    if re.search(r"^ *#[^ #\n!]", text, re.MULTILINE):
        assert 'A "#" directly before a word' in text


@pytest.mark.parametrize("name", FRAGMENTS)
def test_paths(name: str) -> None:
    """Every path in the files is one of the checkout's, or one that the administrator is told to make."""
    text = (ROOT / FRAGMENTS[name]).read_text(encoding="utf-8")
    paths = set(re.findall(rf"{INSTALLED_AT}([^\s\",.]*(?:\.\w+)?)", text)) - {""}
    made = {"/conf/callers.htpasswd", "/conf/tenants"}
    assert f"/{SCRIPT if '-' not in name else SCRIPT.with_suffix('.fcgi')}" in paths
    assert {path for path in paths - made if not (ROOT / path.lstrip("/")).exists()} == set()


WITH_TENANTS = sorted(
    path
    for path in (*ROOT.glob("*.conf.example"), *(ROOT / "conf" / "servers").iterdir())
    if path.is_file() and "\n## One configuration per tenant\n" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", WITH_TENANTS, ids=lambda path: path.name)
def test_tenants_are_served_alike(path: Path) -> None:
    """Whatever a file sets for the address itself it also sets for the addresses of tenants."""
    text = path.read_text(encoding="utf-8")
    tenants = switch_on(text, "One configuration per tenant").partition("\n## One configuration per tenant\n")[2]
    block = r"^(?:<(Location|LocationMatch) |\$HTTP|location )[^\n]*/mailstore-integration[^\n]*\n(.*?)^(?:</\1>|\})"
    main, own = (
        {option for found in re.findall(block, part, re.M | re.S) for option in options(found[1])}
        for part in (text, tenants.partition("\n## ")[0])
    )
    more = {"setenv.set-environment", "SetEnv AIS_TENANTS", "fastcgi_param AIS_TENANTS", "PassengerAppGroupName"}
    assert own - main <= {*more, "rewrite"}
    assert main - own <= {"rewrite"}  # where nginx makes one address of two


def options(text: str) -> set[str]:
    """The options that lines of configuration set; what takes a name has it behind."""
    found = [line.split() for line in text.splitlines() if re.match(r"\s*[A-Za-z<]", line)]
    named = ("SetEnv", "fastcgi_param", "proxy_set_header", "RequestHeader")
    return {" ".join(words[: 2 if words[0] in named else 1]).removesuffix("Match") for words in found}


def test_all_sections_together(kind: Kind, site: Path) -> None:
    """All optional parts can be on at once, and a bound on processes only makes requests wait."""
    (site / "conf" / "callers.htpasswd").write_text("")
    with kind(site, sections=SECTIONS[: 3 - kind.is_fastcgi]) as server:
        assert post(server.url, b"cmd=list").status == 401
    with kind(site, sections=SECTIONS[2 + kind.is_fastcgi :]) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()


def test_modules_named_twice(kind: Kind, sample_site: Path) -> None:
    """Modules that other fragments load too do no harm, whether they come before or after."""
    if kind.program == "lighttpd":
        modules = 'server.modules += ( "mod_alias", "mod_cgi", "mod_fastcgi", "mod_setenv", "mod_auth" )'
        again = modules
    else:
        names = ("alias", "env", "setenvif", "authz_core", {"prefork": "cgi", "fcgid": "fcgid"}.get(kind.way, "cgid"))
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in names)
        again = ""
    with kind(sample_site, before=modules, extra=again) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()
        assert "WARNING" not in server.log()


def test_virtual_host(kind: Kind, sample_site: Path) -> None:
    """A virtual host that other configuration defines is served as well."""
    if kind.program == "lighttpd":
        host = '$HTTP["host"] == "mail.example.test" {\n    server.document-root = "/var/empty"\n}'
    else:
        host = "<VirtualHost *:*>\n    ServerName mail.example.test\n    DocumentRoot /var/empty\n</VirtualHost>"
    with kind(sample_site, before=host) as server:
        assert post(server.url, b"cmd=list", "--header", "Host: mail.example.test").body == THE_LIST, server.log()


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_compressing_apache(sample_site: Path, mpm: str) -> None:
    """An Apache that compresses JSON leaves our answers as they are."""
    with apache(sample_site, mpm, before="AddOutputFilterByType DEFLATE text/json application/json") as server:
        answer = post(server.url, b"cmd=list", "--header", "Accept-Encoding: gzip")
        assert answer.body == THE_LIST
        assert answer.headers["content-length"] == str(len(THE_LIST))


def test_lighttpd_interpreter(site: Path) -> None:
    """With an interpreter's path instead of "" lighttpd runs a script without x bit and with DOS line ends."""
    script = site / SCRIPT
    script.write_bytes(script.read_bytes().replace(b"\n", b"\r\n"))
    script.chmod(0o644)
    by_interpreter = f"""$HTTP["url"] =~ "^/mailstore-integration/" {{
        cgi.assign = ( "/index.py" => "{for_others()}" )
    }}"""
    with lighttpd(site, by_interpreter) as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()


def test_apache_worker(site: Path) -> None:
    """The third MPM, worker, works with mod_cgid as well."""
    with apache(site, "worker") as server:
        assert post(server.url, b"cmd=list").body == THE_LIST, server.log()


@pytest.mark.parametrize("switched_on", [False, True], ids=["plain", "all sections"])
@pytest.mark.parametrize("name", ["lighttpd", "lighttpd-fastcgi"])
@pytest.mark.parametrize(
    "others", ["", "05-auth 05-setenv 10-cgi 10-fastcgi 15-fastcgi-php"], ids=["alone", "with PHP"]
)
def test_debian_lighttpd(home: Path, site: Path, switched_on: bool, name: str, others: str) -> None:
    """lighttpd accepts the file among Debian's own configuration files without a word of complaint."""
    program = need_program("lighttpd", "lighttpd")
    stock = need_file(Path("/etc/lighttpd/lighttpd.conf"), "lighttpd").read_text(encoding="utf-8")
    enabled = home / "conf-enabled"
    enabled.mkdir()
    for other in others.split():
        file = need_file(Path(f"/etc/lighttpd/conf-available/{other}.conf"), "lighttpd")
        (enabled / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    # docs/lighttpd.md installs it under this name.
    ours = fragment(name, site, ALL_SECTIONS[name] if switched_on else ())
    for path in ("/var/log/lighttpd", "/run/lighttpd"):
        ours = ours.replace(path, str(home))
    (enabled / "99-mailstore-ais.conf").write_text(ours, encoding="utf-8")
    (site / "conf" / "callers.htpasswd").write_text("")
    for path in ("/var/www/html", "/var/cache/lighttpd/uploads", "/run", "/var/log/lighttpd"):
        assert f'"{path}' in stock
        stock = stock.replace(f'"{path}', f'"{home}')
    stock = stock.replace("/etc/lighttpd/conf-enabled", str(enabled))
    config = home / "lighttpd.conf"
    config.write_text(stock, encoding="utf-8")
    done = subprocess.run([program, "-tt", "-f", str(config)], capture_output=True, text=True)
    assert (done.returncode, done.stderr + done.stdout) == (0, "")


NEEDS = {
    "apache": "MailStore AIS needs mod_cgid (event, worker) or mod_cgi (prefork): a2enmod cgi",
    "apache-fcgid": "MailStore AIS needs mod_fcgid here: apt-get install libapache2-mod-fcgid",
}


@pytest.mark.parametrize("name", NEEDS)
def test_apache_without_its_module(site: Path, name: str) -> None:
    """Without a module that runs scripts Apache does not start and says why, rather than send the script's text."""
    (site / "htdocs").mkdir()
    modules = "\n".join(load_module(name) for name in ("mpm_event", *APACHE_STOCK_MODULES))
    values = {"home": site, "port": 8, "user": "", "before": "", "after": "", "modules": modules}
    config = site / "apache.conf"
    config.write_text(APACHE.format(fragment=fragment(name, site), **values), encoding="utf-8")
    program = need_program("apache2", "apache2-bin")
    done = subprocess.run([program, "-t", "-f", str(config)], capture_output=True, text=True)
    assert done.returncode != 0
    assert NEEDS[name] in done.stderr
