"""When two names or two addresses are the same, and what is an address."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais.errors import SourceError
from ais.identity import NAME_CHARACTERS, fold, is_address, login_name, loose, looser, trim_name
from ais.user import User

INVISIBLE = [
    *("\u00a0", "\u2003", "\u3000", "\u2028", "\u1680"),  # blanks
    *("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u180e"),  # format characters
    *("\ufe0f", "\ufe00", "\U000e0100", "\U000e0041", "\u180b", "\u180f"),  # variation selectors, tags
    *("\u034f", "\u115f", "\u1160", "\u17b4", "\u3164", "\uffa0", "\u2800", "\U0001d159"),  # fillers
    *("\u2065", "\ufff0", "\U000e0fff"),  # reserved
]
CONTROL = ["\0", "\x01", "\x1b", "\x7f", "\x80", "\x85", "\x9f"]
VISIBLE = ["ü", "u\u0308", "ß", "Ж", "字", "\U0001f600", "\ue000", "\u0378", "\u0131", "\u212a", "-"]


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\v", "\f", " \t "])
def test_blanks_around_a_name_do_not_count(blank: str) -> None:
    """A list trims ASCII white space around a name; nobody has a name with it, so no login can be meant by one."""
    assert trim_name(f"{blank}anna b{blank}") == "anna b"
    assert User(f"{blank}anna{blank}").user_name == "anna"
    assert login_name("anna") == "anna"
    assert login_name(f"anna{blank}") == login_name(f"{blank}anna") == ""


@pytest.mark.parametrize("character", [*INVISIBLE, *CONTROL], ids=ascii)
def test_names_that_look_like_others_are_refused(character: str) -> None:
    """What cannot be seen at an end of a name is an error in a list, and no name at a login."""
    for name in (f"boss{character}", f"{character}boss", f" {character}boss ", character):
        with pytest.raises(ValueError, match=r"control character|cannot be seen"):
            trim_name(name)
        with pytest.raises(SourceError, match="userName cannot be used"):
            User(name)
        assert login_name(name) == ""


@pytest.mark.parametrize("character", [*CONTROL, "\t", "\n"])
def test_control_characters_are_refused_anywhere(character: str) -> None:
    """A control character inside a name is an error; ASCII white space is one there, too, but for the blank."""
    with pytest.raises(ValueError, match="control character"):
        trim_name(f"an{character}na")


@pytest.mark.parametrize("character", VISIBLE, ids=ascii)
def test_visible_characters_are_good_at_an_end(character: str) -> None:
    """Whatever can be seen, or may be on another computer, is part of a name."""
    assert trim_name(f"{character}anna{character}") == f"{character}anna{character}"
    assert login_name(f"anna{character}") == f"anna{character}"


@pytest.mark.parametrize("name", ["a" * 1024, "a" + "\u0301" * 1023], ids=["plain", "accents"])
def test_the_longest_name(name: str) -> None:
    """1024 characters are a name, one more is not."""
    assert trim_name(f"  {name}  ") == login_name(name) == name
    assert login_name(f"{name}b") == ""
    with pytest.raises(SourceError, match="longer than 1024"):
        User(f"{name}b")


def test_unicode_sees_no_long_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is too long is refused before anything looks at its characters."""

    seen: list[object] = []
    name = "a" + "\u0301" * 16_100 + "\u0327" * 16_100
    with monkeypatch.context() as patch:
        for function in ("normalize", "category", "name", "digit"):
            patch.setattr(unicodedata, function, lambda *given: seen.append(given))
        assert login_name(name) == ""
        with pytest.raises(SourceError, match="longer"):
            User(name)
    assert not seen


@pytest.mark.parametrize("function", [loose, looser])
@pytest.mark.parametrize("part", ["\u0301\u0327", "\ufdfa", "\u0345", "\uac01", "\u0f73", "\u0130"])
def test_loose_work_grows_with_the_name(function: object, part: str) -> None:
    """Eight times the name is eight times the work, up to the longest name."""
    assert callable(function)
    counts = []
    for size in (128, 1024):
        count = 0

        def trace(frame: object, event: str, argument: object) -> object:
            nonlocal count
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)  # type: ignore[arg-type]
        try:
            function((part * size)[:size])
        finally:
            sys.settrace(before)
        counts.append(count)
    assert counts[1] < 9 * counts[0]
    assert counts[1] < NAME_CHARACTERS * 18 * 20


ALIKE = [
    ("René", "rene"),
    ("RENE\u0301", "rené"),
    ("an na", "anna"),
    ("an\u00a0na", "anna"),
    ("an\u200bna", "anna"),
    ("an\u3164na", "anna"),
    ("an\u115fna", "anna"),
    ("an\ufe0fna", "anna"),
    ("STRASSE", "straße"),
    ("\u212aate", "kate"),
    ("\uff41\uff4e\uff4e\uff41", "anna"),
    ("ﬁn", "fin"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_loosely_the_same(one: str, other: str) -> None:
    """Case, accents, blanks and invisible characters make no difference; for addresses they do."""
    assert loose(one) == loose(other)
    assert looser(one) == looser(other)
    assert fold(one) != fold(other)


def test_looser_is_looser_than_loose() -> None:
    """What `loose` takes for one, `looser` does too, but for small Latin letters above others: databases read them."""
    for code in (*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7B0, 0x20000), *range(0xE0000, 0xE0200)):
        character = chr(code)
        if not unicodedata.name(character, "").startswith("COMBINING LATIN "):
            assert looser(loose(character)) == looser(character), hex(code)
        assert loose(loose(character)) == loose(character), hex(code)


@given(st.text())
def test_folding_is_of_ascii_letters_alone(text: str) -> None:
    """Folding changes ASCII letters and nothing else."""
    assert len(fold(text)) == len(text)
    for before, after in zip(text, fold(text), strict=True):
        assert after == (before.lower() if before.isascii() else before)


@pytest.mark.parametrize(
    "text",
    [
        "a@b",
        "a.b+c=d/e@x.test",
        "a'b@x.test",
        '"a b"@x.test',
        '"a@b"@x.test',
        '"a\\"b"@x.test',
        "ü@ü.test",
        "|a@x.test",
    ],
)
def test_addresses(text: str) -> None:
    """An address has one @ outside quotes, and something on both sides of it."""
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "a", "a@", "@b", "a@b@c", "a @b", "a@ b", "a\u00a0@b", "a@b\n", " a@b"),
        *("a@b:", "a:b@c", "a@b,c", "<a@b>", "a@b>", "a(b)@c", "a@b(c)", "a@[1.2.3.4]", "a;b@c", "a\\@b", 'a"b@c'),
        *('""@b', '"a"b@c', '"a\\"@b', '"a@b"', '"a@b', 'a@"b"', '"a" @b'),
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Everything else is not an address."""
    assert not is_address(text)


@given(st.text(st.sampled_from('ab@. ,;<>():\\"[]\u00a0')))
def test_addresses_are_what_the_rule_says(text: str) -> None:
    """The rule read word by word: quoted or not, one @, no white space and no special character outside quotes."""
    local, at, domain = text.rpartition("@")
    plain = bool(domain) and not any(character.isspace() or character in '<>()[],;:\\"' for character in domain)
    if local.startswith('"'):
        inside, escaped = local[1:-1], False
        for character in inside:
            plain = plain and (escaped or character != '"')
            escaped = not escaped and character == "\\"
        plain = plain and len(local) > 2 and local.endswith('"') and not escaped
    else:
        plain = plain and bool(local)
        plain = plain and not any(character.isspace() or character in '<>()[],;:\\"@' for character in local)
    assert is_address(text) == (bool(at) and plain)
    assert (split_one(text) == [text]) == is_address(text)


def split_one(text: str) -> list[str]:
    """The addresses of a user with this cell."""
    return User("x", email_addresses=[text]).email_addresses
