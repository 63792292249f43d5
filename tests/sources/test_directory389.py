"""The source ldap against a real 389 Directory Server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ais import deadline
from ais.errors import SourceError
from ais.sources.ldap import LdapSource, ldap
from sources.test_ldap import line
from sources.test_ldap_page import EXAMPLES
from support.directory389 import BASE, Directory389, directory389
from support.site import temporary_folder

USERS = f"cn=users,cn=accounts,{BASE}"
ALIASES = f"ou=aliases,{BASE}"
READER, POOR_READER = (f"uid={name},{BASE}" for name in ("mailstore", "poor"))
READER_PASSWORD = "Reader: %s & 7"
PASSWORD = "Gruesse & 100 % 'quoted'"  # its plug-in "7-bit check" wants ASCII in uid, mail and userPassword
MANY = 2100  # the server gives 2,000 by default


def person(name: str, under: str = USERS, password: str | None = PASSWORD, **more: str) -> str:
    """A user in LDIF."""
    values = {"uid": name, "cn": f"{name} Müller", "sn": "Müller", **more}
    if password is not None:
        values["userPassword"] = password
    text = line("dn", f"uid={name},{under}") + "objectClass: inetOrgPerson\nobjectClass: mailRecipient\n"
    return text + "".join(line(*pair) for pair in values.items()) + "\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Directory389]:
    """A server with 2,100 users and some others, two readers, and aliases."""
    with temporary_folder() as home, directory389(home) as running:
        text = "".join(
            f"dn: {dn}\nobjectClass: {kind}\n\n"
            for dn, kind in (
                (f"cn=accounts,{BASE}", "nsContainer"),
                (USERS, "nsContainer"),
                (ALIASES, "organizationalUnit"),
            )
        )
        text += person("mailstore", BASE, READER_PASSWORD) + person("poor", BASE, READER_PASSWORD)
        text += person("anna", mail="anna@example.com") + person("zoe", mail="zoe@example.com")
        text += person("locked", mail="locked@example.com")
        text += person("info", ALIASES, None, mail="info@example.com", mailForwardingAddress="anna@example.com")
        running.change(text + "".join(person(f"user{number}", password=None) for number in range(MANY)))
        access = '(targetattr != "userPassword") (version 3.0; acl "readers"; allow (read, search, compare)'
        running.change(
            f"dn: {BASE}\nchangetype: modify\nadd: aci\n"
            f'aci: {access} (userdn = "ldap:///{READER} || ldap:///{POOR_READER}");)\n\n'
            f"dn: uid=locked,{USERS}\nchangetype: modify\nadd: nsAccountLock\nnsAccountLock: TRUE\n\n"
            f"dn: {READER}\nchangetype: modify\nadd: nsSizeLimit\nnsSizeLimit: -1\n-\n"
            "add: nsPagedSizeLimit\nnsPagedSizeLimit: -1\n\n"
        )
        yield running


@pytest.fixture(autouse=True)
def _time_enough() -> None:
    """A request begins with each test, and not before the directory is made."""
    deadline.start(60)


def at(server: Directory389, **options: Any) -> LdapSource:
    """The source with the filter of the page."""
    (text,) = (text for heading, text in EXAMPLES if heading == "FreeIPA and 389 Directory Server")
    filter = "(&(objectClass=inetOrgPerson)(!(nsAccountLock=TRUE)))"
    assert f'filter="{filter}"' in text
    assert f'base="{USERS}"' in text
    given = {"base": USERS, "bind_dn": READER, "bind_password": READER_PASSWORD, "filter": filter, **options}
    return ldap(server.url, **given)


def test_list(server: Directory389) -> None:
    """A reader whose limits are raised gets everybody but who is locked."""
    users = {user.user_name: user for user in at(server).users()}
    assert len(users) == MANY + 2
    assert users["anna"].full_name == "anna Müller"
    assert users["zoe"].email_addresses == ["zoe@example.com"]
    assert "locked" not in users


def test_size_limit(server: Directory389) -> None:
    """The usual limit is one of each page; without pages it is an error that says so, and never a part of the list."""
    assert len(list(at(server, bind_dn=POOR_READER).users())) == MANY + 2
    source = at(server, bind_dn=POOR_READER, page_size=None)
    with pytest.raises(SourceError, match=r"raise the limit for bind_dn"):
        list(source.users())
    assert source.authenticate("anna", PASSWORD) is True


def test_logins(server: Directory389) -> None:
    """The right password is a yes, another one a no, an unknown name unknown; a locked account gets a no."""
    source = at(server)
    for name in ("anna", "zoe"):
        assert source.authenticate(name, PASSWORD) is True
        assert source.authenticate(name, "wrong") is False
    for name in ("nobody", "locked", "*", "anna)(uid=*", "user1,cn=x"):
        assert source.authenticate(name, PASSWORD) is None, name
    assert source.authenticate("user1", PASSWORD) is False  # it has no password
    assert at(server, filter="(objectClass=inetOrgPerson)").authenticate("locked", PASSWORD) is False
    assert source.decoy("wrong") is True


def test_aliases(server: Directory389) -> None:
    """Entries that are aliases give their addresses to whom they lead to."""
    source = at(
        server,
        base=BASE,
        filter="(&(objectClass=inetOrgPerson)(uid=anna))",
        alias_filter="(&(objectClass=mailRecipient)(mailForwardingAddress=*))",
    )
    assert [(user.user_name, user.email_addresses) for user in source.users()] == [
        ("anna", ["anna@example.com", "info@example.com"])
    ]
