"""Nothing that comes in makes verify crash, or match by chance."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ais.errors import AISError, UnreadableHash
from ais.passwords import verify
from ais.passwords.schemes import BRACED, CLEAR, DOLLAR, WORD
from passwords.samples import QUICK

SCHEMES = [scheme for scheme in BRACED if scheme not in CLEAR]
STARTS = ["{" + scheme + "}" for scheme in SCHEMES] + [f"${ident}$" for ident in DOLLAR] + list(WORD) + ["*", "0x0100"]
# Values that ask for little work, so that thousands of them are tried.
CHEAP = [one for one in QUICK if not one.stored.startswith(("$2", "$5", "$6", "$sha1", "$md5", "_", "{FSHP"))]
TEXT = st.text(max_size=100) | st.text("$:,=./+-{}|*!0123456789abcdefABCDEFxyz", max_size=140)
DEFAULT = st.sampled_from([None, "PLAIN", *BRACED])


def matches(stored: str | bytes, password: str, default: str | None = None) -> bool:
    """Verify; any error but our own goes up."""
    try:
        return verify(stored, password, "user", default, "latin-1")
    except AISError:
        return False


@settings(max_examples=400, deadline=None)
@given(stored=TEXT | st.binary(max_size=100), password=TEXT, default=st.sampled_from([None, *SCHEMES]))
def test_random_values(stored: str | bytes, password: str, default: str | None) -> None:
    """Random values and passwords neither crash nor match."""
    assert not matches(stored, password, default)


@settings(max_examples=400, deadline=None)
@given(start=st.sampled_from(STARTS), body=TEXT, password=st.text(min_size=1, max_size=80))
def test_random_bodies(start: str, body: str, password: str) -> None:
    """Random bodies behind the start of a known scheme neither crash nor match."""
    assert not matches(start + body, password)


@settings(max_examples=300, deadline=None)
@given(stored=TEXT, default=DEFAULT)
def test_nothing_is_its_own_password(stored: str, default: str | None) -> None:
    """No value matches itself, unless it is clear text by the default scheme."""
    if default not in CLEAR:
        assert not matches(stored, stored, default)


@settings(max_examples=400, deadline=None)
@given(sample=st.sampled_from(CHEAP), data=st.data())
def test_damaged_vectors(sample: object, data: st.DataObject) -> None:
    """Published values with something cut out, repeated or put in neither crash nor match a random password."""
    stored = sample.stored  # type: ignore[attr-defined]
    start = data.draw(st.integers(0, len(stored)))
    end = data.draw(st.integers(start, len(stored)))
    middle = data.draw(st.text(max_size=10) | st.just(stored[start:end] * 2))
    assert not matches(stored[:start] + middle + stored[end:], "a password that nobody has")


WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", min_size=1, max_size=12)
BODIES = st.text(max_size=60) | st.text("$:,=./+-{}|*!0123456789abcdefABCDEFxyz", max_size=90)


@settings(max_examples=400, deadline=None)
@given(word=WORDS, body=BODIES.filter(str.strip), default=st.sampled_from([None, "PLAIN", "SSHA", "CRYPT"]))
def test_a_word_between_exclamation_marks_is_a_format(word: str, body: str, default: str | None) -> None:
    """``!word!body`` is never "no password" and never clear text: what no reader knows is an error."""
    stored = f"!{word}!{body}"
    for password in (stored, "secret"):
        try:
            assert verify(stored, password, "user", default) is False
        except AISError:
            continue
        assert word in ("bcrypt", "sha512")  # only a reader says no


@settings(max_examples=200, deadline=None)
@given(mark=st.sampled_from(["!", "!!", "!!!"]), sample=st.sampled_from(CHEAP))
def test_a_locked_hash_is_no_password(mark: str, sample: object) -> None:
    """``!`` before a hash of crypt(3), and ``!`` alone, let nobody in and are no error."""
    stored = sample.stored  # type: ignore[attr-defined]
    for locked in (mark, mark + stored) if stored[0] == "$" else (mark,):
        assert verify(locked, "secret") is False
        assert verify(locked, locked, default_scheme="PLAIN") is False


def encoded(raw: bytes) -> list[str]:
    """A digest as programs write it."""
    text = b64encode(raw).decode()
    return [raw.hex(), raw.hex().upper(), text, text.rstrip("="), text.replace("+", "."), text.translate(URL)]


URL = str.maketrans("+/", "-_")
MARKED = ["$2y$12$", "$2a$", "$argon2id$", "$argon2", "$5$", "$6$salt$", "$1$", "$y$", "$P$", "$apr1$", "$pbkdf2-x$"]
NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.( ),{}@", max_size=16)


@settings(max_examples=600, deadline=None)
@given(start=NAMES, mark=st.sampled_from(MARKED), rest=st.text(max_size=60))
def test_marks_of_a_hash_are_not_clear_text(start: str, mark: str, rest: str) -> None:
    """In a column of clear text, what contains the marks of a hash does not log in as itself."""
    stored = start + mark + rest
    assert start[:1] == "{" or not matches(stored, stored, "PLAIN")


@settings(max_examples=600, deadline=None)
@given(
    start=NAMES,
    separator=st.sampled_from("$:!|,;#*&%}=~"),
    raw=st.binary(min_size=16, max_size=64),
    kind=st.integers(0, 5),
    rest=st.sampled_from(["", ":", "$salt", ":c2FsdA=="]),
)
def test_long_digests_are_not_clear_text(start: str, separator: str, raw: bytes, kind: int, rest: str) -> None:
    """Nor does what has long hex or base64 behind a separator."""
    stored = start + separator + encoded(raw)[kind] + rest
    assert start[:1] == "{" or not matches(stored, stored, "PLAIN")


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "correct horse battery staple",
        "Pa$$w0rd",
        "a$b$c",
        "P@ss:word!",
        "50% off, now!",
        "{hello",
        "$ecret",
        "550e8400-e29b-41d4-a716-446655440000",
        "https://example.com/",
        "anna@a-very-long-name.example.com",
        "Correct-Horse-Battery-Staple-77!",
        "käse",
        "5$ for 2",
        "a|b|c|d",
        "q9X" * 9,
    ],
)
def test_clear_text_stays_clear_text(text: str) -> None:
    """What people choose matches as clear text, with marks of punctuation or long words in it."""
    assert verify(text, text, default_scheme="PLAIN") is True


def test_advice_for_clear_text_only() -> None:
    """PLAIN is advised for what cannot be a hash only."""
    for stored, advised in (("hello", True), ("a:b", True), ("Foo:" + "a1B2" * 8, False), ("0a" * 24, False)):
        with pytest.raises(UnreadableHash) as caught:
            verify(stored, "secret")
        assert ("PLAIN" in str(caught.value)) is advised
