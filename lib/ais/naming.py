"""Shapes user names as users(…) in the configuration says, and back."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .settings import Users
    from .user import User


def shape(user: User, wanted: Users) -> bool:
    """Give a user the name to be listed under; return False when it is to be skipped."""
    original = user.user_name
    name = original.lower() if wanted.lowercase else original
    if wanted.domain and "@" not in name:
        name = f"{name}@{wanted.domain}"
    if wanted.skip and (name in wanted.skip or original in wanted.skip):
        return False
    user.user_name = name
    if wanted.distinguished_name and not user.distinguished_name:
        user.distinguished_name = wanted.distinguished_name.replace("{userName}", _escaped(name))
    return True


def originals(name: str, wanted: Users) -> list[str]:
    """Return the names by which a source may know the user listed as `name`; none when nobody is."""
    names = [name]
    if wanted.lowercase and name.lower() != name:
        names.append(name.lower())
    if wanted.domain:
        end = f"@{wanted.domain}".lower()
        names += [
            known[: -len(end)] for known in names if known.lower().endswith(end) and "@" not in known[: -len(end)]
        ]
        names = [known for known in names if known and ("@" in known or known != name)]
    return [] if any(known in wanted.skip for known in names) else names


def _escaped(value: str) -> str:
    """Escape a value for a distinguished name (RFC 4514, section 2.4)."""
    for character in '\\,+"<>;=':
        value = value.replace(character, "\\" + character)
    if value[:1] in (" ", "#"):
        value = "\\" + value
    return value
