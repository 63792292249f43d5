"""Every way to a library gives the same answers, and a missing one says what to install."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from ais.errors import MissingPackage, UnreadableHash
from ais.passwords import libcrypt, libpass, verify
from passwords.samples import QUICK, Sample, name

STARTS = ("$1$", "$5$", "$6$", "$sha1$", "$md5", "_")
CRYPT = [one for one in QUICK if one.stored.startswith(STARTS) and not one.stored.startswith("$md5$rounds")]
LIB = Path(__file__).parents[2] / "lib"


@pytest.mark.parametrize("sample", CRYPT[::3], ids=name)
@pytest.mark.parametrize("way", ["ctypes", "libpass"])
def test_other_ways_to_crypt(sample: Sample, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Python's own module crypt(3) is called by ctypes; without that, libpass does what it can."""
    monkeypatch.setattr(libcrypt, "_by_extension", lambda password, stored: None)
    if way == "libpass":
        monkeypatch.setattr(libcrypt, "_by_ctypes", lambda password, stored: None)
    assert sample.ask() is True
    assert not sample.matches(password="x" + sample.password)


def test_bcrypt_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package bcrypt the system's crypt(3) reads the same values."""
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    samples = [one for one in QUICK if one.stored.startswith(("$2a$0", "$2b$0", "$2y$0")) and not one.default_scheme]
    assert len(samples) > 20
    for sample in samples:
        if not sample.charset:  # crypt(3) treats some bytes in $2a$ in a way of its own
            assert sample.ask() is True


@pytest.mark.parametrize(
    ("module", "package", "stored"),
    [
        ("argon2", "argon2-cffi", "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHQ$" + "A" * 43),
        ("passlib", "libpass", "{PLAIN-MD4}db346d691d7acc4dc2625db19f9e3f52"),
        ("whirlpool", "whirlpool", "{WHIRLPOOL}" + "a" * 128),
    ],
)
def test_missing_package(module: str, package: str, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value whose library is missing is an error that says what to install."""
    for loaded in [one for one in sys.modules if one.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    if module == "argon2":
        monkeypatch.setitem(sys.modules, "argon2.low_level", None)
    if module == "passlib":
        monkeypatch.setitem(sys.modules, "passlib.hash", None)
    with pytest.raises(MissingPackage) as caught:
        verify(stored, "test")
    assert caught.value.package == package
    assert "pip install" in str(caught.value)


def test_no_crypt_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that only crypt(3) reads is an error without crypt(3), which names the system's package: pip has none."""
    monkeypatch.setattr(libcrypt, "_by_extension", lambda password, stored: None)
    monkeypatch.setattr(libcrypt, "_by_ctypes", lambda password, stored: None)
    with pytest.raises(UnreadableHash, match="install libcrypt1"):
        verify("$y$j9T$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9", "secret")


# Handlers of libpass, each with few rounds where it has rounds.
HANDLERS: dict[str, dict[str, int]] = {
    **{
        name: {"rounds": 1001} for name in ("sha256_crypt", "sha512_crypt", "sha1_crypt", "sun_md5_crypt", "bsdi_crypt")
    },
    **{name: {"rounds": 1001} for name in ("pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512", "ldap_pbkdf2_sha512")},
    **{
        name: {"rounds": 1001}
        for name in ("cta_pbkdf2_sha1", "dlitz_pbkdf2_sha1", "fshp", "scram", "grub_pbkdf2_sha512")
    },
    **{name: {"rounds": 1001} for name in ("django_pbkdf2_sha256", "django_pbkdf2_sha1")},
    **{name: {"rounds": 4} for name in ("bcrypt", "bcrypt_sha256", "django_bcrypt_sha256", "ldap_bcrypt", "scrypt")},
    **{name: {"rounds": 1} for name in ("argon2", "django_argon2")},
    **{name: {} for name in ("md5_crypt", "des_crypt", "apr_md5_crypt", "ldap_salted_sha512", "atlassian_pbkdf2_sha1")},
    **{
        name: {}
        for name in ("mssql2000", "mssql2005", "mysql41", "mysql323", "oracle11", "bsd_nthash", "ldap_salted_md5")
    },
    "phpass": {"rounds": 7},
}


@pytest.mark.parametrize("scheme", HANDLERS)
def test_what_libpass_writes(scheme: str) -> None:
    """What libpass writes is read."""
    handler = libpass.handler(scheme)
    maker = handler.using(**HANDLERS[scheme]) if HANDLERS[scheme] else handler
    for password in ("secret", "grün möglich", "a" * 60):
        stored = maker.hash(password)
        assert verify(stored, password) is True
        assert verify(stored, "x" + password) is False


def test_passwords_that_a_scheme_cannot_hold() -> None:
    """A password with characters that LM hashes do not have is a no, not an unreadable hash."""
    stored = "{LANMAN}01fc5a6be7bc6929aad3b435b51404ee"
    assert verify(stored, "test") is True
    assert verify(stored, "пароль €") is False
    assert verify(stored, "пароль €", charset="utf-16") is False


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """crypt(3) by ctypes runs in several threads at once without mixing their answers."""
    monkeypatch.setattr(libcrypt, "_by_extension", lambda password, stored: None)
    samples = [one for one in CRYPT if one.stored.startswith(("$1$", "$5$", "$6$"))]
    wrong: list[str] = []

    def work(mine: list[Sample]) -> None:
        wrong.extend(one.stored for one in mine if not one.matches() or one.matches(password="wrong"))

    threads = [threading.Thread(target=work, args=(samples[start::4] * 3,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


TABLES = {"identify", "schemes"}


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        ("sha256$salt$" + "0" * 64, set()),  # a caller's secret
        ("{SSHA512}" + "A" * 96, TABLES),
        ("5ebe2294ecd0e0f08eab7690d2a6ee69", TABLES | {"bare"}),
        ("$6$salt$" + "a" * 86, TABLES | {"crypt3", "libcrypt"}),
        ("!", TABLES),
    ],
)
def test_what_is_imported(stored: str, wanted: set[str]) -> None:
    """A process that checks a frequent kind of value loads that family only, no regular expressions, no OpenSSL."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]; from ais.passwords import verify; verify(sys.argv[3], 'secret');"
        "print(' '.join(sorted(sys.modules)))"
    )
    packages = sysconfig.get_paths()["platlib"]
    command = [sys.executable, "-I", "-S", "-c", code, str(LIB), packages, stored]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    ours = {one.removeprefix("ais.passwords.") for one in loaded if one.startswith("ais.passwords.")}
    assert ours == {"basics"} | wanted
    heavy = {"re", "enum", "functools", "collections", "typing", "hashlib", "_hashlib", "base64", "ctypes", "importlib"}
    if "libcrypt" in wanted and not find_spec("_crypt" if sys.version_info < (3, 13) else "_crypt_r"):
        heavy.remove("ctypes")  # Python has had no crypt(3) of its own since 3.13
    assert not loaded & heavy, loaded & heavy


def test_libpass_is_there() -> None:
    """The tests run with libpass, not with the passlib that nobody maintains."""
    import importlib.metadata

    assert importlib.metadata.version("libpass")
    assert libpass.md4(b"").hex() == "31d6cfe0d16ae931b73c59d7e0c089c0"  # RFC 1320
