"""The presets `cpanel`, `directadmin` and `virtualmin`, over the files of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

import ais
from ais import cpanel, directadmin, hestia, virtualmin
from ais.errors import ConfigError, SourceError
from ais.sources import Source
from ais.sources.text import is_there
from sources.contract import PASSWORD, USERS, SourceContract
from sources.text.faults import Login, TextFaults, configured, listed, page
from support.dovecot import at_the_usual_port, dovecot
from support.openldap import certificates
from support.site import salted


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files, each with its folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def cpanel_files(domain: str, people: dict[str, str]) -> dict[str, str]:
    """The two files of a domain; `people` have stored passwords."""
    return {
        f"home/etc/{domain}/passwd": "".join(
            f"{name}:x:760:1005::/home/u/mail/{domain}/{name}:/home/u\n" for name in people
        ),
        f"home/etc/{domain}/shadow": "".join(f"{name}:{stored}:16000::::::\n" for name, stored in people.items()),
    }


def make_cpanel(folder: Path, **options: Any) -> Any:
    """The preset over an account and the folders of /etc."""
    for name in ("valiases", "vdomainaliases"):
        (folder / name).mkdir(exist_ok=True)
    where = {"valiases": f"{folder}/valiases", "vdomainaliases": f"{folder}/vdomainaliases"}
    return cpanel(f"{folder}/home", **{**where, **options})


class TestCpanelContract(SourceContract):
    """What holds for every source."""

    listed = [  # noqa: RUF012  # as in the base
        {"userName": "jane@example.org", "emailAddresses": ["jane@example.org", "jane@alias.example"]},
        {"userName": "john@example.com", "emailAddresses": ["john@example.com", "j@example.com"]},
    ]
    inactive = "gone@example.com"

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """Two domains, one with an alias domain; one suspended login."""
        stored = salted("SSHA512", PASSWORD)
        files = cpanel_files("example.com", {"john": stored, "gone": f"!{stored}"})
        files |= cpanel_files("example.org", {"jane": stored})
        files["valiases/example.com"] = 'j: john@example.com\n*: ":fail: No Such User Here"\n'
        files["vdomainaliases/alias.example"] = "alias.example: example.org\n"
        return make_cpanel(write(tmp_path, files))

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """There is no such account."""
        return make_cpanel(tmp_path)


class TestCpanelFaults(TextFaults):
    """What holds for every source over text files."""

    function = "cpanel"
    options: ClassVar[dict[str, Any]] = {"valiases": None, "vdomainaliases": None}
    is_folder = True
    name = "etc/example.com/shadow"
    good = "käthe:{PLAIN}secret:16000::::::\nanna:{PLAIN}secret:16000::::::\n"
    user = "anna@example.com"

    def write(self, folder: Path, content: bytes | str) -> Path:
        """With the file of users beside it, which is always a good one."""
        path = super().write(folder, content)
        self.write_users(path.with_name("passwd"), "utf-8")
        return path

    def write_users(self, path: Path, encoding: str) -> None:
        """The file of users."""
        lines = [f"{name}:x:760:1005::/home/u/mail/{name}:/home/u\n" for name in ("anna", "käthe")]
        path.write_text("".join(lines), encoding=encoding)

    def make(self, folder: Path, **options: Any) -> Source:
        """The source, over that folder."""
        if options.get("encoding") == "cp1252":
            self.write_users(folder / "etc/example.com/passwd", "cp1252")
        return super().make(folder, **options)


def test_cpanel_user_without_a_password(tmp_path: Path) -> None:
    """A user without a line in shadow is an error of the list and of a login."""
    files = cpanel_files("example.com", {"john": "{PLAIN}x"})
    source = make_cpanel(write(tmp_path, {**files, "home/etc/example.com/shadow": "bob:*:1::::::\n"}))
    for question in (lambda: list(source.users()), lambda: source.authenticate("john@example.com", "x")):
        with pytest.raises(SourceError, match=r"example\.com/shadow has no line for .*example\.com/passwd: run pwck"):
            question()


def test_cpanel(tmp_path: Path) -> None:
    """Two domains with one name are two users; system users, programs and catch-alls are no mailboxes."""
    files = cpanel_files("a.example", {"anna": "{PLAIN}one", "user": "{PLAIN}four"})
    files |= cpanel_files("b.example", {"anna": "{PLAIN}two"}) | cpanel_files("empty.example", {})
    files["home/etc/ftpquota/x"] = files["home/etc/.cache/x"] = ""
    files["valiases/a.example"] = (
        "info@a.example: anna@a.example, anna@b.example\noffice: info@a.example\npostmaster: user\n*: user\n"
        'drop@a.example: :blackhole:\nscript@a.example: "|/home/u/run.pl"\nanna@b.example: user@a.example\n'
    )
    files["valiases/b.example"] = "*: anna@a.example\n"
    files["valiases/other.example"] = "x@other.example: anna@a.example\n"
    files["vdomainaliases/c.example"] = "c.example: a.example\n"
    files["vdomainaliases/d.example"] = "d.example: other.example\n"
    source = make_cpanel(write(tmp_path, files))
    info = ["info@a.example", "info@c.example", "office@a.example", "office@c.example"]
    assert listed(source) == {
        "anna@a.example": ("", ["anna@a.example", "anna@c.example", *info]),
        "user@a.example": ("", ["user@a.example", "user@c.example"]),
        "anna@b.example": ("", ["anna@b.example", *info]),
    }
    assert source.authenticate("anna@a.example", "one") is True
    assert source.authenticate("anna@b.example", "one") is False
    for nobody in ("anna", "anna@c.example", "anna@other.example", "x@../.."):
        assert source.authenticate(nobody, "one") is None


def test_cpanel_without_the_folders_of_root(tmp_path: Path) -> None:
    """A customer cannot read them: None does without. A folder that the configuration names must be there."""
    write(tmp_path, cpanel_files("a.example", {"anna": "{PLAIN}x"}))
    alone = {"anna@a.example": ("", ["anna@a.example"])}
    assert listed(make_cpanel(tmp_path, valiases=None, vdomainaliases=None)) == alone
    for option in ("valiases", "vdomainaliases"):
        for place in ("nowhere", "home/etc/a.example/passwd"):
            with pytest.raises(SourceError, match=rf"{place} cannot be read: there is no such folder.* {option}=None"):
                list(make_cpanel(tmp_path, **{option: f"{tmp_path}/{place}"}).users())
    for option in ("home", "valiases", "vdomainaliases"):
        with pytest.raises(ConfigError, match=rf"cpanel\(\): {option} must be the path of a folder"):
            cpanel(**{"home": "/home/u", option: 3})


def test_cpanel_link_of_a_customer(tmp_path: Path) -> None:
    """The folder etc belongs to the customer: a link in it to somebody else's domain is an error."""
    write(tmp_path / "other", cpanel_files("b.example", {"boss": "{PLAIN}x"}))
    write(tmp_path, cpanel_files("a.example", {"anna": "{PLAIN}x"}))
    (tmp_path / "home/etc/evil.example").symlink_to(tmp_path / "other/home/etc/b.example")
    with pytest.raises(SourceError, match="leads out of its folder"):
        list(make_cpanel(tmp_path).users())


@pytest.mark.parametrize("name", ["etc", "etc/a.example", "etc/a.example/passwd", "etc/a.example/shadow"])
def test_cpanel_link_to_files_of_another_customer(name: str, tmp_path: Path) -> None:
    """So is a link in the place of any file or folder below the home, for the list and at a login."""
    write(tmp_path / "bob", cpanel_files("a.example", {"boss": "{PLAIN}x"}))
    write(tmp_path / "alice", cpanel_files("a.example", {"boss": "{PLAIN}y"}))
    place = tmp_path / "alice" / "home" / name
    place.rename(tmp_path / "away")
    place.symlink_to(tmp_path / "bob" / "home" / name)
    source = make_cpanel(tmp_path / "alice")
    for question in (lambda: list(source.users()), lambda: source.authenticate("boss@a.example", "x")):
        with pytest.raises(SourceError, match=r"link|has no folders of domains"):
            question()


def test_cpanel_home_that_is_a_link(tmp_path: Path) -> None:
    """The home itself may be one: the panel moves homes to other disks."""
    write(tmp_path, cpanel_files("a.example", {"anna": "{PLAIN}x"}))
    (tmp_path / "home").rename(tmp_path / "home2")
    (tmp_path / "home").symlink_to("home2")
    assert list(listed(make_cpanel(tmp_path))) == ["anna@a.example"]


class TestDirectAdminContract(SourceContract):
    """What holds for every source."""

    listed = [  # noqa: RUF012  # as in the base
        {"userName": "jane@example.org", "emailAddresses": ["jane@example.org", "jane@pointer.example"]},
        {"userName": "john@example.com", "emailAddresses": ["john@example.com", "j@example.com"]},
    ]
    inactive = "gone@example.com"

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """Two domains, one with a pointer; one suspended mailbox; what else lies in /etc/virtual."""
        stored = salted("SSHA512", PASSWORD)
        files = {
            "example.com/passwd": f"john:{stored}:1005:12::/home/u:/bin/false\ngone:!{stored}:1005:12::/home/u:\n",
            "example.com/aliases": 'j: john\nuser: user\n*: :fail:\nscript: "|/usr/bin/php"\n',
            "example.org/passwd": f"jane:{stored}\n",
            "empty.example/passwd": "",
            "domainowners": "example.com: user\nexample.org: user\n",
            "domains": "example.com\n",
        }
        write(tmp_path, files)
        (tmp_path / "pointer.example").symlink_to("example.org")
        (tmp_path / "server.example").mkdir()
        return directadmin(str(tmp_path))

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file that ends in a line."""
        return directadmin(str(write(tmp_path, {"example.com/passwd": "john.doe:{PLAIN}x\njane.d"})))


class TestDirectAdminFaults(TextFaults):
    """What holds for every source over text files."""

    function = "directadmin"
    is_folder = True
    name = "example.com/passwd"
    good = "käthe:{PLAIN}secret\nanna:{PLAIN}secret\n"
    user = "anna@example.com"

    def test_no_file(self, tmp_path: Path) -> None:
        """A domain without its file is an error that names it, unless the panel knows no such domain."""
        path = self.write(tmp_path, self.good)
        path.unlink()
        self.check_error(self.make(tmp_path), str(path))
        write(tmp_path, {"domainowners": "example.com: alice\n", "example.org/passwd": "bob:{PLAIN}x\n"})
        self.check_error(self.make(tmp_path), str(path))
        write(tmp_path, {"domainowners": "example.org: alice\n"})
        assert list(listed(self.make(tmp_path))) == ["bob@example.org"]


@pytest.mark.parametrize("preset", ["directadmin", "hestia", "cpanel"])
def test_alias_of_another_domain(preset: str, tmp_path: Path) -> None:
    """Mail servers look up a domain's addresses in its own file: a customer cannot take those of another domain."""
    boss, mal = (f"{name}:{{PLAIN}}x:1:1::/home:0:a\n" for name in ("boss", "mal"))
    for domain, line, aliases in (
        ("a.example", mal, "info@b.example: mal@a.example\nCEO@B.example: mal@a.example\nx@A.example: mal@a.example\n"),
        ("b.example", boss, "info@b.example: boss@b.example\n"),
    ):
        if preset == "cpanel":
            files = {**cpanel_files(domain, {line.partition(":")[0]: "{PLAIN}x"}), f"valiases/{domain}": aliases}
        else:
            files = {f"{domain}/passwd": line, f"{domain}/aliases": aliases}
        write(tmp_path, files)
    source = make_cpanel(tmp_path) if preset == "cpanel" else getattr(ais, preset)(str(tmp_path))
    assert listed(source) == {
        "mal@a.example": ("", ["mal@a.example", "x@A.example"]),
        "boss@b.example": ("", ["boss@b.example", "info@b.example"]),
    }
    if preset == "hestia":  # also where it reads one domain
        one = hestia(str(tmp_path / "a.example"))
        assert listed(one) == {"mal@a.example": ("", ["mal@a.example", "x@A.example"])}


def test_cpanel_aliases_of_an_alias_domain(tmp_path: Path) -> None:
    """The file of an alias domain comes before the addresses that it has of its domain; so does that of its alias."""
    files = cpanel_files("one.example", {"anna": "{PLAIN}x", "bob": "{PLAIN}x"})
    files["vdomainaliases/parked.example"] = "parked.example: one.example\n"
    files["vdomainaliases/second.example"] = "second.example: parked.example\n"
    files["valiases/parked.example"] = "anna@parked.example: bob@one.example\nspecial: anna@one.example\n"
    files["valiases/second.example"] = "bob@second.example: anna@one.example\nx@parked.example: anna@one.example\n"
    assert {name: addresses for name, (_, addresses) in listed(make_cpanel(write(tmp_path, files))).items()} == {
        "anna@one.example": [
            *("anna@one.example", "bob@second.example", "special@parked.example", "special@second.example"),
        ],
        "bob@one.example": ["bob@one.example", "anna@parked.example", "anna@second.example", "bob@parked.example"],
    }


def test_cpanel_alias_domain_of_another_customer(tmp_path: Path) -> None:
    """Mail servers look up an alias domain in its own file: a customer cannot take the domain of another customer."""
    files = cpanel_files("mal.example", {"ceo": "{PLAIN}x"})
    files["vdomainaliases/m.example"] = "b.example: mal.example\nM.example: mal.example\n../x: mal.example\n"
    source = make_cpanel(write(tmp_path, files))
    assert listed(source) == {"ceo@mal.example": ("", ["ceo@mal.example", "ceo@m.example"])}


def test_directadmin_suspended_domain(tmp_path: Path) -> None:
    """The panel calls the folder of a suspended domain DOMAIN_off: nobody there is listed or gets in."""
    files = {"a.example/passwd": "anna:{PLAIN}x\n", "a.example/aliases": "info: bob@b.example\n"}
    files |= {"b.example_off/passwd": "bob:{PLAIN}x\n", "b.example_off/aliases": "sales: anna@a.example\n"}
    write(tmp_path, files)
    (tmp_path / "pointer.example").symlink_to("b.example")
    source = directadmin(str(tmp_path))
    assert listed(source) == {"anna@a.example": ("", ["anna@a.example"])}
    assert source.authenticate("anna@a.example", "x") is True
    for name in ("bob@b.example", "bob@b.example_off"):
        assert source.authenticate(name, "x") is None


@pytest.mark.parametrize(("preset", "odd"), [("hestia", "0 b.example"), ("directadmin", "0.example")])
def test_login_of_another_domain_than_an_odd_one(
    preset: str, odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with one domain's folder, such as its rights, does not refuse the logins of others."""
    write(tmp_path, {"a.example/passwd": "anna:{PLAIN}x:1:1::/home:0\n", f"{odd}/passwd": ""})
    source = getattr(ais, preset)(str(tmp_path))

    def look(path: str) -> bool:
        if odd in path:
            raise SourceError(f"{path} cannot be looked at")
        return is_there(path)

    monkeypatch.setattr(f"ais.presets.{preset}.is_there", look)
    assert source.authenticate("anna@a.example", "x") is True
    for question in (lambda: list(source.users()), lambda: source.authenticate(f"anna@{odd}", "x")):
        with pytest.raises(SourceError):
            question()


def test_directadmin_aliases(tmp_path: Path) -> None:
    """Names in a domain's aliases are in that domain; a forward of a mailbox gives its address to nobody else."""
    files = {
        "a.example/passwd": "anna:{PLAIN}x\nbob:{PLAIN}x\n",
        "a.example/aliases": "info: anna, bob@b.example\nbob: anna\nteam: info\n*: anna\nadmin: anna\n",
        "b.example/passwd": "bob:{PLAIN}x\nadmin:{PLAIN}x\n",
        "b.example/aliases": "info: bob\n",
    }
    assert listed(directadmin(str(write(tmp_path, files)))) == {
        "anna@a.example": ("", ["anna@a.example", "admin@a.example", "info@a.example", "team@a.example"]),
        "bob@a.example": ("", ["bob@a.example"]),
        "bob@b.example": ("", ["bob@b.example", "info@a.example", "info@b.example", "team@a.example"]),
        "admin@b.example": ("", ["admin@b.example"]),
    }


VIRTUALMIN = {
    "passwd": """root:x:0:0:root:/root:/bin/bash
anna@a.example:x:1001:1000:Anna:/home/a/homes/anna:/bin/false
anna-a.example:x:1001:1000:Anna:/home/a/homes/anna:/bin/false
bob.b:x:1002:1000:Bob:/home/b/homes/bob:/bin/false
eve-a.example:x:1003:1000:Eve:/home/e:/bin/false
carol@a.example:x:1004:1000:Carol:/home/a/homes/carol:/bin/false
carol-a.example:x:1004:1000:Carol:/home/a/homes/carol:/bin/false
off-maria@a.example:x:1005:1000:Off:/home/a/homes/off:/bin/false
off-maria-a.example:x:1005:1000:Off:/home/a/homes/off:/bin/false
""",
    "shadow": "".join(
        f"{name}:{stored}:19000:0:99999:7:::\n"
        for name, stored in (
            ("root", "*"),
            ("anna@a.example", "{PLAIN}one"),
            ("anna-a.example", "{PLAIN}one"),
            ("bob.b", "{PLAIN}two"),
            ("eve-a.example", "{PLAIN}three"),
            ("carol@a.example", "{PLAIN}four"),
            ("carol-a.example", "{PLAIN}four"),
            ("off-maria@a.example", "!{PLAIN}five"),
            ("off-maria-a.example", "!{PLAIN}five"),
        )
    ),
    "virtual": """anna@a.example anna-a.example
a.mueller@a.example anna-a.example
c@a.example carol\\@a.example
bob@b.example bob.b
@alias.example @a.example
@a.example eve-a.example
team@a.example team-a.example
robert@b.example robert-b.example
e@a.example carol-a.example
auto@b.example auto-b.example
""",
    "aliases": """postmaster: root
team-a.example: anna-a.example, bob@b.example, x@else.example
robert-b.example: \\bob.b, anna@a.example, "|/etc/webmin/virtual-server/autoreply.pl /etc/x bob.b"
carol-a.example: \\carol\\@a.example, bob.b
auto-b.example: "|/etc/webmin/virtual-server/autoreply.pl /etc/y auto", \\bob.b
root: eve-a.example
""",
}


def make_virtualmin(folder: Path, **options: Any) -> Any:
    """The preset over the files of a system."""
    aliases = f"{folder}/aliases" if (folder / "aliases").exists() else None
    options = {"shadow": f"{folder}/shadow", "virtual": f"{folder}/virtual", "aliases": aliases, **options}
    return virtualmin(f"{folder}/passwd", **options)


def test_virtualmin(tmp_path: Path) -> None:
    """Of the two lines of one mailbox, that with the @ counts; a user of its own with such a name is one.

    An address of several leads through the local aliases. One that its owner forwards stays the owner's.
    """
    source = make_virtualmin(write(tmp_path, VIRTUALMIN))
    team = ["team@a.example", "team@alias.example"]
    assert listed(source) == {
        "anna@a.example": (
            "Anna",
            ["anna@a.example", "a.mueller@a.example", "a.mueller@alias.example", "anna@alias.example", *team],
        ),
        "bob.b": ("Bob", ["auto@b.example", "bob@b.example", "robert@b.example", *team]),
        "eve-a.example": ("Eve", []),
        "carol@a.example": (
            "Carol",
            [
                *("carol@a.example", "c@a.example", "c@alias.example", "carol@alias.example"),
                *("e@a.example", "e@alias.example"),
            ],
        ),
    }
    for name, password in (("anna@a.example", "one"), ("bob.b", "two"), ("eve-a.example", "three")):
        assert source.authenticate(name, password) is True
        assert source.authenticate(name, "wrong") is False
    assert source.authenticate("off-maria@a.example", "five") is False
    for nobody in ("anna-a.example", "carol-a.example", "off-maria-a.example", "root", "-", "--@--"):
        assert source.authenticate(nobody, "one") in (None, False), nobody
    assert source.authenticate("anna-a.example", "one") is None


def test_virtualmin_aliases(tmp_path: Path) -> None:
    """The file of local aliases that the configuration names must be there; that of the system need not."""
    write(tmp_path, VIRTUALMIN)
    without = make_virtualmin(tmp_path, aliases=None)
    assert listed(without)["bob.b"] == ("Bob", ["bob@b.example"])
    assert listed(make_virtualmin(tmp_path))["bob.b"] != listed(without)["bob.b"]
    with pytest.raises(SourceError, match="nowhere cannot be read"):
        list(make_virtualmin(tmp_path, aliases=f"{tmp_path}/nowhere").users())


@pytest.mark.parametrize(
    ("option", "value", "must"),
    [
        *(("min_uid", value, "be a number, 0 or more") for value in (-5, True, "x", None)),
        *(("virtual", value, "be the path of a file") for value in (None, "", ["/etc/postfix/virtual"])),
    ],
)
def test_virtualmin_arguments(option: str, value: Any, must: str) -> None:
    """What is no uid or no path is refused when the configuration is read."""
    with pytest.raises(ConfigError, match=rf"virtualmin\(\): {option} must {must}"):
        virtualmin(**{option: value})


def test_virtualmin_nobody(tmp_path: Path) -> None:
    """The user nobody, whose uid is large, is no mailbox, also where a login checks the passwords."""
    line = "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    write(tmp_path, {**VIRTUALMIN, "passwd": line + VIRTUALMIN["passwd"]})
    source = make_virtualmin(tmp_path, shadow=None, login=Login())
    assert "anna@a.example" in listed(source)
    assert "nobody" not in listed(source)
    assert source.authenticate("nobody", "open") is None


def check_login(configuration: str, folder: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration whose login is the mail server asks a real one."""
    authority = certificates(folder)
    with dovecot({"anna@example.com": "open"}, authority) as server:
        at_the_usual_port(monkeypatch, server, authority)
        source = configured(folder, configuration, files)
        assert list(listed(source)) == ["anna@example.com", "dave@example.com"]
        assert source.authenticate("anna@example.com", "open") is True
        assert source.authenticate("dave@example.com", "open") is False


@pytest.mark.parametrize("name", ["presets/cpanel.md", "presets/directadmin.md", "presets/virtualmin.md"])
def test_page(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configurations of the page read the page's files as the page says."""
    read = page(name)
    files = dict(read.files)
    if "cpanel" in name:  # a folder that a server has
        files |= {"/etc/vdomainaliases/alias.example": ""}
    for number, configuration in enumerate(read.configurations):
        if "login" in configuration:
            check_login(configuration, tmp_path, files, monkeypatch)
            continue
        source = configured(tmp_path, configuration, files)
        has_aliases = "cpanel" not in name or number == 0
        addresses = ["anna@example.com", *(["info@example.com"] if has_aliases else [])]
        assert listed(source)["anna@example.com"][1] == addresses
        assert source.authenticate("anna@example.com", "myPassword") is True
        assert source.authenticate("anna@example.com", "wrong") is False
        assert "dave@example.com" not in listed(source)


class TestVirtualminContract(SourceContract):
    """What holds for every source. Addresses come from the map, in the order of letters."""

    listed = [  # noqa: RUF012  # as in the base
        {**user, "emailAddresses": sorted(str(address) for address in user["emailAddresses"])} for user in USERS
    ]

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John with two addresses, Jane, and a user of a domain that is off."""
        stored = salted("SSHA512", PASSWORD)
        people = [("john.doe", "John Doe", stored), ("jane.doe", "Jane Dœ-Müller", stored)]
        people.append(("gone", "Gone", f"!{stored}"))
        users = "".join(
            f"{name}:x:{uid}:1000:{full}:/home/{name}:/bin/false\n" for uid, (name, full, _) in enumerate(people, 1001)
        )
        shadow = "".join(f"{name}:{value}:19000:0:99999:7:::\n" for name, _, value in people)
        virtual = "john.doe@example.com john.doe\nj.doe@example.com john.doe\njane.doe@example.com jane.doe\n"
        return make_virtualmin(write(tmp_path, {"passwd": users, "shadow": shadow, "virtual": virtual}))

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """There is no file of users."""
        return make_virtualmin(tmp_path)


class TestVirtualminFaults(TextFaults):
    """What holds for every source over text files."""

    function = "virtualmin"
    name = "passwd"
    good = "käthe:{PLAIN}secret:1000:100:Käthe:/home/k:/bin/sh\nanna:{PLAIN}secret:1001:100:Anna:/home/a:/bin/sh\n"
    user = "anna"

    @pytest.fixture(autouse=True)
    def options_of(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A map of addresses beside the file of users."""
        (tmp_path / "virtual").write_text("anna@example.com anna\n")
        options = {"shadow": None, "virtual": str(tmp_path / "virtual"), "aliases": None}
        monkeypatch.setattr(TestVirtualminFaults, "options", options)
