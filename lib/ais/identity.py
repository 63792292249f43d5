"""When two names or two addresses are the same, and what is an address: the only place that decides it.

User names are compared letter by letter, addresses with ASCII letters folded and nothing else. Looser comparisons
serve only to be careful.
"""

from __future__ import annotations

from sys import byteorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAME_CHARACTERS = 1024
"""Characters of the longest user name."""

BLANKS = " \t\n\r\v\f"
"""ASCII white space; around a user name it does not count."""

_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_SPECIAL = frozenset('<>()[],;:\\"')
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that show nothing, and that Unicode does not call control or format characters or white space."""


def fold(text: str) -> str:
    """Return `text` with the ASCII letters in lower case: the form in which addresses are compared."""
    return text.lower() if text.isascii() else text.translate(_UPPER_TO_LOWER)


def trim_name(name: str) -> str:
    """Return a user name without the ASCII white space around it; empty when nothing else is there.

    Raises:
        ValueError: no user can have this name; the text says why.
    """
    name = name.strip(BLANKS)
    if len(name) > NAME_CHARACTERS:
        raise ValueError(f"it is longer than {NAME_CHARACTERS} characters")
    if name.isprintable() and (name.isascii() or _INVISIBLE.isdisjoint(name[0] + name[-1])):
        return name
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in name):
        raise ValueError("it holds a control character")
    if _shows_nothing(name[0]) or _shows_nothing(name[-1]):
        raise ValueError("it begins or ends with a character that cannot be seen")
    return name


def login_name(user: str) -> str:
    """Return the name that somebody logs in with; empty when no user can have it, not even with blanks around it."""
    try:
        return user if trim_name(user) == user else ""
    except ValueError:
        return ""


def _shows_nothing(character: str) -> bool:
    from unicodedata import category

    return (
        category(character) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
        or character in _INVISIBLE
        or "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U000e0000" <= character <= "\U000e0fff"
    )


def loose(name: str) -> str:
    """Return a name without case, accents, blanks and invisible characters: what `skip` goes by."""
    if not (name.isascii() and name.isprintable()):
        from unicodedata import category, normalize

        name = "".join(
            character
            for character in normalize("NFKD", name)
            if category(character) not in ("Cc", "Cf", "Mn", "Me") and character not in _INVISIBLE
        )
    return "".join(name.casefold().split())


def looser(name: str) -> str:
    """Return what a name has weight in for the database that tells the fewest names apart.

    MySQL's collations take a letter with a stroke for the letter, and more than `loose` does for nothing. The throttle
    adds up the failures of such names, and two sources must not have two of them.
    """
    if name.isascii():
        return loose(name)
    from unicodedata import normalize

    weighed = "".join(map(_weight, normalize("NFKD", name)))
    return "".join(character for character in weighed.casefold() if character.isprintable() and character != " ")


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
    # The last three have no weight in utf8mb4_unicode_ci or in MariaDB's uca1400_ai_ci.
    return character if category(character) in kinds and character not in "\ufe73\u1cf2\u1cf3" else ""


def as_directories(name: str) -> str:
    """Return a name as LDAP directories compare it: without case, width and runs of blanks (RFC 4518).

    The server decides which entry a name finds; this tells which of its values the name has found, and which two
    entries it takes for one. A name too long for a user stays as it is: to normalize it may take seconds.
    """
    if len(name) > NAME_CHARACTERS:
        return name
    from unicodedata import normalize

    return " ".join(normalize("NFKC", name).casefold().split())


class Fingerprints:
    """The hashes of many texts, in eight bytes each, to tell whether one comes twice.

    The module array would bring in all of collections, for which every list would pay.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, text: str) -> None:
        """Add the hash of a text; nobody outside can foretell it (PYTHONHASHSEED)."""
        self._bytes += hash(text).to_bytes(8, byteorder, signed=True)

    def all(self) -> memoryview:
        """Return the hashes, as integers; nothing can be added while the view lives."""
        return memoryview(self._bytes).cast("q")

    def repeated(self) -> bool:
        """Say whether a text may have come twice; False is certain."""
        from _operator import eq  # operator itself is Python code that a request need not load
        from itertools import islice

        ordered = sorted(self.all())
        return any(map(eq, ordered, islice(ordered, 1, None)))


def is_address(text: str) -> bool:
    """Say whether a text is an e-mail address: ``local@domain``, the local part quoted (RFC 5322) or not."""
    local, _, domain = text.rpartition("@")
    if not local or domain.split() != [domain] or not _SPECIAL.isdisjoint(domain):
        return False
    if local[0] == '"':
        return len(local) > 2 and closing_quote(local, 0) == len(local) - 1
    return "@" not in local and local.split() == [local] and _SPECIAL.isdisjoint(local)


def closing_quote(text: str, opening: int) -> int:
    """Return where the quotation mark at `opening` is closed; -1 if nowhere. A backslash escapes a character."""
    at = text.find('"', opening + 1)
    while at > 0:
        before = at
        while text[before - 1] == "\\" and before - 1 > opening:
            before -= 1
        if (at - before) % 2 == 0:
            break
        at = text.find('"', at + 1)
    return at


def split_addresses(cell: object, left_over: list[str] | None = None) -> list[str]:
    """Return the addresses in one cell of a result or a table, in their order, each once.

    A cell holds one address, several separated by commas, semicolons or white space, or a JSON array of strings;
    drivers that know arrays give a list. See `cells.read` for the forms in which exports write them.

    Args:
        cell: the cell. None and empty text are no address.
        left_over: gets what is in the cell and cannot be read as an address.

    Raises:
        ValueError: the cell is neither text nor a list, or an array holds something else than text and nulls.
    """
    if isinstance(cell, str):
        if _SPECIAL.isdisjoint(cell):
            words = cell.split()
        elif _SPECIAL.isdisjoint(cell.replace(",", " ").replace(";", " ")):
            words = cell.replace(",", " ").replace(";", " ").split()
        else:
            words = None
        if words is not None and all(word.count("@") == 1 and word[0] != "@" != word[-1] for word in words):
            # Almost every cell.
            return words if len(words) < 2 else _unique(words)
        values: Iterable[object] = _json_array(cell) if cell.lstrip()[:1] == "[" else (cell,)
    elif cell is None:
        return []
    elif isinstance(cell, (list, tuple)):
        values = cell
    else:
        raise ValueError(f"a cell of addresses must be text or a list, not {type(cell).__name__}")
    from .cells import read_cell  # here, because hardly any cell needs it

    primary: list[str] = []
    others: list[str] = []
    for value in values:
        if value is not None and not isinstance(value, str):
            raise ValueError(f"an array of addresses holds a {type(value).__name__}")
        read_cell(value or "", primary, others, left_over)
    return _unique(primary + others)


def _unique(addresses: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(fold(address), address)
    return list(found.values())


def _json_array(cell: str) -> list[object]:
    import json  # here, because it costs each request more start-up than all else in this module

    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        raise ValueError("a cell of addresses starts like a JSON array and is none") from None
    return list(values)
