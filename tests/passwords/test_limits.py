"""What one stored value may cost: time over a whole ``verify``, and memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from base64 import b64encode
from hashlib import pbkdf2_hmac
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from ais.errors import UnreadableHash
from ais.passwords import basics, bcrypts, verify

LIB = Path(__file__).parents[2] / "lib"


def padded(size: int) -> str:
    """Base64 of so many bytes."""
    return b64encode(b"a" * size).decode()


def bare(size: int) -> str:
    """The same without padding."""
    return padded(size).rstrip("=")


BCRYPT = "abcdefghijklmnopqrstuu" + "a" * 31
OVER = [
    "{OTP}md4 1000000 seed 0123456789abcdef",
    "{OTP}sha1 1300000 seed 0123456789abcdef",
    f"{{SCRAM-SHA-512}}5000000,{padded(16)},{padded(64)},{padded(64)}",
    f"$scrypt$ln=16,r=8,p=63${bare(16)}${bare(32)}",
    f"$scrypt$ln=19,r=8,p=7${bare(16)}${bare(32)}",
    f"$scrypt$ln=1,r=131072,p=30${bare(16)}${bare(32)}",
    "$7$H6....5....salt$" + "a" * 43,
    "$y$jFT/0$abcdefgh$" + "a" * 43,
    "$2y$16$" + BCRYPT,
    "$sha1$5000000$salt$" + "a" * 28,
    f"$pbkdf2-sha512$5000000${bare(16)}${bare(64)}",
    "AQAAAAIAmJaAAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",  # ASP.NET, 10 million
    "{PBKDF2_SHA256}" + b64encode((2_000_000).to_bytes(4, "big") + b"a" * 320).decode(),  # 8 blocks of key
    "$S$Pabcdefgh" + "a" * 43,
    "$md5,rounds=1000000$salt$$" + "a" * 22,
    "_zzz." + "a" * 15,
    "{FSHP3|16|5000000}" + padded(80),
    f"$argon2id$v=19$m=512,t=8192,p=64${bare(16)}${bare(32)}",  # two million threads
    f"$argon2i$v=19$m=524288,t=9,p=1${bare(16)}${bare(32)}",
]


@pytest.mark.parametrize("stored", OVER)
def test_over_the_budget(stored: str) -> None:
    """A value that asks for more than the whole budget is refused when it is read, before anything is hashed."""
    with pytest.raises(UnreadableHash, match=r"more .* allowed here"):
        verify(stored, "secret")


@pytest.mark.parametrize("stored", ["$S$Kabcdefgh" + "a" * 43, "$sha1$2500000$salt$" + "a" * 28])
def test_long_password(stored: str) -> None:
    """Where each round reads the password, its length counts."""
    with pytest.raises(UnreadableHash, match="more time"):
        verify(stored, "p" * 511)


def stored_with(rounds: int, password: bytes) -> str:
    """A value of Django with so many rounds."""
    key = b64encode(pbkdf2_hmac("sha256", password, b"salt", rounds)).decode()
    return f"pbkdf2_sha256${rounds}$salt${key}"


def test_encodings_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second encoding that the budget does not pay for is "cannot tell", not "no"; the first still matches."""
    monkeypatch.setattr(basics, "WORK", 1000)
    assert verify(stored_with(600, "grün".encode()), "grün", charset="latin-1") is True
    assert verify(stored_with(600, b"secret"), "wrong", charset="latin-1") is False
    assert verify(stored_with(500, "grün".encode("latin-1")), "grün", charset="latin-1") is True
    with pytest.raises(UnreadableHash, match="more time"):
        verify(stored_with(600, "grün".encode("latin-1")), "grün", charset="latin-1")


def test_repetitions_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt of bcrypt costs two runs, SCRAM with SASLprep too."""
    monkeypatch.setattr(basics, "WORK", 16 * bcrypts.PRICE * 1.5)
    with pytest.raises(UnreadableHash, match="more time"):
        verify("$2a$04$" + BCRYPT, "wrong", default_scheme="WCF2")
    monkeypatch.setattr(basics, "WORK", 1000)
    scram = f"{{SCRAM-SHA-256}}600,{padded(16)},{padded(32)},{padded(32)}"
    assert verify(scram, "wrong") is False
    with pytest.raises(UnreadableHash, match="more time"):
        verify(scram, "wrong\u2168")


def test_each_verify_has_the_whole_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one call has spent is not missing in the next."""
    monkeypatch.setattr(basics, "WORK", 1000)
    for _ in range(3):
        assert verify(stored_with(900, b"secret"), "secret") is True


@pytest.mark.parametrize(
    ("setting", "is_read"),
    [
        ("m=262144,t=3,p=1", True),  # libsodium's MODERATE
        ("m=1048576,t=1,p=1", True),
        ("m=1048577,t=1,p=1", False),
        ("m=1048576,t=4,p=1", False),  # its SENSITIVE: twice the budget
    ],
)
def test_argon2_pays_for_memory_and_passes(setting: str, is_read: bool) -> None:
    """1 GiB is allowed, and what its passes cost beyond the budget is not, whoever recommends them."""
    from ais.passwords.memoryhard import read_argon2

    stored = f"$argon2id$v=19${setting}${bare(16)}${bare(32)}"
    if is_read:
        read_argon2(stored)
    else:
        with pytest.raises(ValueError, match="allowed here"):
            read_argon2(stored)


HUNGRY = [
    f"$scrypt$ln=18,r=8,p=1${bare(16)}${bare(32)}",
    f"$argon2id$v=19$m=262144,t=1,p=1${bare(16)}${bare(32)}",
    "$y$jDT$abcdefgh$" + "a" * 43,
    "$gy$jDT$abcdefgh$" + "a" * 43,
    "$7$G6..../....salt$" + "a" * 43,
]
ASK = """
import resource, sys
sys.path[:0] = sys.argv[2:]
from ais.errors import AISError
from ais.passwords import verify
verify('{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'secret')
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
try:
    print(verify(sys.argv[1], 'secret'))
except AISError as error:
    print(error.status, error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="this system does not limit memory")
@pytest.mark.parametrize("stored", HUNGRY)
def test_too_little_memory(stored: str) -> None:
    """Too little memory for a value is a 503 that says so, not a damaged value."""
    command = [sys.executable, "-c", ASK, stored, str(LIB)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("503 the server has too little memory"), ran


def test_parameters_that_scrypt_does_not_have() -> None:
    """What RFC 7914 forbids is a damaged value, not a server with too little memory."""
    with pytest.raises(UnreadableHash, match="damaged"):
        verify(f"$scrypt$ln=18,r=1,p=1${bare(16)}${bare(32)}", "secret")


@pytest.mark.parametrize(
    "stored",
    [
        ":pbkdf2:sha512:1:1:c2FsdA==:hg==",
        ":pbkdf2:sha512:1:15:c2FsdHNhbHQ=:" + padded(15),
        "sha1:1000:12:c2FsdHNhbHQ=:" + padded(12),
        "sha256:1:1:c2FsdHNhbHQ=:" + padded(1),
        f"$pbkdf2-sha256$i=1,l=4${bare(16)}${bare(4)}",
        f"$argon2id$v=19$m=64,t=1,p=1${bare(16)}${bare(12)}",
        f"SCRYPT:16:8:1:{padded(16)}:{padded(8)}",
    ],
)
def test_short_hashes(stored: str) -> None:
    """A hash of less than 16 bytes is refused, whatever length the value claims: many passwords would match it."""
    with pytest.raises(UnreadableHash):
        verify(stored, "secret")


WITHOUT_THREADS = """
import resource, sys, _thread
import argon2.low_level
sys.path.insert(0, LIB)
from ais.passwords import verify

pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (6 << 20)  # less than the stack of a thread, more than the hash needs
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    _thread.start_new_thread(int, ())
except RuntimeError:
    print(verify(STORED, "secret"), verify(STORED, "wrong"))
"""


def test_argon2_where_there_can_be_no_threads() -> None:
    """Several lanes are worked off one after the other where no thread can be started, as at a limit of processes."""
    stored = PasswordHasher(time_cost=2, memory_cost=512, parallelism=4).hash("secret")
    code = WITHOUT_THREADS.replace("STORED", repr(stored)).replace("LIB", repr(str(LIB)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "True False\n", done
