"""The source `htpasswd`, also compared with Apache's program."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ais import htpasswd
from ais.errors import SourceError, UnreadableHash
from sources.contract import PASSWORD, USERS, SourceContract
from sources.text.faults import TextFaults, configured, listed, page
from support.needs import need_program
from support.site import salted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / ".htpasswd"


def source_of(path: Path, content: str, **options: Any) -> Any:
    """A source over a file with that content."""
    path.write_bytes(content.encode())
    return htpasswd(str(path), **options)


class TestContract(SourceContract):
    """What holds for every source. There are no names and no flags."""

    listed = [{key: value for key, value in user.items() if key != "fullName"} for user in USERS]  # noqa: RUF012  # as in the base
    has_inactive = False

    @pytest.fixture
    def source(self, path: Path) -> Any:
        """John and Jane with addresses of a domain and an alias."""
        stored = salted("SSHA512", PASSWORD)
        (path.parent / "virtual").write_text("j.doe@example.com john.doe@example.com\n")
        return source_of(
            path,
            f"john.doe:{stored}\njane.doe:{stored}\n",
            domain="example.com",
            virtual=str(path.parent / "virtual"),
        )

    @pytest.fixture
    def broken(self, path: Path) -> Any:
        """A file with a line that cannot be read."""
        return source_of(path, "john.doe:{SSHA512}AAAA\njane")


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "htpasswd"
    name = ".htpasswd"
    good = "käthe:{PLAIN}secret\nanna@example.com:{PLAIN}secret\n"
    user = "anna@example.com"


# The Apache manual's own: httpd.apache.org/docs/2.4/misc/password_encryptions.html
MANUAL = """\
bcrypt:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC
apr1:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/
sha:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=
des:rqXexS6ZhobKA
"""


@pytest.mark.parametrize("user", ["bcrypt", "apr1", "sha", "des"])
def test_the_manuals_examples(path: Path, user: str) -> None:
    """Every form that the Apache manual shows is read."""
    source = source_of(path, MANUAL)
    assert source.authenticate(user, "myPassword") is True
    assert source.authenticate(user, "yPassword") is False
    assert listed(source)[user] == ("", [])


def test_addresses(path: Path) -> None:
    """A name that is an address is that user's, with domain= too; other names get the domain."""
    text = "anna@example.com:x\nbob:x\n"
    assert listed(source_of(path, text)) == {"anna@example.com": ("", ["anna@example.com"]), "bob": ("", [])}
    assert listed(source_of(path, text, domain="example.org")) == {
        "anna@example.com": ("", ["anna@example.com"]),
        "bob": ("", ["bob@example.org"]),
    }


@pytest.mark.parametrize("line", ["dave", "dave:x\ncar", "dave $apr1$x", ":x", " : x"])
def test_a_line_that_is_none(path: Path, line: str) -> None:
    """A line without a colon or a name is an error for list and login, also the last one."""
    number = 2 + line.count("\n")
    source = source_of(path, f"anna:{{PLAIN}}secret\n{line}")
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna", "secret")):
        with pytest.raises(SourceError, match=f"{path}, line {number}: it must be user:password"):
            question()


def test_blanks_in_names(path: Path) -> None:
    """The program takes names with blanks; a stored password behind one, for want of a colon, is an error."""
    source = source_of(path, "John Doe:{PLAIN}secret\n")
    assert list(listed(source)) == ["John Doe"]
    assert source.authenticate("John Doe", "secret") is True
    for line in ("bob {SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=:comment", "bob $apr1$r31.....$HqJZimcKQFAMYayBlzkrA/:comment"):
        with pytest.raises(SourceError, match=f"{path}, line 1: ':' must stand behind the user name"):
            list(source_of(path, f"{line}\n").users())


def test_clear_text_only_when_named(path: Path) -> None:
    """The clear text that htpasswd -p writes is a scheme that the administrator names."""
    with pytest.raises(UnreadableHash):
        source_of(path, "a:secret\n").authenticate("a", "secret")
    source = source_of(path, "a:secret\nb:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/\n", default_scheme="PLAIN")
    assert source.authenticate("a", "secret") is True
    assert source.authenticate("a", "Secret") is False
    assert source.authenticate("b", "myPassword") is True
    assert source.authenticate("b", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/") is False


@pytest.mark.parametrize("stored", ["", " ", "*", "!", "x", "!$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"])
def test_no_stored_password_is_a_no(path: Path, stored: str) -> None:
    """A field that says "no password" is a no; a password equal to it as well."""
    source = source_of(path, f"a:{stored}\n")
    assert source.authenticate("a", stored or "x") is False
    assert source.authenticate("a", "myPassword") is False


KINDS = {"bcrypt": "-B", "apr1": "-m", "sha": "-s", "des": "-d", "sha256": "-2", "sha512": "-5"}


def test_files_of_the_program(path: Path) -> None:
    """What htpasswd writes, in each of its forms, is read; and yes and no are the same as of its own check."""
    program = need_program("htpasswd", "apache2-utils")
    usage = subprocess.run([program], capture_output=True, text=True, check=False).stderr
    kinds = {user: kind for user, kind in KINDS.items() if f"\n {kind} " in usage}  # that of Ubuntu 24.04 has no SHA-2
    assert len(kinds) >= 4
    for number, (user, kind) in enumerate(kinds.items()):
        create = "-c" if number == 0 else ""
        subprocess.run(
            [program, f"-b{kind[1:]}{create[1:]}", path, user, f"Pass-wörd {user}"], check=True, capture_output=True
        )
    source = htpasswd(str(path))
    assert list(listed(source)) == list(kinds)
    for user in kinds:
        # Of DES only eight characters count, for the program as well.
        for password in (f"Pass-wörd {user}", f"pass-wörd {user}", f"Pass-wörd {user}!"):
            assert source.authenticate(user, password) is verified(program, path, user, password)


SHAPES = """\
# comment without colon
#hidden:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=
  blank:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=

"""


def test_shapes_of_lines(path: Path) -> None:
    """Comments and blanks are what they are for the program."""
    program = need_program("htpasswd", "apache2-utils")
    source = source_of(path, SHAPES)
    assert list(listed(source)) == ["blank"]
    for user in ("#hidden", "hidden", "blank", "# comment without colon"):
        for password in ("myPassword", "", "x"):
            answer = verified(program, path, user, password)
            assert (source.authenticate(user, password) is True) is answer, (user, password)


def test_the_first_of_equal_users(path: Path) -> None:
    """Of two equal users the first counts, as for Apache's mod_authn_file."""
    source = source_of(path, "a:{PLAIN}one\na:{PLAIN}two\n")
    assert [source.authenticate("a", password) for password in ("one", "two")] == [True, False]
    assert list(listed(source)) == ["a"]


def test_a_comment_behind_the_password(path: Path) -> None:
    """A second colon ends the password, as for Apache's server and nginx."""
    source = source_of(path, "a:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=:comment: of a\n")
    assert source.authenticate("a", "myPassword") is True


def verified(program: str, path: Path, user: str, password: str) -> bool:
    """What htpasswd itself says to a password."""
    done = subprocess.run([program, "-vb", path, user, password], capture_output=True, check=False)
    assert done.returncode in (0, 3, 6), done
    return done.returncode == 0


PAGE = page("htpasswd.md")


def test_page(tmp_path: Path) -> None:
    """The configurations of the page read the page's file as the page says."""
    first, second = PAGE.configurations
    source = configured(tmp_path, first, PAGE.files)
    assert listed(source) == {name: ("", [f"{name}@example.com"]) for name in ("anna", "bob", "carol")} | {
        "dave@example.org": ("", ["dave@example.org"])
    }
    for user in ("anna", "bob", "carol", "dave@example.org"):
        assert source.authenticate(user, "myPassword") is True
    source = configured(tmp_path, second, PAGE.files)
    assert listed(source)["anna"] == ("", ["anna@example.com", "info@example.com"])


@pytest.mark.parametrize("default", [None, "PLAIN"])
def test_htdigest_is_named(path: Path, default: str | None) -> None:
    """A line of htdigest is an error that says so: its realm would be a password in clear text."""
    source = source_of(path, "anna:The Realm:939e7578ed9e3c518a452acee763bce9\n", default_scheme=default)
    for ask in (lambda: source.authenticate("anna", "The Realm"), lambda: listed(source)):
        with pytest.raises(SourceError, match="htdigest"):
            ask()


def test_a_target_that_cannot_be_read(path: Path) -> None:
    """A target in an alias file that is no address gives nobody an address, and the source tells of it."""
    (path.parent / "virtual").write_text("i@example.com anna@example.com (old)\n")
    source = source_of(path, "anna@example.com:x\n", virtual=str(path.parent / "virtual"))
    assert listed(source) == {"anna@example.com": ("", ["anna@example.com"])}
    assert source.left_over == ["anna@example.com (old) of the alias i@example.com"]
