"""The sample site that the benchmarks ask: three users in SQLite, one caller."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRY = ROOT / "cgi-bin" / "mailstore-integration" / "index.py"
CALLER, SECRET, PASSWORD = "mailstore@example.test", "J7qV2mXc9RkT4wZpLs8NdYf3HgB6aUeQ", "Passw0rd"

LOGIN, MAIL = "user{n}@example.com", "user{n}@example.com, alias{n}@example.com"
"""The name of a user and its addresses; in nearly every mail system names are addresses."""

CONFIG = """from ais import caller, sql

callers = [caller("{caller}", "{secret}")]

sources = [
    sql(
        "sqlite",
        database="users.sqlite",
        list_query="SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1",
        auth_query="SELECT password FROM users WHERE login = :user AND active = 1",
    ),
]
"""


def stored_secret() -> str:
    """The caller's secret as `bin/ais hash-password` makes it."""
    return f"sha256$salt${hmac.new(b'salt', SECRET.encode(), 'sha256').hexdigest()}"


def stored_password(password: str = PASSWORD) -> str:
    """A password as mail servers store it."""
    salt = b"\x01\x02\x03\x04\x05\x06\x07\x08"
    return "{SSHA512}" + base64.b64encode(hashlib.sha512(password.encode() + salt).digest() + salt).decode()


def make(folder: Path, users: int = 3) -> Path:
    """Write database and configuration into a folder; return the path of the configuration."""
    database = sqlite3.connect(folder / "users.sqlite")
    database.execute("CREATE TABLE users (login TEXT PRIMARY KEY, name TEXT, mail TEXT, password TEXT, active INT)")
    stored = stored_password()
    database.executemany(
        "INSERT INTO users VALUES (?, ?, ?, ?, 1)",
        ((LOGIN.format(n=n), f"Jörg Müller {n}", MAIL.format(n=n), stored) for n in range(users)),
    )
    database.commit()
    database.close()
    return write_config(folder, CONFIG.format(caller=CALLER, secret=stored_secret()))


def write_config(folder: Path, text: str) -> Path:
    """Write config.py into a folder; return its path."""
    config = folder / "config.py"
    config.write_text(text, encoding="utf-8")
    os.utime(config, (1_000_000_000, 1_000_000_000))  # old enough for its bytecode to be kept
    return config


def environment(folder: Path, body: bytes) -> dict[str, str]:
    """CGI variables of a POST with that body, for our entry and for PHP's."""
    credentials = base64.b64encode(f"{CALLER}:{SECRET}".encode()).decode()
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/mailstore-integration/index.php",
        "SCRIPT_FILENAME": str(ROOT / "benchmarks" / "php" / "index.php"),
        "REDIRECT_STATUS": "200",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Basic {credentials}",
        "REMOTE_ADDR": "127.0.0.1",
        "AIS_CONFIG": str(folder / "config.py"),
        "BENCH_SECRET": stored_secret(),
        "BENCH_DATABASE": str(folder / "users.sqlite"),
    }
