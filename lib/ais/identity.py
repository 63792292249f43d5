"""Decides when two names or two addresses are the same, and what is an address. No other module does.

User names are compared letter by letter, addresses with ASCII letters folded and nothing else. Looser comparisons
serve only to be careful.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME_CHARACTERS = 1024
"""Characters of the longest user name."""

BLANKS = " \t\n\r\v\f"
"""ASCII white space; around a user name it does not count."""

_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_SPECIAL = frozenset('<>()[],;:\\"')
"""Characters of an address only within quotes."""
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0\U00016fe4\U0001d159"
).union(map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xFFF0, 0xFFF9)))
"""Characters that show nothing, and that Unicode does not call control or format characters or white space: fillers,
variation selectors, and what is reserved for such (DerivedCoreProperties, Default_Ignorable_Code_Point)."""


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
    if not name.isprintable() and any(character < " " or "\x7f" <= character <= "\x9f" for character in name):
        raise ValueError("it holds a control character")
    if not name.isascii() and (_shows_nothing(name[0]) or _shows_nothing(name[-1])):
        raise ValueError("it begins or ends with a character that cannot be seen")
    return name


def login_name(user: str) -> str:
    """Return the name that somebody logs in with; empty if no user can have it: names have no blanks around them.

    Nothing else may look at the name before.
    """
    try:
        return user if trim_name(user) == user else ""
    except ValueError:
        return ""


def _shows_nothing(character: str) -> bool:
    # After U+E0000 there are tags, more variation selectors, and what is reserved for such.
    if character in _INVISIBLE or "\U000e0000" <= character <= "\U000e0fff":
        return True
    if character.isprintable():
        return character == " "
    from unicodedata import category

    return category(character) not in ("Co", "Cn")  # private and future characters may be seen


def loose(name: str) -> str:
    """Return a name without case, accents, blanks and invisible characters: `skip` compares such forms."""
    if not (name.isascii() and name.isprintable()):
        from unicodedata import category, normalize

        name = "".join(
            character
            for character in normalize("NFKD", name)
            if category(character) not in ("Mn", "Me") and not _shows_nothing(character)
        )
    return "".join(name.casefold().split())


def looser(name: str) -> str:
    """Return the form of a name that counts for the database that tells the fewest names apart.

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
    if (number := digit(character, None)) is not None:
        return str(number)
    called = name(folded if len(folded) == 1 else character, "")
    if called.startswith(("LATIN ", "COMBINING LATIN ")):
        return called.partition(" WITH ")[0].split()[-1].lower()
    kinds = ("Ll", "Lu", "Lt", "Lo", "Nd", "Nl", "No")
    # The last three have no weight in utf8mb4_unicode_ci or in MariaDB's uca1400_ai_ci.
    weighs = category(character) in kinds and not _shows_nothing(character) and character not in "\ufe73\u1cf2\u1cf3"
    return character if weighs else ""


def owners(users: Mapping[str, Iterable[str]]) -> dict[str, str | None]:
    """Return the owners of those addresses that are user names, apart from the case of ASCII letters.

    The owner is the user whose name is exactly the address; else the only user whose name differs from it in case.
    If several names are addresses exactly as given, a user counts who is given that address, and of several such users
    the one whose name is in small letters.

    Args:
        users: the user names, and the addresses given to each.

    Returns:
        The owner of each folded address; None where several names differ from it and none is exactly it.
    """
    found: dict[str, str | None] = {}
    several: dict[str, set[str]] = {}
    for name in users:
        first = found.setdefault(fold(name), name)
        if first is not None and first != name:
            several.setdefault(fold(name), {first}).add(name)
    for address, names in several.items():
        written = {name: {given for given in users[name] if fold(given) == address} for name in names}
        exact = names & set().union(*written.values())
        for better in {name for name in names if written[name]}, {address}:
            if len(exact) > 1:
                exact &= better
        found[address] = exact.pop() if len(exact) == 1 else None
    return found


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
    """The hashes of many texts, of one kind or of several, eight bytes each, to find a text that comes twice.

    A client cannot foretell them (PYTHONHASHSEED). Many are packed by their last bits, so that a sixteenth of them at a
    time becomes numbers. The module array would bring in all of collections, for which every list would pay.
    """

    MOST = 3_000
    """How many may stay unpacked."""

    def __init__(self, kinds: int = 1) -> None:
        self.new: tuple[list[int], ...] = tuple([[] for _ in range(kinds)])
        """The hashes of each kind that are not packed; others may append to these lists, and call `pack` at times."""
        self._packed: list[list[bytearray]] = []

    def add(self, text: str) -> None:
        """Add the hash of a text of the first kind."""
        self.new[0].append(hash(text))
        if len(self.new[0]) == self.MOST:
            self.pack()

    def pack(self) -> None:
        """Pack the new hashes, so that they take little memory."""
        from struct import pack  # here, because only large lists need it

        self._packed = self._packed or [[bytearray() for _ in range(16)] for _ in self.new]
        for packed, new in zip(self._packed, self.new, strict=True):
            sorted_out: list[list[int]] = [[] for _ in packed]
            for number in new:
                sorted_out[number & 15].append(number)
            new.clear()
            for part, numbers in zip(packed, sorted_out, strict=True):
                part += pack(f"{len(numbers)}q", *numbers)

    def parts(self) -> Iterable[tuple[list[int], ...]]:
        """Give the hashes of each kind part by part; equal ones are in the same part."""
        if not self._packed:
            return (self.new,)
        self.pack()
        parts = zip(*self._packed, strict=True)
        return (tuple(memoryview(part).cast("q").tolist() for part in each) for each in parts)

    def repeated(self) -> bool:
        """Say whether a text of the first kind may have come twice; False is certain."""
        return any(len(set(part)) < len(part) for part, *_ in self.parts())

    def merge(self) -> None:
        """Make all hashes those of the last kind."""
        for *others, last in (self.new, *zip(*self._packed, strict=True)):
            for other in others:
                last.extend(other)
                other.clear()


def is_address(text: str) -> bool:
    """Say whether a text is an e-mail address: ``local@domain``, the local part quoted (RFC 5322) or not."""
    if text.replace("@", "", 1).replace(".", "").replace("-", "").isalnum():
        return "@" in text and text[0] != "@" != text[-1]  # almost every one
    local, _, domain = text.rpartition("@")
    if not local or domain.split() != [domain] or not _SPECIAL.isdisjoint(domain):
        return False
    if local[0] == '"':
        return len(local) > 2 and closing_quote(local, 0) == len(local) - 1
    return "@" not in local and local.split() == [local] and _SPECIAL.isdisjoint(local)


def own_address(name: str) -> list[str]:
    """Return the address of a user to whom the source gives no other: the name, where that is one."""
    return [name] if "@" in name and is_address(name) else []


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
