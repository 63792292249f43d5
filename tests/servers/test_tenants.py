"""One configuration per tenant, chosen by the server alone, from the block for all tenants of each example file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.conftest import KINDS, RELEASES, Kind
from support.client import CREDENTIALS, curl, post
from support.running import ADDRESS, Server
from support.site import add_tenant, make_site, temporary_folder

TENANTS = "One configuration per tenant"
BARE = ADDRESS.removesuffix("index.php")
ALL = (*KINDS, *RELEASES)
LIGHTTPD = [name for name in ALL if name.startswith("lighttpd")]


@pytest.fixture(scope="module", params=ALL)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers in turn, and lighttpd of other releases, which reads addresses with PATH_INFO differently."""
    return Kind(request.param)


@pytest.fixture(scope="module")
def tenants_site() -> Iterator[Path]:
    """A site with the main configuration and those of tenant-a and b."""
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        for name in ("tenant-a", "b", "Upper", "under_score"):
            add_tenant(site, name)
        yield site


@pytest.fixture(scope="module")
def tenants(kind: Kind, tenants_site: Path) -> Iterator[Server]:
    """A server for that site, as the example file shows."""
    with kind(tenants_site, sections=(TENANTS,)) as running:
        yield running


def lists(name: str) -> bytes:
    """The list of a tenant: each has one user."""
    return b'[{"userName": "user-%s"}]' % name.encode()


def test_each_its_own(tenants: Server) -> None:
    """Each address answers with its own tenant's users, to its own caller. The main one answers with its own."""
    for name in ("tenant-a", "b"):
        for address in (ADDRESS, BARE):
            answer = post(tenants.at(f"/{name}{address}"), b"cmd=list", credentials=f"{name}:pass-{name}")
            assert answer.body == lists(name), tenants.log()
        login = f"cmd=auth&user=user-{name}&pass=secret-{name}".encode()
        answer = post(tenants.at(f"/{name}{ADDRESS}"), login, credentials=f"{name}:pass-{name}")
        assert answer.body == b'{"succeeded": true}'
        assert post(tenants.url, login).body == b'{"succeeded": false}'
    assert b"john.doe" in post(tenants.url, b"cmd=list").body


def test_not_the_others(tenants: Server) -> None:
    """A caller is refused under another tenant's address, and under the main one."""
    callers = {"/tenant-a": "tenant-a:pass-tenant-a", "/b": "b:pass-b", "": CREDENTIALS}
    for prefix in callers:
        for owner, credentials in callers.items():
            status = post(tenants.at(f"{prefix}{ADDRESS}"), b"cmd=list", credentials=credentials).status
            assert status == (200 if owner == prefix else 401), (prefix, owner)


def test_one_that_is_not_there(tenants: Server) -> None:
    """Its answer is a JSON 404 to everybody, without a challenge, whatever the method; the log names the file."""
    address = tenants.at(f"/missing{ADDRESS}")
    answers = [post(address, b"cmd=list"), post(address, b"cmd=list", credentials=None), post(address, b"x" * 70_000)]
    for answer in (*answers, curl(address)):
        assert (answer.status, answer.headers["content-type"]) == (404, "text/json; charset=utf-8")
        assert answer.body == b'{"error": "No tenant has this address: compare it with the one that you were given."}'
        assert "www-authenticate" not in answer.headers
    head = curl("--head", address)
    assert (head.status, head.headers["content-length"]) == (404, str(len(answers[0].body)))
    assert "conf/tenants/missing.py does not exist" in tenants.log() or tenants.name == "lighttpd"


def test_a_tenant_more_is_a_file_more(tenants: Server) -> None:
    """A new file counts with the next request, and one that is taken away is a 404; nothing is restarted."""
    address = tenants.at(f"/new{ADDRESS}")
    assert post(address, b"cmd=list", credentials="new:pass-new").status == 404
    path = add_tenant(tenants.site, "new")
    assert post(address, b"cmd=list", credentials="new:pass-new").body == lists("new")
    path.unlink()
    path.with_suffix(".sqlite").unlink()
    assert post(address, b"cmd=list", credentials="new:pass-new").status == 404


A_AND_B = ("tenant-a", "b")


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        *((f"//tenant-a/{ADDRESS}", "tenant-a"), (f"/b/../tenant-a{ADDRESS}", "tenant-a"), (f"/./b{ADDRESS}", "b")),
        *((f"/tenant%2Da{ADDRESS}", "tenant-a"), (f"/%74enant-a{ADDRESS}", "tenant-a"), (f"/%62{ADDRESS}", "b")),
        *((f"/tenant-a{BARE}../../b{ADDRESS}", "b"), (f"/b{ADDRESS}?/tenant-a{ADDRESS}", "b"), (f"/b{BARE}?b", "b")),
        *((f"/b/mailstore%2dintegration/index%2ephp?x=/tenant-a{BARE}", "b"), (f"/b//{ADDRESS}", "b")),
        *((f"/tenant-a/..{ADDRESS}", ""), (f"/b%2f..{ADDRESS}", ""), (f"/tenant-a%2f{ADDRESS}", "tenant-a")),
        *((f"/tenant-a;x{ADDRESS}", ""), (f"/TENANT-A{ADDRESS}", ""), (f"/B{ADDRESS}", ""), (f"/Upper{ADDRESS}", "")),
        *((f"/under_score{ADDRESS}", ""), (f"/-b{ADDRESS}", ""), (f"/b.py{ADDRESS}", ""), (f"/b%00{ADDRESS}", "")),
        *((f"/b%0a{ADDRESS}", ""), (f"/b{ADDRESS}%0a", ""), (f"/b{ADDRESS}%00", ""), (f"/b{ADDRESS}/", "")),
        *((f"/b{ADDRESS}/tenant-a", ""), (f"/b{ADDRESS};x", ""), (f"/tenant-a/b{ADDRESS}", ""), (f"/b\\{ADDRESS}", "")),
        *((f"/%2562{ADDRESS}", ""), (f"/b%20{ADDRESS}", ""), (f"/b%c3%a4{ADDRESS}", ""), (f"/{'b' * 64}{ADDRESS}", "")),
    ],
)
def test_ways_of_writing(tenants: Server, path: str, owner: str) -> None:
    """However an address is written, it is that of one tenant, as the server itself reads it, or of nobody."""
    for name in A_AND_B:
        answer = curl("--path-as-is", "--user", f"{name}:pass-{name}", tenants.at(path), body=b"cmd=list")
        if answer.status == 200:
            assert (owner, answer.body) == (name, lists(name))
        else:  # a server may refuse a way of writing by itself
            assert answer.status in (400, 401, 403, 404)


FOLDER = f"/b{BARE}"
NO_FILES = (
    *(f"/b{ADDRESS}/", f"/b{ADDRESS}/x", f"/b{ADDRESS}/index.py", f"/b{ADDRESS}{ADDRESS}", f"/b{ADDRESS};x"),
    *(f"/b{ADDRESS}.bak", f"{FOLDER}index.py", f"{FOLDER}index.fcgi", f"{FOLDER}index.pyc", f"{FOLDER}index.html"),
    *(f"{FOLDER}../index.py", f"{FOLDER}%2e%2e/index.py", f"{FOLDER}..%2f..%2fconf/config.py", f"{FOLDER}index%2epy"),
    *(f"/b/../../conf/config.py{BARE}", "/b/../conf/config.py", "/%2e%2e/conf/tenants/b.py", "/b.py", "//b.py", "/b"),
    *(f"/../index.py/b{ADDRESS}", f"/index.py/b{ADDRESS}", "/conf/tenants/b.py", "/index.py", "/index.py/"),
    *(f"/b/..{FOLDER}..;/index.py", f"{FOLDER}.;/index.py", f"/b;{BARE}index.py", f"{BARE}index.py", "/b/index.py"),
)
"""Addresses that are no tenant's, though a careless server might find a file by them."""

LATER = (
    'cgi.assign = ( ".pl" => "/usr/bin/perl" )',
    'fastcgi.server = ( ".php" => (( "host" => "127.0.0.1", "port" => 9 )) )',
    'static-file.exclude-extensions = ( ".php" )',
    'static-file.disable-pathinfo = "disable"',
    'setenv.set-environment = ( "X" => "x" )',
    'alias.url = ( "/icons/" => "/usr/share/icons/" )',
)
"""Lines that others write, at the end of all, for every address of a host."""


def sends_no_file(server: Server, path: str) -> None:
    """Neither a script nor a configuration comes as text, to GET or POST."""
    for body in (None, b"cmd=list"):
        answer = curl("--path-as-is", "--user", "b:pass-b", server.at(path), body=body)
        assert not re.search(rb"#!|import |caller\(", answer.body), (path, answer)
        assert answer.status != 200 or path in (f"/b{ADDRESS}", FOLDER), (path, answer)


@pytest.mark.parametrize("path", NO_FILES)
def test_no_file(tenants: Server, path: str) -> None:
    """No address leads to the text of a file, wherever it lies."""
    sends_no_file(tenants, path)


@pytest.mark.parametrize("line", LATER)
@pytest.mark.parametrize("name", LIGHTTPD)
def test_later_line(tenants_site: Path, name: str, line: str) -> None:
    """A line after the example file may take the addresses away, but none gets the text of the script then."""
    line = f'server.modules += ( "mod_fastcgi", "mod_setenv" )\n$HTTP["host"] =~ "" {{ {line} }}'
    with Kind(name)(tenants_site, extra=line, sections=(TENANTS,)) as server:
        for path in (f"/b{ADDRESS}", FOLDER, *NO_FILES[:6]):
            sends_no_file(server, path)


@pytest.mark.parametrize("name", A_AND_B)
def test_absolute_address(tenants: Server, name: str) -> None:
    """A request line with scheme and host, as for a proxy, names the tenant of its path, whatever host it says."""
    target = f"http://tenant-a/{name}{ADDRESS}"
    for caller in A_AND_B:
        given = (
            "--request-target",
            target,
            "--header",
            "Host: tenant-a",
            "--user",
            f"{caller}:pass-{caller}",
            tenants.at("/"),
        )
        assert curl(*given, body=b"cmd=list").status == (200 if caller == name else 401)


CONF = {"AIS_CONFIG": "b.py", "AIS-CONFIG": "b.py", "REDIRECT_AIS_CONFIG": "b.py", "AIS_TENANTS": "", "AIS-TENANTS": ""}
OTHERS = ["SCRIPT_NAME", "Script-Name", "PATH_INFO", "Path-Info", "REQUEST_URI", "X-Original-URL", "X-Forwarded-Prefix"]


@pytest.mark.parametrize("header", [*CONF, *OTHERS])
def test_header_does_nothing(tenants: Server, header: str) -> None:
    """No header of a request chooses a configuration, neither by a file or a folder nor by an address."""
    value = f"{tenants.site}/conf/tenants/{CONF[header]}" if header in CONF else f"/b{ADDRESS}"
    given = ("--header", f"{header}: {value}")
    for prefix, credentials, status in (
        *(("", CREDENTIALS, 200), ("", "b:pass-b", 401), ("/tenant-a", "b:pass-b", 401)),
        *(("/tenant-a", "tenant-a:pass-tenant-a", 200), ("/missing", "b:pass-b", 404)),
    ):
        address = tenants.at(f"{prefix}{ADDRESS}")
        assert post(address, b"cmd=list", *given, credentials=credentials).status == status, prefix
