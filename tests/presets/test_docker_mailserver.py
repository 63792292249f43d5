"""The preset `docker_mailserver`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ais import docker_mailserver
from ais.errors import SourceError
from sources.contract import PASSWORD, SourceContract
from sources.text.faults import TextFaults, configured, listed, page
from support.site import salted

EXAMPLE = (
    "hello@example.com|{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938"
    "GdBgMlYuoXYUU5A4Qiv0"
)
"""From upstream's docs/content/config/account-management/provisioner/file.md; the password is `secret`."""


def source_of(folder: Path, accounts: str, virtual: str | None = None, **options: Any) -> Any:
    """A source over files with that content."""
    (folder / "postfix-accounts.cf").write_text(accounts, encoding="utf-8")
    if virtual is not None:
        (folder / "postfix-virtual.cf").write_text(virtual, encoding="utf-8")
    return docker_mailserver(str(folder), **options)


class TestContract(SourceContract):
    """What holds for every source. There are no full names, and the user name is the address."""

    listed = [  # noqa: RUF012  # as in the base
        {"userName": "jane@example.com", "emailAddresses": ["jane@example.com"]},
        {"userName": "john@example.com", "emailAddresses": ["john@example.com", "j.doe@example.com"]},
    ]

    @pytest.fixture
    def source(self, tmp_path: Path) -> Any:
        """John with an alias, Jane, and one who may not log in."""
        stored = salted("SSHA512", PASSWORD)
        return source_of(
            tmp_path,
            f"# comment\njohn@example.com|{stored}|userdb_mail=mbox:~/inbox\n\njane@example.com|{stored}\n"
            f"gone|{stored}|nologin=y\n",
            "j.doe@example.com john@example.com\n",
        )

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Any:
        """A file that ends in a line."""
        return source_of(tmp_path, "john@example.com|{SSHA512}AAAA\njane@exa")


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "docker_mailserver"
    is_folder = True
    name = "postfix-accounts.cf"
    good = "käthe@example.com|{PLAIN}secret|a=b\nanna@example.com|{PLAIN}secret\n"
    user = "anna@example.com"


def test_upstreams_example(tmp_path: Path) -> None:
    """The example of upstream's documentation; a hash without its scheme is the same."""
    for line in (EXAMPLE, EXAMPLE.replace("{SHA512-CRYPT}", "")):
        source = source_of(tmp_path, line)
        assert source.authenticate("hello@example.com", "secret") is True
        assert source.authenticate("hello@example.com", "Secret") is False
        assert source.authenticate("Hello@example.com", "secret") is None
        assert listed(source) == {"hello@example.com": ("", ["hello@example.com"])}


def test_aliases(tmp_path: Path) -> None:
    """Aliases are followed; catch-alls, names without a domain, patterns and targets elsewhere give no address."""
    (tmp_path / "postfix-regexp.cf").write_text("/^info/ hello@example.com\n")
    source = source_of(
        tmp_path,
        f"{EXAMPLE}\nuser2@example.com|{{PLAIN}}x\n",
        "# alias targets\n"
        "alias1@example.com hello@example.com\n"
        "team@example.com   hello@example.com,user2@example.com\n"
        "all@example.com    team@example.com, out@elsewhere.test\n"
        "@example.com       hello@example.com\n"
        "postmaster         hello@example.com\n"
        "user2@example.com  hello@example.com\n"
        "out@example.com    out@elsewhere.test\n",
    )
    assert listed(source) == {
        "hello@example.com": ("", ["hello@example.com", "alias1@example.com", "all@example.com", "team@example.com"]),
        "user2@example.com": ("", ["user2@example.com", "all@example.com", "team@example.com"]),
    }


def test_no_virtual_file(tmp_path: Path) -> None:
    """There is no file of aliases before the first one; a broken one is an error, an empty one is not."""
    assert len(listed(source_of(tmp_path, EXAMPLE))) == 1
    assert len(listed(source_of(tmp_path, EXAMPLE, ""))) == 1
    with pytest.raises(SourceError, match=r"postfix-virtual\.cf, line 1"):
        list(source_of(tmp_path, EXAMPLE, "alias@example.com\n").users())
    (tmp_path / "postfix-virtual.cf").unlink()
    (tmp_path / "postfix-virtual.cf").symlink_to("nowhere")
    with pytest.raises(SourceError, match=r"postfix-virtual\.cf cannot be read"):
        list(docker_mailserver(str(tmp_path)).users())


@pytest.mark.parametrize("line", ["user2@exam", "|{PLAIN}x", "user2@example.com:{PLAIN}x"])
def test_a_line_that_is_none(tmp_path: Path, line: str) -> None:
    """A line without its bar, as at the end of a half-written file, is an error for list and login."""
    source = source_of(tmp_path, f"# c\n{EXAMPLE}\n{line}")
    for question in (lambda: list(source.users()), lambda: source.authenticate("hello@example.com", "secret")):
        with pytest.raises(SourceError, match=r"postfix-accounts\.cf, line 3: it must be address\|password"):
            question()


@pytest.mark.parametrize("line", ["b@x.test:{PLAIN}x|a=b", "b@x.test {PLAIN}x|a=b", "b@x.test rqXexS6ZhobKA|a=b"])
def test_another_separator(tmp_path: Path, line: str) -> None:
    """A stored password never goes out as a part of a user name."""
    with pytest.raises(SourceError, match=r"postfix-accounts\.cf, line 2: '\|' must stand behind the user name"):
        list(source_of(tmp_path, f"{EXAMPLE}\n{line}\n").users())


def test_equal_users(tmp_path: Path) -> None:
    """Of two equal users the first counts, as for Dovecot, which is given the lines in this order."""
    source = source_of(tmp_path, "a@x.test|{PLAIN}one\na@x.test|{PLAIN}two\n")
    assert [source.authenticate("a@x.test", password) for password in ("one", "two")] == [True, False]
    assert len(listed(source)) == 1


PAGE = page("presets/docker-mailserver.md")


def test_page(tmp_path: Path) -> None:
    """The configuration of the page reads the page's files as the page says."""
    (configuration,) = PAGE.configurations
    files = {f"docker-data/dms/config/{name}": text for name, text in PAGE.files.items()}
    source = configured(tmp_path, configuration, files)
    assert listed(source) == {"hello@example.com": ("", ["hello@example.com", "info@example.com"])}
    assert source.authenticate("hello@example.com", "secret") is True
