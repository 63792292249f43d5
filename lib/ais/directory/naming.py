"""Shapes user names as users(…) in the configuration says, and back."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config.settings import Users
    from ..user import User


def shape(user: User, wanted: Users) -> bool:
    """Give a user the name to be listed under; return False when it is to be skipped."""
    original = user.user_name
    name = original.lower() if wanted.lowercase else original
    if wanted.domain and "@" not in name:
        name = f"{name}@{wanted.domain}"
    if wanted.skip and _is_skipped((name, original), wanted):
        return False
    user.user_name = name
    if wanted.distinguished_name and not user.distinguished_name:
        user.distinguished_name = wanted.distinguished_name.replace("{userName}", _escaped(name))
    return True


def originals(name: str, wanted: Users) -> list[list[str]]:
    """Return the names by which a source may know the user listed as `name`; none when nobody is.

    Those in one inner list are spellings of one name; those of different lists are different names in the source.
    """
    names = [_spellings(name, wanted)]
    if wanted.domain:
        end = f"@{wanted.domain}".lower()
        local = name[: -len(end)] if name.lower().endswith(end) else ""
        if local and "@" not in local:
            names.append(_spellings(local, wanted))
        if "@" not in name:
            return []
    return [] if wanted.skip and _is_skipped([known for group in names for known in group], wanted) else names


def key(name: str) -> str:
    """Return a name as databases and directories compare it that care least: without case, accents and blanks.

    Their collations take Anna, ANNA, ànna and "anna " for one user, and ignore what cannot be seen; so must what
    skips users. No more is folded: whoever is skipped is missing from the list.
    """
    if not (name.isascii() and name.isprintable()):
        from unicodedata import category, normalize

        name = "".join(
            character
            for character in normalize("NFKD", name)
            if character.isspace() or category(character) not in ("Cc", "Cf", "Mn", "Me")
        )
    return " ".join(name.casefold().split())


def _is_skipped(names: tuple[str, ...] | list[str], wanted: Users) -> bool:
    skipped = {key(name) for name in wanted.skip}
    return any(key(name) in skipped for name in names)


def _spellings(name: str, wanted: Users) -> list[str]:
    return [name, name.lower()] if wanted.lowercase and name.lower() != name else [name]


def _escaped(value: str) -> str:
    """Escape a value for a distinguished name (RFC 4514, section 2.4)."""
    for character in '\\,+"<>;=':
        value = value.replace(character, "\\" + character)
    if value[:1] in (" ", "#"):
        value = "\\" + value
    return value
