"""The source ldap against a private OpenLDAP server."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from ais import imap
from ais.errors import AISError, ConfigError, MissingPackage, SourceError
from ais.identity import as_directories
from ais.network.ldap.results import is_refusal
from ais.sources.ldap import LdapSource, ldap
from conftest import Ask
from sources.contract import INACTIVE, PASSWORD, USERS, SourceContract
from support.openldap import BASE, READER, READER_PASSWORD, Slapd, free_port, slapd

PEOPLE = f"ou=people,{BASE}"
ACTIVE = "(&(objectClass=inetOrgPerson)(!(accountStatus=disabled)))"
LISTED: list[dict[str, object]] = [{**user, "distinguishedName": f"uid={user['userName']},{PEOPLE}"} for user in USERS]
ODD_NAMES = [
    *("a*b", "(in) brackets", "back\\slash", "\\2a", "one, two", "a+b", 'the "one"', "#1", "a=b;c<d>", "nür-Ümläute"),
    *("日本", "anna/berta", "a%2a", "a&b|c!d"),
]


def line(name: str, value: str | bytes) -> str:
    """A line of LDIF (RFC 2849), whatever the value is."""
    raw = value.encode() if isinstance(value, str) else value
    return f"{name}:: {base64.b64encode(raw).decode()}\n"


def person(name: str, *further: tuple[str, str | bytes], under: str = PEOPLE, rdn: str | None = None) -> str:
    """An entry with `PASSWORD`; ``cn`` is the name unless it is among the further attributes."""
    hexed = "".join(f"\\{byte:02x}" for byte in name.encode())
    text = line("dn", f"{rdn or f'uid={hexed}'},{under}")
    text += "objectClass: inetOrgPerson\nobjectClass: mailAccount\n"
    given = {attribute for attribute, _ in further}
    values = [("uid", name), ("sn", "Doe"), *((("cn", name),) if "cn" not in given else ())]
    if "userPassword" not in given:
        values.append(("userPassword", PASSWORD))
    # slapadd keeps only the last of several groups of one attribute
    together = sorted([*values, *further], key=lambda pair: pair[0])
    return text + "".join(line(*pair) for pair in together) + "\n"


def unit(name: str, under: str = BASE) -> str:
    """An organizational unit."""
    return f"dn: ou={name},{under}\nobjectClass: organizationalUnit\nou: {name}\n\n"


def usual_people() -> str:
    """The users of the contract."""
    text = unit("people")
    for user in USERS:
        addresses = user["emailAddresses"]
        text += person(
            str(user["userName"]), ("cn", str(user["fullName"])), *[("mail", str(each)) for each in addresses]
        )
    return text + person(INACTIVE, ("accountStatus", "disabled"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A server with the users of the contract, and units for single tests."""
    more = "".join(map(unit, ("odd", "several", "twice", "nameless", "bytes", "proxy", "referring", "activedirectory")))
    more += unit("control") + unit("leftover") + unit("unseen") + person("boss\u00a0", under=f"ou=unseen,{BASE}")
    more += "".join(person(name, under=f"ou=odd,{BASE}") for name in ODD_NAMES)
    more += person("anna", ("uid", "a.meier"), ("uid", "ameier"), under=f"ou=several,{BASE}")
    more += unit("left") + unit("right")
    more += person("anna", under=f"ou=twice,{BASE}") + person("berta", under=f"ou=twice,{BASE}")
    more += person("ANNA", under=f"ou=twice,{BASE}", rdn="cn=ANNA")
    more += person("a\tb", under=f"ou=control,{BASE}") + person("anna", ("mail", "n/a"), under=f"ou=leftover,{BASE}")
    more += f"dn: cn=X,ou=nameless,{BASE}\nobjectClass: inetOrgPerson\ncn: X\nsn: X\n\n"
    more += person("anna", ("binaryAddress", b"Gr\xfc\xdfe@example.com"), under=f"ou=bytes,{BASE}")
    proxies = ("smtp:zweite@example.com", "SMTP:Erste@example.com", "X500:/o=Example/cn=anna", "sip:anna@example.com")
    more += person(
        "anna",
        ("mail", "erste@example.com"),
        *[("proxyAddresses", each) for each in proxies],
        under=f"ou=proxy,{BASE}",
    )
    for place, uri in (
        ("referring", "ldap://other.example.com/dc=child,dc=example,dc=com"),
        ("activedirectory", f"ldap://DomainDnsZones.example.com/DC=DomainDnsZones,{BASE}"),
    ):
        more += person("anna", under=f"ou={place},{BASE}")
        more += f"dn: ou=part,ou={place},{BASE}\nobjectClass: referral\nobjectClass: extensibleObject\n"
        more += f"ou: part\nref: {uri}\n\n"
    with slapd(tmp_path_factory.mktemp("slapd"), usual_people() + more) as running:
        yield running


def at(server: Slapd, unit: str = "people", **options: object) -> LdapSource:
    """The source for one unit of the server."""
    given = {"base": f"ou={unit},{BASE}", "bind_dn": READER, "bind_password": READER_PASSWORD, "filter": ACTIVE}
    return ldap(**{"url": server.url, **given, **options})  # type: ignore[arg-type]


class TestContract(SourceContract):
    """The contract of every source."""

    listed = LISTED

    @pytest.fixture
    def source(self, server: Slapd) -> LdapSource:
        return at(server)

    @pytest.fixture
    def broken(self) -> LdapSource:
        return ldap(f"ldap://127.0.0.1:{free_port()}", base=PEOPLE)


def test_listed_distinguished_names_are_those_of_the_server(server: Slapd) -> None:
    """distinguished_name gives the entry's DN, another attribute, or nothing."""
    assert {user.distinguished_name for user in at(server, distinguished_name=None).users()} == {""}
    assert {user.distinguished_name for user in at(server, distinguished_name="DN").users()} == {
        user["distinguishedName"] for user in LISTED
    }
    assert {user.distinguished_name for user in at(server, distinguished_name="sn").users()} == {"Doe"}


def test_every_name_is_found_as_it_is(server: Slapd) -> None:
    """A user name may hold any character that means something in a filter or in a DN."""
    source = at(server, "odd")
    assert sorted(user.user_name for user in source.users()) == sorted(ODD_NAMES)
    for name in ODD_NAMES:
        assert source.authenticate(name, PASSWORD) is True, name
        assert source.authenticate(name, "wrong") is False, name
        assert source.authenticate(name + "x", PASSWORD) is None, name


@pytest.mark.parametrize("user", ["*", "a*", "(uid=*)", "*)(uid=*", "nobody)(|(uid=*", "\\", "\\2a\\", "\udc80", "\0"])
def test_a_name_is_never_a_pattern(server: Slapd, user: str) -> None:
    """What would be a filter finds nobody."""
    assert at(server).authenticate(user, PASSWORD) is None


@pytest.mark.parametrize(
    "password",
    ["½ﬁ", "e\u0301", "\u00a0", "a\u00adb", "\x07", "العربية abc", "日本", " leading", "x" * 2000, "\u00b4", "\u200b"],
)
def test_a_password_goes_to_the_server_as_it_was_typed(server: Slapd, password: str) -> None:
    """No character of a password is refused or changed on the way."""
    name = f"p{password.encode().hex()[:30]}"
    server.change(person(name, ("userPassword", password), under=f"ou=left,{BASE}"))
    source = at(server, "left")
    assert source.authenticate(name, password) is True
    assert source.authenticate(name, password + "x") is False


def test_of_several_names_the_one_in_the_dn_counts(server: Slapd) -> None:
    """Values have no order, so the DN chooses; the other names are not listed and not let in."""
    source = at(server, "several")
    assert [user.user_name for user in source.users()] == ["anna"]
    assert source.authenticate("anna", PASSWORD) is True
    assert source.authenticate("a.meier", PASSWORD) is None


def test_names_that_cannot_be_chosen_are_an_error(server: Slapd) -> None:
    """Several values of another attribute than the DN's are not guessed among."""
    with pytest.raises(SourceError, match="several values of objectClass"):
        list(at(server, "several", user_name="objectClass").users())


def test_a_name_compares_as_directories_do(server: Slapd) -> None:
    """The server ignores case, and so does the check of what it found, unless another source may have the name."""
    source = at(server)
    assert source.authenticate("JOHN.DOE", PASSWORD) is True
    source.alone = False
    assert source.authenticate("JOHN.DOE", PASSWORD) is None
    assert source.authenticate("john.doe", PASSWORD) is True


def test_names_that_directories_take_for_one() -> None:
    """Case, width and runs of blanks do not count, accents do; what is too long for a name costs no time."""
    for one, other in (("Anna", "aNNA"), ("\uff21nna", "anna"), ("a  b", "a b"), ("STRASSE", "straße")):
        assert as_directories(one) == as_directories(other)
    assert as_directories("élan") != as_directories("elan")
    began = time.monotonic()
    long = "a" + "\u0301" * 161000 + "\u0327" * 161000
    assert as_directories(long) == long
    assert time.monotonic() - began < 2


def test_two_entries_with_one_name_are_an_error(server: Slapd) -> None:
    """Who would get the other's mail is neither listed nor asked for a password."""
    source = at(server, "twice")
    with pytest.raises(SourceError, match=r"(?i)the same uid: .*anna.*, .*anna"):
        list(source.users())
    with pytest.raises(SourceError, match=r"(?i)the same uid"):
        source.authenticate("anna", PASSWORD)
    assert source.authenticate("berta", PASSWORD) is True


def test_an_entry_without_a_name_is_an_error(server: Slapd) -> None:
    """It is not left out of the list."""
    with pytest.raises(SourceError, match=f"cn=X,ou=nameless,{BASE} has no uid"):
        list(at(server, "nameless").users())


def test_a_name_that_no_user_can_have_is_an_error(server: Slapd) -> None:
    """The error names the entry; only ASCII white space around a name does not count."""
    with pytest.raises(SourceError, match=rf"ou=control,{BASE}: userName cannot be used: it holds a control character"):
        list(at(server, "control").users())
    with pytest.raises(SourceError, match=rf"ou=unseen,{BASE}: userName cannot be used: it begins or ends"):
        list(at(server, "unseen").users())


def test_what_is_no_address_is_counted(server: Slapd) -> None:
    """It is given to nobody, and the directory hears of it."""
    (user,) = at(server, "leftover").users()
    assert (user.email_addresses, user.left_over) == ([], ["n/a"])


def test_a_value_that_is_not_utf8_is_an_error(server: Slapd) -> None:
    """It is neither left out nor guessed."""
    with pytest.raises(SourceError, match="a value of binaryAddress is not UTF-8"):
        list(at(server, "bytes", email_addresses="binaryAddress").users())


def test_proxy_addresses(server: Slapd) -> None:
    """The primary address comes first, other kinds of addresses are left out, none is given twice."""
    (user,) = at(server, "proxy", email_addresses=("mail", "proxyAddresses")).users()
    assert user.email_addresses == ["Erste@example.com", "zweite@example.com"]


def test_a_referral_is_an_error(server: Slapd) -> None:
    """A part that another server holds would be missing, so the list is an error."""
    with pytest.raises(SourceError, match=r"refers to ldap://other\.example\.com/"):
        list(at(server, "referring").users())
    with pytest.raises(SourceError, match="refers to"):
        at(server, "referring").authenticate("berta", PASSWORD)


def test_active_directorys_parts_without_users_are_no_error(server: Slapd) -> None:
    """A search from a domain's root always refers to them."""
    source = at(server, "activedirectory")
    assert [user.user_name for user in source.users()] == ["anna"]
    assert source.authenticate("berta", PASSWORD) is None


def test_an_empty_password_never_reaches_the_server(server: Slapd) -> None:
    """The server would take it for an anonymous bind and say yes."""
    seen = len(server.log())
    assert at(server).authenticate("john.doe", "") is False
    binds = [line for line in server.log()[seen:].splitlines() if "BIND dn=" in line and "method=" in line]
    assert len(binds) == 1
    assert READER in binds[0]


def test_the_decoy_is_a_bind_as_nobody(server: Slapd) -> None:
    """It costs a connection and a bind, as a wrong password does, and no user a failed login."""
    source = at(server)
    assert source.authenticate("nobody", "wrong") is None
    seen = len(server.log())
    assert source.decoy("wrong") is True
    until = time.monotonic() + 10
    while "err=49" not in (told := server.log()[seen:]) and time.monotonic() < until:
        time.sleep(0.05)  # the server answers before it writes
    (bind,) = [line for line in told.splitlines() if "BIND dn=" in line]
    assert f",{PEOPLE}" in bind
    assert not any(str(user["userName"]) in bind for user in USERS)
    assert "err=49" in told


def test_the_decoy_keeps_quiet_without_a_server() -> None:
    """It is no reason to refuse an answer that is known."""
    assert ldap(f"ldap://127.0.0.1:{free_port()}", base=PEOPLE).decoy("wrong") is False


def test_another_login_is_asked_for_listed_users_only(server: Slapd) -> None:
    """With login, the directory says who there is, and the login whose password is right."""

    class Login:
        asked: ClassVar[list[tuple[str, str]]] = []

        def verify(self, user: str, password: str) -> bool:
            self.asked.append((user, password))
            return password == "elsewhere"

    source = at(server, login=Login())
    assert source.authenticate("john.doe", "elsewhere") is True
    assert source.authenticate("john.doe", PASSWORD) is False
    assert source.authenticate("nobody", "elsewhere") is None
    assert source.authenticate(INACTIVE, "elsewhere") is None
    assert Login.asked == [("john.doe", "elsewhere"), ("john.doe", PASSWORD)]


def test_a_user_without_password_gets_a_no(server: Slapd) -> None:
    """An entry that cannot bind is a no, not a fault."""
    server.change(
        f"dn: uid=bare,ou=right,{BASE}\nobjectClass: inetOrgPerson\nobjectClass: mailAccount\nuid: bare\ncn: B\nsn: B\n"
    )
    assert at(server, "right").authenticate("bare", PASSWORD) is False


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bind_password": "wrong"}, r"refuses the login .*invalidCredentials .*check bind_dn"),
        ({"bind_dn": f"cn=nobody,{BASE}"}, r"refuses the login"),
        ({"base": f"ou=nothing,{BASE}"}, r"check base"),
        ({"base": "no dn"}, r"not a DN|check base"),
        ({"filter": "(uid)"}, r"RFC 4515"),
        ({"filter": "(&(uid)(uid=b))"}, r"RFC 4515"),
        ({"bind_dn": None, "bind_password": None}, r"."),
    ],
)
def test_mistakes_in_the_configuration_are_told(server: Slapd, options: dict[str, Any], said: str) -> None:
    """Whatever the server refuses is an error that says what to look at, for both questions, and holds no secret."""
    source = at(server, **options)
    for question in (lambda: list(source.users()), lambda: source.authenticate("john.doe", "tried")):
        with pytest.raises(AISError, match=said) as raised:
            question()
        assert not any(secret in str(raised.value) for secret in ("wrong", READER_PASSWORD, "tried"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "ldap.example.com"}, "url"),
        ({"url": "http://ldap.example.com"}, "url"),
        ({"url": "ldaps://"}, "url"),
        ({"url": "ldap://host/dc=example"}, "url"),
        ({"url": "ldap://user@host"}, "url"),
        ({"url": "ldap://host:ldap"}, "url has a port"),
        ({"url": "ldap://host:0"}, "url has a port"),
        ({"url": "ldap://::1"}, "brackets"),
        ({"url": []}, "url"),
        ({"url": ["ldap://host", 5]}, "url"),
        ({"base": None}, "base"),
        ({"filter": "objectClass=person"}, "filter"),
        ({"filter": "(objectClass=person"}, "filter"),
        ({"filter": "(uid=a)(uid=b)"}, "filter"),
        ({"filter": "(uid=a))((uid=b)"}, "filter"),
        ({"filter": ""}, "filter"),
        ({"bind_dn": "cn=x"}, "bind_dn and bind_password"),
        ({"bind_password": "secret"}, "bind_dn and bind_password"),
        ({"bind_dn": "cn=x", "bind_password": ""}, "bind_dn and bind_password"),
        ({"bind_dn": "cn=x", "bind_password": b"secret"}, "bind_dn and bind_password"),
        ({"user_name": "uid)(a=b"}, "user_name"),
        ({"user_name": None}, "user_name"),
        ({"email_addresses": ("mail", "")}, "email_addresses"),
        ({"email_addresses": None}, "email_addresses"),
        ({"full_name": 5}, "full_name"),
        ({"full_name": ""}, "full_name"),
        ({"starttls": "yes"}, "starttls"),
        ({"url": "ldaps://host", "starttls": True}, "starttls"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"ca_file": ""}, "ca_file"),
        ({"ca_file": "a\0b"}, "ca_file"),
        ({"login": imap}, "login"),
        ({"login": 5}, "login"),
        ({"login": "imap"}, "login"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options: dict[str, object], said: str) -> None:
    """A wrong option is an error when the configuration is read, which says which option, never its secret."""
    with pytest.raises(ConfigError, match=said) as raised:
        ldap(**{"url": "ldap://host", "base": BASE, **options})  # type: ignore[arg-type]
    assert str(raised.value).startswith("ldap()")
    assert "secret" not in str(raised.value)


def test_a_missing_package_is_named(server: Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ldap3 the error says what to install."""
    monkeypatch.setitem(sys.modules, "ldap3", None)
    with pytest.raises(MissingPackage, match="pip install ldap3"):
        list(at(server).users())


def test_the_answer_is_mailstores(server: Slapd) -> None:
    """A user in the answer has all four fields of the directory's entry."""
    users = {user.user_name: json.loads(user.to_json()) for user in at(server).users()}
    assert users["john.doe"] == {
        "userName": "john.doe",
        "distinguishedName": f"uid=john.doe,{PEOPLE}",
        "fullName": "John Doe",
        "emailAddresses": ["john.doe@example.com", "j.doe@example.com"],
    }


AD = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {}, v3839\0"


@pytest.mark.parametrize(
    ("description", "message", "no"),
    [
        ("invalidCredentials", "", True),
        *[("invalidCredentials", AD.format(data), True) for data in ("52e", "525", "530", "531", "532", "533")],
        *[("invalidCredentials", AD.format(data), True) for data in ("701", "773", "775")],
        ("invalidCredentials", AD.format("80090346"), False),  # channel binding is required
        ("invalidCredentials", AD.format("51f"), False),  # no domain controller can be reached
        ("unwillingToPerform", "Account inactivated. Contact system administrator.", True),
        ("unwillingToPerform", "Entry permanently locked.\n", True),
        ("unwillingToPerform", "Too many failed logins.\n", True),
        ("unwillingToPerform", "Account (Kerberos principal) is expired", True),
        ("unwillingToPerform", "binds disallowed", False),
        ("constraintViolation", "Exceed password retry limit. Please try later.", True),
        ("inappropriateAuthentication", "", True),
        ("noSuchObject", "", True),
        *[(name, "", False) for name in ("busy", "unavailable", "confidentialityRequired", "strongerAuthRequired")],
        *[(name, "", False) for name in ("referral", "operationsError", "other", "protocolError", "invalidDNSyntax")],
    ],
)
def test_no_is_not_cannot_tell(description: str, message: str, no: bool) -> None:
    """Results of a bind that refuse this user or this password are a no, all others are no answer."""
    assert is_refusal({"description": description, "message": message}) is no


def test_a_relative_ca_file_starts_at_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ca_file is a path like all others in the configuration; one that cannot be read is named."""
    monkeypatch.setattr("ais.options.folder", str(tmp_path))
    source = ldap("ldaps://127.0.0.1", base=BASE, ca_file="no.pem")
    monkeypatch.setattr("ais.options.folder", None)
    with pytest.raises(ConfigError, match=f"ca_file {tmp_path}/no.pem cannot be used: No such file"):
        list(source.users())


def test_through_the_entry(server: Slapd, write_config: Callable[..., None], run: Ask) -> None:
    """A CGI request, with the interpreter that hosts have, finds ldap3 and gives both answers."""
    login = f"bind_dn={READER!r}, bind_password={READER_PASSWORD!r}"
    write_config(
        f"from ais import ldap\nsources = [ldap({server.url!r}, base={PEOPLE!r}, filter={ACTIVE!r}, {login})]\n"
    )
    answer = run()
    assert answer.status == 200, answer.log
    assert [user["userName"] for user in json.loads(answer.body)] == ["john.doe", "jane.doe"]
    answer = run(urlencode({"cmd": "auth", "user": "jane.doe", "pass": PASSWORD}))
    assert (answer.status, answer.body) == (200, b'{"succeeded": true}')
    for user in ("jane.doe", "nobody"):
        answer = run(urlencode({"cmd": "auth", "user": user, "pass": "wrong"}))
        assert (answer.status, answer.body) == (200, b'{"succeeded": false}')


def test_a_dead_server_through_the_entry(write_config: Callable[..., None], run: Ask) -> None:
    """It is a 503, and the log says which server and why, on one line and without a secret."""
    url = f"ldap://127.0.0.1:{free_port()}"
    login = f"bind_dn={READER!r}, bind_password={READER_PASSWORD!r}"
    write_config(f"from ais import ldap\nsources = [ldap({url!r}, base={PEOPLE!r}, {login})]\n")
    for body in (b"cmd=list", urlencode({"cmd": "auth", "user": "jane.doe", "pass": "tried"})):
        answer = run(body)
        assert answer.status == 503
        assert f"source 1 (ldap): {url}: Connection refused" in answer.log
        assert answer.log.count("\n") == 1
        assert "tried" not in answer.log


ALIAS = "(&(objectClass=mailAccount)(accountStatus=alias))"
ALIASES = [
    ("info", ["info@example.com", "office@example.com"], ["anna@example.com", "berta@example.com"]),
    ("sales", ["sales@example.com"], ["info@example.com"]),
    ("away", ["away@example.com"], ["x@else.example"]),
    ("loop", ["loop@example.com"], ["loop@example.com"]),
    ("steal", ["anna@example.com"], ["mallory@example.com"]),
    ("empty", ["empty@example.com"], []),
    (
        "exchange",
        ["SMTP:first@example.com", "smtp:second@example.com", "sip:info@example.com"],
        ["smtp:mallory@example.com"],
    ),
    ("named", ["named@example.com"], ["Mallory <mallory@example.com>", "anna@example.com (old)"]),
    ("link", ["link@example.com"], ["mailto:mallory@example.com", "X500:/o=Firm/cn=anna"]),
]


def alias(name: str, addresses: list[str], targets: list[str]) -> str:
    """An entry that is an alias; the attributes are those that the test's schema has."""
    values = [("accountStatus", "alias"), *(("mail", each) for each in addresses)]
    return person(name, *values, *(("proxyAddresses", each) for each in targets), under=f"ou=aliased,{BASE}")


@pytest.fixture(scope="module")
def aliased(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A server with three users and entries that are aliases."""
    text = unit("aliased") + "".join(alias(*each) for each in ALIASES)
    for name in ("anna", "berta", "mallory"):
        text += person(name, ("mail", f"{name}@example.com"), under=f"ou=aliased,{BASE}")
    with slapd(tmp_path_factory.mktemp("aliased"), text) as running:
        yield running


def test_entries_that_are_aliases(aliased: Slapd) -> None:
    """They give their addresses to whom they lead to, also by way of others; nobody gets somebody's own address.

    Addresses and targets may be written as in proxyAddresses, or with a name to show.
    """
    source = at(
        aliased,
        "aliased",
        filter="(&(objectClass=inetOrgPerson)(!(accountStatus=alias)))",
        alias_filter=ALIAS,
        alias_address="mail",
        alias_targets=["proxyAddresses"],
        page_size=2,
    )
    more = ["info@example.com", "office@example.com", "sales@example.com"]
    assert {user.user_name: user.email_addresses for user in source.users()} == {
        "anna": ["anna@example.com", *more],
        "berta": ["berta@example.com", *more],
        "mallory": ["mallory@example.com", *(f"{name}@example.com" for name in ("first", "link", "named", "second"))],
    }
    assert source.authenticate("anna", PASSWORD) is True
    assert source.authenticate("info", PASSWORD) is None


@pytest.mark.parametrize("option", ["alias_filter", "alias_address", "alias_targets"])
@pytest.mark.parametrize("value", ["(", "a b", 3, [""]])
def test_options_of_aliases_that_are_none(option: str, value: Any) -> None:
    """What is no filter and no attribute is refused when the configuration is read."""
    with pytest.raises(ConfigError, match=rf"ldap\(\): {option} must be"):
        ldap("ldap://127.0.0.1", base=PEOPLE, **{option: value})
