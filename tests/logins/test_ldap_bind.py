"""The login ldap_bind against a real OpenLDAP."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ais import deadline
from ais.errors import ConfigError, SourceError, SourceUnavailable
from ais.logins import Login
from ais.logins.ldap_bind import ldap_bind
from logins.contract import ACCOUNTS, OTHER, PASSWORD, UNKNOWN, LoginContract
from logins.network import Talker, free_port, relay, silent
from sources.test_ldap import PEOPLE, person, unit
from support.openldap import ACCESS, BASE, READER, READER_PASSWORD, Slapd, slapd

DN = f"uid={{user}},{PEOPLE}"
AWKWARD = 'o\'neil, ad+min="x"; #1 \\<>*()'
READING: dict[str, Any] = {"base": PEOPLE, "bind_dn": READER, "bind_password": READER_PASSWORD}


def people() -> str:
    """The entries of `ACCOUNTS`, one with every character that a DN or a filter treats specially, and two alike."""
    text = unit("people")
    for user, password in ACCOUNTS.items():
        text += person(user, ("userPassword", hashed(password)))
    text += person(AWKWARD, ("userPassword", hashed(PASSWORD))) + person("locked", ("userPassword", "{unknown}x"))
    return text + person("twin1", ("mail", "twin@example.com")) + person("twin2", ("mail", "twin@example.com"))


def hashed(password: str) -> str:
    """A password as OpenLDAP stores it; as bare text one that begins like a scheme could not be."""
    return f"{{SSHA}}{base64.b64encode(hashlib.sha1(password.encode() + b'salt').digest() + b'salt').decode()}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Slapd]:
    """A directory with TLS."""
    with slapd(tmp_path_factory.mktemp("slapd"), people(), certificates=authority) as running:
        yield running


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A directory that takes no password without TLS."""
    folder = tmp_path_factory.mktemp("slapd")
    with slapd(folder, people(), before="security simple_bind=128") as running:
        yield running


class TestLdapBind(LoginContract):
    """The contract, with a DN that is made and with one that is searched."""

    @pytest.fixture(params=["dn", "search", "ldaps", "starttls"])
    def way(self, request: pytest.FixtureRequest, server: Slapd, authority: Path) -> Iterator[tuple[Login, Talker]]:
        """A login, and the relay that it goes through."""
        with relay(server.tls_port if request.param == "ldaps" else server.port) as middle:
            url, ca_file = f"ldap://localhost:{middle.port}", str(authority / "ca.pem")
            if request.param == "search":
                yield ldap_bind(url, **READING), middle
            elif request.param == "dn":
                yield ldap_bind(url, dn=DN), middle
            elif request.param == "starttls":
                yield ldap_bind(url, dn=DN, starttls=True, ca_file=ca_file), middle
            else:
                yield ldap_bind(f"ldaps://localhost:{middle.port}", dn=DN, ca_file=ca_file), middle

    @pytest.fixture
    def login(self, way: tuple[Login, Talker]) -> Login:
        """One that is asked through the relay."""
        return way[0]

    @pytest.fixture
    def asked(self, way: tuple[Login, Talker]) -> Callable[[], int]:
        """How many connections there were."""
        return lambda: len(way[1].received)

    @pytest.fixture
    def down(self) -> Login:
        """Nobody listens."""
        return ldap_bind(f"ldap://localhost:{free_port()}", dn=DN)

    @pytest.fixture(params=["ldap dn", "ldaps dn", "ldap search"])
    def hanging(self, request: pytest.FixtureRequest) -> Iterator[tuple[Login, str]]:
        """A port that says nothing."""
        scheme, _, how = request.param.partition(" ")
        given: dict[str, Any] = {"dn": DN} if how == "dn" else READING
        with silent() as port:
            yield ldap_bind(f"{scheme}://127.0.0.1:{port}", **given), f"127.0.0.1:{port}"

    @pytest.fixture
    def failing(self, strict: Slapd) -> Login:
        """A server that wants TLS first."""
        return ldap_bind(strict.url, dn=DN)

    # A directory compares names without regard to blanks around them.
    @pytest.mark.parametrize("user", [user for user in UNKNOWN if user != "anna "])
    def test_unknown_user_is_a_no(self, login: Login, user: str) -> None:
        """A user who is not there is False, whatever its name would do elsewhere."""
        super().test_unknown_user_is_a_no(login, user)


@pytest.mark.parametrize("given", [{"dn": DN}, READING])
def test_names_are_escaped(server: Slapd, given: dict[str, Any]) -> None:
    """A name with the characters of DNs and filters is that name and no other."""
    login = ldap_bind(server.url, **given)
    assert login.verify(AWKWARD, PASSWORD) is True
    assert login.verify(AWKWARD, OTHER) is False
    for name in ("*", "a*", "anna)(uid=*", f"anna,{PEOPLE}", "anna+sn=Doe", "\\61nna", "anna\\"):
        assert login.verify(name, PASSWORD) is False


def test_a_stored_value_that_no_password_matches_is_a_no(server: Slapd) -> None:
    """An entry that cannot log in is refused."""
    assert ldap_bind(server.url, dn=DN).verify("locked", PASSWORD) is False


def test_parts_of_names(server: Slapd) -> None:
    """{local} and {domain} are the parts of an address; a filter may use them, too."""
    assert ldap_bind(server.url, dn=f"uid={{local}},{PEOPLE}").verify("anna@example.com", PASSWORD) is True
    login = ldap_bind(server.url, **READING, filter="(&(uid={local})(objectClass=inetOrgPerson))")
    assert login.verify("anna@example.com", PASSWORD) is True
    assert login.verify("anna@example.com", OTHER) is False


def test_two_entries_for_one_user_are_an_error(server: Slapd) -> None:
    """Which of two entries is the user's cannot be told."""
    login = ldap_bind(server.url, **READING, filter="(mail={user})")
    with pytest.raises(SourceError, match="two entries"):
        login.verify("twin@example.com", PASSWORD)


def test_a_search_that_fails_is_an_error(server: Slapd, tmp_path: Path) -> None:
    """A wrong base, a wrong filter, or a wrong password of the reader is no answer about the user."""
    for changed, said in [
        ({"base": f"ou=nowhere,{BASE}"}, "base"),
        ({"filter": "(uid={user}"}, "filter"),
        ({"filter": "(&(uid={user})))"}, "filter"),
        ({"bind_password": "not the reader's"}, "bind_password"),
    ]:
        with pytest.raises((SourceError, ConfigError), match=said) as caught:
            ldap_bind(server.url, **{**READING, **changed}).verify("anna", PASSWORD)
        assert "not the reader's" not in str(caught.value)
        assert PASSWORD not in str(caught.value)


def test_names_that_are_no_dn_are_sent_as_they_are() -> None:
    """A pattern such as Active Directory takes is sent as it is, not escaped."""
    with silent() as port, relay(port) as middle:
        deadline.start(0.5)
        with pytest.raises(SourceUnavailable):
            ldap_bind(f"ldap://127.0.0.1:{middle.port}", dn="{user}@example.com").verify("o'neil.a", PASSWORD)
        assert b"o'neil.a@example.com" in middle.said


@pytest.mark.parametrize("starttls", [True, False])
def test_a_certificate_that_is_not_trusted_is_no_answer(
    server: Slapd, authority: Path, stranger: Path, starttls: bool
) -> None:
    """Another authority, or another name than the certificate's: no password is sent."""
    scheme = "ldap" if starttls else "ldaps"
    with relay(server.port if starttls else server.tls_port) as middle:
        for host, folder in (("localhost", stranger), ("127.0.0.1", authority)):
            url, ca_file = f"{scheme}://{host}:{middle.port}", str(folder / "ca.pem")
            with pytest.raises(SourceUnavailable, match="no TLS"):
                ldap_bind(url, dn=DN, starttls=starttls, ca_file=ca_file).verify("anna", PASSWORD)
        assert PASSWORD.encode() not in middle.said


def test_a_server_killed_in_the_middle_is_no_answer(server: Slapd) -> None:
    """A connection that ends before the answer is SourceUnavailable, while searching and while binding."""
    for given, stop in ((READING, lambda data: b"objectClass" not in data), ({"dn": DN}, lambda data: b"anna" in data)):
        with relay(server.port, stop=stop) as middle:
            login = ldap_bind(f"ldap://127.0.0.1:{middle.port}", **given)
            with pytest.raises(SourceUnavailable, match=str(middle.port)):
                login.verify("anna", PASSWORD)


def test_the_next_server_is_asked_when_one_cannot_answer(server: Slapd) -> None:
    """Servers are tried in order; one that hangs gets its part of the time only."""
    with silent() as port:
        login = ldap_bind([f"ldap://127.0.0.1:{free_port()}", f"ldap://127.0.0.1:{port}", server.url], dn=DN)
        deadline.start(3)
        began = time.monotonic()
        assert login.verify("anna", PASSWORD) is True
        assert time.monotonic() - began < 2.5


def test_nobody_reads_entries(tmp_path: Path) -> None:
    """With a DN that is made, a directory where nobody may read anything is enough."""
    access = ACCESS.replace(f'by dn.exact="{READER}" read ', "")
    with slapd(tmp_path, people(), access=access) as running:
        assert ldap_bind(running.url, dn=DN).verify("anna", PASSWORD) is True
        assert ldap_bind(running.url, dn=DN).verify("anna", OTHER) is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "either dn"),
        ({"dn": DN, "base": BASE}, "either dn"),
        ({"dn": ""}, "dn"),
        ({"dn": 5}, "dn"),
        ({"dn": PEOPLE}, "dn"),
        ({"dn": DN, "bind_dn": READER, "bind_password": "s3cret"}, "bind_dn"),
        ({"base": 5}, "base"),
        ({"base": BASE, "filter": "uid={user}"}, "filter"),
        ({"base": BASE, "filter": "(uid=anna)"}, "filter"),
        ({"base": BASE, "filter": None}, "filter"),
        ({"base": BASE, "bind_dn": READER}, "bind_password"),
        ({"base": BASE, "bind_password": "s3cret"}, "bind_dn"),
        ({"base": BASE, "bind_dn": READER, "bind_password": ""}, "bind_password"),
        ({"dn": DN, "url": "http://x"}, "url"),
        ({"dn": DN, "starttls": True}, "starttls"),
        ({"dn": DN, "ca_file": ""}, "ca_file"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], said: str) -> None:
    """What cannot work is an error when the configuration is read; its text shows no password."""
    with pytest.raises(ConfigError, match=rf"ldap_bind\(\): .*{said}") as caught:
        ldap_bind(**{"url": "ldaps://localhost", **arguments})
    assert "s3cret" not in str(caught.value)
