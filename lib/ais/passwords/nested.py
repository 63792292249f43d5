"""Layouts around a value that another reader reads: ``{CRYPT}``, Django's ``crypt$``, MediaWiki's, WoltLab's, SMF's."""

from __future__ import annotations

from . import basics
from .basics import Check, DamagedError, digest, from_base64, from_hex, is_hex, need_user, parts, to_base64
from .digests import compare, hexed
from .schemes import BRACED, DOLLAR, ident, read

_TO_BCRYPT = str.maketrans(basics.LETTERS + basics.DIGITS + "+/", "./" + basics.LETTERS + basics.DIGITS, "=")


def read_crypt(start: str, body: str) -> Check:
    """``{CRYPT}`` and its relatives: any value that says itself what it is; ``start`` is how it must begin."""
    if not body.startswith(start):
        raise DamagedError("the value is of another scheme than its name says")
    if body[0] != "$":
        return read(("crypt3", "bsdi" if body[0] == "_" else "des"), body)
    if ident(body) not in DOLLAR:
        raise DamagedError("this kind of crypt is not known")
    return read(DOLLAR[ident(body)], body)


def read_crypt_md5(body: str) -> Check:
    """SuiteCRM and SugarCRM: crypt(3) or bcrypt of the password's hex MD5. (User::getPasswordHash)"""
    # Not the reader of bare bcrypt, which tries further digests inside.
    outer = read(("bcrypts", "plain"), body) if body.startswith("$2") else read_crypt("", body)
    return lambda password: outer(hexed("md5", password))


def read_nested(body: str) -> Check:
    """Spring Security's ``{ldap}``: the value behind it has a scheme of its own."""
    name, brace, rest = body[1:].partition("}")
    if not body.startswith("{") or not brace or name.upper() not in ("SHA", "SSHA", "MD5", "SMD5", "CRYPT"):
        raise DamagedError("damaged or cut")
    return read(BRACED[name.upper()], rest)


def read_django_crypt(body: str) -> Check:
    """Django's ``crypt$salt$hash`` without its first word: crypt(3), mostly DES."""
    salt, dollar, stored = body.partition("$")
    if not dollar or (salt and salt[:2] != stored[:2]):
        raise DamagedError("damaged or cut")
    return read_crypt("", stored)


def read_phpass(body: str) -> Check:
    """WoltLab's ``Phpass:$H$…:`` without its first word."""
    if not body.startswith(("$H$", "$P$")) or not body.endswith(":"):
        raise DamagedError("damaged or cut")
    return read(DOLLAR["H"], body[:-1])


def read_woltlab_md5(body: str) -> Check:
    """WoltLab's ``CryptMD5:$1$salt$hash`` without its first word; an import may have put ``:salt`` behind it."""
    stored, _, salt = body.partition(":")
    if not stored.startswith("$1$") or salt not in ("", stored[3:].partition("$")[0]):
        raise DamagedError("damaged or cut")
    return read(DOLLAR["1"], stored)


def _read_bcrypt(cost: str, text: str) -> Check:
    """bcrypt from its cost, and its salt and hash in one text."""
    return read(("bcrypts", "plain"), f"$2b${cost.zfill(2)}${text}")


def read_znuny(body: str) -> Check:
    """Znuny and OTRS: ``BCRYPT:cost:`` + 16 characters of salt + ``:`` + hash. (Kernel/System/Auth/DB.pm)"""
    cost, colon, rest = body.partition(":")
    salt = rest[:16].encode()
    if not colon or len(salt) != 16 or rest[16:17] != ":":
        raise DamagedError("damaged or cut")
    return _read_bcrypt(cost, to_base64(salt).translate(_TO_BCRYPT) + rest[17:])


def read_request_tracker(body: str) -> Check:
    """Request Tracker: ``!bcrypt!06!`` + salt and hash is bcrypt of SHA-512, ``!sha512!salt!base64`` SHA-512(salt + …).

    (lib/RT/User.pm, ``_GeneratePassword_bcrypt`` and ``_GeneratePassword_sha512``.)
    """
    _, kind, first, text = parts(body, "!", 4)
    if kind == "sha512":
        return compare("sha512", from_base64(text, 64, padded="=" in text), before=first.encode())
    # The system's library will not do: it ends a text at a NUL, and a digest may hold one.
    basics.need_package("bcrypt", "bcrypt", "stored passwords of Request Tracker")
    outer = _read_bcrypt(first, text)
    return lambda password: outer(digest("sha512", password))


def read_mediawiki(body: str) -> Check:
    """MediaWiki's ``:A:hex``, ``:B:salt:hex`` = MD5(salt-MD5(password)), ``:pbkdf2:sha512:rounds:64:salt:hash``.

    Also ``:bcrypt:cost$salt$hash`` and ``:argon2:`` + PHC. ``$B$salt$hex`` is how hashcat and others write the second.
    """
    kind, *rest = body[1:].split(body[0])
    if kind == "A" and len(rest) == 1:
        return compare("md5", from_hex(rest[0], 16))
    if kind == "B" and len(rest) == 2:
        outer = compare("md5", from_hex(rest[1], 16), before=rest[0].encode() + b"-")
        return lambda password: outer(hexed("md5", password))
    if kind == "pbkdf2" and len(rest) == 5:
        from .pbkdf2 import check

        return check(rest[0], from_base64(rest[3]), rest[1], from_base64(rest[4]), rest[2])
    if kind == "bcrypt" and len(rest) == 1:
        cost, start, end = parts(rest[0], "$", 3)
        return _read_bcrypt(cost, start + end if len(start) == 22 else "")
    if kind == "argon2" and len(rest) == 1:
        return read_crypt("$argon2", rest[0])
    raise DamagedError("damaged or cut")


def read_smf(user: str | None, body: str) -> Check:
    """Simple Machines Forum: SHA-1 in hex, or bcrypt, of the user's name in small letters and the password."""
    name = need_user(user)
    names = {name.lower().encode(), name.encode().lower()}  # SMF 2.1 folds all letters, older releases a to z
    outer = compare("sha1", from_hex(body, 20)) if is_hex(body) else read(("bcrypts", "plain"), body)
    return lambda password: any(outer(name + password) for name in names)


def read_keycloak(body: str) -> Check:
    """Keycloak's secret_data and credential_data, two JSON objects one behind the other, of a row of ``credential``.

    (PasswordCredentialModel.java, Argon2PasswordHashProvider.java, Pbkdf2PasswordHashProvider.java.)
    """
    from json import JSONDecoder  # here, because nothing else needs it

    secret, end = JSONDecoder().raw_decode(body)
    settings, last = JSONDecoder().raw_decode(body, end)
    if last != len(body):
        raise DamagedError("damaged or cut")
    salt, stored = from_base64(secret["salt"]), from_base64(secret["value"])
    name, rounds = settings["algorithm"], str(settings["hashIterations"])
    if name == "argon2":
        from .memoryhard import check_argon2

        wanted = ("type", "version", "memory", "parallelism", "hashLength")
        kind, version, memory, lanes, length = (settings["additionalParameters"][each][0] for each in wanted)
        if int(length) != len(stored):
            raise DamagedError("damaged or cut")
        return check_argon2(f"argon2{kind}", {"1.0": 0x10, "1.3": 0x13}[version], [memory, rounds, lanes], salt, stored)
    from .pbkdf2 import check

    digest_name = "sha1" if name == "pbkdf2" else name.removeprefix("pbkdf2-")
    return check(digest_name, salt, rounds, stored, str(len(stored)))
