"""Every published vector is verified, and nothing that was altered is."""

from __future__ import annotations

import random

import pytest

from ais.passwords import basics
from ais.passwords.schemes import BRACED, CLEAR, DOLLAR
from passwords.samples import CHEAP, SAMPLES, Sample, name

# Names of one and the same scheme; bcrypt's letters mark releases of programs, "P" and "H" are phpass and phpBB.
ALIASES = (
    ("$2a$", "$2b$", "$2y$"),
    ("$P$", "$H$"),
    ("2|", "3|"),
    ("$pbkdf2$", "$pbkdf2-sha1$"),
    ("{SHA}", "{SHA1}", "{SHA-1}"),
    ("{SHA256}", "{SHA-256}", "{SHA2}"),
    ("{SHA384}", "{SHA-384}"),
    ("{SHA512}", "{SHA-512}"),
    ("{SSHA}", "{SSHA1}"),
    ("{MD5}", "{LDAP-MD5}", "{PLAIN-MD5}", "{MD5RAW}"),
    ("{MD4}", "{PLAIN-MD4}"),
    ("{NT}", "{NTLM}", "{NTHASH}"),
    ("{CRAM-MD5}", "{HMAC-MD5}"),
    ("{OTP}", "{SKEY}"),
    ("{MD5}", "{MD5-CRYPT}", "{CRYPT}"),
    ("{PBKDF2}", "{PBKDF2-SHA1}"),
    ("bcrypt:", "Bcrypt:"),
    ("{CRYPT}", "{DES-CRYPT}"),
    ("{CRYPT}", "{SHA256-CRYPT}"),
    ("{CRYPT}", "{SHA512-CRYPT}"),
    ("{CRYPT}", "{BLF-CRYPT}", "{BCRYPT}"),
    ("{CRYPT}", "{ARGON2}", "{ARGON2I}"),
    ("{CRYPT}", "{ARGON2}", "{ARGON2ID}"),
    ("{CRYPT}", "{SCRYPT}"),
    *[("{" + one + "}", "{" + two + "}") for one in sorted(CLEAR) for two in sorted(CLEAR)],
)


def same_meaning(one: str, two: str) -> bool:
    """Whether upstream takes both for the same value."""
    for group in ALIASES:
        for start in group:
            for other in group:
                if start != other and one.upper().startswith(start.upper()):
                    changed = other + one[len(start) :]
                    if changed.upper().startswith(other.upper()) and changed.lower() == two.lower():
                        return True
    head = one.partition("}")[0] if one.startswith("{") else ""
    if head and two.lower().startswith(head.lower() + "}") and two[len(head) :] == one[len(head) :]:
        return True  # names of schemes have no letter case
    return "{OTP}" in one.upper() and one.lower() == two.lower()  # nor have OTP's seeds


def altered_bits(sample: Sample, count: int) -> list[str]:
    """The stored value with one bit flipped, at ``count`` places and at the last characters, always the same ones."""
    chooser = random.Random(sample.stored)
    places = [chooser.randrange(len(sample.stored)) for _ in range(count)]
    places += [len(sample.stored) - 1] if sample.slow else [len(sample.stored) - 1, len(sample.stored) - 2]
    flipped = []
    for place in places:
        bit = 1 << chooser.randrange(6)
        flipped.append(sample.stored[:place] + chr(ord(sample.stored[place]) ^ bit) + sample.stored[place + 1 :])
    return flipped


def test_enough_vectors() -> None:
    """At least 250 different published values are held, from several projects."""
    assert len({sample.stored for sample in SAMPLES}) >= 500
    assert len({sample.source for sample in SAMPLES}) >= 25


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_published_vector(sample: Sample) -> None:
    """The published password matches; another one and the stored value itself do not."""
    assert sample.ask() is True
    assert not sample.matches(password="x" + sample.password)
    if sample.stored != sample.password and not sample.slow:
        assert not sample.matches(password=sample.stored)


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_altered_vector(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value with a flipped bit, one that is cut, and one with something behind it never match.

    What has become many times dearer is refused.
    """
    monkeypatch.setattr(basics, "WORK", 8 * sample.price() + 20_000)
    stored = sample.stored
    changed = altered_bits(sample, 1 if sample.slow else 3)
    changed += [stored[:-1], stored[: len(stored) // 2], stored[:-4], stored + "A", stored + "="]
    for value in changed:
        if (
            "crypt$" in stored
            and value.partition("$")[2].partition("$")[2] == stored.partition("$")[2].partition("$")[2]
        ):
            continue  # the repeated salt of Django's crypt is only compared in two characters
        assert same_meaning(stored, value) or not sample.matches(value), value


WHOLE_WHEN_CUT = ("0x0100", "$scram$", "md5:1000:")
"""What is another whole value when it is cut: SQL Server 2005 writes the first of 2000's two digests, passlib fewer
digests of SCRAM, and a key of PBKDF2 behind colons has any length."""


@pytest.mark.parametrize("sample", [one for one in CHEAP if not one.stored.startswith(WHOLE_WHEN_CUT)], ids=name)
def test_cut_vector(sample: Sample) -> None:
    """A value that is cut never matches, wherever it was cut: the key's length is not what is left of it."""
    stored = sample.stored
    cuts = [stored[:length] for length in range(len(stored))]
    assert [cut for cut in cuts if sample.matches(cut)] == []


# One round of FSHP without salt is the plain digest.
SWAPPED = [one for one in CHEAP if not one.stored.startswith("{FSHP0|0|1}")]


@pytest.mark.parametrize("sample", SWAPPED, ids=name)
def test_swapped_prefix(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value under the name of another scheme never matches, but for names of the same scheme."""
    monkeypatch.setattr(basics, "WORK", 8 * sample.price() + 20_000)
    stored = sample.stored
    if stored.startswith("{") and "}" in stored:
        body = stored.partition("}")[2]
        values = ["{" + scheme + "}" + body for scheme in BRACED]
    elif stored.startswith("$"):
        body = stored[1:].partition("$")[2]
        values = [f"${ident}${body}" for ident in DOLLAR]
    else:
        values = ["{" + scheme + "}" + stored for scheme in ("SSHA", "SMD5", "SSHA512", "PBKDF2", "CRAM-MD5")]
    for value in values:
        assert value == stored or same_meaning(stored, value) or not sample.matches(value), value


@pytest.mark.parametrize("sample", [one for one in CHEAP if not one.default_scheme], ids=name)
def test_a_hash_in_a_column_of_clear_text(sample: Sample) -> None:
    """Where clear text is the default scheme, a stored hash still does not log in as its own password."""
    other = Sample("", sample.password, sample.stored, sample.user, "PLAIN", sample.charset)
    assert other.ask() is True
    assert not other.matches(password=sample.stored)
