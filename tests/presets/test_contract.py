"""The contract of sources, held by every preset; it tests those over SQL on each engine that they support."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ais
from ais import imap
from ais.sources import Login, Source
from presets import test_docker_mailserver, test_hestia, test_panel_files
from presets.loading import Database, Load
from presets.populations import CANNOT, DOMAIN, NAMES, POPULATIONS, each, expected, inactive, nowhere, source_of
from sources.contract import PASSWORD, SourceContract
from sources.text.faults import TextFaults
from support.dovecot import dovecot
from support.openldap import certificates

FILES: dict[str, tuple[type[SourceContract], type[TextFaults]]] = {
    "docker_mailserver": (test_docker_mailserver.TestContract, test_docker_mailserver.TestFaults),
    "hestia": (test_hestia.TestContract, test_hestia.TestFaults),
    "cpanel": (test_panel_files.TestCpanelContract, test_panel_files.TestCpanelFaults),
    "directadmin": (test_panel_files.TestDirectAdminContract, test_panel_files.TestDirectAdminFaults),
    "virtualmin": (test_panel_files.TestVirtualminContract, test_panel_files.TestVirtualminFaults),
}
"""The tests of the presets over files: contract and faults."""


def test_every_preset_has_its_tests() -> None:
    """Each preset has the tests of the contract and of faults: over SQL by a population, over files by classes."""
    assert set(ais.PRESETS) == POPULATIONS.keys() | FILES.keys()
    assert CANNOT.keys() == POPULATIONS.keys()
    assert [faults.function for _, faults in FILES.values()] == list(FILES)


@pytest.fixture(scope="module", params=each())
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A preset and an engine."""
    preset_and_engine: tuple[str, str] = request.param
    return preset_and_engine


@pytest.fixture(scope="module")
def database(case: tuple[str, str], load_for_all: Load) -> Database:
    """The users as the application stores them."""
    script, stored, _ = POPULATIONS[case[0]]
    return load_for_all(case[1], script(case[1], stored))


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture(autouse=True)
    def expect(self, case: tuple[str, str]) -> None:
        """What the application can hold of the contract."""
        self.listed, self.inactive = expected(case[0]), inactive(case[0])
        self.has_inactive = "inactive user" not in CANNOT[case[0]]

    @pytest.fixture
    def source(self, case: tuple[str, str], database: Database, mail_server: Login) -> Source:
        """The preset."""
        return source_of(*case, database.connection, mail_server)

    @pytest.fixture
    def broken(self, case: tuple[str, str], tmp_path: Path, mail_server: Login) -> Source:
        """There is no such database."""
        return source_of(*case, nowhere(case[1], tmp_path), mail_server)


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    """Dovecot, which knows everybody's password."""
    authority = certificates(tmp_path_factory.mktemp("certificates"))
    with dovecot({f"{name}@{DOMAIN}": PASSWORD for name in NAMES}, authority) as server:
        yield imap("localhost", port=server.tls_port, tls="ssl", ca_file=str(authority / "ca.pem"))
