"""Shapes user names as users(…) in the configuration says, and back."""

from __future__ import annotations

from ..errors import SourceError
from ..identity import fold, login_name, loose
from ..text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..config.settings import Users
    from ..user import User


def shape(user: User, wanted: Users) -> tuple[User, bool]:
    """Return a user with the name to be listed under, and whether it is to be listed.

    Raises:
        SourceError: no user can have that name.
    """
    original = user.user_name
    name = shaped(original, wanted)
    if name != original:
        user = user.renamed(name)
    if wanted.skip and (found := find_skipping((name, original), wanted.skip)):
        wanted.used.update(found)
        return user, False
    if name != original and login_name(name) != name:
        why = "what is left is too long, or has a blank or a character that cannot be seen at an end"
        raise SourceError(f"users(…) makes no name of {one_line(original)}: {why}")
    if wanted.distinguished_name and not user.distinguished_name:
        user.distinguished_name = wanted.distinguished_name.replace("{userName}", _escaped(name))
    return user, True


def shaped(name: str, wanted: Users) -> str:
    """Return the name that a source's user is listed under."""
    if wanted.lowercase:
        name = name.lower()
    if wanted.strip_domain:
        local, _, domain = name.rpartition("@")
        if local and fold(domain) == fold(wanted.strip_domain):
            name = local
    if wanted.domain and "@" not in name:
        name = f"{name}@{wanted.domain}"
    return name


def originals(name: str, wanted: Users) -> list[str]:
    """Return the names by which a source may know the user listed as `name`; none when nobody is listed so.

    With ``lowercase`` or ``strip_domain`` a source may know the user by other spellings too: its list alone has them.
    """
    name = name.lower() if wanted.lowercase else name
    candidates = [name]
    if wanted.domain and name.endswith(f"@{wanted.domain}"):
        candidates.append(name[: -len(wanted.domain) - 1])
    if wanted.strip_domain:
        candidates += [f"{known}@{wanted.strip_domain}" for known in candidates if "@" not in known]
    return [known for known in candidates if known and is_listed_as(known, name, wanted)]


def is_listed_as(known: str, name: str, wanted: Users) -> bool:
    """Say whether a source's user is listed under this name."""
    return shaped(known, wanted) == name and not (wanted.skip and find_skipping((name, known), wanted.skip))


def find_skipping(names: Iterable[str], skip: Iterable[str]) -> list[str]:
    """Return the entries of `skip` that match one of these names of a user; ``*`` there matches any characters."""
    known = [loose(name) for name in names]
    return [entry for entry in skip for pattern in [loose(entry)] if any(_matches(name, pattern) for name in known)]


def _matches(name: str, pattern: str) -> bool:
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    if not name.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        at = name.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(name) - at >= len(others[-1]) and name.endswith(others[-1])


def _escaped(value: str) -> str:
    """Escape a value for a distinguished name (RFC 4514, section 2.4)."""
    for character in '\\,+"<>;=':
        value = value.replace(character, "\\" + character)
    if value[:1] in (" ", "#"):
        value = "\\" + value
    return value
