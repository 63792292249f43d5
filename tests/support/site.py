"""A sample site: a copy of what an administrator puts at /opt/mailstore-ais, with four users in SQLite."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import python_multipart

from support.interpreters import for_others, start_by_ours

ROOT = Path(__file__).resolve().parents[2]

CALLER = "mailstore@example.test"
CALLER_PASSWORD = "Passw0rd"


class SampleUser(NamedTuple):
    """One row of the sample database; addresses are separated by blanks, as an administrator might store them."""

    login: str
    name: str | None
    dn: str | None
    mail: str | None
    password: str


# The first two are those of MailStore's description. The third has every character that forms and headers treat
# specially, the fourth nothing but a login.
USERS = (
    SampleUser(
        "john.doe",
        "john.doe",
        "UID=john.doe,DC=example,DC=com",
        "john.doe@example.com john@example.com",
        "Passw0rd",
    ),
    SampleUser(
        "jane.doe", "jane.doe", "UID=jane.doe,DC=example,DC=com", "jane.doe@example.com jane@example.com", "S3cret"
    ),
    SampleUser(
        "jürgen+ö & söhne",
        "Jürgen Größe",
        None,
        "juergen@example.com",
        "+%2B & a=b:c \"q\" 'q' ;ä ß€ 100% ",
    ),
    SampleUser("nomail", None, None, None, "no-mail"),
)

CONFIG = """\
from ais import caller, sql

callers = [caller({caller!r}, {secret!r})]

sources = [
    sql(
        "sqlite",
        database="users.sqlite",
        list_query="SELECT login AS userName, dn AS distinguishedName, name AS fullName, mail AS emailAddresses"
        " FROM users ORDER BY rowid",
        auth_query="SELECT password FROM users WHERE login = :user",
    ),
]
"""


def salted(scheme: str, password: str) -> str:
    """``password`` as an LDAP digest: ``{SSHA512}`` or ``{SSHA256}`` and base64 of digest and salt.

    Args:
        scheme: ``SSHA512`` or ``SSHA256``.
        password: hashed as UTF-8.
    """
    salt = os.urandom(8)
    digest = hashlib.new(scheme[1:].replace("SHA", "sha"), password.encode() + salt).digest()
    return f"{{{scheme}}}{base64.b64encode(digest + salt).decode()}"


def sample_config(caller: str = CALLER, password: str = CALLER_PASSWORD) -> str:
    """The text of a config.py for the sample database, with one caller."""
    return CONFIG.format(caller=caller, secret=salted("SSHA256", password))


def write_database(path: Path, users: tuple[SampleUser, ...] = USERS) -> None:
    """Write a SQLite database with one table ``users``; passwords are stored as ``{SSHA512}``."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE users (login TEXT, name TEXT, dn TEXT, mail TEXT, password TEXT)")
        connection.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
            [user._replace(password=salted("SSHA512", user.password)) for user in users],
        )
    connection.close()


def add_tenant(site: Path, name: str) -> Path:
    """Give a site a tenant: ``name`` with the password pass-NAME may ask, and has one user, user-NAME with secret-NAME.

    Returns:
        its configuration.
    """
    tenants = site / "conf" / "tenants"
    tenants.mkdir(exist_ok=True)
    tenants.chmod(0o755)
    write_database(tenants / f"{name}.sqlite", (SampleUser(f"user-{name}", None, None, None, f"secret-{name}"),))
    path = tenants / f"{name}.py"
    path.write_text(sample_config(name, f"pass-{name}").replace("users.sqlite", f"{name}.sqlite"), encoding="utf-8")
    for file in (path, tenants / f"{name}.sqlite"):
        file.chmod(0o644)
    return path


def make_site(folder: Path, config_text: str | None = None) -> Path:
    """Copy the checkout's program into ``folder`` and give it a configuration and users.

    Args:
        folder: takes the place of /opt/mailstore-ais; made if it is missing.
        config_text: what conf/config.py holds; the sample configuration if None.

    Returns:
        ``folder``. Everybody may read it, since the web server may run as another user.
    """
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in ("cgi-bin", "lib"):
        shutil.copytree(ROOT / part, folder / part, ignore=unwanted, dirs_exist_ok=True)
    vendored = folder / "lib" / "vendor" / "python_multipart"
    if not vendored.exists():
        shutil.copytree(Path(python_multipart.__file__).parent, vendored, ignore=unwanted)
    conf = folder / "conf"
    conf.mkdir(exist_ok=True)
    for example in (ROOT / "conf").glob("*.example.py"):
        shutil.copy(example, conf)
    (conf / "config.py").write_text(sample_config() if config_text is None else config_text, encoding="utf-8")
    write_database(conf / "users.sqlite")
    for entry in (folder / "cgi-bin" / "mailstore-integration").glob("index.*"):
        start_by_ours(entry)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
    # The web server's user cannot write bytecode here; without it each request would compile the library anew.
    subprocess.run([for_others(), "-m", "compileall", "-q", str(folder / "lib")], check=True)
    return folder


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder that every user can enter, removed in the end. (pytest's own are closed to other users.)"""
    folder = Path(tempfile.mkdtemp(prefix="ais-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
