"""The configurations that fuzz.py asks, each with a plain model of whose password is right and what the list is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from samplesite import write_config

YES, NO = frozenset({"true"}), frozenset({"false"})
ANY = YES | NO
CALLER, CALLER_SECRET = "mailstore@example.test", "calls3cret-Aa9"
NEAR, NEAR_SECRET = "near", "near-s3cret-x7"
BURO, BURO_SECRET = "büro", "geheim-für-büro-ß"
CONNECTION_SECRET = "dbS3cret-hunter77"


class Row(NamedTuple):
    """One user of a source.

    Attributes:
        password: the right one; None where no password is right; a status where nobody can tell.
        stored: the form in which the source holds it.
    """

    name: str
    password: str | int | None
    stored: str | None
    full: str = ""
    mail: tuple[str, ...] = ()
    active: bool = True


Find = Callable[[list[Row], str], Row | None]


class Source(NamedTuple):
    """The model of a source.

    Attributes:
        find: how it looks up a name.
        fault: the status of every question to it; 0 where it works.
    """

    rows: list[Row]
    find: Find
    fault: int = 0


class Site:
    """A configuration and its model.

    Attributes:
        path: the configuration file.
        sources: in their order.
        charset: the option password_charset.
        named: users by the names they are listed under.
        limit: wrong passwords that are tried before the throttle steps in; 0 without a throttle.
        state: its file, where there is one.
    """

    def __init__(self, path: Path, sources: list[Source], **other: object) -> None:
        self.name = path.stem
        self.path = path
        self.sources = sources
        self.callers = {CALLER: (CALLER_SECRET, False), NEAR: (NEAR_SECRET, True), BURO: (BURO_SECRET, False)}
        self.remote_users: tuple[str, ...] = ()
        self.require_https = self.page = True
        self.broken = self.shaped = False
        self.charset = ""
        self.listed = 0
        self.limit = 0
        self.token = ""
        vars(self).update(other)
        self.state = path.parent / "state.db" if self.limit else None
        items = self._items()
        self.list: bytes | int = self.listed or json.dumps(items).encode()
        self.named = dict(zip((str(item["userName"]) for item in items), self._rows(), strict=True))
        rows = [row for source in sources for row in source.rows]
        self.users = [row.name for row in rows] + list(self.named)
        self.passwords = [row.password for row in rows if isinstance(row.password, str)]
        self.hashes = [row.stored for row in rows if row.stored]
        secrets = [secret for secret, _ in self.callers.values()] + [CONNECTION_SECRET]
        self.secrets = secrets + [stored for stored in self.hashes if len(stored) > 12] + self.passwords

    def verdict(self, user: str, password: str) -> frozenset[str]:
        """Return the answers that are right: ``true``, ``false`` or a status."""
        if not password or not can_be_a_name(user):
            return NO
        if self.shaped:
            row = self.named.get(user)
            other = self.named.get(user.lower())  # whether another spelling is the same user is left open
            return _right(row, password) if row else NO | (_right(other, password) if other else NO)
        for source in self.sources:
            if source.fault:
                return frozenset({str(source.fault)})
            row = source.find(source.rows, user)
            if row is not None:
                return _right(row, password, self.charset)
        return NO

    def _rows(self) -> list[Row]:
        names: set[str] = set()
        found = []
        for source in self.sources:
            rows = [row for row in source.rows if row.active and row.name not in names]
            found += [row for row in rows if not (self.shaped and row.name == "skipme")]
            names.update(row.name for row in rows)
        return found

    def _items(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for row in self._rows():
            name = row.name
            if self.shaped:
                name = name.lower() if "@" in name else f"{name.lower()}@example.com"
            own = [known for known in (row.name, name) if "@" in known][:1]
            more: dict[str, object] = {"fullName": row.full, "emailAddresses": list(row.mail) or own}
            found.append({"userName": name, **{key: value for key, value in more.items() if value}})
        return found


def can_be_a_name(user: str) -> bool:
    """Whether any user may be called so: not too long, no control character, nothing unseen around it."""
    if not user or len(user) > 1024 or any(unicodedata.category(one) == "Cc" for one in user):
        return False
    return not any(
        unicodedata.category(one) in ("Cf", "Cs", "Zs", "Zl", "Zp")
        or one in "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
        or 0xFE00 <= ord(one) <= 0xFE0F
        or 0xE0000 <= ord(one) <= 0xE0FFF
        for one in (user[0], user[-1])
    )


def _right(row: Row, password: str, charset: str = "") -> frozenset[str]:
    if isinstance(row.password, int):
        # The contract does not say what comes of a password that no scheme takes, where no hash can be read either.
        return frozenset({str(row.password)}) | (NO if len(password.encode()) > 4096 else frozenset())
    if not row.active or row.password is None:
        return NO
    if charset and password.encode(charset, "replace") == row.password.encode():
        return ANY  # other characters and the same bytes
    return YES if row.password == password else NO


def exactly(rows: list[Row], name: str) -> Row | None:
    """Find a name as databases with a binary collation do."""
    return next((row for row in rows if row.name == name), None)


def without_case(rows: list[Row], name: str) -> Row | None:
    """Find a name as SQLite's NOCASE does: only ASCII letters are folded."""
    folded = name.encode().lower()
    return next((row for row in rows if row.name.encode().lower() == folded), None)


def salted(scheme: str, password: str, charset: str = "utf-8") -> str:
    """An LDAP digest."""
    algorithm = {"SSHA512": "sha512", "SSHA256": "sha256", "SSHA": "sha1", "SMD5": "md5"}[scheme]
    raw = hashlib.new(algorithm, password.encode(charset) + b"saltsalt").digest() + b"saltsalt"
    return f"{{{scheme}}}{base64.b64encode(raw).decode()}"


def keyed(password: str) -> str:
    """A caller's secret as `bin/ais hash-password` stores it."""
    return f"sha256$saltsalt${hmac.new(b'saltsalt', password.encode(), 'sha256').hexdigest()}"


def django(password: str) -> str:
    """Django's PBKDF2, with few rounds."""
    raw = hashlib.pbkdf2_hmac("sha256", password.encode(), b"djangosalt", 500)
    return f"pbkdf2_sha256$500$djangosalt${base64.b64encode(raw).decode()}"


def _user(name: str, password: str, scheme: str = "SSHA512", full: str = "", *mail: str) -> Row:
    return Row(name, password, salted(scheme, password), full, mail)


MIXED = [
    _user("anna", "Geheim1!-anna", "SSHA512", "Anna Müller", "anna@example.com", "a.mueller@example.com"),
    _user("bert", "p&w=%+ü☃;x", "SSHA256", 'Bert "B" O\'Neil', "bert@example.com"),
    _user("c:d e", " lead and trail ", "SSHA"),
    _user("ümit@example.com", "x" * 80, "SMD5", "Ümit 😀", "ümit@example.com"),
    Row("django", "Django-pw-1", django("Django-pw-1"), "Django", ("django@example.com",)),
    Row("plain", "{PLAIN}looks-like", "{PLAIN}{PLAIN}looks-like"),
    Row("md5", "Md5-crypt-pw", "$1$saltsalt$ZuM0.d4NeHC9DjG1DbHIQ1"),
    Row("apr1", "Apr1-crypt-pw", "$apr1$saltsalt$4ryHJh.hDQAxydRBwWy0L0"),
    Row(
        "sha512",
        "Sha512-crypt-pw",
        "$6$rounds=1000$saltsaltsalt$NZ6EpFchEG2R8RBIx8r4geuMDJaE5Ape2/dNh5eX2Tos0vtX5gKZzY4YWrT7Yk4jyvNl8To9GJrmircV4lVXK.",
    ),
    Row("phpass", "Phpass-hash-pw", "$P$5N1OgAcnH0Iger.e/1KY6WUuLRVUaF1"),
    _user("' OR '1'='1", "' OR '1'='1"),
    _user("long", "L" * 4096),
    Row("star", None, "*"),
    Row("locked", None, "!" + salted("SSHA512", "Locked-pw-1")),
    Row("nothing", None, None),
    Row("unread", 500, "{WHATEVER}abcdefghijkl"),
    Row("bare", 500, "bare-text-in-the-table"),
]
TABLE = [
    _user("Carla", "Capital-carla-2", "SSHA512", "Another Carla", "carla2@example.com"),
    _user("straße", "tab\tpw\r\nline", "SSHA256"),
    _user("\uff57ide", "\uff37ide-①-pw", "SSHA"),
    _user("José", "pässwörd-NFC", "SSHA512", "José", "jose@example.com"),
    _user("zero", "0"),
    Row("off", None, salted("SSHA512", "Off-pw-12345"), "Off", ("off@example.com",), False),
]
SHADOWED = [
    _user("Carla", "Second-source-carla", "SSHA512", "Shadowed", "carla9@example.com"),
    _user("off", "Second-source-off", "SSHA", "", "off9@example.com"),
    _user("only second", "Only-second-pw", "SSHA512", "Only", "second@example.com"),
]
SHAPED = [
    _user("Anna", "Shaped-anna-1", "SSHA512", "Anna", "anna@example.com"),
    _user("BERT", "Shaped-bert-2", "SSHA", "", "bert@example.com"),
    _user("Straße", "Shaped-straße-3", "SSHA256"),
    _user("x@other.example", "Shaped-other-4"),
    _user("skipme", "Shaped-skip-5"),
]
CLEAR = [
    Row("anna", "Clear-anna-1", "Clear-anna-1", "Anna", ("anna@example.com",)),
    Row("Ümit", "Clear'; DROP TABLE users; --", "Clear'; DROP TABLE users; --"),
    Row("blank", "  two blanks  ", "  two blanks  "),
]
LATIN = [
    Row(
        "müller",
        "Größe-cp1252-€",
        salted("SSHA512", "Größe-cp1252-€", "cp1252"),
        "Jürgen Müller",
        ("müller@example.com",),
    ),
    Row("jörg", "Jörg-utf8-pw", salted("SSHA", "Jörg-utf8-pw"), "Jörg", ("jörg@example.com",)),
    Row("crypt", "Md5-crypt-pw", "$1$saltsalt$ZuM0.d4NeHC9DjG1DbHIQ1", "", ("crypt@example.com",)),
    Row("nologin", None, salted("SSHA", "Nologin-pw-1"), "", ("nologin@example.com",), False),
    Row("locked", None, "!locked", "", ("locked@example.com",)),
]
FAILING = [Row("odd", 500, None), Row("one", 500, None)]

HEAD = f"""from ais import Source, User, caller, csv, guard, passwd_file, sql, throttle, users, web_server
callers = [
    caller({CALLER!r}, {keyed(CALLER_SECRET)!r}),
    caller({NEAR!r}, {keyed(NEAR_SECRET)!r}, allow_from=["192.0.2.0/24", "2001:db8::/32"]),
    caller({BURO!r}, {keyed(BURO_SECRET)!r}),
]
"""
QUERY = "SELECT login AS userName, name AS full_name, mail AS emailAddresses FROM users WHERE active ORDER BY rowid"
STORED = "SELECT password FROM users WHERE login = :user AND active"
CLEAR_QUERY = "SELECT 1 FROM users WHERE login = :user COLLATE NOCASE AND password = :pass"
BROKEN_SOURCE = f"""
class Broken(Source):
    def users(self):
        yield User("half of the list")
        raise RuntimeError("cannot connect with password={CONNECTION_SECRET}")
    def authenticate(self, user, password):
        if user == "odd":
            return "yes"
        if user == "one":
            return 1
        raise RuntimeError(f"login failed for {{user}} {{password}} with {CONNECTION_SECRET}")
"""


def make(folder: Path) -> list[Site]:
    """Write the sources and configurations into a folder, which must be new."""
    _database(folder / "mixed.sqlite", MIXED)
    _database(folder / "shadowed.sqlite", SHADOWED)
    _database(folder / "clear.sqlite", CLEAR)
    _table(folder / "table.csv", TABLE, ";")
    _table(folder / "shaped.csv", SHAPED, ",")
    lines = (
        f"{row.name}:{row.stored}:::{row.full}:::" + ("" if row.active else "userdb_x=1 nologin") + "\n"
        for row in LATIN
    )
    (folder / "latin").write_text("".join(lines), encoding="latin-1")

    def site(name: str, text: str, sources: list[Source], **other: object) -> Site:
        return Site(write_as(folder / f"{name}.py", HEAD + text), sources, **other)

    return [*_answering(site), *_refusing(site)]


def _answering(site: Callable[..., Site]) -> list[Site]:
    """Sites whose sources all answer."""
    mixed, shadowed, clear = (_sql(name) for name in ("mixed", "shadowed", "clear"))
    clear = clear.replace(STORED, CLEAR_QUERY)
    table, shaped = Source(TABLE, exactly), Source(SHAPED, exactly)
    second = Source(SHADOWED, exactly)
    return [
        site("mixed", f"sources = [{mixed}]\nrequire_https = False\n", [Source(MIXED, exactly)], require_https=False),
        site("two", f"sources = [csv('table.csv'), {shadowed}]\n", [table, second]),
        site(
            "shaped",
            "users(lowercase=True, domain='example.com', skip=['SkipMe'])\npage = False\n"
            "sources = [csv('shaped.csv', delimiter=',')]\n",
            [shaped],
            shaped=True,
            page=False,
        ),
        site("clear", f"sources = [{clear}]\n", [Source(CLEAR, without_case)]),
        site("beside", f"sources = [{clear}, csv('table.csv')]\n", [Source(CLEAR, exactly), table]),
        site(
            "latin",
            "sources = [passwd_file('latin', encoding='latin-1', password_charset='cp1252', domain='example.com')]\n",
            [Source(LATIN, exactly)],
            charset="cp1252",
        ),
        site(
            "throttled",
            f"state = 'state.db'\nthrottle(failures=2, window=3600)\nsources = [csv('table.csv'), {mixed}]\n",
            [table, Source(MIXED, exactly)],
            limit=2,
        ),
    ]


def _refusing(site: Callable[..., Site]) -> list[Site]:
    """Sites that cannot answer, or not everybody."""
    table = Source(TABLE, exactly)
    return [
        site(
            "held",
            "guard(min_users=50)\n"
            "callers.append(web_server(['frontend'], allow_from=['192.0.2.0/24', '2001:db8::/32']))\n"
            "sources = [csv('table.csv')]\n",
            [table],
            listed=500,
            remote_users=("frontend",),
        ),
        site(
            "failing",
            f"{BROKEN_SOURCE}sources = [csv('table.csv'), Broken()]\n",
            [table, Source(FAILING, exactly), Source([], exactly, 503)],
            listed=503,
        ),
        site("broken", f"raise ValueError('{CONNECTION_SECRET}')\n", [], broken=True, listed=500),
        site("nobody", f"callers = []\nsources = [{_sql('mixed')}]\n", [Source(MIXED, exactly)], callers={}),
    ]


def _sql(name: str) -> str:
    return f"sql('sqlite', database='{name}.sqlite', list_query={QUERY!r}, auth_query={STORED!r})"


def write_as(path: Path, text: str) -> Path:
    """Write a configuration under a name of its own, old enough for its bytecode to be kept."""
    write_config(path.parent, text).rename(path)
    return path


def _database(path: Path, rows: list[Row]) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE users (login TEXT, name TEXT, mail TEXT, password TEXT, active INT)")
    database.executemany(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
        ((row.name, row.full or None, "; ".join(row.mail), row.stored, row.active) for row in rows),
    )
    database.commit()
    database.close()


def _table(path: Path, rows: list[Row], delimiter: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(delimiter.join(("userName", "fullName", "emailAddresses", "password", "active")) + "\r\n")
        for row in rows:
            cells = (row.name, row.full, " ".join(row.mail), row.stored or "", "yes" if row.active else "no")
            file.write(delimiter.join(f'"{cell}"' for cell in cells) + "\r\n")
