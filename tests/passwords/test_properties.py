"""Nothing that comes in makes verify crash, or match by chance."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ais.errors import AISError
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
