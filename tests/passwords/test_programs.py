"""The same answers as the programs that write and read these values."""

from __future__ import annotations

import subprocess

import pytest

from ais.errors import AISError
from ais.passwords import verify
from passwords.samples import SAMPLES, Sample, name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Find = Callable[[str, str], str]

PASSWORDS = ["secret", "grün möglich", "a b:c$d{e}", "p" * 80]
USER = "anna@example.com"
# Dovecot 2.3.19's list.
DOVECOT = """
    ARGON2I ARGON2ID BLF-CRYPT CRAM-MD5 CRYPT DES-CRYPT DIGEST-MD5 HMAC-MD5 LDAP-MD5 MD5 MD5-CRYPT OTP PBKDF2 PLAIN
    CLEAR CLEARTEXT PLAIN-MD4 PLAIN-MD5 PLAIN-TRUNC SCRAM-SHA-1 SCRAM-SHA-256 SHA SHA1 SHA256 SHA256-CRYPT SHA512
    SHA512-CRYPT SMD5 SSHA SSHA256 SSHA512
""".split()  # noqa: SIM905
MKPASSWD = """
    yescrypt gost-yescrypt scrypt bcrypt bcrypt-a sha512crypt sha256crypt sunmd5 md5crypt bsdicrypt descrypt nt
""".split()  # noqa: SIM905


def run(*command: str, input: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with UTF-8 text."""
    return subprocess.run(command, input=input, capture_output=True, encoding="utf-8", timeout=60, check=False)


@pytest.mark.parametrize("coding", ["", ".B64", ".BASE64", ".HEX"])
@pytest.mark.parametrize("scheme", DOVECOT)
def test_what_dovecot_writes(scheme: str, coding: str, need_program: Find) -> None:
    """Every scheme of ``doveadm pw`` is read, in each coding, also in lower case."""
    doveadm = need_program("doveadm", "dovecot-core")
    if scheme == "OTP" and scheme not in run(doveadm, "pw", "-l").stdout.split():
        pytest.skip("Dovecot 2.4.5 has no OTP")
    for password in PASSWORDS[: 1 if "ARGON2" in scheme else 3]:
        made = run(doveadm, "pw", "-s", scheme + coding, "-u", USER, "-p", password).stdout.strip("\n")
        assert made.startswith("{" + scheme)
        prefix, _, body = made.partition("}")
        assert verify(made, password, USER) is True
        assert verify(prefix.lower() + "}" + body, password, USER) is True
        assert verify(made, "x" + password, USER) is False
        assert verify(body, password, USER, default_scheme=scheme + coding) is True


DOVECOT_READS = [
    sample
    for sample in SAMPLES
    if sample.stored.startswith(("{", "$1$", "$2", "$5$", "$6$", "$y$", "$argon2i"))
    and sample.stored[1:].partition("}")[0].upper() in (*DOVECOT, sample.stored[1:].upper())
    and "\0" not in sample.password
    and not sample.charset
]


@pytest.mark.parametrize("sample", DOVECOT_READS, ids=name)
def test_published_vectors_in_dovecot(sample: Sample, need_program: Find) -> None:
    """Where Dovecot reads a published vector, it says the same."""
    doveadm = need_program("doveadm", "dovecot-core")
    stored = sample.stored if sample.stored.startswith("{") else "{CRYPT}" + sample.stored
    answer = run(doveadm, "pw", "-t", stored, "-u", sample.user or USER, "-p", sample.password)
    assert "verified" in answer.stdout or "Fatal" in answer.stderr
    if "verified" in answer.stdout:
        assert sample.ask() is True


@pytest.mark.parametrize("kind", ["-B", "-m", "-s", "-d", "-2", "-5"])
def test_htpasswd(kind: str, need_program: Find) -> None:
    """What htpasswd writes is read, and it reads what we say is right."""
    htpasswd = need_program("htpasswd", "apache2-utils")
    for password in ("secret", "grün"):
        made = run(htpasswd, "-nb", *(["-B", "-C", "4"] if kind == "-B" else [kind]), "anna", password)
        if made.returncode and "usage" in made.stderr.lower():
            pytest.skip(f"this htpasswd has no {kind}")
        stored = made.stdout.strip().partition(":")[2]
        assert verify(stored, password) is True
        assert verify(stored, "wrong") is False


PHP = """
[$kind, $password] = json_decode(stream_get_contents(STDIN), true);
$salt = ['$1$' => '$1$abcdefgh$', '$5$' => '$5$abcdefgh$', '$6$' => '$6$rounds=6000$abcdefgh$', 'des' => 'ab',
    '_' => '_J9..abcd'];
$options = ['cost' => 5, 'memory_cost' => 1024, 'time_cost' => 2];
echo isset($salt[$kind]) ? crypt($password, $salt[$kind]) : password_hash($password, $kind, $options);
"""


@pytest.mark.parametrize("kind", ["2y", "argon2i", "argon2id", "$1$", "$5$", "$6$", "des", "_"])
def test_php(kind: str, need_program: Find) -> None:
    """What PHP's password_hash and crypt write is read; password_verify agrees, also about wrong passwords."""
    import json

    php = need_program("php", "php-cli")
    check = "[$p, $h] = json_decode(stream_get_contents(STDIN), true); echo password_verify($p, $h) ? 'yes' : 'no';"
    for password in PASSWORDS:
        stored = run(php, "-r", PHP, input=json.dumps([kind, password])).stdout
        if not stored:
            pytest.skip(f"this PHP has no {kind}")
        for tried in (password, "x" + password):
            theirs = run(php, "-r", check, input=json.dumps([tried, stored])).stdout
            assert verify(stored, tried) is (theirs == "yes")
        assert verify(stored, password) is True


WORDPRESS = """
$p = base64_encode(hash_hmac('sha384', trim(json_decode(stream_get_contents(STDIN))), 'wp-sha384', true));
echo '$wp' . password_hash($p, PASSWORD_BCRYPT, ['cost' => 5]);
"""


@pytest.mark.parametrize("password", [*PASSWORDS, " padded ", "\ttab"])
def test_wordpress(password: str, need_program: Find) -> None:
    """The formula of WordPress 6.8, run by PHP, gives values that are read."""
    import json

    stored = run(need_program("php", "php-cli"), "-r", WORDPRESS, input=json.dumps(password)).stdout
    assert stored.startswith("$wp$2y$05$")
    assert verify(stored, password) is True
    assert verify(stored, "x" + password) is False


@pytest.mark.parametrize("method", MKPASSWD)
def test_mkpasswd(method: str, need_program: Find) -> None:
    """What mkpasswd writes with the system's crypt(3) is read, also of letters that are not ASCII."""
    mkpasswd = need_program("mkpasswd", "whois")
    extra = ["-R", "5"] if method.startswith("bcrypt") else []
    for password in ("secret", "grün"):
        made = run(mkpasswd, "-m", method, *extra, "-s", input=password)
        if made.returncode:
            pytest.skip(f"this mkpasswd has no {method}")
        stored = made.stdout.strip()
        assert verify(stored, password) is True
        assert verify(stored, "x" + password) is False
        assert verify("{CRYPT}" + stored, password) is True


PHP_READS = [
    sample
    for sample in SAMPLES
    if sample.stored.startswith(("$2", "$5", "$6", "$1", "$argon2i"))
    and not sample.charset
    and not sample.default_scheme
    and not sample.source.startswith(("nextcloud/user_sql", "hashcat"))  # bcrypt around another hash
][::4]


@pytest.mark.parametrize("sample", PHP_READS, ids=name)
def test_published_vectors_in_php(sample: Sample, need_program: Find) -> None:
    """password_verify says the same about published vectors, and about the same value with another last character."""
    import json

    php = need_program("php", "php-cli")
    check = "[$p, $h] = json_decode(stream_get_contents(STDIN), true); echo password_verify($p, $h) ? 'yes' : 'no';"
    other = sample.stored[:-1] + chr(ord(sample.stored[-1]) ^ 1)
    for stored in (sample.stored, other):
        theirs = run(php, "-r", check, input=json.dumps([sample.password, stored])).stdout
        try:
            ours = sample.ask(stored)
        except AISError:
            ours = False
        assert ours is (theirs == "yes")
