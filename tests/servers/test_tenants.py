"""One configuration per tenant, chosen by the server alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.conftest import Kind
from support.client import CREDENTIALS, curl, post
from support.running import ADDRESS, Server
from support.site import SampleUser, make_site, sample_config, temporary_folder, write_database

TENANTS = "One configuration per tenant"
TENANT_ADDRESS = f"/tenant-a{ADDRESS}"
TENANT_CREDENTIALS = "tenant-a:T3nant"


@pytest.fixture(scope="module")
def tenants(kind: Kind) -> Iterator[Server]:
    """A server for a site with the main configuration and that of tenant-a, as the example file shows."""
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        write_database(site / "conf" / "tenant-a.sqlite", (SampleUser("anna", None, None, "anna@a.example", "Anna1"),))
        config = sample_config("tenant-a", "T3nant").replace("users.sqlite", "tenant-a.sqlite")
        (site / "conf" / "tenant-a.py").write_text(config)
        for name in ("tenant-a.sqlite", "tenant-a.py"):
            (site / "conf" / name).chmod(0o644)
        with kind(site, sections=(TENANTS,)) as running:
            yield running


def test_each_its_own(tenants: Server) -> None:
    """Each address answers with its own tenant's users, to its own caller."""
    for address in (TENANT_ADDRESS, "/tenant-a/mailstore-integration/"):
        answer = post(tenants.at(address), b"cmd=list", credentials=TENANT_CREDENTIALS)
        assert answer.body == b'[{"userName": "anna", "emailAddresses": ["anna@a.example"]}]', tenants.log()
    anna = b"cmd=auth&user=anna&pass=Anna1"
    assert post(tenants.at(TENANT_ADDRESS), anna, credentials=TENANT_CREDENTIALS).body == b'{"succeeded": true}'
    assert post(tenants.url, anna).body == b'{"succeeded": false}'
    assert b"john.doe" in post(tenants.url, b"cmd=list").body


def test_not_the_others(tenants: Server) -> None:
    """A caller is refused under another tenant's address."""
    assert post(tenants.at(TENANT_ADDRESS), b"cmd=list", credentials=CREDENTIALS).status == 401
    assert post(tenants.url, b"cmd=list", credentials=TENANT_CREDENTIALS).status == 401


@pytest.mark.parametrize(
    "path",
    [
        f"//tenant-a/{ADDRESS}",
        f"/tenant-a/..{ADDRESS}",
        f"/tenant-a/../tenant-a/{ADDRESS}",
        f"/tenant%2Da{ADDRESS}",
        f"/%74enant-a{ADDRESS}",
        f"/tenant-a%2f{ADDRESS}",
        f"/tenant-a;x{ADDRESS}",
        f"/TENANT-A{ADDRESS}",
        f"/tenant-b{ADDRESS}",
    ],
)
def test_ways_of_writing(tenants: Server, path: str) -> None:
    """However an address is written, a caller never gets the list of a tenant that is not its own."""
    main = curl("--path-as-is", "--user", CREDENTIALS, tenants.at(path), body=b"cmd=list")
    tenant = curl("--path-as-is", "--user", TENANT_CREDENTIALS, tenants.at(path), body=b"cmd=list")
    assert b"anna" not in main.body
    assert b"john.doe" not in tenant.body
    assert 200 not in (main.status, tenant.status) or main.status != tenant.status


@pytest.mark.parametrize("header", ["AIS_CONFIG", "AIS-CONFIG", "Redirect-AIS-Config", "REDIRECT_AIS_CONFIG"])
def test_header_does_nothing(tenants: Server, header: str) -> None:
    """No header of a request chooses a configuration."""
    other = ("--header", f"{header}: {tenants.site}/conf/tenant-a.py")
    assert post(tenants.url, b"cmd=list", *other, credentials=TENANT_CREDENTIALS).status == 401
    assert b"john.doe" in post(tenants.url, b"cmd=list", *other).body
    other = ("--header", f"{header}: {tenants.site}/conf/config.py")
    assert post(tenants.at(TENANT_ADDRESS), b"cmd=list", *other).status == 401
