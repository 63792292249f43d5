"""What is never a password, what cannot be read, and what a stored value may demand."""

from __future__ import annotations

import time
from importlib import import_module

import pytest

from ais.errors import ConfigError, UnreadableHash
from ais.passwords import bare, schemes, verify

SHA_SECRET = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
SHA512_CRYPT = (
    "$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0"
)
NO_PASSWORD = ["", " ", "\n", "0", "x", "*", "*0", "*1", "!", "!!", "!*", "!" + SHA512_CRYPT, "*LK*", "*NP*", "NP"]


@pytest.mark.parametrize(
    "stored", [None, *NO_PASSWORD, "SUSPENDED", "{CRYPT}!", "{SSHA}*", "{CRYPT}x", "{SHA512-CRYPT}"]
)
@pytest.mark.parametrize("default", [None, "PLAIN", "CRYPT"])
def test_no_password(stored: str | None, default: str | None) -> None:
    """A value that says "no password" lets nobody in, also not with that value as the password."""
    for password in ("secret", stored or "secret", "x"):
        assert verify(stored, password, default_scheme=default) is False


@pytest.mark.parametrize(
    "stored", ["{PLAIN}", "{PLAIN}secret", SHA_SECRET, "{PLAIN-TRUNC}6-secret", "rubbish", "", None]
)
def test_empty_password(stored: str | None) -> None:
    """An empty password never matches, whatever is stored."""
    assert verify(stored, "", default_scheme="PLAIN") is False


@pytest.mark.parametrize("size", [4097, 1_000_000])
def test_long_password(size: int) -> None:
    """A password over 4 KiB is refused without hashing it, one of 4 KiB is checked."""
    assert verify("{PLAIN}" + "a" * 4000, "a" * 4000) is True
    assert verify("{PLAIN}" + "a" * size if size < 4090 else "{PLAIN}a", "a" * size) is False


@pytest.mark.parametrize(
    ("stored", "scheme"),
    [
        ("hello", "bare text"),
        ("{HELLO}world", "HELLO"),
        ("{sym-aes-128-cbc}aGVsbG8=", "SYM-AES-128-CBC"),
        ("{x-issha,1024}C0624lpBzRDxcbPSgFGHUkYmZ1Y3MTc2NjQ4ODM3", "X-ISSHA,1024"),
        ("{SSHA512.XYZ}abc", "SSHA512.XYZ"),
        ("{SHA}5en6G6MezRroT3XKqkdPOmY", "SHA"),
        ("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ", "SHA"),
        ("{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SSHA"),
        ("$6$", "$6$"),
        ("$6$salt$short", "$6$"),
        ("$6$rounds=999$salt$" + "a" * 86, "$6$"),
        ("$6$rounds=05000$salt$" + "a" * 86, "$6$"),
        ("$2y$10$tooshort", "$2y$"),
        ("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "$2x$"),
        ("$argon2id$v=19$m=65536,t=3$c29tZXNhbHQ$" + "a" * 43, "$argon2id$"),
        ("$argon2id$v=20$m=65536,t=3,p=1$c29tZXNhbHQ$" + "a" * 43, "$argon2id$"),
        ("pbkdf2_sha256$abc$salt$" + "a" * 43 + "=", "pbkdf2_sha256$"),
        ("{PBKDF2}$1$salt$5000$abcd", "PBKDF2"),
        ("{SHA512-CRYPT}$5$salt$" + "a" * 43, "SHA512-CRYPT"),
        ("{PLAIN-TRUNC}0-", "PLAIN-TRUNC"),
        ("{PLAIN-TRUNC}0-secret", "PLAIN-TRUNC"),
        ("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E", "MySQL"),
        ("{SSHA}" + "A" * 5000, "unknown"),
        (b"\xff\xfe\xfd", "unknown"),
    ],
)
def test_unreadable(stored: str, scheme: str) -> None:
    """What cannot be read is an error that names the scheme and holds nothing else of the value."""
    with pytest.raises(UnreadableHash) as caught:
        verify(stored, "secret")
    assert caught.value.scheme == scheme
    assert caught.value.__cause__ is None
    if isinstance(stored, str) and len(stored) > len(scheme) + 8:
        assert stored.removeprefix("{" + scheme + "}")[-8:] not in str(caught.value)


def test_digest_md5_needs_the_user() -> None:
    """A scheme that mixes the user's name in cannot be read without it."""
    with pytest.raises(UnreadableHash, match="user"):
        verify("{DIGEST-MD5}77c1a8c437c9b08ba2f460fe5d58db5d", "test")


@pytest.mark.parametrize("suffix", ["", ".B64", ".b64", ".BASE64", ".HEX", ".hex"])
@pytest.mark.parametrize("name", ["SHA1", "sha1", "Sha1"])
def test_names_and_codings(name: str, suffix: str) -> None:
    """Scheme names and codings are read in any letter case."""
    body = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4" if suffix.upper() == ".HEX" else SHA_SECRET[5:]
    assert verify("{" + name + suffix + "}" + body, "secret") is True
    assert verify("{" + name + suffix + "}" + body, "Secret") is False


def test_hex_in_both_cases_but_not_mixed() -> None:
    """Hex is read in lower and upper case; mixed, it was altered."""
    text = "5ebe2294ecd0e0f08eab7690d2a6ee69"
    assert verify(text, "secret") is True
    assert verify(text.upper(), "secret") is True
    with pytest.raises(UnreadableHash):
        verify(text.replace("e", "E", 1), "secret")


@pytest.mark.parametrize("padding", [" ", "   ", "\n", "\r\n", "\t"])
def test_padded_columns(padding: str) -> None:
    """The blanks with which a CHAR column pads a hash are not part of it; in clear text they are."""
    assert verify(SHA512_CRYPT + padding, "secret") is True
    assert verify("{PLAIN}secret" + padding, "secret") is False
    assert verify("{PLAIN}secret" + padding, "secret" + padding) is True


def test_bytes_from_the_database() -> None:
    """A binary column holds the same value as text, or SQL Server's own binary hash."""
    assert verify(SHA512_CRYPT.encode(), "secret") is True
    text = (
        "02000102030434ea1b17802fd95ea6316bd61d2c94622ca3812793e8fb1672487b5c904a45a31b2ab4a78890d563d2fcf5663e46fe79"
    )
    assert verify(bytes.fromhex(text + "7d71550494be50cf4915d3f4d55ec375"), "hashcat") is True
    assert verify(bytes.fromhex(text + "7d71550494be50cf4915d3f4d55ec376"), "hashcat") is False


class TestDefaultScheme:
    """``default_scheme`` is for values that say nothing themselves."""

    def test_clear_text_only_if_named(self) -> None:
        """Clear text matches where PLAIN is the default, and is unreadable elsewhere."""
        assert verify("hello", "hello", default_scheme="PLAIN") is True
        assert verify("hello", "Hello", default_scheme="plain") is False
        assert verify("{hello", "{hello", default_scheme="PLAIN") is True
        assert verify("$ecret", "$ecret", default_scheme="CLEAR") is True
        with pytest.raises(UnreadableHash):
            verify("hello", "hello")
        with pytest.raises(UnreadableHash):
            verify("hello", "hello", default_scheme="CRYPT")

    @pytest.mark.parametrize("default", [None, "PLAIN", "CRYPT", "SSHA", "MD5-CRYPT"])
    def test_a_value_that_says_what_it_is(self, default: str | None) -> None:
        """A value that says itself what it is is read as that, whatever the default."""
        assert verify(SHA512_CRYPT, "secret", default_scheme=default) is True
        assert verify(SHA512_CRYPT, SHA512_CRYPT, default_scheme=default) is False
        assert verify(SHA_SECRET, "secret", default_scheme=default) is True

    @pytest.mark.parametrize(
        ("default", "stored"),
        [
            ("SHA", SHA_SECRET[5:]),
            ("{sha}", SHA_SECRET[5:]),
            ("SSHA", "DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"),
            ("LDAP-MD5", "Xr4ilOzQ4PCOq3aQ0qbuaQ=="),
            ("MD5", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
            ("SSHA", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
            ("PLAIN", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
            ("PLAIN-MD4", "67d3dafef63ff00603aeef3769cfbf0d"),
            ("CRYPT", "abNANd1rDfiNc"),
            ("SHA512-CRYPT", "abNANd1rDfiNc"),
            ("PLAIN", "abNANd1rDfiNc"),
        ],
    )
    def test_bare_values(self, default: str, stored: str) -> None:
        """A bare value is read in the default scheme, or else by its shape."""
        assert verify(stored, "secret", default_scheme=default) is True
        assert verify(stored, "wrong", default_scheme=default) is False

    def test_hash_or_clear_text(self) -> None:
        """In a column of clear text, 13 characters that may be a DES hash do not log in as themselves."""
        with pytest.raises(UnreadableHash, match="either"):
            verify("abNANd1rDfiNc", "abNANd1rDfiNc", default_scheme="PLAIN")
        assert verify("abNANd1rDfiNd", "abNANd1rDfiNd", default_scheme="PLAIN") is True  # no DES hash ends like this
        for digest in (SHA_SECRET[5:], "DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"):
            with pytest.raises(UnreadableHash, match="either"):
                verify(digest, digest, default_scheme="PLAIN")
            assert verify(digest, "other", default_scheme="PLAIN") is False
        for text in ("correct horse battery staple", "CorrectHorseBatteryStaple", "correct/horse/battery/staple!"):
            assert verify(text, text, default_scheme="PLAIN") is True
        for stored in ("5ebe2294ecd0e0f08eab7690d2a6ee69", "{UNKNOWN}abcdefgh", "$9$unknown$" + "a" * 20):
            try:
                assert verify(stored, stored, default_scheme="PLAIN") is False
            except UnreadableHash:
                continue

    def test_unknown_default(self) -> None:
        """A default that does not exist makes bare values unreadable, not clear text."""
        with pytest.raises(UnreadableHash):
            verify("hello", "hello", default_scheme="PLAINTXT")

    @pytest.mark.parametrize("scheme", ["WCF2", "wcf2"])
    def test_hashes_around_hashes(self, scheme: str) -> None:
        """bcrypt around another hash is read where it is named, at any cost, and by itself where it is cheap."""
        stored = "$2a$08$XEQDKNU/Vbootwxv5Gp7gujxFX/RUFsZLvQPYM435Dd3/p17fto02"
        assert verify(stored, "password", default_scheme=scheme) is True
        assert verify(stored, "password") is True
        assert verify(stored, "wrong") is False


class TestCharset:
    """Passwords that were hashed in another charset."""

    LATIN1 = "ae2fc75e20ee25d4520766788fbc96ae"  # MD5 of "fööbar" in ISO-8859-1; phpBB's tests

    def test_second_try(self) -> None:
        """The charset is tried after UTF-8."""
        assert verify(self.LATIN1, "fööbar") is False
        assert verify(self.LATIN1, "fööbar", charset="iso-8859-1") is True
        assert verify("{PLAIN}fööbar", "fööbar", charset="iso-8859-1") is True
        assert verify(self.LATIN1, "föobar", charset="iso-8859-1") is False

    def test_crypt(self) -> None:
        """crypt(3) hashes of ISPConfig are of ISO-8859-1."""
        stored = "$1$ispconf1$o8DWudqFd3gFTa9f7uZOh/"
        assert verify(stored, "grün", charset="iso-8859-1") is True
        assert verify(stored, "grün") is False

    def test_not_in_the_charset(self) -> None:
        """A password that the charset does not have is only tried as UTF-8."""
        assert verify(self.LATIN1, "пароль", charset="iso-8859-1") is False

    @pytest.mark.parametrize("charset", ["no-such-charset", "rot13", "base64"])
    def test_unknown(self, charset: str) -> None:
        """A charset that does not exist is an error of the configuration."""
        with pytest.raises(ConfigError):
            verify(self.LATIN1, "fööbar", charset=charset)

    def test_no_normalising(self) -> None:
        """Composed and decomposed letters are different passwords."""
        assert verify("{PLAIN}\u00fc", "u\u0308") is False

    def test_saslprep(self) -> None:
        """SCRAM's passwords are prepared by SASLprep, as RFC 7677 asks: a non-breaking space is a space."""
        stored = "$scram$6400$0BojBCBE6P2/N4bQ$sha-1=YniLes.b8WFMvBhtSACZyyvxeCc"
        assert verify(stored, "\u2168\u3000a\u0300") is True
        assert verify(stored, "IX b") is False

    def test_lone_surrogates(self) -> None:
        """Text that is no Unicode matches nothing and is no error."""
        assert verify(SHA_SECRET, "secret\ud800") is False
        assert verify("{PLAIN}a", "\udcff", charset="latin-1") is False


TOO_MUCH = [
    "$6$rounds=999999999$salt$" + "a" * 86,
    "$5$rounds=5000001$salt$" + "a" * 43,
    "$2y$31$abcdefghijklmnopqrstuu" + "a" * 31,
    "$2a$17$abcdefghijklmnopqrstuu" + "a" * 31,
    "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$" + "a" * 43,
    "$argon2id$v=19$m=65536,t=4000000000,p=1$c29tZXNhbHQ$" + "a" * 43,
    "$argon2i$v=19$m=1048576,t=100,p=1$c29tZXNhbHQ$" + "a" * 43,
    "$argon2d$v=19$m=65536,t=1,p=16777215$c29tZXNhbHQ$" + "a" * 43,
    "pbkdf2_sha256$2000000000$salt$" + "A" * 43 + "=",
    "pbkdf2:sha512:99999999999999999999$salt$" + "a" * 128,
    "$pbkdf2-sha256$100000000$c2FsdA$" + "A" * 43,
    "{PBKDF2}$1$salt$4294967295$" + "a" * 40,
    "AQAAAAH/////AAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
    "SCRAM-SHA-256$2147483647:c2FsdHNhbHQ=$" + "A" * 43 + "=:" + "A" * 43 + "=",
    "scrypt$1073741824$salt$8$1$" + "A" * 86 + "==",
    "scrypt:32768:8:100000$salt$" + "a" * 128,
    "$scrypt$ln=31,r=8,p=1$c2FsdA$" + "A" * 43,
    "{scrypt}$1f0801$c2FsdHNhbHQ=$" + "A" * 43 + "=",
    "$sha1$4000000000$salt$" + "a" * 28,
    "$md5,rounds=4000000000$salt$$" + "a" * 22,
    "_zzzz" + "a" * 15,
    "$P$Sabcdefgh" + "a" * 22,
    "$S$Sabcdefgh" + "a" * 43,
    "$7$zzzzzzzzzzzsalt$" + "a" * 43,
    "$y$jz/z$abcdefgh$" + "a" * 43,
    "$y$jMT$abcdefgh$" + "a" * 43,
    "{OTP}md5 999999999 seed 0123456789abcdef",
    "{FSHP1|8|99999999}" + "A" * 54 + "=",
]


@pytest.mark.parametrize("stored", TOO_MUCH)
def test_too_much(stored: str) -> None:
    """A value that asks for minutes or gigabytes is an error at once, not a busy server."""
    start = time.monotonic()
    with pytest.raises(UnreadableHash):
        verify(stored, "secret")
    assert time.monotonic() - start < 3


def test_bcrypt_looks_at_72_bytes() -> None:
    """bcrypt's input is cut at 72 bytes, as every program does that wrote the hashes."""
    stored = "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"
    assert verify(stored, "wrong") is False
    import bcrypt

    made = bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode()
    assert verify(made, "a" * 72) is True
    assert verify(made, "a" * 100) is True
    assert verify(made, "a" * 71) is False


@pytest.mark.parametrize("password", ["secret\0x", "a" * 512, "a" * 4096])
def test_what_crypt_cannot_take(password: str) -> None:
    """A password that the system's crypt(3) cannot take is a no, not an error and not a shorter password."""
    assert verify(SHA512_CRYPT, password) is False


def test_wordpress_drops_outer_blanks() -> None:
    """WordPress trims a password before it hashes it and before it logs in."""
    stored = "$wp$2y$10$v719Zyb/5DiglXjaGmtVoO.58ZfZLBkfIyjXnYyIbWYYFsofeucua"
    assert verify(stored, " test123\n") is True
    assert verify(stored, "test 123") is False


STARTS = {start: entry for start, _, entry, _ in schemes.START}
PREFIXED = {name: entry for name, entry, _, _ in bare.PREFIXED_HEX}


@pytest.mark.parametrize("table", [schemes.BRACED, schemes.DOLLAR, schemes.WORD, STARTS, bare.HEX, PREFIXED])
def test_every_entry_names_a_reader(table: dict[object, tuple[str, ...]]) -> None:
    """Each entry of the tables leads to a function."""
    for module, reader, *_ in table.values():
        assert callable(getattr(import_module(f"ais.passwords.{module}"), f"read_{reader}"))


def test_caller_secret() -> None:
    """``sha256$salt$hex`` has one meaning: HMAC-SHA256 with the salt as key, which is Werkzeug's too."""
    import hashlib
    import hmac

    good = "sha256$salt$" + hmac.new(b"salt", b"secret", "sha256").hexdigest()
    other = "sha256$salt$" + hashlib.sha256(b"saltsecret").hexdigest()
    assert verify(good, "secret") is True
    assert verify(other, "secret") is False
