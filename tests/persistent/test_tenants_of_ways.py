"""Tenants behind every server of docs/wsgi.md, by the part for them of its file of conf/servers."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from conftest import credentials
from persistent import ways
from persistent.test_ways import WAYS, ask, start
from support.running import ADDRESS, Server
from support.site import CALLER, add_tenant, temporary_folder

PART = "One configuration per tenant"
NAMES = ("tenant-a", "b")


@pytest.fixture(scope="module", params=WAYS)
def tenants(request: Any) -> Iterator[Server]:
    """A running server of each way, for two tenants and a main configuration."""
    with temporary_folder() as folder, ExitStack() as stack:
        site = ways.make_persistent_site(folder / "ais")
        for name in (*NAMES, "Upper"):
            add_tenant(site, name)
        yield start(stack, request.param, site, environment=unit_environment(site), switched_on=PART)


def unit_environment(site: Path) -> dict[str, str]:
    """The line of the systemd units that is for tenants, which both have."""
    found = set()
    for name in ("mailstore-ais.service", "mailstore-ais-granian.service"):
        text = ways.configuration(name, site)
        found |= {line for line in text.splitlines() if line.startswith("#Environment=AIS_TENANTS=")}
    (line,) = found
    return {"AIS_TENANTS": line.rpartition("=")[2]}


def status(server: Server, address: str, caller: str) -> int:
    """The status of a tenant's question for its list; a 200 must have that tenant's list."""
    authorization = credentials(caller, f"pass-{caller}" if caller != CALLER else "Passw0rd")
    found, body = ask(server, address=address, Authorization=authorization)
    assert found != 200 or caller == CALLER or body == b'[{"userName": "user-%s"}]' % caller.encode()
    return found


def test_each_its_own(tenants: Server) -> None:
    """An address has its tenant's users, for its caller and no other."""
    for _ in range(3):  # several processes and threads
        for name in NAMES:
            for address in (ADDRESS, ADDRESS.removesuffix("index.php")):
                for caller in (*NAMES, CALLER):
                    assert status(tenants, f"/{name}{address}", caller) == (200 if caller == name else 401)


def test_the_address_without_a_name(tenants: Server) -> None:
    """It is the main configuration's where the web server tells the two apart, and nobody's behind a proxy."""
    behind_proxy = tenants.name.endswith("proxy")
    assert status(tenants, ADDRESS, CALLER) == (404 if behind_proxy else 200)
    assert status(tenants, ADDRESS, "b") == (404 if behind_proxy else 401)


def test_a_tenant_more_is_a_file_more(tenants: Server) -> None:
    """A new file counts with the next request, a broken one is an error, a missing one a 404; nothing is restarted."""
    address = f"/new{ADDRESS}"
    assert status(tenants, address, "new") == 404
    path = add_tenant(tenants.site, "new")
    assert {status(tenants, address, "new") for _ in range(6)} == {200}
    path.write_text("callers = []\n")
    assert {status(tenants, address, "new") for _ in range(6)} == {500}
    path.unlink()
    assert {status(tenants, address, "new") for _ in range(6)} == {404}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        *((f"//b{ADDRESS}", "b"), (f"/tenant-a/../b{ADDRESS}", "b"), (f"/./b{ADDRESS}", "b"), (f"/%62{ADDRESS}", "b")),
        *((f"/tenant%2Da{ADDRESS}?/b{ADDRESS}", "tenant-a"), (f"/b{ADDRESS}?x=/tenant-a{ADDRESS}", "b")),
        *((f"/b%2fx/..{ADDRESS}", "b"), (f"/Upper{ADDRESS}", ""), (f"/B{ADDRESS}", ""), (f"/b{ADDRESS}/x", "")),
        *((f"/b{ADDRESS}%0a", ""), (f"/b%0a{ADDRESS}", ""), (f"/%2562{ADDRESS}", ""), (f"/x/b{ADDRESS}", "")),
    ],
)
def test_ways_of_writing(tenants: Server, path: str, owner: str) -> None:
    """An address is that of one tenant as the web server reads it, or of nobody. A server may refuse one."""
    for caller in NAMES:
        found = status(tenants, path, caller)
        assert found in (400, 401, 403, 404) or (found, caller) == (200, owner)


@pytest.mark.parametrize(
    "header", ["AIS_CONFIG", "AIS_TENANTS", "SCRIPT_NAME", "Script-Name", "PATH_INFO", "Path-Info", "REQUEST_URI"]
)
def test_no_header_chooses(tenants: Server, header: str) -> None:
    """gunicorn takes a part of the address from SCRIPT_NAME, but no tenant; others take nothing."""
    conf = tenants.site / "conf" / "tenants"
    for value in (f"/b{ADDRESS}", "/b", "/tenant-a", f"{conf}/b.py", str(conf)):
        connection = http.client.HTTPConnection("127.0.0.1", tenants.port, timeout=30)
        head = {"Authorization": credentials("b", "pass-b"), "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/tenant-a{ADDRESS}", b"cmd=list", {**head, header: value})
        answer = connection.getresponse()
        assert answer.status in (400, 401, 404, 500)
        assert b"user-" not in answer.read()
        connection.close()
