"""docs/users.md: each configuration on it lists what the page says, and lets in who is listed."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ais.checking.examine import examine
from ais.config import load
from conftest import Ask
from support.site import ROOT

WriteConfig = Callable[..., None]
Listed = Callable[[str], list[dict[str, Any]]]
PAGE = (ROOT / "docs" / "users.md").read_text(encoding="utf-8")
CALLERS = "from ais import caller\ncallers = [caller('mailstore@example.test', '{PLAIN}Passw0rd')]\n"
YES, NO = b'{"succeeded": true}', b'{"succeeded": false}'
STORED = "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="


def under(heading: str, language: str) -> list[str]:
    """The blocks of one language below a heading; an empty one is the beginning of the page."""
    part = PAGE.partition(f"\n## {heading}\n")[2] if heading else PAGE
    return re.findall(rf"^```{language}\n(.*?)^```", part.partition("\n## ")[0], re.MULTILINE | re.DOTALL)


@pytest.fixture
def listed(ask: Ask, folder: Path, write_config: WriteConfig) -> Listed:
    """Take a configuration of the page, over its file of users; give the list, all of whose users can log in."""
    (text,) = under("", "text")
    (folder / "users.csv").write_text(text, encoding="utf-8")

    def listing(text: str) -> list[dict[str, Any]]:
        write_config(whole=CALLERS + text)
        users = json.loads(ask().body)
        for user in users:
            for password, answer in (("myPassword", YES), ("other", NO)):
                assert ask(f"cmd=auth&user={quote(user['userName'])}&pass={password}").body == answer, user
        return list(users)

    return listing


def lines(users: list[dict[str, Any]]) -> str:
    """A list as the page shows it."""
    return "".join(f"{user['userName']}: {' '.join(user.get('emailAddresses', []))}\n" for user in users)


@pytest.mark.parametrize("heading", ["Lower case", "Local part as name", "Service accounts"])
def test_examples_over_the_file(listed: Listed, heading: str) -> None:
    """The list is the one below the configuration."""
    (config,), (wanted,) = under(heading, "python"), under(heading, "text")
    assert lines(listed(config)) == wanted


def test_a_domain_is_added(listed: Listed, folder: Path) -> None:
    """The example over a file of its own lists what the page says."""
    config, _ = under("E-mail address as name", "python")
    users, wanted = under("E-mail address as name", "text")
    (folder / "users.csv").write_text(users, encoding="utf-8")
    assert lines(listed(config)) == wanted


@pytest.mark.parametrize(
    ("heading", "names"), [("E-mail address as name", ["anna@example.com"]), ("One group only", ["anna"])]
)
def test_queries(listed: Listed, ask: Ask, folder: Path, heading: str, names: list[str]) -> None:
    """Both queries know the same users: who is not listed gets a no with the right password."""
    database = sqlite3.connect(folder / "users.sqlite")
    database.executescript(f"""
        DROP TABLE users;
        CREATE TABLE users (login, name, mail, password, active);
        CREATE TABLE members (login, team);
        INSERT INTO users VALUES ('anna', 'Anna', 'anna@example.com', '{STORED}', 1);
        INSERT INTO members VALUES ('anna', 'archive'), ('bert', 'sales'), ('carl', 'archive');
        INSERT INTO users VALUES ('carl', 'Carl', 'carl@example.com', '{STORED}', 0);""")
    if heading == "One group only":
        database.execute("INSERT INTO users VALUES ('bert', 'Bert', 'bert@example.com', ?, 1)", [STORED])
        database.commit()
    database.close()
    found = listed(under(heading, "python")[-1])
    assert [(user["userName"], user["emailAddresses"]) for user in found] == [(names[0], ["anna@example.com"])]
    for name in {"anna", "bert", "carl", "anna@example.com", "carl@example.com"} - set(names):
        assert ask(f"cmd=auth&user={quote(name)}&pass=myPassword").body == NO, name


def test_distinguished_names(listed: Listed) -> None:
    """The pattern takes the new name."""
    (config,) = under("Distinguished names", "python")
    assert [user["distinguishedName"] for user in listed(config)] == [
        "uid=Anna,dc=example,dc=com",
        "uid=svc-backup,dc=example,dc=com",
    ]


def test_what_holds_for_all(listed: Listed, ask: Ask, folder: Path) -> None:
    """A login by the old name is a no, in any case of letters a yes with lowercase, and two alike are an error."""
    (config,) = under("Local part as name", "python")
    listed(config)
    for name, answer in (("ANNA", YES), ("anna@example.com", NO), ("Anna@example.com", NO)):
        assert ask(f"cmd=auth&user={quote(name)}&pass=myPassword").body == answer, name
    with (folder / "users.csv").open("a", encoding="utf-8") as file:
        file.write(f"anna,Other,o@example.com,{STORED}\n")
    assert (ask().status, ask("cmd=auth&user=anna&pass=myPassword").status) == (500, 500)


def test_an_entry_that_fits_nobody(listed: Listed, folder: Path) -> None:
    """Check names it."""
    (config,) = under("Service accounts", "python")
    listed(config.replace('"svc-*"', '"svc-*", "robot-*"'))
    findings = examine(load(str(folder / "config.py"))).findings
    assert [finding for finding in findings if "robot-*" in finding.text]
