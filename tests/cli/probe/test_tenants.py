"""The probe at the address of a tenant."""

from __future__ import annotations

from pathlib import Path

from cli.probe.conftest import wrongly
from cli.probe.trying import probe
from servers.conftest import Kind
from support.running import ADDRESS
from support.site import add_tenant


def test_address_of_a_tenant(kind: Kind, site: Path) -> None:
    """A tenant's address is fine for its caller, and one that nobody has is called so, in words of its own."""
    add_tenant(site, "acme")
    add_tenant(site, "beta")
    with kind(site, sections=("One configuration per tenant",)) as server:
        fine = probe(server.at(f"/acme{ADDRESS}"), user="acme", passwords="pass-acme")
        assert set(fine.codes) <= {"no-addresses"}, fine.text
        assert probe(server.at(f"/beta{ADDRESS}"), user="acme", passwords="pass-acme").codes == ["credentials"]
        result = probe(server.at(f"/nobody{ADDRESS}"), user="acme", passwords="pass-acme")
    assert result.codes == ["not-found"]
    assert "No tenant has this address" in result.text
    assert "folder of tenants" in result.text


def test_configuration_of_a_tenant_in_the_open(kind: Kind, site: Path) -> None:
    """A tenant's configuration that anybody can download is found."""
    add_tenant(site, "all")
    (site / "conf" / "config.py").unlink()
    (site / "conf" / "users.sqlite").unlink()
    with wrongly(kind, site) as server:  # serves all of the site below /all/
        result = probe(server.at("/all/mailstore-integration/index.php"), user="all", passwords="pass-all")
    assert "exposed" in result.codes
    assert "/all/conf/tenants/all.py" in result.text
    assert "EVERYBODY CAN DOWNLOAD SECRETS" in result.text
