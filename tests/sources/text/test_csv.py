"""The source `csv`."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ais import csv
from ais.errors import ConfigError, SourceError, UnreadableHash
from sources.contract import INACTIVE, PASSWORD, SourceContract
from sources.text.faults import Login, TextFaults, configured, listed, page
from support.site import salted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "users.csv"


def source_of(path: Path, content: str | bytes, **options: Any) -> Any:
    """A source over a file with that content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return csv(str(path), **options)


class TestContract(SourceContract):
    """What holds for every source."""

    @pytest.fixture
    def source(self, path: Path) -> Any:
        """John in two rows, Jane, and an inactive user."""
        stored = salted("SSHA512", PASSWORD)
        return source_of(
            path,
            "user_name;Full Name;EMAILADDRESSES;password;active\r\n"
            f"john.doe;John Doe;john.doe@example.com;{stored};yes\r\n"
            f'"jane.doe";"Jane Dœ-Müller";jane.doe@example.com;{stored};1\r\n'
            f"john.doe;;J.DOE@example.com;;true\r\n".replace("J.DOE", "j.doe")
            + f"{INACTIVE};Gone;gone@example.com;{stored};0\r\n",
        )

    @pytest.fixture
    def broken(self, path: Path) -> Any:
        """A file whose last quote is not closed."""
        stored = salted("SSHA512", PASSWORD)
        return source_of(path, f'userName,password\njohn.doe,{stored}\njane.doe,"{stored}\n')


class TestFaults(TextFaults):
    """What holds for every source over text files."""

    function = "csv"
    name = "users.csv"
    good = "userName,fullName,password\njänne,Jänne,{PLAIN}secret\nanna,Anna Müller,{PLAIN}secret\n"
    user = "anna"

    def test_empty(self, tmp_path: Path) -> None:
        """A file of no bytes, or of blank lines, is no list of nobody."""
        for content in ("", "\n\r\n \n"):
            self.write(tmp_path, content)
            self.check_error(self.make(tmp_path), "empty")


def test_headings_only_is_a_list_of_nobody(path: Path) -> None:
    """A file with headings and no rows is whole."""
    assert listed(source_of(path, "userName,password\n")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "userName,fullName\na,A\n",
        "userName;fullName\na;A\n",
        "userName\tfullName\na\tA\n",
        "userName|fullName\na|A\n",
        '"userName";"fullName"\n"a";"A"\n',
        '"fullName";"one, two, three"; userName\nA;;a\n',
        "FULL_NAME,User Name\n A , a \n",
        "fullname,USERNAME\nA,a\n\n,\n , \n",
        "\n \nuserName,fullName\na,A\n",
        "sep=;\r\nuserName;fullName\r\na;A\r\n",
        '#TYPE System.Data.DataRow\r\n"userName","fullName"\r\n"a","A"\r\n',
        "SEP=,\nuserName,fullName;\na,A\n",
        "userName,fullName\ra,A\r",
        "userName,fullName,,\na,A,,\n",
        "userName,fullName,more\na,A\n",
    ],
)
def test_shapes(path: Path, text: str) -> None:
    """Delimiters are found out; quotes, blanks, blank rows, line ends, order of columns, missing cells do no harm."""
    source = source_of(path, text)
    assert [user.user_name for user in source.users()] == ["a"]
    assert [user.full_name for user in source.users()] in (["A"], [""])


def test_full_name_by_each_delimiter(path: Path) -> None:
    """Cells with delimiters and quotes in quotes are one cell each."""
    text = 'userName,fullName\na,"Müller, Anna"\nb,"""B"" B"\nd,D;D\n'
    assert {name: full for name, (full, _) in listed(source_of(path, text)).items()} == {
        "a": "Müller, Anna",
        "b": '"B" B',
        "d": "D;D",
    }


SWALLOWED = [
    ('userName;fullName;emailAddresses\nm;"x;m@x.test\nanna;Anna;anna@x.test\nbob;Bob";bob@x.test\n', 2, 4),
    ('userName;emailAddresses;fullName\nm;"m@x.test;M\nanna;anna@x.test;Anna\nbob;bob@x.test";Bob\n', 2, 4),
    ('userName;fullName;emailAddresses\nz;;\nm;M;"m@x.test\nanna;Anna;anna@x.test"\n', 3, 4),
    ('userName,emailAddresses\nm@x.test,"m@x.test\nanna@x.test,anna@x.test"\n', 2, 3),
    ('userName,emailAddresses\r\nm@x.test,"m@x.test\r\nanna@x.test,a@x.test"\r\n', 2, 3),
    ('userName,emailAddresses\rm@x.test,"m@x.test\ranna@x.test,a@x.test"\r', 2, 3),
    ('emailAddresses,userName\n"m@x.test,m@x.test\nanna@x.test",anna@x.test\n', 2, 3),
    ('userName,emailAddresses\nm@x.test,"m@x.test\nanna@x.test",\n', 2, 3),
    ('userName,emailAddresses,fullName\nm@x.test,"m@x.test\nanna@x.test"\n', 2, 3),
    ('userName,emailAddresses\nm,"m@x.test\nanna"\n', 2, 3),
    ('userName,fullName\n"m,M\nanna",Anna\n', 2, 3),
    ('userName,fullName,password\nanna,Anna,"{PLAIN}x\nbob,Bob,{PLAIN}x"\n', 2, 3),
    ('userName,active,notes\nanna,1,"one\nbob,1,two"\n', 2, 3),
    ('sep=,\n\nuserName,notes\nanna,"one\ntwo"\n', 4, 5),
]


@pytest.mark.parametrize(("text", "first", "last"), SWALLOWED)
def test_a_row_swallows_no_other(path: Path, text: str, first: int, last: int) -> None:
    """A line break in a cell is an error unless it stands between addresses: a wrong mark makes one row of several."""
    source = source_of(path, text)
    for question in (lambda: list(source.users()), lambda: source.authenticate("nobody", "x")):
        with pytest.raises(SourceError, match=f"{path}, line {first}: .* to line {last}: is a quotation mark missing"):
            question()


def test_a_heading_has_no_line_break(path: Path) -> None:
    """A wrong mark in the heading line must not swallow rows either."""
    source = source_of(path, 'userName,"fullName\nanna,Anna\nbob,Bob"\ncarol,Carol\n')
    for question in (lambda: list(source.users()), lambda: source.authenticate("carol", "x")):
        with pytest.raises(SourceError, match=f"{path}, line 3: a heading has a line break"):
            question()


def test_surplus_cells(path: Path) -> None:
    """Empty cells at the end of a row, which spreadsheets add, do not count; others are an error."""
    assert listed(source_of(path, "userName,fullName\na,A,,\nb,B, \nc,,,\n")) == {
        "a": ("A", []),
        "b": ("B", []),
        "c": ("", []),
    }
    with pytest.raises(SourceError, match="line 2: there are more cells than headings"):
        list(source_of(path, "userName,fullName\na,A,,x\n").users())


def test_delimiter_given(path: Path) -> None:
    """A delimiter in the configuration beats what the heading line looks like."""
    source = source_of(path, "userName:full,Name:x,y\na:A:\n", delimiter=":", columns={"fullName": "full,name"})
    assert listed(source) == {"a": ("A", [])}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
def test_charsets(path: Path, encoding: str) -> None:
    """Other charsets are read where the configuration names them, with and without a byte order mark."""
    content = "userName\tfullName\tpassword\r\njörg\tJörg\t{PLAIN}Grüße\r\n".encode(encoding)
    source = source_of(path, content, encoding=encoding)
    assert listed(source) == {"jörg": ("Jörg", [])}
    assert source.authenticate("jörg", "Grüße") is True


CONTENT = "userName;fullName;password\njänne;Jänne;{PLAIN}secret\n"


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("named", ["utf-8", "cp1252", "utf-16"])
def test_a_byte_order_mark_decides_the_charset(path: Path, charset: str, named: str) -> None:
    """Excel's "Unicode text" is read whatever encoding= says; without a mark the option counts."""
    source = source_of(path, CONTENT.encode(charset), encoding=named)
    assert listed(source) == {"jänne": ("Jänne", [])}
    assert source.authenticate("jänne", "secret") is True


def test_big_endian(path: Path) -> None:
    """So is UTF-16 with the other mark."""
    assert list(listed(source_of(path, b"\xfe\xff" + CONTENT.encode("utf-16-be")))) == ["jänne"]


def test_utf16_without_a_mark_needs_to_be_named(path: Path) -> None:
    """A UTF-16 file without mark and encoding= is an error and not a heading that nobody knows."""
    with pytest.raises(SourceError, match=r"line [12]: not utf-8|NUL"):
        list(source_of(path, CONTENT.encode("utf-16-le")).users())
    assert list(listed(source_of(path, CONTENT.encode("utf-16-le"), encoding="utf-16-le"))) == ["jänne"]


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\0\6\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_workbook(path: Path, start: bytes) -> None:
    """A workbook of Excel is recognised, and the remedy named."""
    source = source_of(path, start + bytes(range(256)))
    for question in (lambda: list(source.users()), lambda: source.authenticate("anna", "secret")):
        with pytest.raises(SourceError, match=r'users\.csv is a workbook and not a CSV file: .*"CSV UTF-8"'):
            question()


def test_full_name_of_several_columns(path: Path) -> None:
    """They are joined by a blank, empty ones left out."""
    source = source_of(
        path,
        "userName,First,Last\nanna,Anna , Müller\nbob,,Bob\ncarol,,\n",
        columns={"fullName": ["First", "Last"]},
    )
    assert listed(source) == {"anna": ("Anna Müller", []), "bob": ("Bob", []), "carol": ("", [])}


def test_a_heading_may_mean_more(path: Path) -> None:
    """The joined full name changes no other column that has a heading of it."""
    source = source_of(
        path,
        "A,B,Mail\njo,Doe,jo@x.test\n",
        columns={"userName": "A", "fullName": ["A", "B"], "emailAddresses": "Mail"},
    )
    assert listed(source) == {"jo": ("jo Doe", ["jo@x.test"])}
    source = source_of(
        path, "A,B\njo@x.test,Doe\n", columns={"userName": "A", "emailAddresses": "A", "fullName": ["A", "B"]}
    )
    assert listed(source) == {"jo@x.test": ("jo@x.test Doe", ["jo@x.test"])}


def test_a_user_name_is_listed_as_a_login_finds_it(path: Path) -> None:
    """Also where it is the cell of addresses, and holds the separator of Google's exports."""
    source = source_of(path, "Mail,password\na|b,{PLAIN}x\n", columns={"userName": "Mail", "emailAddresses": "Mail"})
    assert list(listed(source)) == ["a|b"]
    assert source.authenticate("a|b", "x") is True


def active_names(path: Path, cells: dict[str, str], heading: str = "active", **options: Any) -> list[str]:
    """Who is listed of users with these cells; a login gives the same."""
    rows = "".join(f"{name},{{PLAIN}}x,{cell}\n" for name, cell in cells.items())
    source = source_of(path, f"userName,password,{heading}\n{rows}", **options)
    names = list(listed(source))
    assert [name for name in cells if source.authenticate(name, "x") is True] == names
    return names


def test_column_inactive(path: Path) -> None:
    """inactive is the opposite of active, but for the words that say it themselves."""
    cells = {"anna": "no", "bob": "TRUE", "carol": "0", "dave": "inactive", "eve": "Enabled", "fay": "ja"}
    assert active_names(path, cells, "Blocked", columns={"inactive": "Blocked"}) == ["anna", "carol", "eve"]
    assert active_names(path, cells, "inactive") == ["anna", "carol", "eve"]


def test_active_and_inactive(path: Path) -> None:
    """Where a file has both columns, both must let a user be."""
    rows = "anna,yes,no\nbob,yes,yes\ncarol,no,no\n"
    assert list(listed(source_of(path, f"userName,active,inactive\n{rows}"))) == ["anna"]


def test_own_words(path: Path) -> None:
    """Words mean the same in both columns, in any case of letters; an empty one may be among them."""
    cells = {"anna": "Current", "bob": "SUSPENDED", "carol": "", "dave": "yes"}
    options: dict[str, Any] = {"active_words": ["current"], "inactive_words": ("Suspended", "")}
    assert active_names(path, cells, **options) == ["anna", "dave"]
    assert active_names(path, cells, "inactive", **options) == ["anna"]


def test_unknown_word(path: Path) -> None:
    """Any other word is an error that names file, line and remedy."""
    with pytest.raises(SourceError, match=r"line 2: inactive must be yes or no.*inactive_words"):
        active_names(path, {"anna": "maybe"}, "inactive")


@pytest.mark.parametrize(
    "options",
    [
        {"active_words": "Current"},
        {"inactive_words": [1]},
        {"active_words": ["a"], "inactive_words": [" A"]},
    ],
)
def test_words_that_are_none(path: Path, options: dict[str, Any]) -> None:
    """A text in place of a list, and a word that means both, are refused when the configuration is read."""
    with pytest.raises(ConfigError, match=r"csv\(\): .*active_words"):
        csv(str(path), **options)


def test_alias_domains(path: Path) -> None:
    """Everybody has the same address in an alias domain, but none that is somebody else's."""
    rows = "anna,anna@a.example\nbob,bob@a.example\nanna,a.mueller@a.example\neve,bob@alias.example\n"
    source = source_of(path, f"userName,emailAddresses\n{rows}", alias_domains={"alias.example": "a.example"})
    assert {name: addresses for name, (_, addresses) in listed(source).items()} == {
        "anna": ["anna@a.example", "a.mueller@a.example", "a.mueller@alias.example", "anna@alias.example"],
        "bob": ["bob@a.example"],
        "eve": ["bob@alias.example"],
    }


@pytest.mark.parametrize("row", ["bob@alias.example,,no", "eve,a@x.test|smtp:bob@alias.example,no"])
def test_inactive_users_keep_their_addresses(path: Path, row: str) -> None:
    """An alias domain gives nobody the address of a user who is not listed."""
    rows = f"userName,emailAddresses,active\nbob,bob@a.example,yes\n{row}\n"
    source = source_of(path, rows, alias_domains={"alias.example": "a.example"})
    assert listed(source) == {"bob": ("", ["bob@a.example"])}


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ('"a@x.test\r\nb@x.test\n"', ["a@x.test", "b@x.test"]),
        ("", []),
        ("a@x.test", ["a@x.test"]),
        ('"a@x.test, b@x.test;c@x.test d@x.test|e@x.test | A@X.test\nf@x.test"', [f"{c}@x.test" for c in "abcdef"]),
        ('"[""a@x.test"", ""b|c@x.test""]"', ["a@x.test", "b|c@x.test"]),
        (
            '"smtp:a2@x.test SMTP:a@x.test X500:/o=Firm/ou=Group (X)/cn=anna SIP:a@sip.test smtp:a3@x.test"',
            ["a@x.test", "a2@x.test", "a3@x.test"],
        ),
    ],
)
def test_addresses(path: Path, cell: str, addresses: list[str]) -> None:
    """A cell holds one address, several with any separator, a JSON array, or Exchange's EmailAddresses."""
    assert listed(source_of(path, f"userName,EmailAddresses\na,{cell}\n")) == {"a": ("", addresses)}


def test_columns(path: Path) -> None:
    """`columns` names other headings, several for emailAddresses; without regard to case, underscores and blanks."""
    source = source_of(
        path,
        "SamAccountName,Display Name,Primary_SMTP,aliases,DN,pw,Enabled,userName2\n"
        "anna,Anna Müller,anna@x.test,info@x.test;Anna@x.test,CN=anna,{PLAIN}secret,TRUE,zzz\n",
        columns={
            "userName": "samaccountname",
            "fullName": "displayname",
            "emailAddresses": ["Primary SMTP", "Aliases"],
            "distinguishedName": "dn",
            "password": "PW",
            "active": "enabled",
        },
    )
    (user,) = source.users()
    assert user.to_json() == (
        '{"userName": "anna", "distinguishedName": "CN=anna", "fullName": "Anna M\\u00fcller", '
        '"emailAddresses": ["anna@x.test", "info@x.test"]}'
    )
    assert source.authenticate("anna", "secret") is True


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("a,b\n1,2\n", {}, "has no column userName: name its heading, as in columns={'userName': 'Login'}"),
        (
            "Name;Benutzer \n1;2\n",
            {},
            "has no column userName: name its heading, as in columns={'userName': 'Benutzer'}",
        ),
        ("userName,b\n1,2\n", {"fullName": "name"}, "no column 'name', which columns names for fullName"),
        ("userName,USER_NAME\n1,2\n", {}, "two columns for userName"),
        ("userName,fullName\na,b,c\n", {}, "line 2: there are more cells than headings"),
        ("userName,fullName\na,b\nc", {}, "line 3: the file breaks off"),
        ("userName,fullName\na,b\n ,c\n", {}, "line 3: userName is empty"),
        ('userName,fullName\na,b\nc,"d\n', {}, "line 3: .*quotation mark"),
        ('userName,fullName\na,"b"x\n', {}, "line 2: .*quotation mark"),
        ("userName,fullName\na," + "b" * 131_073 + "\n", {}, "line 2: .*field limit"),
        ("#TYPE x\nuserName,fullName\na,b,c\n", {}, "line 3: there are more"),
        ("sep=,\n\nuserName,fullName\na,b,c\n", {}, "line 4: there are more"),
        ("userName,active\na,maybe\n", {}, "line 2: active must be"),
        ("userName,active\na,\n", {}, "line 2: active must be"),
        ("userName,active\na,1\na,0\n", {}, "line 3: .*contradict"),
        ('userName,emailAddresses\na,"[1"\n', {}, "line 2: emailAddresses"),
    ],
)
def test_a_row_that_cannot_be_read(path: Path, text: str, columns: dict[str, str], words: str) -> None:
    """A list is whole or an error, which names file and line."""
    with pytest.raises(SourceError, match=f"{path}.*{words}"):
        list(source_of(path, text, columns=columns).users())


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ";;"},
        {"delimiter": '"'},
        {"delimiter": "\n"},
        {"delimiter": " "},
        {"delimiter": 1},
        {"columns": {"mail": "x"}},
        {"columns": {"userName": ["a", "b"]}},
        {"columns": {"emailAddresses": []}},
        {"columns": {"userName": 1}},
        {"columns": {"emailAddresses": [1]}},
        {"columns": "x"},
        {"columns": ["userName"]},
        {"active_words": 5},
        {"inactive_words": 5},
    ],
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    """An option that cannot be used is refused when the configuration is read."""
    (name,) = options
    with pytest.raises(ConfigError, match=rf"csv\(\): {name}"):
        csv("users.csv", **options)


def test_active_words(path: Path) -> None:
    """A flag may be written as programs and people do; only the active are listed and let in."""
    yes = ["1", "yes", "TRUE", "y", "On", "ja", "active", "enabled"]
    no = ["0", "No", "false", "N", "off", "nein", "inactive", "DISABLED"]
    rows = "".join(f"{word},{word} ,{{PLAIN}}secret\n" for word in yes + no)
    source = source_of(path, "userName,active,password\n" + rows)
    assert list(listed(source)) == yes
    assert [source.authenticate(word, "secret") for word in yes + no] == [True] * 8 + [False] * 8


def test_half_a_file(path: Path) -> None:
    """A file cut anywhere but at the end of a row or in its last cell is an error, or there would be fewer rows."""
    text = 'userName,fullName,emailAddresses\nanna,"Anna, A.",anna@x.test\nbob,"Bob ""B""",bob@x.test'
    for length in range(text.index("\nbob") + 2, text.rindex(",") + 1):
        with pytest.raises(SourceError):
            list(source_of(path, text[:length]).users())


@pytest.mark.parametrize("stored", ["", " ", "*", "!", "x", "!{PLAIN}secret"])
def test_no_stored_password_is_a_no(path: Path, stored: str) -> None:
    """A cell that says "no password" is a no."""
    assert source_of(path, f"userName,password\na,{stored}\n").authenticate("a", "secret") is False


def test_plain_text_only_when_named(path: Path) -> None:
    """Clear text is a scheme that the administrator names."""
    text = "userName,password\na,secret\nb,{SSHA}x\n"
    with pytest.raises(UnreadableHash):
        source_of(path, text).authenticate("a", "secret")
    assert source_of(path, text, default_scheme="PLAIN").authenticate("a", "secret") is True


def test_two_different_passwords_are_an_error(path: Path) -> None:
    """Rows of one user that contradict each other might belong to two people."""
    with pytest.raises(SourceError, match=r"line 3: .*contradict"):
        source_of(path, "userName,password\na,{PLAIN}one\na,{PLAIN}two\n").authenticate("a", "one")
    source = source_of(path, "userName,password\na,{PLAIN}one\na,\na,{PLAIN}one\n")
    assert source.authenticate("a", "one") is True


@pytest.mark.parametrize("at", [0, 5, 1_500, 2_999])
def test_contradictions_far_apart(path: Path, at: int) -> None:
    """An inactive row contradicts an active one of its user wherever in a large file either stands."""
    rows = [f"u{n},{('yes', ' YES ', '1')[n % 3]}\n" for n in range(3_000)]
    rows.insert(1_700, f"u{at}, No\n")
    source = source_of(path, "userName,active\n" + "".join(rows))
    with pytest.raises(SourceError, match=r"line 1702: .*contradict"):
        list(source.users())
    rows[1_700] = "u3000,no\n"
    assert len(list(source_of(path, "userName,active\n" + "".join(rows)).users())) == 3_000


def test_without_passwords(path: Path) -> None:
    """A file without passwords lists; a login of its users is an error, unless login= checks them."""
    text = "userName,active\na,1\nb,0\n"
    source = source_of(path, text)
    assert list(listed(source)) == ["a"]
    assert source.authenticate("nobody", "open") is None
    with pytest.raises(SourceError, match="no column password"):
        source.authenticate("a", "open")
    login = Login()
    source = source_of(path, text, login=login)
    assert [source.authenticate(user, "open") for user in ("a", "b", "c")] == [True, False, None]
    assert login.asked == [("a", "open")]


def test_no_passwords_are_an_error_of_the_count(path: Path) -> None:
    """A census of a file without passwords is an error, and empty passwords are counted."""
    for heading in ("fullName", "passwort"):
        with pytest.raises(SourceError, match=f"{path}: there is no column password"):
            source_of(path, f"userName,{heading}\na,x\n").schemes(["a"])
    (count,) = source_of(path, "userName,password\na,\nb, \na,\n").schemes(["a", "b"])
    assert (count.scheme, count.count) == ("no password", 2)
    assert source_of(path, "userName,password\n").schemes([]) == []


def test_inactive_users_have_names_too(path: Path) -> None:
    """A name that could be taken for another is an error of the list, also for a user who is not listed."""
    with pytest.raises(SourceError, match=f"{path}, line 2: userName cannot be used"):
        list(source_of(path, "userName,active\nboss\u00a0,no\nboss,yes\n").users())


def test_a_large_file_needs_little_memory(path: Path) -> None:
    """Looking one user up in many lines takes memory for one line."""
    with path.open("w", encoding="utf-8") as file:
        file.write("userName,fullName,password\n")
        file.writelines(f"user{number},User Number {number},{{SSHA}}{'A' * 40}\n" for number in range(200_000))
        file.write("last,The Last,{PLAIN}secret")
    source = csv(str(path))
    source.authenticate("nobody", "x")  # what it imports is not counted
    tracemalloc.start()
    try:
        assert source.authenticate("last", "secret") is True
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


PAGE = page("csv.md")


def test_page(tmp_path: Path) -> None:
    """The first configuration of the page reads the page's file as the page says."""
    source = configured(tmp_path, PAGE.configurations[0], PAGE.files)
    assert listed(source) == {
        "anna": ("Müller, Anna", ["anna@example.com", "info@example.com"]),
        "bob": ("Bob Smith", ["bob@example.com"]),
    }
    assert source.authenticate("anna", "myPassword") is True
    assert source.authenticate("carol", "myPassword") is False


def test_page_with_other_headings(tmp_path: Path) -> None:
    """So does the one that names headings."""
    source = configured(tmp_path, PAGE.configurations[1], PAGE.files)
    assert listed(source) == {"anna": ("Anna Müller", ["anna@example.com", "a.mueller@example.com"])}
    assert source.authenticate("anna", "myPassword") is True
    assert len(PAGE.configurations) == 2
