"""Many users in each kind of source, and for each the bare loop "fetch row, encode JSON" with the same driver."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import samplesite

# In place of this folder, whose persistent.py is not the tests' persistent.
sys.path[:1] = [str(samplesite.ROOT / "lib"), str(samplesite.ROOT / "tests")]

from support.databases import DatabaseServer, mariadb, postgresql
from support.openldap import BASE, READER, READER_PASSWORD, Slapd, slapd

LISTED = "SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1"
STORED = "SELECT password FROM users WHERE login = :user AND active = 1"
CONFIG = """from ais import {kind}, caller, log

callers = [caller({caller!r}, {secret!r})]
timeout = 3600
log(level="error")
sources = [{kind}({arguments})]
"""
# What a program without any of our checks does; the rest of each loop binds `rows` to rows of three texts.
WRITE = """
out = sys.stdout.buffer
for login, name, mail in rows:
    out.write(json.dumps({"userName": login, "fullName": name, "emailAddresses": mail.split(", ")}).encode() + b", ")
"""
PACKAGES = f"import json, sys\nsys.path.append({sysconfig.get_paths()['purelib']!r})\n"
QUERY = "SELECT login, name, mail FROM users WHERE active = 1"


class Population:
    """Users in one source.

    Attributes:
        kind: the function of the configuration.
        arguments: its arguments.
        bare: program of the bare loop; empty where there is none.
    """

    def __init__(self, kind: str, arguments: str, bare: str = "") -> None:
        self.kind = kind
        self.arguments = arguments
        self.bare = bare

    def config(self, folder: Path) -> Path:
        """Write config.py into a folder."""
        text = CONFIG.format(
            kind=self.kind, arguments=self.arguments, caller=samplesite.CALLER, secret=samplesite.stored_secret()
        )
        return samplesite.write_config(folder, text)


Make = Callable[[Path, int], Population]
"""Puts so many users into a source; the folder is for its files."""


def sqlite(folder: Path, users: int) -> Population:
    """A table with an index on the login."""
    samplesite.make(folder, users)
    path = str(folder / "users.sqlite")
    arguments = f"'sqlite', database={path!r}, list_query={LISTED!r}, auth_query={STORED!r}"
    bare = f"import json, sqlite3, sys\nrows = sqlite3.connect({path!r}).execute({QUERY!r})" + WRITE
    return Population("sql", arguments, bare)


def csv(folder: Path, users: int, active: bool = False) -> Population:
    """A file with headings.

    Args:
        folder: where it is written.
        users: how many.
        active: whether it has a column that says who may log in.
    """
    path = folder / f"users{active}.csv"
    more = (";active", ";1") if active else ("", "")
    with path.open("w", encoding="utf-8") as file:
        file.write(f"userName;fullName;emailAddresses;password{more[0]}\n")
        stored = samplesite.stored_password()
        for n in range(users):
            name, mail = samplesite.LOGIN.format(n=n), samplesite.MAIL.format(n=n)
            file.write(f"{name};Jörg Müller {n};{mail};{stored}{more[1]}\n")
    opened = f"csv.reader(open({str(path)!r}, encoding='utf-8', newline=''), delimiter=';')"
    bare = f"import csv, json, sys\nfile = {opened}\nnext(file)\nrows = (row[:3] for row in file)" + WRITE
    return Population("csv", repr(str(path)), bare)


def csv_active(folder: Path, users: int) -> Population:
    """A file with headings and the column active."""
    return csv(folder, users, active=True)


def passwd_file(folder: Path, users: int) -> Population:
    """Dovecot's text file; only for logins."""
    path = folder / "passwd"
    stored = samplesite.stored_password()
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{samplesite.LOGIN.format(n=n)}:{stored}:::Jörg Müller {n}::\n" for n in range(users))
    return Population("passwd_file", repr(str(path)))


def _postgresql_maker(server: DatabaseServer) -> Make:
    filled: set[str] = set()

    def make(folder: Path, users: int) -> Population:
        name = _fill(
            server,
            filled,
            users,
            f"CREATE TABLE users AS SELECT 'user' || n || '{_after_number()}' AS login, 'Jörg Müller ' || n AS name,"
            " 'user' || n || '@example.com, alias' || n || '@example.com' AS mail,"
            f" '{samplesite.stored_password()}'::text AS password, 1 AS active FROM generate_series(0, {users - 1}) n;"
            "ALTER TABLE users ADD PRIMARY KEY (login); ANALYZE users",
        )
        open_it = f"psycopg.connect(host={server.host!r}, port={server.port}, user={server.user!r}, "
        open_it += f"password={server.password!r}, dbname={name!r}, sslmode='allow', gssencmode='disable')"
        bare = f"{PACKAGES}import psycopg\nconnection = {open_it}\nrows = connection.cursor('rows')\n"
        bare += f"rows.itersize = 500\nrows.execute({QUERY!r})" + WRITE
        return Population("sql", _sql_arguments("postgresql", server, name), bare)

    return make


def _mariadb_maker(server: DatabaseServer) -> Make:
    filled: set[str] = set()

    def make(folder: Path, users: int) -> Population:
        name = _fill(
            server,
            filled,
            users,
            "CREATE TABLE users (login VARCHAR(32) NOT NULL, name VARCHAR(64), mail VARCHAR(128), password"
            " VARCHAR(128), active INT);"
            f"INSERT INTO users SELECT CONCAT('user', seq, '{_after_number()}'), CONCAT('Jörg Müller ', seq),"
            f" CONCAT('user', seq, '@example.com, alias', seq, '@example.com'), '{samplesite.stored_password()}', 1"
            f" FROM seq_0_to_{users - 1}; ALTER TABLE users ADD PRIMARY KEY (login)",
        )
        open_it = f"pymysql.connect(host={server.host!r}, port={server.port}, user={server.user!r}, "
        open_it += f"password={server.password.encode()!r}, database={name!r}, charset='utf8mb4', ssl_disabled=True)"
        bare = f"{PACKAGES}import pymysql\nfrom pymysql.cursors import SSCursor\nconnection = {open_it}\n"
        bare += f"rows = connection.cursor(SSCursor)\nrows.execute({QUERY!r})" + WRITE
        return Population("sql", _sql_arguments("mysql", server, name), bare)

    return make


def _after_number() -> str:
    return samplesite.LOGIN.partition("{n}")[2]


def _fill(server: DatabaseServer, filled: set[str], users: int, script: str) -> str:
    name = f"with_{users}"
    if name not in filled:
        server.execute(f"CREATE DATABASE {name}")
        server.execute(script, name)
        filled.add(name)
    return name


def _sql_arguments(driver: str, server: DatabaseServer, name: str) -> str:
    where = ", ".join(f"{key}={value!r}" for key, value in server.arguments.items())
    return f"{driver!r}, {where}, database={name!r}, list_query={LISTED!r}, auth_query={STORED!r}"


def _ldap_maker(stack: ExitStack) -> Make:
    def make(folder: Path, users: int) -> Population:
        home = folder / "slapd"
        home.mkdir()
        server: Slapd = stack.enter_context(
            slapd(
                home,
                "".join(
                    f"dn: uid={name},{BASE}\nobjectClass: inetOrgPerson\nuid: {name}\nsn: M\n"
                    f"cn: Joerg Mueller {n}\nmail: user{n}@example.com\nmail: alias{n}@example.com\n\n"
                    for n in range(users)
                    for name in [samplesite.LOGIN.format(n=n)]
                ),
                before="sizelimit unlimited",
                database="maxsize 8589934592",
            )
        )
        arguments = f"{server.url!r}, base={BASE!r}, bind_dn={READER!r}, bind_password={READER_PASSWORD!r}"
        bare = f"""{PACKAGES}import warnings
warnings.simplefilter("ignore")
import ldap3
server = ldap3.Server({server.url!r}, get_info=ldap3.NONE)
connection = ldap3.Connection(server, {READER!r}, {READER_PASSWORD!r}, auto_bind=True, check_names=False)
found = connection.extend.standard.paged_search({BASE!r}, "(objectClass=inetOrgPerson)", attributes=["uid", "cn",
    "mail"], paged_size=500, generator=True)
def entries():
    for entry in found:
        values = entry["raw_attributes"]
        yield values["uid"][0].decode(), values["cn"][0].decode(), ", ".join(m.decode() for m in values["mail"])
rows = entries(){WRITE}"""
        return Population("ldap", arguments, bare)

    return make


@contextmanager
def makers(folder: Path, wanted: list[str]) -> Iterator[dict[str, Make]]:
    """Run the servers that are wanted, and give for each name what puts users there.

    Args:
        folder: for the servers' files.
        wanted: some of sqlite, postgresql, mariadb, csv, csv-active, passwd-file, ldap.
    """
    plain: dict[str, Make] = {"sqlite": sqlite, "csv": csv, "csv-active": csv_active, "passwd-file": passwd_file}
    with ExitStack() as stack:
        found: dict[str, Make] = {}
        for name in wanted:
            if name in plain:
                found[name] = plain[name]
            elif name == "ldap":
                found[name] = _ldap_maker(stack)
            else:
                run, maker = (postgresql, _postgresql_maker) if name == "postgresql" else (mariadb, _mariadb_maker)
                server = stack.enter_context(run(folder / name))
                found[name] = maker(server)
        yield found
