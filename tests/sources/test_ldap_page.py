"""docs/ldap.md: each configuration in it finds the users of its kind of directory."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ais.config import load
from ais.errors import SourceUnavailable
from ais.sources.ldap import LdapSource, ldap
from sources.contract import PASSWORD
from sources.test_ldap import line, unit
from support.openldap import BASE, READER, READER_PASSWORD, Slapd, certificates, slapd
from support.site import ROOT

PAGE = (ROOT / "docs" / "ldap.md").read_text(encoding="utf-8")

# The attributes of the other servers, as those publish them; Active Directory's objectCategory as the short form that
# it is searched by.
SCHEMA = """
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.1.10 NAME 'kopanoAccount' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.1.11 NAME 'kopanoSharedStoreOnly' EQUALITY integerMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.1.12 NAME 'kopanoAliases' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.99999.1.13 NAME 'mailAlternateAddress' EQUALITY caseIgnoreMatch
    SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.99999.2.10 NAME 'user' SUP top AUXILIARY
    MAY ( sAMAccountName $ userPrincipalName $ userAccountControl $ objectCategory ) )
objectclass ( 1.3.6.1.4.1.99999.2.11 NAME 'kopano-user' SUP top AUXILIARY
    MAY ( kopanoAccount $ kopanoSharedStoreOnly $ kopanoAliases ) )
objectclass ( 1.3.6.1.4.1.99999.2.12 NAME 'others' SUP top AUXILIARY MAY ( nsAccountLock $ mailAlternateAddress ) )
"""
for number, name in enumerate(
    (
        *("mailPrimaryAddress", "mailAlternativeAddress", "shadowExpire", "krb5KDCFlags", "sambaAcctFlags"),
        *("zimbraMailDeliveryAddress", "zimbraMailAlias", "zimbraAccountStatus", "zimbraIsSystemAccount"),
        *("zimbraIsSystemResource", "zimbraIsExternalVirtualAccount"),
        *("domainStatus", "enabledService", "shadowAddress", "mailForwardingAddress"),
    )
):
    SCHEMA += f"""attributetype ( 1.3.6.1.4.1.99999.1.{20 + number} NAME '{name}' EQUALITY caseIgnoreMatch
    SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n"""
for number, (name, values) in enumerate(
    (
        ("posixAccount", "mailPrimaryAddress $ mailAlternativeAddress $ krb5KDCFlags $ sambaAcctFlags"),
        ("shadowAccount", "shadowExpire"),
        ("zimbraAccount", "zimbraMailDeliveryAddress $ zimbraMailAlias $ zimbraAccountStatus $ zimbraIsSystemAccount"),
        ("zimbraCalendarResource", "zimbraIsSystemResource $ zimbraIsExternalVirtualAccount"),
        ("mailUser", "accountStatus $ domainStatus $ enabledService $ shadowAddress"),
        ("mailAlias", "accountStatus $ enabledService $ shadowAddress $ mailForwardingAddress"),
    )
):
    SCHEMA += f"objectclass ( 1.3.6.1.4.1.99999.2.{20 + number} NAME '{name}' SUP top AUXILIARY MAY ( {values} ) )\n"

STAFF = f"ou=Staff,{BASE}"
PEOPLE = f"ou=people,{BASE}"
ACCOUNTS = f"cn=users,cn=accounts,{BASE}"
UCS = f"ou=ucs,{BASE}"
ZIMBRA = f"ou=zimbra,{BASE}"
IREDMAIL = f"o=domains,{BASE}"
SYNOLOGY = f"cn=users,{BASE}"


def entry(dn: str, kind: str, **values: str | list[str]) -> str:
    """An entry with `PASSWORD`."""
    rdn, _, value = dn.partition(",")[0].partition("=")
    given: dict[str, str | list[str]] = {"cn": "Anna Müller", "sn": "M", rdn: value, "userPassword": PASSWORD, **values}
    text = line("dn", dn) + "".join(f"objectClass: {name}\n" for name in ["inetOrgPerson", *kind.split()])
    for name, content in given.items():
        text += "".join(line(name, each) for each in ([content] if isinstance(content, str) else content))
    return text + "\n"


def container(dn: str) -> str:
    """An entry that holds others."""
    return f"dn: {dn}\nobjectClass: applicationProcess\ncn: {dn[3:].partition(',')[0]}\n\n"


def directory() -> str:
    """Users of all kinds, active ones named anna, others that must not be found."""
    text = unit("Staff") + unit("people") + container(f"cn=accounts,{BASE}") + container(ACCOUNTS)
    active = {"objectCategory": "person", "userAccountControl": "512", "displayName": "Anna Müller"}
    disabled = {**active, "userAccountControl": "514"}
    text += entry(
        f"cn=Anna Müller,{STAFF}",
        "user mailAccount",
        **active,
        sAMAccountName="anna",
        userPrincipalName="anna@example.com",
        mail="anna@example.com",
        proxyAddresses=["smtp:a.mueller@example.com", "SMTP:anna@example.com", "X500:/o=Example/cn=anna"],
    )
    text += entry(f"cn=Gone,{STAFF}", "user", **disabled, sAMAccountName="gone", userPrincipalName="gone@example.com")
    text += entry(f"cn=Contact,{STAFF}", "", mail="contact@example.net")
    mail = "anna@example.com"
    text += entry(
        f"uid=anna,{PEOPLE}",
        "kopano-user others",
        mail=mail,
        kopanoAccount="1",
        kopanoAliases="a.mueller@example.com",
        mailAlternateAddress="a.mueller@example.com",
    )
    text += more_kinds(mail)
    text += entry(f"uid=anna,{ACCOUNTS}", "others", mail=[mail, "a.mueller@example.com"])
    return text + entry(f"uid=gone,{ACCOUNTS}", "others", nsAccountLock="TRUE")


def more_kinds(mail: str) -> str:
    """Those of UCS, Zimbra, iRedMail and Synology."""
    text = (
        unit("ucs")
        + unit("zimbra")
        + container(SYNOLOGY)
        + f"dn: {IREDMAIL}\nobjectClass: organization\no: domains\n\n"
    )
    second = "a.mueller@example.com"
    ucs = {"displayName": "Anna Müller", "mailPrimaryAddress": mail, "mailAlternativeAddress": second}
    off = {
        "mailPrimaryAddress": "gone@example.com",
        "shadowExpire": "1",
        "krb5KDCFlags": "254",
        "sambaAcctFlags": "[UD]",
    }
    text += entry(f"uid=anna,{UCS}", "posixAccount shadowAccount", **ucs)
    text += entry(f"uid=gone,{UCS}", "posixAccount shadowAccount", **off)
    text += entry(f"uid=host$,{UCS}", "posixAccount shadowAccount", mailPrimaryAddress="host@example.com")
    zimbra = {"displayName": "Anna Müller", "zimbraMailDeliveryAddress": mail, "zimbraMailAlias": second}
    text += entry(f"uid=anna,{ZIMBRA}", "zimbraAccount", **zimbra, zimbraAccountStatus="active")
    gone = {"zimbraMailDeliveryAddress": "gone@example.com"}
    text += entry(f"uid=gone,{ZIMBRA}", "zimbraAccount", **gone, zimbraAccountStatus="closed")
    room = {"zimbraMailDeliveryAddress": "room@example.com", "zimbraAccountStatus": "active"}
    text += entry(f"uid=room,{ZIMBRA}", "zimbraAccount zimbraCalendarResource", **room)
    text += entry(f"uid=spam,{ZIMBRA}", "zimbraAccount", **room, zimbraIsSystemAccount="TRUE")
    iredmail: dict[str, str | list[str]] = {"accountStatus": "active", "enabledService": ["mail", "imap"]}
    text += entry(f"uid=anna,{IREDMAIL}", "mailUser", mail=mail, **iredmail)
    text += entry(f"uid=gone,{IREDMAIL}", "mailUser", mail="gone@example.com", **iredmail, domainStatus="disabled")
    alias: dict[str, str | list[str]] = {"mail": second, "mailForwardingAddress": [mail, "x@else.example"]}
    text += entry(f"uid=alias,{IREDMAIL}", "mailAlias", **alias, **iredmail)
    return text + entry(f"uid=anna,{SYNOLOGY}", "others", mail=[mail, second])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the certificates."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Slapd]:
    """A server that holds a directory of each kind."""
    with slapd(tmp_path_factory.mktemp("slapd"), directory(), certificates=authority, schema=SCHEMA) as running:
        yield running


def examples() -> list[tuple[str, str]]:
    """Heading and text of each configuration on the page."""
    found = []
    heading = ""
    for match in re.finditer(r"^## ([^\n]*)$|^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        if match[1]:
            heading = match[1]
        else:
            found.append((heading, match[2]))
    return found


EXAMPLES = examples()


def configured(text: str, server: Slapd, folder: Path, ca_file: Path) -> LdapSource:
    """The source of an example, with the test's server, login and authority in place of the page's."""
    text = re.sub(r"ldaps://[\w.:]+", server.tls_url, text).replace('base=""', f'base="{ZIMBRA}"')
    text = re.sub(r"ldap://[\w.]+", f"ldap://localhost:{server.port}", text)
    text = re.sub(r'bind_dn="[^"]+"', f'bind_dn="{READER}"', text)
    text = text.replace('bind_password="…"', f"bind_password={READER_PASSWORD!r}")
    text = text.replace("/etc/ipa/ca.crt", str(ca_file))
    (folder / "company-ca.pem").write_bytes(ca_file.read_bytes())
    (folder / "config.py").write_text(f"callers = []\n{text}", encoding="utf-8")
    (source,) = load(str(folder / "config.py")).sources
    assert isinstance(source, LdapSource)
    return source


@pytest.mark.parametrize(("heading", "text"), EXAMPLES, ids=[heading for heading, _ in EXAMPLES])
def test_examples_find_who_is_active(
    server: Slapd, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heading: str, text: str
) -> None:
    """Each lists the one active user with all addresses, and lets in nobody else, over verified TLS."""
    ca_file = authority / "ca.pem"
    if "ca_file" not in text:
        with pytest.raises(SourceUnavailable, match="no TLS"):
            list(configured(text, server, tmp_path, ca_file).users())
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))  # OpenSSL's way to name the system's authorities
    source = configured(text, server, tmp_path, ca_file)
    (user,) = source.users()
    address = any(name in text for name in ("userPrincipalName", 'user_name="mail"', "zimbra"))
    assert user.user_name == ("anna@example.com" if address else "anna")
    assert user.full_name == "Anna Müller"
    assert user.email_addresses == ["anna@example.com", "a.mueller@example.com"][: 1 if heading == "TLS" else 2]
    assert source.authenticate(user.user_name, PASSWORD) is True
    assert source.authenticate(user.user_name, "wrong") is False
    for name in ("gone", "gone@example.com", "Contact"):
        assert source.authenticate(name, PASSWORD) is None


def test_every_kind_of_directory_has_an_example() -> None:
    """The page's examples are all here."""
    assert [heading for heading, _ in EXAMPLES] == [
        *("OpenLDAP", "Active Directory", "Active Directory", "FreeIPA and 389 Directory Server", "Kopano"),
        *("UCS", "Zimbra and Carbonio", "iRedMail with OpenLDAP", "Synology LDAP Server", "TLS"),
    ]


def test_the_table_of_options_is_complete() -> None:
    """Each option of the function is on the page, with its default."""
    rows = dict(re.findall(r"^\| (`.*?) \|(.*?)\|", PAGE, re.MULTILINE))
    told = {name: value.strip(" `") for names, value in rows.items() for name in re.findall(r"`(\w+)`", names)}
    defaults = {
        name: "" if parameter.default is parameter.empty else written(parameter.default)
        for name, parameter in inspect.signature(ldap).parameters.items()
    }
    assert told == defaults


def written(value: object) -> str:
    """A default as the page writes it."""
    return f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')


def test_the_access_rules_are_enough(tmp_path: Path) -> None:
    """With the rules on the page and no others, users are listed and log in."""
    rules = re.search(r"^```\n(access .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert rules
    with slapd(tmp_path, directory(), access=rules[1], schema=SCHEMA) as running:
        login: dict[str, Any] = {"bind_dn": READER, "bind_password": READER_PASSWORD}
        source = ldap(running.url, base=PEOPLE, **login)
        assert [user.user_name for user in source.users()] == ["anna"]
        assert source.authenticate("anna", PASSWORD) is True
        hashes = ldap(running.url, base=PEOPLE, full_name="userPassword", **login)
        assert [user.full_name for user in hashes.users()] == [""]
