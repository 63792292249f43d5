"""What MariaDB's and PostgreSQL's own functions make is read. Both run once, without a port, on an empty folder."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile

import pytest

from ais.passwords import verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Find = Callable[[str, str], str]

PASSWORD = "grün 'möglich'"
QUOTED = PASSWORD.replace("'", "''")
MARIADB = {
    "PASSWORD(:p)": None,
    "OLD_PASSWORD(:p)": None,
    "ENCRYPT(:p, 'ab')": None,
    "ENCRYPT(:p, '$1$abcdefgh')": None,
    "ENCRYPT(:p, '$5$abcdefgh')": None,
    "ENCRYPT(:p, '$6$abcdefgh')": None,
    "MD5(:p)": None,
    "SHA1(:p)": None,
    "SHA2(:p, 224)": None,
    "SHA2(:p, 256)": None,
    "SHA2(:p, 384)": None,
    "SHA2(:p, 512)": None,
    "CONCAT('{SHA}', TO_BASE64(UNHEX(SHA1(:p))))": None,
    "TO_BASE64(UNHEX(SHA1(:p)))": "SHA",
    "CONCAT(MD5(CONCAT(:p, 'salt')), ':salt')": None,
    "CONCAT(SHA1(CONCAT('salt', SHA1(:p))), ':salt')": None,
    "CONCAT('abc123', SHA2(CONCAT('abc123', :p), 256))": None,  # hMailServer
    "CONCAT('abcd1234', MD5(CONCAT('abcd1234', :p)))": None,  # Kopano
    "CONCAT(':B:salt:', MD5(CONCAT('salt-', MD5(:p))))": None,  # MediaWiki
}


def test_mariadb(tmp_path: Path, need_program: Find) -> None:
    """Hashes made by MariaDB's functions match their password and no other."""
    server = need_program("mariadbd", "mariadb-server")
    (tmp_path / "data").mkdir()
    answer = tmp_path / "answer"
    columns = ", ".join(function.replace(":p", f"'{QUOTED}'") for function in MARIADB)
    account = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            server,
            "--no-defaults",
            "--bootstrap",
            f"--datadir={tmp_path}/data",
            "--character-set-server=utf8mb4",
            *account,
        ],
        input=f"SELECT {columns} INTO OUTFILE '{answer}' CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\n';\n",
        encoding="utf-8",
        capture_output=True,
        timeout=60,
        check=True,
    )
    values = answer.read_text("utf-8").splitlines()
    assert len(values) == len(MARIADB)
    for (function, default), stored in zip(MARIADB.items(), values, strict=True):
        assert verify(stored, PASSWORD, default_scheme=default) is True, function
        assert verify(stored, "x" + PASSWORD, default_scheme=default) is False, function


@pytest.fixture
def folder_and_user() -> Iterator[tuple[str, str | None]]:
    """A folder, and who is to work in it: PostgreSQL refuses root."""
    folder = tempfile.mkdtemp()
    user = None
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in names else "nobody"
        shutil.chown(folder, user)
    yield folder, user
    shutil.rmtree(folder)


def test_postgresql(folder_and_user: tuple[str, str | None], need_program: Find) -> None:
    """Role passwords of PostgreSQL match their password and no other."""
    folder, user = folder_and_user
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    initdb, server = (
        os.path.join(programs[-1], name) if programs else need_program(name, "postgresql")
        for name in ("initdb", "postgres")
    )

    def run(*command: str, input: str = "") -> str:
        ran = subprocess.run(
            command, input=input, encoding="utf-8", capture_output=True, timeout=60, check=True, user=user, cwd=folder
        )
        return ran.stdout

    run(initdb, "-D", folder + "/data", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
    answer = run(
        server,
        "--single",
        "-D",
        folder + "/data",
        "template1",
        input=f"CREATE ROLE anna PASSWORD '{QUOTED}'\n"
        f"SET password_encryption = 'md5'\nCREATE ROLE bob PASSWORD '{QUOTED}'\n"
        "SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL\n",
    )
    stored = [line.partition('"')[2].rpartition('"')[0] for line in answer.splitlines() if "rolpassword = " in line]
    assert stored[0].startswith("SCRAM-SHA-256$")
    assert verify(stored[0], PASSWORD) is True
    assert verify(stored[0], "x" + PASSWORD) is False
    assert verify(stored[1], PASSWORD, user="bob") is True
    assert verify(stored[1], PASSWORD, user="anna") is False
