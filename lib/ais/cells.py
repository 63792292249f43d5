"""Addresses and alias targets as people, exports and alias files write them.

Read for the address in them: ``Name <address>``, ``"Name, First" <address>``, ``mailto:address``, Exchange's
``SMTP:address`` (the primary one) and ``smtp:address``, also joined as ``SMTP:a+smtp:b`` (learn.microsoft.com,
"proxyAddresses attribute"). A display name is never an address. A comment in parentheses (RFC 5322, 3.2.2) beside
an address voids it: a user who may write a display name or a comment must not get the mail of somebody else.
"""

from __future__ import annotations

from .identity import closing_quote, fold, is_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ADDRESS, PRIMARY, NAME, OTHER, VOID = range(5)
"""Kinds of words: an address, Exchange's primary one, a word without ``@``, an address of another kind than e-mail or a
piece of one, and what cannot be read."""

_FAILURES = (":fail:", ":defer:")


class LeftOver(str):
    """A target that cannot be read: nobody gets mail by it, and `addresses.resolve` tells of it."""

    __slots__ = ()


def read_cell(text: str, primary: list[str], others: list[str], left_over: list[str] | None) -> None:
    """Sort what a text holds into primary addresses, other addresses, and what is no address."""
    for kind, word in read(text):
        if kind == PRIMARY:
            primary.append(word)
        elif kind == ADDRESS:
            others.append(word)
        elif kind != OTHER and left_over is not None:
            left_over.append(word)


def split_targets(text: str, *, strict: bool = False) -> list[str]:
    r"""Return the targets of an alias as aliases(5) writes them, without the quotes around a whole target.

    Targets are separated by commas, semicolons and white space, but not inside double quotes. A command
    (``|program arguments``) goes on to the next comma or line end, Exim's ``:fail: reason`` and ``:defer: reason`` to
    the line end. ``\@`` is an ``@`` (Virtualmin writes so in Postfix maps). What would be an address and cannot be read
    is a `LeftOver`.

    Raises:
        ValueError: a quote is not closed, and `strict` is set; otherwise it is a character like others.
    """
    words = read(text.replace("\\@", "@"), strict)
    return [word if kind != VOID else LeftOver(word) for kind, word in words if kind != VOID or "@" in word]


def read(text: str, strict: bool = False) -> Iterator[tuple[int, str]]:
    """Give the words of a text, each with its kind, in time that grows with the length of the text."""
    other = False  # whether an address of another kind has begun: it may hold blanks, semicolons and parentheses
    for item, mask in _items(text, _mask(text, strict)):
        if item[0] == "|" or item.startswith(_FAILURES):
            yield NAME, item
        elif len(item) > 1 and not mask.strip('"'):
            if inner := unquote(item):
                yield (ADDRESS if is_address(inner) else NAME), inner
        elif "(" in mask:
            words = _words(item, mask.replace("(", " "))
            other = other or any(map(is_other, words))
            yield from _beside_comment(words, item, other)
        elif "<" in mask:
            yield from _bracketed(item, mask)
        else:
            other = yield from _plain(_words(item, mask), other)


def _plain(words: list[str], other: bool) -> Generator[tuple[int, str], None, bool]:
    """Give the words of an item that has no quotes around it, no brackets and no comments; return the new `other`."""
    for word in words:
        if _has_mail_prefix(word):
            other = False
            yield from _prefixed(word)
        elif is_other(word) or (other and ("@" not in word or "=" in word or "/" in word)):
            other = True
            yield OTHER, word
        elif word.strip(":"):  # " ::: " separates the values of Google's exports
            yield _kind(word), word
    return other


def _beside_comment(words: list[str], item: str, other: bool) -> Iterator[tuple[int, str]]:
    """Give what stands beside a comment, where an address is void; of another kind of address, its e-mail part."""
    if other:
        for word in words:
            yield from _prefixed(word) if _has_mail_prefix(word) else [(OTHER, word)]
        return
    if not any("@" in word or "<" in word for word in words):
        yield from ((NAME, word) for word in words)
    yield VOID, item


def unquote(text: str) -> str:
    """Return what is in the quotes around a text; the text itself if no quotes enclose it as a whole."""
    if text[:1] != '"' or closing_quote(text, 0) != len(text) - 1:
        return text
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\").strip()


def _bracketed(item: str, mask: str) -> Iterator[tuple[int, str]]:
    """Give what is in the angle brackets at the end of an item; what is before them is a name to show.

    Void are words behind the brackets, and more than one pair of brackets: a display name may hold brackets too.
    """
    opening = mask.find("<")
    inner = item[opening + 1 : -1].strip()
    if item[-1] != ">" or mask[opening:].strip("<"):
        yield VOID, item
    elif _has_mail_prefix(inner):
        yield from _prefixed(inner)
    elif inner:
        yield (VOID if inner.split() != [inner] and not is_address(inner) else _kind(inner)), inner


def _kind(word: str) -> int:
    if is_address(word):
        return ADDRESS
    # Targets are "@example.com", the same name in that domain, "\\name", the mailbox of a user, and ":include:path".
    return VOID if "@" in word[1:] and word[0] not in "\\:" else NAME


def _has_mail_prefix(word: str) -> bool:
    return word[:7].lower() == "mailto:" or word[:5].lower() == "smtp:"


def is_other(word: str) -> bool:
    """Say whether a word is an address other than e-mail, such as ``X500:/o=Firm/cn=anna`` and ``sip:anna@x``."""
    kind, colon, _ = word.partition(":")
    return bool(colon) and kind.isalnum() and not _has_mail_prefix(word) and kind.lower() not in ("http", "https")


def _prefixed(word: str) -> Iterator[tuple[int, str]]:
    """Give the addresses behind ``mailto:`` and ``smtp:``."""
    if word[:7].lower() == "mailto:":
        address = word[7:].partition("?")[0]
        yield (ADDRESS if is_address(address) else VOID), address or word
        return
    lower, at = fold(word), 0
    while at < len(word):
        end = lower.find("+smtp:", at + 5)
        end = len(word) if end < 0 else end
        if address := word[at + 5 : end].strip():
            kind = PRIMARY if word.startswith("SMTP", at) else ADDRESS
            yield (kind if is_address(address) else VOID), address
        at = end + 1


def _items(text: str, mask: str) -> Iterator[tuple[str, str]]:
    """Split at commas, semicolons and line ends outside of quotes, comments and brackets; each with its mask."""
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in ",;":
            at += 1
            continue
        stops = "\n" if text.startswith(_FAILURES, at) else ",\n" if text[at] == "|" else ",;\n\r"
        end = at
        while end < len(text) and mask[end] not in stops:
            end += 1
        item = text[at:end].rstrip()
        yield item, mask[at : at + len(item)]
        at = end


def _words(item: str, mask: str) -> list[str]:
    """Split an item at white space outside of quotes."""
    words, at = [], 0
    for word in mask.split():
        at = mask.index(word, at)
        words.append(item[at : at + len(word)])
        at += len(word)
    return words


def _mask(text: str, strict: bool) -> str:
    """Return the text with each quoted string, comment and bracket replaced by as many of its opening characters.

    A quote or bracket that is not closed is a character like others.
    """
    for opening, closing in ('"', closing_quote), ("(", _closing_parenthesis), ("<", _closing_bracket):
        parts, at = [], 0
        while (start := text.find(opening, at)) >= 0:
            end = closing(text, start)
            if end < 0:  # then none of those that follow is closed
                if strict and opening == '"':
                    raise ValueError("a quote is not closed")
                break
            parts += [text[at:start], opening * (end + 1 - start)]
            at = end + 1
        text = "".join(parts) + text[at:]
    return text


def _closing_parenthesis(text: str, opening: int) -> int:
    """Return where a comment ends, which may hold others; one that is not closed goes to the end of the text."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return len(text) - 1


def _closing_bracket(text: str, opening: int) -> int:
    return text.find(">", opening)
