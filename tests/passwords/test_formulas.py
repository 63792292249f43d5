"""Formats for which nobody publishes vectors: made here by PHP, from the formula in each program's source."""

from __future__ import annotations

import json
import subprocess

import pytest

from ais.errors import AISError
from ais.passwords import verify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# $p is the password, $s 16 bytes of salt, b() and u() base64 with and without padding, k() PBKDF2.
START = """
$p = json_decode(stream_get_contents(STDIN)); $s = str_repeat("\\xfb\\x01s.", 4);
function b($x) { return base64_encode($x); }
function u($x) { return rtrim(b($x), '='); }
function k($name, $p, $s, $n, $size) { return hash_pbkdf2($name, $p, $s, $n, $size, true); }
function sha($x) { return hash('sha256', $x, true); }
echo """
FORMULAS = {
    "Maddy sha256": "'sha256:' . b($s) . ':' . b(sha($s . $p))",
    "Kopano": "'f0e1d2c3' . md5('f0e1d2c3' . $p)",
    "Kopano, salt of letters": "'saltsalt' . md5('saltsalt' . $p)",
    "hMailServer": "'0a1b2c' . hash('sha256', '0a1b2c' . $p)",
    "hMailServer, unreleased": "'$pbkdf2-sha256$i=1000$' . u($s) . '$' . u(k('sha256', $p, $s, 1000, 32))",
    "PHC with l": "'$pbkdf2-sha512$i=1000,l=32$' . u($s) . '$' . u(k('sha512', $p, $s, 1000, 32))",
    "Spring MessageDigest MD5": "'{MD5}{a+b=}' . md5($p . '{a+b=}')",
    "Spring MessageDigest SHA-1": "'{SHA-1}{a+b=}' . sha1($p . '{a+b=}')",
    "Spring MessageDigest SHA-256": "'{SHA-256}' . hash('sha256', $p)",
    "Spring PBKDF2 before 5.8": "'{pbkdf2}' . bin2hex(substr($s, 8) . k('sha1', $p, substr($s, 8), 185000, 32))",
    "Spring PBKDF2 5.8": "'{pbkdf2@SpringSecurity_v5_8}' . bin2hex($s . k('sha256', $p, $s, 310000, 32))",
    "Spring LDAP": "'{ldap}{SSHA}' . b(sha1($p . $s, true) . $s)",
    "Joomla SHA256": "'{SHA256}' . hash('sha256', $p . 'salt') . ':salt'",
    "FreeIPA PBKDF2-SHA512": "'{PBKDF2-SHA512}1000$' . b($s) . '$' . b(k('sha512', $p, $s, 1000, 64))",
    "OpenLDAP PBKDF2-SHA256": "'{PBKDF2-SHA256}1000$' . strtr(u($s), '+', '.') . '$' . "
    "strtr(u(k('sha256', $p, $s, 1000, 32)), '+', '.')",
    "OpenLDAP PBKDF2": "'{PBKDF2}1000$' . u($s) . '$' . u(k('sha1', $p, $s, 1000, 20))",
    "389 Directory Server": "''; $l = str_repeat($s, 4); "
    "echo '{PBKDF2_SHA256}' . b(pack('N', 1000) . $l . k('sha256', $p, $l, 1000, 256))",
    "Atlassian": "'{PKCS5S2}' . b($s . k('sha1', $p, $s, 10000, 32))",
    "Werkzeug pbkdf2": "'pbkdf2:sha512:1000$salt$' . bin2hex(k('sha512', $p, 'salt', 1000, 64))",
    "Werkzeug sha256": "'sha256$salt$' . hash_hmac('sha256', $p, 'salt')",
    "Werkzeug sha1": "'sha1$salt$' . hash_hmac('sha1', $p, 'salt')",
    "MediaWiki A": "':A:' . md5($p)",
    "MediaWiki B": "':B:838c83e1:' . md5('838c83e1-' . md5($p))",
    "MediaWiki pbkdf2": "':pbkdf2:sha512:1000:64:' . b($s) . ':' . b(k('sha512', $p, $s, 1000, 64))",
    "defuse.ca": "'sha1:1000:18:' . b($s) . ':' . b(substr(k('sha1', $p, $s, 1000, 20), 0, 18))",
    "AuthMe": "'$SHA$salt$' . hash('sha256', hash('sha256', $p) . 'salt')",
    "Magento 1": "md5('xy' . $p) . ':xy'",
    "Magento 2": "hash('sha256', 'saltsalt' . $p) . ':saltsalt:1'",
    "Magento 2.4": "bin2hex(sodium_crypto_pwhash(32, $p, 'saltsaltsaltsalt', 2, 67108864, 2)) . "
    "':saltsaltsaltsaltmoresaltmoresalt:3_32_2_67108864'",
    "vBulletin in one column": "md5(md5($p) . 'a$b') . ':a$b'",
    "WBB 3 in one column": "sha1('ab' . sha1('ab' . sha1($p))) . ':ab'",
    "hash_hmac in one column": "hash_hmac('sha512', $p, 'key') . ':key'",
    "PostgreSQL md5": "'md5' . md5($p . 'user')",
    "SSHA with 2 bytes": "'{SSHA}' . b(sha1($p . 'xy', true) . 'xy')",
    "SSHA with 32 bytes": "'{ssha}' . b(sha1($p . $s . $s, true) . $s . $s)",
    "SSHA384": "'{SSHA384}' . b(hash('sha384', $p . $s, true) . $s)",
    "SMD5 in hex": "'{SMD5.HEX}' . md5($p . $s) . bin2hex($s)",
    "bcrypt of MD5": "'{BCRYPT-MD5}' . password_hash(md5($p), PASSWORD_BCRYPT, ['cost' => 9])",
    "bcrypt of SHA-512": "'{BCRYPT-SHA512}' . password_hash(hash('sha512', $p), PASSWORD_BCRYPT, ['cost' => 9])",
    "bcrypt of SHA-256, cheap": "password_hash(hash('sha256', $p), PASSWORD_BCRYPT, ['cost' => 4])",
    "MySQL": "'*' . strtoupper(sha1(sha1($p, true)))",
    "SQL Server 2012": "'0x0200AABBCCDD' . "
    "strtoupper(hash('sha512', iconv('UTF-8', 'UTF-16LE', $p) . hex2bin('aabbccdd')))",
    "NT hash": "'{NT}' . hash('md4', iconv('UTF-8', 'UTF-16LE', $p))",
    "Oracle 12": "'T:' . "
    "strtoupper(hash('sha512', k('sha512', $p, $s . 'AUTH_PBKDF2_SPEEDY_KEY', 4096, 64) . $s) . bin2hex($s))",
    "PostfixAdmin sha512.b64": "'{SHA512-CRYPT.B64}' . b(crypt($p, '$6$abcdefgh$'))",
    "Mailu before 1.6": "'{PBKDF2}$pbkdf2-sha512$1000$' . strtr(u($s), '+', '.') . '$' . "
    "strtr(u(k('sha512', $p, $s, 1000, 64)), '+', '.')",
    "Drupal, upgraded": "'U' . drupal(md5($p))",
    "Drupal": "drupal($p)",
}
# Drupal 7's includes/password.inc, _password_crypt and _password_base64_encode, for 2^7 rounds.
DRUPAL = """
function drupal($p) {
    $set = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'; $text = '';
    $hash = hash('sha512', 'saltsalt' . $p, true);
    for ($n = 0; $n < 128; $n++) { $hash = hash('sha512', $hash . $p, true); }
    for ($i = 0; $i < 64; $i += 3) {
        $part = array_pad(array_map('ord', str_split(substr($hash, $i, 3))), 3, 0);
        $value = $part[0] | $part[1] << 8 | $part[2] << 16;
        for ($n = 0; $n < 4; $n++) { $text .= $set[$value >> 6 * $n & 63]; }
    }
    return substr('$S$5saltsalt' . $text, 0, 55);
}
"""


@pytest.mark.parametrize("program", FORMULAS)
def test_formula(program: str, need_program: Callable[[str, str], str]) -> None:
    """The program's own formula, computed by PHP, gives a value that is read, and that only its password matches."""
    for password in ("secret", "grün {möglich}: $1"):
        ran = subprocess.run(
            [need_program("php", "php-cli"), "-r", DRUPAL + START + FORMULAS[program] + ";"],
            input=json.dumps(password),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        stored = ran.stdout
        assert ran.stderr == ""
        assert verify(stored, password, "user") is True
        assert verify(stored, "x" + password, "user") is False
        for altered in (stored[:-1], stored[:-4], stored[: len(stored) // 2], stored + "0"):
            try:
                assert verify(altered, password, "user") is False
            except AISError:
                continue
