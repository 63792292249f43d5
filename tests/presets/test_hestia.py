"""The preset `hestia`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ais import hestia
from ais.errors import SourceError, SourceUnavailable
from sources.contract import PASSWORD, SourceContract
from sources.text.faults import TextFaults, configured, listed, page
from support.site import salted

BCRYPT = "{BLF-CRYPT}$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"
"""`myPassword`, as HestiaCP stores it."""

MD5 = "{MD5}$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"
"""`password`, as VestaCP stores it: an example of `openssl passwd -1 -salt saltsalt password`."""


def line(name: str, stored: str) -> str:
    """A line as v-add-mail-account writes it."""
    return f"{name}:{stored}:admin:mail::/home/admin:0:userdb_quota_rule=*:storage=0M\n"


def domain(folder: Path, passwd: str, aliases: str = "", accounts: str | None = None) -> Path:
    """A domain's folder."""
    folder.mkdir(parents=True)
    (folder / "passwd").write_text(passwd, encoding="utf-8")
    (folder / "aliases").write_text(aliases, encoding="utf-8")
    if accounts is None:
        names = [text.partition(":")[0] for text in passwd.splitlines()]
        accounts = "".join(f"{name}:{name}:admin:mail:/home/admin\n" for name in names)
    (folder / "accounts").write_text(accounts, encoding="utf-8")
    return folder


class TestContract(SourceContract):
    """What holds for every source. There are no full names, and the user name is the address."""

    listed = [  # noqa: RUF012  # as in the base
        {"userName": "jane.doe@example.org", "emailAddresses": ["jane.doe@example.org"]},
        {"userName": "john.doe@example.com", "emailAddresses": ["john.doe@example.com", "j.doe@example.com"]},
    ]
    inactive = "gone@example.org"

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John with an alias, Jane in another domain."""
        stored = salted("SSHA512", PASSWORD)
        domain(tmp_path / "example.com", line("john.doe", stored), "j.doe@example.com:john.doe@example.com\n")
        domain(tmp_path / "example.org", line("jane.doe", stored) + line("gone", "SUSPENDED"))
        return hestia(str(tmp_path))

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file that ends in a line."""
        domain(tmp_path / "example.com", line("john.doe", "{SSHA512}AAAA") + "jane.doe:{SSHA512}AAA")
        return hestia(str(tmp_path))


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "hestia"
    is_folder = True
    name = "example.com/passwd"
    good = line("käthe", "{PLAIN}secret") + line("anna", "{PLAIN}secret")
    user = "anna@example.com"


def test_one_domain_or_all_of_a_user(tmp_path: Path) -> None:
    """The folder is that of a user or of one domain, told by what lies in it; names of domains stay as they are."""
    mail = tmp_path / "conf" / "mail"
    domain(mail / "example.com", line("anna", BCRYPT) + line("bob", MD5))
    domain(mail / "xn--mller-kva.example", line("anna", "{PLAIN}x"))
    domain(mail / "empty.example", "")
    (mail / "note.txt").touch()
    (mail / "backup").mkdir()
    (mail / ".cache.d").mkdir()
    both = hestia(str(mail))
    assert listed(both) == {
        name: ("", [name]) for name in ("anna@example.com", "bob@example.com", "anna@xn--mller-kva.example")
    }
    assert both.authenticate("anna@example.com", "myPassword") is True
    assert both.authenticate("bob@example.com", "password") is True
    assert both.authenticate("anna@xn--mller-kva.example", "x") is True
    assert both.authenticate("anna@xn--mller-kva.example", "myPassword") is False
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "example.com").symlink_to(mail / "example.com")
    for folder in (f"{mail}/example.com", f"{mail}/example.com/", f"{tmp_path}/link/example.com"):
        one = hestia(folder)
        assert list(listed(one)) == ["anna@example.com", "bob@example.com"]
        assert one.authenticate("anna@example.com", "myPassword") is True
        assert one.authenticate("anna@xn--mller-kva.example", "x") is None


@pytest.mark.parametrize(
    "user", ["anna", "anna@", "@example.com", "anna@../mail/example.com", "anna@./example.com", "anna@x@example.com"]
)
def test_names_that_are_no_mailboxes(tmp_path: Path, user: str) -> None:
    """What stands behind the @ is no path, and the address must be whole."""
    domain(tmp_path / "mail" / "example.com", line("anna", "{PLAIN}x"))
    assert hestia(str(tmp_path / "mail")).authenticate(user, "x") is None


def test_suspended(tmp_path: Path) -> None:
    """Suspended mailboxes are not listed, get a no, and nobody gets their address."""
    domain(
        tmp_path / "example.com",
        line("anna", BCRYPT) + "dave:SUSPENDED:admin:mail::/home/admin::userdb_quota_rule=*:storage=0M\n",
        "dave@example.com:anna@example.com\nd@example.com:dave@example.com\n",
    )
    source = hestia(str(tmp_path))
    assert listed(source) == {"anna@example.com": ("", ["anna@example.com"])}
    for password in ("SUSPENDED", "myPassword"):
        assert source.authenticate("dave@example.com", password) is False


def test_aliases(tmp_path: Path) -> None:
    """Aliases give addresses, also across domains; forwards of accounts and catch-alls do not."""
    domain(
        tmp_path / "example.com",
        line("anna", BCRYPT) + line("bob", BCRYPT),
        "info@example.com:anna@example.com\n"
        "anna@example.com:anna@elsewhere.example,bob@example.com\n"
        "*@example.com:anna@example.com\n"
        "none@example.com:\n"
        "team@example.com:bob@example.com,info@example.org\n",
    )
    (tmp_path / "example.com" / "fwd_only").write_text("anna\n")
    domain(tmp_path / "example.org", line("carol", BCRYPT), "info@example.org:carol@example.org,anna@example.com\n")
    assert listed(hestia(str(tmp_path))) == {
        "anna@example.com": (
            "",
            ["anna@example.com", "info@example.com", "info@example.org", "team@example.com"],
        ),
        "bob@example.com": ("", ["bob@example.com", "team@example.com"]),
        "carol@example.org": ("", ["carol@example.org", "info@example.org", "team@example.com"]),
    }


def test_older_versions_have_fewer_files(tmp_path: Path) -> None:
    """Only the file passwd must be there."""
    folder = domain(tmp_path / "example.com", line("anna", BCRYPT))
    (folder / "accounts").unlink()
    (folder / "aliases").unlink()
    assert list(listed(hestia(str(tmp_path)))) == ["anna@example.com"]


def test_an_account_is_being_changed(tmp_path: Path) -> None:
    """The panel takes a line out and appends it anew: in between the list is not whole, and nobody can tell."""
    domain(tmp_path / "example.com", line("anna", BCRYPT), accounts="anna:anna:admin:mail:/h\nbob:bob:admin:mail:/h\n")
    source = hestia(str(tmp_path))
    for question in (lambda: list(source.users()), lambda: source.authenticate("bob@example.com", "x")):
        with pytest.raises(SourceUnavailable, match="lacks accounts"):
            question()


@pytest.mark.parametrize("last", ["bob", "bob:{BLF", "bob:{BLF-CRYPT}$2y$05$x:admin:mail::/h", ":x:a:mail::/h:0:x"])
def test_half_a_line(tmp_path: Path, last: str) -> None:
    """A line that is cut is an error with file and line."""
    folder = domain(tmp_path / "example.com", line("anna", BCRYPT) + last, accounts="")
    with pytest.raises(SourceError, match=f"{folder}/passwd, line 2: it must have"):
        list(hestia(str(tmp_path)).users())


def test_another_separator(tmp_path: Path) -> None:
    """A stored password never goes out as a part of a user name."""
    folder = domain(tmp_path / "example.com", "bob {MD5}$1$x:admin:mail::/home/admin:0:a=b:c\n", accounts="")
    with pytest.raises(SourceError, match=f"{folder}/passwd, line 1: ':' must stand behind the user name"):
        list(hestia(str(tmp_path)).users())


def test_suspended_mailboxes_have_names_too(tmp_path: Path) -> None:
    """A name that could be taken for another is an error of the list, also for a mailbox that is not listed."""
    folder = domain(tmp_path / "example.com", line("anna\u00a0", "SUSPENDED") + line("anna", "{PLAIN}x"), accounts="")
    with pytest.raises(SourceError, match=f"{folder}/passwd, line 1: userName cannot be used"):
        list(hestia(str(tmp_path)).users())
    assert hestia(str(tmp_path)).authenticate("anna@example.com", "x") is True


def test_folders_that_are_none(tmp_path: Path) -> None:
    """A folder without domains is an error, and so is a domain's without the file of mailboxes."""
    (tmp_path / "mail").mkdir()
    source = hestia(str(tmp_path / "mail"))
    with pytest.raises(SourceError, match="mail has no folders of domains"):
        list(source.users())
    domain(tmp_path / "mail" / "example.com", line("anna", BCRYPT))
    assert len(listed(source)) == 1
    (tmp_path / "mail" / "example.org").mkdir()
    with pytest.raises(SourceError, match=r"example\.org/passwd cannot be read"):
        list(source.users())
    with pytest.raises(SourceError, match="nowhere cannot be read"):
        hestia(str(tmp_path / "nowhere")).authenticate("anna@example.com", "x")


PAGE = page("presets/hestia.md")


def test_page(tmp_path: Path) -> None:
    """The configurations of the page read the page's files as the page says."""
    for configuration in PAGE.configurations:
        files = {f"/home/alice/conf/mail/example.com/{name}": text for name, text in PAGE.files.items()}
        source = configured(tmp_path, configuration, files)
        assert listed(source) == {"anna@example.com": ("", ["anna@example.com", "info@example.com"])}
        assert source.authenticate("anna@example.com", "myPassword") is True
        assert source.authenticate("dave@example.com", "SUSPENDED") is False
    assert len(PAGE.configurations) == 2
