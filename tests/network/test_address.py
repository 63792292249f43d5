"""Hosts, ports and URLs as the configuration names them, and which of them are this computer."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais import http_basic, imap, ldap, ldap_bind
from ais.errors import ConfigError
from ais.network.address import Url, is_port, is_this_computer
from ais.sources.sql.drivers.server import is_local
from ais.text import is_loopback

HERE = ["127.0.0.1", "127.8.9.255", "::1", "0:0:0:0:0:0:0:1", "0::0:1", "::ffff:127.0.0.1", "::FFFF:127.8.9.1"]
ELSEWHERE = [
    *("", "localhost", "127", "127.1", "127.0.0", "127.0.0.1.", "127.0.0.1.example.com", "127.example.com"),
    *(
        "127.0.0.256",
        "127.0.0.-1",
        "127.0.0.¹",
        "127.0.0.\u0661",
        "127..0.1",
        "127.0.0.0001",
        "128.0.0.1",
        "1.127.0.0.1",
    ),
    *("::", "1::", "::1:0", "1::1", "::10", "::11", "::ffff:1", "::ffff:128.0.0.1", "::127.0.0.1", "0:0:1", ":1", "1"),
    *("2001:db8::1", "::1%eth0", "[::1]", "0:0:0:0:0:0:1:1", "xn--127", "unknown", "_127.0.0.1"),
]


@pytest.mark.parametrize("address", HERE)
def test_addresses_of_this_computer(address: str) -> None:
    """Loopback addresses of IPv4, of IPv6 however they are written, and of IPv4 inside of IPv6."""
    assert is_loopback(address)
    assert is_this_computer(address)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_what_only_looks_like_it(address: str) -> None:
    """A name that begins as a loopback address does may be anybody's."""
    assert not is_loopback(address)
    assert is_this_computer(address) == (address == "localhost")


def test_localhost_is_a_host_and_no_address() -> None:
    """A client's address is never a name; a host in the configuration may be, in any case of letters."""
    assert is_this_computer("LocalHost")
    assert not is_this_computer("localhost.example.com")


@given(
    st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).flatmap(lambda one: st.sampled_from([str(one), one.exploded]))
)
def test_agrees_with_the_standard_library(address: str) -> None:
    """Where the standard library knows the address; IPv4 inside of IPv6 it has known since 3.13 only."""
    assert is_loopback(address) == ip_address(address).is_loopback or address.startswith("::ffff:")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("ldap://host", ("ldap://host", "host", 389, "/")),
        (" LDAPS://host:1636/ ", ("ldaps://host:1636", "host", 1636, "/")),
        ("ldap://[2001:db8::1]", ("ldap://[2001:db8::1]", "2001:db8::1", 389, "/")),
        ("ldap://[::1]:65535/a?b", ("ldap://[::1]:65535", "::1", 65535, "/a?b")),
        ("ldap://host?a=b/c", ("ldap://host", "host", 389, "/?a=b/c")),
    ],
)
def test_a_url_is_taken_apart(url: str, parts: tuple[object, ...]) -> None:
    """As RFC 3986 does; messages do not show the path, which may hold a key."""
    found = Url("f(): url", url, {"ldap": 389, "ldaps": 636}, "ldap://host")
    assert (found.name, found.host, found.port, found.path) == parts


@pytest.mark.parametrize(
    ("url", "said"),
    [
        *(
            (url, "must be a URL such as")
            for url in (None, 5, "", "host", "x://host", "ldap://", "ldap:///a", "ldap://:5")
        ),
        *((url, "must be a URL such as") for url in ("ldap://a b", "ldap://a\nb", "ldap://a/#b", "ldap://a\0")),
        *((url, "must not hold a user or a password") for url in ("ldap://me@host", "ldap://me:s3cret@host:1")),
        *(
            (url, "in brackets")
            for url in ("ldap://::1", "ldap://2001:db8::1", "ldap://[::1", "ldap://[::1]x", "ldap://[a]")
        ),
        *((f"ldap://host:{port}", "number from 1 to 65535") for port in ("", "0", "65536", "x", "-1", "9" * 5000, "²")),
    ],
)
def test_a_url_that_cannot_be_used(url: object, said: str) -> None:
    """The error names the option and what is wrong, and never shows the URL."""
    with pytest.raises(ConfigError, match=rf"f\(\): url .*{said}") as caught:
        Url("f(): url", url, {"ldap": 389}, "ldap://ldap.example.com")
    assert "s3cret" not in str(caught.value)


def test_one_rule_for_all_functions_with_a_url() -> None:
    """What is wrong with one URL is wrong for each of them, in the same words."""
    calls: dict[str, Callable[[Any], object]] = {
        "ldap": lambda url: ldap(url, base=""),
        "ldaps": lambda url: ldap_bind(url, dn="{user}"),
        "https": http_basic,
    }
    for url in ("SCHEMEx://host", "SCHEME://host:0", "SCHEME://::1", "SCHEME://me@host", "", None):
        said = set()
        for scheme, call in calls.items():
            with pytest.raises(ConfigError) as caught:
                call(url and url.replace("SCHEME", scheme))
            said.add(str(caught.value).partition(": ")[2].partition(" such as")[0].replace(scheme, ""))
        assert len(said) == 1, said


@pytest.mark.parametrize("port", [True, False, 0, -1, 65536, 1.0, "993", None])
def test_what_is_no_port(port: Any) -> None:
    """A port is a number from 1 to 65535, and True is not a port."""
    assert not is_port(port)
    if port is not None:
        with pytest.raises(ConfigError, match=r"imap\(\): port must be a number"):
            imap("host", port)


@pytest.mark.parametrize("host", ["127.example.com", "127.0.0.1.example.com", "localhost.example.com"])
def test_a_database_elsewhere_is_never_local(host: str) -> None:
    """For MySQL and PostgreSQL, TLS may be left out on this computer alone."""
    assert not is_local(host)
    assert all(map(is_local, ("LOCALHOST", "127.0.0.2", "/run/mysqld/mysqld.sock")))
