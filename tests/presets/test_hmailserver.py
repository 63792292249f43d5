"""The preset `hmailserver`, over the tables of hmailserver/source/DBScripts."""

from __future__ import annotations

import hashlib

import pytest

from ais import hmailserver
from ais.errors import UnreadableHash
from presets.formats import ARGON2ID, PASSWORD, hex_of
from presets.loading import Load, check_formats, check_logins, listed
from presets.scenario import ALIASES, DOMAINS, MAILBOXES, NOT_LISTED, domain_of, inserts, users

ENGINES = ["mysql", "postgresql", "sqlite"]
SCHEMA = """
CREATE TABLE hm_domains (domainid INTEGER NOT NULL PRIMARY KEY, domainname VARCHAR(80) NOT NULL UNIQUE,
  domainactive SMALLINT NOT NULL, domainpostmaster VARCHAR(80) NOT NULL DEFAULT '');
CREATE TABLE hm_accounts (accountid INTEGER NOT NULL PRIMARY KEY, accountdomainid INTEGER NOT NULL,
  accountaddress VARCHAR(255) NOT NULL UNIQUE, accountpassword VARCHAR(255) NOT NULL, accountactive SMALLINT NOT NULL,
  accountisad SMALLINT NOT NULL DEFAULT 0, accountpwencryption SMALLINT NOT NULL,
  accountpersonfirstname VARCHAR(60) NOT NULL DEFAULT '', accountpersonlastname VARCHAR(60) NOT NULL DEFAULT '');
CREATE TABLE hm_aliases (aliasid INTEGER, aliasdomainid INTEGER, aliasname VARCHAR(255) NOT NULL UNIQUE,
  aliasvalue VARCHAR(255) NOT NULL, aliasactive SMALLINT NOT NULL);
CREATE TABLE hm_domain_aliases (daid INTEGER, dadomainid INTEGER NOT NULL, daalias VARCHAR(255) NOT NULL);
"""


def sha256(password: bytes) -> str:
    """What hMailServer stores by default: six characters of salt, then the digest in hex."""
    return "1f3a5c" + hashlib.sha256(b"1f3a5c" + password).hexdigest()


STORED = sha256(PASSWORD.encode())
IDS = {domain: number for number, (domain, _) in enumerate(DOMAINS, 1)}
DOMAIN_ROWS = inserts(
    "hm_domains",
    "domainid, domainname, domainactive, domainpostmaster",
    [(IDS[name], name, int(active), "bob@a.example") for name, active in DOMAINS],
)
COLUMNS = (
    "accountid, accountdomainid, accountaddress, accountpassword, accountactive, accountpwencryption, accountisad, "
)
COLUMNS += "accountpersonfirstname, accountpersonlastname"


def account(
    number: int, address: str, stored: str, kind: int, *, name: str = "", on: bool = True, ad: bool = False
) -> tuple[object, ...]:
    """A row of hm_accounts."""
    return number, IDS[domain_of(address)], address, stored, int(on), kind, int(ad), *name.partition(" ")[::2]


ROWS = (
    DOMAIN_ROWS
    + inserts(
        "hm_accounts",
        COLUMNS,
        [account(number, address, STORED, 3, name=name, on=on) for number, (address, name, on) in enumerate(MAILBOXES)],
    )
    + inserts("hm_accounts", COLUMNS, [account(99, "zoe@a.example", "", 0, name="Zoë", ad=True)])
    # one target each
    + inserts(
        "hm_aliases",
        "aliasname, aliasvalue, aliasactive",
        [(address, targets[-1], int(on)) for address, targets, on in ALIASES if address != "info@a.example"]
        + [("info@a.example", "anna@a.example", 1), ("carol@a.example", "anna@a.example", 1)],
    )
    + inserts("hm_domain_aliases", "dadomainid, daalias", [(1, "b.example")])
)


def expected() -> list[dict[str, object]]:
    """The users to be listed."""
    found = users()
    bob = next(user for user in found if user["userName"] == "bob@a.example")
    bob["emailAddresses"] = ["bob@a.example"]
    zoe = ["zoe@a.example", "zoe@b.example"]
    return [*found, {"userName": "zoe@a.example", "fullName": "Zoë", "emailAddresses": zoe}]


class AllowsAll:
    """A login elsewhere."""

    def verify(self, user: str, password: str) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize("engine", ENGINES)
def test_list_and_logins(engine: str, load: Load) -> None:
    """Active accounts are listed with their aliases; those of Active Directory get in only by a login."""
    database = load(engine, SCHEMA + ROWS)
    source = hmailserver(database.driver, **database.connection)
    assert listed(source) == expected()
    check_logins(source, [str(user["userName"]) for user in users()], [*NOT_LISTED, "zoe@a.example"])
    assert (
        hmailserver(database.driver, login=AllowsAll(), **database.connection).authenticate("zoe@a.example", "x")
        is True
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_formats(engine: str, load: Load) -> None:
    """Every kind of accountpwencryption is read but Blowfish, which is an error that names it and no refusal."""
    kinds = [(PASSWORD, 0), (hex_of("md5"), 2), (STORED, 3), (sha256(PASSWORD.encode("cp1252")), 3), (ARGON2ID, 4)]
    values = [account(number, f"h{number}@a.example", *kind) for number, kind in enumerate(kinds)]
    values += [account(90, "blowfish@a.example", "c0ffee", 1), account(91, "empty@a.example", "", 0)]
    # clear text that looks like a hash of another password is still clear text
    values += [account(92, "odd@a.example", hex_of("md5", "other"), 0)]
    database = load(engine, SCHEMA + DOMAIN_ROWS + inserts("hm_accounts", COLUMNS, values))
    source = hmailserver(database.driver, **database.connection)
    check_formats(source, [stored for stored, _ in kinds])
    with pytest.raises(UnreadableHash, match="BLOWFISH"):
        source.authenticate("blowfish@a.example", PASSWORD)
    assert source.authenticate("empty@a.example", "x") is False
    assert source.authenticate("odd@a.example", hex_of("md5", "other")) is True
    assert source.authenticate("odd@a.example", "other") is False
