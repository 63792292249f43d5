"""Throttle and negative cache: repeated wrong passwords of one user do not reach the source.

The protocol tells no client address, so what is counted is the user.
"""

from __future__ import annotations

from .. import directory
from ..directory import Verdict
from . import attempt, digest, store_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from . import Failures, Store, Warn


def authenticate(config: Config, user: str, password: str, warn: Warn) -> Verdict:
    """Ask the sources, unless the state already knows the answer.

    Raises:
        AISError: nobody can tell.
    """
    store = attempt(lambda: store_for(config), None, warn)
    if store is None or not user or not password:
        return directory.authenticate(config, user, password)
    try:
        return _remembering(store, config, user, password, warn)
    finally:
        store.close()


def _remembering(store: Store, config: Config, user: str, password: str, warn: Warn) -> Verdict:
    keys = attempt(lambda: _keys(store, user, password), None, warn)
    if keys is None:
        return directory.authenticate(config, user, password)
    name, secret = keys
    window = config.throttle.window
    known = attempt(lambda: store.failures(name, window), None, warn)
    if known is not None and (why := _held(config, known, secret)):
        return Verdict(False, "", why)
    verdict = directory.authenticate(config, user, password)
    if not verdict.succeeded:
        attempt(lambda: store.add_failure(name, secret, window), None, warn)
    elif known is None or known.count:
        attempt(lambda: store.forget_failures(name), None, warn)
    return verdict


def _held(config: Config, known: Failures, secret: bytes) -> str:
    if known.count >= config.throttle.failures:
        return "throttled: too many wrong passwords of this user"
    return "the same wrong password again" if known.wrong == secret else ""


def held(config: Config, user: str, password: str) -> str:
    """Return why MailStore is told no without a look at the sources; empty when they are asked.

    Raises:
        StateError: the state cannot be used.
    """
    store = store_for(config)
    if store is None:
        return ""
    try:
        name, secret = _keys(store, user, password)
        return _held(config, store.failures(name, config.throttle.window), secret)
    finally:
        store.close()


def _keys(store: Store, user: str, password: str) -> tuple[bytes, bytes]:
    """Return the digests of the user and of the password.

    Failures count for the user in whatever spelling. A password was wrong for one spelling only: who is unknown as ANNA
    may log in as anna.
    """
    key = store.key()
    return digest(key, "user", _counted_as(user)), digest(key, "password", user, password)


def _counted_as(user: str) -> str:
    """Return what a name has weight in, for the collations that tell the fewest apart (MySQL's utf8mb4_unicode_ci).

    Names that then look alike share a counter, no more.
    """
    if not user.isascii():
        from unicodedata import normalize

        user = "".join(map(_weight, normalize("NFKD", user)))
    return "".join(character for character in user.casefold() if character.isprintable() and character != " ")


def _weight(character: str) -> str:
    from unicodedata import category, digit, name

    if (folded := character.casefold()).isascii():
        return folded
    number = digit(character, None)
    if number is not None:
        return str(number)
    called = name(character, "")
    if called.startswith(("LATIN ", "COMBINING LATIN ")):
        return called.partition(" WITH ")[0].split()[-1].lower()
    kinds = ("Ll", "Lu", "Lt", "Lo", "Nd", "Nl", "No")
    return character if category(character) in kinds and character not in _IGNORED else ""


_IGNORED = "\ufe73\u1cf2\u1cf3"
"""Letters that utf8mb4_unicode_ci or MariaDB's uca1400_ai_ci give no weight."""
