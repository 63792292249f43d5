"""CSV files as other programs export them, read by the table in docs/csv.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from ais import csv
from sources.text.faults import Listed, Login, listed
from support.site import ROOT

PAGE = (ROOT / "docs" / "csv.md").read_text(encoding="utf-8")
OPTIONS = dict(re.findall(r"^\| ([^|]+) \| .* \| (`\{.*) \|$", PAGE, re.MULTILINE))

ANNA: Listed = {"anna@example.com": ("Anna Müller", ["anna@example.com"])}
WITH_ALIAS: Listed = {"anna@example.com": ("Anna Müller", ["anna@example.com", "a.mueller@example.com"])}

EXPORTS: dict[str, tuple[bytes, Listed]] = {
    "Google Workspace": (
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
            "Org Unit Path [Required],Status [READ ONLY],Last Sign In [READ ONLY],Recovery Email\r\n"
            "Anna,Müller,anna@example.com,****,/,Active,2026/11/01 08:00:00,private@home.example\r\n"
            "Eve,Old,eve@example.com,****,/,Suspended,Never logged in,\r\n"
            "Ann,Chive,ann@example.com,****,/,Archived,Never logged in,\r\n"
        ).encode(),
        ANNA,
    ),
    "Google Workspace by `gam print users`": (
        (
            "primaryEmail,name.givenName,name.familyName,name.fullName,suspended,aliases\n"
            "anna@example.com,Anna,Müller,Anna Müller,False,a.mueller@example.com\n"
            "eve@example.com,Eve,Old,Eve Old,True,\n"
        ).encode(),
        WITH_ALIAS,
    ),
    "Microsoft 365": (
        (
            "Block credential,City,Display name,First name,Last name,Licenses,Proxy addresses,User principal name\r\n"
            "False,,Anna Müller,Anna,Müller,Microsoft 365 Business,"
            "SMTP:anna@example.com+smtp:a.mueller@example.com,anna@example.com\r\n"
            "True,,Eve Old,Eve,Old,Unlicensed,SMTP:eve@example.com,eve@example.com\r\n"
        ).encode("utf-8-sig"),
        WITH_ALIAS,
    ),
    "Exchange": (
        (
            '#TYPE Selected.Microsoft.Exchange.Data.Mailbox\r\n"UserPrincipalName","DisplayName","EmailAddresses"\r\n'
            '"anna@example.com","Anna Müller","SMTP:anna@example.com;smtp:a.mueller@example.com"\r\n'
        ).encode("utf-16"),
        WITH_ALIAS,
    ),
    "Outlook": (
        (
            "First Name,Middle Name,Last Name,Title,E-mail Address,E-mail 2 Address,E-mail 3 Address,Notes,,\r\n"
            "Anna,,Müller,,anna@example.com,a.mueller@example.com,,,,\r\n"
        ).encode(),
        WITH_ALIAS,
    ),
    "Okta": (
        (
            '"login","firstName","lastName","email","secondEmail","mobilePhone","status"\n'
            '"anna@example.com","Anna","Müller","anna@example.com","private@home.example","","ACTIVE"\n'
            '"eve@example.com","Eve","Old","eve@example.com","","","DEPROVISIONED"\n'
        ).encode(),
        ANNA,
    ),
}
"""A product's name in the table: a file such as it makes, and who is in it."""


def test_every_row_of_the_table_has_an_export() -> None:
    """No row of the page goes without a test."""
    assert OPTIONS.keys() == EXPORTS.keys()


@pytest.mark.parametrize("product", EXPORTS)
def test_export(product: str, tmp_path: Path) -> None:
    """The options of the page read the product's file: active people, all their addresses and no private one."""
    content, wanted = EXPORTS[product]
    (tmp_path / "users.csv").write_bytes(content)
    columns, *others = re.findall("`(.*?)`", OPTIONS[product])
    options: dict[str, Any] = {"columns": ast.literal_eval(columns)}
    for other in others:
        name, _, value = other.partition("=")
        options[name] = ast.literal_eval(value)
    source = csv(str(tmp_path / "users.csv"), login=Login(), **options)
    assert listed(source) == wanted
    assert source.authenticate("anna@example.com", "open") is True
    assert source.authenticate("eve@example.com", "open") in (False, None)
