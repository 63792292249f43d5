"""Alias files of Postfix, Sendmail, Exim, HestiaCP, cPanel and docker-mailserver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais.addresses import resolve
from ais.cells import LeftOver, split_targets
from ais.sources.text.aliasfiles import colon, etc_aliases, read, virtual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Reader = Callable[[Iterable[str]], Iterator[tuple[str, list[str]]]]

VIRTUAL = """\
# comment
   # another, indented

info@example.com      anna@example.com, bob@example.com
sales@example.com\tinfo@example.com
# between
    ,carol@example.com

  dave@example.com
@example.net          @example.com
@example.org          anna@example.com
postmaster            anna
example.com           anything
Info@example.com      late@example.com
"john doe"@example.com anna@example.com
x@example.com         anna\\@example.com # no comment"""

VIRTUAL_ROWS = [
    ("info@example.com", ["anna@example.com", "bob@example.com"]),
    ("sales@example.com", ["info@example.com", "carol@example.com", "dave@example.com"]),
    ("@example.net", ["@example.com"]),
    ("@example.org", ["anna@example.com"]),
    ("postmaster", ["anna"]),
    ("example.com", ["anything"]),
    ('"john doe"@example.com', ["anna@example.com"]),
    ("x@example.com", ["anna@example.com", "#", "no", "comment"]),
]

ALIASES = """\
# See man 5 aliases for format
postmaster:    root
root:       anna, bob@example.org,
            "|/usr/bin/procmail -a 'x, y'"
team:       :include:/etc/mail/team
log : /var/log/mail, \\anna
"two words": anna
loud: "|prog \\"quoted\\"", anna
"""

ALIAS_ROWS = [
    ("postmaster", ["root"]),
    ("root", ["anna", "bob@example.org", "|/usr/bin/procmail -a 'x, y'"]),
    ("team", [":include:/etc/mail/team"]),
    ("log", ["/var/log/mail", "\\anna"]),
    ("two words", ["anna"]),
    ("loud", ['|prog "quoted"', "anna"]),
]

VALIASES = """\
info@example.com: anna@example.com, bob@example.com
office: anna@example.com
anna@example.com:anna@elsewhere.example,bob@example.com
drop@example.com: :blackhole:
script@example.com: "|/home/user/bin/run.pl anna@example.com"
none@example.com:
gone@example.com: :fail: ask anna@example.com, please
*: ":fail: No Such User Here"
*: user
*@example.com:anna@example.com
"""

VALIAS_ROWS = [
    ("info@example.com", ["anna@example.com", "bob@example.com"]),
    ("office", ["anna@example.com"]),
    ("anna@example.com", ["anna@elsewhere.example", "bob@example.com"]),
    ("drop@example.com", [":blackhole:"]),
    ("script@example.com", ["|/home/user/bin/run.pl anna@example.com"]),
    ("none@example.com", []),
    ("gone@example.com", [":fail: ask anna@example.com, please"]),
    ("*", [":fail: No Such User Here"]),
    ("*@example.com", ["anna@example.com"]),
]

FILES = pytest.mark.parametrize(
    ("reader", "text", "rows"),
    [(virtual, VIRTUAL, VIRTUAL_ROWS), (etc_aliases, ALIASES, ALIAS_ROWS), (colon, VALIASES, VALIAS_ROWS)],
)


@FILES
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rows_of_a_file(
    tmp_path: Path, reader: Reader, text: str, rows: list[tuple[str, list[str]]], ending: str
) -> None:
    """Comments, continued lines, quotes, byte order mark and line ends are read as the mail server reads them."""
    (tmp_path / "file").write_bytes(("\ufeff" + text).replace("\n", ending).encode())
    assert list(read(str(tmp_path / "file"), "utf-8", reader.__name__)) == rows
    assert list(reader(text.splitlines())) == rows
    assert list(reader([])) == []


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (virtual, "a@x b@x\n\nalone@x\n", "line 3: the targets are missing"),
        (virtual, "# c\n  b@x\n", "line 2: it starts with white space"),
        (virtual, 'a@x "b@x\n  c@x\n', "line 1: a quote is not closed"),
        (etc_aliases, "a: b\nroot anna\n", "line 2: a ':' is missing"),
        (etc_aliases, "a:\n", "line 1: the targets are missing"),
        (etc_aliases, "#\na:\n b\nc: ,\n", "line 4: the targets are missing"),
        (etc_aliases, ": b\n", "line 1: the address is missing"),
        (etc_aliases, '"": b\n', "line 1: the address is missing"),
        (etc_aliases, 'a: "|secret\n', "line 1: a quote is not closed"),
        (virtual, "a@x b@x\ninfo@x: b@x\n", "line 2: a ':' is after the address.*aliases"),
        (virtual, "postmaster:\troot\n", "line 1: a ':' is after the address.*aliases"),
        (virtual, "info@x:b@x, c@x\n", "line 1: a ':' is after the address.*aliases"),
        (virtual, "@x.test: b@x\n", "line 1: a ':' is after the address.*aliases"),
        (colon, "a@x:b@x\nhalf@", "line 2: a ':' is missing"),
        (colon, " a:b\n", "line 1: it starts with white space"),
    ],
)
def test_broken_lines_are_errors(reader: Reader, text: str, message: str) -> None:
    """A line that cannot be read is an error that names its line and does not repeat it."""
    with pytest.raises(ValueError, match=message) as caught:
        list(reader(text.splitlines(keepends=True)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ['"a b', 'a, "b@x', '"\\"'])
def test_open_quote_in_a_cell(text: str) -> None:
    """A quote that is not closed is an error only where the caller wants it."""
    with pytest.raises(ValueError, match="not closed"):
        split_targets(text, strict=True)
    assert split_targets(text)


def test_virtual_map_with_unix_users() -> None:
    """A virtual map with bare names, an alias domain and a declared domain gives each login its addresses."""
    found = resolve(
        {"anna": ["anna@example.com"], "bob@example.com": ["bob@example.com"]},
        virtual(VIRTUAL.splitlines()),
        local_domains=["host.example.com"],
    )
    assert found == {
        "anna": [
            "anna@example.com",
            "anna@host.example.com",
            '"john doe"@example.com',
            '"john doe"@example.net',
            "anna@example.net",
            "info@example.com",
            "info@example.net",
            "postmaster@host.example.com",
            "sales@example.com",
            "sales@example.net",
            "x@example.com",
            "x@example.net",
        ],
        "bob@example.com": [
            "bob@example.com",
            "bob@example.net",
            "info@example.com",
            "info@example.net",
            "sales@example.com",
            "sales@example.net",
        ],
    }


def test_local_aliases() -> None:
    """Local aliases are addresses in each local domain, also by way of a system user that is no mailbox."""
    found = resolve({"anna": ["anna@example.com"]}, etc_aliases(ALIASES.splitlines()), local_domains=["example.com"])
    names = ["log", "loud", "postmaster", "root"]  # "two words" makes no address without quotes
    assert found == {"anna": ["anna@example.com", *(f"{name}@example.com" for name in names)]}


def test_panel_aliases() -> None:
    """A panel's file gives aliases with and without domain; forwards, programs and catch-alls give nothing."""
    boxes = ["anna@example.com", "bob@example.com"]
    assert resolve(boxes, colon(VALIASES.splitlines()), local_domains=["example.com"]) == {
        "anna@example.com": ["anna@example.com", "info@example.com", "office@example.com"],
        "bob@example.com": ["bob@example.com", "info@example.com"],
    }


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (etc_aliases, "info: Bob Mueller <anna@example.com>\nbobs: bob\n"),
        (etc_aliases, 'info: "Bob Mueller" <anna@example.com>\n'),
        (etc_aliases, "info: anna (bob is on holiday)\n"),
        (etc_aliases, "info: anna (bob,\n  bob@example.com)\n"),
        (virtual, "info@example.com Bob Shop <anna@example.com>\n"),
        (virtual, "info@example.com <anna@example.com>\n"),
        (virtual, "info@example.com bob@example.com <anna@example.com>\n"),
        (virtual, "info@example.com anna (bob)\n"),
        (colon, "info@example.com: Bob <anna@example.com>\n"),
    ],
)
def test_names_and_comments_are_no_targets(reader: Reader, text: str) -> None:
    """Mail goes where the mail server takes it: to the address, not to a name to show or a comment."""
    found = resolve(["anna", "bob"], reader(text.splitlines(keepends=True)), local_domains=["example.com"])
    assert found["anna"] == ["anna@example.com", "info@example.com"]
    assert "info@example.com" not in found["bob"]


@pytest.mark.parametrize("reader", [virtual, etc_aliases])
def test_an_address_beside_a_comment_is_no_target(reader: Reader) -> None:
    """Which of two addresses is the comment nobody can tell: the alias is given to nobody, and the file is good."""
    separator = ": " if reader is etc_aliases else " "
    rows = list(reader([f"info{separator}anna@example.com (bob@example.com)\n", f"x{separator}anna\n"]))
    assert rows == [("info", ["anna@example.com (bob@example.com)"]), ("x", ["anna"])]
    assert isinstance(rows[0][1][0], LeftOver)


def test_colons_that_a_virtual_map_may_have() -> None:
    """An address literal and a quoted name may have a colon, and so may a target."""
    assert list(virtual(['"a:b"@x.test b@x.test', "a@[IPv6:::1] b@x.test", "c@x.test :blackhole:"])) == [
        ('"a:b"@x.test', ["b@x.test"]),
        ("a@[IPv6:::1]", ["b@x.test"]),
        ("c@x.test", [":blackhole:"]),
    ]


@given(st.text(st.sampled_from('a@,; \n"\\|:')))
def test_any_text_is_split(text: str) -> None:
    """Any text is split into targets that are not empty; whole names and addresses are all there."""
    targets = split_targets(text)
    assert all(targets)
    if "@" not in text:
        assert "".join(targets).count("a") == text.count("a")
