"""Addresses and alias targets as people, exports and alias files write them.

Read for the address in them: ``Name <address>``, ``"Name, First" <address>``, ``mailto:address``, Exchange's
``SMTP:address`` (the primary one) and ``smtp:address``, also joined as ``SMTP:a+smtp:b`` (learn.microsoft.com,
"proxyAddresses attribute"). A display name is never an address, and a comment in parentheses (RFC 5322, 3.2.2) beside
an address voids it: whoever may write a display name or a comment must not get the mail of somebody else.
"""

from __future__ import annotations

from .identity import closing_quote, fold, is_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTES = 1000
"""Quotation marks in one text; each may have to be looked for to the end of the text."""

ADDRESS, PRIMARY, NAME, OTHER, VOID = range(5)
"""Kinds of words: an address, Exchange's primary one, a word without ``@``, an address of another kind than e-mail or a
piece of one, and what cannot be read."""


def read_cell(text: str, primary: list[str], others: list[str], left_over: list[str] | None) -> None:
    """Sort what a text holds: primary addresses, other addresses, and what is no address.

    Raises:
        ValueError: there are too many quotation marks.
    """
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
    the line end. ``\@`` is an ``@`` (Virtualmin writes so in Postfix maps). A target that cannot be read is left out.

    Args:
        text: the targets of one alias.
        strict: whether a quote that is not closed is an error; otherwise it is a character like others.

    Raises:
        ValueError: a quote is not closed, and `strict` is set; or there are too many.
    """
    if "\\" in text:
        text = text.replace("\\@", "@")
    return [word for kind, word in read(text, strict) if kind != VOID]


def read(text: str, strict: bool = False) -> Iterator[tuple[int, str]]:
    """Give the words of a text, each with its kind.

    Raises:
        ValueError: a quote is not closed, and `strict` is set; or there are too many.
    """
    if text.count('"') > QUOTES:
        raise ValueError("there are too many quotation marks")
    other = [False]
    for item in _items(text, strict):
        if item[0] == "|" or item.startswith((":fail:", ":defer:")):
            yield NAME, item
        elif _find(item, "(") >= 0:
            other[0] = other[0] or any(map(_other_kind, item.split()))
            yield from _prefixed_only(item) if other[0] else _commented(item)
        elif _find(item, "<") >= 0:
            yield from _bracketed(item)
        elif item[0] == '"' and closing_quote(item, 0) == len(item) - 1:
            inner = item[1:-1].replace('\\"', '"').replace("\\\\", "\\").strip()
            if inner:
                yield (ADDRESS if is_address(inner) else NAME), inner
        else:
            yield from _plain(item, other)


def _plain(item: str, other: list[bool]) -> Iterator[tuple[int, str]]:
    """Give words without names to show.

    Args:
        item: the words.
        other: whether they are pieces of an address of another kind, which may hold blanks and semicolons; changed.
    """
    for word in _parts(item, ""):
        if _other_kind(word):
            other[0] = True
            yield OTHER, word
        elif _mail_prefix(word):
            other[0] = False
            yield from _prefixed(word)
        elif other[0] and ("@" not in word or "=" in word or "/" in word):
            yield OTHER, word
        elif word.strip(":"):  # " ::: " separates the values of Google's exports
            yield _kind(word), word


def _kind(word: str) -> int:
    if is_address(word):
        return ADDRESS
    # "@example.com" is a target: the same name in that domain.
    return VOID if "@" in word[1:] else NAME


def _mail_prefix(word: str) -> bool:
    return word[:7].lower() == "mailto:" or word[:5].lower() == "smtp:"


def _other_kind(word: str) -> bool:
    """Whether a word is an address that is not of e-mail, such as ``X500:/o=Firm/cn=anna`` and ``sip:anna@x``."""
    kind, colon, _ = word.partition(":")
    return bool(colon) and kind.isalnum() and not _mail_prefix(word) and kind.lower() not in ("http", "https")


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
        address = word[at + 5 : end].strip()
        if address:
            kind = PRIMARY if word.startswith("SMTP", at) else ADDRESS
            yield (kind if is_address(address) else VOID), address
        at = end + 1


def _bracketed(item: str) -> Iterator[tuple[int, str]]:
    """Give what stands in angle brackets; what stands before them is a name to show."""
    at = 0
    while at < len(item):
        opening = _find(item, "<", at)
        closing = item.find(">", opening)
        if opening < 0 or closing < 0:
            if rest := item[at:].strip():
                yield VOID, rest  # words behind the last address: which of them is meant nobody knows
            return
        inner = item[opening + 1 : closing].strip()
        if _mail_prefix(inner):
            yield from _prefixed(inner)
        elif inner:
            yield (VOID if inner.split() != [inner] and not is_address(inner) else _kind(inner)), inner
        at = closing + 1


def _prefixed_only(item: str) -> Iterator[tuple[int, str]]:
    """Give what says that it is an e-mail address, among addresses of other kinds, which may hold parentheses."""
    for word in item.split():
        if _mail_prefix(word):
            yield from _prefixed(word)
        else:
            yield OTHER, word


def _commented(item: str) -> Iterator[tuple[int, str]]:
    """Give the names of an item that has a comment; an address beside a comment is void."""
    bare = ""
    depth = 0
    for character in item:
        depth += character == "("
        bare += character if not depth else " "
        depth -= character == ")" and depth > 0
    words = bare.split()
    if "@" in item[: _find(item, "(")] or any("@" in word or "<" in word for word in words):
        yield VOID, item
        return
    for word in words:
        yield NAME, word
    yield VOID, item


def _items(text: str, strict: bool) -> Iterator[str]:
    """Split at commas, semicolons and line ends, outside of quotes, angle brackets and parentheses."""
    yield from _parts(text, ",;\n\r", strict)


def _parts(text: str, separators: str, strict: bool = False) -> Iterator[str]:
    """Split a text at any of these characters, or at white space, outside of quotes, brackets and parentheses."""
    at = start = 0
    begins = bool(separators)  # whether nothing of an item has been read
    closing = ""  # what ends what is open
    last = {"<": text.rfind(">"), "(": text.rfind(")")}
    while at < len(text):
        character = text[at]
        if begins and not character.isspace() and character not in separators:
            begins = False
            end = _end_of_command(text, at)
            if end > at:
                yield text[at:end].rstrip()
                at = start = end
                begins = True
                continue
        if character == '"':
            at = max(at, _closed(text, at, strict))
        elif closing:
            closing = "" if character == closing else closing
        elif separators and character in last and last[character] > at:
            closing = ">" if character == "<" else ")"
        elif character in separators if separators else character.isspace():
            if part := text[start:at].strip():
                yield part
            start, begins = at + 1, bool(separators)
        at += 1
    if part := text[start:].strip():
        yield part


def _closed(text: str, opening: int, strict: bool) -> int:
    closing = closing_quote(text, opening)
    if closing < 0 and strict:
        raise ValueError("a quote is not closed")
    return closing


def _end_of_command(text: str, at: int) -> int:
    """Return where a command ends, at the next comma, or Exim's failure, at the line end; `at` where none begins."""
    stop = "\n" if text.startswith((":fail:", ":defer:"), at) else ",\n" if text[at] == "|" else ""
    while stop and at < len(text) and text[at] not in stop:
        if text[at] == '"':
            at = max(at, closing_quote(text, at))
        at += 1
    return at


def _find(item: str, wanted: str, at: int = 0) -> int:
    """Return where a character is, outside of quotes; -1 if nowhere."""
    while at < len(item):
        if item[at] == wanted:
            return at
        if item[at] == '"':
            at = max(at, closing_quote(item, at))
        at += 1
    return -1
