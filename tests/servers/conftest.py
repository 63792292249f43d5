"""One running server of each kind, serving the sample site, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from persistent.ways import nginx
from support.releases import SYSTEMS
from support.running import Server, apache, lighttpd
from support.site import make_site, temporary_folder

CGI = ("lighttpd", "apache-event", "apache-prefork")
FASTCGI = ("lighttpd-fastcgi", "apache-fcgid")
KINDS = (*CGI, *FASTCGI)
NGINX = "nginx-fcgiwrap"
RELEASES = tuple(f"{name}@{release}" for release in SYSTEMS for name in ("lighttpd", "lighttpd-fastcgi"))


class Kind:
    """One of the servers, to be started with a test's own site and configuration.

    Args:
        name: `NGINX`, or one of `KINDS` or `RELEASES`: with the release of Debian that it is of, if not the system's.
    """

    def __init__(self, name: str) -> None:
        self.name, _, self.release = name.partition("@")
        self.program, _, self.way = self.name.partition("-")
        self.is_fastcgi = self.name in FASTCGI

    def __call__(
        self,
        site: Path,
        *,
        extra: str = "",
        before: str = "",
        sections: tuple[str, ...] = (),
        modules: tuple[str, ...] = (),
    ) -> AbstractContextManager[Server]:
        """Start it; ``modules`` are further ones of Apache's. See `servers.running`."""
        if self.program == "lighttpd":
            fastcgi = self.way == "fastcgi"
            return lighttpd(site, extra, before=before, sections=sections, fastcgi=fastcgi, release=self.release)
        if self.program == "nginx":
            return nginx(site, extra, way=self.way, before=before, switched_on="".join(sections))
        return apache(site, self.way, extra, before=before, sections=sections, modules=modules)


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers in turn."""
    return Kind(request.param)


@pytest.fixture(scope="session")
def sample_site() -> Iterator[Path]:
    """The sample site, shared: not to be changed."""
    with temporary_folder() as folder:
        yield make_site(folder / "ais")


@pytest.fixture(scope="session")
def server(kind: Kind, sample_site: Path) -> Iterator[Server]:
    """Each server in turn, serving the sample site from the unchanged example file."""
    with kind(sample_site) as running:
        yield running


@pytest.fixture
def site() -> Iterator[Path]:
    """A sample site of the test's own."""
    with temporary_folder() as folder:
        yield make_site(folder / "ais")
