"""Configuration of other applications does not take the addresses from the files of conf/servers either."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from persistent.test_ways import start
from servers.test_neighbours import APACHE, LIGHTTPD, MODULES, lists, module

FRONT = "front controller"
TOGETHER = {
    "apache mod_wsgi": (FRONT, "[P]", "ProxyPass"),
    "apache passenger": (FRONT, "[P]", "ProxyPass"),
    "apache gunicorn": (FRONT, "[P]", "ProxyPass"),
    "lighttpd gunicorn": (FRONT, "proxy", "SCGI", "FastCGI", "CGI"),
}


@pytest.mark.parametrize(("way", "name"), [(way, name) for way, names in TOGETHER.items() for name in names])
def test_neighbours(site: Path, way: str, name: str) -> None:
    """Both addresses give the list beside each of them."""
    before = f"{MODULES}\n{APACHE[name]}" if way.startswith("apache") else f"{module(LIGHTTPD[name])}\n{LIGHTTPD[name]}"
    with ExitStack() as stack:
        lists(start(stack, way, site, before=before))
