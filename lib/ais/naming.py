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

    Their collations take Anna, ANNA, ànna and "anna " for one user, and ignore what cannot be seen; so must whatever
    counts or skips users.
    """
    if not (name.isascii() and name.isprintable()):
        from unicodedata import normalize

        name = "".join(map(_weight, normalize("NFKD", name)))
    return " ".join(name.casefold().split())


def _weight(character: str) -> str:
    """Return what a character is for the collations that tell the fewest apart, such as MySQL's utf8mb4_unicode_ci."""
    from unicodedata import category, digit, name

    if (folded := character.casefold()).isascii() and folded.isprintable():
        return folded
    number = digit(character, None)
    if number is not None:
        return str(number)
    called = name(character, "")
    if called.startswith(("LATIN ", "COMBINING LATIN ")):
        return called.partition(" WITH ")[0].split()[-1].lower()
    return "" if category(character) in ("Cc", "Cf", "Mn", "Me") and not character.isspace() else character


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
