"""docs/command.md: the examples are complete and do what the page says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ais.config import load
from ais.errors import SourceUnavailable
from ais.sources.command import CommandSource
from sources.contract import PASSWORD
from support.needs import need_program
from support.site import ROOT

PAGE = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
LISTED = [
    {"userName": "anna", "fullName": "Anna Müller", "emailAddresses": ["anna@example.com"]},
    {"userName": "bernd", "fullName": "Bernd", "emailAddresses": ["bernd@example.com"]},
]


def make_shell_data(folder: Path) -> None:
    """The text files of the example in the shell."""
    htpasswd = need_program("htpasswd", "apache2-utils")
    (folder / "staff.txt").write_text("anna:Anna Müller:anna@example.com\nbernd:Bernd:bernd@example.com\n")
    (folder / "staff.htpasswd").touch()
    for user in ("anna", "bernd"):
        run = [htpasswd, "-B", "-i", "staff.htpasswd", user]
        subprocess.run(run, cwd=folder, input=PASSWORD.encode(), check=True, capture_output=True)


def make_php_data(folder: Path) -> None:
    """The JSON file of the example in PHP."""
    php = need_program("php", "php-cli")
    done = subprocess.run(
        [php, "-r", "echo password_hash(stream_get_contents(STDIN), PASSWORD_DEFAULT);"],
        input=PASSWORD.encode(),
        check=True,
        capture_output=True,
    )
    users = {
        str(user["userName"]): {
            "name": user["fullName"],
            "addresses": user["emailAddresses"],
            "password": done.stdout.decode(),
        }
        for user in LISTED
    }
    (folder / "users.json").write_text(json.dumps(users))


def make_python_data(folder: Path) -> None:
    """The database of the example in Python."""
    database = sqlite3.connect(folder / "users.sqlite")
    database.execute("CREATE TABLE users (login, name, mail, salt, hash)")
    for user in LISTED:
        salt = os.urandom(16)
        stored = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=16384, r=8, p=1)
        values = (user["userName"], user["fullName"], user["emailAddresses"][0], salt, stored)
        database.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", values)
    database.commit()
    database.close()


def example(language: str, folder: Path) -> CommandSource:
    """The source of an example; its programs are written as the page has them."""
    text = PAGE.split(f"## Example in {language}\n")[1].split("\n## ")[0]
    for name, program in re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        (folder / name).write_text(program, encoding="utf-8")
        (folder / name).chmod(0o755)
    config = re.search(r"^```python\n(from ais .*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert config
    (folder / "config.py").write_text(f"callers = []\n{config[1]}", encoding="utf-8")
    (source,) = load(str(folder / "config.py")).sources
    assert isinstance(source, CommandSource)
    return source


@pytest.mark.parametrize(
    ("language", "make", "data"),
    [
        ("the shell", make_shell_data, ["staff.txt", "staff.htpasswd"]),
        ("PHP", make_php_data, ["users.json"]),
        ("Python", make_python_data, ["users.sqlite"]),
    ],
)
def test_examples(tmp_path: Path, language: str, make: Callable[[Path], None], data: list[str]) -> None:
    """Each lists the users, tells right, wrong and unknown apart, and gives no answer when its data is gone."""
    make(tmp_path)
    source = example(language, tmp_path)
    assert [json.loads(user.to_json()) for user in source.users()] == LISTED
    assert source.authenticate("anna", PASSWORD) is True
    assert source.authenticate("bernd", PASSWORD) is True
    for wrong in ("wrong", PASSWORD + " ", PASSWORD[:-1], PASSWORD + "\n", "*", "%s"):
        assert source.authenticate("anna", wrong) is False, wrong
    for unknown in ("nobody", "-D", "--help", "' OR 1 --", "$(id)", "anna:x", "a*", "anna "):
        assert source.authenticate(unknown, PASSWORD) is None, unknown
    for name in data:
        (tmp_path / name).unlink()
    with pytest.raises(SourceUnavailable):
        list(source.users())
    with pytest.raises(SourceUnavailable):
        source.authenticate("anna", PASSWORD)


def test_the_first_configuration_is_that_of_the_shell_example() -> None:
    """The page begins with a configuration that is completed below."""
    configs = re.findall(r"^```python\n(from ais .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert configs[0] == configs[1]
    assert len(configs) == 4


def test_what_the_page_says_in_numbers() -> None:
    """Environment, limits and times on the page are those of the code."""
    from ais.network import programs

    for name, value in programs.ENVIRONMENT.items():
        assert f"`{name}={value}`" in PAGE
    assert f"more than {programs.MOST_OUTPUT // 1024 // 1024} MiB" in PAGE
    assert re.search(rf"SIGTERM, {programs.END_SECONDS}\s+seconds later by SIGKILL", PAGE)
