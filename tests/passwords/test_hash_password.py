"""``bin/ais hash-password`` and the census."""

from __future__ import annotations

import argparse
import io

import pytest

from ais.cli import hash_password, main
from ais.passwords import census, verify
from passwords.samples import SAMPLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run the command with arguments and standard input; give its status and both outputs."""

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        status = main(["hash-password", *arguments])
        return (status, *capsys.readouterr())

    return run


def test_new_secret(command: Callable[..., tuple[int, str, str]]) -> None:
    """Without options a secret of 32 characters and its hash are printed, a new one each time."""
    status, out, err = command()
    secret, stored = (line.rpartition(" ")[2] for line in out.splitlines())
    assert (status, err) == (0, "")
    assert len(secret) == 32
    assert secret.isalnum()
    assert stored.startswith("sha256$")
    assert verify(stored, secret) is True
    assert verify(stored, secret[::-1]) is False
    assert command()[1] != out


@pytest.mark.parametrize("scheme", ["SSHA512", "BLF-CRYPT", "ARGON2ID", "SHA512-CRYPT", "blf-crypt"])
@pytest.mark.parametrize("password", ["secret", "grün möglich"])
def test_schemes(command: Callable[..., tuple[int, str, str]], scheme: str, password: str) -> None:
    """Each scheme's hash is read by verify, and by nothing else than its password."""
    status, out, _ = command("--scheme", scheme, "--password-stdin", stdin=password + "\n")
    assert status == 0
    assert out.startswith("{" + scheme.upper() + "}")
    assert verify(out, password) is True
    assert verify(out, password + "x") is False


def test_dovecot_reads_them(
    command: Callable[..., tuple[int, str, str]], need_program: Callable[[str, str], str]
) -> None:
    """Dovecot accepts what is made here."""
    import subprocess

    doveadm = need_program("doveadm", "dovecot-core")
    for scheme in ("SSHA512", "BLF-CRYPT", "ARGON2ID", "SHA512-CRYPT"):
        made = command("--scheme", scheme, "--password-stdin", stdin="secret\n")[1].strip()
        ran = subprocess.run([doveadm, "pw", "-t", made, "-p", "secret"], capture_output=True, text=True, check=False)
        assert "verified" in ran.stdout


def test_prompts_twice(command: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is asked for twice; two different ones make nothing."""
    answers = iter(["secret", "secret", "secret", "Secret"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert verify(command("--scheme", "SSHA512")[1], "secret") is True
    status, out, err = command("--scheme", "SSHA512")
    assert (status, out) == (2, "")
    assert "secret" not in err.lower()


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (["--scheme", "SSHA512"], ""),
        (["--scheme", "SSHA512"], "a" * 5000),
        (["--scheme", "BLF-CRYPT"], "a" * 73),
        (["--scheme", "SHA512-CRYPT"], "a" * 600),
        ([], "tooshort"),
    ],
)
def test_unusable(command: Callable[..., tuple[int, str, str]], arguments: list[str], password: str) -> None:
    """A password that the scheme cannot hold, or that is too weak for it, is refused with a reason."""
    status, out, err = command(*arguments, "--password-stdin", stdin=password + "\n")
    assert (status, out) == (2, "")
    assert err.startswith("ais hash-password: ")
    assert not password or password not in err


def test_own_secret(command: Callable[..., tuple[int, str, str]]) -> None:
    """A long secret of one's own is hashed as a caller's secret."""
    out = command("--password-stdin", stdin="a secret of twenty-six let\n")[1]
    assert out.startswith("sha256$")
    assert verify(out, "a secret of twenty-six let") is True


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """The help shows how the command is used."""
    parser = argparse.ArgumentParser(prog="ais hash-password")
    hash_password.add_arguments(parser)
    parser.print_help()
    assert "--password-stdin" in capsys.readouterr().out


class TestCensus:
    """Counting schemes without checking a password."""

    def test_counts(self) -> None:
        """Values are counted by scheme, weak ones marked, unreadable ones with a reason that holds no value."""
        values: list[str | bytes | None] = [
            *["{SSHA512}" + "A" * 96] * 3,
            *["$2y$10$" + "a" * 53] * 2,
            "{CRYPT}$6$salt$" + "a" * 86,
            "{CRYPT}$1$salt$" + "a" * 22,
            "$6$salt$cut-hash-column",
            "a password in clear text",
            None,
            "!",
            b"\xff\xff",
        ]
        counts = {one.scheme: one for one in census(values)}
        assert (counts["SSHA512"].count, counts["SSHA512"].weak, counts["SSHA512"].readable) == (3, True, True)
        assert (counts["$2y$"].count, counts["$2y$"].weak) == (2, False)
        assert (counts["CRYPT $6$"].weak, counts["CRYPT $1$"].weak) == (False, True)
        assert counts["$6$"].readable is False
        assert counts["bare text"].readable is False
        assert counts["no password"].count == 2
        assert sum(one.count for one in counts.values()) == len(values)
        assert "cut-hash" not in repr(counts)
        assert "clear text" not in repr(counts).replace("holds clear text", "")
        assert census(values)[0].scheme == "SSHA512"

    def test_default_scheme(self) -> None:
        """A default scheme gives bare values their name."""
        (only,) = census(["hello", "world"], default_scheme="PLAIN")
        assert (only.scheme, only.count, only.weak, only.readable) == ("PLAIN", 2, True, True)

    def test_every_vector(self) -> None:
        """Every published value that verify reads is counted as readable, and quickly."""
        for sample in SAMPLES:
            (only,) = census([sample.stored], sample.default_scheme)
            assert only.readable, only

    def test_missing_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A package that is missing is named."""
        import sys

        monkeypatch.setitem(sys.modules, "argon2", None)
        monkeypatch.setitem(sys.modules, "argon2.low_level", None)
        (only,) = census(["$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHQ$" + "A" * 43])
        assert only.readable is False
        assert "argon2-cffi" in only.problem
