"""The cells of results and tables that hold e-mail addresses."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """Return `text` with the ASCII letters in lower case: the form in which addresses are compared."""
    return text.lower() if text.isascii() else text.translate(_UPPER_TO_LOWER)


def split_addresses(cell: object) -> list[str]:
    """Return the addresses in one cell of a result or a table, in their order, each once without regard to case.

    A cell holds one address, several separated by commas, semicolons or white space, or a JSON array of strings;
    drivers that know arrays give a list. In Exchange's proxyAddresses the prefix ``SMTP:`` marks the primary address,
    which comes first, and ``smtp:`` the others; values with other prefixes (``X500:``, ``SIP:``) are left out
    (learn.microsoft.com, "proxyAddresses attribute"). None and empty text are no address.

    Raises:
        ValueError: the cell is neither text nor a list, or an array holds something else than text and nulls.
    """
    if isinstance(cell, str):
        if not (":" in cell or '"' in cell or "[" in cell):
            # Almost every cell: nothing to be looked at but the separators.
            words = cell.replace(",", " ").replace(";", " ").split()
            if len(words) < 2 or (cell.isascii() and len({word.lower() for word in words}) == len(words)):
                return words
        words = cell.split()
        if not words:
            return []
        if words[0][0] == "[":
            return _unique(_json_array(cell))
        return _unique(_without_fragments(split_words(cell)))
    if cell is None:
        return []
    if isinstance(cell, (list, tuple)):
        return _unique(cell)
    raise ValueError(f"a cell of addresses must be text or a list, not {type(cell).__name__}")


def _json_array(cell: str) -> list[object]:
    import json  # here, because it costs each request more start-up than all else in this module

    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        raise ValueError("a cell of addresses starts like a JSON array and is none") from None
    return list(values)


def _unique(values: Iterable[object]) -> list[str]:
    primary: dict[str, str] = {}
    others: dict[str, str] = {}
    for value in values:
        if value is not None and not isinstance(value, str):
            raise ValueError(f"an array of addresses holds a {type(value).__name__}")
        address = (value or "").strip()
        kind = _prefix(address)
        if kind.lower() not in ("", "smtp"):
            continue
        if kind:
            address = address[len(kind) + 1 :].lstrip()
        if address:
            (primary if kind == "SMTP" else others).setdefault(fold(address), address)
    return [*primary.values(), *(address for node, address in others.items() if node not in primary)]


def _prefix(address: str) -> str:
    kind, colon, _ = address.partition(":")
    return kind if colon and kind.isalnum() else ""


def _without_fragments(words: list[str]) -> list[str]:
    """Drop the pieces of X.500 and X.400 addresses that hold blanks or semicolons (``X500:/o=A Firm/cn=anna``)."""
    kept = []
    other = False
    for word in words:
        if kind := _prefix(word):
            other = kind.lower() != "smtp"
        elif other and ("@" not in word or "=" in word or "/" in word):
            continue
        kept.append(word)
    return kept


def split_words(text: str) -> list[str]:
    """Split at commas, semicolons and white space, with respect to quotes where there are some."""
    if '"' in text or "|" in text or ":" in text or "\\" in text:
        from .sources.text.aliasfiles import split_targets  # here, because hardly any database holds such text

        return split_targets(text)
    return text.replace(",", " ").replace(";", " ").split()
