"""``%d`` in a path: one file for each domain; and alias domains of text files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import ais
from ais import htpasswd, passwd, passwd_file
from ais.errors import ConfigError, SourceError
from sources.contract import PASSWORD, SourceContract
from sources.text.faults import TextFaults, listed
from support.site import salted


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files, each with its folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


class TestContract(SourceContract):
    """What holds for every source, with a file for each domain."""

    listed = [  # noqa: RUF012  # as in the base
        {"userName": "jane@example.org", "emailAddresses": ["jane@example.org"]},
        {"userName": "john@example.com", "fullName": "John", "emailAddresses": ["john@example.com", "j@example.com"]},
    ]

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John with an alias, Jane in another domain."""
        stored = salted("SSHA512", PASSWORD)
        files = {
            "example.com/passwd": f"john:{stored}:::John\n",
            "example.com/aliases": "j: john\n",
            "example.org/passwd": f"jane:{stored}\ngone:{stored}::::::nologin\n",
        }
        write(tmp_path, files)
        return passwd_file(f"{tmp_path}/%d/passwd", aliases=f"{tmp_path}/%d/aliases")

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """One domain's file ends in a line."""
        write(tmp_path, {"example.com/passwd": "john.doe:{PLAIN}x\n", "example.org/passwd": "jane.d"})
        return passwd_file(f"{tmp_path}/%d/passwd")

    def test_broken_source_cannot_tell(self, broken: Any) -> None:
        """A list needs all files; a login the one of its domain alone."""
        with pytest.raises(SourceError, match=r"example\.org/passwd, line 1"):
            list(broken.users())
        with pytest.raises(SourceError, match=r"example\.org/passwd, line 1"):
            broken.authenticate("jane.d@example.org", "x")
        assert broken.authenticate("john.doe@example.com", "x") is True


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "passwd_file"
    name = "example.com/passwd"
    good = "käthe:{PLAIN}secret\nanna:{PLAIN}secret\n"
    user = "anna@example.com"

    def place(self, folder: Path) -> str:
        """A folder with folders of domains."""
        return f"{folder}/%d/passwd"

    def test_no_file(self, tmp_path: Path) -> None:
        """A domain without its file is an error that names it: the list would be shorter."""
        path = self.write(tmp_path, self.good)
        path.unlink()
        self.check_error(self.make(tmp_path), str(path))


TWO = {"a.example": {"anna": "one", "bob": "two"}, "b.example": {"anna": "three"}}


@pytest.mark.parametrize("function", ["passwd_file", "htpasswd", "passwd"])
def test_each_person_keeps_name_and_password(function: str, tmp_path: Path) -> None:
    """Two people with one local part are two users, each with the password in the file of the domain."""
    for domain, people in TWO.items():
        if function == "passwd":
            users = "".join(f"{name}:x:1000:1000::/:/bin/sh\n" for name in people)
            shadow = "".join(f"{name}:{{PLAIN}}{password}:1::::::\n" for name, password in people.items())
            write(tmp_path, {f"{domain}/passwd": users, f"{domain}/shadow": shadow})
        else:
            lines = "".join(f"{name}:{{PLAIN}}{password}\n" for name, password in people.items())
            write(tmp_path, {f"{domain}/passwd": lines})
    more = {"shadow": f"{tmp_path}/%d/shadow"} if function == "passwd" else {}
    source = getattr(ais, function)(f"{tmp_path}/%d/passwd", **more)
    assert list(listed(source)) == ["anna@a.example", "bob@a.example", "anna@b.example"]
    for domain, people in TWO.items():
        for name, password in people.items():
            assert source.authenticate(f"{name}@{domain}", password) is True
            assert source.authenticate(f"{name}@{domain}", "four") is False
    assert source.authenticate("anna@a.example", "three") is False
    for nobody in (
        "anna",
        "bob@b.example",
        "anna@c.example",
        "anna@A.example",
        "@a.example",
        "anna@a.example@b.example",
    ):
        assert source.authenticate(nobody, "one") is None, nobody


def test_whole_addresses_in_the_file(tmp_path: Path) -> None:
    """Names may have their domain already, and then no other one."""
    write(tmp_path, {"a.example/users": "anna@a.example:{PLAIN}one\nbob:{PLAIN}two\n"})
    source = passwd_file(f"{tmp_path}/%d/users")
    assert list(listed(source)) == ["anna@a.example", "bob@a.example"]
    assert source.authenticate("anna@a.example", "one") is True
    write(tmp_path, {"b.example/users": "anna@a.example:{PLAIN}mallory\n"})
    with pytest.raises(SourceError, match=r"b\.example has another domain in its name"):
        list(source.users())
    assert source.authenticate("anna@a.example", "mallory") is False


def test_what_is_a_domain(tmp_path: Path) -> None:
    """Hidden folders, files, and folders without a dot and the file are left out; one with the file is a domain."""
    write(tmp_path, {"a.example/users": "anna:{PLAIN}x\n", "intranet/users": "bob:{PLAIN}x\n"})
    write(tmp_path, {".old.example/users": "carol:{PLAIN}x\n", "domains.txt": "x", "backup/other": "x"})
    source = passwd_file(f"{tmp_path}/%d/users")
    assert list(listed(source)) == ["anna@a.example", "bob@intranet"]


def test_file_named_by_the_domain(tmp_path: Path) -> None:
    """%d may be a part of a name, too: of a file or of a folder."""
    write(
        tmp_path, {"users.a.example.txt": "anna:{PLAIN}x\n", "users.b.example.txt": "bob:{PLAIN}x\n", "users.txt": ""}
    )
    source = passwd_file(f"{tmp_path}/users.%d.txt")
    assert list(listed(source)) == ["anna@a.example", "bob@b.example"]
    assert source.authenticate("bob@b.example", "x") is True


@pytest.mark.parametrize("name", ["a b.example", "a@b.example", "a\u200b.example", "a,b.example"])
def test_folder_that_is_no_domain(name: str, tmp_path: Path) -> None:
    """A folder whose name makes no addresses is an error that names it."""
    write(tmp_path, {"a.example/users": "anna:{PLAIN}x\n", f"{name}/users": "bob:{PLAIN}x\n"})
    with pytest.raises(SourceError, match="cannot be that of a domain"):
        list(passwd_file(f"{tmp_path}/%d/users").users())


def test_links_are_alias_domains(tmp_path: Path) -> None:
    """A link to another domain's folder is an alias domain: nobody is listed twice, and everybody has two addresses."""
    base = write(
        tmp_path / "mail", {"a.example/users": "anna:{PLAIN}x\nbob:{PLAIN}x\n", "a.example/aliases": "info: anna\n"}
    )
    (base / "alias.example").symlink_to("a.example")
    (base / "second.example").symlink_to(base / "alias.example")
    (base / "gone.example").symlink_to("nowhere.example")
    source = passwd_file(f"{base}/%d/users", aliases=f"{base}/%d/aliases")
    domains = ("a.example", "alias.example", "second.example")
    anna, bob, info = ([f"{name}@{domain}" for domain in domains] for name in ("anna", "bob", "info"))
    assert {name: sorted(addresses) for name, (_, addresses) in listed(source).items()} == {
        "anna@a.example": anna + info,
        "bob@a.example": bob,
    }
    assert source.authenticate("anna@alias.example", "x") is None


def test_link_that_leads_out(tmp_path: Path) -> None:
    """A link to a folder elsewhere is an error: it may be that of another customer."""
    write(tmp_path / "mallory", {"m.example/users": "mallory:{PLAIN}x\n"})
    write(tmp_path / "boss", {"b.example/users": "boss:{PLAIN}x\n"})
    (tmp_path / "mallory" / "evil.example").symlink_to(tmp_path / "boss" / "b.example")
    source = passwd_file(f"{tmp_path}/mallory/%d/users")
    with pytest.raises(SourceError, match="leads out of its folder"):
        list(source.users())
    with pytest.raises(SourceError, match="leads out of its folder"):
        source.authenticate("boss@evil.example", "x")


@pytest.mark.parametrize(
    "name", ["x@../boss", "x@..", "x@.", "x@a.example/../../boss", "x@/etc", "x@%d", "../x@a.example"]
)
def test_hostile_names(name: str, tmp_path: Path) -> None:
    """No part of a name that somebody types becomes part of a path."""
    write(
        tmp_path,
        {"mail/a.example/users": "anna:{PLAIN}x\n", "boss/users": "x:{PLAIN}x\n", "mail/users": "x:{PLAIN}x\n"},
    )
    assert passwd_file(f"{tmp_path}/mail/%d/users").authenticate(name, "x") is None


def test_no_domains(tmp_path: Path) -> None:
    """A folder without domains, or none at all, is an error."""
    for path, words in ((tmp_path, "has no folders of domains"), (tmp_path / "nowhere", "cannot be read")):
        with pytest.raises(SourceError, match=words):
            list(passwd_file(f"{path}/%d/users").users())


def test_a_login_reads_one_file(tmp_path: Path) -> None:
    """A login does not read the file of another domain; one of an unknown domain costs a file, too."""
    write(tmp_path, {"a.example/users": "anna:{PLAIN}x\n", "b.example/users": "broken"})
    source = passwd_file(f"{tmp_path}/%d/users")
    assert source.authenticate("anna@a.example", "x") is True
    assert source.authenticate("anna@c.example", "x") is None
    assert source.decoy("x") is True
    with pytest.raises(SourceError):
        list(source.users())


@pytest.mark.parametrize("odd", ["0 backup.example", "0link.example", "0loop.example"])
def test_a_login_of_another_domain_than_an_odd_one(odd: str, tmp_path: Path) -> None:
    """A folder that cannot be a domain's, or a link that leads out, refuses the list and its own logins, no others."""
    base = write(tmp_path / "mail", {"a.example/users": "anna:{PLAIN}x\n"})
    write(tmp_path, {"out/users": "anna:{PLAIN}x\n"})
    targets = {"0link.example": tmp_path / "out", "0loop.example": base / odd}
    if odd in targets:
        (base / odd).symlink_to(targets[odd])
    else:
        write(base, {f"{odd}/users": "anna:{PLAIN}x\n"})
    source = passwd_file(f"{base}/%d/users")
    assert source.authenticate("anna@a.example", "x") is True
    assert source.authenticate("anna@c.example", "x") is None
    assert source.decoy("x") is True
    for question in (lambda: list(source.users()), lambda: source.authenticate(f"anna@{odd}", "x")):
        with pytest.raises(SourceError, match=r"cannot be|leads out"):
            question()


DICT = {"alias.example": "a.example", "@second.example": "a.example", "other.example": "nowhere.example"}
FILE = "# alias domains\nalias.example: a.example\nsecond.example: a.example\nother.example: nowhere.example\n"


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.parametrize("function", ["passwd_file", "htpasswd", "passwd"])
def test_alias_domains(function: str, as_file: bool, tmp_path: Path) -> None:
    """Everybody has the same address in each alias domain, but none that is somebody else's name."""
    rest = ":1000:1000::/:/bin/sh" if function == "passwd" else ""
    names = ("anna@a.example", "bob@a.example", "bob@alias.example")
    write(tmp_path, {"users": "".join(f"{name}:{{PLAIN}}x{rest}\n" for name in names), "domains": FILE})
    given: Any = str(tmp_path / "domains") if as_file else DICT
    source = {"passwd_file": passwd_file, "htpasswd": htpasswd, "passwd": passwd}[function](
        str(tmp_path / "users"), alias_domains=given
    )
    assert {name: addresses for name, (_, addresses) in listed(source).items()} == {
        "anna@a.example": ["anna@a.example", "anna@alias.example", "anna@second.example"],
        "bob@a.example": ["bob@a.example", "bob@second.example"],
        "bob@alias.example": ["bob@alias.example"],
    }


@pytest.mark.parametrize("option", ["aliases", "virtual"])
def test_aliases_of_an_alias_domain(option: str, tmp_path: Path) -> None:
    """An alias domain may have a file of aliases, too, which comes before the addresses that it has of its domain."""
    colon = ":" * (option == "aliases")
    write(tmp_path, {"mail/a.example/users": "anna:{PLAIN}x\nbob:{PLAIN}x\n"})
    write(tmp_path, {"aliases/alias.example": f"anna@alias.example{colon} bob@a.example\ninfo{colon} anna@a.example\n"})
    write(tmp_path, {"aliases/else.example": f"x@else.example{colon} anna@a.example\n"})
    source = passwd_file(
        f"{tmp_path}/mail/%d/users",
        alias_domains={"@alias.example": "A.example", "a.example": "alias.example", "else.example": "b.example"},
        **{option: f"{tmp_path}/aliases/%d"},
    )
    assert {name: addresses for name, (_, addresses) in listed(source).items()} == {
        "anna@a.example": ["anna@a.example", "info@a.example", "info@alias.example"],
        "bob@a.example": ["bob@a.example", "anna@alias.example", "bob@alias.example"],
    }


@pytest.mark.parametrize("name", ["..", "../.", "@.."])
def test_an_alias_domain_leads_out_of_no_folder(name: str, tmp_path: Path) -> None:
    """What a file of alias domains says is no way to other files."""
    write(tmp_path, {"mail/a.example/users": "anna:{PLAIN}x\n", "aliases": "stolen@b.example: anna@a.example\n"})
    domains = {name: "a.example"}
    source = passwd_file(f"{tmp_path}/mail/%d/users", alias_domains=domains, aliases=f"{tmp_path}/mail/%d/aliases")
    assert "stolen@b.example" not in listed(source)["anna@a.example"][1]


@pytest.mark.parametrize("given", [3, "", ["alias.example"], {"alias.example": 3}, {1: "a.example"}])
def test_alias_domains_that_are_none(given: Any) -> None:
    """What is neither a dict of texts nor a path is refused when the configuration is read."""
    with pytest.raises(ConfigError, match=r"passwd_file\(\): alias_domains must be"):
        passwd_file("users", alias_domains=given)


def test_damaged_file_of_alias_domains(tmp_path: Path) -> None:
    """A line that cannot be read is an error with file and line."""
    write(tmp_path, {"users": "anna@a.example:{PLAIN}x\n", "domains": "alias.example a.example\n"})
    with pytest.raises(SourceError, match="domains, line 1: a ':' is missing"):
        list(passwd_file(str(tmp_path / "users"), alias_domains=str(tmp_path / "domains")).users())


def test_unreadable_file_of_one_domain(tmp_path: Path) -> None:
    """A pipe in the place of one domain's file is an error that names it."""
    write(tmp_path, {"a.example/users": "anna:{PLAIN}x\n", "b.example/other": ""})
    os.mkfifo(tmp_path / "b.example" / "users")
    with pytest.raises(SourceError, match=r"b\.example/users cannot be read: it is not a file"):
        list(passwd_file(f"{tmp_path}/%d/users").users())


@pytest.mark.parametrize("option", ["aliases", "virtual"])
@pytest.mark.parametrize("function", ["passwd_file", "htpasswd", "passwd"])
def test_aliases_of_domains_that_there_are_not(function: str, option: str) -> None:
    """%d in a file of aliases alone is refused: without domains the addresses would be missing from the list."""
    with pytest.raises(ConfigError, match=rf"{function}\(\): %d in aliases or virtual needs %d in path"):
        getattr(ais, function)("users", **{option: ["x", "/etc/auth/%d/aliases"]})


def test_passwords_of_domains_that_there_are_not() -> None:
    """So is %d in shadow alone."""
    with pytest.raises(ConfigError, match=r"passwd\(\): %d in shadow needs %d in path, too"):
        passwd("users", shadow="/etc/auth/%d/shadow")
