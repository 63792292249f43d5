"""The source `passwd_file`, also compared with Dovecot itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ais import passwd_file
from ais.errors import ConfigError, SourceError, UnreadableHash
from sources.contract import INACTIVE, PASSWORD, SourceContract
from sources.text.faults import TextFaults, configured, listed, page
from support.dovecot import config
from support.needs import need_program
from support.site import salted

APACHE = "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"
"""Of the Apache manual, as those below: httpd.apache.org/docs/2.4/misc/password_encryptions.html. `myPassword`."""

BCRYPT = "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"
DES = "rqXexS6ZhobKA"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "users"


def source_of(path: Path, content: str, **options: Any) -> Any:
    """A source over a file with that content."""
    path.write_bytes(content.encode())
    return passwd_file(str(path), **options)


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, path: Path) -> Any:
        """John and Jane with addresses of a domain, and one who may not log in."""
        stored = salted("SSHA512", PASSWORD)
        (path.parent / "virtual").write_text("j.doe@example.com john.doe\n")
        return source_of(
            path,
            f"john.doe:{stored}:5000:5000:John Doe:/home::userdb_mail=x:y\n"
            f"jane.doe:{stored}:::Jane Dœ-Müller\n{INACTIVE}:{stored}::::::nologin\n",
            domain="example.com",
            virtual=str(path.parent / "virtual"),
        )

    @pytest.fixture
    def broken(self, path: Path) -> Any:
        """A file that is not there."""
        return passwd_file(str(path))


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "passwd_file"
    name = "users"
    good = "anna@example.com:{PLAIN}secret:5000:5000:Anna Müller:/var::\nbob@example.com:{PLAIN}secret\n"
    user = "anna@example.com"


def test_the_shapes_of_a_line(path: Path) -> None:
    """Two fields are enough, one is a user without a password, and the extra fields may hold anything."""
    source = source_of(
        path,
        "# comment:{PLAIN}x\n:{PLAIN}x\n\n"
        "anna@example.com:{PLAIN}a:5000:5000:Anna Müller,Room 7,,:/var/vmail/anna::userdb_quota_rule=*:storage=1G\n"
        "bob@example.com:{PLAIN}b\n"
        "carol@example.com:{PLAIN}c::::::allow_nets=192.0.2.0/24\n"
        "nopass@example.com\n"
        "empty@example.com:\n"
        "dave:{PLAIN}d\n",
    )
    assert listed(source) == {
        "anna@example.com": ("Anna Müller", ["anna@example.com"]),
        "bob@example.com": ("", ["bob@example.com"]),
        "carol@example.com": ("", ["carol@example.com"]),
        "nopass@example.com": ("", ["nopass@example.com"]),
        "empty@example.com": ("", ["empty@example.com"]),
        "dave": ("", []),
    }
    assert source.authenticate("anna@example.com", "a") is True
    assert source.authenticate("carol@example.com", "c") is True
    assert source.authenticate("nopass@example.com", "x") is False
    assert source.authenticate("empty@example.com", "x") is False
    assert source.authenticate("# comment", "x") is None
    assert source.authenticate("", "x") is None


@pytest.mark.parametrize("extra", ["nologin", "nologin=y", "nologin=", "a=b:c nologin x", "proxy=y\tnologin=see:below"])
def test_nologin(path: Path, extra: str) -> None:
    """Who may not log in at Dovecot is not listed and gets a no."""
    source = source_of(path, f"a:{{PLAIN}}x::::::{extra}\nb:{{PLAIN}}x::::::userdb_nologin=y reason=nologin nologins\n")
    assert list(listed(source)) == ["b"]
    assert source.authenticate("a", "x") is False
    assert source.authenticate("b", "x") is True


def test_the_first_of_equal_users(path: Path) -> None:
    """Of two equal users the first counts, for everything."""
    source = source_of(path, "a:{PLAIN}x:::A1\na:{PLAIN}y:::A2\nb:{PLAIN}x::::::nologin\nb:{PLAIN}x\n")
    assert listed(source) == {"a": ("A1", [])}
    assert [source.authenticate(user, password) for user, password in ("ax", "ay", "bx")] == [True, False, False]


@pytest.mark.parametrize(
    ("stored", "password", "scheme"),
    [
        (f"{DES}[13]", "myPassword", "SSHA"),
        ("deb1536f480475f7d593219aa1afd74c[34]", "myPassword", "CRYPT"),
        (BCRYPT, "myPassword", "CRYPT"),
        (DES, "myPassword", "CRYPT"),
        ("deb1536f480475f7d593219aa1afd74c", "myPassword", "PLAIN-MD5"),
        ("{plain.b64}bXlQYXNzd29yZA==", "myPassword", "CRYPT"),
        ("myPassword", "myPassword", "PLAIN"),
        ("{PLAIN}a]b[13]", "a]b[13]", "CRYPT"),
    ],
)
def test_stored_passwords(path: Path, stored: str, password: str, scheme: str) -> None:
    """A bare password is of the default scheme or has a suffix of libpam-pwdfile."""
    source = source_of(path, f"a:{stored}:5000\n", default_scheme=scheme)
    assert source.authenticate("a", password) is True
    assert source.authenticate("a", "Wrong") is False


def test_clear_text_is_no_default(path: Path) -> None:
    """Bare text that is no crypt is an error."""
    with pytest.raises(UnreadableHash):
        source_of(path, "a:secret\n").authenticate("a", "secret")


def test_a_cut_user(path: Path) -> None:
    """A file that ends in a name is half-written; the same line with an end is a user without a password."""
    source = source_of(path, "anna@example.com:{PLAIN}a\nbob@exam")
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna@example.com", "a")):
        with pytest.raises(SourceError, match=f"{path}, line 2: the file breaks off"):
            question()
    assert len(listed(source_of(path, "anna@example.com:{PLAIN}a\nbob@exam\n"))) == 2


@pytest.mark.parametrize(
    "line",
    [
        "bob@example.com {SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=",
        "bob@example.com\t{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=",
        "bob@example.com\u00a0{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=",
        "bob@example.com {SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=:5000:5000::/home::",
        f"bob@example.com {DES}",
        f"bob@example.com {BCRYPT}:5000",
        "bob@example.com|{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsO|a=b:c",
        f"bob@example.com;{APACHE}",
        f"bob@example.com={APACHE}:5000",
        "bob@example.com;secret",
        "bob@example.com, secret",
    ],
)
def test_another_separator(path: Path, line: str) -> None:
    """A stored password never goes out as a part of a user name: its line is an error for list and login."""
    source = source_of(path, f"anna@example.com:{{PLAIN}}a\n{line}\n")
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna@example.com", "a")):
        with pytest.raises(SourceError, match=f"{path}, line 2: ':' must stand behind the user name"):
            question()


def test_hidden_users_have_names_too(path: Path) -> None:
    """A name that could be taken for another is an error of the list, also for a user who is not listed."""
    source = source_of(path, "boss\u00a0:{PLAIN}m::::::nologin\nboss:{PLAIN}b\n")
    with pytest.raises(SourceError, match=f"{path}, line 1: userName cannot be used"):
        source.users()
    assert [source.authenticate("boss", password) for password in "mb"] == [False, True]


def test_a_carriage_return_begins_no_user(path: Path) -> None:
    """Whoever may set a name must not be able to add a user with it."""
    source = source_of(path, "anna:{PLAIN}a:::Anna\rmallory:{PLAIN}m\nbob:{PLAIN}b:::B\x85eve:{PLAIN}m\n")
    assert list(listed(source)) == ["anna", "bob"]
    assert source.authenticate("mallory", "m") is None


def test_addresses(path: Path) -> None:
    """A name that is an address is that user's; others get the domain; alias files add theirs; rule 6 holds."""
    (path.parent / "virtual").write_text(
        "info@example.com anna\nINFO@example.com bob\n@example.org @example.com\n@example.com bob\n"
        "bob@other.test anna\ngone@example.com anna\nhidden@example.com gone\nsales@example.com\n  ,bob@other.test\n"
    )
    (path.parent / "more").write_text("info@example.com bob@other.test\nmore@example.com bob@other.test,anna\n")
    (path.parent / "aliases").write_text("# none\nroot: postmaster\npostmaster: anna, \\bob\ncommand: |/bin/true\n")
    source = source_of(
        path,
        "anna:{PLAIN}x\nbob@other.test:{PLAIN}x\ngone:{PLAIN}x::::::nologin\n",
        domain="example.com",
        virtual=[str(path.parent / name) for name in ("virtual", "more")],
        aliases=str(path.parent / "aliases"),
    )
    assert {user: sorted(addresses) for user, (_, addresses) in listed(source).items()} == {
        "anna": sorted(
            f"{name}@{domain}"
            for name in ("anna", "info", "more", "postmaster", "root")
            for domain in ("example.com", "example.org")
        ),
        "bob@other.test": [
            "bob@other.test",
            "more@example.com",
            "more@example.org",
            "sales@example.com",
            "sales@example.org",
        ],
    }


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("virtual", "a@x.test b\n\nc@x.test\n", "line 3: the targets are missing"),
        ("aliases", "a: b\nc d\n", "line 2: a ':' is missing"),
        ("virtual", "a@x.test b\0\n", "line 1: there is a NUL"),
    ],
)
def test_a_broken_alias_file(path: Path, option: str, text: str, words: str) -> None:
    """An alias file that cannot be read is an error with file and line; an empty one is not."""
    aliases = path.parent / "aliases"
    source = source_of(path, "a:{PLAIN}x\n", **{option: str(aliases)})
    with pytest.raises(SourceError, match=f"{aliases} cannot be read"):
        list(source.users())
    aliases.write_text(text)
    with pytest.raises(SourceError, match=f"{aliases}, {words}"):
        list(source.users())
    aliases.write_text("")
    assert listed(source) == {"a": ("", [])}


@pytest.mark.parametrize(
    "options", [{"domain": "a@b"}, {"domain": ""}, {"domain": 1}, {"domain": "a b"}, {"virtual": [1]}]
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    """An option that cannot be used is refused when the configuration is read."""
    with pytest.raises(ConfigError, match=r"passwd_file\(\): (domain|virtual)"):
        passwd_file("users", **options)


BEFORE_2_4 = """
protocols =
ssl = no
auth_mechanisms = plain
auth_username_format = %u
passdb {{
  driver = passwd-file
  args = scheme=CRYPT username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
"""
SINCE_2_4 = """
protocols =
ssl = no
auth_mechanisms = plain
auth_username_format = %{{user}}
auth_allow_weak_schemes = yes
passdb passwd-file {{
  passwd_file_path = {home}/users
  default_password_scheme = CRYPT
}}
userdb static {{
  fields {{
    uid = 65534
    gid = 65534
    home = /nonexistent
  }}
}}
"""

Ask = Callable[[str, str], bool]


@pytest.fixture
def dovecot(open_folder: Path) -> Iterator[Ask]:
    """A Dovecot of its own, which says whether somebody may log in."""
    program = need_program("dovecot", "dovecot-core")
    doveadm = need_program("doveadm", "dovecot-core")
    conf = open_folder / "dovecot.conf"
    conf.write_text(config(BEFORE_2_4, SINCE_2_4).format(home=open_folder))
    (open_folder / "users").write_text("")

    def ask(user: str, password: str) -> bool:
        done = subprocess.run(
            [doveadm, "-c", conf, "auth", "test", "-x", "no-penalty", user, password],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 77), done
        return done.returncode == 0 and "nologin" not in done.stdout

    with subprocess.Popen([program, "-F", "-c", conf], stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                if (open_folder / "run" / "auth-client").exists():
                    break
                time.sleep(0.05)
            yield ask
        finally:
            process.terminate()


TRAPS = f"""\
# a comment
:{{PLAIN}}noname
anna@example.com:{{PLAIN}}one:5000:5000:Anna:/x::userdb_quota_rule=*:storage=1G
anna@example.com:{{PLAIN}}two
bcrypt:{BCRYPT}
des:{DES}
pam13:{DES}[13]
pam34:deb1536f480475f7d593219aa1afd74c[34]
gone:{{PLAIN}}one::::::nologin=y
bare:{{PLAIN}}one::::::a=b nologin
user:{{PLAIN}}one::::::userdb_nologin=y
nopass
empty:
mixed:{{pLaIn.HeX}}6f6e65
"""


def test_dovecot_says_the_same(open_folder: Path, dovecot: Ask) -> None:
    """Whoever Dovecot lets in is let in here, and nobody else."""
    path = open_folder / "users"
    path.write_text(TRAPS)
    path.chmod(0o644)
    source = passwd_file(str(path))
    users = ["anna@example.com", "bcrypt", "des", "pam13", "pam34", "gone", "bare", "user", "nopass", "empty", "mixed"]
    asked = [(user, word) for user in [*users, "# a comment", "nobody"] for word in ("one", "two", "myPassword")]
    with ThreadPoolExecutor(20) as pool:  # Dovecot takes half a second for each no
        answers = dict(zip(asked, pool.map(lambda given: dovecot(*given), asked), strict=True))
    ours = {given: source.authenticate(*given) is True for given in asked}
    for given in asked:
        if ours[given] and not answers[given]:
            answers[given] = dovecot(*given)  # a busy Dovecot says no to whom it has no time for
    assert ours == answers
    let_in = {user for (user, _), answer in answers.items() if answer}
    assert let_in == {"anna@example.com", "bcrypt", "des", "pam13", "pam34", "user", "mixed"}
    assert list(listed(source)) == [user for user in users if user not in ("gone", "bare")]


PAGE = page("passwd-file.md")


def test_page(tmp_path: Path) -> None:
    """The configurations of the page read the page's file as the page says."""
    first, second, third = PAGE.configurations
    source = configured(tmp_path, first, PAGE.files)
    assert listed(source) == {
        "anna@example.com": ("Anna Müller", ["anna@example.com", "info@example.com"]),
        "bob@example.com": ("", ["bob@example.com"]),
    }
    assert source.authenticate("anna@example.com", "myPassword") is True
    assert source.authenticate("carol@example.com", "myPassword") is False
    source = configured(tmp_path, second, PAGE.files)
    assert listed(source) == {"dave@example.com": ("Dave", ["dave@example.com", "info@example.com"])}
    assert source.authenticate("dave@example.com", "myPassword") is True
    source = configured(tmp_path, third, PAGE.files)
    assert listed(source)["bob@example.com"] == ("", ["bob@example.com", "bob@alias.example"])
