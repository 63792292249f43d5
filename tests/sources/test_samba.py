"""The source ldap with the configurations of docs/ldap.md against a real Active Directory, Samba's."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ais import deadline
from ais.config import load
from ais.errors import AISError
from ais.sources.ldap import LdapSource
from sources.test_ldap_page import EXAMPLES
from support.samba import BASE, READER_PASSWORD, Domain, samba, user
from support.site import temporary_folder

PASSWORD = "Grüße & 100 % 'q'"
MANY = 1100  # a server gives 1,000 at a time
STAFF = f"OU=Staff,{BASE}"
GROUPS = f"OU=groups,{BASE}"
CONTROL = {"normal": 512, "disabled": 514, "no password": 544, "never expires": 66048}
PAST = "131277024000000000"  # a day in 2017, as Windows counts


def people() -> str:
    """Users of all kinds in the folder Staff."""
    text = f"dn: {STAFF}\nobjectClass: organizationalUnit\n\ndn: {GROUPS}\nobjectClass: organizationalUnit\n\n"
    text += user("mailstore", READER_PASSWORD, userPrincipalName="mailstore@example.com")
    text += user(
        "anna",
        PASSWORD,
        STAFF,
        cn="Anna Müller",
        displayName="Anna Müller 猫",
        mail="anna@example.com",
        userPrincipalName="anna@example.com",
        proxyAddresses=["smtp:a.mueller@example.com", "SMTP:anna@example.com", "X500:/o=Example/cn=anna"],
    )
    for name, control, more in (
        ("disabled", CONTROL["disabled"], {}),
        ("expired", CONTROL["normal"], {"accountExpires": PAST}),
        ("must.change", CONTROL["normal"], {"pwdLastSet": "0"}),
        ("locked", CONTROL["normal"], {}),
        ("jürgen", CONTROL["never expires"], {"mail": "jürgen@example.com"}),
    ):
        text += user(name, PASSWORD, STAFF, control, userPrincipalName=f"{name}@example.com", **more)
    return text


def groups() -> str:
    """A group in a group, and who is in the inner one."""
    inner, outer = f"CN=Inner,{GROUPS}", f"CN=Archive,{GROUPS}"
    text = f"dn: {inner}\nobjectClass: group\nsAMAccountName: Inner\nmember:: "
    text += base64.b64encode(f"CN=Anna Müller,{STAFF}".encode()).decode()
    return text + f"\n\ndn: {outer}\nobjectClass: group\nsAMAccountName: Archive\nmember: {inner}\n\n"


@pytest.fixture(scope="module")
def domain() -> Iterator[Domain]:
    """A domain with people in Staff, one of them locked by wrong passwords, and 1,100 others."""
    many = "".join(user(f"user{number}", None, control=CONTROL["no password"]) for number in range(MANY))
    with temporary_folder() as folder, samba(folder, many) as running:
        running.tool("domain", "passwordsettings", "set", "--account-lockout-threshold=3", "--complexity=off")
        running.change(people() + groups())
        yield running


@pytest.fixture(autouse=True)
def _time_enough() -> None:
    """A request begins with each test, and not before the domain is made."""
    deadline.start(60)


def configured(domain: Domain, folder: Path, text: str) -> LdapSource:
    """The source of a configuration of the page, with this domain's address, password and authority."""
    text = re.sub(r"ldaps://dc\d\.example\.com", domain.url, text)
    trusted = str(domain.folder / "ca.pem")
    text = text.replace('bind_password="…"', f"bind_password={READER_PASSWORD!r}, ca_file={trusted!r}")
    (folder / "config.py").write_text(f"callers = []\n{text}", encoding="utf-8")
    (source,) = load(str(folder / "config.py")).sources
    assert isinstance(source, LdapSource)
    return source


BY_ACCOUNT, BY_PRINCIPAL = (text for heading, text in EXAMPLES if heading == "Active Directory")


@pytest.fixture
def source(domain: Domain, tmp_path: Path) -> LdapSource:
    """The page's first configuration."""
    return configured(domain, tmp_path, BY_ACCOUNT)


def test_lists_more_than_a_page(source: LdapSource) -> None:
    """More than 1,000 users are listed, with names and addresses; disabled ones are not."""
    users = {user.user_name: user for user in source.users()}
    assert len([name for name in users if name.startswith("user")]) == MANY
    anna = users["anna"]
    assert anna.full_name == "Anna Müller 猫"
    assert anna.distinguished_name == f"CN=Anna Müller,{STAFF}"
    assert anna.email_addresses == ["anna@example.com", "a.mueller@example.com"]
    assert {"jürgen", "expired", "must.change", "locked"} <= users.keys()
    assert not {"disabled", "krbtgt", "Guest"} & users.keys()


def test_logins(source: LdapSource) -> None:
    """The right password is a yes, another one a no, by the name as it is listed in any case of letters."""
    for name in ("anna", "jürgen"):
        assert source.authenticate(name, PASSWORD) is True, name
        assert source.authenticate(name, "wrong") is False, name
    assert source.authenticate("user77", "") is False
    for name in ("nobody", "disabled", "EXAMPLE\\anna", "anna@example.com", "CN=Anna Müller", "*", "anna*"):
        assert source.authenticate(name, PASSWORD) is None, name
    assert source.decoy("wrong") is True


@pytest.mark.parametrize("name", ["expired", "must.change"])
def test_who_may_not_log_in_now(source: LdapSource, name: str) -> None:
    """An account that has expired, or whose password must be changed first, gets a no with the right password."""
    assert source.authenticate(name, PASSWORD) is False


def test_locked_account(source: LdapSource) -> None:
    """After too many wrong passwords the right one is a no."""
    for _ in range(4):
        assert source.authenticate("locked", "wrong") is False
    assert source.authenticate("locked", PASSWORD) is False


def test_user_principal_names(domain: Domain, tmp_path: Path) -> None:
    """The page's second configuration lists by userPrincipalName, below its folder."""
    source = configured(domain, tmp_path, BY_PRINCIPAL)
    names = {user.user_name for user in source.users()}
    assert names == {f"{name}@example.com" for name in ("anna", "expired", "must.change", "locked", "jürgen")}
    assert source.authenticate("anna@example.com", PASSWORD) is True
    assert source.authenticate("anna", PASSWORD) is None


def test_nested_group(domain: Domain, tmp_path: Path) -> None:
    """The page's condition for one group counts the members of groups in it."""
    condition = "(memberOf:1.2.840.113556.1.4.1941:=cn=Archive,ou=groups,dc=example,dc=com)"
    text = BY_ACCOUNT.replace("(objectClass=user)", f"(objectClass=user){condition}")
    assert condition in (Path(__file__).parents[2] / "docs" / "ldap.md").read_text(encoding="utf-8")
    source = configured(domain, tmp_path, text)
    assert [user.user_name for user in source.users()] == ["anna"]
    assert source.authenticate("anna", PASSWORD) is True
    assert source.authenticate("jürgen", PASSWORD) is None


def test_wrong_reader(domain: Domain, tmp_path: Path) -> None:
    """A wrong bind_password is an error of list and logins that says what to check, and not the password."""
    source = configured(domain, tmp_path, BY_ACCOUNT.replace('"mailstore@example.com"', '"nobody@example.com"'))
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna", PASSWORD)):
        with pytest.raises(AISError, match="check bind_dn and bind_password") as raised:
            question()
        assert READER_PASSWORD not in str(raised.value)
