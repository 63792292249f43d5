"""The source `passwd`."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from ais import passwd
from ais.errors import ConfigError, SourceError
from sources.contract import INACTIVE, PASSWORD, SourceContract
from sources.text.faults import Login, TextFaults, configured, listed, page
from support.dovecot import at_the_usual_port, dovecot
from support.interpreters import for_others
from support.needs import need_program
from support.openldap import certificates
from support.site import salted

SHA512 = "$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0"
"""Password `secret`: the example of docker-mailserver's documentation."""

TODAY = int(time.time() // 86400)


def source_of(folder: Path, users: str, shadow: str | None = None, **options: Any) -> Any:
    """A source over files with that content."""
    (folder / "passwd").write_text(users, encoding="utf-8")
    if shadow is not None:
        (folder / "shadow").write_text(shadow, encoding="utf-8")
        options["shadow"] = str(folder / "shadow")
    return passwd(str(folder / "passwd"), **options)


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John and Jane, one who is locked, and the system's own users."""
        stored = salted("SSHA512", PASSWORD)
        (tmp_path / "aliases").write_text("j.doe: john.doe\n")
        return source_of(
            tmp_path,
            "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
            "john.doe:x:1000:1000:John Doe,Room 7,,:/home/john:/bin/bash\n"
            "jane.doe:x:1001:1001:Jane Dœ-Müller:/home/jane:/usr/sbin/nologin\n"
            f"{INACTIVE}:x:1002:1002:Gone:/home/gone:/bin/bash\n",
            f"root:{stored}:19700:0:99999:7:::\nnobody:{stored}:19700:0:99999:7:::\n"
            f"john.doe:{stored}:19700:0:99999:7:::\njane.doe:{stored}:19700::::::\n"
            f"{INACTIVE}:!{stored}:19700:0:99999:7:::\n",
            domain="example.com",
            aliases=str(tmp_path / "aliases"),
        )

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A shadow file that is not there."""
        source = source_of(tmp_path, "john.doe:x:1000:1000:John Doe:/home/john:/bin/bash\n", "")
        (tmp_path / "shadow").unlink()
        return source


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "passwd"
    name = "passwd"
    good = "käthe:{PLAIN}secret:1000:100:Käthe:/home/k:/bin/sh\nanna:{PLAIN}secret:1001:100:Anna:/home/a:/bin/sh\n"
    user = "anna"


class TestShadowFaults(TextFaults):
    """The same for the file of passwords."""

    function = "passwd"
    name = "shadow"
    good = "anna:{PLAIN}secret:19700:0:99999:7:::\nkäthe:{PLAIN}secret:19700:0:99999:7:::\n"
    user = "anna"

    @pytest.fixture(autouse=True)
    def options_of(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The file of users beside it, which is always a good one."""
        users = "".join(f"{name}:x:1000:100::/home:/bin/sh\n" for name in ("anna", "käthe"))
        (tmp_path / "users").write_text(users, encoding="utf-8")
        monkeypatch.setattr(TestShadowFaults, "options", {"shadow": str(tmp_path / "shadow")})

    def make(self, folder: Path, **options: Any) -> Any:
        """The source, over that folder."""
        if "encoding" in options:
            text = (folder / "users").read_text(encoding="utf-8")
            (folder / "users").write_bytes(text.encode("utf-8" if options["encoding"] == 8 else "cp1252"))
        return passwd(str(folder / "users"), **{**self.options, **options})

    @pytest.mark.parametrize("path", ["", 3, "a\0b"])
    def test_path_that_is_none(self, path: Any) -> None:
        """A path that cannot be one is refused when the configuration is read."""
        with pytest.raises(ConfigError, match="shadow"):
            passwd("users", shadow=path)

    def test_not_permitted(self, open_folder: Path) -> None:
        """Where the shadow file may not be read, nobody can tell who is active or whose password is right."""
        source_of(open_folder, "anna:x:1000:1000::/:/bin/sh\n", f"anna:{SHA512}:1::::::\n")
        (open_folder / "shadow").chmod(0)
        (open_folder / "passwd").chmod(0o644)
        code = (
            "import os\nfrom ais import passwd\nfrom ais.errors import SourceError\n"
            f"source = passwd({str(open_folder / 'passwd')!r}, shadow={str(open_folder / 'shadow')!r})\n"
            "os.setuid(65534) if os.getuid() == 0 else None\n"
            "for question in (lambda: list(source.users()), lambda: source.authenticate('anna', 'secret')):\n"
            "    try:\n        print(question())\n    except SourceError as error:\n        print(error)\n"
        )
        lib = Path(__file__).parents[3] / "lib"
        done = subprocess.run(
            [for_others(), "-c", code], env={"PYTHONPATH": str(lib)}, capture_output=True, text=True, check=True
        )
        assert done.stdout.count(f"{open_folder / 'shadow'} cannot be read: give the user") == 2


def test_who_is_a_person(tmp_path: Path) -> None:
    """Users of the system, by their numbers, are not listed and not known; the range can be set."""
    users = "".join(f"u{uid}:{{PLAIN}}x:{uid}:1::/:/bin/sh\n" for uid in (0, 999, 1000, 65533, 65534, 65535, 70000))
    source = source_of(tmp_path, users)
    assert list(listed(source)) == ["u1000", "u65533"]
    assert [source.authenticate(f"u{uid}", "x") for uid in (0, 999, 1000, 65534)] == [None, None, True, None]
    source = source_of(tmp_path, users, min_uid=0, max_uid=70000)
    assert len(listed(source)) == 7


def test_shells(tmp_path: Path) -> None:
    """Mail users have no shell, so shells matter only where the configuration names some."""
    users = "a:{PLAIN}x:1000:1::/:/usr/sbin/nologin\nb:{PLAIN}x:1001:1::/:/bin/false\nc:{PLAIN}x:1002:1::/:\n"
    assert list(listed(source_of(tmp_path, users))) == ["a", "b", "c"]
    source = source_of(tmp_path, users, skip_shells=["/usr/sbin/nologin", "/bin/false"])
    assert list(listed(source)) == ["c"]
    assert [source.authenticate(user, "x") for user in "abc"] == [None, None, True]


@pytest.mark.parametrize(
    ("gecos", "name"),
    [
        ("Anna Müller,Room 7,+49 1,,", "Anna Müller"),
        ("", ""),
        (",,,", ""),
        ("& Müller", "Anna Müller"),
        ("A & B", "A Anna B"),
    ],
)
def test_gecos(tmp_path: Path, gecos: str, name: str) -> None:
    """The full name is the first part of the fifth field; & means the login."""
    assert listed(source_of(tmp_path, f"anna:x:1000:1:{gecos}:/:/bin/sh\n")) == {"anna": (name, [])}


@pytest.mark.parametrize("stored", ["", "*", "!", "!!", "!*", "x", "*LK*", "*A", f"!{SHA512}", "*" + "A" * 40, "NP"])
@pytest.mark.parametrize("in_shadow", [True, False])
def test_locked(tmp_path: Path, stored: str, in_shadow: bool) -> None:
    """A field that is no password is a locked user: not listed, and a no at login, with any password."""
    if not in_shadow and stored == "x":
        return
    users = "a:{}:1000:1::/:/bin/sh\nb:{}:1001:1::/:/bin/sh\n"
    if in_shadow:
        shadow = f"a:{stored}:1::::::\nb:{SHA512}:1::::::\n"
        source = source_of(tmp_path, users.format("x", "x"), shadow)
    else:
        source = source_of(tmp_path, users.format(stored, SHA512))
    assert list(listed(source)) == ["b"]
    for password in ("secret", stored or "x", SHA512):
        assert source.authenticate("a", password) is False
    assert source.authenticate("b", "secret") is True


@pytest.mark.parametrize(
    ("expires", "active"),
    [
        ("", True),
        ("-1", True),
        ("99999", True),
        (str(TODAY + 2), True),
        ("0", False),
        ("1", False),
        (str(TODAY - 1), False),
        (str(TODAY), False),
    ],
)
def test_expired(tmp_path: Path, expires: str, active: bool) -> None:
    """From the day in the eighth field on there is no access (chage(1)); password ages do not matter."""
    source = source_of(tmp_path, "a:x:1000:1::/:/bin/sh\n", f"a:{SHA512}:1:0:1:7:1:{expires}:\n")
    assert list(listed(source)) == (["a"] if active else [])
    assert source.authenticate("a", "secret") is active


def test_kinds_of_passwords(tmp_path: Path) -> None:
    """What Linux systems write into shadow is read."""
    program = need_program("mkpasswd", "whois")
    known = ["yescrypt", "gost-yescrypt", "scrypt", "bcrypt", "sha512crypt", "sha256crypt", "md5crypt", "descrypt"]
    offered = subprocess.run([program, "-m", "help"], capture_output=True, text=True, check=True).stdout
    kinds = [kind for kind in known if re.search(f"^{kind} ", offered, re.MULTILINE)]  # GOST's is in few systems
    assert kinds[0] == "yescrypt"
    shadow = users = ""
    for kind in kinds:
        made = subprocess.run([program, "-m", kind, "-s"], input="Grüße12", capture_output=True, text=True, check=True)
        shadow += f"{kind}:{made.stdout.strip()}:1:0:99999:7:::\n"
        users += f"{kind}:x:1000:1::/:/bin/sh\n"
    source = source_of(tmp_path, users, shadow)
    for kind in kinds:
        assert source.authenticate(kind, "Grüße12") is True, kind
        assert source.authenticate(kind, "Grüsse12") is False, kind


def test_shadow_is_needed_for_logins(tmp_path: Path) -> None:
    """Where passwords are in a shadow file that the configuration does not name, nobody can tell; login= can."""
    users = "a:x:1000:1::/:/bin/sh\nb:*:1001:1::/:/bin/sh\n"
    source = source_of(tmp_path, users)
    assert list(listed(source)) == ["a"]
    with pytest.raises(SourceError, match="name it in shadow"):
        source.authenticate("a", "x")
    assert source.authenticate("b", "x") is False
    assert source.authenticate("c", "x") is None
    login = Login()
    source = source_of(tmp_path, users, login=login)
    assert [source.authenticate(user, "open") for user in "abc"] == [True, True, None]
    assert login.asked == [("a", "open"), ("b", "open")]


def test_users_of_sssd(tmp_path: Path) -> None:
    """getent writes ``*`` for users of SSSD, whose names may hold blanks: with login= they are listed."""
    users = (
        "anna:*:1001:1::/:/bin/sh\njohn doe:*:1002:1::/:/bin/sh\noff:!:1003:1::/:/bin/sh\nlocked:x:1004:1::/:/bin/sh\n"
    )
    assert list(listed(source_of(tmp_path, users))) == ["locked"]
    source = source_of(tmp_path, users, login=Login())
    assert list(listed(source)) == ["anna", "john doe", "locked"]
    assert [source.authenticate(user, "open") for user in ("anna", "john doe", "off")] == [True, True, False]
    source = source_of(tmp_path, users, "locked:*:1::::::\n", login=Login())
    assert list(listed(source)) == ["anna", "john doe"]


def test_large_uids_are_counted(tmp_path: Path) -> None:
    """The source tells how many users a list has left out because their uids are too large; nobody is no user."""
    users = "".join(f"u{uid}:{{PLAIN}}x:{uid}:1::/:/bin/sh\n" for uid in (0, 999, 65533, 65534, 65535, 70000, 2**31))
    source = source_of(tmp_path, users + "u70000:{PLAIN}x:70000:1::/:/bin/sh\n")
    assert source.skipped_uids == 0
    listed(source)
    assert source.skipped_uids == 3
    source = source_of(tmp_path, users, max_uid=70000, skip_shells=["/bin/sh"])
    listed(source)
    assert source.skipped_uids == 0


def test_passwords_elsewhere_are_an_error_of_the_count(tmp_path: Path) -> None:
    """Without shadow= there is nothing to count, unless some passwords are in the file itself."""
    users = "a:x:1000:1::/:/bin/sh\nb:x:1001:1::/:/bin/sh\n"
    with pytest.raises(SourceError, match="name it in shadow"):
        source_of(tmp_path, users).schemes(["a", "b"])
    counts = source_of(tmp_path, users + f"c:{SHA512}:1002:1::/:/bin/sh\n").schemes(["a", "b", "c"])
    assert {count.scheme: count.count for count in counts} == {"no password": 2, "$6$": 1}


def test_login_of_the_locked(tmp_path: Path) -> None:
    """With shadow= and login= locked and expired users are not asked for."""
    login = Login()
    users = "".join(f"{user}:x:1000:1::/:/bin/sh\n" for user in "abc")
    shadow = f"a:{SHA512}:1::::::\nb:!{SHA512}:1::::::\nc:{SHA512}:1:::::1:\n"
    source = source_of(tmp_path, users, shadow, login=login)
    assert [source.authenticate(user, "open") for user in "abc"] == [True, False, False]
    assert login.asked == [("a", "open")]


def test_lines_that_are_no_users(tmp_path: Path) -> None:
    """Comments, empty lines and what NIS adds are left out, in both files; the first of equal names counts."""
    source = source_of(
        tmp_path,
        "# comment\n\n#off:x:1000:1::/:/bin/sh\n+::::::\n+@team::::::\n-bob::::::\n+\n"
        "a:x:1000:1:A1:/:/bin/sh\na:x:1001:1:A2:/:/bin/sh\nroot:x:0:0::/:/bin/sh\nroot:x:1000:0::/:/bin/sh\n",
        f"+::::::::\n# comment\na:{SHA512}:1::::::\na:!:1::::::\nroot:{SHA512}:1::::::\n",
    )
    assert listed(source) == {"a": ("A1", [])}
    assert source.authenticate("a", "secret") is True
    assert source.authenticate("root", "secret") is None
    assert source.authenticate("+", "secret") is None


@pytest.mark.parametrize(
    ("users", "shadow", "words"),
    [
        ("a:x:1000:1::/:/bin/sh\nb:x:1001", None, "passwd, line 2: it must have a name and 7 fields"),
        ("a:x:1000:1::/:/bin/sh:more\n", None, "passwd, line 1: it must have a name and 7 fields"),
        (":x:1000:1::/:/bin/sh\n", None, "passwd, line 1: it must have a name and 7 fields"),
        ("a:x:one:1::/:/bin/sh\n", None, "passwd, line 1: the third field"),
        ("a:x::1::/:/bin/sh\n", None, "passwd, line 1: the third field"),
        ("a:x:1000:1::/:/bin/sh\n", "a:x:1::::::\nb:$6$abc", "shadow, line 2: it must have a name and 9 fields"),
        ("a:x:1000:1::/:/bin/sh\n", "a:x:1:::::soon:\n", "shadow, line 1: the eighth field"),
        ("a:x:1000:1::/:/bin/sh\n", "b:x:1::::::\n", "shadow has no line for a user"),
        ("a x:1000:1::/:/bin/sh\n", None, "passwd, line 1: it must have a name and 7 fields"),
        ("a:x:1000:1::/:/bin/sh\n", "a $6$abc:1::::::\n", "shadow, line 1: it must have a name and 9 fields"),
    ],
)
def test_a_line_that_cannot_be_read(tmp_path: Path, users: str, shadow: str | None, words: str) -> None:
    """A broken line, or a user without a line in shadow, is an error: the files are half-written or do not match."""
    source = source_of(tmp_path, users, shadow)
    for question in (lambda: list(source.users()), lambda: source.authenticate("a", "x")):
        with pytest.raises(SourceError, match=f"{tmp_path}/{words}"):
            question()


def test_addresses(tmp_path: Path) -> None:
    """domain= makes addresses; the system's users have none of their own, so root's mail is that of who gets it."""
    (tmp_path / "aliases").write_text("postmaster: root\nroot: anna\ngone: anna\nteam: anna, bob\nteam2: gone\n")
    (tmp_path / "virtual").write_text("sales@example.org anna\nsales@example.org bob\nteam anna\nother.test x\n")
    users = "root:x:0:0::/:/bin/sh\nanna:x:1000:1::/:/bin/sh\nbob:x:1001:1::/:/bin/sh\ngone:x:1002:1::/:/bin/sh\n"
    shadow = "".join(
        f"{user}:{'!' if user == 'gone' else SHA512}:1::::::\n" for user in ("root", "anna", "bob", "gone")
    )
    files = {name: str(tmp_path / name) for name in ("aliases", "virtual")}
    source = source_of(tmp_path, users, shadow, domain="example.com", **files)
    assert listed(source) == {
        "anna": (
            "",
            [
                "anna@example.com",
                "postmaster@example.com",
                "root@example.com",
                "sales@example.org",
                "team@example.com",
            ],
        ),
        "bob": ("", ["bob@example.com"]),
    }
    assert listed(source_of(tmp_path, users, shadow)) == {"anna": ("", []), "bob": ("", [])}


def test_this_system(tmp_path: Path) -> None:
    """On this machine the same users are found as by getent."""
    getent = need_program("getent", "libc-bin")
    done = subprocess.run([getent, "-s", "files", "passwd"], capture_output=True, text=True, check=True)
    names = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert "root" in names
    assert list(listed(passwd(min_uid=0, max_uid=2**31))) == names


@pytest.mark.parametrize(
    "options",
    [
        {"min_uid": "1000"},
        {"max_uid": True},
        {"min_uid": -1},
        {"skip_shells": "/bin/false"},
        {"skip_shells": [1]},
        {"skip_shells": 5},
        {"shadow": ""},
        {"domain": "@"},
        {"aliases": [""]},
    ],
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    """An option that cannot be used is refused when the configuration is read."""
    (name,) = options
    with pytest.raises(ConfigError, match=rf"passwd\(\): {name}"):
        passwd(**options)


PAGE = page("passwd.md")


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configurations of the page read the page's files as the page says."""
    first, second = PAGE.configurations
    source = configured(tmp_path, first, PAGE.files)
    assert listed(source) == {
        "anna": ("Anna Müller", ["anna@example.com", "info@example.com"]),
        "bob": ("Bob Smith", ["bob@example.com"]),
    }
    assert source.authenticate("anna", "secret") is True
    assert source.authenticate("dave", "secret") is False
    assert source.authenticate("mail", "secret") is None
    authority = certificates(tmp_path)
    with dovecot({"anna": "open", "dave": "shut"}, authority) as server:
        at_the_usual_port(monkeypatch, server, authority)
        source = configured(tmp_path, dedent(second), PAGE.files)
        assert list(listed(source)) == ["anna", "bob", "dave"]
        assert source.authenticate("anna", "open") is True
        assert source.authenticate("dave", "open") is False
